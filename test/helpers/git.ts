/** Real repositories for tests: a bare remote and clones of it, in the run's folder. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runFolder } from "./runtime";

/** Nothing of the machine's own configuration of git. */
const ENVIRONMENT = {
  ...process.env,
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "Ada", GIT_AUTHOR_EMAIL: "ada@example.org", GIT_COMMITTER_NAME: "Ada", GIT_COMMITTER_EMAIL: "ada@example.org",
};

/** A repository of a test; bare where it is a remote. */
export class TestRepository {
  constructor(readonly folder: string) {}

  /** Standard output of `git <args>` without its last line feed. */
  git(...args: readonly string[]): string {
    return execFileSync("git", args, { cwd: this.folder, env: ENVIRONMENT, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).replace(/\n$/, "");
  }

  write(path: string, text: string): void {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  remove(path: string): void {
    rmSync(join(this.folder, path));
  }

  /** Commits everything; its sha. */
  commit(message: string): string {
    this.git("add", "--all");
    this.git("commit", "--quiet", "-m", message);
    return this.git("rev-parse", "HEAD");
  }

  /** Commits everything and pushes the branch that is checked out; its sha. */
  publish(message: string): string {
    const sha = this.commit(message);
    this.git("push", "--quiet", "origin", "HEAD");
    return sha;
  }

  /** A hook that the repository runs as the server of a push, or as the client. */
  hook(name: string, script: string): void {
    const file = join(this.folder, this.git("rev-parse", "--git-path", `hooks/${name}`));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  }

  /**
   * Everything in the folder, `.git` included, a line for each: path, mode, time of the last change and content. Without the times of objects: git
   * touches those that it would write and that are there.
   */
  fingerprint(): string[] {
    return readdirSync(this.folder, { recursive: true, encoding: "utf8" }).sort().map((name) => {
      const file = join(this.folder, name);
      const stat = lstatSync(file);
      const content = stat.isFile() ? readFileSync(file) : stat.isSymbolicLink() ? readlinkSync(file) : "";
      const time = name.startsWith(join(".git", "objects")) ? "" : stat.mtimeMs;
      return `${name} ${stat.mode.toString(8)} ${time} ${createHash("sha256").update(content).digest("hex")}`;
    });
  }
}

/** A folder of its own for a test's repositories. */
export function gitFolder(): string {
  return mkdtempSync(join(runFolder(), "git-"));
}

/** An empty bare repository. */
export function bareRepository(folder: string, name = "remote.git"): TestRepository {
  const repository = new TestRepository(join(folder, name));
  mkdirSync(repository.folder);
  repository.git("init", "--quiet", "--bare", "--initial-branch=main");
  return repository;
}

/** A clone with an `origin`; of an empty remote one that is on branch main. */
export function cloneOf(remote: TestRepository, folder: string, name = "clone", ...options: readonly string[]): TestRepository {
  execFileSync("git", ["clone", "--quiet", ...options, remote.folder, join(folder, name)], { env: ENVIRONMENT, stdio: "ignore" });
  return new TestRepository(join(folder, name));
}
