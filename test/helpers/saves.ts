/** What Superset's UI sends when somebody opens an asset and saves it without a change (facts of superset-frontend: saveModalActions, dashboardState, DatasourceModal). */
import { isObject, type Json, type JsonObject } from "../../provider/json";
import type { Api } from "./api";

const rowOf = (answer: JsonObject): JsonObject => answer["result"] as JsonObject;
const ids = (value: Json | undefined): Json[] => (Array.isArray(value) ? value.filter(isObject).map((row) => row["id"] ?? null) : []);
const parsed = (text: Json | undefined): JsonObject => (typeof text === "string" && text !== "" ? (JSON.parse(text) as JsonObject) : {});

/** What a test changes in what is sent. */
type Change = (body: Record<string, Json>) => void;
const nothing: Change = () => undefined;

/** "Save" in explore. `change` may edit the form (viz_type and slice_name in it are the chart's own). */
export async function saveChart(api: Api, id: number, change: Change = nothing): Promise<void> {
  const row = rowOf(await api.get(`/api/v1/chart/${id}`));
  const stored = parsed(row["params"]);
  const stays = String(stored["datasource"]);
  const dashboards = ids(row["dashboards"]);
  const form: Record<string, Json> = {
    ...stored, slice_name: row["slice_name"] ?? null, viz_type: row["viz_type"] ?? null, slice_id: id, datasource: stays, dashboards, extra_form_data: {}, url_params: {},
    annotation_layers: stored["annotation_layers"] ?? [], adhoc_filters: named(stored["adhoc_filters"]),
  };
  change(form);
  const datasource = String(form["datasource"]);
  const queryContext = { datasource: { id: Number(datasource.split("__")[0]), type: "table" }, force: false, queries: [{ filters: [] }], form_data: form, result_format: "json", result_type: "full" };
  await api.put(`/api/v1/chart/${id}`, {
    slice_name: form["slice_name"] ?? null,
    viz_type: form["viz_type"] ?? null,
    params: JSON.stringify(form),
    datasource_id: Number(datasource.split("__")[0]),
    datasource_type: "table",
    dashboards,
    owners: ids(row["owners"]),
    query_context: JSON.stringify(queryContext),
  });
}

/** Adhoc filters as explore holds them: with a made-up name. */
function named(filters: Json | undefined): Json {
  if (!Array.isArray(filters)) return [];
  return filters.map((filter: Json) => (isObject(filter) ? { isExtra: false, isNew: false, datasourceWarning: false, sqlExpression: null, ...filter, filterOptionName: `filter_${Math.random().toString(36).slice(2)}` } : filter));
}

/** "Save" in the dialog with a chart's properties. */
export async function saveChartProperties(api: Api, id: number, change: Change = nothing): Promise<void> {
  const row = rowOf(await api.get(`/api/v1/chart/${id}`));
  const body: Record<string, Json> = {
    slice_name: row["slice_name"] ?? null,
    description: row["description"] ?? "",
    cache_timeout: row["cache_timeout"] === null ? null : Number(row["cache_timeout"]),
    certified_by: row["certified_by"] ?? "",
    certification_details: row["certification_details"] ?? "",
    owners: ids(row["owners"]),
  };
  change(body);
  await api.put(`/api/v1/chart/${id}`, body);
}

/** What the dashboard editor holds. */
export interface Editor {
  readonly body: Record<string, Json>;
  readonly metadata: Record<string, Json>;
  /** The tree by item id. */
  readonly positions: Record<string, { type: string; id: string; children: string[]; parents?: string[]; meta: Record<string, Json> }>;
}

