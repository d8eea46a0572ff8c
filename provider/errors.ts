/**
 * Errors people read. Every one says what failed, where (file:line, METHOD path, kind and name) and what to do next, and
 * carries the exit code the command line ends with. Anything that is not a `UserError` is a bug of ours.
 */

/** Exit codes of `hybrid`, the same for every command. */
export const EXIT = { done: 0, error: 1, difference: 2, refused: 3 } as const;

/** Base of all errors whose message is meant for the user: no stack trace is shown for it. */
export class UserError extends Error {
  readonly exitCode: number = EXIT.error;
  /**
   * Why it failed, in the words of the system that said so: Node's code (`ECONNREFUSED`), an HTTP status, PostgreSQL's SQLSTATE. Only where the
   * same may be done once more without doing it twice; which of these pass by themselves, `control/transient.ts` knows.
   */
  readonly retryCode: string | undefined;
  constructor(message: string, options?: { readonly cause?: unknown; readonly retryCode?: string | undefined }) {
    super(message, options);
    this.name = new.target.name;
    this.retryCode = options?.retryCode;
  }
}

/** Configuration is absent or wrong; names the setting and where it is set. */
export class ConfigError extends UserError {}

/** One thing wrong in one file of the repository. */
export interface Problem {
  /** Path from the repository's root, with `/`. */
  readonly file: string;
  /** 1-based; absent where the problem is the whole file. */
  readonly line?: number;
  /** 1-based. */
  readonly column?: number;
  /** What is wrong and what to do, one or two sentences. */
  readonly message: string;
  /** `error` stops the run; `warning` is reported. Default: error. */
  readonly severity?: "error" | "warning";
}

/** `file:line:column: message`, as compilers print it. */
export function formatProblem(problem: Problem): string {
  const at = [problem.file, problem.line, problem.line === undefined ? undefined : problem.column]
    .filter((part) => part !== undefined)
    .join(":");
  return `${at}: ${problem.severity === "warning" ? "warning: " : ""}${problem.message}`;
}

/** All problems of all files, in one report. */
export class ProblemsError extends UserError {
  constructor(readonly problems: readonly Problem[], summary: string) {
    super([...problems.map(formatProblem), summary].join("\n"));
  }
}

/** Whether the operating system refused a file or folder (not there, not allowed, no space): no bug of ours. */
export function isRefusedByTheSystem(error: unknown): error is NodeJS.ErrnoException {
  return typeof error === "object" && error !== null && ["code", "syscall", "path"].every((name) => name in error);
}

/** Such a refusal in words. */
export function refusalText(error: NodeJS.ErrnoException): string {
  return `the operating system refuses it: ${error.message}; check the path and its permissions`;
}

/** The server cannot be reached, or went away: nothing is known to be wrong with the request. */
export class ConnectionError extends UserError {}

/** The server refused the credentials, or they lack a permission. */
export class AuthError extends UserError {}

/** Superset answered with an error, or said OK and did something else. */
export class SupersetError extends UserError {
  constructor(message: string, readonly details: { readonly status?: number; readonly cause?: unknown } = {}) {
    super(message, { cause: details.cause });
  }
}

/** A live asset already holds the natural key (database name, table in a schema, slug) under another uuid. */
export class NaturalKeyError extends UserError {}

/** A live asset was changed between the read and the write: nothing was written over it. */
export class ConcurrentEditError extends UserError {
  override readonly exitCode = EXIT.refused;
}

/** The environment's policy forbids it as it was asked for; nothing was done. */
export class RefusedError extends UserError {
  override readonly exitCode = EXIT.refused;
}

/** The environment's policy stops the run because of drift; nothing was written. */
export class DriftRefusedError extends UserError {
  override readonly exitCode = EXIT.refused;
}

/** A live asset is used by others and is not removed; lists them. */
export class InUseError extends UserError {
  override readonly exitCode = EXIT.refused;
}

/** A migration failed, or the migrations and the database disagree. */
export class MigrationError extends UserError {}
