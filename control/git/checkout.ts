/** What a checkout holds: its commit, and whether anything is beside it. */
import { GitError } from "./failure";
import { runGit } from "./run";

/** The commit that is checked out; undefined outside a repository, and before its first commit. */
export async function headCommit(folder: string): Promise<string | undefined> {
  return (await answer(folder, ["rev-parse", "--verify", "--quiet", "HEAD"]))?.trim();
}

/** The commit that a name stands for: a branch, a tag, a shortened hash; undefined where this repository has none. */
export async function commitNamed(folder: string, name: string): Promise<string | undefined> {
  return (await answer(folder, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`]))?.trim();
}

/** Files of the folder that are not as the commit has them, as `git status` marks them (` M assets/x.yaml`): changed, added, removed, untracked. */
export async function uncommitted(folder: string): Promise<readonly string[]> {
  const text = await runGit(["status", "--porcelain=v1", "--untracked-files=all", "--", "."], { cwd: folder });
  return text.split("\n").filter((line) => line !== "");
}

/** How a commit stands to the one that is checked out. */
export type Relation =
  | { readonly kind: "head" }
  /** HEAD has it, and `commits` more. */
  | { readonly kind: "behind"; readonly commits: number }
  /** It has HEAD, and `commits` more. */
  | { readonly kind: "ahead"; readonly commits: number }
  /** Each has commits that the other has not. */
  | { readonly kind: "diverged" }
  /** This repository does not have it. */
  | { readonly kind: "unknown" };

/** @param commit may be shortened */
export async function relationToHead(folder: string, commit: string): Promise<Relation> {
  const full = /^[0-9a-f]{7,64}$/.test(commit) ? await commitNamed(folder, commit) : undefined;
  const counts = full === undefined ? undefined : await answer(folder, ["rev-list", "--left-right", "--count", `${full}...HEAD`]);
  if (counts === undefined) {
    return { kind: "unknown" };
  }
  const [ahead = 0, behind = 0] = counts.trim().split(/\s+/).map(Number);
  if (ahead > 0) {
    return behind > 0 ? { kind: "diverged" } : { kind: "ahead", commits: ahead };
  }
  return behind > 0 ? { kind: "behind", commits: behind } : { kind: "head" };
}

/** Undefined where git has no answer: no repository, no such commit. */
async function answer(folder: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return await runGit(args, { cwd: folder });
  } catch (error) {
    if (error instanceof GitError && error.ended !== undefined) {
      return undefined;
    }
    throw error;
  }
}
