/** The ways to write one change of a template's value into the template's text. */
import { isCollection, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from "yaml";
import { stableText } from "../../provider/canonical";
import { isObject, type Json, type JsonObject } from "../../provider/json";
import { keyText } from "../export-yaml";
import type { Path } from "../yaml";
import { type Hunk, hunksBetween } from "./alignment";
import { markedPieces } from "./authored";
import { type Change, changed } from "./changes";
import { hasMarks } from "./marks";
import { markedValue } from "./marked-value";
import { restyled } from "./scalar";
import type { Placement, SourceMap, Splice } from "./source-map";
import type { Substituted } from "./substitute";
import { areApart } from "./text-edits";
import { type Place, YamlTree } from "./yaml-tree";
import { entryLines, flowText, itemLines, type Style, valueLines } from "./yaml-write";

/** A way to write a text so that other environments understand it. */
export interface Spelling {
  /** Marked (`marks.ts`). */
  readonly text: string;
  /** What it gives in the environment that is translated: the text itself, or another name of the asset it names. */
  readonly value: string;
}

/** How texts are written that an edit puts into a template. */
export interface Words {
  /** Ways to write the name of an asset that is to stand at a path, best first; none where the text is no such name. */
  names(path: Path, text: string): readonly Spelling[];
  /** The text with the environment's values as variables; undefined where it has none. */
  variables(path: Path, text: string): Substituted["pieces"] | undefined;
}

/** One way to make a change. */
export interface Candidate extends Placement {
  /** The change as this way makes it. */
  readonly change: Change;
}

/** A value, and as it is written. */
interface Spelled {
  readonly value: Json;
  readonly written: Json;
}

/** What is known of values that an edit takes out of one place and puts into another. */
export class Known {
  /** How lists and mappings are written, by their stable text. */
  readonly lines = new Map<string, readonly string[]>();
  /** Items of lists that have a line of their own, with the comment behind them, by list and stable text. */
  readonly items = new Map<string, string>();
  /** Texts with the expressions that make them: marked, by what they give. */
  readonly texts = new Map<string, string>();
}

/** Makes the candidates for the changes of one rendered template. */
export class CandidateMaker {
  readonly #tree: YamlTree;
  readonly #style: Style;

  /**
   * @param value what the text says
   * @param known how values are written that an edit took from another place
   */
  constructor(private readonly map: SourceMap, private readonly value: JsonObject, private readonly words: Words, private readonly known: Known) {
    this.#tree = new YamlTree(map.rendered.text);
    this.#style = { ...styleOf(this.#tree), known: (wanted) => known.lines.get(stableText(wanted)) };
  }

  /** Learns how the values are written that a change takes out: one that stands elsewhere afterwards is written as it was. */
  remember(change: Change): void {
    if (change.op === "remove" || (change.op === "set" && typeof change.before === "object")) {
      this.#remember(change.path);
    }
  }

  /** Best first. Every one makes the change in the environment whose text this is; whether it keeps the others, only compiling tells. */
  candidates(change: Change): readonly Candidate[] {
    const ways = this.#ways(change);
    const found = [...ways, ...ways.flatMap((candidate) => this.#alone(change.path, candidate))];
    const id = ({ edits }: Placement): string => JSON.stringify(edits);
    return found.filter((candidate, index) => areApart(candidate.edits) && found.findIndex((other) => id(other) === id(candidate)) === index);
  }

  /** The same, where the place has an anchor: what repeats it keeps its value, written out. */
  #alone(path: Path, candidate: Candidate): readonly Candidate[] {
    const anchored = [...path.keys(), path.length].flatMap((depth) => {
      const node = this.#tree.at(path.slice(0, depth))?.node;
      return node !== undefined && "anchor" in node && typeof node.anchor === "string" ? [node.anchor] : [];
    });
    const aliases = this.#tree.aliases.filter(({ node }) => anchored.includes(node.source));
    if (aliases.length === 0) {
      return [];
    }
    const placements = aliases.map(({ node, path: at }) => this.map.replacements({ start: this.#tree.start(node), end: this.#tree.end(node), text: flowText(memberAt(this.value, at) ?? null) })[0]);
    return placements.some((placement) => placement === undefined) ? [] : [{ ...merged([candidate, ...(placements as readonly Placement[])]), change: candidate.change }];
  }

  #ways(change: Change): readonly Candidate[] {
    const place = this.#tree.at(change.path);
    const above = this.#tree.at(change.path.slice(0, -1));
    const as = (placements: readonly Placement[], made: Change = change): readonly Candidate[] => placements.map((placement) => ({ ...placement, change: made }));
    switch (change.op) {
      case "set": {
        if (place === undefined) {
          // A merge key says it: a key of the mapping's own goes before that.
          const own = isMap(above?.node) && typeof change.path.at(-1) === "string" ? this.#insert(above as Place, { op: "insert", path: change.path, after: change.after }, { value: change.after, written: change.after }) : [];
          return [...as(own), ...as(this.#rewritten(change))];
        }
        const plain = { value: change.after, written: change.after };
        // A text keeps the expressions in it that still hold: only where that does not do it is written anew.
        const isText = typeof change.after === "string" && isScalar(place.node);
        const names = isText ? this.words.names(change.path, String(change.after)).map(({ text, value }) => ({ written: text, value })) : this.#spellings(change.path, change.after);
        const others = names.filter(({ written }) => written !== change.after);
        const all = isText ? [plain, ...others] : names;
        return all.flatMap((spelled) => as(this.#set(place, change.path, spelled), { ...change, after: spelled.value }));
      }
      case "remove":
        return as(above === undefined || place === undefined ? this.#rewritten(change) : this.#remove(above.node, place.index, change));
      case "rename":
        return as(above === undefined || place === undefined ? this.#rewritten(change) : this.#rename(above.node, place.index, change.to));
      case "insert":
        return above === undefined ? as(this.#rewritten(change)) : this.#spellings(change.path, change.after).flatMap((spelled) => as(this.#insert(above, change, spelled), { ...change, after: spelled.value }));
    }
  }

  /** The value with its texts as they may be written: each way of writing one goes with the same way of writing the others. */
  #spellings(path: Path, value: Json): readonly Spelled[] {
    let most = 1;
    const spelled = (item: Json, at: Path, way: number): Spelled => {
      if (typeof item === "string") {
        const ways = this.#spell(at, item);
        most = Math.max(most, ways.length);
        const { text, value: said } = ways[Math.min(way, ways.length - 1)] ?? { text: item, value: item };
        return { value: said, written: text };
      }
      if (typeof item !== "object" || item === null) {
        return { value: item, written: item };
      }
      const members = Object.entries(item as JsonObject).map(([key, inner]) => [key, spelled(inner, [...at, Array.isArray(item) ? Number(key) : key], way)] as const);
      return Array.isArray(item)
        ? { value: members.map(([, inner]) => inner.value), written: members.map(([, inner]) => inner.written) }
        : { value: Object.fromEntries(members.map(([key, inner]) => [key, inner.value])), written: Object.fromEntries(members.map(([key, inner]) => [key, inner.written])) };
    };
    const all = [spelled(value, path, 0)];
    for (let way = 1; way < most; way += 1) {
      all.push(spelled(value, path, way));
    }
    return all;
  }

  #spell(path: Path, text: string): readonly Spelling[] {
    const ways = this.words.names(path, text);
    const pieces = ways.length > 0 ? undefined : this.words.variables(path, text);
    const written = this.known.texts.get(text) ?? (pieces && markedPieces(pieces));
    return ways.length > 0 || written === undefined ? ways : [{ text: written, value: text }, { text, value: text }];
  }

  #set(place: Place, path: Path, { written }: Spelled): readonly Placement[] {
    return isScalar(place.node) && (typeof written !== "object" || written === null) ? this.#scalar(place, written, path) : this.#replace(place, written);
  }

  /** @param path where it stands. Default: it is a key */
  #scalar({ node, container }: Place, value: Json, path?: Path): readonly Placement[] {
    const [start, end] = [this.#tree.start(node), this.#tree.end(node)];
    const text = this.#tree.text.slice(start, end);
    const flow = isFlow(container);
    if (start === end && !flow) {
      // Nothing is written there: `key:`.
      return this.map.insertions(start, `${this.#tree.text[start - 1] === " " ? "" : " "}${restyled(node, "", value, { flow, indent: 0, step: this.#style.step })}`);
    }
    const wanted = restyled(node, text, value, { flow, indent: this.#indentAt(start), step: this.#style.step });
    const hunks = hunksBetween(this.map.parts(start, end), wanted);
    const spliced = (some: readonly { readonly start: number; readonly end: number; readonly text: string }[]): readonly Splice[] => some.map((hunk) => ({ start: start + hunk.start, end: start + hunk.end, text: hunk.text }));
    const variables = path === undefined || typeof value !== "string" || hasMarks(value) ? undefined : this.words.variables(path, value);
    const varied = variables === undefined ? hunks : hunks.map((hunk) => ({ ...hunk, text: withVariables(hunk, wanted, variables) }));
    const written = varied.some(({ text: some }, index) => some !== hunks[index]?.text) ? this.#together(spliced(varied)) : [];
    return [...written, ...this.#together(spliced(hunks)), ...this.map.replacements({ start, end, text: wanted })];
  }

  /** The splices, each in its best way, then each in its second best, …; at last with what is around them written out. */
  #together(splices: readonly Splice[], whole = false): readonly Placement[] {
    const ways = splices.map((splice) => this.#waysTo(splice, whole));
    const most = Math.max(0, ...ways.map((placements) => placements.length));
    const combined = ways.some((placements) => placements.length === 0) ? [] : Array.from({ length: most }, (_, way) => merged(ways.map((placements) => placements[Math.min(way, placements.length - 1)] as Placement)));
    const unrolled = this.map.unrolled(splices);
    return [...combined, ...unrolled];
  }

  #waysTo(splice: Splice, whole: boolean): readonly Placement[] {
    if (splice.start === splice.end) {
      return this.map.insertions(splice.start, splice.text);
    }
    const piecewise = this.map.piecewise(splice) ?? [];
    const replacements = this.map.replacements(splice);
    // What an expression gave is changed where that got it from before the expression goes.
    return [...this.map.literals(splice), ...(whole ? [...replacements, ...[piecewise].flat()] : [...[piecewise].flat(), ...replacements])];
  }

  /** Another value in the place of one, of which at least one is a list or mapping. */
  #replace(place: Place, value: Json): readonly Placement[] {
    const { node, container, index } = place;
    const end = this.#tree.end(node);
    if (container === undefined) {
      return [];
    }
    if (isFlow(container)) {
      return this.#together([{ start: this.#tree.start(node), end, text: flowText(value) }], true);
    }
    const member = this.#tree.memberStart(container, index);
    const indent = this.#tree.column(member);
    if (isSeq(container)) {
      const [first = "", ...rest] = itemLines(value, indent, this.#style);
      return this.#together([{ start: member, end, text: [first.trimStart(), ...rest].join("\n") }], true);
    }
    const colon = this.#tree.keyEnd(container.items[index] as Pair);
    const lines = valueLines("", value, indent, this.#style, isCollection(node) && node.flow !== true ? "block" : undefined);
    return this.#together([{ start: colon, end: Math.max(end, colon), text: lines.join("\n") }], true);
  }

  #insert({ node, container, index }: Place, change: Change & { readonly op: "insert" }, { written: value }: Spelled): readonly Placement[] {
    const key = change.path.at(-1) as string | number;
    if (!isCollection(node) || node.items.length === 0) {
      return this.#replace({ node, container, index }, typeof key === "number" ? [value] : { [key]: value });
    }
    const after = typeof key === "number" ? key - 1 : this.#neighbour(node, key, value);
    // Of the whole document nothing is outside.
    const owner = container === undefined ? -1 : this.#tree.memberStart(container, index);
    if (node.flow === true) {
      const text = typeof key === "number" ? flowText(value) : `${keyText(key)}: ${flowText(value)}`;
      return after < 0
        ? this.#inserted(this.#tree.memberStart(node, 0), `${text}, `, owner)
        : this.#inserted(this.#tree.memberEnd(node, after), `, ${text}`, owner);
    }
    const indent = this.#tree.column(this.#tree.memberStart(node, 0));
    const sibling = node.items[Math.max(0, after)] as Node | Pair;
    const prefer = isCollection(sibling) && isObject(change.after) === isMap(sibling) ? (sibling.flow === true ? "flow" as const : "block" as const) : undefined;
    const moved = this.known.items.get(itemId(change.path, change.after));
    const lines = typeof key === "string" ? entryLines(key, value, indent, this.#style) : moved !== undefined ? [`${" ".repeat(indent)}- ${moved}`] : itemLines(value, indent, this.#style, prefer);
    const first = this.#tree.memberStart(node, 0);
    if (after >= 0) {
      return this.#newLines(this.#tree.lineEnd(this.#tree.memberEnd(node, after)), lines, owner);
    }
    // Before the first one: after the line of the key that the list belongs to, so that comments stay with what they are about.
    return this.#tree.isFirstInLine(first) && first > 0 && this.#tree.lineStart(first) > 0
      ? this.#newLines(this.#tree.lineEnd(this.#tree.lineStart(this.#tree.start(node)) - 1), lines, owner)
      : this.map.insertions(first, `${lines.join("\n").trimStart()}\n${" ".repeat(indent)}`);
  }

  #newLines(at: number, lines: readonly string[], owner: number): readonly Placement[] {
    const text = `\n${lines.join("\n")}`;
    const unrolled = this.map.unrolled([{ start: at, end: at, text }]);
    return [...this.map.lines(at, text, owner), ...unrolled];
  }

  #inserted(at: number, text: string, owner: number): readonly Placement[] {
    const unrolled = this.map.unrolled([{ start: at, end: at, text }]);
    return [...this.map.insertions(at, text, owner), ...unrolled];
  }

  /** After which member of a mapping a new one stands: in the order of the alphabet where there is one, else what is short before what is long. */
  #neighbour(node: YAMLMap | YAMLSeq, key: string, value: Json): number {
    const names = (node.items as Pair[]).map((pair) => (isScalar(pair.key) ? String(pair.key.value) : ""));
    if (names.length > 4 && names.every((name, index) => index === 0 || (names[index - 1] ?? "") < name)) {
      return names.filter((name) => name < key).length - 1;
    }
    const isLong = (pair: Pair): boolean => this.#tree.text.slice(this.#tree.start(pair.key as Node), this.#tree.end((pair.value ?? pair.key) as Node)).includes("\n");
    const long = typeof value === "object" && value !== null && entryLines(key, value, 0, this.#style).length > 1;
    const last = (node.items as Pair[]).map((pair, index) => (isLong(pair) ? -1 : index)).reduce((left, right) => Math.max(left, right), -1);
    return long || last < 0 ? names.length - 1 : last;
  }

  #remove(node: Node, index: number, change: Change & { readonly op: "remove" }): readonly Placement[] {
    if (!isCollection(node)) {
      return [];
    }
    const count = node.items.length;
    if (count === 1) {
      const empty: Json = isSeq(node) ? [] : {};
      const place = this.#tree.at(change.path.slice(0, -1));
      const cut = node.flow === true ? [] : this.#cutLines(node, 0);
      return [...cut, ...(place === undefined ? [] : this.#replace(place, empty))];
    }
    const [start, end] = [this.#tree.memberStart(node, index), this.#tree.memberEnd(node, index)];
    if (node.flow === true) {
      const splice = index + 1 < count ? { start, end: this.#tree.memberStart(node, index + 1), text: "" } : { start: this.#tree.memberEnd(node, index - 1), end, text: "" };
      const unrolled = this.map.unrolled([splice]);
      return [...this.map.listItems(start, end), ...this.map.cuts(splice.start, splice.end), ...unrolled];
    }
    if (!this.#tree.isFirstInLine(start)) {
      // The first of a mapping in a list, in the line of the dash.
      return this.#together([{ start, end: this.#tree.memberStart(node, index + 1), text: "" }]);
    }
    return this.#cutLines(node, index);
  }

  /** Its lines, with the comment at their end; a comment before it may be about more. */
  #cutLines(node: YAMLMap | YAMLSeq, index: number): readonly Placement[] {
    const [start, end] = [this.#tree.memberStart(node, index), this.#tree.memberEnd(node, index)];
    const [from, to] = [this.#tree.lineStart(start), this.#tree.lineEnd(end)];
    const before = from === 0 ? [] : this.map.cuts(from - 1, to);
    const after = to === this.#tree.text.length ? [] : this.map.cuts(from, to + 1);
    const splice = from === 0 ? { start: from, end: Math.min(to + 1, this.#tree.text.length), text: "" } : { start: from - 1, end: to, text: "" };
    const unrolled = this.map.unrolled([splice]);
    return [...before, ...after, ...unrolled];
  }

  #rename(node: Node, index: number, to: string): readonly Placement[] {
    const key = isMap(node) ? node.items[index]?.key : undefined;
    return isScalar(key) ? this.#scalar({ node: key, container: undefined, index }, to) : [];
  }

  /** Where nothing is written at a path because an alias or a merge key says it: the value of the nearest written place is written out. */
  #rewritten(change: Change): readonly Placement[] {
    for (let depth = change.path.length - 1; depth > 0; depth -= 1) {
      const path = change.path.slice(0, depth);
      const place = this.#tree.at(path);
      if (place !== undefined) {
        const wanted = memberAt(changed(this.value, change), path);
        return wanted === undefined ? [] : this.#replace(place, wanted);
      }
    }
    return [];
  }

  #indentAt(offset: number): number {
    const line = this.#tree.text.slice(this.#tree.lineStart(offset), offset);
    return /^(?:[ -]*)/.exec(line)?.[0].length ?? 0;
  }

  /** An item on one line, with the comment behind it. */
  #rememberItem(path: Path, { node }: Place, value: Json): void {
    const [start, end] = [this.#tree.start(node), this.#tree.end(node)];
    const line = this.map.written(start, this.#tree.lineEnd(end));
    if (!this.#tree.text.slice(start, end).includes("\n") && this.#tree.lineEnd(end) > end) {
      this.known.items.set(itemId(path, value), line.trimEnd());
    }
  }

  #remember(path: Path): void {
    const place = this.#tree.at(path);
    const value = memberAt(this.value, path);
    if (place === undefined || value === undefined) {
      return;
    }
    const { node } = place;
    if (typeof path.at(-1) === "number" && place.container?.flow !== true) {
      this.#rememberItem(path, place, value);
    }
    if (typeof value === "string") {
      const text = markedValue(this.#tree, this.map, node);
      if (text !== undefined) {
        this.known.texts.set(value, text);
      }
    } else if (isCollection(node)) {
      const text = this.map.written(this.#tree.start(node), this.#tree.end(node));
      if (node.flow !== true) {
        this.known.lines.set(stableText(value), `${" ".repeat(this.#tree.column(this.#tree.start(node)))}${text}`.split("\n"));
      } else if (!text.includes("\n")) {
        this.known.lines.set(stableText(value), [text]);
      }
      Object.keys(value as JsonObject).forEach((key) => this.#remember([...path, Array.isArray(value) ? Number(key) : key]));
    }
  }
}

/**
 * The text of a hunk with those variables that stand in it.
 * @param wanted the scalar as it is written
 * @param pieces what it says
 */
function withVariables(hunk: Hunk, wanted: string, pieces: Substituted["pieces"]): string {
  const value = pieces.map((piece) => (typeof piece === "string" ? piece : piece.value)).join("");
  // Where each character is written: between them stand quotes, escapes and indentation.
  const places: number[] = [];
  for (let from = /^[|>][^\n]*\n/.exec(wanted)?.[0].length ?? 0, index = 0; index < value.length; index += 1, from += 1) {
    from = wanted.indexOf(value[index] ?? "", from);
    if (from < 0) {
      // The line end at the end of a block is not a part of it here.
      break;
    }
    places.push(from);
  }
  const end = hunk.at + hunk.text.length;
  let [text, done, at] = ["", hunk.at, 0];
  for (const piece of pieces) {
    const length = (typeof piece === "string" ? piece : piece.value).length;
    const [first, last] = [places[at] ?? -1, (places[at + length - 1] ?? -2) + 1];
    if (typeof piece !== "string" && first >= done && last <= end && wanted.slice(first, last) === piece.value) {
      text += wanted.slice(done, first) + markedPieces([piece]);
      done = last;
    }
    at += length;
  }
  return text + wanted.slice(done, end);
}

/** An item of the list at a path. */
function itemId(path: Path, value: Json): string {
  return `${JSON.stringify(path.slice(0, -1))} ${stableText(value)}`;
}

function memberAt(value: Json, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((inner, step) => (Array.isArray(inner) ? (inner as readonly Json[])[Number(step)] : isObject(inner) ? inner[String(step)] : undefined), value);
}

function isFlow(container: Place["container"]): boolean {
  return container?.flow === true;
}

function merged(placements: readonly Placement[]): Placement {
  return { edits: placements.flatMap((placement) => placement.edits), lost: placements.flatMap((placement) => placement.lost) };
}

/** How far in mappings and lists of this text stand. */
function styleOf(tree: YamlTree): Pick<Style, "step" | "dash"> {
  let [step, dash]: (number | undefined)[] = [undefined, undefined];
  const walk = (node: unknown): void => {
    if (isMap(node) && node.flow !== true) {
      const indent = tree.column(tree.memberStart(node, 0));
      node.items.forEach(({ value }) => {
        if (isCollection(value) && value.flow !== true && value.items.length > 0) {
          const inner = tree.column(tree.memberStart(value, 0)) - indent;
          [step, dash] = isMap(value) ? [step ?? inner, dash] : [step, dash ?? inner];
        }
      });
    }
    if (isCollection(node)) {
      node.items.forEach((item) => walk(isMap(node) ? (item as Pair).value : item));
    }
  };
  walk(tree.root);
  return { step: Math.max(1, step ?? 2), dash: Math.max(0, dash ?? 2) };
}
