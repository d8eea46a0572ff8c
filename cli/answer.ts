/** Standard output of a command: what it answers, once. Loads nothing, as `main` needs it before any command is loaded. */
import { ProblemsError, type UserError } from "../provider/errors";

let answered = false;

/** Writes the answer, or a part of it. */
export function answer(text: string): void {
  answered ||= text !== "";
  process.stdout.write(text);
}

/**
 * What scripts get of an error, on standard output, where the command was called with `--json` and has not answered itself. People get its
 * message on standard error all the same.
 */
export function answerError(error: Pick<UserError, "message" | "exitCode">): void {
  if (!answered) {
    answer(`${JSON.stringify({ ok: false, exit_code: error.exitCode, error: error.message, ...(error instanceof ProblemsError ? { problems: error.problems } : {}) })}\n`);
  }
}
