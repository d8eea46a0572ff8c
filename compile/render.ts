/** Templates (`.j2`, nunjucks) to text. Variables only: no process, no clock, no random numbers, no file outside `assets/`. */
import { realpathSync } from "node:fs";
import { posix, join, relative, sep } from "node:path";
import nunjucks from "nunjucks";
import type { Problem } from "../provider/errors";
import { hasCode } from "./has-code";
import { TemplateMistake } from "./builtins";
import { Evaluator } from "./evaluate";
import { hasPlaceholder } from "../provider/placeholders";
import { RenderedText } from "./rendered";
import type { TemplateNode, TemplateSource } from "./template-node";
import { tagsOf } from "./template-tags";
import { NOT_TEXT, readTextFile } from "./text-file";

/** What the typings of nunjucks leave out. */
interface NunjucksInternals {
  readonly parser: { parse(source: string): TemplateNode };
}
const { parser } = nunjucks as unknown as NunjucksInternals;

/** Filters that would make two compilations differ, or that make HTML. */
const REFUSED_FILTERS: Readonly<Record<string, string>> = {
  random: "compiling twice must give the same bundle",
};

interface RendererOptions {
  /** The repository's root. */
  readonly root: string;
  readonly variables: Readonly<Record<string, unknown>>;
  undefinedReason(name: string): string;
  /** Other contents of files than those on the disk. */
  readonly overlay?: ReadonlyMap<string, string | undefined>;
  /** Filters besides Jinja's own. */
  readonly filters?: Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
  /** What to say of a call of a function that is not there. Default: which functions templates have. */
  unknownFunction?(name: string): string;
  /** What an expression prints that gives null. Default: that is a mistake. */
  readonly nothing?: string;
}

/** What rendering a file gives. */
interface Rendering {
  /** Undefined where there are problems. */
  readonly rendered: RenderedText | undefined;
  /** Files it includes or takes macros from. */
  readonly includes: ReadonlySet<string>;
  readonly problems: readonly Problem[];
}

/** Renders the templates of one repository with the variables of one environment. */
export class Renderer {
  /** By file: its text, and what it was parsed to. */
  readonly #parsed = new Map<string, { readonly text: string; readonly source: TemplateSource | readonly Problem[] }>();
  /** Files that templates include, as they are on the disk. */
  readonly #read = new Map<string, string>();
  readonly #filters = new nunjucks.Environment(null, { autoescape: false });

  constructor(private readonly options: RendererOptions) {}

  /**
   * The rendered text of a template, or what is wrong with it; of a file that is no template (no `.j2`) its own text.
   * @param file path from the root
   * @param overlay contents of the files it includes, before those on the disk
   */
  render(file: string, text: string, overlay = this.options.overlay): Rendering {
    const includes = new Set<string>();
    if (!file.endsWith(".j2")) {
      const source = plainText(text);
      return hasPlaceholder(source) ? { rendered: undefined, includes, problems: [{ file, message: RESERVED }] } : { rendered: RenderedText.verbatim(source, file), includes, problems: [] };
    }
    const problems: Problem[] = [];
    const failed = (...found: readonly Problem[]): Rendering => ({ rendered: undefined, includes, problems: found });
    const source = this.#parse(file, text);
    if (!("root" in source)) {
      return failed(...source);
    }
    const evaluator = new Evaluator({
      variables: this.options.variables,
      undefinedReason: (name) => this.options.undefinedReason(name),
      load: (name, from) => {
        const loaded = this.#load(name, from, overlay ?? new Map(), problems);
        return loaded !== undefined && includes.add(loaded.file) ? loaded : undefined;
      },
      filter: (name) => this.#filter(name),
      ...(this.options.unknownFunction === undefined ? {} : { unknownFunction: this.options.unknownFunction }),
      ...(this.options.nothing === undefined ? {} : { nothing: this.options.nothing }),
      problem: (problem) => problems.push(problem),
    });
    let rendered: RenderedText;
    try {
      rendered = evaluator.render(source);
    } catch (error) {
      if (isTooDeep(error)) {
        return failed({ file, line: 1, message: TOO_DEEP });
      }
      if (!(error instanceof TemplateMistake)) {
        throw error;
      }
      return failed({ file, line: 1, message: error.message });
    }
    return problems.length > 0 ? failed(...problems) : { rendered, includes, problems };
  }

