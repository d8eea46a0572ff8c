/** A run as named steps: each with further attempts where its failure passes by itself, and a journal that lets a later run go on where this one stopped. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Progress } from "../local/progress";
import { UserError } from "../provider/errors";
import { failureIn } from "../provider/run-log";
import type { Journal } from "./journal";
import { EngineError, InterruptedError } from "./run-errors";
import { transientReason } from "./transient";

/** One step of a run. */
export interface Step {
  /** As people name it, and as the journal keeps it: `db_sync`. */
  readonly name: string;
  /**
   * What it does stays done: a run that goes on where another stopped leaves it out. Other steps only look, or make what later ones need, and are
   * repeated. Default: false.
   */
  readonly lasting?: boolean;
  /** Does the work; what is there afterwards, in one line for people. May be called again after a failure that passes. */
  run(): Promise<string>;
}

/** What became of a step. */
export interface StepOutcome {
  readonly name: string;
  /** `kept`: an earlier run did it. */
  readonly status: "done" | "kept";
  /** One line, or several. */
  readonly text: string;
  /** With its attempts and the pauses between. */
  readonly seconds: number;
  readonly attempts: number;
}

/** How the steps of a run are taken. */
export interface StepsOptions {
  /** How often a step is tried in all, where its failures pass by themselves. */
  readonly attempts: number;
  /** Pause before the second attempt; it doubles for each further one, up to `LONGEST_PAUSE`. */
  readonly backoffSeconds: number;
  /** Remembers what is done. Default: nothing is kept, and every step is run. */
  readonly journal?: Journal;
  readonly progress: Progress;
  /** Called after each step. */
  readonly onOutcome?: (outcome: StepOutcome) => void;
  /** Ends the run: the step under way is told of it by its own, no other is begun. */
  readonly signal?: AbortSignal;
  /** Stands in for the clock in tests. Default: waits, until the signal. */
  readonly wait?: (milliseconds: number) => Promise<unknown>;
  /** From 0 to below 1. Default: `Math.random`. */
  readonly random?: () => number;
}

/** Seconds between two attempts at most, before jitter. */
const LONGEST_PAUSE = 300;
/** A pause is up to so much longer, that runs that failed together do not come back together. */
const JITTER = 0.25;

/** A step failed for good; its own error is the cause, and gives text and exit code. */
export class StepFailedError extends UserError {
  override readonly exitCode: number;
  constructor(
    readonly step: string,
    readonly attempts: number,
    /** The steps before it. */
    readonly outcomes: readonly StepOutcome[],
    error: UserError,
  ) {
    super(`${error.message}\nStopped at ${step}${attempts > 1 ? `, after ${attempts} attempts` : ""}.`, { cause: error });
    this.exitCode = error.exitCode;
  }
}

/**
 * Takes the steps in order.
 * @throws StepFailedError at the first that fails for good; what is no `UserError` (a bug) as it is
 */
export async function runSteps(steps: readonly Step[], options: StepsOptions): Promise<readonly StepOutcome[]> {
  const { journal, onOutcome = () => undefined } = options;
  const outcomes: StepOutcome[] = [];
  for (const step of steps) {
    const doneAt = step.lasting === true ? journal?.doneAt(step.name) : undefined;
    const outcome: StepOutcome = doneAt === undefined ? await runStep(step, outcomes, options) : { name: step.name, status: "kept", text: `done at ${doneAt}`, seconds: 0, attempts: 0 };
    outcomes.push(outcome);
    onOutcome(outcome);
  }
  journal?.finish();
  return outcomes;
}

async function runStep(step: Step, before: readonly StepOutcome[], options: StepsOptions): Promise<StepOutcome> {
  const { attempts, backoffSeconds, journal, progress, signal, random = Math.random } = options;
  const { wait = (milliseconds: number) => pause(milliseconds, signal) } = options;
  const begin = Date.now();
  journal?.begin(step.name);
  for (let attempt = 1; ; attempt++) {
    if (signal?.aborted === true) {
      throw new StepFailedError(step.name, attempt - 1, before, new InterruptedError("interrupted: what was done stays. Run it again to go on"));
    }
    try {
      const text = await step.run();
      journal?.done(step.name);
      return { name: step.name, status: "done", text, seconds: (Date.now() - begin) / 1000, attempts: attempt };
    } catch (error) {
      if (!(error instanceof UserError)) {
        throw error;
      }
      const reason = attempt < attempts ? transientReason(error instanceof EngineError ? error.failures : [failureIn(error)]) : undefined;
      if (reason === undefined) {
        throw new StepFailedError(step.name, attempt, before, error);
      }
      const seconds = Math.min(LONGEST_PAUSE, backoffSeconds * 2 ** (attempt - 1)) * (1 + JITTER * random());
      progress.note(`${step.name}: attempt ${attempt} of ${attempts} failed (${reason}); the next begins in ${seconds.toFixed(1)} s\n${error.message}`.replaceAll("\n", "\n  "));
      await wait(seconds * 1000);
    }
  }
}

/** Ends early, and well, where the signal comes. */
async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted !== true) {
      throw error;
    }
  }
}
