/** Texts for GitHub's Markdown: what an asset is called must not become a heading, a mention or a tag. Pure. */

/** Characters that a comment or the text of a pull request may have on GitHub. */
export const TEXT_LIMIT = 65_536;

/** A block of code whose fence is longer than any in it. */
export function fenced(language: string, lines: readonly string[]): string[] {
  const fence = "`".repeat(longestRun(lines, 2) + 1);
  return [`${fence}${language}`, ...lines, fence];
}

/** Text in which `<`, `>` and `&` mean themselves. */
export function escaped(text: string): string {
  return text.replace(/[<>&]/g, (character) => ({ "<": "&lt;", ">": "&gt;", "&": "&amp;" })[character] ?? character);
}

/** Code within a line, also within a table: nothing in it is a mention or ends the cell. */
export function code(text: string): string {
  const fence = "`".repeat(longestRun([text], 0) + 1);
  // A space next to a backtick keeps the two apart; GitHub takes it away.
  const space = /^`|`$|^$/.test(text) ? " " : "";
  return `${fence}${space}${text.replace(/\s+/g, " ").replaceAll("|", "\\|")}${space}${fence}`;
}

/** Words of people within a line: nothing in them is markup, a mention or a reference to an issue. */
export function plain(text: string): string {
  return escaped(text.replace(/\s+/g, " ").trim()).replace(/[\\`*_[\]|~]/g, "\\$&").replace(/[@#]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function longestRun(lines: readonly string[], least: number): number {
  return Math.max(least, ...lines.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)));
}
