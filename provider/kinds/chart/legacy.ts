/**
 * Visualisations that Superset replaced, and how their params become those of the successor. The import does the same on the server
 * (migrations/shared/migrate_viz/processors.py), where tables of renamed keys are shared between classes and grow while a process runs;
 * doing it here gives one result always.
 */
import type { Draft, DraftValue } from "../../rule";
import { child, isDraft, own } from "../../rule";

interface Migration {
  readonly to: string;
  /** The charts of this group have their time column on the x axis. */
  readonly timeAxis?: boolean;
  readonly rename: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
  /** Changes made before keys are renamed; may choose another successor. */
  readonly before?: (form: Draft) => string | undefined;
  /** Changes made at the end. */
  readonly after?: (form: Draft) => void;
}

const TIMESERIES_RENAME = {
  bottom_margin: "x_axis_title_margin",
  left_margin: "y_axis_title_margin",
  show_controls: "show_extra_controls",
  x_axis_label: "x_axis_title",
  x_axis_format: "x_axis_time_format",
  x_axis_showminmax: "truncateXAxis",
  x_ticks_layout: "xAxisLabelRotation",
  y_axis_label: "y_axis_title",
  y_axis_showminmax: "truncateYAxis",
  y_log_scale: "logAxis",
} as const;

const TIMESERIES_REMOVE = ["contribution", "line_interpolation", "reduce_x_ticks", "show_brush", "show_markers"];

const AGGREGATES: Readonly<Record<string, string>> = {
  sum: "Sum",
  mean: "Average",
  median: "Median",
  min: "Minimum",
  max: "Maximum",
  std: "Sample Standard Deviation",
  var: "Sample Variance",
};

