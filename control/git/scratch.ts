/**
 * A place beside the user's repository to build commits in: an index, a folder of files and an object store of its own in the system's
 * temporary folder. The repository is only read: its working tree, index, HEAD, branches, configuration and even its objects stay as they
 * are, so that a dirty, detached, read-only or shallow checkout is as good as any other, and nothing is left in it by a crash.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, relative, resolve, sep } from "node:path";
import { readJsonObject, writeJson } from "../../local/files";
import { identify, isAlive } from "../../local/process";
import type { Identity, Repository } from "./repository";
import { runGit, type Git } from "./run";

/** How the folders are called, so that a later run finds what a crash has left. */
const NAME = "hybrid-git-";
const OWNER = "owner.json";

/** What a commit is made of. */
export interface CommitRequest {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly author: Identity;
}

/** See the module's comment. Objects are named by their full hash. */
export class Scratch {
  /** Runs git with the temporary index, files and objects. */
  readonly git: Git;
  /** Absolute path of the folder of files: the repository's folder that was opened, below which `checkout` writes. */
  readonly folder: string;
  readonly #files: string;

  private constructor(readonly repository: Repository, place: string) {
    this.#files = join(place, "files");
    this.folder = join(this.#files, repository.prefix);
    const objects = join(place, "objects");
    [this.#files, objects].forEach((folder) => mkdirSync(folder));
    const alternates = [quoted(repository.objects), process.env["GIT_ALTERNATE_OBJECT_DIRECTORIES"]].filter((part) => part !== undefined && part !== "");
    const env = {
      GIT_DIR: repository.gitFolder,
      GIT_WORK_TREE: this.#files,
      GIT_INDEX_FILE: join(place, "index"),
      GIT_OBJECT_DIRECTORY: objects,
      GIT_ALTERNATE_OBJECT_DIRECTORIES: alternates.join(delimiter),
    };
    this.git = (args, call) => runGit(args, { ...call, cwd: this.#files, env: { ...env, ...call?.env } });
  }

  /** Gives `work` a scratch, which is removed afterwards; also removes what earlier runs have left by a crash. */
  static async use<T>(repository: Repository, work: (scratch: Scratch) => Promise<T>): Promise<T> {
    removeLeftovers();
    const place = mkdtempSync(join(tmpdir(), NAME));
    try {
      writeJson(join(place, OWNER), identify(process.pid));
      return await work(new Scratch(repository, place));
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  }

  /** Puts the files that `commit` has in the opened folder on the disk, and takes its tree as what `writeTree` starts from. Removes the files of a checkout before. */
  async checkout(commit: string): Promise<void> {
    rmSync(this.#files, { recursive: true, force: true });
    mkdirSync(this.#files);
    await this.git(["read-tree", commit]);
    const paths = await this.git(["ls-files", "-z", "--", this.repository.prefix || "."]);
    await this.git(["checkout-index", "-z", "--stdin"], { input: paths });
  }

  /** Writes (undefined: removes) files by their paths from the opened folder; gives the tree with these changes. */
  async writeTree(files: ReadonlyMap<string, string | undefined>): Promise<string> {
    for (const [path, content] of files) {
      const file = resolve(this.folder, path);
      if (relative(this.folder, file).split(sep)[0] === "..") {
        throw new Error(`${path} is outside of the repository's folder`);
      }
      if (content === undefined) {
        rmSync(file, { force: true });
      } else {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, content);
      }
    }
    const input = [...files.keys()].map((path) => `${this.repository.prefix}${path}\0`).join("");
    await this.git(["update-index", "--add", "--remove", "-z", "--stdin"], { input });
    return (await this.git(["write-tree"])).trim();
  }

  /**
   * Makes a commit; no branch points to it. It is not signed: a signature says that its person made the commit, and this one a program has made.
   */
  async commit({ tree, parents, message, author }: CommitRequest): Promise<string> {
    const env = { GIT_AUTHOR_NAME: author.name, GIT_AUTHOR_EMAIL: author.email };
    const committer = { GIT_COMMITTER_NAME: process.env["GIT_COMMITTER_NAME"] || author.name, GIT_COMMITTER_EMAIL: process.env["GIT_COMMITTER_EMAIL"] || author.email };
    const args = ["commit-tree", "--no-gpg-sign", tree, ...parents.flatMap((parent) => ["-p", parent]), "-F", "-"];
    return (await this.git(args, { env: { ...env, ...committer }, input: message })).trim();
  }
}

/** In the list of object stores, a path with the separator in it is written in quotes. */
function quoted(path: string): string {
  return path.includes(delimiter) || path.startsWith('"') ? JSON.stringify(path) : path;
}

/** A process that was killed leaves its folder. What belongs to a living one, or to somebody else, stays. */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(NAME))) {
    const place = join(tmpdir(), name);
    const stat = statSync(place, { throwIfNoEntry: false });
    if (stat === undefined || stat.uid !== process.getuid?.()) {
      continue;
    }
    const owner = join(place, OWNER);
    // Between its making and the note whose it is there are milliseconds.
    const abandoned = existsSync(owner) ? !isOwned(owner) : Date.now() - stat.mtimeMs > 60_000;
    if (abandoned) {
      rmSync(place, { recursive: true, force: true });
    }
  }
}

function isOwned(file: string): boolean {
  const owner = readJsonObject(file);
  return isAlive({ pid: Number(owner?.["pid"]), started: String(owner?.["started"]) });
}
