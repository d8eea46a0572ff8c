/** The folder a new repository goes into. Nothing that is there is ever replaced, and nothing of a repository that could not be finished stays. */
import { constants, copyFileSync, existsSync, lstatSync, mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ConfigError } from "../../provider/errors";
import { projectFile } from "../../provider/pulumi-files";
import { hasCode } from "../../compile/has-code";

/**
 * What of the files is there already.
 * @param folder absolute; may be missing
 * @throws ConfigError where it is no folder, or a project already
 */
export function standingFiles(folder: string, paths: Iterable<string>): string[] {
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) {
    return [];
  }
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new ConfigError(`${folder} is there and is no folder; name another one`);
  }
  const project = projectFile(folder);
  if (project !== undefined) {
    throw new ConfigError(`${folder} is a project already (${project}); name another folder`);
  }
  return [...paths].filter((path) => isTaken(folder, path)).sort();
}

/** Whether something is at the path, or in the way of it: a file or a link where a folder of it would be. */
function isTaken(folder: string, path: string): boolean {
  const steps = path.split("/");
  for (let count = 1; count <= steps.length; count += 1) {
    const stat = lstatSync(join(folder, ...steps.slice(0, count)), { throwIfNoEntry: false });
    if (stat === undefined) {
      return false;
    }
    if (count === steps.length || !stat.isDirectory()) {
      return true;
    }
  }
  return false;
}

/**
 * Builds a repository out of sight and puts it into place: into a folder that was missing in one step; into one that is there file by file, and
 * where one of them cannot be written those before it are removed again.
 * @param build writes the repository into the folder it is given, and says which of its files are wanted
 */
export async function placeRepository<T>(folder: string, build: (staging: string) => Promise<{ readonly paths: readonly string[]; readonly result: T }>): Promise<T> {
  const isNew = !existsSync(folder);
  const firstMade = isNew ? mkdirSync(dirname(folder), { recursive: true }) : undefined;
  let staging: string | undefined;
  try {
    // On the same file system as the folder, which a temporary folder of the system's need not be.
    staging = isNew ? mkdtempSync(join(dirname(folder), `.${basename(folder)}-`)) : mkdtempSync(join(folder, ".hybrid-init-"));
    const inside = join(staging, "new");
    mkdirSync(inside);
    const { paths, result } = await build(inside);
    if (isNew) {
      renameWhole(inside, folder);
    } else {
      addFiles(inside, folder, paths);
    }
    return result;
  } catch (error) {
    if (firstMade !== undefined) {
      rmSync(firstMade, { recursive: true, force: true });
    }
    throw error;
  } finally {
    if (staging !== undefined) {
      rmSync(staging, { recursive: true, force: true });
    }
  }
}

function renameWhole(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    throw hasCode(error, "EEXIST", "ENOTEMPTY", "ENOTDIR") ? appeared(to, error) : error;
  }
}

function appeared(path: string, cause: unknown): ConfigError {
  return new ConfigError(`${path} was written by another program meanwhile; nothing was written`, { cause });
}

function addFiles(from: string, to: string, paths: readonly string[]): void {
  const undo: (() => void)[] = [];
  let writing = to;
  try {
    for (const path of paths) {
      for (const folder of missingFolders(to, path)) {
        writing = folder;
        mkdirSync(folder);
        undo.push(() => rmdirSync(folder));
      }
      const file = (writing = join(to, path));
      // Fails where somebody has written a file of that name meanwhile.
      copyFileSync(join(from, path), file, constants.COPYFILE_EXCL);
      undo.push(() => rmSync(file));
    }
  } catch (error) {
    undo.reverse().forEach((step) => step());
    throw hasCode(error, "EEXIST") ? appeared(writing, error) : error;
  }
}

function missingFolders(root: string, path: string): string[] {
  const steps = path.split("/").slice(0, -1);
  return steps.map((_, index) => join(root, ...steps.slice(0, index + 1))).filter((folder) => !existsSync(folder));
}
