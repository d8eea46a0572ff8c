/** Files of the repository that commands write. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
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
