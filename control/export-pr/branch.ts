/** The branch that edits are exported to: which of its commits are ours, and what Superset held when they were made. */
import { stableText } from "../../provider/canonical";
import type { Canonical } from "../../provider/kinds/define";
import { mergeForms } from "../../provider/merge";
import { commitsOf, existing, type Commit } from "../git/history";
import type { Scratch } from "../git/scratch";

/** Last lines of the messages of our commits (see FORMATS.md): the environment, and the commit of the base that the export was made on. */
const TRAILERS = { environment: "Hybrid-Export", base: "Hybrid-Base" } as const;

/** The last paragraph of a message of ours. */
export function trailers(environment: string, base: string): string {
  return `${TRAILERS.environment}: ${environment}\n${TRAILERS.base}: ${base}`;
}

/** The branch of an environment where nobody names another; of an export of one page alone, another one than that of the rest. */
export function defaultBranch(environment: string, page?: string): string {
  return `hybrid/ui-${environment}${page === undefined ? "" : `-${page.replace(/[^\p{L}\p{N}_-]+/gu, "-")}`}`;
}

/** The branch as the remote has it. */
export interface ExportBranch {
  readonly tip: string;
  /** The base that the newest of our commits was made on; undefined where there is none of ours. */
  readonly base: string | undefined;
  /** Our commits, newest first. */
  readonly ours: readonly Commit[];
  /** Commits of people, newest first. */
  readonly others: readonly Commit[];
}

/** Reads the commits that the branch has besides `base`. */
export async function readBranch(scratch: Scratch, environment: string, tip: string, base: string): Promise<ExportBranch> {
  const isOurs = ({ message }: Commit): boolean => trailer(message, TRAILERS.environment) === environment;
  const beside = await commitsOf(scratch, tip, [base]);
  const recorded = beside.filter(isOurs).flatMap(({ message }) => trailer(message, TRAILERS.base) ?? []);
  // In a shallow clone the base's history ends somewhere, and what comes before it would be taken for the branch's own.
  const commits = recorded.length === 0 ? beside : await commitsOf(scratch, tip, [base, ...(await existing(scratch, recorded))]);
  return { tip, base: recorded[0], ours: commits.filter(isOurs), others: commits.filter((commit) => !isOurs(commit)) };
}

function trailer(message: string, key: string): string | undefined {
  const last = message.slice(message.lastIndexOf("\n\n") + 2);
  return last.split("\n").find((line) => line.startsWith(`${key}: `))?.slice(key.length + 2).trim();
}

/** Forms of a commit's templates by uuid; undefined where they do not compile. */
export type FormsAt = (commit: string) => Promise<ReadonlyMap<string, Canonical> | undefined>;

/**
 * What Superset held of each asset when our commits of the branch were made, by uuid (undefined: nothing). Found by what each of them changed:
 * people may have changed the same since, and that is not to be undone by exporting the same edit again.
 * @param applied the form last applied, which the first edit started from
 */
export async function exportedForms({ ours }: Pick<ExportBranch, "ours">, formsAt: FormsAt, applied: (uuid: string) => Canonical | undefined): Promise<ReadonlyMap<string, Canonical | undefined>> {
  const exported = new Map<string, Canonical | undefined>();
  for (const { from, to } of runs(ours)) {
    const [before, after] = [await formsAt(from), await formsAt(to)];
    if (before === undefined || after === undefined) {
      continue;
    }
    for (const uuid of new Set([...before.keys(), ...after.keys()])) {
      const [was, is] = [before.get(uuid), after.get(uuid)];
      if (!sameForm(was, is)) {
        exported.set(uuid, carried(was, is, exported.has(uuid) ? exported.get(uuid) : (applied(uuid) ?? was)));
      }
    }
  }
  return exported;
}

/** Our commits that follow one another are one export, of which only the last is complete. */
function runs(ours: readonly Commit[]): { readonly from: string; readonly to: string }[] {
  const found: { from: string; to: string }[] = [];
  for (const { sha, parents } of [...ours].reverse()) {
    const last = found.at(-1);
    if (last !== undefined && parents[0] === last.to) {
      last.to = sha;
    } else if (parents[0] !== undefined) {
      found.push({ from: parents[0], to: sha });
    }
  }
  return found;
}

/** `live` with the change from `was` to `is`. */
function carried(was: Canonical | undefined, is: Canonical | undefined, live: Canonical | undefined): Canonical | undefined {
  return was === undefined || is === undefined || live === undefined ? is : (mergeForms(was, live, is).merged as Canonical);
}

/** Whether two forms are equal; undefined is equal to itself only. */
export function sameForm(left: Canonical | undefined, right: Canonical | undefined): boolean {
  return left === undefined || right === undefined ? left === right : stableText(left) === stableText(right);
}
