import { hash } from "../../provider/canonical";
import { assetHandler, type AssetContext } from "../../provider/lifecycle";
import { encodeInputs } from "../../provider/inputs";
import type { JsonObject } from "../../provider/json";
import { kindNamed } from "../../provider/kinds/registry";
import { UNKNOWN } from "../../provider/resource";

const UUID = "0b8f6b1e-5f3c-4d5e-9c1a-2f6f0a4d7e11";
const OTHER = "1b8f6b1e-5f3c-4d5e-9c1a-2f6f0a4d7e12";

const told: string[] = [];
const context = {
  workspace: { declared: new Map(), desiredContext: { database: () => undefined, chartUuid: () => undefined } },
  log: (message: string) => told.push(message),
} as unknown as AssetContext;

const check = (kind: string, news: JsonObject, olds: JsonObject = {}) => assetHandler(kindNamed(kind)).check(olds, { uuid: UUID, environment: "dev", ...news }, context);
const reasons = async (kind: string, news: JsonObject, olds: JsonObject = {}): Promise<readonly string[]> => (await check(kind, news, olds)).failures.map(({ reason }) => reason);
async function inputs(kind: string, news: JsonObject, olds: JsonObject = {}): Promise<JsonObject> {
  const { inputs: checked, failures } = await check(kind, news, olds);
  expect(failures).toEqual([]);
  return checked;
}

const CHART = { slice_name: "Orders", viz_type: "table", dataset_uuid: OTHER, params: { query_mode: "aggregate", groupby: ["region"], metrics: ["orders"], row_limit: 50 } };
const DATASET = { table_name: "orders", database_uuid: OTHER, columns: [{ column_name: "region", type: "TEXT" }, { column_name: "amount", type: "NUMERIC" }] };
const NODES = {
  ROOT_ID: { type: "ROOT", id: "ROOT_ID", children: ["GRID_ID"] },
  GRID_ID: { type: "GRID", id: "GRID_ID", children: ["ROW-1"], parents: ["ROOT_ID"] },
  "ROW-1": { type: "ROW", id: "ROW-1", children: ["CHART-1"], meta: {} },
  "CHART-1": { type: "CHART", id: "CHART-1", children: [], meta: { chartId: 7, width: 6, height: 50, uuid: OTHER } },
};
const BOARD = {
  dashboard_title: "Board", position: NODES,
  metadata: { timed_refresh_immune_slices: [7], native_filter_configuration: [{ id: "F", name: "Region", type: "NATIVE_FILTER", filterType: "filter_select", targets: [{ datasetUuid: UUID, column: { name: "region" } }], scope: { rootPath: ["ROOT_ID"], excluded: [7] } }] },
};

