/**
 * From places of a rendered text back to the templates: what has to be written where, so that the text changes there. A template may render a
 * place more than once (loops, macros, includes), so most questions have several answers; which of them is right, only compiling tells.
 */
import { child, kids } from "../template-node";
import type { Piece, RenderedText, Trace } from "../rendered";
import { type Block, type Tag, tagsOf } from "../template-tags";
import { marked, needsProtection } from "./marks";
import { isGlobal, itemRanges, literalRange, literalText, offsetOf, originsOf } from "./origin";

/** Replaces what stands in a file from `start` to `end`. Offsets are in its text without byte order mark, lines ended by LF. */
export interface Edit {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  /** Marked (`marks.ts`): what is not template source renders as itself. */
  readonly text: string;
}

/** A tag in whose place an edit puts a text. */
export interface Lost {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** Its text. */
  readonly source: string;
  /** `block`: with all that is in it. */
  readonly kind: "expression" | "block";
}

/** One way to change the rendered text. */
export interface Placement {
  readonly edits: readonly Edit[];
  readonly lost: readonly Lost[];
}

/** Replaces what stands in the rendered text from `start` to `end`. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Something around a piece of rendered text: what stands from `start` to `end` in a file. */
interface Frame {
  readonly kind: "loop" | "round" | "if" | "output" | "include" | "raw";
  readonly file: string;
  readonly start: number;
  readonly end: number;
  /** Number of tags of its own. */
  readonly tags: number;
  readonly trace: Trace | undefined;
}

/** A piece of rendered text that came from one place. */
interface Leaf {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly file: string;
  readonly line: number;
  /** From the outermost inwards. */
  readonly frames: readonly Frame[];
  /** Where its text stands in the file; undefined for a value. */
  readonly offset: number | undefined;
  /** The tag that gave a value. */
  readonly atom: Frame | undefined;
}

/** The way back for one rendered template. */
export class SourceMap {
  readonly #leaves: readonly Leaf[];
  readonly #sources = new Map<string, { readonly text: string; readonly tags: readonly Tag[] }>();
  readonly #frames = new Map<unknown, Map<string, Frame>>();

  /** @param variables with which it was rendered */
  constructor(readonly rendered: RenderedText, private readonly variables: Readonly<Record<string, unknown>>) {
    const leaves: Leaf[] = [];
    let start = 0;
    for (const piece of rendered.pieces) {
      const leaf = this.#leaf(piece, start);
      const last = leaves.at(-1);
      if (last?.atom !== undefined && last.atom === leaf.atom) {
        leaves[leaves.length - 1] = { ...last, end: leaf.end, text: last.text + leaf.text };
      } else {
        leaves.push(leaf);
      }
      start = leaf.end;
    }
    this.#leaves = leaves;
  }

  /** The rendered text from `start` to `end` in the parts it is made of; `fixed` are those that expressions gave. */
  parts(start: number, end: number): readonly { readonly text: string; readonly fixed: boolean }[] {
    return this.#overlapped(start, end).map((leaf) => ({ text: leaf.text.slice(Math.max(0, start - leaf.start), end - leaf.start), fixed: leaf.atom !== undefined }));
  }

  /** Offsets between `start` and `end` at which something of the template stands that gave no text. */
  seams(start: number, end: number): readonly number[] {
    return this.#leaves.flatMap((leaf) => (leaf.start > start && leaf.start < end ? [leaf.start] : []));
  }

