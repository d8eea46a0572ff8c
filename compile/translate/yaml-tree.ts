/** A YAML text with the places of its values: what an edit of the text is made from. */
import { type Alias, type CST, isAlias, isCollection, isMap, isNode, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from "yaml";
import { parseYaml, type Path } from "../yaml";

/** A value in the text. */
export interface Place {
  readonly node: Node;
  /** What it is in; undefined for the whole document. */
  readonly container: YAMLMap | YAMLSeq | undefined;
  /** Among the container's pairs or items. */
  readonly index: number;
}

/** A YAML text, parsed. */
export class YamlTree {
  readonly root: Node;

  /** @param text what `readYaml` reads without a problem */
  constructor(readonly text: string) {
    const { contents } = parseYaml(text);
    if (!isNode(contents)) {
      throw new Error("a text without contents has no tree");
    }
    this.root = contents;
  }

  /** The value at a path; undefined where none is written there: what an alias or a merge key repeats is written elsewhere. */
  at(path: Path): Place | undefined {
    let place: Place = { node: this.root, container: undefined, index: 0 };
    for (const step of path) {
      const { node } = place;
      if (isMap(node)) {
        const index = node.items.findIndex((pair) => isScalar(pair.key) && String(pair.key.value) === String(step));
        const value = node.items[index]?.value;
        if (!isNode(value)) {
          return undefined;
        }
        place = { node: value, container: node, index };
      } else if (isSeq(node) && isNode(node.items[Number(step)])) {
        place = { node: node.items[Number(step)] as Node, container: node, index: Number(step) };
      } else {
        return undefined;
      }
    }
    return place;
  }

  /** Where a value's text begins; its anchor and tag stand before. */
  start(node: Node): number {
    return node.range?.[0] ?? 0;
  }

  /** After the last character that is a value's own: no comment, no line end. */
  end(node: Node): number {
    if (isCollection(node) && node.flow !== true) {
      const last: unknown = node.items.at(-1);
      return last === undefined ? this.start(node) : isNode(last) ? this.end(last) : this.#pairEnd(last as Pair);
    }
    const end = node.range?.[1] ?? 0;
    return isBlockScalar(node) && this.text[end - 1] === "\n" ? end - 1 : end;
  }

  #pairEnd(pair: Pair): number {
    return isNode(pair.value) ? Math.max(this.end(pair.value), this.keyEnd(pair)) : this.keyEnd(pair);
  }

  /** After a pair's key, and its colon. */
  keyEnd(pair: Pair): number {
    const colon = pair.srcToken?.sep?.find((token) => token.type === "map-value-ind");
    return colon === undefined ? (isNode(pair.key) ? this.end(pair.key) : 0) : colon.offset + 1;
  }

  /** Where a pair or item begins: its key, its dash, or in a flow collection its own text. */
  memberStart(container: YAMLMap | YAMLSeq, index: number): number {
    const item: unknown = container.items[index];
    if (isSeq(container) && container.flow !== true) {
      const tokens = (container.srcToken as CST.BlockSequence | undefined)?.items[index]?.start ?? [];
      return tokens.find((token) => token.type === "seq-item-ind")?.offset ?? (isNode(item) ? this.start(item) : 0);
    }
    const first = isNode(item) ? item : (item as Pair).key;
    return isNode(first) ? first.srcToken?.offset ?? this.start(first) : 0;
  }

  /** Where a pair or item ends, without what separates it from the next. */
  memberEnd(container: YAMLMap | YAMLSeq, index: number): number {
    const item: unknown = container.items[index];
    return isNode(item) ? Math.max(this.end(item), this.memberStart(container, index) + 1) : this.#pairEnd(item as Pair);
  }

  /** Offset of the line a place is in. */
  lineStart(offset: number): number {
    return this.text.lastIndexOf("\n", offset - 1) + 1;
  }

  /** Offset of the line end after a place, or of the text's end. */
  lineEnd(offset: number): number {
    const end = this.text.indexOf("\n", offset);
    return end < 0 ? this.text.length : end;
  }

  /** 0-based. */
  column(offset: number): number {
    return offset - this.lineStart(offset);
  }

  /** Whether nothing but blanks stands before a place in its line. */
  isFirstInLine(offset: number): boolean {
    return this.text.slice(this.lineStart(offset), offset).trim() === "";
  }

  /** All aliases (`*name`), with the path of what they repeat; those of merge keys are left out. */
  get aliases(): readonly { readonly node: Alias; readonly path: Path }[] {
    const found: { node: Alias; path: Path }[] = [];
    const walk = (node: unknown, path: Path): void => {
      if (isAlias(node)) {
        found.push({ node, path });
      } else if (isMap(node)) {
        node.items.filter(({ key }) => !isScalar(key) || key.value !== "<<").forEach(({ key, value }) => walk(value, [...path, isScalar(key) ? String(key.value) : ""]));
      } else if (isSeq(node)) {
        node.items.forEach((item, index) => walk(item, [...path, index]));
      }
    };
    walk(this.root, []);
    return found;
  }
}

/** `|` and `>`. */
export function isBlockScalar(node: Node): boolean {
  return isScalar(node) && (node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED");
}
