/** Templates (`.j2`, nunjucks) to text. Variables only: no process, no clock, no random numbers, no file outside `assets/`. */
import { realpathSync } from "node:fs";
import { posix, join, relative, sep } from "node:path";
import nunjucks from "nunjucks";
import type { Problem } from "../provider/errors";
import { hasCode } from "./has-code";
import { TemplateMistake } from "./builtins";
import { Evaluator } from "./evaluate";
import { hasPlaceholder } from "../provider/placeholders";
import type { RenderedText } from "./rendered";
import type { TemplateNode, TemplateSource } from "./template-node";
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
}

/** Renders the templates of one repository with the variables of one environment. */
export class Renderer {
  readonly #parsed = new Map<string, TemplateSource | readonly Problem[]>();
  readonly #filters = new nunjucks.Environment(null, { autoescape: false });

  constructor(private readonly options: RendererOptions) {}

  /** The rendered text of a template, or what is wrong with it. `file`: path from the root; `text`: its contents. */
  render(file: string, text: string): { readonly rendered?: RenderedText; readonly problems: readonly Problem[] } {
    const problems: Problem[] = [];
    const source = this.#parse(file, text);
    if (!("root" in source)) {
      return { problems: source };
    }
    const evaluator = new Evaluator({
      variables: this.options.variables,
      undefinedReason: (name) => this.options.undefinedReason(name),
      load: (name, from) => this.#load(name, from, problems),
      filter: (name) => this.#filter(name),
      problem: (problem) => problems.push(problem),
    });
    let rendered: RenderedText;
    try {
      rendered = evaluator.render(source);
    } catch (error) {
      if (isTooDeep(error)) {
        return { problems: [{ file, line: 1, message: TOO_DEEP }] };
      }
      if (!(error instanceof TemplateMistake)) {
        throw error;
      }
      return { problems: [{ file, line: 1, message: error.message }] };
    }
    return problems.length > 0 ? { problems } : { rendered, problems };
  }

  #filter(name: string): ((...args: readonly unknown[]) => unknown) | undefined {
    const refused = Object.hasOwn(REFUSED_FILTERS, name) ? REFUSED_FILTERS[name] : undefined;
    if (refused !== undefined) {
      throw new TemplateMistake(`the filter '${name}' is not allowed: ${refused}`);
    }
    const { filters } = this.#filters as unknown as { readonly filters: Readonly<Record<string, (...args: readonly unknown[]) => unknown>> };
    const filter = Object.hasOwn(filters, name) ? filters[name] : undefined;
    return filter === undefined ? undefined : (...args) => filter.call({ env: this.#filters }, ...args);
  }

  #parse(file: string, text: string): TemplateSource | readonly Problem[] {
    const known = this.#parsed.get(file);
    if (known !== undefined) {
      return known;
    }
    const parsed = parseTemplate(file, text);
    this.#parsed.set(file, parsed);
    return parsed;
  }

  #load(name: string, from: string, problems: Problem[]): TemplateSource | undefined {
    const base = name.startsWith("./") || name.startsWith("../") ? posix.dirname(from) : "assets";
    const file = posix.normalize(posix.join(base, name));
    if (posix.isAbsolute(name) || name.includes("\\") || !file.startsWith("assets/")) {
      throw new TemplateMistake(`'${name}' is outside assets/; templates may include only files of assets/`);
    }
    const known = this.#parsed.get(file);
    if (known !== undefined && "root" in known) {
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
    const source = this.#parse(file, text);
    if ("root" in source) {
      return source;
    }
    problems.push(...source);
    throw new TemplateMistake(`cannot use '${name}': it has errors of its own`);
  }
}

/** `TokenLine` of nunjucks' errors: 1-based where its parser throws, absent where its lexer does. */
interface ParseError {
  readonly message: string;
  readonly lineno?: number;
  readonly colno?: number;
}

function parseTemplate(file: string, text: string): TemplateSource | readonly Problem[] {
  const source = text.replace(/^\ufeff/, "").replace(/\r\n/g, "\n");
  if (hasPlaceholder(source)) {
    return [{ file, message: "the characters U+F8F0 and U+F8F1 are reserved; remove them" }];
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
  const offsets = lineOffsets(source);
  placeData(root, source, offsets);
  return { file, text: source, root };
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

/**
 * Moves every piece of template text to where its first character stands: nunjucks gives the place before the whitespace that
 * a `-%}` took away, and for raw blocks the place of the tag's end.
 */
function placeData(node: unknown, source: string, offsets: readonly number[]): void {
  if (typeof node !== "object" || node === null) {
    return;
  }
  if (Array.isArray(node)) {
    for (const item of node) {
      placeData(item, source, offsets);
    }
    return;
  }
  const at = node as { typename?: string; value?: unknown; lineno: number; colno: number };
  if (at.typename === "TemplateData" && typeof at.value === "string" && at.value !== "") {
    const start = source.indexOf(at.value, (offsets[at.lineno] ?? 0) + at.colno);
    if (start >= 0) {
      at.lineno = lineAt(source, start) - 1;
      at.colno = start - (offsets[at.lineno] ?? 0);
    }
    return;
  }
  for (const field of Object.values(node)) {
    placeData(field, source, offsets);
  }
}