const MIGRATIONS: Readonly<Record<string, Migration>> = {
  treemap: {
    to: "treemap_v2",
    rename: { order_desc: "sort_by_metric" },
    remove: ["metrics"],
    before: (form) => {
      const [metric] = list(form["metrics"]);
      if (metric !== undefined) form["metric"] = metric;
      return undefined;
    },
  },
  pivot_table: {
    to: "pivot_table_v2",
    rename: {
      columns: "groupbyColumns",
      combine_metric: "combineMetric",
      groupby: "groupbyRows",
      number_format: "valueFormat",
      pandas_aggfunc: "aggregateFunction",
      row_limit: "series_limit",
      timeseries_limit_metric: "series_limit_metric",
      transpose_pivot: "transposePivot",
    },
    remove: ["pivot_margins"],
    before: (form) => {
      if (truthy(form["pivot_margins"])) form["colTotals"] = form["colSubTotals"] = form["pivot_margins"] as DraftValue;
      const aggregate = form["pandas_aggfunc"];
      if (typeof aggregate === "string") form["pandas_aggfunc"] = AGGREGATES[aggregate] ?? aggregate;
      form["rowOrder"] = "value_z_to_a";
      return undefined;
    },
  },
  dual_line: {
    to: "mixed_timeseries",
    timeAxis: true,
    rename: { x_axis_format: "x_axis_time_format", y_axis_2_format: "y_axis_format_secondary", y_axis_2_bounds: "y_axis_bounds_secondary" },
    remove: ["metric", "metric_2"],
    before: (form) => {
      Object.assign(form, { yAxisIndex: 0, yAxisIndexB: 1, truncateYAxis: true, metrics: [form["metric"] ?? null], metrics_b: [form["metric_2"] ?? null] });
      return undefined;
    },
    after: (form) => {
      form["adhoc_filters_b"] = structuredClone(list(form["adhoc_filters"]));
    },
  },
  sunburst: { to: "sunburst_v2", rename: { groupby: "columns" }, remove: [] },
  line: {
    to: "echarts_timeseries_line",
    timeAxis: true,
    rename: TIMESERIES_RENAME,
    remove: TIMESERIES_REMOVE,
    before: (form) => {
      timeseries(form);
      const shape = form["line_interpolation"];
      if (shape === "cardinal") return "echarts_timeseries_smooth";
      if (shape !== "step-before" && shape !== "step-after") return undefined;
      form["seriesType"] = shape === "step-before" ? "start" : "end";
      return "echarts_timeseries_step";
    },
  },
  area: {
    to: "echarts_area",
    timeAxis: true,
    rename: TIMESERIES_RENAME,
    remove: [...TIMESERIES_REMOVE, "stacked_style"],
    before: (form) => {
      timeseries(form);
      const styles: Readonly<Record<string, string>> = { expand: "Expand", stack: "Stack", stream: "Stream" };
      const style = form["stacked_style"];
      form["stack"] = styles[typeof style === "string" && style !== "" ? style : "stack"] ?? null;
      form["opacity"] = 0.7;
      return undefined;
    },
  },
  bar: {
    to: "echarts_timeseries_bar",
    timeAxis: true,
    rename: { ...TIMESERIES_RENAME, show_bar_value: "show_value" },
    remove: [...TIMESERIES_REMOVE, "bar_stacked"],
    before: (form) => {
      timeseries(form);
      form["stack"] = truthy(form["bar_stacked"]) ? "Stack" : null;
      return undefined;
    },
  },
  dist_bar: {
    to: "echarts_timeseries_bar",
    rename: { ...TIMESERIES_RENAME, show_bar_value: "show_value" },
    remove: [...TIMESERIES_REMOVE, "columns", "bar_stacked"],
    before: (form) => {
      timeseries(form);
      const [first, ...others] = list(form["groupby"]);
      if (first !== undefined) form["x_axis"] = first;
      form["groupby"] = [...others, ...list(form["columns"])];
      form["stack"] = truthy(form["bar_stacked"]) ? "Stack" : null;
      form["x_ticks_layout"] = 45;
      return undefined;
    },
  },
  bubble: {
    to: "bubble_v2",
    rename: {
      bottom_margin: "x_axis_title_margin",
      left_margin: "y_axis_title_margin",
      limit: "row_limit",
      x_axis_format: "xAxisFormat",
      x_log_scale: "logXAxis",
      x_ticks_layout: "xAxisLabelRotation",
      y_axis_showminmax: "truncateYAxis",
      y_log_scale: "logYAxis",
    },
    remove: ["x_axis_showminmax"],
    before: (form) => {
      margin(form, "x_axis_label", "bottom_margin");
      rotation(form);
      form["y_axis_showminmax"] = true;
      return undefined;
    },
  },
  heatmap: {
    to: "heatmap_v2",
    rename: { all_columns_x: "x_axis", all_columns_y: "groupby", y_axis_bounds: "value_bounds", show_perc: "show_percentage" },
    remove: ["sort_by_metric", "canvas_image_rendering"],
    before: (form) => {
      form["legend_type"] = "continuous";
      return undefined;
    },
  },
  histogram: {
    to: "histogram_v2",
    rename: { x_axis_label: "x_axis_title", y_axis_label: "y_axis_title", normalized: "normalize" },
    remove: ["all_columns_x", "link_length", "queryFields"],
    before: (form) => {
      const [column] = list(form["all_columns_x"]);
      if (column !== undefined) form["column"] = column;
      form["bins"] = truthy(form["link_length"]) ? Math.trunc(Number(form["link_length"])) : 5;
      if (!truthy(form["groupby"])) form["groupby"] = [];
      return undefined;
    },
  },
  sankey: {
    to: "sankey_v2",
    rename: {},
    remove: ["groupby"],
    before: (form) => {
      const [source, target] = list(form["groupby"]);
      if (source !== undefined && target !== undefined) Object.assign(form, { source, target });
      return undefined;
    },
  },
};

/** The visualisations which Superset writes anew as another one. */
export const migratedTypes: readonly string[] = Object.keys(MIGRATIONS);

/** The visualisations it writes instead. */
export const successors: ReadonlySet<string> = new Set([...Object.values(MIGRATIONS).map(({ to }) => to), "echarts_timeseries_smooth", "echarts_timeseries_step"]);

