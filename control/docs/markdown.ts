/** Pieces of Markdown. Pure. */

/** Text in a line or a table's cell: nothing in it is markup. */
export function plain(text: string): string {
  // An underscore inside a word is none.
  return text.replace(/\s*\n\s*/g, " ").trim().replace(/[\\`*{}[\]<>|#~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, "\\$&");
}

/** Text as code, in a line or a table's cell. */
export function code(text: string): string {
  const line = text.replace(/\s*\n\s*/g, " ").trim();
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const padded = line.startsWith("`") || line.endsWith("`") ? ` ${line} ` : line;
  // GitHub cuts cells at pipes before it looks for code.
  return line === "" ? "" : `${fence}${padded.replaceAll("|", "\\|")}${fence}`;
}

/** A fenced block, whose fence is longer than any in it. */
export function block(language: string, text: string): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return [`${fence}${language}`, text.trimEnd(), fence];
}

/** A table; columns that are empty in every row are left out. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const kept = head.map((_, index) => rows.some((row) => (row[index] ?? "") !== ""));
  const line = (cells: readonly string[]): string => `| ${cells.filter((_, index) => kept[index]).join(" | ")} |`;
  return rows.length === 0 ? [] : [line(head), line(head.map(() => "---")), ...rows.map(line)];
}

/** A link to a file of the repository. @param from the document's path from the root, `to`: the file's */
export function fileLink(from: string, to: string): string {
  const up = "../".repeat(from.split("/").length - 1);
  return `[${plain(to)}](${up}${to.split("/").map(encodeURIComponent).join("/")})`;
}

/** Sections joined by blank lines. */
export function sections(parts: readonly (readonly string[])[]): string {
  return `${parts.filter((lines) => lines.length > 0).map((lines) => lines.join("\n")).join("\n\n")}\n`;
}
