/** What an export starts from: the base and the export branch as the remote has them, and the branch's pull requests. */
import { ConfigError } from "../../provider/errors";
import { pullsOfBranch, type PullRequest } from "../forge/pulls";
import { changesBetween } from "../git/history";
import { fetchBranches } from "../git/remote";
import type { Scratch } from "../git/scratch";
import { readBranch, type ExportBranch } from "./branch";
import type { Connection, ExportOptions } from "./connection";

/** See the module's comment. */
export interface Start {
  /** Name of the base branch. */
  readonly baseName: string;
  /** Its commit. */
  readonly base: string;
  /** The export branch; undefined where the remote has none. */
  readonly branch: ExportBranch | undefined;
  /** Its open pull request, else the newest of the closed ones. */
  readonly pull: PullRequest | undefined;
  /** Commits of people are on the branch: the export is added to them. Else the branch is made anew from the base. */
  readonly adds: boolean;
  /** Commit that the export is made on. */
  readonly parent: string;
  /** All that our commits of the branch changed is in the base, or in the branch no more. */
  readonly integrated: boolean;
}

/** Fetches, and asks GitHub. @throws ConfigError, GitError, what `GitHub` throws */
export async function readStart(scratch: Scratch, { remote, github, branch: name }: Connection, options: ExportOptions): Promise<Start> {
  const [pull] = github === undefined ? [] : await pullsOfBranch(github, name);
  const { base: baseName, commits } = await fetchBranches(scratch, remote, options.base, [name]);
  if (baseName === name) {
    throw new ConfigError(`'${name}' is the branch to merge into: name another one with --branch`);
  }
  const base = commits.get(baseName) ?? "";
  const tip = commits.get(name);
  const branch = tip === undefined ? undefined : await readBranch(scratch, options.environment, tip, base);
  // What was merged and stays behind is used again, whoever made its commits: a squash leaves them outside of the base's history.
  const merged = pull?.state === "closed" && pull.merged && pull.head === tip;
  const adds = branch !== undefined && !merged && branch.others.length > 0;
  return { baseName, base, branch, pull, adds, parent: adds ? branch.tip : base, integrated: branch !== undefined && (merged || (await isIntegrated(scratch, branch, base))) };
}

async function isIntegrated(scratch: Scratch, { tip, base: from, ours, others }: ExportBranch, base: string): Promise<boolean> {
  if (from === undefined) {
    return ours.length + others.length === 0;
  }
  const differs = await changesBetween(scratch, base, tip);
  return [...(await changesBetween(scratch, from, tip)).keys()].every((path) => !differs.has(path));
}