/**
 * Turns a chart of a replaced visualisation into its successor, in place; leaves all others alone. A chart whose params name another
 * visualisation than the chart keeps its keys, as on the server.
 */
export function migrate(chart: Draft): void {
  const from = own(chart, "viz_type");
  const form = child(chart, "params");
  const migration = typeof from === "string" && Object.hasOwn(MIGRATIONS, from) ? MIGRATIONS[from] : undefined;
  if (migration === undefined || form === undefined) return;
  const to = migration.before?.(form) ?? migration.to;
  chart["viz_type"] = to;
  if ((own(form, "viz_type") ?? from) === from) {
    chart["params"] = renamed(form, migration);
    temporalFilter(child(chart, "params") as Draft, migration.timeAxis === true);
    migration.after?.(child(chart, "params") as Draft);
  }
  (child(chart, "params") as Draft)["viz_type"] = to;
}

function renamed(form: Draft, migration: Migration): Draft {
  const result: Draft = {};
  const superseded = new Set(Object.entries(migration.rename).flatMap(([source, target]) => (Object.hasOwn(form, source) ? [target] : [])));
  for (const [key, value] of Object.entries(form)) {
    const target = own(migration.rename, key);
    if (typeof target === "string") result[target] = value;
    else if (!superseded.has(key) && !migration.remove.includes(key)) result[key] = value;
  }
  return result;
}

/** base.py: _migrate_temporal_filter. The time column and range of old charts become an adhoc filter (and the x axis). */
function temporalFilter(form: Draft, timeAxis: boolean): void {
  const column = form["granularity_sqla"];
  const range = truthy(form["time_range"]) ? (form["time_range"] as DraftValue) : "No filter";
  delete form["granularity_sqla"];
  delete form["time_range"];
  if (!truthy(column)) return;
  if (timeAxis) {
    form["x_axis"] = column as DraftValue;
    if (!truthy(form["time_grain_sqla"])) form["time_grain_sqla"] = "P1D";
  }
  // A range over an expression is turned by the server into dates of today, which differs every day: it is left out.
  if (isDraft(column)) return;
  form["adhoc_filters"] = [
    ...list(form["adhoc_filters"]),
    { clause: "WHERE", subject: column as DraftValue, operator: "TEMPORAL_RANGE", comparator: range, expressionType: "SIMPLE" },
  ];
}

function timeseries(form: Draft): void {
  form["contributionMode"] = truthy(form["contribution"]) ? "row" : null;
  form["zoomable"] = form["show_brush"] === "yes";
  form["markerEnabled"] = truthy(form["show_markers"]) ? (form["show_markers"] as DraftValue) : false;
  form["y_axis_showminmax"] = true;
  margin(form, "x_axis_label", "bottom_margin");
  margin(form, "y_axis_label", "left_margin");
  const compare = form["time_compare"];
  if (compare !== undefined && compare !== null) {
    form["time_compare"] = (Array.isArray(compare) ? compare : [compare])
      .map((value) => String(value).trim())
      .filter((value) => value !== "")
      .map((value) => (value.endsWith(" ago") ? value : `${value} ago`));
  }
  const comparison = truthy(form["comparison_type"]) ? form["comparison_type"] : "values";
  form["comparison_type"] = comparison === "absolute" ? "difference" : (comparison as DraftValue);
  rotation(form);
}

function margin(form: Draft, label: string, key: string): void {
  if (truthy(form[label]) && (!truthy(form[key]) || form[key] === "auto")) form[key] = 30;
}

function rotation(form: Draft): void {
  if (truthy(form["x_ticks_layout"])) form["x_ticks_layout"] = form["x_ticks_layout"] === "45°" ? 45 : 0;
}

/** Truth as Python has it: empty lists and objects are false. */
function truthy(value: DraftValue | undefined): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return isDraft(value) ? Object.keys(value).length > 0 : Boolean(value);
}

function list(value: DraftValue | undefined): DraftValue[] {
  return Array.isArray(value) ? value : [];
}
