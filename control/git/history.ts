/** Commits and the differences between them, read from a scratch. */
import type { Scratch } from "./scratch";

/** One commit of a branch. */
export interface Commit {
  readonly sha: string;
  readonly parents: readonly string[];
  /** The whole message. */
  readonly message: string;
}

/** Commits that `tip` has and none of `without` has, newest first. */
export async function commitsOf({ git }: Scratch, tip: string, without: readonly string[]): Promise<Commit[]> {
  const input = [tip, ...without.map((commit) => `^${commit}`)].map((line) => `${line}\n`).join("");
  const text = await git(["log", "--stdin", "--topo-order", "-z", "--format=%H %P%n%B"], { input });
  return text.split("\0").filter((entry) => entry !== "").map((entry) => {
    const end = entry.indexOf("\n");
    const [sha = "", ...parents] = entry.slice(0, end).trim().split(" ");
    return { sha, parents, message: entry.slice(end + 1).trimEnd() };
  });
}

/** Those of the objects that are there. */
export async function existing({ git }: Scratch, objects: readonly string[]): Promise<string[]> {
  const answers = await git(["cat-file", "--batch-check=%(objectname)"], { input: objects.map((object) => `${object}\n`).join("") });
  return answers.split("\n").filter((answer) => answer !== "" && !answer.endsWith(" missing"));
}

/**
 * What differs between two commits or trees in the opened folder, by path from there: modes and contents before and after, as one text. Two
 * equal answers are one and the same change.
 */
export async function changesBetween({ git, repository: { prefix } }: Scratch, before: string, after: string): Promise<ReadonlyMap<string, string>> {
  const fields = (await git(["diff-tree", "-r", "-z", "--raw", "--no-renames", "--full-index", before, after, "--", prefix || "."])).split("\0");
  return new Map(Array.from({ length: Math.floor(fields.length / 2) }, (_, index) => [(fields[2 * index + 1] ?? "").slice(prefix.length), fields[2 * index] ?? ""]));
}

/** The unified diff of two commits or trees in the opened folder. */
export function diffText({ git, repository: { prefix } }: Scratch, before: string, after: string): Promise<string> {
  return git(["diff-tree", "-r", "-p", "--no-color", "--no-ext-diff", "--no-textconv", before, after, "--", prefix || "."]);
}
