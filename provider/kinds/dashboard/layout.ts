/**
 * `layout:` → position tree. Ids are made from what an item is, not from where it stands, so that moving a row changes only its
 * place. Charts are numbered in reading order; Superset replaces the numbers by its own on import.
 */
import { createHash } from "node:crypto";
import { isObject, type Json, type JsonObject } from "../../json";
import type { ExpandContext } from "../define";

type Path = readonly (string | number)[];
type Node = Record<string, Json>;

/** Columns of Superset's dashboard grid (superset-frontend dashboard/util/constants: GRID_COLUMN_COUNT). */
const GRID_COLUMNS = 12;
/** Superset's own default height of a chart, in grid units. */
const DEFAULT_HEIGHT = 50;
const HEADER_SIZES: Readonly<Record<string, string>> = { small: "SMALL_HEADER", medium: "MEDIUM_HEADER", large: "LARGE_HEADER" };

/** The tree of a layout that fits its schema (`schema.ts`). `path` begins at the template's root. */
export function positionOf(layout: Json, title: string, context: ExpandContext): JsonObject {
  return new LayoutBuilder(context).build(layout, title);
}

class LayoutBuilder {
  readonly #nodes: Record<string, Node> = {};
  #charts = new Map<string, number>();

  constructor(private readonly context: ExpandContext) {}

  build(layout: Json, title: string): JsonObject {
    const whole = isObject(layout) && Array.isArray(layout.rows) ? layout.rows : layout;
    const at: Path = whole === layout ? ["layout"] : ["layout", "rows"];
    const blocks: readonly Json[] = Array.isArray(whole) ? (whole as readonly Json[]) : [whole];
    const [only] = blocks;
    let top: string[] = [];
    let grid: string[] = [];
    if (blocks.length === 1 && isObject(only) && Array.isArray(only.tabs)) {
      // Tabs alone stand above the grid, as Superset's editor puts them: only then is there one tab bar for the page.
      top = [this.#tabs(only, Array.isArray(whole) ? [...at, 0] : at, ["ROOT_ID"], GRID_COLUMNS)];
    } else {
      top = ["GRID_ID"];
      grid = this.#blocks(blocks, at, ["ROOT_ID", "GRID_ID"], GRID_COLUMNS);
    }
    return {
      DASHBOARD_VERSION_KEY: "v2",
      ROOT_ID: { type: "ROOT", id: "ROOT_ID", children: top },
      GRID_ID: { type: "GRID", id: "GRID_ID", children: grid, parents: ["ROOT_ID"] },
      HEADER_ID: { type: "HEADER", id: "HEADER_ID", meta: { text: title } },
      ...this.#nodes,
    };
  }

  #blocks(blocks: readonly Json[], path: Path, parents: readonly string[], columns: number): string[] {
    return blocks.map((block, index) => {
      const at = [...path, index];
      if (Array.isArray(block)) {
        return this.#row(block as readonly Json[], at, parents, columns, undefined);
      }
      if (isObject(block)) {
        if (Array.isArray(block.row)) {
          return this.#row(block.row as readonly Json[], [...at, "row"], parents, columns, block.background);
        }
        if (Array.isArray(block.tabs) || block.header !== undefined || block.divider !== undefined) {
          return this.#item(block, at, parents, columns, DEFAULT_HEIGHT);
        }
      }
      return this.#row([block], at, parents, columns, undefined, true);
    });
  }

  #row(items: readonly Json[], path: Path, parents: readonly string[], columns: number, background: Json | undefined, single = false): string {
    const widths = this.#widths(items, path, columns, single);
    const heights = items.map((item) => (isObject(item) && typeof item.height === "number" ? item.height : undefined));
    const height = heights.find((given) => given !== undefined) ?? DEFAULT_HEIGHT;
    return this.#container("ROW", { background: backgroundOf(background) }, parents, (inside) =>
      items.map((item, index) => this.#item(item, single ? path : [...path, index], inside, widths[index] ?? columns, heights[index] ?? height)));
  }

