/** One deploy, sync or promote of an environment at a time, in one checkout. Pulumi's own lock keeps others away, from wherever its backend is used. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "../local/lock";
import { UserError } from "../provider/errors";
import { RUNS_FOLDER } from "./journal";

/** Does `work` alone. @throws UserError at once where another process is at work on the environment; one that was killed holds nothing */
export function withRunLock<T>(root: string, environment: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(join(root, RUNS_FOLDER), { recursive: true });
  return withLock(join(root, RUNS_FOLDER, `${environment}.lock`), work, (holder) => {
    throw new UserError(`process ${holder} is at work on '${environment}' in this checkout. Nothing was done; run it again when that one is done`);
  });
}
