/** `hybrid deploy` and `hybrid sync`: everything that brings an environment to what Git wants. */
import type { Command } from "commander";
import { changeData } from "../control/change-text";
import { deploy, type DeployCommand } from "../control/deploy";
import { StepFailedError, type StepOutcome } from "../control/steps";
import { terminalProgress } from "../local/progress";
import { EXIT } from "../provider/errors";
import { ENDING, interruptible } from "./interrupt";
import { addCommonOptions, show, targetOf, tell, type CommonOptions } from "./options";

interface Arguments extends CommonOptions {
  readonly restart?: true;
}

/** Declares `hybrid deploy`. */
export function register(program: Command): void {
  declare(program, "deploy", "DEPLOY_OK", `By the steps of policy.yaml: migrate, compile, validate, look for drift, apply, look again. What passes by itself (a server away, a lock) is tried again; an error in SQL never. After a failure the next deploy goes on at the step that failed. Ends with ${EXIT.refused} where drift stops it.`)
    .addHelpText("after", "\nExample:\n  $ hybrid deploy prod\n  $ hybrid deploy --env staging --json\n");
}

/** One of the two commands; both do the same, with other steps. */
export function declare(program: Command, command: DeployCommand, word: string, description: string): Command {
  return addCommonOptions(program.command(command).description(description).argument("[env]", "environment"))
    .option("--restart", "begin with the first step, whatever an unfinished run has done")
    .action(async (env: string | undefined, options: Arguments) => {
      const { root, environment } = targetOf(options, env);
      const progress = terminalProgress();
      const onOutcome = (outcome: StepOutcome): void => {
        if (options.json !== true) {
          show(options, {}, outcomeLine(outcome));
        }
      };
      try {
        const { steps, changes } = await interruptible(ENDING, (signal) => deploy(root, environment, { command, restart: options.restart === true, progress, onOutcome, signal }));
        show(options, { environment, ok: true, steps, changes: changes === undefined ? null : changeData(changes) }, `${word} (${environment})`);
      } catch (error) {
        if (options.json !== true || !(error instanceof StepFailedError)) {
          throw error;
        }
        show(options, failureData(environment, error), "");
        tell(error.message);
        process.exitCode = error.exitCode;
      }
    });
}

/** `apply: charts: 1 updated (12.3 s)`. */
export function outcomeLine({ name, text, status, seconds, attempts }: StepOutcome): string {
  const notes = [...(status === "kept" ? ["kept"] : [`${seconds.toFixed(1)} s`]), ...(attempts > 1 ? [`${attempts} attempts`] : [])];
  return `${name}: ${text} (${notes.join(", ")})`;
}

/** What programs get of a run that stopped. */
export function failureData(environment: string, { step, attempts, outcomes, exitCode, cause }: StepFailedError): Readonly<Record<string, unknown>> {
  return { environment, ok: false, stopped_at: step, attempts, exit_code: exitCode, error: cause instanceof Error ? cause.message : "", steps: outcomes };
}