/** "Edit dashboard" and "Save". `change` may edit what the editor holds. */
export async function saveDashboard(api: Api, id: number, change: (editor: Editor) => void = () => undefined): Promise<void> {
  const row = rowOf(await api.get(`/api/v1/dashboard/${id}`));
  const positions = hydrated(parsed(row["position_json"]), String(row["dashboard_title"]));
  const charts = Object.values(positions).flatMap((item) => (isObject(item) && item["type"] === "CHART" && isObject(item["meta"]) ? [item["meta"]["chartId"] ?? null] : []));
  const stored = parsed(row["json_metadata"]);
  const configuration = isObject(stored["chart_configuration"]) ? stored["chart_configuration"] : {};
  const metadata: Record<string, Json> = {
    ...stored,
    chart_configuration: Object.fromEntries(
      charts.map((chart) => {
        const entry = configuration[String(chart)];
        const cross = isObject(entry) && isObject(entry["crossFilters"]) ? entry["crossFilters"] : { scope: "global" };
        return [String(chart), { id: chart, crossFilters: { ...cross, chartsInScope: charts.filter((other) => other !== chart) } }];
      }),
    ),
    global_chart_configuration: { ...(isObject(stored["global_chart_configuration"]) ? stored["global_chart_configuration"] : { scope: { rootPath: ["ROOT_ID"], excluded: [] } }), chartsInScope: charts },
    native_filter_configuration: (Array.isArray(stored["native_filter_configuration"]) ? stored["native_filter_configuration"] : []).map((filter: Json) => ({ ...(filter as JsonObject), chartsInScope: charts, tabsInScope: [] })),
    positions,
    default_filters: "{}",
    filter_scopes: {},
    color_namespace: null,
    shared_label_colors: ["Somebody"],
    map_label_colors: { Somebody: "#112233" },
    color_scheme_domain: ["#112233", "#445566"],
  };
  const body: Record<string, Json> = {
    certified_by: row["certified_by"] ?? "",
    certification_details: row["certification_details"] ?? "",
    css: row["css"] ?? "",
    dashboard_title: row["dashboard_title"] ?? null,
    slug: row["slug"] === "" ? null : (row["slug"] ?? null),
    owners: ids(row["owners"]),
    roles: ids(row["roles"]),
  };
  change({ body, metadata, positions: positions as unknown as Editor["positions"] });
  await api.put(`/api/v1/dashboard/${id}`, { ...body, json_metadata: JSON.stringify(metadata) });
}

/** The tree as the editor holds it: a header with the title, and parents everywhere. */
function hydrated(stored: JsonObject, title: string): JsonObject {
  const items: Record<string, Json> = { ...stored, HEADER_ID: { id: "HEADER_ID", type: "HEADER", meta: { text: title } } };
  const walk = (id: string, parents: readonly string[]): void => {
    const item = items[id];
    if (!isObject(item)) return;
    items[id] = { ...item, parents: [...parents] };
    for (const held of Array.isArray(item["children"]) ? item["children"] : []) walk(String(held), [...parents, id]);
  };
  walk("ROOT_ID", []);
  return items;
}

/** What opening a dashboard as its owner sends. */
export async function openDashboard(api: Api, id: number): Promise<void> {
  await api.put(`/api/v1/dashboard/${id}/colors?mark_updated=false`, { map_label_colors: { East: "#1f77b4" }, shared_label_colors: ["East"], color_scheme_domain: ["#1f77b4"] });
}

const COLUMN_KEYS = ["id", "column_name", "type", "advanced_data_type", "verbose_name", "description", "filterable", "groupby", "is_active", "is_dttm", "python_date_format", "uuid"];

/** "Edit dataset" and "Save". `change` may edit what is sent. */
export async function saveDataset(api: Api, id: number, change: Change = nothing, query = ""): Promise<void> {
  const row = rowOf(await api.get(`/api/v1/dataset/${id}`));
  const rows = (key: string): JsonObject[] => (Array.isArray(row[key]) ? row[key].filter(isObject) : []);
  const body: Record<string, Json> = {
    table_name: row["table_name"] ?? null,
    database_id: isObject(row["database"]) ? (row["database"]["id"] ?? null) : null,
    sql: row["sql"] ?? "",
    filter_select_enabled: row["filter_select_enabled"] ?? null,
    fetch_values_predicate: row["fetch_values_predicate"] ?? "",
    schema: row["schema"] ?? null,
    description: row["description"] ?? "",
    main_dttm_col: row["main_dttm_col"] ?? null,
    normalize_columns: row["normalize_columns"] ?? null,
    always_filter_main_dttm: row["always_filter_main_dttm"] ?? null,
    offset: row["offset"] ?? null,
    default_endpoint: row["default_endpoint"] ?? "",
    cache_timeout: row["cache_timeout"] ?? null,
    is_sqllab_view: row["is_sqllab_view"] ?? null,
    template_params: row["template_params"] ?? "",
    extra: row["extra"] ?? "",
    metrics: rows("metrics").map((metric) => ({
      id: metric["id"] ?? null, uuid: metric["uuid"] ?? null, metric_name: metric["metric_name"] ?? null, expression: metric["expression"] ?? null,
      metric_type: metric["metric_type"] ?? null, verbose_name: metric["verbose_name"] ?? "", description: metric["description"] ?? "",
      d3format: metric["d3format"] ?? null, warning_text: metric["warning_text"] ?? "", extra: metric["extra"] ?? "{}",
      ...(isObject(metric["currency"]) ? { currency: metric["currency"] } : {}),
    })),
    columns: rows("columns").map((column) => ({
      ...Object.fromEntries(COLUMN_KEYS.map((key) => [key, column[key] ?? null])),
      verbose_name: column["verbose_name"] ?? "", description: column["description"] ?? "",
      expression: column["expression"] ?? "", extra: column["extra"] ?? "{}",
    })),
    owners: ids(row["owners"]),
  };
  change(body);
  await api.put(`/api/v1/dataset/${id}${query}`, body);
}
