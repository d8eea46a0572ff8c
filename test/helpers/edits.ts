/**
 * Edits as people make them in Superset's UI, by the same API calls, on the workspace of `workspace.ts`; and the fields in which the
 * canonical form of the edited asset then differs. Each edit starts from the workspace as it is in Git.
 */
import type { FieldChange } from "../../provider/canonical";
import { isObject, type Json, type JsonObject } from "../../provider/json";
import type { Api } from "./api";
import { saveChart, saveChartProperties, saveDashboard, saveDataset, type Editor } from "./saves";
import type { ExportDocument } from "../../provider/kinds/define";
import type { Plural } from "./rules";
import { UUID, workspace as plainWorkspace } from "./workspace";

export { UUID, WORKSPACE_SQL } from "./workspace";

export interface Edit {
  /** What the person does. */
  readonly name: string;
  readonly kind: "database" | "dataset" | "chart" | "dashboard";
  /** The asset that differs afterwards. */
  readonly uuid: string;
  apply(api: Api): Promise<void>;
  /** All fields of that asset that differ, sorted by path; empty for a deletion. */
  readonly changes: readonly FieldChange[];
  /** The asset is gone. Default: false. */
  readonly deleted?: boolean;
  /** Other assets that differ as a consequence, by uuid: chart of a deleted dataset, dashboard of a deleted chart. */
  readonly others?: readonly string[];
}

/** Numeric id of an asset. */
export async function idOf(api: Api, kind: Edit["kind"], uuid: string): Promise<number> {
  const { result } = await api.get(`/api/v1/${kind}/?q=(columns:!(id,uuid),filters:!((col:uuid,opr:eq,value:'${uuid}')))`);
  const row = Array.isArray(result) ? result.find(isObject) : undefined;
  if (row === undefined) throw new Error(`no ${kind} ${uuid}`);
  return Number(row["id"]);
}

type Values = Record<string, Json>;
const one = (path: string, before: Json | undefined, after: Json | undefined): FieldChange => ({
  path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }),
});

const explore = (name: string, uuid: string, change: (form: Values) => void, ...changes: FieldChange[]): Edit => ({
  name, kind: "chart", uuid, changes, apply: async (api) => saveChart(api, await idOf(api, "chart", uuid), change),
});
const properties = (name: string, uuid: string, body: Values, ...changes: FieldChange[]): Edit => ({
  name, kind: "chart", uuid, changes, apply: async (api) => saveChartProperties(api, await idOf(api, "chart", uuid), (sent) => Object.assign(sent, body)),
});
const dataset = (name: string, uuid: string, change: (body: Values) => void, ...changes: FieldChange[]): Edit => ({
  name, kind: "dataset", uuid, changes, apply: async (api) => saveDataset(api, await idOf(api, "dataset", uuid), change),
});
const row = (key: "columns" | "metrics", name: string, change: Values) => (body: Values): void => {
  body[key] = (body[key] as JsonObject[]).map((item) => (item["column_name"] === name || item["metric_name"] === name ? { ...item, ...change } : item));
};
const added = (key: "columns" | "metrics", item: JsonObject) => (body: Values): void => {
  body[key] = [...(body[key] as JsonObject[]), item];
};
const editor = (name: string, change: (editor: Editor) => void, ...changes: FieldChange[]): Edit => ({
  name, kind: "dashboard", uuid: UUID.dashboard, changes, apply: async (api) => saveDashboard(api, await idOf(api, "dashboard", UUID.dashboard), change),
});
const dashboardPut = (name: string, path: string, body: JsonObject, ...changes: FieldChange[]): Edit => ({
  name, kind: "dashboard", uuid: UUID.dashboard, changes,
  apply: async (api) => void (await api.put(`/api/v1/dashboard/${await idOf(api, "dashboard", UUID.dashboard)}${path}`, body)),
});
const database = (name: string, body: JsonObject, ...changes: FieldChange[]): Edit => ({
  name, kind: "database", uuid: UUID.database, changes,
  apply: async (api) => {
    const id = await idOf(api, "database", UUID.database);
    const now = (await api.get(`/api/v1/database/${id}/connection`))["result"] as JsonObject;
    const keys = ["database_name", "sqlalchemy_uri", "cache_timeout", "expose_in_sqllab", "allow_run_async", "allow_file_upload", "allow_ctas", "allow_cvas", "allow_dml", "impersonate_user", "extra", "force_ctas_schema"];
    const sent = Object.fromEntries(keys.map((key) => [key, now[key] ?? null]));
    const extra = body["extra"];
    await api.put(`/api/v1/database/${id}`, { ...sent, ...body, ...(isObject(extra) ? { extra: JSON.stringify({ ...(JSON.parse(String(now["extra"])) as JsonObject), ...extra }) } : {}) });
  },
});

