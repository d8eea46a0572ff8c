/** Position tree → `layout:`, the inverse of `layout.ts`. */
import { stableText } from "../../canonical";
import { isObject, type Json, type JsonObject } from "../../json";
import { draftOf, own } from "../../rule";
import { GRID_COLUMNS, HEADER_SIZES, madeId, positionOf, sizesOf } from "./layout";
import { plainTree } from "./position";
import { layout as schema } from "./schema";

type Path = readonly (string | number)[];

/** Something of the tree that the short form cannot say. */
class Inexpressible extends Error {}

/** A layout in whose words a tree is written: what it says of an item that the tree still has stays as far as it is true. */
export interface LayoutBefore {
  readonly layout: Json;
  /** Where the items of the tree are written in it, by id (`placesOf`). */
  readonly places: ReadonlyMap<string, Path>;
  /** Uuid of the chart that a text names. */
  resolve(text: string): string | undefined;
  /** Ids that are named elsewhere: they are written where an item would get another one. */
  readonly named: ReadonlySet<string>;
}

/**
 * The layout of which that canonical tree is made, with the ids that the items would not have by themselves; undefined where the short
 * form cannot say it. `reference`: what names a chart, by uuid.
 */
export function layoutOf(position: JsonObject, reference: (uuid: string) => string): Json | undefined {
  return expressed(() => {
    const writer = new LayoutWriter(position, reference);
    const layout = writer.layout();
    return schema.safeParse(layout).success && stableText(treeOf(layout, writer.charts)) === stableText(position) ? layout : undefined;
  });
}

/** As `layoutOf`, in the words of a layout that said something near it, and without ids that nobody names: only they may differ in the tree that is made of it. */
export function layoutLike(before: LayoutBefore, position: JsonObject, reference: (uuid: string) => string): Json | undefined {
  return expressed(() => {
    const layout = new LayoutWriter(position, reference, before).layout();
    return schema.safeParse(layout).success ? layout : undefined;
  });
}

