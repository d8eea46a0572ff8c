/** Documents as people write them, imported by Superset as they are: what it makes of them has the same canonical form. */
import { join } from "node:path";
import { changedPaths } from "../../provider/canonical";
import type { JsonObject } from "../../provider/json";
import type { ExportDocument } from "../../provider/kinds/define";
import { databaseContext, liveContext, SupersetApi } from "../helpers/api";
import { readExamples } from "../helpers/examples";
import { PLURALS, rulesOf, type Plural } from "../helpers/rules";
import { postgres, superset, type TestSuperset } from "../helpers/runtime";
import { UUID, workspace, WORKSPACE_SQL } from "../helpers/workspace";

jest.setTimeout(180_000);
let api: SupersetApi;
let server: TestSuperset;
let base: Readonly<Record<Plural, readonly ExportDocument[]>>;
let packageFolder: string;

beforeAll(async () => {
  server = await superset();
  const pg = await postgres();
  const warehouse = await pg.createDatabase();
  await pg.sql(warehouse.name, `SET ROLE warehouse_owner;\n${WORKSPACE_SQL}`);
  packageFolder = join(pg.bin, "../../../superset");
  base = workspace(`postgresql+psycopg2://${pg.reader.username}:${pg.reader.password}@${pg.host}:${pg.port}/${warehouse.name}`);
});

beforeEach(async () => {
  await server.fresh();
  api = await SupersetApi.connect(server);
});

const numbered = (digits: number): string => `1a2b0000-0000-4000-8000-${String(digits).padStart(12, "0")}`;

/** Differences of the given documents after an import as they are. */
async function afterImport(documents: Partial<Record<Plural, readonly ExportDocument[]>>): Promise<unknown[]> {
  for (const plural of PLURALS) if (documents[plural] !== undefined) await api.importAssets(plural, documents[plural]);
  return differences(documents);
}

async function differences(documents: Partial<Record<Plural, readonly ExportDocument[]>>): Promise<unknown[]> {
  const exported = await api.exportAssets();
  const live = liveContext(exported, await api.ids("chart"));
  const offline = databaseContext(new Map([...base.databases, ...(documents.databases ?? [])].map((document) => [String(document["uuid"]), document])));
  return PLURALS.flatMap((plural) => (documents[plural] ?? []).flatMap((document) => {
    const rules = rulesOf[plural];
    const desired = rules.canonical(document, offline);
    const found = exported[plural]?.get(String(document["uuid"]));
    return changedPaths(desired, found === undefined ? undefined : rules.relevant(rules.canonical(found, live), desired)).map((change) => ({ at: document["slice_name"] ?? document["uuid"] ?? null, ...change }));
  }));
}

test("Superset's own examples", async () => {
  const examples = readExamples(packageFolder, String(base.databases[0]!["sqlalchemy_uri"]));
  expect(await afterImport({ ...examples })).toEqual([]);
});

test("databases: both spellings of uploads, unsorted query, users with signs, absent keys", async () => {
  const uri = String(base.databases[0]!["sqlalchemy_uri"]);
  const database = (digits: number, rest: JsonObject): ExportDocument => ({ database_name: `database ${digits}`, uuid: numbered(digits), sqlalchemy_uri: uri, extra: {}, version: "1.0.0", ...rest });
  expect(await afterImport({ databases: [
    database(1, { sqlalchemy_uri: `${uri}?sslmode=prefer&application_name=a%20b&connect_timeout=3` }),
    database(2, { allow_file_upload: false, extra: { schemas_allowed_for_file_upload: ["public"], metadata_params: {} } }),
    database(3, { allow_csv_upload: false, extra: { schemas_allowed_for_csv_upload: ["a", "b"], version: "1", allows_virtual_table_explore: true } }),
    database(4, { cache_timeout: 0, extra: { engine_params: { connect_args: { sslmode: "prefer" } } }, configuration_method: null, allow_dml: true }),
    database(5, { sqlalchemy_uri: "postgresql+psycopg2://first%40last:secret%2Fword@127.0.0.1:1/none?options=-c%20search_path%3Da" }),
  ] })).toEqual([]);
});

test("datasets: JSON texts, empty values, no columns, a catalog, the database's cache timeout", async () => {
  const dataset = (digits: number, rest: JsonObject): ExportDocument => ({ table_name: `table ${digits}`, uuid: numbered(digits), database_uuid: UUID.database, version: "1.0.0", ...rest });
  const [database] = base.databases;
  const catalogs = { ...database!, uuid: numbered(90), database_name: "catalogs", extra: { allow_multi_catalog: true } };
  expect(await afterImport({ databases: [database!, catalogs], datasets: [
    dataset(1, { extra: "{\"warning_markdown\": \"\"}", template_params: "", sql: "", description: "" }),
    dataset(2, { columns: [{ column_name: "a", extra: "{\"warning_markdown\": \"x\"}", groupby: false }, { column_name: "b.c", expression: "a + 1", type: "INT" }, { column_name: "constructor" }], metrics: [{ metric_name: "m", expression: "1", currency: "", extra: "{}" }, { metric_name: "n", expression: "2", currency: { symbol: "EUR", symbolPosition: "prefix" } }] }),
    dataset(3, { cache_timeout: 300, catalog: "ignored", schema: "public" }),
    dataset(4, { cache_timeout: 301, params: { a: 1, remote_id: 3 }, template_params: { list: [1, 2] }, offset: -3, normalize_columns: true }),
    dataset(5, { database_uuid: numbered(90), catalog: "one", folders: null, main_dttm_col: "a", columns: [{ column_name: "a", is_dttm: true, python_date_format: "epoch_s", datetime_format: "%Y" }] }),
  ] })).toEqual([]);
});

