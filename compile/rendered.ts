/** A rendered text that knows which template and line each of its characters came from. */

/** 1-based place in a template. */
export interface TemplatePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

interface Segment extends TemplatePosition {
  /** 0-based column in the rendered line where this segment begins. */
  readonly start: number;
  /** The segment is text of the template: columns run along. */
  readonly verbatim: boolean;
  readonly blank: boolean;
}

export class RenderedText {
  readonly #parts: string[] = [];
  readonly #lines: Segment[][] = [[]];
  #column = 0;
  #length = 0;

  /** Characters so far. */
  get length(): number {
    return this.#length;
  }

  get text(): string {
    return this.#parts.join("");
  }

  /** Appends text of the template itself, which begins at that place. */
  data(text: string, file: string, line: number, column: number): void {
    let at = { line, column };
    for (const [index, part] of text.split("\n").entries()) {
      if (index > 0) {
        this.#newLine();
        at = { line: line + index, column: 1 };
      }
      this.#segment(part, { file, ...at }, true);
    }
    this.#push(text);
  }

  /** Appends a value, all of which came from the expression at that place. */
  value(text: string, file: string, line: number, column: number): void {
    for (const [index, part] of text.split("\n").entries()) {
      if (index > 0) {
        this.#newLine();
      }
      this.#segment(part, { file, line, column }, false);
    }
    this.#push(text);
  }

  /** Appends another rendered text (a macro's, an included template's) with its own places. */
  append(other: RenderedText): void {
    for (const [index, segments] of other.#lines.entries()) {
      if (index > 0) {
        this.#newLine();
      }
      const offset = this.#column;
      for (const segment of segments) {
        this.#lines.at(-1)?.push({ ...segment, start: offset + segment.start });
      }
      this.#column += other.#widths[index] ?? other.#column;
    }
    this.#push(other.text);
  }

  /** Where in the templates a place of the rendered text came from; undefined for an empty text. */
  origin(line: number, column: number): TemplatePosition | undefined {
    for (let index = Math.min(line, this.#lines.length) - 1; index >= 0; index -= 1) {
      const segments = this.#lines[index] ?? [];
      const exact = index === line - 1;
      const before = exact ? segments.filter((segment) => segment.start <= column - 1) : segments;
      const found = before.at(-1) ?? segments[0];
      if (found !== undefined) {
        // A tag's line of its own leaves blanks at the beginning of the rendered line: what follows is what is meant.
        const meant = found.blank ? (segments.find((segment) => segment.start >= found.start && !segment.blank) ?? found) : found;
        const along = meant.verbatim && exact ? Math.max(0, column - 1 - meant.start) : 0;
        return { file: meant.file, line: meant.line, column: meant.column + along };
      }
    }
    return undefined;
  }

  readonly #widths: number[] = [];

  #newLine(): void {
    this.#widths.push(this.#column);
    this.#lines.push([]);
    this.#column = 0;
  }

  #segment(text: string, at: TemplatePosition, verbatim: boolean): void {
    if (text !== "") {
      this.#lines.at(-1)?.push({ ...at, start: this.#column, verbatim, blank: text.trim() === "" });
      this.#column += text.length;
    }
  }

  #push(text: string): void {
    this.#parts.push(text);
    this.#length += text.length;
  }
}