function expressed(write: () => Json | undefined): Json | undefined {
  try {
    return write();
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
  /** How it is written in the layout before. */
  readonly before: Json | undefined;
}

type Members = Record<string, Json | undefined>;

class LayoutWriter {
  readonly charts = new Map<string, string>();
  /** How charts are named in the layout before, by uuid. */
  readonly #names = new Map<string, string>();

  constructor(private readonly position: JsonObject, private readonly reference: (uuid: string) => string, private readonly before?: LayoutBefore) {
    for (const text of before === undefined ? [] : chartsIn(before.layout)) {
      const uuid = before?.resolve(text);
      if (uuid !== undefined && !this.#names.has(uuid)) {
        this.#names.set(uuid, text);
      }
    }
  }

  layout(): Json {
    const { children } = this.#node("ROOT_ID", []);
    const [top] = children;
    if (top === undefined || children.length > 1 || (top.type !== "TABS" && top.type !== "GRID")) {
      throw new Inexpressible("the page is not one grid or tab bar");
    }
    const { layout } = this.before ?? {};
    const field = isObject(layout) ? ["rows", "grid"].find((name) => Array.isArray(layout[name])) : undefined;
    if (top.type === "TABS") {
      const tabs = this.#tabs(top, GRID_COLUMNS);
      return field === "rows" ? { rows: [tabs] } : Array.isArray(layout) ? [tabs] : tabs;
    }
    const grid = this.#blocks(top.children, GRID_COLUMNS);
    const isTabs = top.children.length === 1 && top.children[0]?.type === "TABS";
    return isTabs ? { grid } : field === undefined ? grid : { [field]: grid };
  }

  #node(id: string, above: readonly string[]): Node {
    const item = own(this.position, id);
    if (!isObject(item) || above.includes(id)) {
      throw new Inexpressible(`'${id}' is no item, or in itself`);
    }
    const children = Array.isArray(item.children) ? (item.children as readonly Json[]) : [];
    const place = this.before?.places.get(id)?.slice(1);
    return {
      id,
      type: String(item.type),
      meta: isObject(item.meta) ? item.meta : {},
      children: children.map((child) => this.#node(String(child), [...above, id])),
      before: place?.reduce<Json | undefined>((value, step) => (Array.isArray(value) ? (value as readonly Json[])[Number(step)] : isObject(value) ? value[String(step)] : undefined), this.before?.layout),
    };
  }

  #blocks(nodes: readonly Node[], columns: number): Json[] {
    return nodes.map((node) => {
      if (node.type !== "ROW") {
        return this.#item(node, columns);
      }
      const row = this.#row(node, columns);
      const [only, ...others] = row.row as readonly Json[];
      if (Object.keys(row).length > 1 || (isObject(node.before) && node.before.row !== undefined)) {
        return row;
      }
      // One thing in a row that says nothing of itself takes the whole width.
      const wrapped = isObject(only) && (only.chart !== undefined || only.markdown !== undefined || only.column !== undefined);
      return others.length === 0 && only !== undefined && (typeof only === "string" || wrapped) && !Array.isArray(node.before) ? only : (row.row as Json);
    });
  }

  #row(node: Node, columns: number): JsonObject {
    const { children } = node;
    const items = children.map((child) => this.#item(child, numberAt(child.meta, "width") ?? columns));
    // A size is written where it would be another one: one after the other, as each changes what the others get by themselves.
    for (let round = 0; round <= 2 * children.length; round += 1) {
      const { widths, heights } = sizesOf(items, columns);
      const wrong = (child: Node, index: number): "width" | "height" | undefined => (isOther(child, "width", widths?.[index]) ? "width" : isOther(child, "height", heights[index]) ? "height" : undefined);
      const index = children.findIndex((child, place) => wrong(child, place) !== undefined);
      const [child, field] = [children[index], children[index] && wrong(children[index], index)];
      if (child === undefined || field === undefined) {
        break;
      }
      items[index] = withSize(items[index] as Json, field, numberAt(child.meta, field));
    }
    // How much room is in what holds others, and how high they are by themselves, is known only now.
    const { widths, heights } = sizesOf(items, columns);
    const row = items.map((item, index): Json => {
      const child = children[index] as Node;
      const said = isObject(item) && typeof item.width === "number" ? item.width : undefined;
      return child.children.length === 0 ? item : withSize(this.#item(child, widths?.[index] ?? columns, heights[index]), "width", child.type === "COLUMN" ? said : undefined);
    });
    return this.#written(node, { row, background: backgroundOf(node) });
  }

  /** @param width the room it has @param height of the row it is in, where that is known */
  #item(node: Node, width: number, height?: number): Json {
    const { type, meta, before } = node;
    switch (type) {
      case "CHART":
        return this.#chart(node);
      case "MARKDOWN":
        return this.#written(node, { markdown: String(meta.code ?? ""), ...sizesAsBefore(node) });
      case "HEADER": {
        const name = Object.keys(HEADER_SIZES).find((key) => HEADER_SIZES[key] === meta.headerSize) ?? "medium";
        return this.#written(node, { header: String(meta.text ?? ""), size: name === "medium" && !(isObject(before) && before.size !== undefined) ? undefined : name, background: backgroundOf(node) });
      }
      case "DIVIDER":
        return this.#written(node, { divider: true });
      case "ROW":
        return this.#row(node, width);
      case "COLUMN":
        return this.#column(node, numberAt(meta, "width") ?? width, height);
      case "TABS":
        return this.#tabs(node, width);
      default:
        throw new Inexpressible(`a layout has no ${type}`);
    }
  }

  #column(node: Node, room: number, height: number | undefined): Json {
    const items = node.children.map((child) => {
      const item = this.#item(child, room, height);
      const wide = isOther(child, "width", room) ? withSize(item, "width", numberAt(child.meta, "width")) : item;
      return height !== undefined && isOther(child, "height", height) ? withSize(wide, "height", numberAt(child.meta, "height")) : wide;
    });
    const said = isObject(node.before) && node.before.width !== undefined;
    return this.#written(node, { column: items, width: said ? node.meta.width : undefined, background: backgroundOf(node) });
  }

  #chart(node: Node): Json {
    const { uuid, sliceNameOverride: title } = node.meta;
    if (typeof uuid !== "string") {
      throw new Inexpressible(`'${node.id}' has no chart`);
    }
    const text = typeof node.before === "string" ? node.before : isObject(node.before) ? node.before.chart : undefined;
    const chart = typeof text === "string" && this.before?.resolve(text) === uuid ? text : (this.#names.get(uuid) ?? this.reference(uuid));
    this.charts.set(chart, uuid);
    const item = this.#written(node, { chart, ...sizesAsBefore(node), title });
    return Object.keys(item).length === 1 && !isObject(node.before) ? chart : item;
  }

  #tabs(node: Node, width: number): JsonObject {
    const tabs = node.children.map((tab) => {
      const field = isObject(tab.before) && tab.before.title !== undefined ? "title" : "tab";
      return this.#written(tab, { [field]: String(tab.meta.text ?? ""), rows: this.#blocks(tab.children, width) });
    });
    return this.#written(node, { tabs });
  }

  /** An item's members in the order in which they were written, with its id where that is not the one it would get by itself. */
  #written(node: Node, members: Members): JsonObject {
    const { id, type, meta, children, before } = node;
    const said = isObject(before) && before.id === id;
    const needed = (this.before === undefined || this.before.named.has(id)) && id !== madeId(type, { meta, children: children.map((child) => child.id) });
    const all: Members = { ...members, id: said || needed ? id : undefined };
    const known = isObject(before) ? Object.keys(before).filter((name) => Object.hasOwn(all, name)) : [];
    return Object.fromEntries([...known, ...Object.keys(all).filter((name) => !known.includes(name))].flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]])));
  }
}

