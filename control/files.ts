/** Files of the repository that commands write. */
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Whether the file holds exactly that text. */
export function holds(root: string, path: string, text: string): boolean {
  const file = join(root, path);
  return existsSync(file) && readFileSync(file, "utf8") === text;
}

/**
 * Replaces a file as a whole, through a temporary one beside it; its folder is made where it is missing.
 * @param path from the root
 * @returns false where the file holds that text already, and nothing was written
 */
export function writeWhole(root: string, path: string, text: string): boolean {
  if (holds(root, path, text)) {
    return false;
  }
  const file = join(root, path);
  const temporary = `${file}.${process.pid}.new`;
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
  return true;
}

/**
 * Writes and removes files together: all of them, or where one fails none. A link stays one.
 * @param files texts by path from the root; undefined: the file is removed
 */
export function replaceFiles(root: string, files: ReadonlyMap<string, string | undefined>): void {
  const changes = [...files].map(([path, text]) => {
    const file = existsSync(join(root, path)) ? realpathSync(join(root, path)) : join(root, path);
    return { file, text, fresh: `${file}.${process.pid}.new`, old: `${file}.${process.pid}.old` };
  });
  const moved: (() => void)[] = [];
  const move = (from: string, to: string): void => {
    renameSync(from, to);
    moved.unshift(() => renameSync(to, from));
  };
  try {
    for (const { file, text, fresh } of changes) {
      if (text !== undefined) {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(fresh, text, existsSync(file) ? { mode: statSync(file).mode } : {});
      }
    }
    for (const { file, text, fresh, old } of changes) {
      if (existsSync(file)) {
        move(file, old);
      }
      if (text !== undefined) {
        move(fresh, file);
      }
    }
  } catch (error) {
    moved.forEach((back) => back());
    throw error;
  } finally {
    changes.forEach(({ fresh, old }) => [fresh, old].forEach((temporary) => rmSync(temporary, { force: true })));
  }
}
