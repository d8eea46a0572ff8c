/** How a run of Pulumi's engine, or of several steps, does not come to its end. */
import { EXIT, UserError } from "../provider/errors";
import type { Failure } from "../provider/run-log";
import type { SortOfChange } from "./run-report";

/** The engine did not do all it should. The message lists the reasons; `exitCode` is `refused` where all of them are refusals by policy. */
export class EngineError extends UserError {
  override readonly exitCode: number;
  constructor(
    message: string,
    readonly failures: readonly Failure[],
    /** What was done before, and besides. */
    readonly changes: readonly SortOfChange[] = [],
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options);
    this.exitCode = failures.length > 0 && failures.every(({ exitCode }) => exitCode === EXIT.refused) ? EXIT.refused : EXIT.error;
  }
}

/** Somebody else is at work on the stack, or was killed at it. */
export class StackLockedError extends UserError {}

/** The run was ended from outside. */
export class InterruptedError extends UserError {}
