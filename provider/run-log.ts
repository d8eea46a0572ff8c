/**
 * What the processes of a Pulumi run (the program, the provider) tell `hybrid`, who started the engine: every message as it was written, and of
 * every failure what sort it is. The engine hands on texts only, some cut into lines, some twice, in sentences of its own; nothing there
 * tells a refusal by policy from an error. Without the variable, as under a bare `pulumi up`, nothing is written.
 */
import { appendFileSync } from "node:fs";
import { EXIT, UserError } from "./errors";
import type { Severity } from "./resource";

/** Environment variable: the file, which holds one `RunMessage` a line as JSON. It exists while a `hybrid` waits for the run. */
export const RUN_LOG_VARIABLE = "HYBRID_RUN_LOG";

/** How a failure begins whose reason another resource of the run has told. */
export const NOT_DONE = "not done, for the same reason as another resource of this run";

/** What sort of failure: enough to decide what to do about it, without looking at its text. */
export interface Failure {
  /** One of `EXIT`. */
  readonly exitCode: number;
  /** See `UserError.retryCode`. */
  readonly retryCode?: string;
}

/** One message of a run, without secrets. */
export interface RunMessage {
  readonly severity: Severity;
  readonly message: string;
  /** Present where the message is why something was not done. */
  readonly failure?: Failure;
  /** In a preview: the message is why the run itself would be refused by policy. */
  readonly refusal?: true;
}

/** The failure in an error; of what is no `UserError`, a bug: an error that is not tried again. */
export function failureIn(error: unknown): Failure {
  return error instanceof UserError ? { exitCode: error.exitCode, ...(error.retryCode === undefined ? {} : { retryCode: error.retryCode }) } : { exitCode: EXIT.error };
}

/** Tells whoever has started the engine, if it is `hybrid`. */
export function tellRun(message: RunMessage, env: NodeJS.ProcessEnv = process.env): void {
  const file = env[RUN_LOG_VARIABLE];
  if (file === undefined || file === "") {
    return;
  }
  try {
    // One short write at the end of a file: lines of several processes do not mix.
    appendFileSync(file, `${JSON.stringify(message)}\n`);
  } catch (error) {
    // Its folder is gone: the `hybrid` that wanted to know was killed, and the run goes on to its end.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
      throw error;
    }
  }
}