const FORMATTED = "edd10000-0000-4000-8000-000000000035";
const RANKED = "edd10000-0000-4000-8000-000000000036";
const OLDER = "edd10000-0000-4000-8000-000000000037";
const north = { clause: "WHERE", subject: "region", operator: "IN", comparator: ["North"], expressionType: "SIMPLE" };
const formatting = [{ column: "revenue", operator: ">", targetValue: 100, colorScheme: "#ACE1C4" }];
const columnConfig = { revenue: { d3NumberFormat: ",.0f" } };

/** The workspace, with charts more that have controls to empty: a table, bars by region, and a pie with a time range as charts had it before Superset 3. */
export function workspace(uri: string): Readonly<Record<Plural, readonly ExportDocument[]>> {
  const plain = plainWorkspace(uri);
  const chart = (name: string, uuid: string, vizType: string, params: JsonObject): ExportDocument => ({
    slice_name: name, uuid, dataset_uuid: UUID.orders, viz_type: vizType, version: "1.0.0", params: { viz_type: vizType, ...params },
  });
  return {
    ...plain,
    charts: [
      ...plain.charts,
      chart("Formatted", FORMATTED, "table", { query_mode: "aggregate", groupby: ["region"], metrics: ["revenue"], row_limit: 100, adhoc_filters: [north], conditional_formatting: formatting, column_config: columnConfig }),
      chart("Ranked", RANKED, "echarts_timeseries_bar", { x_axis: "region", metrics: ["revenue"], x_axis_sort: "revenue", x_axis_sort_asc: false, time_compare: ["1 year ago"], row_limit: 100 }),
      chart("Older", OLDER, "pie", { groupby: ["region"], metric: "revenue", row_limit: 10, granularity_sqla: "order_date", time_range: "Last year" }),
    ],
  };
}

/** What explore makes of the time range of an older chart at its first save. */
const converted = (form: Values, range: string): void => {
  delete form["granularity_sqla"];
  delete form["time_range"];
  form["adhoc_filters"] = [{ clause: "WHERE", subject: "order_date", operator: "TEMPORAL_RANGE", comparator: range, expressionType: "SIMPLE" }];
};

const filters = (form: Values): JsonObject[] => [...(form["adhoc_filters"] as JsonObject[])];
const formula = { annotationType: "FORMULA", name: "Goal", value: "100", show: true, style: "solid", width: 1 };
const event = { annotationType: "EVENT", sourceType: "NATIVE", name: "Holidays", value: 1, show: true };
const sms = { clause: "WHERE", subject: "amount", operator: ">", comparator: "5", expressionType: "SIMPLE" };

