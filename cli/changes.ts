/** What an apply did, as people and programs read it. */
import type { SortOfChange } from "../control/run-report";

const WORDS = ["created", "updated", "deleted", "unchanged", "failed"] as const;

/** One line per sort: `charts: 1 updated, 40 unchanged`. */
export function changeLines(changes: readonly SortOfChange[]): string {
  return changes.map((change) => `  ${change.sort}: ${WORDS.filter((word) => change[word] > 0).map((word) => `${change[word]} ${word}`).join(", ")}`).join("\n");
}

/** Counts by sort. */
export function changeData(changes: readonly SortOfChange[]): Readonly<Record<string, Readonly<Record<string, number>>>> {
  return Object.fromEntries(changes.map((change) => [change.sort, Object.fromEntries(WORDS.map((word) => [word, change[word]]))]));
}
