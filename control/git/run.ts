/** Runs the real `git`: without a prompt, a pager or a translation, and without what a person has set up for work by hand. */
import { execFile } from "node:child_process";
import { devNull } from "node:os";
import { hasCode } from "../../local/files";
import { UserError } from "../../provider/errors";
import { GitError, redactUrls } from "./failure";

/** One call of `git`. */
export interface GitCall {
  /** Folder it runs in. */
  readonly cwd: string;
  /** Variables besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Its standard input. Default: none. */
  readonly input?: string;
  /** Seconds it may take: a server that takes a connection and says nothing would be waited for without end. Default: 300. */
  readonly timeoutSeconds?: number;
}

/** Calls `git` in one repository. */
export type Git = (args: readonly string[], call?: Omit<GitCall, "cwd">) => Promise<string>;

/** Largest output that is taken, in bytes. */
const MAX_OUTPUT = 1 << 28;

/**
 * Hooks are not run: they are written for a person's own commits and look at that person's working tree, which has nothing to do with what
 * we commit. The server's hooks run. The rest keeps git from writing to the repository on the side, and from looking at the user's sparse checkout.
 */
const SETTINGS = [
  `core.hooksPath=${devNull}`, "core.fsmonitor=false", "core.sparseCheckout=false", "core.quotePath=false", "color.ui=false", "gc.auto=0", "maintenance.auto=false",
  "fetch.writeCommitGraph=false", "submodule.recurse=false", "i18n.commitEncoding=UTF-8", "i18n.logOutputEncoding=UTF-8",
].flatMap((setting) => ["-c", setting]);

const ENVIRONMENT = {
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_LITERAL_PATHSPECS: "1",
  // What large files' filters would download is not needed to edit templates.
  GIT_LFS_SKIP_SMUDGE: "1",
  LC_ALL: "C",
};

/** Where a repository is, as git tells its own hooks: `hybrid` may be started by one. Never what is meant once the repository is known. */
const LOCATION = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_OBJECT_DIRECTORY", "GIT_QUARANTINE_PATH", "GIT_SHALLOW_FILE", "GIT_GRAFT_FILE"];

/** Standard output of `git <args>`. @throws GitError where it fails, UserError where there is no git */
export function runGit(args: readonly string[], { cwd, env = {}, input, timeoutSeconds = 300 }: GitCall): Promise<string> {
  const kept = Object.fromEntries(Object.entries(process.env).filter(([name]) => !LOCATION.includes(name)));
  return new Promise((resolve, reject) => {
    const child = execFile(
      "git",
      [...SETTINGS, ...args],
      { cwd, env: { ...kept, ...ENVIRONMENT, ...env }, maxBuffer: MAX_OUTPUT, timeout: timeoutSeconds * 1000 },
      (error, stdout, stderr) => {
        if (error === null) {
          resolve(stdout);
        } else if (hasCode(error, "ENOENT") && error.path === "git") {
          reject(new UserError("git was not found on the PATH; install Git 2.31 or newer", { cause: error }));
        } else {
          const said = error.killed === true ? `no answer within ${timeoutSeconds} s` : stderr.trim() || error.message;
          reject(new GitError(`git ${args[0]}`, redactUrls(said), typeof error.code === "number" ? error.code : undefined, stdout, error));
        }
      },
    );
    // A git that ends without reading its input is told by its exit code.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input ?? "");
  });
}