const CHARTS: readonly Edit[] = [
  explore("rename a chart", UUID.revenue, (form) => { form["slice_name"] = "Revenue by month"; }, one("slice_name", "Revenue over time", "Revenue by month")),
  explore("change the visualisation", UUID.revenue, (form) => { form["viz_type"] = "echarts_timeseries_line"; }, one("viz_type", "echarts_timeseries_bar", "echarts_timeseries_line")),
  explore("change a metric's aggregate", UUID.revenue, (form) => { form["metrics"] = [{ ...(form["metrics"] as JsonObject[])[0], aggregate: "AVG", optionName: "metric_x1" }]; },
    one("params.metrics[0].aggregate", "SUM", "AVG")),
  explore("choose another saved metric", UUID.total, (form) => { form["metric"] = "orders"; }, one("params.metric", "revenue", "orders")),
  explore("add a second metric", UUID.revenue, (form) => { form["metrics"] = [...(form["metrics"] as Json[]), "orders"]; }, one("params.metrics[1]", undefined, "orders")),
  explore("add a filter", UUID.revenue, (form) => { form["adhoc_filters"] = [...filters(form), { ...sms, filterOptionName: "filter_9" }]; }, one("params.adhoc_filters[2]", undefined, sms)),
  explore("change a filter's values", UUID.revenue, (form) => { form["adhoc_filters"] = filters(form).map((item, index) => (index === 1 ? { ...item, comparator: ["East"] } : item)); },
    one("params.adhoc_filters[1].comparator", ["North", "South"], ["East"])),
  explore("change the time range", UUID.revenue, (form) => { form["adhoc_filters"] = filters(form).map((item, index) => (index === 0 ? { ...item, comparator: "Last quarter" } : item)); },
    one("params.adhoc_filters[0].comparator", "No filter", "Last quarter")),
  explore("remove the only filter", FORMATTED, (form) => { form["adhoc_filters"] = []; }, one("params.adhoc_filters", [north], undefined)),
  explore("remove conditional formatting", FORMATTED, (form) => { form["conditional_formatting"] = []; }, one("params.conditional_formatting", formatting, undefined)),
  explore("clear the configuration of columns", FORMATTED, (form) => { form["column_config"] = {}; }, one("params.column_config", columnConfig, undefined)),
  explore("clear the time comparison", RANKED, (form) => { form["time_compare"] = []; }, one("params.time_compare", ["1 year ago"], undefined)),
  // A choice that is cleared is left out of what is saved, as is the control that is hidden without it.
  explore("clear the sort of an axis", RANKED, (form) => { delete form["x_axis_sort"]; delete form["x_axis_sort_asc"]; }, one("params.x_axis_sort", "revenue", undefined)),
  explore("take the time range from an older chart", OLDER, (form) => { converted(form, "No filter"); }, one("params.time_range", "Last year", undefined)),
  explore("limit an older chart's slices", OLDER, (form) => { if ("granularity_sqla" in form) converted(form, "Last year"); form["row_limit"] = 5; }, one("params.row_limit", 10, 5)),
  explore("change a big number's subtitle", UUID.total, (form) => { delete form["subheader"]; form["subtitle"] = "this year"; },
    one("params.subheader", "all time", undefined), one("params.subtitle", undefined, "this year")),
  explore("switch a table to rows", UUID.table, (form) => { Object.assign(form, { query_mode: "raw", all_columns: ["region"] }); },
    one("params.all_columns", undefined, ["region"]), one("params.query_mode", "aggregate", "raw")),
  explore("change the row limit", UUID.table, (form) => { form["row_limit"] = 500; }, one("params.row_limit", 50, 500)),
  explore("change the time grain", UUID.revenue, (form) => { form["time_grain_sqla"] = "P1W"; }, one("params.time_grain_sqla", "P1M", "P1W")),
  explore("change the dimensions", UUID.revenue, (form) => { form["groupby"] = []; }, one("params.groupby", ["region"], undefined)),
  explore("change a chart's colours", UUID.revenue, (form) => { form["color_scheme"] = "d3Category10"; }, one("params.color_scheme", "supersetColors", "d3Category10")),
  explore("switch a legend off", UUID.revenue, (form) => { form["show_legend"] = false; }, one("params.show_legend", undefined, false)),
  explore("add a formula", UUID.revenue, (form) => { form["annotation_layers"] = [formula]; }, one("params.annotation_layers", undefined, [formula])),
  explore("add an annotation layer that no import can write", UUID.revenue, (form) => { form["annotation_layers"] = [event]; }, one("params.annotation_layers", undefined, [event])),
  properties("describe a chart", UUID.revenue, { description: "By month" }, one("description", undefined, "By month")),
  properties("remove a chart's description", UUID.table, { description: "" }, one("description", "All regions", undefined)),
  properties("certify a chart", UUID.revenue, { certified_by: "Ann", certification_details: "checked" }, one("certification_details", undefined, "checked"), one("certified_by", undefined, "Ann")),
  properties("take a certification back", UUID.total, { certified_by: "" }, one("certified_by", "Finance", undefined)),
  properties("change a chart's cache timeout", UUID.table, { cache_timeout: 3600 }, one("cache_timeout", 60, 3600)),
  {
    name: "swap a chart's dataset", kind: "chart", uuid: UUID.share, changes: [one("dataset_uuid", UUID.byRegion, UUID.orders)],
    apply: async (api) => {
      const orders = await idOf(api, "dataset", UUID.orders);
      await saveChart(api, await idOf(api, "chart", UUID.share), (form) => { form["datasource"] = `${orders}__table`; });
    },
  },
];

