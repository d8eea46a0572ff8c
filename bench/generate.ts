/**
 * The workspace the benchmark measures: 1 database, 5 datasets, 5 dashboards and any number of charts, in Superset's export layout,
 * which both `superset-cli sync native` and our templates accept. Deterministic: the same numbers give byte-equal files.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { uuidV5 } from "../provider/identity";
import { stringifyExport } from "../compile/export-yaml";
import type { Json, JsonObject } from "../provider/json";

/** Tables of the data source: a time column, dimensions, and the two numbers every table has. */
const TABLES: Readonly<Record<string, { readonly time: string; readonly dimensions: readonly string[] }>> = {
  invoices: { time: "issued_at", dimensions: ["country", "plan"] },
  visits: { time: "started_at", dimensions: ["page", "browser"] },
  parcels: { time: "sent_at", dimensions: ["carrier", "depot"] },
  returns: { time: "returned_at", dimensions: ["reason", "channel"] },
  calls: { time: "opened_at", dimensions: ["team", "priority"] },
};

const DASHBOARDS = 5;
const CHARTS_PER_ROW = 3;

export interface GenerateOptions {
  readonly charts: number;
  /** Begins every name, so that two sets can share one server. */
  readonly prefix: string;
  /** SQLAlchemy address as it is written into the database's file. */
  readonly uri: string;
}

/** One file: path below the workspace's root without extension, and its document. */
export interface GeneratedFile {
  readonly path: string;
  readonly document: JsonObject;
}

const uuidFor = (prefix: string, kind: string, number: number): string => uuidV5(`bench ${prefix} ${kind} ${number}`);

/** All files of the workspace. */
export function generate({ charts, prefix, uri }: GenerateOptions): readonly GeneratedFile[] {
  const databaseUuid = uuidFor(prefix, "database", 0);
  const tables = Object.entries(TABLES).map(([name, columns], index) => ({ id: index + 1, name: `${prefix}_${name}`, uuid: uuidFor(prefix, "dataset", index), ...columns }));
  const chartFiles = Array.from({ length: charts }, (_, number) => chart(prefix, number, at(tables, number)));
  const perDashboard = Math.ceil(charts / DASHBOARDS);
  return [
    { path: `databases/${prefix}_shop`, document: database(prefix, databaseUuid, uri) },
    ...tables.map((table) => ({ path: `datasets/${prefix}_shop/${table.name}`, document: dataset(table, databaseUuid) })),
    ...chartFiles,
    ...Array.from({ length: DASHBOARDS }, (_, number) =>
      dashboard(prefix, number, chartFiles.slice(number * perDashboard, (number + 1) * perDashboard), at(tables, number).uuid, at(tables, number).dimensions[0] ?? ""),
    ),
  ];
}

/** Writes the workspace below `folder`, as plain `.yaml` files. */
export function writeWorkspace(folder: string, options: GenerateOptions): void {
  for (const { path, document } of generate(options)) {
    const file = join(folder, `${path}.yaml`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, stringifyExport(document));
  }
}

/** SQL that makes the data source's tables, with a few rows each. */
export function dataSourceSql(prefix: string): string {
  return Object.entries(TABLES)
    .map(([name, { time, dimensions }]) => {
      const table = `${prefix}_${name}`;
      const columns = [`id bigint`, `${time} timestamp`, ...dimensions.map((dimension) => `${dimension} text`), `amount numeric(12,2)`, `pieces integer`];
      const values = [`g`, `timestamp '2025-01-01' + g * interval '3 hours'`, ...dimensions.map((dimension) => `'${dimension} ' || g % 9`), `(g * 53 % 997) / 7.0`, `g % 11`];
      return `create table ${table} (${columns.join(", ")});\ninsert into ${table} select ${values.join(", ")} from generate_series(1, 1500) g;`;
    })
    .join("\n");
}

type Table = { readonly id: number; readonly name: string; readonly uuid: string; readonly time: string; readonly dimensions: readonly string[] };

function at<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length];
  if (item === undefined) {
    throw new Error("no items");
  }
  return item;
}