  /** What has no width shares what is left. */
  #widths(items: readonly Json[], path: Path, columns: number, single: boolean): number[] {
    const given = items.map((item) => (isObject(item) && typeof item.width === "number" ? item.width : undefined));
    const used = given.reduce<number>((sum, width) => sum + (width ?? 0), 0);
    const open = given.filter((width) => width === undefined).length;
    const share = open === 0 ? 0 : Math.floor((columns - used) / open);
    if (used > columns || (open > 0 && share < 1)) {
      this.context.problem(single ? path : [...path, 0], `this row is ${open > 0 ? `${used} columns wide and has ${open} more items` : `${used} columns wide`}; there is room for ${columns}`);
    }
    let rest = columns - used - share * open;
    return given.map((width) => {
      if (width !== undefined) {
        return width;
      }
      const extra = rest > 0 ? 1 : 0;
      rest -= extra;
      return Math.max(1, share + extra);
    });
  }

  #item(item: Json, path: Path, parents: readonly string[], width: number, height: number): string {
    if (typeof item === "string") {
      return this.#chart(item, undefined, path, parents, width, height);
    }
    const it = isObject(item) ? item : {};
    if (typeof it.chart === "string") {
      return this.#chart(it.chart, it.title, [...path, "chart"], parents, width, height);
    }
    if (typeof it.markdown === "string") {
      return this.#leaf("MARKDOWN", { code: it.markdown, height, width }, parents);
    }
    if (typeof it.header === "string") {
      return this.#leaf("HEADER", { text: it.header, headerSize: HEADER_SIZES[String(it.size ?? "medium")] ?? "MEDIUM_HEADER", background: backgroundOf(it.background) }, parents);
    }
    if (it.divider === true) {
      return this.#leaf("DIVIDER", {}, parents);
    }
    if (Array.isArray(it.row)) {
      return this.#row(it.row as readonly Json[], [...path, "row"], parents, width, it.background);
    }
    if (Array.isArray(it.column)) {
      const items = it.column as readonly Json[];
      return this.#container("COLUMN", { background: backgroundOf(it.background), width }, parents, (inside) =>
        items.map((inner, index) => {
          const own = isObject(inner) && typeof inner.width === "number" ? inner.width : width;
          const tall = isObject(inner) && typeof inner.height === "number" ? inner.height : height;
          return this.#item(inner, [...path, "column", index], inside, Math.min(own, width), tall);
        }));
    }
    return this.#tabs(it, path, parents, width);
  }

  #tabs(it: JsonObject, path: Path, parents: readonly string[], width: number): string {
    const tabs = (Array.isArray(it.tabs) ? (it.tabs as readonly Json[]) : []).filter(isObject);
    return this.#container("TABS", {}, parents, (inside) =>
      tabs.map((tab, index) => {
        const rows = Array.isArray(tab.rows) ? (tab.rows as readonly Json[]) : [];
        return this.#container("TAB", { text: String(tab.tab ?? tab.title) }, inside, (within) => this.#blocks(rows, [...path, "tabs", index, "rows"], within, width));
      }));
  }

  #chart(reference: string, title: Json | undefined, path: Path, parents: readonly string[], width: number, height: number): string {
    const uuid = this.context.resolve("chart", reference, path);
    if (uuid === undefined) {
      return "CHART-unknown";
    }
    const chartId = this.#charts.get(uuid) ?? this.#charts.size + 1;
    this.#charts.set(uuid, chartId);
    const name = this.context.document("chart", uuid)?.slice_name ?? reference;
    const meta: Node = { chartId, height, sliceName: name, ...(typeof title === "string" ? { sliceNameOverride: title } : {}), uuid, width };
    return this.#add("CHART", uuid, { children: [], meta, parents });
  }

  #leaf(type: string, meta: Node, parents: readonly string[]): string {
    return this.#add(type, JSON.stringify([meta.code ?? null, meta.text ?? null]), { children: [], meta, parents });
  }

  /** A container's id comes from its contents', which need the id of what is around them: hence the two passes over `parents`. */
  #container(type: string, meta: Node, parents: readonly string[], contents: (parents: readonly string[]) => string[]): string {
    const marker = `\u0000${Object.keys(this.#nodes).length}`;
    const children = contents([...parents, marker]);
    const id = this.#add(type, JSON.stringify([meta.text ?? null, children]), { children, meta, parents });
    for (const node of Object.values(this.#nodes)) {
      if (Array.isArray(node.parents) && (node.parents as readonly Json[]).includes(marker)) {
        node.parents = (node.parents as readonly Json[]).map((parent) => (parent === marker ? id : parent));
      }
    }
    return id;
  }

  #add(type: string, content: string, node: Node): string {
    const base = `${type}-${createHash("sha256").update(content).digest("hex").slice(0, 10)}`;
    let id = base;
    for (let copy = 2; Object.hasOwn(this.#nodes, id); copy += 1) {
      id = `${base}-${copy}`;
    }
    this.#nodes[id] = { type, id, ...node };
    return id;
  }
}

function backgroundOf(value: Json | undefined): string {
  return value === "white" ? "BACKGROUND_WHITE" : "BACKGROUND_TRANSPARENT";
}
