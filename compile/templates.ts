/** The files of `assets/`: found, rendered, read as YAML, with the way back from a place in the YAML to the template's line. */
import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { Problem } from "../provider/errors";
import { hasCode } from "./has-code";
import type { JsonObject } from "../provider/json";
import type { Kind } from "../provider/kinds/define";
import { didYouMean } from "./nearest";
import type { Renderer } from "./render";
import type { RenderedText } from "./rendered";
import { NOT_TEXT, readTextFile } from "./text-file";
import { type Path, type Position, readYaml } from "./yaml";

/** A template file, read. */
export interface Template {
  readonly kind: Kind;
  /** From the repository's root. */
  readonly file: string;
  /** Path below the kind's folder without extensions. */
  readonly defaultKey: string;
  /** Undefined where it could not be rendered or read. */
  readonly value: JsonObject | undefined;
  /** What `value` was read from: line ends are LF, and there is no byte order mark. Undefined where it could not be rendered. */
  readonly rendered: RenderedText | undefined;
  /** Files it includes or takes macros from. */
  readonly includes: ReadonlySet<string>;
  /** A place in the template; secrets never show in messages, so texts must not be quoted from `value`. */
  locate(path: Path, key?: boolean): Pick<Problem, "file" | "line" | "column">;
}

/** Contents of files that are not those on the disk, by path from the root; undefined: the file is not there. */
export type Overlay = ReadonlyMap<string, string | undefined>;

const EXTENSION = /\.ya?ml(\.j2)?$/;
/** Names that begin so are for includes and macros, not assets. */
const PARTIAL = /^_/;

/** All templates of a repository, sorted by path. Adds what is wrong with them to `problems`. */
export function readTemplates(root: string, kinds: readonly Kind[], renderer: Renderer, problems: Problem[], overlay: Overlay = new Map()): Template[] {
  const assets = join(root, "assets");
  if (!existsSync(assets) && overlay.size === 0) {
    problems.push({ file: "assets", message: "this folder does not exist; templates are in assets/<kind>s/, such as assets/charts/revenue.yaml.j2" });
    return [];
  }
  const exists = existsSync(assets);
  if (exists) {
    checkFolders(assets, kinds, problems);
  }
  const realAssets = exists ? realpathSync(assets) : assets;
  return kinds.flatMap((kind) => {
    const folder = join(assets, kind.plural);
    const below = existsSync(folder) ? filesBelow(folder, realAssets, problems, root).map((path) => posixPath(root, path)) : [];
    const added = [...overlay.keys()].filter((file) => file.startsWith(`assets/${kind.plural}/`) && EXTENSION.test(file) && !file.split("/").some((name) => PARTIAL.test(name) || name.startsWith(".")));
    return [...new Set([...below, ...added])]
      .filter((file) => !overlay.has(file) || overlay.get(file) !== undefined)
      .sort()
      .map((file) => readTemplate(kind, root, file, renderer, overlay, problems));
  });
}

/** A template with other contents. */
export function rereadTemplate(template: Template, root: string, renderer: Renderer, overlay: Overlay, problems: Problem[]): Template {
  return readTemplate(template.kind, root, template.file, renderer, overlay, problems);
}

/** What else Superset's exports hold (commands/query, commands/theme and commands/tag: export.py). */
const NOT_MANAGED: Readonly<Record<string, string>> = { queries: "saved queries", themes: "themes", "tags.yaml": "tags" };
/** What a bundle says of itself. */
const BUNDLE_METADATA = "metadata.yaml";

