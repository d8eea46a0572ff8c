import type { Json, JsonObject } from "../../provider/json";
import type { ExportDocument } from "../../provider/kinds/define";
import { changedPaths } from "../../provider/canonical";
import { compareCases, knowing } from "../helpers/forms";
import { rulesOf } from "../helpers/rules";

const chart = (chartId: number, uuid: string | null, meta: JsonObject = {}): JsonObject => ({ type: "CHART", id: `CHART-${chartId}`, children: [], parents: ["ROOT_ID"], meta: { chartId, uuid, width: 4, height: 50, sliceName: `c${chartId}`, ...meta } });
const tree = (children: string[], items: JsonObject): JsonObject => ({
  DASHBOARD_VERSION_KEY: "v2", ROOT_ID: { type: "ROOT", id: "ROOT_ID", children: ["GRID_ID"] }, GRID_ID: { type: "GRID", id: "GRID_ID", children, parents: ["ROOT_ID"] }, ...items,
});
const row = (...children: string[]): JsonObject => ({ type: "ROW", id: "ROW-1", children, meta: { background: "BACKGROUND_TRANSPARENT" } });
const two = (a: number, b: number): JsonObject => tree(["ROW-1"], { "ROW-1": row("CHART-a", "CHART-b"), "CHART-a": { ...chart(a, "one"), id: "CHART-a" }, "CHART-b": { ...chart(b, "two"), id: "CHART-b" } });
const base = { dashboard_title: "d", uuid: "u", version: "1.0.0" };
const filter = (rest: JsonObject = {}): JsonObject => ({ id: "F-1", name: "f", type: "NATIVE_FILTER", filterType: "filter_select", targets: [{ column: { name: "a" }, datasetUuid: "ds" }], ...rest });
const meta = (metadata: JsonObject, position: Json = two(1, 2)): ExportDocument => ({ position, metadata });

compareCases("dashboards", base, [
  ["filled defaults, tags and ids are noise", {}, { published: false, css: "", slug: null, tags: ["t"], theme_id: 3, metadata: {}, position: null }],
  ["position and metadata as JSON texts", meta({ refresh_frequency: 5 }), { position: JSON.stringify(two(1, 2)), metadata: '{"refresh_frequency":5}' }],
  ["the empty tree of an export", {}, { position: tree([], { HEADER_ID: { type: "HEADER", id: "HEADER_ID", meta: { text: "d" } } }) }],
  ["numeric ids of charts", meta({ timed_refresh_immune_slices: [1], expanded_slices: { 2: true } }), meta({ timed_refresh_immune_slices: [71], expanded_slices: { 72: true } }, two(71, 72))],
  ["charts that are not on the dashboard", meta({ timed_refresh_immune_slices: [9], expanded_slices: { 9: true }, chart_configuration: { 9: { id: 9 } } }), meta({})],
  ["a scope's order", meta({ native_filter_configuration: [filter({ scope: { rootPath: ["ROOT_ID"], excluded: [2, 1] } })] }), meta({ native_filter_configuration: [filter({ scope: { excluded: [71, 72] } })] }, two(71, 72))],
  ["derived scopes", meta({ native_filter_configuration: [filter()] }), meta({ native_filter_configuration: [filter({ chartsInScope: [1, 2], tabsInScope: ["T"], description: "", cascadeParentIds: [], defaultDataMask: { extraFormData: {}, filterState: { value: null }, ownState: {}, __cache: { a: 1 } } })] })],
  ["what opening it writes", meta({ color_scheme: "" }), meta({ map_label_colors: { a: "b" }, shared_label_colors: ["a"], color_scheme_domain: ["b"], color_namespace: "n", default_filters: "{}", filter_scopes: {}, show_native_filters: true, cross_filters_enabled: true,
    chart_configuration: { 1: { id: 1, crossFilters: { scope: "global", chartsInScope: [2] } } }, global_chart_configuration: { scope: { rootPath: ["ROOT_ID"], excluded: [] }, chartsInScope: [1, 2] } })],
  ["a header that nothing holds", {}, { position: tree([], { "HEADER-1": { type: "HEADER", id: "HEADER-1", meta: { text: "d" } } }) }],
  ["names and parents in the tree", meta({}), meta({}, tree(["ROW-1"], { HEADER_ID: { type: "HEADER", id: "HEADER_ID", meta: { text: "x" } }, "ROW-1": { ...row("CHART-a", "CHART-b"), parents: ["ROOT_ID", "GRID_ID"] }, "CHART-a": chart(1, "one", { sliceName: "other" }), "CHART-b": chart(2, "two") }))],
  ["a header that somebody put between the charts is an edit", meta({}, tree(["H"], { H: { type: "HEADER", id: "H", meta: { text: "one" } } })), meta({}, tree(["H"], { H: { type: "HEADER", id: "H", meta: { text: "two" } } })), [{ path: "position.H.meta.text", before: "one", after: "two" }]],
  ["an override of a name is an edit", meta({}), meta({}, { ...two(1, 2), "CHART-a": chart(1, "one", { sliceNameOverride: "x" }) }), [{ path: "position.CHART-a.meta.sliceNameOverride", after: "x" }]],
  ["a filter's default names the filter", meta({ native_filter_configuration: [filter({ defaultDataMask: { filterState: { value: ["a"] } } })] }), meta({ native_filter_configuration: [filter({ defaultDataMask: { filterState: { value: ["b"] } } })] }),
    [{ path: "metadata.native_filter_configuration.F-1.defaultDataMask.filterState.value", before: ["a"], after: ["b"] }]],
  ["filters in another order", meta({ native_filter_configuration: [filter(), filter({ id: "F-2" })] }), meta({ native_filter_configuration: [filter({ id: "F-2" }), filter()] }), [{ path: "metadata.native_filter_order", before: ["F-1", "F-2"], after: ["F-2", "F-1"] }]],
  ["a cross filter's scope is an edit", meta({}), meta({ chart_configuration: { 1: { id: 1, crossFilters: { scope: { rootPath: ["ROOT_ID"], excluded: [1, 2] }, chartsInScope: [] } } } }),
    [{ path: "metadata.chart_configuration", after: { one: { crossFilters: { scope: { rootPath: ["ROOT_ID"], excluded: ["one", "two"] } } } } }]],
  ["the dashboard-wide scope is an edit", meta({}), meta({ global_chart_configuration: { scope: { rootPath: ["ROOT_ID"], excluded: [2] } } }), [{ path: "metadata.global_chart_configuration", after: { scope: { rootPath: ["ROOT_ID"], excluded: ["two"] } } }]],
  ["a theme is an edit", {}, { theme_uuid: "t" }, [{ path: "theme_uuid", after: "t" }]],
]);

