/** `hybrid init`: a repository of one's own, from the example or from an older layout. */
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, join, relative, resolve, sep } from "node:path";
import { silentProgress, type Progress } from "../../local/progress";
import { ConfigError, type Problem } from "../../provider/errors";
import { givenPassphrase, newSalt } from "../passphrase";
import { beginGit, type GitState } from "./begin-git";
import { problemsIn, type FoundProblem } from "./check";
import { packageDependency, projectName } from "./names";
import { takeOver, type Taken, type TakenOver } from "./older/take-over";
import { writeFiles, type Content, type RepositoryFiles } from "./repository";
import { placeRepository, standingFiles } from "./target";
import { exampleEnvironments, exampleFiles, sharedFiles } from "./template";

const DEPLOY_WORKFLOW = ".github/workflows/deploy.yml";

/** What kind of repository to make, and where. */
export interface InitOptions {
  /** From the working directory. Made where it is missing. */
  readonly folder: string;
  /** The project's name. Default: the folder's. */
  readonly name?: string | undefined;
  /** Folder of an older layout to take over. */
  readonly from?: string | undefined;
  /** What package.json depends on: a version, a tarball, a folder. Default: the version that is running. */
  readonly packageSpec?: string | undefined;
  /** Leave files that are there as they are and do without ours of the same names, instead of refusing. Default: false. */
  readonly keep?: boolean | undefined;
  readonly progress?: Progress;
}

/** What was made. */
export interface InitResult {
  /** Absolute. */
  readonly folder: string;
  readonly project: string;
  readonly environments: readonly string[];
  /** The one that runs on this machine. */
  readonly local: string;
  /** The files that were written. */
  readonly files: readonly string[];
  /** Files that were there and stayed. */
  readonly kept: readonly string[];
  readonly git: GitState;
  /** What was taken over; empty without `from`. */
  readonly taken: readonly Taken[];
  /** What was not taken over, or not as it was: files are in `from`. */
  readonly notes: readonly Problem[];
  /** What is wrong in the new repository: files are in it. */
  readonly problems: readonly FoundProblem[];
}

/**
 * Makes a repository. On an error nothing is left of it, and nothing that was there is changed.
 * @throws ConfigError where the folder cannot be used, ProblemsError where the older layout cannot be read
 */
export async function init(options: InitOptions): Promise<InitResult> {
  const { progress = silentProgress, from } = options;
  const folder = resolve(options.folder);
  const project = projectName(folder, options.name);
  const dependency = packageDependency(folder, options.packageSpec, process.cwd());
  const older = from === undefined ? undefined : olderLayout(from, folder);
  const local = older?.local ?? "dev";
  const unsalted: RepositoryFiles = new Map([...sharedFiles({ project, dependency, local }), ...(older?.files ?? exampleFiles())]);
  const kept = standingFiles(folder, unsalted.keys());
  if (kept.length > 0 && options.keep !== true) {
    throw new ConfigError(`nothing was written, as ${kept.length === 1 ? "this file is" : "these files are"} in ${folder} already:\n${kept.map((path) => `  ${path}`).join("\n")}\nName another folder, or add --keep: they stay as they are, and the others are written beside them.`);
  }
  const files = salted(unsalted);
  const paths = [...files.keys()].filter((path) => !kept.includes(path)).sort();
  const environments = older === undefined ? exampleEnvironments() : [...new Set([...older.environments, local])];
  const problems = await placeRepository(folder, async (staging) => {
    writeFiles(staging, files);
    const found = older === undefined ? [] : await progress.step("Checking what was taken over", (detail) => Promise.resolve(problemsIn(staging, { environments, sharing: older.sharing, detail })));
    return { paths, result: found };
  });
  return { folder, project, environments, local, files: paths, kept, git: await beginGit(folder), taken: older?.taken ?? [], notes: older?.notes ?? [], problems: [...keptProblems(folder, files, kept), ...workflowProblems(older), ...problems] };
}

function olderLayout(from: string, folder: string): TakenOver {
  const older = resolve(from);
  if (!existsSync(older) || !statSync(older).isDirectory()) {
    throw new ConfigError(`--from ${from}: there is no such folder`);
  }
  const [real, target] = [realpathSync(older), realFolder(folder)];
  if (isWithin(real, target) || isWithin(target, real)) {
    throw new ConfigError(`--from ${from}: the new repository is another folder beside the old one, which stays as it is: hybrid init ../${basename(real)}-new --from ${from}`);
  }
  return takeOver(older);
}

/** The real path of a folder that may be missing. */
function realFolder(folder: string): string {
  return existsSync(folder) ? realpathSync(folder) : join(realFolder(resolve(folder, "..")), basename(folder));
}

function isWithin(folder: string, path: string): boolean {
  return relative(folder, path).split(sep)[0] !== "..";
}

/** The stack files with a salt of their own each, of the passphrase that is given: so that secrets can be added, and the first apply changes no file. */
function salted(files: RepositoryFiles): RepositoryFiles {
  const passphrase = givenPassphrase() ?? "";
  const entries = [...files].map(([path, content]): [string, Content] => {
    const environment = /^Pulumi\.(.+)\.yaml$/.exec(path)?.[1];
    if (environment === undefined || !("text" in content)) {
      return [path, content];
    }
    const comment = passphrase === "" ? `# Of the empty passphrase: it keeps no secrets. Before you add one: npx pulumi stack change-secrets-provider passphrase --stack ${environment}\n` : "# Of the passphrase in PULUMI_CONFIG_PASSPHRASE when this file was made.\n";
    return [path, { text: `${comment}encryptionsalt: ${newSalt(passphrase)}\n${content.text}` }];
  });
  return new Map(entries);
}

/** The workflows are the example's, with its environments. */
function workflowProblems(older: TakenOver | undefined): FoundProblem[] {
  const known = exampleEnvironments();
  const others = older?.environments.filter((name) => !known.includes(name)) ?? [];
  const missing = older === undefined ? [] : known.filter((name) => !older.environments.includes(name));
  return others.length === 0 && missing.length === 0 ? [] : [{ file: DEPLOY_WORKFLOW, message: `deploys ${known.join(", ")}, each after the one it needs; write the environments of this repository there (${older?.environments.join(", ") ?? ""})`, environments: [] }];
}

/** What the files that stayed have to say so that the repository works. */
function keptProblems(folder: string, files: RepositoryFiles, kept: readonly string[]): FoundProblem[] {
  const problem = (file: string, message: string): FoundProblem => ({ file, message, environments: [] });
  const ours = (file: string): string => {
    const content = files.get(file);
    return content !== undefined && "text" in content ? content.text : "";
  };
  const missing = kept.includes(".gitignore") && statSync(join(folder, ".gitignore")).isFile() ? ours(".gitignore").split("\n").filter((line) => line !== "" && !readFileSync(join(folder, ".gitignore"), "utf8").split(/\r?\n/).includes(line)) : [];
  const ignored = missing.length === 0 ? [] : [problem(".gitignore", `does not have these lines, and what they name belongs in no commit: ${missing.join(", ")}`)];
  const main = kept.filter((file) => file === "package.json" || file === "index.js").map((file) => problem(file, `was kept; the repository needs of it what ours has:\n${ours(file).trimEnd()}`));
  return [...ignored, ...main];
}
