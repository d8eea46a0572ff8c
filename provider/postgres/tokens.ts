/**
 * A small SQL scanner: enough to tell comments, quoted text and semicolons apart, without loading the WebAssembly parser. It never
 * fails: what is not closed runs to the end of the text, and PostgreSQL's own parser says so later.
 */
import { createHash } from "node:crypto";

/** One lexical piece of an SQL text. `space` covers white space and comments. */
interface SqlToken {
  readonly kind: "space" | "word" | "quoted" | "symbol";
  /** UTF-16 offset in the text. */
  readonly start: number;
  readonly end: number;
}

const SPACE = /\s+/y;
const LINE_COMMENT = /--[^\n]*/y;
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\d[\w.]*/y;
const ESCAPE_STRING = /[eE]'[^'\\]*(?:(?:\\[^]|'')[^'\\]*)*(?:'|$)/y;
const STRING = /'[^']*(?:''[^']*)*(?:'|$)/y;
const QUOTED_NAME = /"[^"]*(?:""[^"]*)*(?:"|$)/y;
const DOLLAR = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;

function matchEnd(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

/** End of the block comment that begins at `at`; PostgreSQL's block comments nest. */
function blockCommentEnd(text: string, at: number): number {
  let depth = 1;
  let position = at + 2;
  while (position < text.length && depth > 0) {
    if (text.startsWith("/*", position)) {
      depth += 1;
      position += 2;
    } else if (text.startsWith("*/", position)) {
      depth -= 1;
      position += 2;
    } else {
      position += 1;
    }
  }
  return position;
}

function tokenAt(text: string, at: number): SqlToken {
  const token = (kind: SqlToken["kind"], end: number): SqlToken => ({ kind, start: at, end });
  const space = matchEnd(SPACE, text, at) ?? matchEnd(LINE_COMMENT, text, at);
  if (space !== undefined) {
    return token("space", space);
  }
  if (text.startsWith("/*", at)) {
    return token("space", blockCommentEnd(text, at));
  }
  const quoted = matchEnd(ESCAPE_STRING, text, at) ?? matchEnd(STRING, text, at) ?? matchEnd(QUOTED_NAME, text, at);
  if (quoted !== undefined) {
    return token("quoted", quoted);
  }
  const word = matchEnd(WORD, text, at);
  if (word !== undefined) {
    return token("word", word);
  }
  const dollar = matchEnd(DOLLAR, text, at);
  if (dollar !== undefined) {
    const close = text.indexOf(text.slice(at, dollar), dollar);
    return token("quoted", close < 0 ? text.length : close + (dollar - at));
  }
  return token("symbol", at + 1);
}

/** The tokens of an SQL text, in order and without gaps. */
export function* tokens(text: string): Generator<SqlToken, void, undefined> {
  for (let at = 0; at < text.length; ) {
    const next = tokenAt(text, at);
    yield next;
    at = next.end;
  }
}

/**
 * Checksum of what an SQL text does: hex SHA-256 over the text with every run of white space and comments outside quotes as one space.
 * So neither line ends (Git's autocrlf) nor a corrected comment make an applied migration look edited. Persisted: FORMATS.
 */
export function sqlChecksum(text: string): string {
  const pieces: string[] = [];
  for (const { kind, start, end } of tokens(text)) {
    if (kind !== "space") {
      pieces.push(text.slice(start, end));
    } else if (pieces.length > 0 && pieces.at(-1) !== " ") {
      pieces.push(" ");
    }
  }
  return createHash("sha256").update(pieces.join("").trimEnd()).digest("hex");
}

/** Range of one statement in its text (UTF-16 offsets), without the semicolon, leading comments and surrounding space. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** The statements of a text by its top-level semicolons. A body in `BEGIN ATOMIC … END` is cut too: use the real parser where it matters. */
export function splitBySemicolon(text: string): Range[] {
  const ranges: Range[] = [];
  let start: number | undefined;
  let end = 0;
  for (const token of tokens(text)) {
    if (token.kind === "symbol" && text[token.start] === ";") {
      if (start !== undefined) {
        ranges.push({ start, end });
      }
      start = undefined;
    } else if (token.kind !== "space") {
      start ??= token.start;
      end = token.end;
    }
  }
  if (start !== undefined) {
    ranges.push({ start, end });
  }
  return ranges;
}

/** 1-based line and column (in characters) of an offset. */
export function positionOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  let line = 1;
  for (let at = before.indexOf("\n"); at >= 0; at = before.indexOf("\n", at + 1)) {
    line += 1;
  }
  return { line, column: [...before.slice(lineStart)].length + 1 };
}

/** UTF-16 offset of the `count`-th code point: PostgreSQL counts characters, JavaScript counts half of them twice. */
export function offsetOfCharacter(text: string, count: number): number {
  let offset = 0;
  for (let left = count; left > 0 && offset < text.length; left -= 1) {
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  }
  return offset;
}

/** All lower-cased words of an SQL text outside comments, those inside quotes and function bodies included. */
export function wordsOf(text: string): Set<string> {
  const words = new Set<string>();
  for (const { kind, start, end } of tokens(text)) {
    if (kind === "word" || kind === "quoted") {
      for (const [word] of text.slice(start, end).toLowerCase().matchAll(/[\w\u0080-\uffff]+/g)) {
        words.add(word);
      }
    }
  }
  return words;
}
