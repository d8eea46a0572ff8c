import type { JsonObject } from "../../provider/json";
import { compileFiles, removeProjects } from "./project";

afterAll(removeProjects);

const CHARTS = Object.fromEntries(["A", "B", "C"].map((name) => [`assets/charts/${name}.yaml`, `slice_name: ${name}\nkey: ${name}-key\nviz_type: big_number_total\ndatasource: sales\nparams: {metric: revenue}\n`]));

interface Node { readonly type: string; readonly id: string; readonly children?: readonly string[]; readonly parents?: readonly string[]; readonly meta?: JsonObject }

function dashboard(text: string): { position: Record<string, Node>; metadata: JsonObject } {
  const compiled = compileFiles({ ...CHARTS, "assets/dashboards/d.yaml": `dashboard_title: D\n${text}` });
  const document = compiled.assets.find((asset) => asset.key === "d")?.document ?? {};
  return { position: document.position as unknown as Record<string, Node>, metadata: document.metadata as JsonObject };
}

/** The tree as nested text: `ROW[A:4x50 B:8x50]`. */
function shape(position: Record<string, Node>, id = "ROOT_ID"): string {
  const node = position[id];
  if (node === undefined) {
    return `?${id}`;
  }
  const inner = (node.children ?? []).map((child) => shape(position, child)).join(" ");
  const meta = node.meta ?? {};
  const size = meta.width === undefined ? "" : `:${String(meta.width)}${meta.height === undefined ? "" : `x${String(meta.height)}`}`;
  const text = meta.sliceName ?? meta.text ?? meta.code ?? node.type;
  return `${String(text)}${size}${inner === "" ? "" : `[${inner}]`}`;
}

test.each([
  ["equal shares", "layout: [[A, B, C]]", "ROOT[GRID[ROW[A:4x50 B:4x50 C:4x50]]]"],
  ["what is left is shared, the odd column goes first", "layout: [[A, B, C, A, B]]", "ROOT[GRID[ROW[A:3x50 B:3x50 C:2x50 A:2x50 B:2x50]]]"],
  ["given widths and heights; a height counts for its row", "layout: [[{chart: A, width: 3, height: 20}, B]]", "ROOT[GRID[ROW[A:3x20 B:9x20]]]"],
  ["a line that is one item", "layout: [A, {markdown: hi, height: 10}]", "ROOT[GRID[ROW[A:12x50] ROW[hi:12x10]]]"],
  ["rows under a name", "layout: {rows: [[A]]}", "ROOT[GRID[ROW[A:12x50]]]"],
  ["header, divider", "layout: [{header: H}, {divider: true}, [A]]", "ROOT[GRID[H DIVIDER ROW[A:12x50]]]"],
  ["column", "layout: [[{column: [A, {markdown: m, height: 5}], width: 4}, B]]", "ROOT[GRID[ROW[COLUMN:4[A:4x50 m:4x5] B:8x50]]]"],
  ["a row in a column", "layout: [[{column: [{row: [A, B]}], width: 6}, C]]", "ROOT[GRID[ROW[COLUMN:6[ROW[A:3x50 B:3x50]] C:6x50]]]"],
  ["tabs alone stand above the grid", "layout: [{tabs: [{tab: One, rows: [[A]]}, {title: Two, rows: [B]}]}]", "ROOT[TABS[One[ROW[A:12x50]] Two[ROW[B:12x50]]]]"],
  ["tabs as the whole layout", "layout: {tabs: [{tab: One, rows: [[A]]}]}", "ROOT[TABS[One[ROW[A:12x50]]]]"],
  ["tabs beside rows stand in the grid", "layout: [[A], {tabs: [{tab: One, rows: [[B]]}]}]", "ROOT[GRID[ROW[A:12x50] TABS[One[ROW[B:12x50]]]]]"],
  ["tabs in tabs", "layout: {tabs: [{tab: One, rows: [{tabs: [{tab: In, rows: [[A]]}]}]}]}", "ROOT[TABS[One[TABS[In[ROW[A:12x50]]]]]]"],
  ["by key", "layout: [[A-key]]", "ROOT[GRID[ROW[A:12x50]]]"],
  ["empty", "layout: []", "ROOT[GRID]"],
  ["nothing said", "", "ROOT[GRID]"],
])("%s", (_, layout, expected) => {
  expect(shape(dashboard(`${layout}\n`).position)).toBe(expected);
});

