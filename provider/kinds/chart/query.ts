/**
 * Which controls of a chart's form data go into its query, by viz type. Form data keeps the controls of every viz type the chart
 * ever was (superset-frontend keeps them when switching), so only the ones in use may be checked.
 */
import { isObject, type Json, type JsonObject } from "../../json";
import type { UsedName } from "../define";
import { CONTROL_NAMES } from "./controls";

/** Controls by what they name. */
interface Controls {
  readonly columns: readonly string[];
  readonly metrics: readonly string[];
  /** Places on a map: a mapping that says which columns they are in. */
  readonly places?: readonly string[];
  /** Sizes: a number, or a mapping that names a metric. */
  readonly sizes?: readonly string[];
}

const GENERIC: Controls = { columns: ["groupby", "columns", "x_axis"], metrics: ["metric", "metrics"] };
const TIMESERIES: Controls = { columns: ["x_axis", "groupby"], metrics: ["metrics", "timeseries_limit_metric"] };
const GROUPED: Controls = { columns: ["groupby"], metrics: ["metric"] };
const BUBBLE: Controls = { columns: ["entity", "series"], metrics: ["x", "y", "size"] };
const TABLE: Controls = { columns: ["groupby"], metrics: ["metrics", "percent_metrics", "timeseries_limit_metric"] };
const RAW_TABLE: Controls = { columns: ["all_columns", "order_by_cols"], metrics: [] };
/** superset/viz.py, METRIC_KEYS: what is there is queried, whatever the visualisation. */
const LEGACY: Controls = { columns: ["groupby", "columns"], metrics: ["metric", "metrics", "percent_metrics", "metric_2", "secondary_metric", "x", "y", "size", "timeseries_limit_metric"] };
const MAP: Controls = { columns: ["dimension", "js_columns"], metrics: [], places: ["spatial"] };
const SIZED_MAP: Controls = { columns: ["js_columns"], metrics: ["size"], places: ["spatial"] };

/** From the `buildQuery` of each plugin, and `queryFields` of the legacy ones (superset/viz.py). Others: `GENERIC`. */
const CONTROLS: Readonly<Record<string, Controls>> = {
  big_number: { columns: ["x_axis"], metrics: ["metric"] },
  big_number_total: { columns: [], metrics: ["metric"] },
  pop_kpi: { columns: [], metrics: ["metric"] },
  box_plot: { columns: ["columns", "groupby"], metrics: ["metrics", "series_limit_metric"] },
  bubble: BUBBLE,
  bubble_v2: BUBBLE,
  chord: { columns: ["groupby", "columns"], metrics: ["metric"] },
  country_map: { columns: ["entity"], metrics: ["metric"] },
  world_map: { columns: ["entity"], metrics: ["metric", "secondary_metric"] },
  echarts_area: TIMESERIES,
  echarts_timeseries: TIMESERIES,
  echarts_timeseries_bar: TIMESERIES,
  echarts_timeseries_line: TIMESERIES,
  echarts_timeseries_scatter: TIMESERIES,
  echarts_timeseries_smooth: TIMESERIES,
  echarts_timeseries_step: TIMESERIES,
  mixed_timeseries: { columns: ["x_axis", "groupby", "groupby_b"], metrics: ["metrics", "metrics_b", "timeseries_limit_metric", "timeseries_limit_metric_b"] },
  funnel: GROUPED,
  gauge_chart: GROUPED,
  pie: GROUPED,
  treemap_v2: GROUPED,
  gantt_chart: { columns: ["start_time", "end_time", "y_axis", "series", "tooltip_columns", "order_by_cols"], metrics: ["tooltip_metrics"] },
  graph_chart: { columns: ["source", "target", "source_category", "target_category"], metrics: ["metric"] },
  heatmap_v2: { columns: ["x_axis", "groupby"], metrics: ["metric"] },
  histogram_v2: { columns: ["column", "groupby"], metrics: [] },
  compare: LEGACY,
  horizon: LEGACY,
  paired_ttest: LEGACY,
  partition: LEGACY,
  rose: LEGACY,
  time_pivot: LEGACY,
  mapbox: { columns: ["all_columns_x", "all_columns_y", "groupby"], metrics: [] },
  deck_arc: { ...MAP, places: ["start_spatial", "end_spatial"] },
  deck_contour: SIZED_MAP,
  deck_geojson: { columns: ["geojson", "js_columns"], metrics: [] },
  deck_grid: SIZED_MAP,
  deck_heatmap: SIZED_MAP,
  deck_hex: SIZED_MAP,
  deck_path: { columns: ["line_column", "js_columns"], metrics: [] },
  deck_polygon: { columns: ["line_column", "js_columns"], metrics: ["metric"], sizes: ["point_radius_fixed"] },
  deck_scatter: { ...MAP, sizes: ["point_radius_fixed"] },
  deck_screengrid: SIZED_MAP,
  para: { columns: ["series"], metrics: ["metrics", "secondary_metric"] },
  pivot_table_v2: { columns: ["groupbyRows", "groupbyColumns"], metrics: ["metrics", "series_limit_metric"] },
  radar: { columns: ["groupby"], metrics: ["metrics"] },
  sankey_v2: { columns: ["source", "target"], metrics: ["metric"] },
  sunburst_v2: { columns: ["columns"], metrics: ["metric", "secondary_metric"] },
  tree_chart: { columns: ["id", "parent", "name"], metrics: ["metric"] },
  waterfall: { columns: ["x_axis", "groupby"], metrics: ["metric"] },
  word_cloud: { columns: ["series"], metrics: ["metric"] },
};

/** Visualisations whose query is known. */
export const QUERIED_TYPES: readonly string[] = Object.keys(CONTROLS);

