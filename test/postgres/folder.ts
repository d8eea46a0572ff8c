/** Folders of SQL files for tests, in a temporary directory. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface Folder {
  /** Absolute path: what the code under test calls the repository's root. */
  readonly root: string;
  /** Writes files by path from the root; null removes one. */
  write(files: Readonly<Record<string, string | Buffer | null>>): void;
}

const made: string[] = [];

/** A new folder with these files; removed when the test file is done. */
export function folderOf(files: Readonly<Record<string, string | Buffer>>): Folder {
  const root = mkdtempSync(join(tmpdir(), "migrations-"));
  made.push(root);
  const write: Folder["write"] = (changed) => {
    for (const [path, content] of Object.entries(changed)) {
      const target = join(root, path);
      mkdirSync(dirname(target), { recursive: true });
      if (content === null) {
        rmSync(target);
      } else {
        writeFileSync(target, content);
      }
    }
  };
  write(files);
  return { root, write };
}

afterAll(() => {
  made.forEach((root) => rmSync(root, { recursive: true, force: true }));
});

/** A file in dbmate's format. */
export function dbmate(up: string, options = ""): string {
  return `-- migrate:up${options === "" ? "" : ` ${options}`}\n${up}\n\n-- migrate:down\nselect 1;\n`;
}