test("every item knows its id, its parents and its chart; ids do not depend on the place", () => {
  const { position } = dashboard("layout: [[A, B], {tabs: [{tab: T, rows: [[{chart: C, title: See}]]}]}]\n");
  for (const [id, node] of Object.entries(position)) {
    if (typeof node !== "object") {
      continue;
    }
    expect(node.id).toBe(id);
    for (const child of node.children ?? []) {
      expect(position[child]?.parents).toEqual([...(node.parents ?? []), id]);
    }
  }
  const charts = Object.values(position).filter((node) => node.type === "CHART");
  expect(charts.map((node) => [node.meta?.chartId, node.meta?.sliceName, node.meta?.sliceNameOverride])).toEqual([[1, "A", undefined], [2, "B", undefined], [3, "C", "See"]]);
  expect(position.HEADER_ID?.meta).toEqual({ text: "D" });
  const moved = dashboard("layout: [{tabs: [{tab: T, rows: [[{chart: C, title: See}]]}]}, [A, B]]\n").position;
  expect(Object.keys(moved).sort()).toEqual(Object.keys(position).sort());
});

test("one chart twice is one chart number and two items", () => {
  const { position } = dashboard("layout: [[A, A]]\n");
  const charts = Object.values(position).filter((node) => node.type === "CHART");
  expect(charts.map((node) => node.meta?.chartId)).toEqual([1, 1]);
  expect(new Set(charts.map((node) => node.id)).size).toBe(2);
});

test("a position tree keeps its chart numbers; charts without one get one", () => {
  const chart = (id: string, meta: string): string => `  ${id}: {type: CHART, id: ${id}, children: [], meta: {${meta}, width: 4, height: 50}}\n`;
  const { position } = dashboard(`position:\n  ROOT_ID: {type: ROOT, id: ROOT_ID, children: [CHART-a, CHART-b, CHART-c]}\n${chart("CHART-a", "chartId: 7, sliceName: A")}${chart("CHART-b", "sliceName: B")}${chart("CHART-c", "chartId: 7, sliceName: C")}`);
  const numbers = ["CHART-a", "CHART-b", "CHART-c"].map((id) => position[id]?.meta?.chartId);
  expect(new Set(numbers).size).toBe(3);
  expect(position["CHART-a"]?.meta?.uuid).toMatch(/^[-0-9a-f]{36}$/);
});

test("native filters and scopes by name", () => {
  const { metadata } = dashboard(`layout: [[A, B, C]]
metadata:
  timed_refresh_immune_slices: [B]
  expanded_slices: {C: true}
  chart_configuration:
    A: {id: 1, crossFilters: {scope: {rootPath: [ROOT_ID], excluded: [B]}}}
  global_chart_configuration: {scope: {rootPath: [ROOT_ID], excluded: [C]}}
  native_filter_configuration:
    - {name: Brand, targets: [{dataset: sales, column: brand}]}
    - {name: Only, targets: [{dataset: shop.sales, column: {name: brand}}], scope: {charts: [A]}}
    - {name: Time, filterType: filter_time, targets: [{}], scope: {rootPath: [ROOT_ID], excluded: [B-key]}}
`);
  const [brand, only, time] = metadata.native_filter_configuration as unknown as Record<string, unknown>[];
  expect(brand).toMatchObject({
    id: expect.stringMatching(/^NATIVE_FILTER-[0-9a-f]{10}$/) as unknown, type: "NATIVE_FILTER", filterType: "filter_select", scope: { rootPath: ["ROOT_ID"], excluded: [] }, cascadeParentIds: [], controlValues: {},
    targets: [{ datasetUuid: expect.stringMatching(/^[-0-9a-f]{36}$/) as unknown, column: { name: "brand" } }],
  });
  expect(only?.scope).toEqual({ rootPath: ["ROOT_ID"], excluded: [2, 3] });
  expect(time).toMatchObject({ filterType: "filter_time", targets: [{}], scope: { excluded: [2] } });
  expect(metadata).toMatchObject({
    timed_refresh_immune_slices: [2], expanded_slices: { "3": true },
    chart_configuration: { "1": { id: 1, crossFilters: { scope: { excluded: [2] } } } }, global_chart_configuration: { scope: { excluded: [3] } },
  });
});