const LEGACY: readonly (readonly [string, JsonObject])[] = [
  ["treemap", { metrics: ["total", "x"], order_desc: true, groupby: ["region"] }],
  ["pivot_table", { groupby: ["region"], columns: ["a"], metrics: ["total"], pandas_aggfunc: "sum", pivot_margins: true, row_limit: 10, number_format: ".2f", transpose_pivot: false }],
  ["dual_line", { metric: "a", metric_2: "b", granularity_sqla: "order_date", time_range: "Last year", y_axis_2_format: ".1f", adhoc_filters: [{ clause: "WHERE", subject: "region", operator: "==", comparator: "x", expressionType: "SIMPLE" }] }],
  ["sunburst", { groupby: ["region"], metric: "total", time_range: "No filter" }],
  ["line", { metrics: ["total"], granularity_sqla: "order_date", time_range: "Last week", line_interpolation: "step-after", show_brush: "yes", x_axis_label: "X", time_compare: ["1 week", "2 weeks ago"], comparison_type: "absolute", x_ticks_layout: "45°", y_log_scale: true }],
  ["line", { metrics: ["total"], line_interpolation: "cardinal", y_axis_label: "Y", left_margin: "auto", contribution: true, rolling_type: "None", bottom_margin: 12 }],
  ["area", { metrics: ["total"], stacked_style: "expand", granularity_sqla: "order_date", show_controls: true }],
  ["bar", { metrics: ["total"], bar_stacked: true, show_bar_value: true, granularity_sqla: "order_date", time_grain_sqla: "P1M", reduce_x_ticks: true }],
  ["dist_bar", { metrics: ["total"], groupby: ["region", "b"], columns: ["c"], bar_stacked: false, show_bar_value: false, granularity_sqla: "order_date" }],
  ["bubble", { entity: "region", x: "a", y: "b", size: "c", limit: 5, x_log_scale: true, x_axis_showminmax: true, x_ticks_layout: "auto" }],
  ["heatmap", { all_columns_x: "region", all_columns_y: "b", metric: "total", show_perc: true, sort_by_metric: true, canvas_image_rendering: "pixelated" }],
  ["histogram", { all_columns_x: ["amount"], link_length: "10", x_axis_label: "X", normalized: false }],
  ["sankey", { groupby: ["region", "b"], metric: "total" }],
];

test("charts of visualisations that Superset replaced", async () => {
  const charts = LEGACY.map(([vizType, params], index): ExportDocument => ({
    slice_name: `${vizType} ${index}`, viz_type: vizType, uuid: numbered(index), dataset_uuid: UUID.orders, version: "1.0.0", params: { viz_type: vizType, ...params },
  }));
  const written = charts.map((chart) => rulesOf.charts.canonical(chart, databaseContext(new Map())));
  expect(written.filter((form) => LEGACY.some(([vizType]) => vizType === form["viz_type"]))).toEqual([]);
  // In one request each: the server's tables of renamed keys grow with every chart of a request.
  for (const plural of ["databases", "datasets"] as const) await api.importAssets(plural, base[plural]);
  const found: unknown[] = [];
  for (const chart of charts) found.push(...(await afterImport({ charts: [chart] })));
  expect(found).toEqual([]);
});

test("multi-layer maps name their charts by uuid on every server", async () => {
  const layers = base.charts.slice(0, 2).map((chart) => String(chart["uuid"]));
  const map: ExportDocument = { slice_name: "Map", viz_type: "deck_multi", uuid: numbered(1), dataset_uuid: UUID.orders, version: "1.0.0", params: { deck_slices: layers, mapbox_style: "light" } };
  await afterImport({ databases: base.databases, datasets: base.datasets, charts: base.charts });
  const ids = await api.ids("chart");
  const desired = rulesOf.charts.canonical(map, databaseContext(new Map()));
  await api.importAssets("charts", [rulesOf.charts.wire(desired, { chartId: (uuid) => ids.get(uuid) })]);
  const { result } = await api.get(`/api/v1/chart/${await api.id("chart", numbered(1))}`);
  expect((JSON.parse(String((result as JsonObject)["params"])) as JsonObject)["deck_slices"]).toEqual(layers.map((uuid) => ids.get(uuid)));
  expect(await differences({ charts: [map] })).toEqual([]);
});

test("a dashboard's theme is cleared by writing one without", async () => {
  await afterImport(base);
  const { id } = await api.post("/api/v1/theme/", { theme_name: "Dark", json_data: "{}" });
  await api.put(`/api/v1/dashboard/${await api.id("dashboard", UUID.dashboard)}`, { theme_id: id ?? null });
  expect(await differences(base)).toEqual([{ at: UUID.dashboard, path: "theme_uuid", after: expect.any(String) }]);
  await api.importAssets("dashboards", base.dashboards.map((document) => rulesOf.dashboards.wire(rulesOf.dashboards.canonical(document, databaseContext(new Map())), { chartId: () => undefined })));
  expect(await differences(base)).toEqual([]);
});

test("columns, metric and time column that a sync fills in are no difference to a dataset that lists none", async () => {
  const bare: ExportDocument = { table_name: "edit_orders", schema: "public", uuid: UUID.orders, database_uuid: UUID.database, version: "1.0.0" };
  expect(await afterImport({ databases: base.databases, datasets: [bare] })).toEqual([]);
  await api.put(`/api/v1/dataset/${await api.id("dataset", UUID.orders)}/refresh`, {});
  const live = (await api.exportAssets())["datasets"]!.get(UUID.orders)!;
  expect([(live["columns"] as unknown[]).length, (live["metrics"] as unknown[]).length, live["main_dttm_col"]]).toEqual([5, 1, "order_date"]);
  expect(await differences({ datasets: [bare] })).toEqual([]);
});
