/** Failed SQL as an error people can act on. */
import { DatabaseError } from "pg";
import { ConnectionError, MigrationError } from "../errors";
import { describeUrl, isConnectionLost, lostCode, messageOf, redact } from "./connection";
import type { SqlScript } from "./files";

/** A migration, seed or callback failed. Nothing of a file that runs in a transaction stays. */
export class FailedMigrationError extends MigrationError {
  constructor(
    message: string,
    /** Where it failed: path from the repository's root, 1-based line and column. */
    readonly place: { readonly file: string; readonly line: number; readonly column: number },
    /** PostgreSQL's SQLSTATE, where the server answered. */
    readonly code: string | undefined,
    options: { readonly cause: unknown; readonly retryCode?: string | undefined },
  ) {
    super(message, options);
  }
}

/** The run was ended from outside (Ctrl-C, an AbortSignal). */
export class CancelledError extends MigrationError {}

/** Longest statement a message shows, in lines and characters. */
const LINES = 15;
const CHARACTERS = 1_500;

function excerpt(statement: string): string {
  const masked = statement.replace(/(\bpassword\s*=?\s*)(?:e|u&)?'(?:[^']|'')*'/gi, "$1'***'");
  const lines = masked.slice(0, CHARACTERS).split("\n");
  const shown = lines.slice(0, LINES);
  return [...shown, ...(lines.length > LINES || masked.length > CHARACTERS ? ["…"] : [])].map((line) => `    ${line}`).join("\n");
}

function field(name: string, value: string | undefined): string[] {
  return value === undefined || value === "" ? [] : [`  ${name}: ${value.replaceAll("\n", "\n    ")}`];
}

/** What to do about codes whose message alone does not say it. */
function advice(code: string | undefined): string {
  switch (code ?? "") {
    case "55P03": return "Another session held the lock for longer than lockTimeout: look for it in pg_stat_activity, and run again";
    case "57014": return "The statement took longer than statementTimeout: raise it, or split the statement, and run again";
    case "42501": return "Grant the right to the user of warehouse:url, and run again";
    case "40P01": case "40001": return "Another session was in the way: run again";
    default: return "Correct the file and run again";
  }
}

interface FailureContext {
  readonly url: string;
  readonly script: SqlScript;
  readonly line: number;
  readonly column: number;
  readonly statement: string | undefined;
  /** Files that were applied (or rolled back) in this run before the failing one. */
  readonly applied: readonly string[];
  /** The run takes migrations back. */
  readonly undoing: boolean;
  /** Statements of the failing file that stay, as it runs outside a transaction; undefined for files that run inside one. */
  readonly stays?: number;
  readonly cancelled: boolean;
}

function remains({ script, stays = 0, applied, undoing }: FailureContext): string {
  const nothing = undoing ? `${script.name} is still applied` : `Nothing of ${script.name} stays`;
  const ofFile = stays === 0 ? nothing : `The first ${stays} statement${stays === 1 ? "" : "s"} of ${script.name} stay, as it runs outside a transaction`;
  const before = undoing ? "what was rolled back before it stays so (down to" : "what was applied before it stays (up to";
  const last = applied.at(-1);
  return last === undefined ? ofFile : `${ofFile}; ${before} ${last})`;
}

/** The error to throw for a script that did not finish. */
export function scriptError(error: unknown, context: FailureContext): Error {
  const { url, script, line, column } = context;
  // Of a file that runs outside a transaction, statements stay: the file must not be run once more without somebody looking.
  const inTransaction = context.stays === undefined;
  if (context.cancelled) {
    return new CancelledError(`${script.file}: cancelled while it was running. ${remains(context)}. Run again to continue`, { cause: error });
  }
  if (isConnectionLost(error)) {
    const reason = redact(messageOf(error), url);
    return new ConnectionError(`${script.file}: the connection to PostgreSQL at ${describeUrl(url)} was lost while it was running: ${reason}. What was not committed was rolled back; run again, it continues after the last recorded migration`, { cause: error, retryCode: inTransaction ? lostCode(error) : undefined });
  }
  const server = error instanceof DatabaseError ? error : undefined;
  const text = [
    `${script.file}:${line}:${column}: ${server?.message ?? String(error)} (${server?.code ?? "no code"})`,
    ...(context.statement === undefined ? ["  at: the commit, after the file's last statement"] : [`  statement:\n${excerpt(context.statement)}`]),
    ...field("detail", server?.detail),
    ...field("hint", server?.hint),
    ...field("context", server?.where),
    `${remains(context)}. ${advice(server?.code)}.`,
  ].join("\n");
  return new FailedMigrationError(redact(text, url), { file: script.file, line, column }, server?.code, { cause: error, retryCode: inTransaction ? server?.code : undefined });
}
