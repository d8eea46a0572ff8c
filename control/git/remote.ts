/** What a remote has, and how it gets more: by git itself, with the user's own credentials. */
import { ConfigError } from "../../provider/errors";
import { GitError, PushRejectedError, redactUrls, remoteFailure, type Rejection } from "./failure";
import { existing } from "./history";
import type { Remote, Repository } from "./repository";
import type { Scratch } from "./scratch";

/** Branches of a remote at one moment. */
export interface RemoteBranches {
  /** The branch that the remote's HEAD names; undefined for an empty repository, and where HEAD is detached. */
  readonly head: string | undefined;
  /** The branches asked for and that of HEAD, by name: their commits. */
  readonly commits: ReadonlyMap<string, string>;
}

/** Asks the remote for its default branch and the commits of `branches`. @throws GitError in words */
export async function listBranches(repository: Repository, remote: Remote, branches: readonly string[]): Promise<RemoteBranches> {
  const wanted = ["HEAD", ...branches.map((branch) => `refs/heads/${branch}`)];
  const listed = await saying(`reading the branches of ${remote.name} (${redactUrls(remote.url)})`, () => repository.git(["ls-remote", "--symref", remote.name, ...wanted]));
  const commits = new Map<string, string>();
  let head: string | undefined;
  let commitOfHead: string | undefined;
  for (const line of listed.split("\n")) {
    const [left = "", ref = ""] = line.split("\t");
    if (left.startsWith("ref: refs/heads/") && ref === "HEAD") {
      head = left.slice("ref: refs/heads/".length);
    } else if (ref === "HEAD") {
      commitOfHead = left;
    } else if (ref.startsWith("refs/heads/")) {
      commits.set(ref.slice("refs/heads/".length), left);
    }
  }
  if (head !== undefined && commitOfHead !== undefined) {
    commits.set(head, commitOfHead);
  }
  return { head, commits };
}

/** How often a branch may move between being listed and being fetched. */
const FETCH_ATTEMPTS = 3;

/**
 * Fetches `base` (default: the remote's default branch) and, where they are there, `others` into the scratch.
 * @throws ConfigError where there is no such base, GitError in words
 */
export async function fetchBranches(scratch: Scratch, remote: Remote, base: string | undefined, others: readonly string[]): Promise<{ readonly base: string; readonly commits: ReadonlyMap<string, string> }> {
  for (let attempt = 1; ; attempt++) {
    const { head, commits } = await listBranches(scratch.repository, remote, base === undefined ? others : [base, ...others]);
    const name = base ?? head;
    if (name === undefined || !commits.has(name)) {
      const what = name === undefined ? "has no default branch" : `has no branch '${name}'`;
      throw new ConfigError(`${remote.name} (${redactUrls(remote.url)}) ${what}: name one with --base, or push one first`);
    }
    const found = new Map([name, ...others].flatMap((branch) => (commits.has(branch) ? [[branch, commits.get(branch) ?? ""] as const] : [])));
    await saying(`fetching ${[...found.keys()].join(" and ")} from ${remote.name} (${redactUrls(remote.url)})`, () =>
      // No remote-tracking branch and no FETCH_HEAD: they are the user's.
      scratch.git(["fetch", "--quiet", "--no-write-fetch-head", "--no-tags", "--no-prune", "--no-recurse-submodules", "--refmap=", remote.name, ...[...found.keys()].map((branch) => `refs/heads/${branch}`)]));
    if ((await existing(scratch, [...found.values()])).length === found.size) {
      return { base: name, commits: found };
    }
    if (attempt === FETCH_ATTEMPTS) {
      throw new GitError(`fetching ${[...found.keys()].join(" and ")} from ${remote.name}`, `the branches moved ${FETCH_ATTEMPTS} times meanwhile; run it again`);
    }
  }
}

/** One branch of the remote, as it shall be. */
export interface PushRequest {
  readonly branch: string;
  /** Undefined: the branch is deleted. */
  readonly commit: string | undefined;
  /** Its commit as it was seen; undefined: it was not there. Where it is another by now, nothing is pushed. */
  readonly expected: string | undefined;
}

/**
 * Pushes one branch, whatever its history, on condition that nobody else has pushed to it.
 * @throws PushRejectedError where the remote does not take it, GitError in words where it does not answer
 */
export async function push(scratch: Scratch, remote: Remote, { branch, commit, expected }: PushRequest): Promise<void> {
  const ref = `refs/heads/${branch}`;
  const doing = `pushing ${branch} to ${remote.name} (${redactUrls(remote.pushUrl)})`;
  // By a remote without tracking branches, which would be written to the user's repository and name objects that it has not got; and by the
  // environment, because the address may hold a token, which belongs on no command line.
  const alias = "hybrid-push";
  const args = ["push", "--porcelain", "--no-verify", "--no-signed", "--no-follow-tags", "--recurse-submodules=no", `--force-with-lease=${ref}:${expected ?? ""}`, alias, `${commit ?? ""}:${ref}`];
  await saying(doing, async () => {
    try {
      await scratch.git(args, { env: withSetting(`remote.${alias}.url`, remote.pushUrl) });
    } catch (error) {
      throw error instanceof GitError ? (rejection(doing, error) ?? error) : error;
    }
  });
}

/** The environment's variables for one more setting of git, besides those a caller has set so. */
function withSetting(key: string, value: string): Readonly<Record<string, string>> {
  const count = Number(process.env["GIT_CONFIG_COUNT"] ?? 0) || 0;
  return { GIT_CONFIG_COUNT: String(count + 1), [`GIT_CONFIG_KEY_${count}`]: key, [`GIT_CONFIG_VALUE_${count}`]: value };
}

/** What a line `! <from>:<to> [rejected] (<why>)` of `git push --porcelain` says; undefined where git did not come so far. */
function rejection(doing: string, error: GitError): PushRejectedError | undefined {
  const [, why] = /^!\t[^\t]*\t(.*)$/m.exec(error.output) ?? [];
  if (why === undefined) {
    return undefined;
  }
  const remoteWords = error.said.split("\n").filter((line) => line.startsWith("remote:")).map((line) => line.trimEnd());
  const reason = reasonOf(why, remoteWords);
  const advice = {
    changed: "somebody else, or another run, pushed to the branch meanwhile; run it again",
    refused: "a hook or a protection of the remote does not take it: its words are above; allow this push there, or name another branch with --branch",
    other: "the remote has no place for a branch of this name; name another one with --branch",
  }[reason];
  return new PushRejectedError(doing, [redactUrls(why), ...remoteWords, advice].join("\n"), reason);
}

function reasonOf(why: string, remoteWords: readonly string[]): Rejection {
  // A branch `hybrid` leaves no room for `hybrid/ui-dev`.
  if (remoteWords.some((line) => /exists; cannot create|directory file conflict/.test(line))) {
    return "other";
  }
  if (/stale info|non-fast-forward|fetch first|cannot lock ref|failed to update ref|reference already exists|incorrect old value/.test(why)) {
    return "changed";
  }
  return /hook declined|protected branch|^\[remote rejected\]/.test(why) ? "refused" : "other";
}

async function saying<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw remoteFailure(doing, error);
  }
}
