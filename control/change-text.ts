/** What an apply did, as people and programs read it. */
import type { Changes, SortOfChange } from "./run-report";

const WORDS = ["created", "updated", "deleted", "unchanged", "failed"] as const satisfies readonly (keyof Changes)[];

/** Of these there is one, and a number says nothing: what is said where it was done, and where there was nothing to do. */
const SINGLE: Readonly<Record<string, { readonly done: string; readonly planned: string; readonly nothing: string }>> = {
  migrations: { done: "run", planned: "to be run", nothing: "nothing to run" },
  deployment: { done: "recorded", planned: "to be recorded", nothing: "as recorded" },
};

/** One line per sort: `charts: 1 updated, 40 unchanged`. `planned`: nothing of it is done yet. */
export function changeLines(changes: readonly SortOfChange[], planned = false): readonly string[] {
  return changes.map((change) => {
    const single = SINGLE[change.sort];
    if (single === undefined) {
      return `${change.sort}: ${WORDS.filter((word) => change[word] > 0).map((word) => `${change[word]} ${planned ? toBe(word) : word}`).join(", ")}`;
    }
    const worked = change.created + change.updated > 0;
    return `${change.sort}: ${change.failed > 0 ? "failed" : worked ? (planned ? single.planned : single.done) : single.nothing}`;
  });
}

function toBe(word: keyof Changes): string {
  return word === "unchanged" || word === "failed" ? word : `to be ${word}`;
}

/** Counts by sort. */
export function changeData(changes: readonly SortOfChange[]): Readonly<Record<string, Changes>> {
  return Object.fromEntries(changes.map(({ sort, ...counts }) => [sort, counts]));
}
