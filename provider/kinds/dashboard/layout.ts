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
export const GRID_COLUMNS = 12;
/** Superset's own default height of a chart, in grid units. */
export const DEFAULT_HEIGHT = 50;
const CONTAINERS = new Set(["ROW", "COLUMN", "TABS", "TAB"]);
/** Ids of the fixed items, which no other item may have. */
const FIXED = new Set(["ROOT_ID", "GRID_ID", "HEADER_ID", "DASHBOARD_VERSION_KEY"]);
/** What an item's size says of a header's. */
export const HEADER_SIZES: Readonly<Record<string, string>> = { small: "SMALL_HEADER", medium: "MEDIUM_HEADER", large: "LARGE_HEADER" };

/** The tree of a layout that fits its schema (`schema.ts`). `path` begins at the template's root. */
export function positionOf(layout: Json, title: string, context: ExpandContext): JsonObject {
  return new LayoutBuilder(context).build(layout, title);
}

/** Where in a layout the items of its tree are written, by id. A row that holds one thing may be that thing's own line. */
export function placesOf(layout: Json, title: string, context: ExpandContext): ReadonlyMap<string, Path> {
  const builder = new LayoutBuilder(context);
  builder.build(layout, title);
  return builder.places;
}

class LayoutBuilder {
  readonly #nodes: Record<string, Node> = {};
  #charts = new Map<string, number>();
  readonly places = new Map<string, Path>();

  constructor(private readonly context: ExpandContext) {}

  build(layout: Json, title: string): JsonObject {
    const field = isObject(layout) ? ["rows", "grid"].find((name) => Array.isArray(layout[name])) : undefined;
    const whole = isObject(layout) && field !== undefined ? (layout[field] ?? []) : layout;
    const at: Path = field === undefined ? ["layout"] : ["layout", field];
    const blocks: readonly Json[] = Array.isArray(whole) ? (whole as readonly Json[]) : [whole];
    const [only] = blocks;
    let top: string[] = [];
    let grid: string[] = [];
    if (field !== "grid" && blocks.length === 1 && isObject(only) && Array.isArray(only.tabs)) {
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
          return this.#row(block.row as readonly Json[], at, columns, block);
        }
        if (Array.isArray(block.tabs) || block.header !== undefined || block.divider !== undefined) {
          return this.#item(block, at, columns, DEFAULT_HEIGHT);
        }
      }
      return this.#row([block], at, columns, undefined, true);
    });
  }

  /** `it`: the mapping that the row is written as, where it is one. */
  #row(items: readonly Json[], at: Path, columns: number, it: JsonObject | undefined, single = false): string {
    const path = it === undefined ? at : [...at, "row"];
    const { widths, heights, used, open } = sizesOf(items, columns);
    if (widths === undefined) {
      this.context.problem(single ? path : [...path, 0], `this row is ${open > 0 ? `${used} columns wide and has ${open} more items` : `${used} columns wide`}; there is room for ${columns}`);
    }
    return this.#container("ROW", { background: backgroundOf(it?.background) }, it, at, () =>
      items.map((item, index) => this.#item(item, single ? path : [...path, index], widths?.[index] ?? sizeIn(item, "width") ?? 1, heights[index] ?? DEFAULT_HEIGHT)));
  }

  #item(item: Json, path: Path, width: number, height: number): string {
    if (typeof item === "string") {
      return this.#chart(item, {}, path, width, height);
    }
    const it = isObject(item) ? item : {};
    if (typeof it.chart === "string") {
      return this.#chart(it.chart, it, path, width, height);
    }
    if (typeof it.markdown === "string") {
      return this.#leaf("MARKDOWN", { code: it.markdown, height, width }, it, path);
    }
    if (typeof it.header === "string") {
      return this.#leaf("HEADER", { text: it.header, headerSize: HEADER_SIZES[String(it.size ?? "medium")] ?? "MEDIUM_HEADER", background: backgroundOf(it.background) }, it, path);
    }
    if (it.divider === true) {
      return this.#leaf("DIVIDER", {}, it, path);
    }
    if (Array.isArray(it.row)) {
      return this.#row(it.row as readonly Json[], path, width, it);
    }
    if (Array.isArray(it.column)) {
      const items = it.column as readonly Json[];
      return this.#container("COLUMN", { background: backgroundOf(it.background), width }, it, path, () =>
        items.map((inner, index) => {
          const own = sizeIn(inner, "width") ?? width;
          return this.#item(inner, [...path, "column", index], Math.min(own, width), sizeIn(inner, "height") ?? height);
        }));
    }
    return this.#tabs(it, path, width);
  }

  #tabs(it: JsonObject, path: Path, width: number): string {
    const tabs = (Array.isArray(it.tabs) ? (it.tabs as readonly Json[]) : []).filter(isObject);
    return this.#container("TABS", {}, it, path, () =>
      tabs.map((tab, index) => {
        const rows = Array.isArray(tab.rows) ? (tab.rows as readonly Json[]) : [];
        const at = [...path, "tabs", index];
        return this.#container("TAB", { text: String(tab.tab ?? tab.title) }, tab, at, () => this.#blocks(rows, [...at, "rows"], width));
      }));
  }

  #chart(reference: string, it: JsonObject, path: Path, width: number, height: number): string {
    const { title } = it;
    const uuid = this.context.resolve("chart", reference, it.chart === undefined ? path : [...path, "chart"]);
    if (uuid === undefined) {
      return "CHART-unknown";
    }
    const chartId = this.#charts.get(uuid) ?? this.#charts.size + 1;
    this.#charts.set(uuid, chartId);
    const name = this.context.document("chart", uuid)?.slice_name ?? reference;
    const meta: Node = { chartId, height, sliceName: name, ...(typeof title === "string" ? { sliceNameOverride: title } : {}), uuid, width };
    return this.#add("CHART", { children: [], meta }, it, path);
  }

  #leaf(type: string, meta: Node, it: JsonObject, path: Path): string {
    return this.#add(type, { children: [], meta }, it, path);
  }

  #container(type: string, meta: Node, it: JsonObject | undefined, path: Path, contents: () => string[]): string {
    const children = contents();
    return this.#add(type, { children, meta }, it ?? {}, path);
  }

  #add(type: string, node: Node, it: JsonObject, path: Path): string {
    const taken = (id: string): boolean => Object.hasOwn(this.#nodes, id) || FIXED.has(id);
    if (typeof it.id === "string" && taken(it.id)) {
      this.context.problem([...path, "id"], `the id '${it.id}' is also that of another item of the layout; write another one, or none`);
    }
    const id = typeof it.id === "string" ? it.id : unique(madeId(type, node), { has: taken });
    this.#nodes[id] = { type, id, ...node };
    this.places.set(id, path);
    return id;
  }
}