describe("how inputs are kept", () => {
  test("a program's stay nested, with a mark; the stack program's are JSON text", async () => {
    const written = await inputs("chart", { ...CHART, description: "[draft] note" });
    expect(written).toMatchObject({ description: "[draft] note", nested: true });
    expect(written["params"]).toMatchObject({ row_limit: 50 });
    expect(written).not.toHaveProperty("environment");
    const form = { uuid: UUID, slice_name: "[x]", params: { a: 1 } };
    expect(await inputs("chart", { compiled: JSON.stringify({ form, source: "a.yaml" }) })).toEqual({ uuid: UUID, slice_name: '"[x]"', params: '{"a":1}' });
  });

  test.each([["chart", CHART], ["dataset", DATASET], ["dashboard", BOARD], ["database", { database_name: "[d]", sqlalchemy_uri: "x://u@h/d", extra: { allow_multi_catalog: true } }]])(
    "a %s whose inputs are all those of the last run is as it was", async (kind, news) => {
      const olds = await inputs(kind, news);
      expect(await inputs(kind, olds, olds)).toEqual(olds);
      const { nested: _, ...form } = olds;
      // Of a state before there was the mark.
      expect(await inputs(kind, encodeInputs(form), encodeInputs(form))).toEqual(olds);
      expect(await inputs(kind, news, encodeInputs(form))).toEqual(olds);
    });

  test("what ignoreChanges keeps is kept beside what is new", async () => {
    const olds: JsonObject = { ...(await inputs("dataset", DATASET)), description: "[draft] note" };
    expect(await inputs("dataset", { ...DATASET, columns: olds["columns"] ?? null, table_name: "sales", description: "[draft] note" }, olds)).toEqual({ ...olds, table_name: "sales" });
    const board = await inputs("dashboard", BOARD);
    // A tree of the last run has no numbers: charts go by uuid then.
    const byUuid = { ...BOARD.metadata, timed_refresh_immune_slices: [OTHER], native_filter_configuration: BOARD.metadata.native_filter_configuration.map((filter) => ({ ...filter, scope: { rootPath: ["ROOT_ID"], excluded: [OTHER] } })) };
    for (const kept of [{ position: board["position"] ?? null, metadata: byUuid }, { metadata: board["metadata"] ?? null }]) {
      expect(await inputs("dashboard", { ...BOARD, dashboard_title: "New", ...kept }, board)).toEqual({ ...board, dashboard_title: "New" });
    }
    expect(await inputs("dashboard", { ...board, unplaced: [OTHER] }, { ...board, unplaced: [OTHER] })).toMatchObject({ dashboard_title: "Board" });
  });

  test("a transformation of the stack program's resources may keep inputs too", async () => {
    const olds = encodeInputs({ uuid: UUID, slice_name: "[old]", params: { a: 1 } });
    const compiled = JSON.stringify({ form: { uuid: UUID, slice_name: "new", params: { a: 2 } }, source: "a.yaml" });
    expect(await inputs("chart", { compiled, slice_name: olds["slice_name"] ?? null }, olds)).toEqual({ uuid: UUID, slice_name: '"[old]"', params: '{"a":2}' });
  });

  test("inputs that were JSON text are an update that adds the mark", async () => {
    const handler = assetHandler(kindNamed("chart"));
    const news = await inputs("chart", CHART);
    const { nested: _, ...form } = news;
    const outs = { uuid: UUID, hash: hash(form) };
    expect(await handler.diff(UUID, outs, news, context)).toEqual({ changes: true });
    expect(await handler.diff(UUID, { ...outs, nested: true }, news, context)).toEqual({ changes: false });
  });
});

