/** Position tree → `layout:`, the inverse of `layout.ts`. */
import { stableText } from "../../canonical";
import { isObject, type Json, type JsonObject } from "../../json";
import { draftOf, own } from "../../rule";
import { DEFAULT_HEIGHT, GRID_COLUMNS, HEADER_SIZES, madeId, positionOf, shareWidths } from "./layout";
import { plainTree } from "./position";
import { layout as schema } from "./schema";

/** Something of the tree that the short form cannot say. */
class Inexpressible extends Error {}

/**
 * The layout of which that canonical tree is made, with the ids that the items would not have by themselves; undefined where the short
 * form cannot say it. `reference`: what names a chart, by uuid.
 */
export function layoutOf(position: JsonObject, reference: (uuid: string) => string): Json | undefined {
  try {
    const writer = new LayoutWriter(position, reference);
    const layout = writer.layout();
    return schema.safeParse(layout).success && stableText(treeOf(layout, writer.charts)) === stableText(position) ? layout : undefined;
  } catch (error) {
    if (error instanceof Inexpressible) {
      return undefined;
    }
    throw error;
  }
}

/** The canonical tree of a layout. `charts`: uuids by what names them in it. */
function treeOf(layout: Json, charts: ReadonlyMap<string, string>): JsonObject {
  const tree = draftOf(positionOf(layout, "", {
    resolve: (_, name) => charts.get(name),
    document: () => undefined,
    problem: (_, message) => {
      throw new Inexpressible(message);
    },
  }));
  delete tree["HEADER_ID"];
  plainTree(tree);
  return tree;
}

interface Node {
  readonly id: string;
  readonly type: string;
  readonly meta: JsonObject;
  readonly children: readonly Node[];
}

class LayoutWriter {
  readonly charts = new Map<string, string>();

  constructor(private readonly position: JsonObject, private readonly reference: (uuid: string) => string) {}

  layout(): Json {
    const { children } = this.#node("ROOT_ID", []);
    const [top] = children;
    if (top === undefined || children.length > 1) {
      throw new Inexpressible("the page is not one grid or tab bar");
    }
    if (top.type === "TABS") {
      return this.#tabs(top, GRID_COLUMNS);
    }
    const grid = this.#blocks(top.children, GRID_COLUMNS);
    const isTabs = top.children.length === 1 && top.children[0]?.type === "TABS";
    return isTabs ? { grid } : grid;
  }

  #node(id: string, above: readonly string[]): Node {
    const item = own(this.position, id);
    if (!isObject(item) || above.includes(id)) {
      throw new Inexpressible(`'${id}' is no item, or in itself`);
    }
    const children = Array.isArray(item.children) ? (item.children as readonly Json[]) : [];
    return { id, type: String(item.type), meta: isObject(item.meta) ? item.meta : {}, children: children.map((child) => this.#node(String(child), [...above, id])) };
  }

  #blocks(nodes: readonly Node[], columns: number): Json[] {
    return nodes.map((node) => {
      if (node.type !== "ROW") {
        return this.#item(node, columns, DEFAULT_HEIGHT, true);
      }
      const row = this.#row(node, columns);
      const [only, ...others] = row.row as readonly Json[];
      if (Object.keys(row).length > 1) {
        return row;
      }
      // One thing in a row that says nothing of itself takes the whole width.
      const wrapped = isObject(only) && (only.chart !== undefined || only.markdown !== undefined || only.column !== undefined);
      return others.length === 0 && (typeof only === "string" || wrapped) ? only : (row.row as Json);
    });
  }

  #row(node: Node, columns: number): JsonObject {
    const given = node.children.map(({ meta }) => numberAt(meta, "width"));
    const shared = shareWidths(given.map(() => undefined), columns).widths;
    const isShared = given.every((width, index) => width === undefined || width === shared?.[index]);
    const widths = isShared ? shared : shareWidths(given, columns).widths;
    const heights = node.children.map(({ meta }) => numberAt(meta, "height"));
    const first = heights.find((height) => height !== undefined) ?? DEFAULT_HEIGHT;
    // The first height that is written is that of the whole row.
    const isUniform = heights.every((height) => height === undefined || height === first);
    const lead = heights.findIndex((height) => height !== undefined);
    const row = node.children.map((child, index) => {
      const isSaid = index === lead ? !isUniform || first !== DEFAULT_HEIGHT : heights[index] !== first;
      return this.#item(child, widths?.[index] ?? columns, isSaid && heights[index] !== undefined ? undefined : first, isShared);
    });
    return { row, ...this.#background(node), ...this.#id(node) };
  }

  /** `width`: what it has unless it says otherwise, `shared`: it need not say. `height`: what it need not say. */
  #item(node: Node, width: number, height: number | undefined, shared: boolean): Json {
    const { type, meta } = node;
    const size = { ...(shared || meta.width === undefined ? {} : { width: meta.width }), ...(meta.height === undefined || meta.height === height ? {} : { height: meta.height }) };
    switch (type) {
      case "CHART":
        return this.#chart(node, size);
      case "MARKDOWN":
        return { markdown: String(meta.code ?? ""), ...size, ...this.#id(node) };
      case "HEADER": {
        const name = Object.keys(HEADER_SIZES).find((key) => HEADER_SIZES[key] === meta.headerSize) ?? "medium";
        return { header: String(meta.text ?? ""), ...(name === "medium" ? {} : { size: name }), ...this.#background(node), ...this.#id(node) };
      }
      case "DIVIDER":
        return { divider: true, ...this.#id(node) };
      case "ROW":
        return this.#row(node, width);
      case "COLUMN": {
        const inner = numberAt(meta, "width") ?? width;
        const items = node.children.map((child) => this.#item(child, inner, height, (numberAt(child.meta, "width") ?? inner) === inner));
        return { column: items, ...(shared ? {} : { width: inner }), ...this.#background(node), ...this.#id(node) };
      }
      case "TABS":
        return this.#tabs(node, width);
      default:
        throw new Inexpressible(`a layout has no ${type}`);
    }
  }

  #chart(node: Node, size: JsonObject): Json {
    const { uuid, sliceNameOverride: title } = node.meta;
    if (typeof uuid !== "string") {
      throw new Inexpressible(`'${node.id}' has no chart`);
    }
    const chart = this.reference(uuid);
    this.charts.set(chart, uuid);
    const item = { chart, ...size, ...(title === undefined ? {} : { title }), ...this.#id(node) };
    return Object.keys(item).length === 1 ? chart : item;
  }

  #tabs(node: Node, width: number): JsonObject {
    const tabs = node.children.map((tab) => ({ tab: String(tab.meta.text ?? ""), rows: this.#blocks(tab.children, width), ...this.#id(tab) }));
    return { tabs, ...this.#id(node) };
  }

  #background({ meta }: Node): JsonObject {
    return meta.background === "BACKGROUND_WHITE" ? { background: "white" } : {};
  }

  /** The id, where the item would get another one by itself. */
  #id({ id, type, meta, children }: Node): JsonObject {
    return id === madeId(type, { meta, children: children.map((child) => child.id) }) ? {} : { id };
  }
}

function numberAt(meta: JsonObject, key: string): number | undefined {
  const value = meta[key];
  return typeof value === "number" ? value : undefined;
}
