/** A rendered text that knows which template and line each of its characters came from. */
import type { Scope, TemplateNode, TemplateSource } from "./template-node";

/** 1-based place in a template. */
interface TemplatePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A tag while it is evaluated, and what it is evaluated in: how a piece of text came about. */
export interface Trace {
  readonly node: TemplateNode;
  readonly source: TemplateSource;
  /** The names an expression was evaluated with. */
  readonly scope: Scope;
  readonly above: Trace | undefined;
  /** Of a loop: which round, from 0. */
  readonly round?: number;
}

/** A piece of the text: a template's own, whose lines run along, or a value, all of which came from one expression. */
export interface Piece extends TemplatePosition {
  readonly text: string;
  readonly verbatim: boolean;
  /** Where it stands in its template's text; undefined for a value, and for text that went through a variable. */
  readonly offset?: number;
  /** That text; undefined where `offset` is. */
  readonly template?: string;
  /** What gave it; undefined for text that is in no tag's block. */
  readonly trace?: Trace;
}

/** The part of a piece that is in one rendered line. */
interface Segment extends TemplatePosition {
  /** 0-based column where it begins. */
  readonly start: number;
  readonly verbatim: boolean;
  readonly blank: boolean;
}

/** Grows from its start to its end, piece by piece. */
export class RenderedText {
  readonly #pieces: Piece[] = [];
  #length = 0;

  /** A text that is no template: all of it stands in that file as it is. */
  static verbatim(text: string, file: string): RenderedText {
    const rendered = new RenderedText();
    rendered.#push({ text, file, line: 1, column: 1, verbatim: true, offset: 0, template: text });
    return rendered;
  }

  /** Characters so far. */
  get length(): number {
    return this.#length;
  }

  get text(): string {
    return this.#pieces.map((piece) => piece.text).join("");
  }

  /** In order, none of them empty. */
  get pieces(): readonly Piece[] {
    return this.#pieces;
  }

  /** Appends text of a template itself, which begins at that place. `template`: all of its text. */
  data(text: string, at: TemplatePosition, offset: number | undefined, template: string, trace: Trace | undefined): void {
    this.#push({ text, ...at, verbatim: true, ...(offset === undefined ? {} : { offset, template }), ...(trace === undefined ? {} : { trace }) });
  }

  /** Appends a value, all of which came from the expression at that place. */
  value(text: string, at: TemplatePosition, trace: Trace | undefined): void {
    this.#push({ text, ...at, verbatim: false, ...(trace === undefined ? {} : { trace }) });
  }

  /** Appends another rendered text (a macro's) with its own places. `trace`: the expression that gives it. */
  append(other: RenderedText, trace: Trace): void {
    for (const piece of other.#pieces) {
      const { offset: _, template: __, ...rest } = piece;
      this.#push(isWithin(piece.trace, trace) ? piece : { ...rest, trace });
    }
  }

  #push(piece: Piece): void {
    if (piece.text !== "") {
      this.#pieces.push(piece);
      this.#length += piece.text.length;
    }
  }

  /** Where in the templates a place of the rendered text came from; undefined for an empty text. */
  origin(line: number, column: number): TemplatePosition | undefined {
    const lines = this.#lines();
    for (let index = Math.min(line, lines.length) - 1; index >= 0; index -= 1) {
      const segments = lines[index] ?? [];
      const exact = index === line - 1;
      const found = (exact ? segments.filter((segment) => segment.start <= column - 1) : segments).at(-1) ?? segments[0];
      if (found !== undefined) {
        // A tag on a line of its own leaves blanks before what follows on the rendered line: that is what is meant.
        const meant = found.blank ? (segments.find((segment) => segment.start >= found.start && !segment.blank) ?? found) : found;
        const along = meant.verbatim && exact ? Math.max(0, column - 1 - meant.start) : 0;
        return { file: meant.file, line: meant.line, column: meant.column + along };
      }
    }
    return undefined;
  }

  /** Only asked for when there is something to report. */
  #lines(): Segment[][] {
    const lines: Segment[][] = [[]];
    let start = 0;
    for (const { text, file, line, column, verbatim } of this.#pieces) {
      text.split("\n").forEach((part, index) => {
        if (index > 0) {
          lines.push([]);
          start = 0;
        }
        if (part !== "") {
          const at = verbatim && index > 0 ? { line: line + index, column: 1 } : { line, column };
          lines.at(-1)?.push({ file, ...at, start, verbatim, blank: part.trim() === "" });
          start += part.length;
        }
      });
    }
    return lines;
  }
}

function isWithin(trace: Trace | undefined, outer: Trace): boolean {
  for (let at = trace; at !== undefined; at = at.above) {
    if (at === outer) {
      return true;
    }
  }
  return false;
}
