/** Documents and requests the gateway's tests write. Complete export documents: every key that Superset exports. */
import type { JsonObject } from "../../provider/json";
import type { LiveAsset, WriteRequest } from "../../provider/superset/gateway";

/** A uuid that says what it is: `fake("c", 3)` is chart 3. */
export function fake(kind: "d" | "e" | "c" | "a", number: number): string {
  return `${kind}0000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

export const PASSWORD = "verysecret-pw-71";

export function database(number = 1, over: JsonObject = {}): JsonObject {
  return {
    database_name: `shop ${number}`,
    sqlalchemy_uri: `postgresql+psycopg2://bi:${PASSWORD}@127.0.0.1:9/shop`,
    cache_timeout: null,
    expose_in_sqllab: true,
    allow_run_async: false,
    allow_ctas: false,
    allow_cvas: false,
    allow_dml: false,
    allow_csv_upload: true,
    extra: {},
    impersonate_user: false,
    configuration_method: "sqlalchemy_form",
    uuid: fake("d", number),
    version: "1.0.0",
    ...over,
  };
}

export function dataset(number = 1, over: JsonObject = {}): JsonObject {
  return {
    table_name: `orders_${number}`,
    main_dttm_col: null,
    description: null,
    default_endpoint: null,
    offset: 0,
    cache_timeout: null,
    catalog: null,
    schema: "public",
    sql: null,
    params: null,
    template_params: null,
    filter_select_enabled: true,
    fetch_values_predicate: null,
    extra: null,
    normalize_columns: false,
    always_filter_main_dttm: false,
    uuid: fake("e", number),
    metrics: [{ metric_name: "count", expression: "COUNT(*)" }],
    columns: [{ column_name: "region", type: "TEXT" }],
    version: "1.0.0",
    database_uuid: fake("d", 1),
    ...over,
  };
}

export function chart(number = 1, over: JsonObject = {}): JsonObject {
  return {
    slice_name: `Chart ${number}`,
    description: null,
    certified_by: null,
    certification_details: null,
    viz_type: "table",
    params: { viz_type: "table", groupby: ["region"], metrics: ["count"], row_limit: 100, adhoc_filters: [], annotation_layers: [] },
    query_context: null,
    cache_timeout: null,
    uuid: fake("c", number),
    version: "1.0.0",
    dataset_uuid: fake("e", 1),
    ...over,
  };
}

export function dashboard(number: number, charts: readonly number[], over: JsonObject = {}): JsonObject {
  const items = charts.map((one, index) => [
    `CHART-${one}`,
    { type: "CHART", id: `CHART-${one}`, children: [], parents: ["ROOT_ID", "GRID_ID"], meta: { chartId: index + 1, width: 4, height: 50, sliceName: `Chart ${one}`, uuid: fake("c", one) } },
  ]);
  return {
    dashboard_title: `Board ${number}`,
    description: `About board ${number}`,
    css: ".x { color: red }",
    slug: `board-${number}`,
    certified_by: null,
    certification_details: null,
    published: true,
    uuid: fake("a", number),
    position: {
      DASHBOARD_VERSION_KEY: "v2",
      ROOT_ID: { type: "ROOT", id: "ROOT_ID", children: ["GRID_ID"] },
      GRID_ID: { type: "GRID", id: "GRID_ID", children: charts.map((one) => `CHART-${one}`), parents: ["ROOT_ID"] },
      HEADER_ID: { type: "HEADER", id: "HEADER_ID", meta: { text: `Board ${number}` } },
      ...Object.fromEntries(items),
    },
    metadata: {
      native_filter_configuration: [
        { id: "NATIVE_FILTER-1", name: "Region", filterType: "filter_select", targets: [{ column: { name: "region" }, datasetUuid: fake("e", 1) }], scope: { rootPath: ["ROOT_ID"], excluded: [] } },
      ],
    },
    version: "1.0.0",
    ...over,
  };
}

/** A write that accepts whatever is there, unless told otherwise. */
export function writing(kind: string, document: JsonObject, over: Partial<WriteRequest> = {}): WriteRequest {
  const name = document["slice_name"] ?? document["table_name"] ?? document["database_name"] ?? document["dashboard_title"];
  return {
    kind,
    uuid: String(document["uuid"]),
    document,
    label: `${kind} "${String(name)}"`,
    source: `assets/${kind}s/${String(name).toLowerCase().replace(/ /g, "_")}.yaml`,
    guard: () => undefined,
    verify: (_live: LiveAsset) => undefined,
    ...over,
  };
}