const flags = { filterable: true, groupby: true, is_active: true, is_dttm: false };
const currency = { symbol: "EUR", symbolPosition: "suffix" };

const DATASETS: readonly Edit[] = [
  dataset("label a column", UUID.orders, row("columns", "region", { verbose_name: "Sales region" }), one("columns.region.verbose_name", "Region", "Sales region")),
  dataset("describe a column", UUID.orders, row("columns", "amount", { description: "Without tax" }), one("columns.amount.description", undefined, "Without tax")),
  dataset("take the time flag from a column", UUID.orders, row("columns", "shipped_on", { is_dttm: false }), one("columns.shipped_on.is_dttm", true, false)),
  dataset("forbid a column as dimension and filter", UUID.orders, row("columns", "region", { groupby: false, filterable: false }), one("columns.region.filterable", true, false), one("columns.region.groupby", true, false)),
  dataset("certify a column", UUID.orders, row("columns", "region", { extra: JSON.stringify({ certification: { certified_by: "Ann", details: null }, warning_markdown: "" }) }),
    one("columns.region.extra", undefined, { certification: { certified_by: "Ann" } })),
  dataset("add a calculated column", UUID.orders, added("columns", { column_name: "double", expression: "amount * 2", type: "DOUBLE PRECISION", ...flags }),
    one("columns.double", undefined, { expression: "amount * 2", type: "DOUBLE PRECISION", ...flags })),
  dataset("change a calculated column", UUID.orders, row("columns", "margin", { expression: "amount * 0.3" }), one("columns.margin.expression", "amount * 0.2", "amount * 0.3")),
  dataset("change a calculated column's type", UUID.orders, row("columns", "margin", { type: "INTEGER" }), one("columns.margin.type", "DOUBLE PRECISION", "INTEGER")),
  dataset("remove a calculated column", UUID.orders, (body) => { body["columns"] = (body["columns"] as JsonObject[]).filter((item) => item["column_name"] !== "margin"); },
    one("columns.margin", { expression: "amount * 0.2", type: "DOUBLE PRECISION", ...flags }, undefined)),
  dataset("customise a column Git does not list", UUID.orders, row("columns", "note", { verbose_name: "Remark" }), one("columns.note", undefined, { type: "TEXT", verbose_name: "Remark", ...flags })),
  dataset("add a metric", UUID.orders, added("metrics", { metric_name: "biggest", expression: "MAX(amount)", verbose_name: "Biggest", d3format: null, description: "" }),
    one("metrics.biggest", undefined, { expression: "MAX(amount)", verbose_name: "Biggest" })),
  dataset("change a metric's SQL", UUID.orders, row("metrics", "revenue", { expression: "SUM(amount) / 2" }), one("metrics.revenue.expression", "SUM(amount)", "SUM(amount) / 2")),
  dataset("format a metric", UUID.orders, row("metrics", "revenue", { d3format: ",.0f", currency }), one("metrics.revenue.currency", undefined, currency), one("metrics.revenue.d3format", ",.2f", ",.0f")),
  dataset("warn of a metric", UUID.orders, row("metrics", "revenue", { warning_text: "Net", extra: JSON.stringify({ warning_markdown: "*Net*" }) }),
    one("metrics.revenue.extra", undefined, { warning_markdown: "*Net*" }), one("metrics.revenue.warning_text", undefined, "Net")),
  dataset("remove a metric", UUID.orders, (body) => { body["metrics"] = (body["metrics"] as JsonObject[]).filter((item) => item["metric_name"] !== "orders"); }, one("metrics.orders", { expression: "COUNT(*)" }, undefined)),
  dataset("change the default time column", UUID.orders, (body) => { body["main_dttm_col"] = "shipped_on"; }, one("main_dttm_col", "order_date", "shipped_on")),
  dataset("describe a dataset", UUID.orders, (body) => { body["description"] = "All orders"; }, one("description", "Orders", "All orders")),
  dataset("change a dataset's cache timeout", UUID.orders, (body) => { body["cache_timeout"] = 10; }, one("cache_timeout", undefined, 10)),
  dataset("shift a dataset's hours", UUID.orders, (body) => { body["offset"] = 2; }, one("offset", 0, 2)),
  dataset("certify a dataset", UUID.orders, (body) => { body["extra"] = JSON.stringify({ certification: { certified_by: "Ann", details: "ok" } }); }, one("extra", undefined, { certification: { certified_by: "Ann", details: "ok" } })),
  dataset("set template parameters and a predicate", UUID.orders, (body) => { body["template_params"] = '{"a": "b"}'; body["fetch_values_predicate"] = "amount > 0"; },
    one("fetch_values_predicate", undefined, "amount > 0"), one("template_params", undefined, { a: "b" })),
  dataset("filter always by time, and no values for filters", UUID.orders, (body) => { body["always_filter_main_dttm"] = true; body["filter_select_enabled"] = false; },
    one("always_filter_main_dttm", false, true), one("filter_select_enabled", true, false)),
  dataset("change a virtual dataset's SQL", UUID.byRegion, (body) => { body["sql"] = "SELECT region, MAX(amount) AS amount FROM public.edit_orders GROUP BY region"; },
    one("sql", "SELECT region, SUM(amount) AS amount FROM public.edit_orders GROUP BY region", "SELECT region, MAX(amount) AS amount FROM public.edit_orders GROUP BY region")),
  dataset("rename a virtual dataset", UUID.byRegion, (body) => { body["table_name"] = "edit_regions"; }, one("table_name", "edit_by_region", "edit_regions")),
];