describe("charts that are linked but not placed", () => {
  const synthetic = (name: string, id: string): JsonObject => ({ [`ROW-N-${name}`]: { type: "ROW", id: `ROW-N-${name}`, children: [`CHART-${id}`], meta: { 0: "ROOT_ID", background: "BACKGROUND_TRANSPARENT" } }, [`CHART-${id}`]: chart(9, "three") });
  const grid = (...more: string[]): JsonObject => ({ GRID_ID: { type: "GRID", id: "GRID_ID", children: ["ROW-1", ...more] } });
  compareCases("dashboards", base, [
    ["are in a new made-up row at each export", meta({}, { ...two(1, 2), ...grid("ROW-N-ABCDEFG1"), ...synthetic("ABCDEFG1", "ABCDEFG2") }), meta({}, { ...two(1, 2), ...grid("ROW-N-ZBCDEFG1"), ...synthetic("ZBCDEFG1", "ZBCDEFG2") })],
    ["show as unplaced", meta({}), meta({}, { ...two(1, 2), ...grid("ROW-N-ABCDEFG1"), ...synthetic("ABCDEFG1", "ABCDEFG2") }), [{ path: "unplaced", after: ["three"] }]],
    ["also without a grid", meta({}), meta({}, { ...two(1, 2), "CHART-ABCDEFG2": chart(9, "three") }), [{ path: "unplaced", after: ["three"] }]],
    ["a left-over item of a placed chart is nothing", meta({}), meta({}, { ...two(1, 2), "CHART-ABCDEFG2": chart(1, "one") })],
  ]);
  test("a made-up row that somebody moved or resized is a row", () => {
    const moved = meta({}, { ...two(1, 2), GRID_ID: { type: "GRID", id: "GRID_ID", children: ["ROW-N-ABCDEFG1", "ROW-1"] }, ...synthetic("ABCDEFG1", "ABCDEFG2") });
    const wider = meta({}, { ...two(1, 2), ...grid("ROW-N-ABCDEFG1"), ...synthetic("ABCDEFG1", "ABCDEFG2"), "CHART-ABCDEFG2": chart(9, "three", { width: 5 }) });
    for (const document of [moved, wider]) expect(rulesOf.dashboards.canonical({ ...base, ...document }, knowing())["unplaced"]).toBeUndefined();
  });
});