  #filter(name: string): ((...args: readonly unknown[]) => unknown) | undefined {
    const refused = Object.hasOwn(REFUSED_FILTERS, name) ? REFUSED_FILTERS[name] : undefined;
    if (refused !== undefined) {
      throw new TemplateMistake(`the filter '${name}' is not allowed: ${refused}`);
    }
    const added = this.options.filters ?? {};
    if (Object.hasOwn(added, name)) {
      return added[name];
    }
    const { filters } = this.#filters as unknown as { readonly filters: Readonly<Record<string, (...args: readonly unknown[]) => unknown>> };
    const filter = Object.hasOwn(filters, name) ? filters[name] : undefined;
    return filter === undefined ? undefined : (...args) => filter.call({ env: this.#filters }, ...args);
  }

  #parse(file: string, text: string): TemplateSource | readonly Problem[] {
    const known = this.#parsed.get(file);
    if (known?.text === text) {
      return known.source;
    }
    const source = parseTemplate(file, text);
    this.#parsed.set(file, { text, source });
    return source;
  }

  #load(name: string, from: string, overlay: ReadonlyMap<string, string | undefined>, problems: Problem[]): TemplateSource | undefined {
    const base = name.startsWith("./") || name.startsWith("../") ? posix.dirname(from) : "assets";
    const file = posix.normalize(posix.join(base, name));
    if (posix.isAbsolute(name) || name.includes("\\") || !file.startsWith("assets/")) {
      throw new TemplateMistake(`'${name}' is outside assets/; templates may include only files of assets/`);
    }
    const text = overlay.has(file) ? overlay.get(file) : this.#include(name, file);
    if (text === undefined) {
      return undefined;
    }
    const source = this.#parse(file, text);
    if ("root" in source) {
      return source;
    }
    problems.push(...source);
    throw new TemplateMistake(`cannot use '${name}': it has errors of its own`);
  }

  /** The text of a file that is included; undefined where there is none. */
  #include(name: string, file: string): string | undefined {
    const known = this.#read.get(file);
    if (known !== undefined) {
      return known;
    }
    let text: string | undefined;
    try {
      const real = relative(realpathSync(join(this.options.root, "assets")), realpathSync(join(this.options.root, file)));
      if (real.startsWith(`..${sep}`) || real === "..") {
        throw new TemplateMistake(`'${name}' is a link to a file outside assets/; templates may include only files of assets/`);
      }
      text = readTextFile(join(this.options.root, file));
    } catch (error) {
      if (hasCode(error, "ENOENT", "ENOTDIR", "EISDIR")) {
        return undefined;
      }
      throw error;
    }
    if (text === undefined) {
      throw new TemplateMistake(`cannot use '${name}': ${NOT_TEXT}`);
    }
    this.#read.set(file, text);
    return text;
  }
}

/** `TokenLine` of nunjucks' errors: 1-based where its parser throws, absent where its lexer does. */
interface ParseError {
  readonly message: string;
  readonly lineno?: number;
  readonly colno?: number;
}

function parseTemplate(file: string, text: string): TemplateSource | readonly Problem[] {
  const source = plainText(text);
  if (hasPlaceholder(source)) {
    return [{ file, message: RESERVED }];
  }
  const raw = rawProblem(source);
  if (raw !== undefined) {
    return [{ file, ...raw }];
  }
  let root: TemplateNode;
  try {
    root = parser.parse(source);
  } catch (error) {
    if (isTooDeep(error)) {
      return [{ file, line: 1, message: TOO_DEEP }];
    }
    const { message, lineno, colno } = error as ParseError;
    const line = typeof lineno === "number" && lineno > 0 ? lineno : lastTagLine(source);
    return [{ file, line, ...(typeof colno === "number" && colno > 0 ? { column: colno } : {}), message: `not a valid template: ${templateMessage(message)}` }];
  }
  placeData(root, source);
  return { file, text: source, root };
}