const region = (editor: Editor): Values => (editor.metadata["native_filter_configuration"] as Values[])[0] as Values;
const FILTER = "metadata.native_filter_configuration.NATIVE_FILTER-region";
const choice = { extraFormData: { filters: [{ col: "region", op: "IN", val: ["East"] }] }, filterState: { value: ["East"], label: "East" }, ownState: {} };

const DASHBOARDS: readonly Edit[] = [
  editor("rename a dashboard", ({ body }) => { body["dashboard_title"] = "Edited"; }, one("dashboard_title", "Edits", "Edited")),
  editor("change a dashboard's address", ({ body }) => { body["slug"] = "edited"; }, one("slug", "edits", "edited")),
  editor("change a dashboard's CSS", ({ body }) => { body["css"] = ""; }, one("css", ".header { color: red; }", undefined)),
  editor("certify a dashboard", ({ body }) => { body["certified_by"] = "Ann"; }, one("certified_by", undefined, "Ann")),
  dashboardPut("unpublish a dashboard", "", { published: false }, one("published", true, false)),
  editor("refresh every minute", ({ metadata }) => { metadata["refresh_frequency"] = 60; }, one("metadata.refresh_frequency", 0, 60)),
  editor("change the colour scheme", ({ metadata }) => { metadata["color_scheme"] = "d3Category10"; }, one("metadata.color_scheme", "supersetColors", "d3Category10")),
  editor("colour a label", ({ metadata }) => { metadata["label_colors"] = { North: "#222222" }; }, one("metadata.label_colors.North", "#111111", "#222222")),
  editor("switch cross filters off", ({ metadata }) => { metadata["cross_filters_enabled"] = false; }, one("metadata.cross_filters_enabled", true, false)),
  editor("move the filter bar", ({ metadata }) => { metadata["filter_bar_orientation"] = "HORIZONTAL"; }, one("metadata.filter_bar_orientation", "VERTICAL", "HORIZONTAL")),
  editor("move a chart", ({ positions }) => { positions["ROW-1"]!.children = ["CHART-1"]; positions["ROW-3"]!.children = ["CHART-3", "CHART-2"]; },
    one("position.ROW-1.children", ["CHART-1", "CHART-2"], ["CHART-1"]), one("position.ROW-3.children", ["CHART-3"], ["CHART-3", "CHART-2"])),
  editor("resize a chart", ({ positions }) => { Object.assign(positions["CHART-1"]!.meta, { width: 8, height: 70 }); }, one("position.CHART-1.meta.height", 50, 70), one("position.CHART-1.meta.width", 6, 8)),
  editor("name a chart for this dashboard only", ({ positions }) => { positions["CHART-1"]!.meta["sliceNameOverride"] = "Here"; }, one("position.CHART-1.meta.sliceNameOverride", undefined, "Here")),
  editor("remove a chart from a dashboard", ({ positions }) => { positions["ROW-1"]!.children = ["CHART-1"]; delete positions["CHART-2"]; },
    one("position.CHART-2", { type: "CHART", meta: { uuid: UUID.table, width: 6, height: 50 } }, undefined), one("position.ROW-1.children", ["CHART-1", "CHART-2"], ["CHART-1"])),
  {
    name: "add a chart to a dashboard", kind: "dashboard", uuid: UUID.dashboard,
    changes: [one("position.CHART-new", undefined, { type: "CHART", meta: { uuid: UUID.share, width: 4, height: 30 } }), one("position.ROW-3.children", ["CHART-3"], ["CHART-3", "CHART-new"])],
    apply: async (api) => {
      const chartId = await idOf(api, "chart", UUID.share);
      await saveDashboard(api, await idOf(api, "dashboard", UUID.dashboard), ({ positions }) => {
        positions["ROW-3"]!.children.push("CHART-new");
        positions["CHART-new"] = { type: "CHART", id: "CHART-new", children: [], meta: { chartId, width: 4, height: 30, sliceName: "Share" } };
      });
    },
  },
  {
    name: "add a chart to a dashboard from explore", kind: "dashboard", uuid: UUID.dashboard, changes: [one("unplaced", undefined, [UUID.share])],
    apply: async (api) => void (await api.put(`/api/v1/chart/${await idOf(api, "chart", UUID.share)}`, { dashboards: [await idOf(api, "dashboard", UUID.dashboard)] })),
  },
  editor("rename a tab", ({ positions }) => { positions["TAB-two"]!.meta["text"] = "Second"; }, one("position.TAB-two.meta.text", "Two", "Second")),
  editor("add a tab", ({ positions }) => { positions["TABS-main"]!.children.push("TAB-three"); positions["TAB-three"] = { type: "TAB", id: "TAB-three", children: [], meta: { text: "Three" } }; },
    one("position.TAB-three", undefined, { type: "TAB", meta: { text: "Three" } }), one("position.TABS-main.children", ["TAB-one", "TAB-two"], ["TAB-one", "TAB-two", "TAB-three"])),
  editor("edit a text", ({ positions }) => { positions["MARKDOWN-1"]!.meta["code"] = "# Bye"; }, one("position.MARKDOWN-1.meta.code", "# Hello", "# Bye")),
  editor("white background for a row", ({ positions }) => { positions["ROW-1"]!.meta["background"] = "BACKGROUND_WHITE"; }, one("position.ROW-1.meta.background", "BACKGROUND_TRANSPARENT", "BACKGROUND_WHITE")),
  editor("default value of a filter", (state) => { region(state)["defaultDataMask"] = choice; },
    one(`${FILTER}.defaultDataMask`, undefined, { extraFormData: choice.extraFormData, filterState: choice.filterState })),
  editor("rename a filter", (state) => { region(state)["name"] = "Area"; }, one(`${FILTER}.name`, "Region", "Area")),
  editor("single choice only", (state) => { region(state)["controlValues"] = { multiSelect: false }; }, one(`${FILTER}.controlValues.multiSelect`, true, false)),
  {
    name: "spare a chart from a filter", kind: "dashboard", uuid: UUID.dashboard, changes: [one(`${FILTER}.scope.excluded`, undefined, [UUID.total])],
    apply: async (api) => {
      const total = await idOf(api, "chart", UUID.total);
      await saveDashboard(api, await idOf(api, "dashboard", UUID.dashboard), (state) => { region(state)["scope"] = { rootPath: ["ROOT_ID"], excluded: [total] }; });
    },
  },
  dashboardPut("remove a filter", "/filters", { deleted: ["NATIVE_FILTER-region"], modified: [], reordered: [] },
    one(FILTER, { type: "NATIVE_FILTER", name: "Region", filterType: "filter_select", scope: { rootPath: ["ROOT_ID"] }, controlValues: { multiSelect: true }, targets: [{ datasetUuid: UUID.orders, column: { name: "region" } }] }, undefined),
    one("metadata.native_filter_order", ["NATIVE_FILTER-region", "NATIVE_FILTER-time"], ["NATIVE_FILTER-time"])),
  dashboardPut("reorder the filters", "/filters", { deleted: [], modified: [], reordered: ["NATIVE_FILTER-time", "NATIVE_FILTER-region"] },
    one("metadata.native_filter_order", ["NATIVE_FILTER-region", "NATIVE_FILTER-time"], ["NATIVE_FILTER-time", "NATIVE_FILTER-region"])),
  {
    name: "keep a chart from refreshing, and its description open", kind: "dashboard", uuid: UUID.dashboard,
    changes: [one("metadata.expanded_slices", undefined, { [UUID.table]: true }), one("metadata.timed_refresh_immune_slices", undefined, [UUID.total])],
    apply: async (api) => {
      const [total, table] = [await idOf(api, "chart", UUID.total), await idOf(api, "chart", UUID.table)];
      await saveDashboard(api, await idOf(api, "dashboard", UUID.dashboard), ({ metadata, body }) => {
        Object.assign(metadata, { timed_refresh_immune_slices: [total], expanded_slices: { [String(table)]: true } });
        body["json_metadata"] = "";
      });
    },
  },
  {
    name: "limit a chart's cross filter", kind: "dashboard", uuid: UUID.dashboard,
    changes: [one("metadata.chart_configuration", undefined, { [UUID.revenue]: { crossFilters: { scope: { rootPath: ["TAB-one"], excluded: [UUID.revenue] } } } })],
    apply: async (api) => {
      const revenue = await idOf(api, "chart", UUID.revenue);
      await saveDashboard(api, await idOf(api, "dashboard", UUID.dashboard), ({ metadata }) => {
        metadata["chart_configuration"] = { ...(metadata["chart_configuration"] as JsonObject), [String(revenue)]: { id: revenue, crossFilters: { scope: { rootPath: ["TAB-one"], excluded: [revenue] }, chartsInScope: [] } } };
      });
    },
  },
  {
    name: "choose a theme", kind: "dashboard", uuid: UUID.dashboard, changes: [{ path: "theme_uuid" }],
    apply: async (api) => {
      const { id } = await api.post("/api/v1/theme/", { theme_name: `Theme ${Math.random()}`, json_data: '{"token": {"colorPrimary": "#112233"}}' });
      await api.put(`/api/v1/dashboard/${await idOf(api, "dashboard", UUID.dashboard)}`, { theme_id: id ?? null });
    },
  },
];