function database(prefix: string, uuid: string, uri: string): JsonObject {
  return {
    database_name: `${prefix}_shop`, sqlalchemy_uri: uri, cache_timeout: null, expose_in_sqllab: true, allow_run_async: false, allow_ctas: false,
    allow_cvas: false, allow_dml: false, allow_csv_upload: false, extra: { allows_virtual_table_explore: true }, impersonate_user: false,
    configuration_method: "sqlalchemy_form", uuid, version: "1.0.0",
  };
}

function dataset(table: Table, databaseUuid: string): JsonObject {
  const column = (name: string, type: string): JsonObject => ({
    column_name: name, verbose_name: null, is_dttm: type === "TIMESTAMP WITHOUT TIME ZONE", is_active: true, type, advanced_data_type: null, groupby: true,
    filterable: true, expression: null, description: null, python_date_format: null, datetime_format: null, extra: null,
  });
  const metric = (name: string, expression: string): JsonObject => ({
    metric_name: name, verbose_name: null, metric_type: null, expression, description: null, d3format: ",.2f", currency: null, extra: null, warning_text: null,
  });
  return {
    table_name: table.name, main_dttm_col: table.time, currency_code_column: null, description: `Table ${table.name}`, default_endpoint: null, offset: 0,
    cache_timeout: null, catalog: null, schema: "public", sql: null, params: null, template_params: null, filter_select_enabled: true,
    fetch_values_predicate: null, extra: null, normalize_columns: false, always_filter_main_dttm: false, folders: null, uuid: table.uuid,
    metrics: [metric("rows", "COUNT(*)"), metric("turnover", "SUM(amount)"), metric("average", "AVG(amount)")],
    columns: [
      column("id", "BIGINT"), column(table.time, "TIMESTAMP WITHOUT TIME ZONE"), ...table.dimensions.map((name) => column(name, "TEXT")),
      column("amount", "NUMERIC(12, 2)"), column("pieces", "INTEGER"),
    ],
    version: "1.0.0", database_uuid: databaseUuid,
  };
}

/** Five kinds of chart in turn, with the controls and the query a chart saved in the UI has. */
function chart(prefix: string, number: number, table: Table): GeneratedFile {
  const dimension = at(table.dimensions, number);
  const sum: JsonObject = {
    aggregate: "SUM", column: { column_name: "amount", type: "NUMERIC(12, 2)" }, datasourceWarning: false, expressionType: "SIMPLE", hasCustomLabel: true,
    label: "Amount", optionName: `metric_${number}`, sqlExpression: null,
  };
  const metric: Json = number % 2 === 0 ? "turnover" : sum;
  const common: JsonObject = {
    adhoc_filters: [{ clause: "WHERE", comparator: "No filter", expressionType: "SIMPLE", operator: "TEMPORAL_RANGE", subject: table.time }],
    row_limit: 500 + number, color_scheme: "supersetColors", annotation_layers: [], extra_form_data: {}, dashboards: [],
  };
  const series: JsonObject = { x_axis: table.time, time_grain_sqla: "P1W", metrics: [metric], groupby: [dimension], show_legend: true, rich_tooltip: true, y_axis_format: ",.1f", truncate_metric: true };
  const shapes: readonly (readonly [string, JsonObject])[] = [
    ["big_number_total", { metric, subheader: `number ${number}`, y_axis_format: "SMART_NUMBER" }],
    ["echarts_timeseries_line", series],
    ["pie", { metric, groupby: [dimension], show_labels: true, label_type: "key_value", donut: true }],
    ["table", { query_mode: "aggregate", groupby: [dimension], metrics: ["rows", metric], server_page_length: 20, table_timestamp_format: "smart_date" }],
    ["echarts_timeseries_bar", { ...series, stack: "Stack" }],
  ];
  const [viz, own] = at(shapes, Math.floor(number / Object.keys(TABLES).length));
  const name = `${prefix} ${String(number).padStart(4, "0")} ${viz} of ${table.name}`;
  const params: JsonObject = { datasource: `${table.id}__table`, ...common, ...own, viz_type: viz };
  return {
    path: `charts/${name.replaceAll(" ", "_")}`,
    document: {
      slice_name: name, description: `By ${dimension}`, certified_by: null, certification_details: null, viz_type: viz,
      params, query_context: JSON.stringify(queryContext(table, params)), cache_timeout: null, uuid: uuidFor(prefix, "chart", number), version: "1.0.0", dataset_uuid: table.uuid,
    },
  };
}

