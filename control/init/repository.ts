/** A repository that is yet to be written: its files by path. */
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What a file is to hold: a text, or the same bytes as another file. */
export type Content = { readonly text: string } | { readonly copyOf: string };

/** Files by their paths from the root, with `/`. */
export type RepositoryFiles = ReadonlyMap<string, Content>;

/** Writes the files below `root`. A copy of what may be executed may be executed; other modes are as for any new file. */
export function writeFiles(root: string, files: RepositoryFiles): void {
  for (const [path, content] of files) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    if ("text" in content) {
      writeFileSync(file, content.text);
    } else {
      writeFileSync(file, readFileSync(content.copyOf));
      if ((statSync(content.copyOf).mode & 0o100) !== 0) {
        chmodSync(file, statSync(file).mode | 0o111);
      }
    }
  }
}
