/**
 * Where the tags of a template are, and which text is between them: what nunjucks' parser does not tell. Its rules are followed to the
 * letter (src/lexer.js, src/parser.js: parseRaw), also where Jinja's differ.
 */

/** A tag, or a piece of text between tags. Offsets are in the template's text. */
export interface Tag {
  readonly kind: "data" | "output" | "block" | "comment";
  readonly start: number;
  readonly end: number;
  /** Of a block tag: its first word (`if`, `endfor`). */
  readonly name?: string;
  /** Data that stands between `{% raw %}` and `{% endraw %}`. */
  readonly raw?: true;
  /** The innermost block it is in; a block's own tags are in it, not in the one around it. */
  readonly block?: Block;
}

/** A block with its tags, from `{% for %}` to `{% endfor %}`. */
export interface Block {
  readonly name: string;
  readonly start: number;
  /** Of the whole block; of its first tag while it is not closed. */
  end: number;
  readonly above: Block | undefined;
  /** Its own tags: the first, `else` and its like, the last. */
  readonly tags: Tag[];
}

/** Blocks by the tag that ends them. `set` is one only without `=`. */
const BLOCKS = new Set(["if", "for", "macro", "call", "filter", "raw", "verbatim", "set"]);
const MIDDLE = new Set(["else", "elif", "elseif"]);

/** All tags and texts of a template that nunjucks can parse, in order, without gaps. */
export function tagsOf(source: string): readonly Tag[] {
  const tags: Tag[] = [];
  let block: Block | undefined;
  let at = 0;
  const data = (end: number, raw?: true): void => {
    if (end > at) {
      tags.push({ kind: "data", start: at, end, ...(raw === undefined ? {} : { raw }), ...(block === undefined ? {} : { block }) });
    }
    at = end;
  };
  while (at < source.length) {
    const next = nextTag(source, at);
    data(next.start);
    if (next.kind !== "block") {
      if (next.end > next.start) {
        tags.push({ kind: next.kind, start: next.start, end: next.end, ...(block === undefined ? {} : { block }) });
      }
      at = next.end;
      continue;
    }
    const text = source.slice(next.start, next.end);
    const name = /^\{%-?\s*(\w+)/.exec(text)?.[1] ?? "";
    if (BLOCKS.has(name) && !(name === "set" && hasAssignment(text))) {
      block = { name, start: next.start, end: next.end, above: block, tags: [] };
    }
    const tag: Tag = { kind: "block", start: next.start, end: next.end, name, ...(block === undefined ? {} : { block }) };
    tags.push(tag);
    at = next.end;
    if (block !== undefined && (block.start === tag.start || name === `end${block.name}` || MIDDLE.has(name))) {
      block.tags.push(tag);
    }
    if (name === "raw" || name === "verbatim") {
      data(endOfRaw(source, at, name), true);
    } else if (block !== undefined && name === `end${block.name}`) {
      block.end = next.end;
      block = block.above;
    }
  }
  return tags;
}

function nextTag(source: string, from: number): { readonly kind: Tag["kind"]; readonly start: number; readonly end: number } {
  const opening = /\{[%{#]/g;
  opening.lastIndex = from;
  const found = opening.exec(source);
  if (found === null) {
    return { kind: "data", start: source.length, end: source.length };
  }
  const start = found.index;
  if (found[0] === "{#") {
    const end = source.indexOf("#}", start + 2);
    return { kind: "comment", start, end: end < 0 ? source.length : end + 2 };
  }
  return { kind: found[0] === "{%" ? "block" : "output", start, end: endOfCode(source, start + 2) };
}

/** Texts and regular expressions in a tag may hold what would end it. */
function endOfCode(source: string, from: number): number {
  const part = /"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*'|(?<![\w.])r\/(?:\\\/|[^/])*\/|[%}]\}/g;
  part.lastIndex = from;
  for (let found = part.exec(source); found !== null; found = part.exec(source)) {
    if (found[0] === "%}" || found[0] === "}}") {
      return part.lastIndex;
    }
  }
  return source.length;
}

function hasAssignment(tag: string): boolean {
  return /^\{%-?\s*set\b[\w\s,]*=/.test(tag);
}

/** Offset of the tag that ends a raw block; raw blocks may stand in each other. */
function endOfRaw(source: string, from: number, name: string): number {
  const tag = new RegExp(`\\{%\\s*(${name}|end${name})\\s*%\\}`, "g");
  tag.lastIndex = from;
  let level = 1;
  for (let found = tag.exec(source); found !== null; found = tag.exec(source)) {
    level += found[1] === name ? 1 : -1;
    if (level === 0) {
      return found.index;
    }
  }
  return source.length;
}