test("a chart that the server no longer has under its id is shown as lost, in a document of that server only", () => {
  const { canonical } = rulesOf.dashboards;
  const document = { ...base, ...meta({}, two(11, 12)) };
  const server = knowing({ live: true, chartUuid: (id) => ({ 11: "one" })[id] });
  expect(changedPaths(canonical(document, knowing()), canonical(document, server))).toEqual([{ path: "position.CHART-b.meta.uuid", before: "two" }]);
});

test("ids that Superset never rewrites are named by uuid and written for the server they go to", () => {
  const { canonical, wire } = rulesOf.dashboards;
  const server = knowing({ chartUuid: (id) => ({ 11: "one" })[id], datasetUuid: (id) => ({ 5: "ds" })[id] });
  const document = meta({ native_filter_configuration: [filter({ scope: { rootPath: ["ROOT_ID"], selectedLayers: ["chart-11-layer-0", "chart-99-layer-1"] } })], chart_customization_config: [{ id: "C-1", targets: [{ datasetId: 5 }] }] });
  const form = canonical({ ...base, ...document }, server);
  expect(form["metadata"]).toMatchObject({ native_filter_configuration: { "F-1": { scope: { selectedLayers: ["chart-one-layer-0", "chart-99-layer-1"] } } }, chart_customization_config: { "C-1": { targets: [{ datasetUuid: "ds" }] } } });
  expect(wire(form, { chartId: () => 21, datasetId: () => 7 })["metadata"]).toMatchObject({ native_filter_configuration: [{ scope: { selectedLayers: ["chart-21-layer-0", "chart-21-layer-1"] } }], chart_customization_config: [{ targets: [{ datasetId: 7 }] }] });
});

test("charts are numbered from 1 everywhere, and the tree is complete", () => {
  const { canonical, wire } = rulesOf.dashboards;
  const document = wire(canonical({ ...base, ...meta({ timed_refresh_immune_slices: [72], chart_configuration: { 71: { crossFilters: { scope: { rootPath: ["ROOT_ID"], excluded: [71] } } } } }, two(71, 72)), unplaced: ["three"] }, knowing()), { chartId: () => undefined });
  expect(document).toMatchObject({ ...base, description: null, css: null, slug: null, certified_by: null, certification_details: null, published: false, theme_uuid: null, theme_id: null });
  expect(document["metadata"]).toMatchObject({ timed_refresh_immune_slices: [2], chart_configuration: { 1: { id: 1, crossFilters: { scope: { excluded: [1] } } } }, native_filter_configuration: [] });
  expect(document["position"]).toMatchObject({
    DASHBOARD_VERSION_KEY: "v2", HEADER_ID: { id: "HEADER_ID", type: "HEADER", meta: { text: "d" } }, "ROW-1": { id: "ROW-1", parents: ["ROOT_ID", "GRID_ID"] },
    "CHART-a": { id: "CHART-a", children: [], parents: ["ROOT_ID", "GRID_ID", "ROW-1"], meta: { chartId: 1, uuid: "one" } }, "CHART-b": { meta: { chartId: 2 } }, "CHART-unplaced-1": { meta: { chartId: 3, uuid: "three" } },
  });
});

test("a written theme leaves the live one to the server", () => {
  const { canonical, wire } = rulesOf.dashboards;
  expect(wire(canonical({ ...base, theme_uuid: "t" }, knowing()), { chartId: () => undefined })).not.toHaveProperty("theme_id");
});

test("of two filters with one id none is lost, and the order names each once", () => {
  const { canonical, wire } = rulesOf.dashboards;
  const document = { ...base, ...meta({ native_filter_configuration: [filter(), filter({ name: "g" }), filter({ id: "F-1-2", name: "h" }), filter({ id: "", name: "i" }), filter({ name: "j" })] }) };
  const form = canonical(document, knowing());
  const ids = ["F-1", "F-1-3", "F-1-2", "native_filter_configuration-4", "F-1-4"];
  expect(form["metadata"]).toMatchObject({ native_filter_order: ids, native_filter_configuration: Object.fromEntries(ids.map((id, index) => [id, { name: "fghij"[index] }])) });
  const written = wire(form, { chartId: () => undefined });
  expect(written["metadata"]).toMatchObject({ native_filter_configuration: ids.map((id, index) => ({ id, name: "fghij"[index] })) });
  expect(canonical(written, knowing())).toEqual(form);
});