const DATABASES: readonly Edit[] = [
  database("rename a database", { database_name: "edit_renamed" }, one("database_name", "edit_warehouse", "edit_renamed")),
  database("hide a database from SQL Lab", { expose_in_sqllab: false }, one("expose_in_sqllab", true, false)),
  database("allow changes by SQL", { allow_dml: true, allow_ctas: true }, one("allow_ctas", false, true), one("allow_dml", false, true)),
  database("run queries asynchronously", { allow_run_async: true }, one("allow_run_async", false, true)),
  database("forbid uploads", { allow_file_upload: false }, one("allow_csv_upload", true, false)),
  database("change a database's cache timeout", { cache_timeout: 900 }, one("cache_timeout", 300, 900)),
  database("change a database's extra settings", { extra: { schemas_allowed_for_file_upload: ["public"], disable_data_preview: true } },
    one("extra.disable_data_preview", undefined, true), one("extra.schemas_allowed_for_csv_upload", undefined, ["public"])),
];

const deletion = (kind: Edit["kind"], uuid: string, others: readonly string[] = [], first: readonly (readonly [Edit["kind"], string])[] = []): Edit => ({
  name: `delete a ${kind}`, kind, uuid, changes: [], deleted: true, others: [...others, ...first.map(([, id]) => id)],
  apply: async (api) => {
    for (const [other, id] of [...first, [kind, uuid] as const]) await api.delete(`/api/v1/${other}/${await idOf(api, other, id)}`);
  },
});

const DELETIONS: readonly Edit[] = [
  deletion("dashboard", UUID.dashboard),
  deletion("chart", UUID.total, [UUID.dashboard]),
  deletion("dataset", UUID.orders, [UUID.revenue, UUID.total, FORMATTED, RANKED, OLDER, UUID.dashboard]),
  deletion("database", UUID.database, [UUID.revenue, UUID.table, UUID.total, UUID.share, FORMATTED, RANKED, OLDER, UUID.dashboard], [["dataset", UUID.byRegion], ["dataset", UUID.orders]]),
];

/** All edits. A change without `before` and `after` whose asset is a dashboard's theme has a value that differs from run to run. */
export const EDITS: readonly Edit[] = [...CHARTS, ...DATASETS, ...DASHBOARDS, ...DATABASES, ...DELETIONS];
