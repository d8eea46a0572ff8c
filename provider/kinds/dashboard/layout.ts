/**
 * `layout:` → position tree. Ids are made from what an item is, not from where it stands, so that moving a row changes only its
 * place. Charts are numbered in reading order; Superset replaces the numbers by its own on import.
 */
import { createHash } from "node:crypto";
import { isObject, type Json, type JsonObject } from "../../json";
import type { ExpandContext } from "../define";
import { unique } from "./unique";

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
      top = [this.#tabs(only, Array.isArray(whole) ? [...at, 0] : at, GRID_COLUMNS)];
    } else {
      top = ["GRID_ID"];
      grid = this.#blocks(blocks, at, GRID_COLUMNS);
    }
    this.#tellParents(top, ["ROOT_ID"]);
    this.#tellParents(grid, ["ROOT_ID", "GRID_ID"]);
    return {
      DASHBOARD_VERSION_KEY: "v2",
      ROOT_ID: { type: "ROOT", id: "ROOT_ID", children: top },
      GRID_ID: { type: "GRID", id: "GRID_ID", children: grid, parents: ["ROOT_ID"] },
      HEADER_ID: { type: "HEADER", id: "HEADER_ID", meta: { text: title } },
      ...this.#nodes,
    };
  }

  #tellParents(ids: readonly string[], parents: readonly string[]): void {
    for (const id of ids) {
      const node = this.#nodes[id];
      if (node !== undefined) {
        node.parents = parents;
        this.#tellParents(node.children as readonly string[], [...parents, id]);
      }
    }
  }

  #blocks(blocks: readonly Json[], path: Path, columns: number): string[] {
    return blocks.map((block, index) => {
      const at = [...path, index];
      if (Array.isArray(block)) {
        return this.#row(block as readonly Json[], at, columns, undefined);
      }
      if (isObject(block)) {
        if (Array.isArray(block.row)) {
          return this.#row(block.row as readonly Json[], [...at, "row"], columns, block.background);
        }
        if (Array.isArray(block.tabs) || block.header !== undefined || block.divider !== undefined) {
          return this.#item(block, at, columns, DEFAULT_HEIGHT);
        }
      }
      return this.#row([block], at, columns, undefined, true);
    });
  }

  #row(items: readonly Json[], path: Path, columns: number, background: Json | undefined, single = false): string {
    const widths = this.#widths(items, path, columns, single);
    const heights = items.map((item) => (isObject(item) && typeof item.height === "number" ? item.height : undefined));
    const height = heights.find((given) => given !== undefined) ?? DEFAULT_HEIGHT;
    return this.#container("ROW", { background: backgroundOf(background) }, () =>
      items.map((item, index) => this.#item(item, single ? path : [...path, index], widths[index] ?? columns, heights[index] ?? height)));
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

  #item(item: Json, path: Path, width: number, height: number): string {
    if (typeof item === "string") {
      return this.#chart(item, undefined, path, width, height);
    }
    const it = isObject(item) ? item : {};
    if (typeof it.chart === "string") {
      return this.#chart(it.chart, it.title, [...path, "chart"], width, height);
    }
    if (typeof it.markdown === "string") {
      return this.#leaf("MARKDOWN", { code: it.markdown, height, width });
    }
    if (typeof it.header === "string") {
      return this.#leaf("HEADER", { text: it.header, headerSize: HEADER_SIZES[String(it.size ?? "medium")] ?? "MEDIUM_HEADER", background: backgroundOf(it.background) });
    }
    if (it.divider === true) {
      return this.#leaf("DIVIDER", {});
    }
    if (Array.isArray(it.row)) {
      return this.#row(it.row as readonly Json[], [...path, "row"], width, it.background);
    }
    if (Array.isArray(it.column)) {
      const items = it.column as readonly Json[];
      return this.#container("COLUMN", { background: backgroundOf(it.background), width }, () =>
        items.map((inner, index) => {
          const own = isObject(inner) && typeof inner.width === "number" ? inner.width : width;
          const tall = isObject(inner) && typeof inner.height === "number" ? inner.height : height;
          return this.#item(inner, [...path, "column", index], Math.min(own, width), tall);
        }));
    }
    return this.#tabs(it, path, width);
  }

  #tabs(it: JsonObject, path: Path, width: number): string {
    const tabs = (Array.isArray(it.tabs) ? (it.tabs as readonly Json[]) : []).filter(isObject);
    return this.#container("TABS", {}, () =>
      tabs.map((tab, index) => {
        const rows = Array.isArray(tab.rows) ? (tab.rows as readonly Json[]) : [];
        return this.#container("TAB", { text: String(tab.tab ?? tab.title) }, () => this.#blocks(rows, [...path, "tabs", index, "rows"], width));
      }));
  }

  #chart(reference: string, title: Json | undefined, path: Path, width: number, height: number): string {
    const uuid = this.context.resolve("chart", reference, path);
    if (uuid === undefined) {
      return "CHART-unknown";
    }
    const chartId = this.#charts.get(uuid) ?? this.#charts.size + 1;
    this.#charts.set(uuid, chartId);
    const name = this.context.document("chart", uuid)?.slice_name ?? reference;
    const meta: Node = { chartId, height, sliceName: name, ...(typeof title === "string" ? { sliceNameOverride: title } : {}), uuid, width };
    return this.#add("CHART", uuid, { children: [], meta });
  }

  #leaf(type: string, meta: Node): string {
    return this.#add(type, JSON.stringify([meta.code ?? null, meta.text ?? null]), { children: [], meta });
  }

  #container(type: string, meta: Node, contents: () => string[]): string {
    const children = contents();
    return this.#add(type, JSON.stringify([meta.text ?? null, children]), { children, meta });
  }

  #add(type: string, content: string, node: Node): string {
    const id = unique(`${type}-${createHash("sha256").update(content).digest("hex").slice(0, 10)}`, { has: (taken) => Object.hasOwn(this.#nodes, taken) });
    this.#nodes[id] = { type, id, ...node };
    return id;
  }
}

function backgroundOf(value: Json | undefined): string {
  return value === "white" ? "BACKGROUND_WHITE" : "BACKGROUND_TRANSPARENT";
}
