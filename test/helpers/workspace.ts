/** A small workspace to edit: 1 database, 2 datasets, 4 charts and 1 dashboard, as export documents. */
import type { ExportDocument } from "../../provider/kinds/define";
import type { Plural } from "./rules";

const uuid = (digits: string): string => `edd10000-0000-4000-8000-${digits.padStart(12, "0")}`;

/** Uuids of its assets. */
export const UUID = {
  database: uuid("1"),
  orders: uuid("21"),
  byRegion: uuid("22"),
  revenue: uuid("31"),
  table: uuid("32"),
  total: uuid("33"),
  share: uuid("34"),
  dashboard: uuid("41"),
} as const;

/** The tables its datasets read; to be run as the owner of the warehouse. `note` is a column Git does not list. */
export const WORKSPACE_SQL = `
CREATE TABLE public.edit_orders (order_date timestamp, shipped_on timestamp, region text, amount double precision, note text);
INSERT INTO public.edit_orders SELECT d, d + interval '2 days', (ARRAY['North','South','East','West'])[1 + extract(day from d)::int % 4], extract(doy from d), 'n'
  FROM generate_series('2025-01-01'::timestamp, '2025-12-31', '1 day') d;`;

const amount = { expressionType: "SIMPLE", column: { column_name: "amount", type: "DOUBLE PRECISION" }, aggregate: "SUM", label: "Amount" };

/** The documents. `uri`: connection of Superset to the warehouse, with its password. */
export function workspace(uri: string): Readonly<Record<Plural, readonly ExportDocument[]>> {
  const chart = (name: string, id: string, dataset: string, vizType: string, params: ExportDocument): ExportDocument => ({
    slice_name: name, uuid: id, dataset_uuid: dataset, viz_type: vizType, version: "1.0.0", params: { viz_type: vizType, ...params },
  });
  return {
    databases: [{ database_name: "edit_warehouse", uuid: UUID.database, sqlalchemy_uri: uri, cache_timeout: 300, allow_run_async: false, extra: { cost_estimate_enabled: true }, version: "1.0.0" }],
    datasets: [
      {
        table_name: "edit_orders", schema: "public", uuid: UUID.orders, database_uuid: UUID.database, main_dttm_col: "order_date", description: "Orders", version: "1.0.0",
        columns: [
          { column_name: "order_date", type: "TIMESTAMP WITHOUT TIME ZONE", is_dttm: true },
          { column_name: "shipped_on", type: "TIMESTAMP WITHOUT TIME ZONE", is_dttm: true },
          { column_name: "region", type: "VARCHAR", verbose_name: "Region" },
          { column_name: "amount", type: "DOUBLE PRECISION" },
          { column_name: "margin", type: "DOUBLE PRECISION", expression: "amount * 0.2" },
        ],
        metrics: [
          { metric_name: "revenue", expression: "SUM(amount)", verbose_name: "Revenue", d3format: ",.2f" },
          { metric_name: "orders", expression: "COUNT(*)" },
        ],
      },
      {
        table_name: "edit_by_region", schema: "public", uuid: UUID.byRegion, database_uuid: UUID.database, version: "1.0.0",
        sql: "SELECT region, SUM(amount) AS amount FROM public.edit_orders GROUP BY region",
        columns: [{ column_name: "region", type: "STRING" }, { column_name: "amount", type: "FLOAT" }],
        metrics: [{ metric_name: "total", expression: "SUM(amount)" }],
      },
    ],
    charts: [
      chart("Revenue over time", UUID.revenue, UUID.orders, "echarts_timeseries_bar", {
        x_axis: "order_date", time_grain_sqla: "P1M", metrics: [amount], groupby: ["region"], row_limit: 1000, color_scheme: "supersetColors",
        adhoc_filters: [
          { clause: "WHERE", subject: "order_date", operator: "TEMPORAL_RANGE", comparator: "No filter", expressionType: "SIMPLE" },
          { clause: "WHERE", subject: "region", operator: "IN", comparator: ["North", "South"], expressionType: "SIMPLE" },
        ],
      }),
      { ...chart("Regions", UUID.table, UUID.byRegion, "table", { query_mode: "aggregate", groupby: ["region"], metrics: ["total"], row_limit: 50 }), description: "All regions", cache_timeout: 60 },
      { ...chart("Total", UUID.total, UUID.orders, "big_number_total", { metric: "revenue", subheader: "all time" }), certified_by: "Finance" },
      chart("Share", UUID.share, UUID.byRegion, "pie", { groupby: ["region"], metric: "total", row_limit: 10 }),
    ],
    dashboards: [dashboard()],
  };
}

function dashboard(): ExportDocument {
  const place = (id: string, chartId: number, width: number) => ({ type: "CHART", id: `CHART-${chartId}`, children: [], meta: { chartId, uuid: id, width, height: 50 } });
  const scope = { rootPath: ["ROOT_ID"], excluded: [] };
  return {
    dashboard_title: "Edits", slug: "edits", uuid: UUID.dashboard, css: ".header { color: red; }", published: true, version: "1.0.0",
    position: {
      DASHBOARD_VERSION_KEY: "v2",
      ROOT_ID: { type: "ROOT", id: "ROOT_ID", children: ["TABS-main"] },
      "TABS-main": { type: "TABS", id: "TABS-main", children: ["TAB-one", "TAB-two"], meta: {} },
      "TAB-one": { type: "TAB", id: "TAB-one", children: ["ROW-1", "ROW-2"], meta: { text: "One" } },
      "TAB-two": { type: "TAB", id: "TAB-two", children: ["ROW-3"], meta: { text: "Two" } },
      "ROW-1": { type: "ROW", id: "ROW-1", children: ["CHART-1", "CHART-2"], meta: { background: "BACKGROUND_TRANSPARENT" } },
      "ROW-2": { type: "ROW", id: "ROW-2", children: ["MARKDOWN-1"], meta: { background: "BACKGROUND_TRANSPARENT" } },
      "ROW-3": { type: "ROW", id: "ROW-3", children: ["CHART-3"], meta: { background: "BACKGROUND_TRANSPARENT" } },
      "CHART-1": place(UUID.revenue, 1, 6),
      "CHART-2": place(UUID.table, 2, 6),
      "CHART-3": place(UUID.total, 3, 4),
      "MARKDOWN-1": { type: "MARKDOWN", id: "MARKDOWN-1", children: [], meta: { code: "# Hello", width: 12, height: 20 } },
    },
    metadata: {
      color_scheme: "supersetColors", refresh_frequency: 0, cross_filters_enabled: true, label_colors: { North: "#111111" },
      native_filter_configuration: [
        {
          id: "NATIVE_FILTER-region", type: "NATIVE_FILTER", name: "Region", filterType: "filter_select", scope, cascadeParentIds: [],
          targets: [{ datasetUuid: UUID.orders, column: { name: "region" } }], controlValues: { multiSelect: true },
          defaultDataMask: { extraFormData: {}, filterState: {}, ownState: {} },
        },
        {
          id: "NATIVE_FILTER-time", type: "NATIVE_FILTER", name: "Time", filterType: "filter_time", scope, cascadeParentIds: [], targets: [{}], controlValues: {},
          defaultDataMask: { extraFormData: { time_range: "Last year" }, filterState: { value: "Last year" } },
        },
      ],
    },
  };
}
