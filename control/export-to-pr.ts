/** From edits in Superset's UI to the one pull request of an environment. The user's checkout is not touched: see `git/scratch.ts`. */
import { build, type Built } from "./export-pr/build";
import { connect, type Connection, type ExportOptions } from "./export-pr/connection";
import { publish, type Outcome } from "./export-pr/publish";
import { readStart } from "./export-pr/start";
import type { PullRequest } from "./forge/pulls";
import { PushRejectedError } from "./git/failure";
import { Scratch } from "./git/scratch";

export type { ExportOptions } from "./export-pr/connection";

/** What an export has done. */
export interface ExportResult extends Pick<Built, "changes" | "remaining" | "notes" | "diff"> {
  readonly environment: string;
  readonly outcome: Outcome;
  /** Branch that the edits are to be merged into. */
  readonly base: string;
  readonly branch: string;
  readonly pull: PullRequest | undefined;
  /** Page on which a merge request is opened by hand; undefined where there is a pull request, or no such page is known. */
  readonly compare: string | undefined;
}

/** How often another run may be faster. */
const ATTEMPTS = 3;

/**
 * Exports the edits of an environment: reads Superset, writes them into the templates of the base branch, commits, pushes, and opens the pull
 * request or brings it up to date. Without edits, nothing. May be repeated and run twice at once.
 * @throws UserError: one of each sort, with nothing half-done that a next run does not go on with
 */
export async function exportToPullRequest(options: ExportOptions): Promise<ExportResult> {
  const connection = await connect(options);
  return Scratch.use(connection.repository, async (scratch) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await exportOnce(scratch, connection, options);
      } catch (error) {
        if (!(error instanceof PushRejectedError) || error.reason !== "changed" || attempt === ATTEMPTS) {
          throw error;
        }
        options.log(`${connection.branch} was pushed by somebody else meanwhile; looking again`);
      }
    }
  });
}

async function exportOnce(scratch: Scratch, connection: Connection, options: ExportOptions): Promise<ExportResult> {
  const start = await options.progress.step(`Fetching from ${connection.remote.name}`, () => readStart(scratch, connection, options));
  const built = await build(scratch, connection, start, options);
  const { outcome, pull } = await publish(scratch, connection, start, built, options);
  const { changes, remaining, notes, diff } = built;
  const byHand = pull === undefined && (outcome === "pushed" || outcome === "kept" || outcome === "planned");
  return {
    environment: options.environment, outcome, changes, remaining, notes, diff, pull,
    base: start.baseName,
    branch: connection.branch,
    compare: byHand ? connection.place.compare(start.baseName, connection.branch) : undefined,
  };
}