function checkFolders(assets: string, kinds: readonly Kind[], problems: Problem[]): void {
  const known = kinds.map((kind) => kind.plural);
  for (const entry of readdirSync(assets, { withFileTypes: true })) {
    const file = `assets/${entry.name}`;
    if (PARTIAL.test(entry.name) || entry.name.startsWith(".") || known.includes(entry.name)) {
      continue;
    }
    const unmanaged = Object.hasOwn(NOT_MANAGED, entry.name) ? NOT_MANAGED[entry.name] : undefined;
    if (unmanaged !== undefined) {
      problems.push({ file, severity: "warning", message: `not read: ${unmanaged} are not managed, and stay as they are in Superset` });
    } else if (entry.isDirectory()) {
      const files = readdirSync(join(assets, entry.name), { recursive: true, encoding: "utf8" });
      // A folder of includes and macros is anybody's; one with assets in it is a misspelt kind.
      if (files.includes(BUNDLE_METADATA) && isBundleMetadata(join(assets, entry.name, BUNDLE_METADATA))) {
        problems.push({ file, message: `is an export with its outer folder; move what is in it to assets/ (${known.map((plural) => `assets/${plural}/`).join(", ")})` });
      } else if (files.some((name) => EXTENSION.test(name))) {
        problems.push({ file, message: `holds templates but is not a kind of asset${didYouMean(entry.name, known)} (kinds: ${known.join(", ")}; a folder for includes begins with '_' or has no .yaml files)` });
      }
    } else if (EXTENSION.test(entry.name) && !(entry.name === BUNDLE_METADATA && isBundleMetadata(join(assets, entry.name)))) {
      problems.push({ file, message: `not in the folder of its kind; move it to one of ${known.map((plural) => `assets/${plural}/`).join(", ")}` });
    }
  }
}

function isBundleMetadata(path: string): boolean {
  const { value } = readYaml(readTextFile(path) ?? "", { lenient: true });
  return typeof value?.["type"] === "string" && value["version"] !== undefined;
}

/** `above`: the real paths of the folders this one is in, so that a link back to one of them ends. */
function filesBelow(folder: string, realAssets: string, problems: Problem[], root: string, above: readonly string[] = []): string[] {
  const inside = [...above, realpathSync(folder)];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (PARTIAL.test(entry.name) || entry.name.startsWith(".")) {
      return [];
    }
    if (entry.isSymbolicLink() && !isInside(realAssets, path)) {
      problems.push({ file: posixPath(root, path), message: "a link to something outside assets/; templates must be files of the repository" });
      return [];
    }
    const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && statSync(path).isDirectory());
    if (isFolder && inside.includes(realpathSync(path))) {
      problems.push({ file: posixPath(root, path), message: "a link to a folder that it is in itself; remove it" });
      return [];
    }
    if (isFolder) {
      return filesBelow(path, realAssets, problems, root, inside);
    }
    if (!EXTENSION.test(entry.name)) {
      if (/\.(?:j2|jinja2?|json|njk)$/.test(entry.name)) {
        problems.push({ file: posixPath(root, path), severity: "warning", message: "not read: templates end in .yaml or .yaml.j2; a file for includes begins with '_'" });
      }
      return [];
    }
    return [path];
  });
}

function isInside(folder: string, path: string): boolean {
  try {
    const real = relative(folder, realpathSync(path));
    return real !== ".." && !real.startsWith(`..${sep}`);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ELOOP")) {
      return false;
    }
    throw error;
  }
}

function posixPath(root: string, path: string): string {
  return relative(root, path).split(sep).join("/");
}

function readTemplate(kind: Kind, root: string, file: string, renderer: Renderer, overlay: Overlay, problems: Problem[]): Template {
  const defaultKey = file.slice(`assets/${kind.plural}/`.length).replace(EXTENSION, "");
  const text = overlay.get(file) ?? readTextFile(join(root, file));
  const { rendered, includes, problems: found } = text === undefined ? { rendered: undefined, includes: new Set<string>(), problems: [{ file, message: NOT_TEXT }] } : renderer.render(file, text, overlay);
  const template = { kind, file, defaultKey, rendered, includes };
  if (rendered === undefined) {
    problems.push(...found);
    return { ...template, value: undefined, locate: () => ({ file }) };
  }
  const origin = (position: Position): Pick<Problem, "file" | "line" | "column"> =>
    (file.endsWith(".j2") ? rendered.origin(position.line, position.column) ?? { file, line: 1, column: 1 } : { file, ...position });
  const yaml = readYaml(rendered.text);
  for (const { message, ...position } of yaml.problems) {
    problems.push({ ...origin(position), message });
  }
  return { ...template, value: yaml.value, locate: (path, key) => origin(yaml.position(path, key)) };
}