/** What the UI stores beside `params` whenever a chart is saved: the query it sent, and the controls once more. */
function queryContext(table: Table, params: JsonObject): JsonObject {
  const { groupby = [], metric, metrics, row_limit: limit = null, x_axis: axis, time_grain_sqla: grain = null } = params;
  const columns = Array.isArray(groupby) ? groupby : [];
  const base: Json = { timeGrain: grain, columnType: "BASE_AXIS", sqlExpression: axis ?? null, label: axis ?? null, expressionType: "SQL" };
  return {
    datasource: { id: table.id, type: "table" }, force: false,
    queries: [
      {
        filters: [{ col: table.time, op: "TEMPORAL_RANGE", val: "No filter" }], extras: { having: "", where: "" }, applied_time_extras: {},
        columns: axis === undefined ? columns : [base, ...columns], metrics: metrics ?? [metric ?? null], annotation_layers: [], row_limit: limit,
        series_limit: 0, order_desc: true, url_params: {}, custom_params: {}, custom_form_data: {},
      },
    ],
    form_data: { ...params, force: false, result_format: "json", result_type: "full" }, result_format: "json", result_type: "full",
  };
}

function dashboard(prefix: string, number: number, charts: readonly GeneratedFile[], datasetUuid: string, column: string): GeneratedFile {
  const title = `${prefix} board ${number + 1}`;
  const rows = Array.from({ length: Math.ceil(charts.length / CHARTS_PER_ROW) }, (_, row) => charts.slice(row * CHARTS_PER_ROW, (row + 1) * CHARTS_PER_ROW));
  const position: Record<string, Json> = {
    DASHBOARD_VERSION_KEY: "v2",
    ROOT_ID: { type: "ROOT", id: "ROOT_ID", children: ["GRID_ID"] },
    GRID_ID: { type: "GRID", id: "GRID_ID", children: rows.map((_, row) => `ROW-${row}`), parents: ["ROOT_ID"] },
    HEADER_ID: { type: "HEADER", id: "HEADER_ID", meta: { text: title } },
  };
  let chartId = 0;
  rows.forEach((row, index) => {
    const ids = row.map((_, column_) => `CHART-${index}-${column_}`);
    position[`ROW-${index}`] = { type: "ROW", id: `ROW-${index}`, children: ids, parents: ["ROOT_ID", "GRID_ID"], meta: { background: "BACKGROUND_TRANSPARENT" } };
    row.forEach(({ document }, place) => {
      chartId += 1;
      const id = ids[place] ?? "";
      position[id] = {
        type: "CHART", id, children: [], parents: ["ROOT_ID", "GRID_ID", `ROW-${index}`],
        meta: { chartId, width: 4, height: 50, sliceName: document["slice_name"] ?? "", uuid: document["uuid"] ?? "" },
      };
    });
  });
  return {
    path: `dashboards/${title.replaceAll(" ", "_")}`,
    document: {
      dashboard_title: title, description: `Board ${number + 1}`, css: "", slug: `${prefix}-board-${number + 1}`, certified_by: "", certification_details: "", published: true,
      uuid: uuidFor(prefix, "dashboard", number), position,
      metadata: {
        color_scheme: "supersetColors", refresh_frequency: 0, cross_filters_enabled: true, chart_configuration: {}, timed_refresh_immune_slices: [], expanded_slices: {},
        native_filter_configuration: [
          {
            id: `NATIVE_FILTER-${number}`, name: column, filterType: "filter_select", type: "NATIVE_FILTER", cascadeParentIds: [], description: "",
            controlValues: { multiSelect: true, enableEmptyFilter: false, defaultToFirstItem: false, inverseSelection: false, searchAllOptions: false },
            defaultDataMask: { extraFormData: {}, filterState: {} }, scope: { rootPath: ["ROOT_ID"], excluded: [] }, targets: [{ column: { name: column }, datasetUuid }],
          },
        ],
      },
      theme_uuid: null, version: "1.0.0",
    },
  };
}