/** The id of an item that has none of its own, made from what it shows or holds. Another item of the same content gets -2, -3, … */
export function madeId(type: string, { children, meta }: JsonObject): string {
  const { uuid, code, text } = isObject(meta) ? meta : {};
  const content = type === "CHART" ? String(uuid) : JSON.stringify(CONTAINERS.has(type) ? [text ?? null, children ?? []] : [code ?? null, text ?? null]);
  return `${type}-${createHash("sha256").update(content).digest("hex").slice(0, 10)}`;
}

function sizeIn(item: Json, field: "width" | "height"): number | undefined {
  const size = isObject(item) ? item[field] : undefined;
  return typeof size === "number" ? size : undefined;
}

/**
 * The sizes of a row's items in `columns`. Those that have no width share what is left, the first ones one more where it does not come out even;
 * the first height that is given is that of the others. `widths`: undefined where there is no room.
 */
export function sizesOf(items: readonly Json[], columns: number): { readonly widths: readonly number[] | undefined; readonly heights: readonly number[]; readonly used: number; readonly open: number } {
  const given = items.map((item) => sizeIn(item, "width"));
  const tall = items.map((item) => sizeIn(item, "height"));
  const height = tall.find((one) => one !== undefined) ?? DEFAULT_HEIGHT;
  return { ...shareWidths(given, columns), heights: tall.map((one) => one ?? height) };
}

function shareWidths(given: readonly (number | undefined)[], columns: number): { readonly widths: readonly number[] | undefined; readonly used: number; readonly open: number } {
  const used = given.reduce<number>((sum, width) => sum + (width ?? 0), 0);
  const open = given.filter((width) => width === undefined).length;
  const share = open === 0 ? 0 : Math.floor((columns - used) / open);
  if (used > columns || (open > 0 && share < 1)) {
    return { widths: undefined, used, open };
  }
  let rest = columns - used - share * open;
  const widths = given.map((width) => {
    const extra = width === undefined && rest > 0 ? 1 : 0;
    rest -= extra;
    return width ?? share + extra;
  });
  return { widths, used, open };
}

function backgroundOf(value: Json | undefined): string {
  return value === "white" ? "BACKGROUND_WHITE" : "BACKGROUND_TRANSPARENT";
}
