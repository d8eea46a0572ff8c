/** Text files of a repository. */
import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";

/** What is wrong with a file for which `readTextFile` gives nothing. */
export const NOT_TEXT = "no text in UTF-8: a binary file, or text of another encoding; save it as UTF-8, or move it out of assets/";

/** The file's text; undefined where it is none. Other encodings would be read as replacement characters, and stored so. */
export function readTextFile(path: string): string | undefined {
  const bytes = readFileSync(path);
  return bytes.includes(0) || !isUtf8(bytes) ? undefined : bytes.toString("utf8");
}
