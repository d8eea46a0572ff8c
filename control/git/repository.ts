/** The Git repository around a folder: where it is, its remotes, who commits. Only reads. */
import { relative, sep } from "node:path";
import { realpathSync } from "node:fs";
import { ConfigError, UserError } from "../../provider/errors";
import { GitError } from "./failure";
import { runGit, type Git } from "./run";

/** A repository, and the folder in it that is asked about. */
export interface Repository {
  /** Absolute path of `.git` (of a linked worktree: its own folder below that). */
  readonly gitFolder: string;
  /** Absolute path of its objects. */
  readonly objects: string;
  /** Object format: `sha1` or `sha256`. */
  readonly format: string;
  /** The folder from the repository's top, with `/` at the end; empty where it is the top. */
  readonly prefix: string;
  /** Runs git in the folder. */
  readonly git: Git;
}

/** A remote by name, with its addresses as git uses them. They may hold credentials: show them through `redactUrls` only. */
export interface Remote {
  readonly name: string;
  readonly url: string;
  readonly pushUrl: string;
  /** As it is written, before `url.<base>.insteadOf` is applied. */
  readonly written: string;
}

/** A person or program as a commit names it. */
export interface Identity {
  readonly name: string;
  readonly email: string;
}

/** @throws UserError where the folder is in no repository that git works with */
export async function openRepository(folder: string): Promise<Repository> {
  const git: Git = (args, call) => runGit(args, { ...call, cwd: folder });
  try {
    const found = await git(["rev-parse", "--path-format=absolute", "--git-dir", "--show-toplevel", "--git-path", "objects", "--show-object-format"]);
    const [gitFolder = "", top = "", objects = "", format = ""] = found.split("\n");
    const below = relative(realpathSync(top), realpathSync(folder)).split(sep).join("/");
    return { gitFolder, objects, format, prefix: below === "" ? "" : `${below}/`, git };
  } catch (error) {
    throw error instanceof GitError ? new UserError(`${folder} is in no Git repository that git can use: ${error.said}`, { cause: error }) : error;
  }
}

/** A setting of git's configuration, undefined where it has none. */
export async function configured({ git }: Repository, key: string): Promise<string | undefined> {
  return (await answerOrNone(git, ["config", "--get", key])) || undefined;
}

/** The first line of an answer; undefined where git ends with 1, which says that there is none. */
async function answerOrNone(git: Git, args: readonly string[]): Promise<string | undefined> {
  try {
    return (await git(args)).split("\n", 1)[0];
  } catch (error) {
    if (error instanceof GitError && error.ended === 1) {
      return undefined;
    }
    throw error;
  }
}

/**
 * The remote to work with: the one named, else that of the branch that is checked out, else `origin`, else the only one.
 * @throws ConfigError where there is none, or it is not known which
 */
export async function chooseRemote(repository: Repository, wanted?: string): Promise<Remote> {
  const names = (await repository.git(["remote"])).split("\n").filter((name) => name !== "");
  const name = wanted ?? (await remoteOfBranch(repository, names)) ?? (names.includes("origin") || names.length !== 1 ? "origin" : names[0]);
  if (name === undefined || !names.includes(name)) {
    const there = names.length === 0 ? "it has no remote" : `its remotes are ${names.join(", ")}`;
    throw new ConfigError(
      wanted === undefined
        ? `the repository has no remote to push to (${there}): name one with --remote, or make one with 'git remote add origin <address>'`
        : `the repository has no remote '${wanted}': ${there}`,
    );
  }
  const address = async (...kind: readonly string[]): Promise<string> => (await repository.git(["remote", "get-url", ...kind, name])).trim();
  return { name, url: await address(), pushUrl: await address("--push"), written: (await configured(repository, `remote.${name}.url`)) ?? "" };
}

async function remoteOfBranch(repository: Repository, names: readonly string[]): Promise<string | undefined> {
  const branch = await currentBranch(repository);
  const remote = branch === undefined ? undefined : await configured(repository, `branch.${branch}.remote`);
  // A branch may follow another one of the same repository, which git writes as ".", or an address without a name.
  return remote !== undefined && names.includes(remote) ? remote : undefined;
}

/** The branch that is checked out; undefined for a detached HEAD. */
async function currentBranch({ git }: Repository): Promise<string | undefined> {
  const name = await answerOrNone(git, ["symbolic-ref", "--quiet", "HEAD"]);
  return name?.startsWith("refs/heads/") === true ? name.slice("refs/heads/".length) : undefined;
}

/** `Name <email>`. @throws ConfigError for anything else */
export function parseIdentity(text: string): Identity {
  const [, name, email] = /^\s*([^<>]*[^<>\s])\s*<([^<>\s]+)>\s*$/.exec(text) ?? [];
  if (name === undefined || email === undefined) {
    throw new ConfigError(`--author '${text}': write 'Name <email>'`);
  }
  return { name, email };
}

/** Who commits where nobody is named: GIT_AUTHOR_NAME and GIT_AUTHOR_EMAIL, else git's user.name and user.email, else this program. */
export async function defaultIdentity(repository: Repository, env: NodeJS.ProcessEnv = process.env): Promise<Identity> {
  const name = env["GIT_AUTHOR_NAME"] || (await configured(repository, "user.name"));
  const email = env["GIT_AUTHOR_EMAIL"] || (await configured(repository, "user.email"));
  return name !== undefined && email !== undefined ? { name, email } : { name: "hybrid", email: "hybrid@localhost" };
}

/** @throws ConfigError for a name that git takes for no branch */
export async function checkBranchName({ git }: Repository, name: string): Promise<void> {
  const understood = await git(["check-ref-format", "--branch", name]).catch((error: unknown) => {
    if (error instanceof GitError) {
      return undefined;
    }
    throw error;
  });
  // `@{-1}` is understood, as another branch.
  if (understood?.trim() !== name) {
    throw new ConfigError(`'${name}' cannot be the name of a branch; name another one with --branch`);
  }
}