/** Whether an item has a size, and another one than that. */
function isOther({ type, meta }: Node, field: "width" | "height", size: number | undefined): boolean {
  const wanted = type === "CHART" || type === "MARKDOWN" || (type === "COLUMN" && field === "width") ? numberAt(meta, field) : undefined;
  return wanted !== undefined && wanted !== size;
}

/** The sizes that were written, with what they are now. */
function sizesAsBefore({ before, meta }: Node): Members {
  const known = isObject(before) ? before : {};
  return Object.fromEntries((["width", "height"] as const).flatMap((field) => (known[field] === undefined || meta[field] === undefined ? [] : [[field, meta[field]]])));
}

function withSize(item: Json, field: "width" | "height", size: number | undefined): Json {
  if (size === undefined || !isObject(item) || item[field] !== undefined) {
    return size === undefined ? item : isObject(item) ? { ...item, [field]: size } : { chart: item, [field]: size };
  }
  const { id, ...rest } = item;
  return { ...rest, [field]: size, ...(id === undefined ? {} : { id }) };
}

function backgroundOf({ meta, before }: Node): Json | undefined {
  const said = isObject(before) && before.background === "transparent";
  return meta.background === "BACKGROUND_WHITE" ? "white" : said ? "transparent" : undefined;
}

function numberAt(meta: JsonObject, key: string): number | undefined {
  const value = meta[key];
  return typeof value === "number" ? value : undefined;
}

/** All names of charts in a layout. */
function chartsIn(layout: Json): readonly string[] {
  if (Array.isArray(layout)) {
    return (layout as readonly Json[]).flatMap((item) => (typeof item === "string" ? [item] : chartsIn(item)));
  }
  return isObject(layout) ? Object.entries(layout).flatMap(([key, value]) => (key === "chart" && typeof value === "string" ? [value] : typeof value === "object" ? chartsIn(value) : [])) : [];
}