  /** The text from `start` to `end` as it would be written once, at any place of the template: variables as variables, all else as text. */
  written(start: number, end: number): string {
    return this.#overlapped(start, end).map((leaf) => {
      const whole = leaf.start >= start && leaf.end <= end;
      return (whole ? this.#closed(leaf) : undefined) ?? leaf.text.slice(Math.max(0, start - leaf.start), end - leaf.start);
    }).join("");
  }

  /** Ways to replace a part of the text where it stands, from the smallest. None where it begins or ends inside of what one tag gave. */
  replacements(splice: Splice): readonly Placement[] {
    const { start, end, text } = this.#widened(splice);
    const leaves = this.#overlapped(start, end);
    const [first, last] = [leaves[0], leaves.at(-1)];
    if (first === undefined || last === undefined) {
      return [];
    }
    const placements: Placement[] = [];
    for (let depth = sharedDepth(leaves); depth >= 0; depth -= 1) {
      const [from, to] = [this.#edge(first, depth, start, "start"), this.#edge(last, depth, end, "end")];
      if (from !== undefined && to !== undefined && from.file === to.file) {
        placements.push({ edits: [{ file: from.file, start: from.offset, end: to.offset, text }], lost: text === "" ? [] : this.#lostBetween(from.file, from.offset, to.offset, leaves) });
      }
      // Only what is covered as a whole may be taken with the tags around it.
      const around = first.frames[depth - 1];
      if (around === undefined || !this.#covers(start, end, around)) {
        break;
      }
    }
    return placements;
  }

  /** Replaces a part of the text piece by piece, leaving all tags that gave nothing of it. */
  piecewise(splice: Splice): Placement | undefined {
    const { start, end, text } = this.#widened(splice);
    const leaves = this.#overlapped(start, end);
    const edits = leaves.map((leaf, index): Edit => {
      const [from, to] = [Math.max(start, leaf.start), Math.min(end, leaf.end)];
      const own = leaf.atom ?? { file: leaf.file, start: (leaf.offset ?? 0) + from - leaf.start, end: (leaf.offset ?? 0) + to - leaf.start };
      return { file: own.file, start: own.start, end: own.end, text: index === 0 ? text : "" };
    });
    return leaves.length === 0 ? undefined : { edits, lost: text === "" ? [] : leaves.flatMap((leaf) => (leaf.atom === undefined ? [] : [this.#lost(leaf.atom)])) };
  }

  /** Ways to put something between two characters, those first that stand in the fewest blocks. @param owner offset of the key or item that it becomes a part of; -1: the document */
  insertions(at: number, text: string, owner = at - 1): readonly Placement[] {
    return this.#inserted([at], text, owner);
  }

  /**
   * Ways to put lines after the line that ends at an offset. What follows it and says nothing (blank lines, comment signs that tags stand
   * behind) may stay before them. @param text begins with a line end
   */
  lines(at: number, text: string, owner: number): readonly Placement[] {
    const rendered = this.rendered.text;
    const borders = this.#leaves.map((leaf) => leaf.end).filter((end) => end > at && /^[\s#]*$/.test(rendered.slice(at, end)) && (rendered[end] === "\n" || end === rendered.length));
    return this.#inserted([at, ...borders], text, owner);
  }

  #inserted(offsets: readonly number[], text: string, owner: number): readonly Placement[] {
    const leafAt = (offset: number): Leaf | undefined => this.#leaves.find((leaf) => leaf.start <= offset && leaf.end > offset);
    const [first = 0] = offsets;
    const whose = leafAt(owner);
    const base = whose === undefined ? 0 : sharedDepth([whose, leafAt(first - 1) ?? whose]);
    const raw = needsProtection(text);
    return offsets
      .flatMap((at) => this.#leaves.flatMap((leaf) => [
        ...(leaf.start < at && leaf.end >= at ? this.#edges(leaf, at, "end") : []),
        ...(leaf.start === at ? this.#edges(leaf, at, "start") : []),
      ]))
      // In the block of what it becomes a part of, else in as few others as may be; outside of that block it would be a part of something else.
      .filter(({ depth }) => depth >= base)
      .map((place) => ({ ...place, rank: (place.depth - base) * 4 - (raw && this.isRaw(place.file, place.offset) ? 1 : 0) }))
      .sort((left, right) => left.rank - right.rank)
      .map(({ file, offset }): Placement => ({ edits: [{ file, start: offset, end: offset, text }], lost: [] }))
      .filter((placement, index, all) => all.findIndex((other) => sameEdits(other, placement)) === index);
  }

  /**
   * Ways to take out a part of the text: with the blocks that are left empty by it, as an item of the list a loop goes through, where it stands,
   * piece by piece.
   */
  cuts(start: number, end: number): readonly Placement[] {
    const leaves = this.#overlapped(start, end);
    const depth = sharedDepth(leaves);
    const rendered = this.rendered.text;
    const emptied = (leaves[0]?.frames.slice(0, depth) ?? []).filter((frame) => {
      const extent = this.#extent(frame);
      return frame.kind === "if" && frame.tags === 2 && /^[\s#]*$/.test(rendered.slice(extent.start, Math.max(extent.start, start)) + rendered.slice(Math.min(end, extent.end), extent.end));
    });
    const piecewise = this.piecewise({ start, end, text: "" });
    const placements = [
      ...emptied.map((frame): Placement => ({ edits: [{ file: frame.file, ...this.#wholeLines(frame), text: "" }], lost: [] })),
      ...this.listItems(start, end),
      ...[...this.replacements({ start, end, text: "" })].reverse(),
      ...(piecewise === undefined ? [] : [piecewise]),
    ];
    return placements.filter((placement, index, all) => all.findIndex((other) => sameEdits(other, placement)) === index);
  }

  /** Changes the literal that an expression's value is a copy of: an argument of a macro, an item of the list that a loop goes through. */
  literals(splice: Splice): readonly Placement[] {
    const { start, end, text } = this.#widened(splice);
    const [leaf, ...others] = this.#overlapped(start, end);
    const trace = leaf?.atom?.trace;
    if (leaf === undefined || others.length > 0 || trace === undefined || end > leaf.end || start < leaf.start) {
      return [];
    }
    const expression = kids(trace.node)[0];
    const origins = expression === undefined ? [] : originsOf(expression, trace.scope, trace.source, this.variables);
    return origins.flatMap((origin) => {
      if (origin.kind !== "literal" || String(origin.node.value) !== leaf.text) {
        return [];
      }
      const range = literalRange(origin.node, origin.source.text);
      const old = range && origin.source.text.slice(range.start, range.end);
      return range === undefined || old === undefined ? [] : [{ edits: [{ file: origin.source.file, ...range, text: marked(literalText(old, text)) }], lost: [] }];
    });
  }

  /** Takes the item that gave a part of the text out of the list literal that a loop goes through. */
  listItems(start: number, end: number): readonly Placement[] {
    const leaves = this.#overlapped(start, end);
    const depth = sharedDepth(leaves);
    const round = leaves[0]?.frames.slice(0, depth).filter((frame) => frame.kind === "round").at(-1);
    const trace = round?.trace;
    if (round === undefined || trace?.round === undefined) {
      return [];
    }
    const rest = this.#leaves.filter((leaf) => leaf.frames.includes(round)).map((leaf) => leaf.text.slice(0, Math.max(0, start - leaf.start)) + leaf.text.slice(Math.max(0, end - leaf.start)));
    if (!/^[\s#,]*$/.test(rest.join(""))) {
      return [];
    }
    const { round: index } = trace;
    return originsOf(child(trace.node, "arr"), trace.scope, trace.source, this.variables).flatMap((origin) => {
      if (origin.kind !== "list") {
        return [];
      }
      const items = itemRanges(origin.node, origin.source.text);
      const item = items[index];
      const [next, previous] = [items[index + 1], items[index - 1]];
      if (item === undefined || items.length !== kids(origin.node).length) {
        return [];
      }
      const range = next !== undefined ? { start: item.start, end: next.start } : { start: previous?.end ?? item.start, end: item.end };
      return [{ edits: [{ file: origin.source.file, ...range, text: marked("") }], lost: [] }];
    });
  }

  /**
   * Writes out what a loop, macro or include gives at a place, with splices applied: the outermost one, which the template renders once.
   * None where nothing of the kind is around it.
   */
  unrolled(splices: readonly Splice[]): readonly Placement[] {
    const [first] = splices;
    const leaf = first && (this.#overlapped(first.start, Math.max(first.end, first.start + 1))[0] ?? this.#leaves.find((one) => one.end === first.start));
    const frame = leaf?.frames.find(({ kind }) => kind === "loop" || kind === "output" || kind === "include");
    if (frame === undefined) {
      return [];
    }
    const inside = this.#leaves.filter((one) => one.frames.includes(frame));
    const [from, to] = [inside[0]?.start ?? 0, inside.at(-1)?.end ?? 0];
    if (splices.some(({ start, end }) => start < from || end > to)) {
      return [];
    }
    let text = "";
    let at = from;
    for (const splice of [...splices].sort((left, right) => left.start - right.start)) {
      text += this.written(at, splice.start) + splice.text;
      at = splice.end;
    }
    text += this.written(at, to);
    const lost: readonly Lost[] = [{ ...this.#lost(frame), kind: "block" }];
    const range = this.#trimmed(frame);
    return [this.#tidied(frame, range, text), { ...range, text }].map((edit) => ({ edits: [{ file: frame.file, ...edit }], lost }));
  }

  /** What a block is replaced by, without the lines and comment signs that only its tags stood in. */
  #tidied(frame: Frame, range: { readonly start: number; readonly end: number }, text: string): Omit<Edit, "file"> {
    const source = this.#source(frame.file).text;
    const [from, to] = [source.lastIndexOf("\n", range.start - 1) + 1, source.indexOf("\n", range.end)];
    const lines = text.split("\n").filter((line, index, all) => index === 0 || index === all.length - 1 || !/^\s*#?\s*$/.test(line));
    const before = lines.length > 1 && /^\s*$/.test(lines[0] ?? "") && /^[ \t]*#?[ \t]*$/.test(source.slice(from, range.start));
    const after = lines.length > 1 && /^\s*#?\s*$/.test(lines.at(-1) ?? "") && source.slice(range.end, to < 0 ? source.length : to).trim() === "";
    const kept = lines.slice(before ? 1 : 0, after ? -1 : undefined).join("\n");
    return { start: before ? from : range.start, end: range.end, text: kept };
  }

  /** Whether a place is between raw tags. */
  isRaw(file: string, offset: number): boolean {
    return this.#source(file).tags.some((tag) => tag.raw === true && tag.start <= offset && tag.end >= offset);
  }

  /** A template's text as its offsets count. */
  text(file: string): string {
    return this.#source(file).text;
  }

  #source(file: string): { readonly text: string; readonly tags: readonly Tag[] } {
    const found = this.#sources.get(file);
    if (found === undefined) {
      throw new Error(`${file} gave nothing of this text`);
    }
    return found;
  }

  #learn(file: string, text: string, isTemplate: boolean): void {
    if (!this.#sources.has(file)) {
      this.#sources.set(file, { text, tags: isTemplate ? tagsOf(text) : [{ kind: "data", start: 0, end: text.length }] });
    }
  }

  #leaf(piece: Piece, start: number): Leaf {
    const traces: Trace[] = [];
    for (let trace = piece.trace; trace !== undefined; trace = trace.above) {
      traces.unshift(trace);
    }
    traces.forEach(({ source }) => this.#learn(source.file, source.text, true));
    if (piece.template !== undefined) {
      this.#learn(piece.file, piece.template, piece.file.endsWith(".j2"));
    }
    const frames: Frame[] = [];
    for (const trace of traces) {
      for (const frame of this.#framesOf(trace, frames.at(-1))) {
        if (frames.at(-1) !== frame) {
          frames.push(frame);
        }
      }
    }
    const leaf = { start, end: start + piece.text.length, text: piece.text, file: piece.file, line: piece.line };
    if (piece.offset === undefined) {
      return { ...leaf, frames: frames.slice(0, -1), offset: undefined, atom: frames.at(-1) };
    }
    const { offset } = piece;
    const raw = this.#source(piece.file).tags.find((tag) => tag.raw === true && tag.start <= offset && tag.end > offset)?.block;
    return { ...leaf, frames: raw === undefined ? frames : [...frames, this.#blockFrame("raw", piece.file, raw, undefined, frames.at(-1))], offset, atom: undefined };
  }

  #framesOf(trace: Trace, above: Frame | undefined): readonly Frame[] {
    const { file, text } = trace.source;
    const at = offsetOf(trace.node, text);
    const tag = this.#source(file).tags.find(({ start, end }) => start <= at && at < end);
    if (tag === undefined) {
      return [];
    }
    switch (trace.node.typename) {
      case "If":
        // That of an `elif` is the same block.
        return tag.block === undefined ? [] : above?.kind === "if" && above.file === file && above.start === tag.block.start ? [above] : [this.#blockFrame("if", file, tag.block, trace, above)];
      case "For": {
        const loop = tag.block && this.#blockFrame("loop", file, tag.block, trace, above);
        return loop === undefined ? [] : [loop, this.#frame(trace, "round", () => ({ ...loop, kind: "round", trace }))];
      }
      case "Include":
        return [this.#frame(trace, "include", () => ({ kind: "include", file, start: tag.start, end: tag.end, tags: 1, trace }))];
      default:
        return [this.#frame(trace, "output", () => ({ kind: "output", file, start: tag.kind === "block" ? (tag.block?.start ?? tag.start) : tag.start, end: tag.kind === "block" ? (tag.block?.end ?? tag.end) : tag.end, tags: 1, trace }))];
    }
  }

  /** One frame per block and what is around it: the rounds of a loop share it. */
  #blockFrame(kind: Frame["kind"], file: string, block: Block, trace: Trace | undefined, above: Frame | undefined): Frame {
    return this.#frame(above ?? this.#leaf, `${kind} ${file} ${block.start}`, () => ({ kind, file, start: block.start, end: block.end, tags: block.tags.length, trace }));
  }

  #frame(owner: unknown, name: string, make: () => Frame): Frame {
    const known = this.#frames.get(owner) ?? new Map<string, Frame>();
    this.#frames.set(owner, known);
    const frame = known.get(name) ?? make();
    known.set(name, frame);
    return frame;
  }

  #overlapped(start: number, end: number): readonly Leaf[] {
    return this.#leaves.filter((leaf) => leaf.start < end && leaf.end > start);
  }

  /** What an expression gave is replaced as a whole. */
  #widened({ start, end, text }: Splice): Splice {
    const leaves = this.#overlapped(start, end);
    const [first, last] = [leaves[0], leaves.at(-1)];
    const before = first?.atom === undefined ? "" : first.text.slice(0, Math.max(0, start - first.start));
    const after = last?.atom === undefined ? "" : last.text.slice(end - last.start);
    return { start: start - before.length, end: end + after.length, text: before + text + after };
  }

  /** Where in a file a splice's edge is, seen from a frame at that depth; undefined inside of what another frame gave. */
  #edge(leaf: Leaf, depth: number, at: number, side: "start" | "end"): { readonly file: string; readonly offset: number } | undefined {
    const frame = leaf.frames[depth] ?? leaf.atom;
    if (frame === undefined) {
      return { file: leaf.file, offset: (leaf.offset ?? 0) + at - leaf.start };
    }
    const whole = leaf.frames[depth] === undefined ? leaf : this.#extent(frame);
    return frame.kind !== "round" && whole[side] === at ? { file: frame.file, offset: frame[side] } : undefined;
  }

  /** All places in files that are at a leaf's edge, from the outermost. */
  #edges(leaf: Leaf, at: number, side: "start" | "end"): { readonly file: string; readonly offset: number; readonly depth: number }[] {
    return [...leaf.frames.keys(), leaf.frames.length].flatMap((depth) => {
      const edge = this.#edge(leaf, depth, at, side);
      return edge === undefined ? [] : [{ ...edge, depth }];
    });
  }

  #extent(frame: Frame): { readonly start: number; readonly end: number } {
    const inside = this.#leaves.filter((leaf) => leaf.frames.includes(frame) || leaf.atom === frame);
    return { start: inside[0]?.start ?? 0, end: inside.at(-1)?.end ?? 0 };
  }

  /** Whether all that a frame gave, but for blanks and the signs of comments, is between two offsets. */
  #covers(start: number, end: number, frame: Frame): boolean {
    const { start: from, end: to } = this.#extent(frame);
    return start === from && end === to;
  }

  #lostBetween(file: string, start: number, end: number, leaves: readonly Leaf[]): readonly Lost[] {
    const frames = new Set(leaves.flatMap((leaf) => [...leaf.frames, ...(leaf.atom === undefined ? [] : [leaf.atom])]));
    return [...frames].filter((frame) => frame.file === file && frame.kind !== "raw" && frame.kind !== "round" && frame.start >= start && frame.end <= end).map((frame) => this.#lost(frame));
  }

  #lost(frame: Frame): Lost {
    const { text } = this.#source(frame.file);
    const first = this.#source(frame.file).tags.find((tag) => tag.start === frame.start);
    return { file: frame.file, line: text.slice(0, frame.start).split("\n").length, source: text.slice(frame.start, frame.kind === "output" ? frame.end : (first?.end ?? frame.end)), kind: frame.kind === "output" ? "expression" : "block" };
  }

  /** The source of an expression that means the same at every place of the template. */
  #closed(leaf: Leaf): string | undefined {
    const trace = leaf.atom?.trace;
    const expression = trace && kids(trace.node)[0];
    if (leaf.atom === undefined || trace === undefined || expression === undefined) {
      return undefined;
    }
    const source = trace.source.text.slice(leaf.atom.start, leaf.atom.end);
    if (isGlobal(expression, trace.scope)) {
      return source.startsWith("{{") ? marked(source) : undefined;
    }
    const origins = originsOf(expression, trace.scope, trace.source, this.variables);
    const [origin] = origins;
    return origins.length === 1 && origin?.kind === "global" ? marked(`{{ ${origin.text} }}`) : undefined;
  }

  /** A block with its lines, where there is nothing else in them. */
  #wholeLines(frame: Frame): { readonly start: number; readonly end: number } {
    const { text } = this.#source(frame.file);
    const { start, end } = frame;
    const [from, to] = [text.lastIndexOf("\n", start - 1) + 1, text.indexOf("\n", end)];
    const after = text.slice(end, to < 0 ? text.length : to);
    if (!/^[ \t]*#?[ \t]*$/.test(text.slice(from, start)) || after.trim() !== "") {
      return { start, end };
    }
    return to < 0 ? { start: Math.max(0, from - 1), end: text.length } : { start: from, end: to + 1 };
  }

  /** A block with the whitespace that its tags take away. */
  #trimmed(frame: Frame): { readonly start: number; readonly end: number } {
    const { text } = this.#source(frame.file);
    let { start, end } = frame;
    if (text[start + 2] === "-") {
      start -= start - text.slice(0, start).trimEnd().length;
    }
    if (text[end - 3] === "-") {
      end += text.slice(end).length - text.slice(end).trimStart().length;
    }
    return { start, end };
  }
}

function sharedDepth(leaves: readonly Leaf[]): number {
  const [first, ...others] = leaves;
  let depth = 0;
  while (first !== undefined && depth < first.frames.length && others.every((leaf) => leaf.frames[depth] === first.frames[depth])) {
    depth += 1;
  }
  return depth;
}

function sameEdits(left: Placement, right: Placement): boolean {
  return JSON.stringify(left.edits) === JSON.stringify(right.edits);
}