/** Filters on rows and on the aggregated result, of both queries of a mixed chart. */
export const FILTER_FIELD = /^adhoc_filters(_[a-z])?$/;

/** The controls that name columns and metrics of the query. */
export function usedControls(vizType: string, params: JsonObject): Controls {
  if (vizType === "table" || vizType === "ag-grid-table" || vizType === "handlebars") {
    const { query_mode: mode, all_columns: columns } = params;
    const raw = mode === "raw" || (mode !== "aggregate" && Array.isArray(columns) && columns.length > 0);
    return raw ? RAW_TABLE : TABLE;
  }
  return (Object.hasOwn(CONTROLS, vizType) ? CONTROLS[vizType] : undefined) ?? GENERIC;
}

/** Every control that names columns or metrics of a query, of whatever visualisation. */
export const NAMING: Controls = (() => {
  const all = [GENERIC, TABLE, RAW_TABLE, ...Object.values(CONTROLS)];
  return { columns: [...new Set(all.flatMap(({ columns }) => columns))], metrics: [...new Set(all.flatMap(({ metrics }) => metrics))] };
})();

/** By how a place is given (viz.py: get_spatial_columns): the members that name its columns. */
export const PLACE_COLUMNS: Readonly<Record<string, readonly string[]>> = { latlong: ["latCol", "lonCol"], delimited: ["lonlatCol"], geohash: ["geohashCol"] };

/** Every column and saved metric the query of a chart names. Free SQL is not looked into. */
export function queryNames(vizType: string, params: JsonObject): UsedName[] {
  const used: UsedName[] = [];
  const controls = usedControls(vizType, params);
  const add = (kind: UsedName["kind"], field: string, severity: UsedName["severity"]): void => {
    const value = params[field];
    const list: readonly Json[] = Array.isArray(value) ? (value as readonly Json[]) : value === undefined ? [] : [value];
    list.forEach((item, index) => {
      const path = Array.isArray(value) ? [field, index] : [field];
      used.push(...namesIn(kind, item, path, severity, field));
    });
  };
  controls.columns.forEach((field) => add("column", field, "error"));
  controls.metrics.forEach((field) => add("metric", field, "error"));
  controls.places?.forEach((field) => used.push(...placeNames(params[field], field)));
  controls.sizes?.forEach((field) => {
    const size = params[field];
    if (isObject(size) && size.type === "metric" && size.value !== undefined) {
      used.push(...namesIn("metric", size.value, [field, "value"], "error", field));
    }
  });
  // The time column of the query where the visualisation still has that control; elsewhere a left-over that costs nothing.
  add("column", "granularity_sqla", Object.hasOwn(CONTROL_NAMES, vizType) && CONTROL_NAMES[vizType]?.has("granularity_sqla") === true ? "error" : "warning");
  // Explore sorts by what the result has, and leaves it unsorted where that is not there.
  if (controls === TIMESERIES && typeof params.x_axis_sort === "string" && !labels(controls, params).has(params.x_axis_sort)) {
    add("either", "x_axis_sort", "warning");
  }
  for (const field of Object.keys(params).filter((key) => FILTER_FIELD.test(key))) {
    used.push(...filterNames(params[field], field));
  }
  return used;
}

/** What the chart itself calls its metrics and columns. */
function labels(controls: Controls, params: JsonObject): ReadonlySet<Json | undefined> {
  const items = [...controls.columns, ...controls.metrics].flatMap((field): Json[] => [params[field] ?? null].flat() as Json[]);
  return new Set(items.map((item) => (isObject(item) ? item.label : item)));
}

function placeNames(place: Json | undefined, field: string): UsedName[] {
  if (!isObject(place)) {
    return [];
  }
  const { type } = place;
  const members = (typeof type === "string" && Object.hasOwn(PLACE_COLUMNS, type) ? PLACE_COLUMNS[type] : undefined) ?? [];
  return members.flatMap((member) => namesIn("column", place[member] ?? null, [field, member], "error", field));
}

function namesIn(kind: UsedName["kind"], item: Json, path: readonly (string | number)[], severity: UsedName["severity"], field: string): UsedName[] {
  if (typeof item === "string") {
    if (field === "order_by_cols") {
      return orderColumn(item).map((name) => ({ kind: "either", name, path, severity }));
    }
    return item === "" ? [] : [{ kind, name: item, path, severity }];
  }
  if (!isObject(item) || item.expressionType !== "SIMPLE" || !isObject(item.column) || typeof item.column.column_name !== "string") {
    return [];
  }
  return [{ kind: "column", name: item.column.column_name, path: [...path, "column", "column_name"], severity }];
}

/** `'["col", true]'`: a column and whether it ascends, as JSON text. */
function orderColumn(item: string): string[] {
  try {
    const [name] = JSON.parse(item) as unknown[];
    return typeof name === "string" ? [name] : [];
  } catch {
    // Not the shape Explore writes: nothing to check.
    return [];
  }
}

function filterNames(value: Json | undefined, field: string): UsedName[] {
  if (!Array.isArray(value)) {
    return [];
  }
  return (value as readonly Json[]).flatMap((filter, index): UsedName[] => {
    if (!isObject(filter) || filter.expressionType !== "SIMPLE" || typeof filter.subject !== "string" || filter.subject === "") {
      return [];
    }
    // A time range of "No filter" is what Explore adds by itself; nothing is filtered by it.
    const idle = filter.operator === "TEMPORAL_RANGE" && filter.comparator === "No filter";
    return [{ kind: filter.clause === "HAVING" ? "either" : "column", name: filter.subject, path: [field, index, "subject"], severity: idle ? "warning" : "error" }];
  });
}