describe("what templates refuse is refused", () => {
  test.each<[string, JsonObject, readonly (string | RegExp)[]]>([
    ["chart", { ...CHART, params: "{broken" }, [/^chart 'Orders': 'params' is text but not JSON: /]],
    ["chart", { ...CHART, dataset_uuid: undefined as never }, [/^chart 'Orders': the chart names no dataset/]],
    ["chart", { ...CHART, dataset_uuid: undefined as never, datasource: "orders" }, ["chart 'Orders': 'datasource' cannot name a dataset by 'orders': in a program, write its uuid: dataset.uuid"]],
    ["chart", { ...CHART, params: { groupby: [5] } }, [/'params\.groupby\[0\]' must be a column/]],
    ["chart", { ...CHART, key: "a", protect: true, retain: true }, [/resource's name/, /option 'protect'/, /option 'retainOnDelete'/]],
    ["dataset", { table_name: "orders" }, [/^dataset 'orders': the dataset names no database/]],
    ["dataset", { ...DATASET, columns: [...DATASET.columns, ...DATASET.columns] }, [/'region' is listed twice in 'columns'/, /'amount' is listed twice/]],
    ["dataset", { ...DATASET, columns: { region: {} } }, [/'columns' must be a list/]],
    ["dashboard", { dashboard_title: "B", layout: [["Orders"]] }, ["dashboard 'B': 'layout[0][0]' cannot name a chart by 'Orders': in a program, write its uuid: chart.uuid"]],
    ["dashboard", { dashboard_title: "B", layout: [[OTHER]], position: NODES }, [/'layout' and 'position' both/]],
    ["dashboard", { ...BOARD, metadata: { timed_refresh_immune_slices: [8] } }, [/8 is not the chartId/]],
    ["database", { database_name: "d", sqlalchemy_uri: "x" }, [/^database 'd': 'sqlalchemy_uri' is no address/]],
    ["database", { database_name: "d", sqlalchemy_uri: "postgresql://h/d?user=u&password=s3cret" }, [/'sqlalchemy_uri' holds 'password' in its query/]],
    ["database", { database_name: "d", sqlalchemy_uri: "x://h", extra: { engine_params: { connect_args: { password: "s3cret" } } } }, [/'extra\.engine_params\.connect_args\.password' is a secret in plain text/]],
    ["database", { database_name: "d", sqlalchemy_uri: "x://h", extra: '{"engine_params":{"connect_args":{"password":"s3cret"}}}' }, [/'extra\.engine_params\.connect_args\.password' is a secret/]],
  ])("%s %#", async (kind, news, expected) => {
    const given = await reasons(kind, JSON.parse(JSON.stringify(news)) as JsonObject);
    expect(given).toHaveLength(expected.length);
    expected.forEach((pattern, index) => (typeof pattern === "string" ? expect(given[index]).toBe(pattern) : expect(given[index]).toMatch(pattern)));
    expect(given.join()).not.toContain("s3cret");
  });

  test("also where the last run let it through", async () => {
    const old = { database_name: "d", sqlalchemy_uri: "x://h?password=s3cret", extra: { engine_params: { connect_args: { password: "s3cret" } } } };
    expect(await reasons("database", old, { uuid: UUID, ...old, nested: true })).toHaveLength(2);
  });

  test("what is only doubtful is told", async () => {
    told.length = 0;
    await inputs("chart", { ...CHART, viz_type: "tabl" });
    expect(told.join()).toContain("chart 'Orders': 'viz_type': Superset has no visualisation 'tabl'");
  });
});

test("short forms take uuids", async () => {
  expect(await inputs("chart", { ...CHART, dataset_uuid: undefined as never, datasource: OTHER })).toMatchObject({ dataset_uuid: OTHER });
  expect(JSON.stringify((await inputs("dashboard", { dashboard_title: "B", layout: [[OTHER]] }))["position"])).toContain(OTHER);
});

describe("what is known only after an apply", () => {
  test("is let through, as it was given", async () => {
    for (const [kind, news] of [["chart", { ...CHART, dataset_uuid: UNKNOWN }], ["chart", { ...CHART, params: UNKNOWN }], ["chart", { ...CHART, cache_timeout: UNKNOWN }],
      ["dashboard", { ...BOARD, position: UNKNOWN }], ["dashboard", { dashboard_title: "B", layout: [[UNKNOWN], [UNKNOWN]] }], ["database", { database_name: "d", sqlalchemy_uri: UNKNOWN }],
      ["dataset", { ...DATASET, columns: [{ column_name: UNKNOWN }, { column_name: UNKNOWN }] }],
      ["dashboard", { ...BOARD, position: { ...NODES, "CHART-1": { ...NODES["CHART-1"], meta: { ...NODES["CHART-1"].meta, uuid: UNKNOWN } } } }],
      ["dashboard", { ...BOARD, metadata: { timed_refresh_immune_slices: [UNKNOWN, 99] } }]] as const) {
      expect(await inputs(kind, news as JsonObject)).toEqual({ uuid: UUID, ...news, nested: true });
    }
  });

  test("what is wrong beside it is told at once", async () => {
    expect(await reasons("chart", { ...CHART, dataset_uuid: UNKNOWN, params: "{broken" })).toEqual([expect.stringContaining("'params' is text but not JSON") as string]);
    expect(await reasons("chart", { ...CHART, dataset_uuid: UNKNOWN, viztype: "table" })).toEqual([expect.stringContaining("unknown field 'viztype'") as string]);
  });
});
