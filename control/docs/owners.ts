/** Who owns a file, by the repository's CODEOWNERS: GitHub's rules (docs.github.com: About code owners). */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Where GitHub and GitLab look for it; the first one found counts. */
const PLACES = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"];

/** Owners of a path from the root; none where nobody owns it. */
export type Owners = (path: string) => readonly string[];

/** Reads the repository's CODEOWNERS. A repository without one has no owners. */
export function readOwners(root: string): Owners {
  const file = PLACES.map((place) => join(root, place)).find((place) => existsSync(place));
  return file === undefined ? () => [] : ownersOf(readFileSync(file, "utf8"));
}

/** The owners that a text declares: of several patterns that match, the last one counts. Sections and section owners of GitLab are not known. */
export function ownersOf(text: string): Owners {
  const rules = text.split("\n").flatMap((line) => {
    const [pattern, ...owners] = line.replace(/(^|\s)#.*$/, "").trim().split(/\s+/);
    return pattern === undefined || pattern === "" || pattern.startsWith("[") || pattern.startsWith("^[") ? [] : [{ matches: matcher(pattern), owners }];
  });
  return (path) => rules.filter(({ matches }) => matches(path)).at(-1)?.owners ?? [];
}

/** gitignore's patterns, less what CODEOWNERS leaves out (negation and ranges of characters). */
function matcher(pattern: string): (path: string) => boolean {
  const inner = pattern.replace(/^\//, "").replace(/\/$/, "");
  // A slash inside or at the front ties the pattern to the root.
  const anchored = pattern.startsWith("/") || inner.includes("/");
  const body = inner.split("/").map((part) => (part === "**" ? "**" : part.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]*").replaceAll("?", "[^/]"))).join("/");
  const expression = body.replace(/(^|\/)\*\*\//g, "$1(?:.*/)?").replace(/\/\*\*$/, "/.*").replace(/^\*\*$/, ".*");
  // `docs/*` is the files in docs, not those further down; every other pattern also means what is below a folder of that name.
  const below = pattern.endsWith("/") ? "/.*" : pattern.endsWith("/*") ? "" : "(?:/.*)?";
  const regexp = new RegExp(`^${anchored ? "" : "(?:.*/)?"}${expression}${below}$`);
  return (path) => regexp.test(path);
}
