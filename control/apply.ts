/** `hybrid apply`: what `pulumi up` does, with a result that a program can use. */
import { silentProgress, type Progress } from "../local/progress";
import type { RunMessage } from "../provider/run-log";
import type { EngineResult } from "./engine";
import { isOurProgram } from "./engine-variables";
import type { ControlEnvironment } from "./environment";
import type { SortOfChange } from "./run-report";
import { readServers } from "./stack-creation";

/** How an environment is applied. */
export interface ApplyOptions {
  /** Only what would be done; nothing is written. Default: false. */
  readonly dryRun?: boolean;
  /** Default: tells nothing. */
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** What was done, and said. */
export type ApplyResult = EngineResult;

/**
 * Migrations, assets and the deployment record of an environment, through Pulumi, under its policy.
 * @throws EngineError with all reasons where not everything was done, StackLockedError, InterruptedError, ConfigError
 */
export async function apply(environment: ControlEnvironment, { dryRun = false, progress = silentProgress, signal }: ApplyOptions = {}): Promise<ApplyResult> {
  const { root, name, policy } = environment;
  // Problems of the templates and missing settings: the program would say so after some seconds, the engine after some more.
  if (isOurProgram(root) && environment.forms.size > 0) {
    await readServers(environment);
  }
  // Loads Pulumi.
  const { runEngine } = require("./engine") as typeof import("./engine");
  return progress.step(dryRun ? `Comparing ${name}` : `Applying ${name}`, (detail) =>
    runEngine(dryRun ? "preview" : "up", {
      root,
      environment: name,
      policy,
      onMessage: (message) => tellProgress(progress, message),
      onProgress: detail,
      ...(signal === undefined ? {} : { signal }),
    }),
  );
}

/** Why something failed is told at the end, with the error. */
function tellProgress(progress: Progress, { message, failure }: RunMessage): void {
  if (failure === undefined) {
    progress.note(message.replaceAll("\n", "\n  "));
  }
}

/** Whether anything was, or would be, done. */
export function hasChanges(changes: readonly SortOfChange[]): boolean {
  return changes.some(({ created, updated, deleted }) => created + updated + deleted > 0);
}