const RESERVED = "the characters U+F8F0 and U+F8F1 are reserved; remove them";

/** A file's text without byte order mark, lines ended by LF. */
export function plainText(text: string): string {
  return text.replace(/^\ufeff/, "").replace(/\r\n/g, "\n");
}

const TOO_DEEP = "expressions or blocks of this template are nested too deeply to be read; put parts of them into variables with {% set %}";

/** The stack was not enough. Not by `instanceof`: such errors may come from outside a test's realm. */
function isTooDeep(error: unknown): boolean {
  return typeof error === "object" && error !== null && "name" in error && error.name === "RangeError";
}

function templateMessage(message: string): string {
  const first = message.split("\n").map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("(unknown path)"));
  const text = (first[0] ?? message).replace(/^(?:Template render error: |Error: )/, "").replace(/^(?:parse[A-Z]\w*|advanceAfterBlockEnd): /, "");
  return /unexpected end of file|got end of file|got EOF/i.test(text) ? `${text}; is an end tag ({% endif %}, {% endfor %}, …) or a closing '}}' missing?` : text;
}

/** Nunjucks silently prints nothing for a raw block that is not closed, and does not know `-` in its tags. */
function rawProblem(source: string): { readonly line: number; readonly message: string } | undefined {
  let open: number | undefined;
  const tags = /\{#[\s\S]*?#\}|\{%(-?)\s*(raw|verbatim|endraw|endverbatim)\s*(-?)%\}/g;
  for (const match of source.matchAll(tags)) {
    const [, before, tag, after] = match;
    if (tag === undefined) {
      continue;
    }
    const opening = !tag.startsWith("end");
    const inside = open !== undefined;
    if (before === "-" && !opening || after === "-") {
      return { line: lineAt(source, match.index), message: `'-' cannot be used here; write {% ${tag} %}` };
    }
    if (opening && !inside) {
      open = match.index;
    } else if (!opening) {
      open = undefined;
    }
  }
  return open === undefined ? undefined : { line: lineAt(source, open), message: "this {% raw %} is not closed; add {% endraw %}" };
}

function lineAt(source: string, offset: number): number {
  return source.slice(0, offset).split("\n").length;
}

function lastTagLine(source: string): number {
  return lineAt(source, Math.max(0, source.lastIndexOf("{%"), source.lastIndexOf("{{"), source.lastIndexOf("{#")));
}

function lineOffsets(source: string): number[] {
  const offsets = [0];
  for (let index = source.indexOf("\n"); index >= 0; index = source.indexOf("\n", index + 1)) {
    offsets.push(index + 1);
  }
  return offsets;
}

/** Moves every piece of template text to where its first character stands, which nunjucks does not tell of all, and tells its offset. */
function placeData(root: TemplateNode, source: string): void {
  const offsets = lineOffsets(source);
  const tags = tagsOf(source);
  const starts = new Map(tags.map((tag, index) => [tag.start, index]));
  const ends = new Map(tags.map((tag, index) => [tag.end - "%}".length, index]));
  const place = (node: unknown): void => {
    if (Array.isArray(node)) {
      node.forEach(place);
    } else if (typeof node === "object" && node !== null) {
      const at = node as { typename?: string; value?: unknown; lineno: number; colno: number; offset?: number };
      if (at.typename !== "TemplateData") {
        Object.values(node).forEach(place);
      } else if (typeof at.value === "string" && at.value !== "") {
        const given = (offsets[at.lineno] ?? 0) + at.colno;
        // Of a raw block nunjucks gives the end of its tag; of other texts the place before the whitespace that a `-%}` took away.
        const index = starts.get(given) ?? (ends.get(given) ?? tags.length) + 1;
        const start = source.indexOf(at.value, tags[index]?.start);
        if (tags[index]?.kind === "data" && start >= 0) {
          at.offset = start;
          at.lineno = lineAt(source, start) - 1;
          at.colno = start - (offsets[at.lineno] ?? 0);
        }
      }
    }
  };
  place(root);
}
