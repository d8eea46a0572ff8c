/**
 * What explore does to a chart that is opened and saved unchanged, beyond what the tables of controls say (`controls.ts`).
 * Seen on a real Superset 6.1; superset-frontend/src/explore: hydrateExplore, getFormDataFromControls, StashFormDataContainer.
 */
import type { Json } from "../../json";
import { stableText } from "../../canonical";
import { child, copy, isDraft, isEmpty, own, type Draft, type DraftValue } from "../../rule";
import { CONTROL_DEFAULTS, CONTROL_NAMES } from "./controls";
import { successors } from "./legacy";

/** Says which columns of the dataset are times. Written anew on every save; never an edit, kept from Git where Git has it. */
const LOOKUP = "temporal_columns_lookup";

/** Lists of filters: of a chart's query, and of the second one of a mixed chart. */
const FILTERS = ["adhoc_filters", "adhoc_filters_b"];

/**
 * Makes every empty value null: the params of a live chart say by it that a control is there and empty. Explore saves an emptied control
 * so, and leaves out what is no control; only what was left out may come back from Git (`undoExplore`, which takes the nulls off again).
 */
export function markEmpty(form: Draft): void {
  for (const [key, value] of Object.entries(form)) {
    if (isEmpty(value)) form[key] = null;
  }
}

/** Takes out of `form`, the params of a live chart, what a save in explore makes of Git's (`wanted`) unedited. `same`: Git's visualisation. */
export function undoExplore(form: Draft, wanted: Draft, vizType: string, same: boolean): void {
  const saved = { ...form };
  undoDefaults(form, wanted, vizType);
  // Another visualisation has other controls: there every missing key is part of the edit.
  if (same) undoSave(form, saved, wanted, vizType);
  undoDerived(form, wanted);
  for (const [key, value] of Object.entries(form)) {
    if (isEmpty(value) && own(wanted, key) !== value) delete form[key];
  }
}

/** Takes the controls which a save filled with their default out of `form`, where Git does not name them. */
function undoDefaults(form: Draft, wanted: Draft, vizType: string): void {
  for (const [key, value] of Object.entries(form)) {
    if (own(wanted, key) === undefined && isDefault(vizType, key, value, wanted)) delete form[key];
  }
}

/** Puts back what a save of the same visualisation drops or converts. `saved`: the form as it was found. */
function undoSave(form: Draft, saved: Draft, wanted: Draft, vizType: string): void {
  const gone = [...undoRange(form, wanted, vizType), ...undoSubheader(form, saved, wanted, vizType)];
  for (const [key, value] of Object.entries(wanted)) {
    if ((own(form, key) ?? null) !== null || key === "annotation_layers" || gone.includes(key)) continue;
    if (isDropped(vizType, key, value, wanted, saved)) form[key] = copy(value);
  }
}

/**
 * The same for what does not depend on the visualisation's controls: the lookup of time columns, and filters by time that filter
 * nothing, of which explore adds one for the default time column of the dataset to every chart that has none.
 */
function undoDerived(form: Draft, wanted: Draft): void {
  const lookup = own(wanted, LOOKUP);
  if (lookup === undefined) delete form[LOOKUP];
  else form[LOOKUP] = copy(lookup);
  for (const key of FILTERS) {
    dropFilters(form, wanted, key, (filter) => isRange(filter) && own(filter, "comparator") === "No filter" && own(filter, "clause") === "WHERE");
  }
}

/**
 * The time column and range of older charts become a filter, and the x axis where the chart has one. Another range in it is an edit, and
 * so is none. Returns the keys of Git's range that then are gone.
 */
function undoRange(form: Draft, wanted: Draft, vizType: string): string[] {
  const column = own(wanted, "granularity_sqla");
  if (typeof column !== "string" || isNamed(vizType, "granularity_sqla") || !isEmpty(own(form, "granularity_sqla"))) return [];
  const [since, until] = [own(wanted, "since"), own(wanted, "until")];
  // The oldest spelling wins over time_range, as in explore.
  const range = since === undefined && until === undefined ? (own(wanted, "time_range") ?? "No filter") : `${String(since ?? "")} : ${String(until ?? "")}`;
  const made = stableText({ clause: "WHERE", subject: column, operator: "TEMPORAL_RANGE", comparator: range, expressionType: "SIMPLE" });
  // Explore makes no filter of it beside one by time, and drops it all the same.
  const expected = FILTERS.filter((key) => isNamed(vizType, key) && !filters(wanted, key).some(isRange));
  const kept = range === "No filter" || expected.every((key) => filters(form, key).some((filter) => stableText(filter) === made));
  for (const key of FILTERS) dropFilters(form, wanted, key, (filter) => stableText(filter) === made);
  for (const [key, value] of [["x_axis", column], ["columns", [column]]] as const) {
    const live = own(form, key);
    if (own(wanted, key) === undefined && live !== undefined && stableText(live) === stableText(value)) delete form[key];
  }
  form["granularity_sqla"] = column;
  return kept ? [] : ["time_range", "since", "until"].filter((key) => own(wanted, key) !== "No filter");
}

/** The subheader of a big number, and its size, become the subtitle. Another one is an edit. Returns the keys of Git's that then are gone. */
function undoSubheader(form: Draft, saved: Draft, wanted: Draft, vizType: string): string[] {
  if (vizType !== "big_number_total" || isEmpty(own(wanted, "subheader")) || !isEmpty(own(wanted, "subtitle")) || !isEmpty(own(saved, "subheader"))) return [];
  return [["subheader", "subtitle"], ["subheader_font_size", "subtitle_font_size"]].flatMap(([from = "", to = ""]) => {
    const before = own(wanted, from);
    if (before === undefined) return [];
    if (stableText(own(saved, to) ?? null) !== stableText(before)) return [from];
    delete form[to];
    if (own(wanted, to) !== undefined) form[to] = copy(own(wanted, to) ?? null);
    return [];
  });
}

/** Removes the filters of a kind that `wanted` does not list. */
function dropFilters(form: Draft, wanted: Draft, key: string, made: (filter: Draft) => boolean): void {
  const live = own(form, key);
  if (!Array.isArray(live)) return;
  const kept = new Set(filters(wanted, key).map((filter) => stableText(filter)));
  form[key] = live.filter((filter) => !isDraft(filter) || !made(filter) || kept.has(stableText(filter)));
}

function filters(form: Draft, key: string): Draft[] {
  const list = own(form, key);
  return Array.isArray(list) ? list.filter(isDraft) : [];
}

function isRange(filter: Draft): boolean {
  return own(filter, "operator") === "TEMPORAL_RANGE";
}

/** The value that a control of the visualisation has when nobody has set it; `wanted`: the params of which it is derived. Undefined: none. */
function defaultOf(vizType: string, key: string, wanted: Draft): Json | undefined {
  // A table with columns shows rows unless it is told otherwise.
  if (key === "query_mode") return isEmpty(own(wanted, "all_columns")) ? "aggregate" : "raw";
  for (const group of [vizType, "*"]) {
    const defaults = Object.hasOwn(CONTROL_DEFAULTS, group) ? CONTROL_DEFAULTS[group] : undefined;
    if (defaults !== undefined && Object.hasOwn(defaults, key)) return defaults[key] ?? undefined;
  }
  return undefined;
}

function isDefault(vizType: string, key: string, value: Json, wanted: Draft): boolean {
  const known = defaultOf(vizType, key, wanted);
  return known !== undefined && stableText(known) === stableText(value);
}

/** Whether a save leaves out what Git names: no control of the visualisation, a hidden one, or its default. One that is there and empty was emptied. */
function isDropped(vizType: string, key: string, value: Json, wanted: Draft, saved: Draft): boolean {
  if (isLeftOver(key, value)) return true;
  if (own(saved, key) === null) return false;
  return isDefault(vizType, key, value, wanted) || !isControl(vizType, key) || isHidden(vizType, key, saved, wanted);
}

/** Whether explore saves that key for the visualisation; of one that is not known, every key. */
function isControl(vizType: string, key: string): boolean {
  return !Object.hasOwn(CONTROL_NAMES, vizType) || isNamed(vizType, key);
}

/** Whether the visualisation is known to have that control. */
function isNamed(vizType: string, key: string): boolean {
  return [vizType, "*"].some((group) => Object.hasOwn(CONTROL_NAMES, group) && CONTROL_NAMES[group]?.has(key) === true);
}

/** What a live form says of its other controls; those a save left out are at their default. */
type Shown = (at: (key: string) => Json | undefined, vizType: string) => boolean;

const on = (key: string): Shown => (at) => !isEmpty(at(key)) && at(key) !== false && at(key) !== 0;
const off = (key: string): Shown => (at, vizType) => !on(key)(at, vizType);
const is = (key: string, ...values: Json[]): Shown => (at) => values.includes(at(key) ?? null);
const both = (...conditions: Shown[]): Shown => (at, vizType) => conditions.every((shown) => shown(at, vizType));
const either = (...conditions: Shown[]): Shown => (at, vizType) => conditions.some((shown) => shown(at, vizType));
const rolls = (key: string): Shown => both(on(key), (at) => at(key) !== "cumsum");
const aggregates: Shown = (at, vizType) => !isNamed(vizType, "query_mode") || at("query_mode") === "aggregate";
const twoMetrics: Shown = (at) => !isEmpty(at("secondary_metric")) && stableText(at("secondary_metric") ?? null) !== stableText(at("metric") ?? null);
const matrix = (side: string, ...modes: string[]): Shown =>
  both(is("matrixify_enable", true), is(`matrixify_mode_${side}`, modes[0] ?? ""), modes[1] === undefined ? () => true : is(`matrixify_dimension_selection_mode_${side}`, modes[1]));
const ranked = (side: string): Shown =>
  either(matrix(side, "dimensions", "topn"), both(matrix(side, "dimensions", "all"), is(`matrixify_all_sort_by_${side}`, "metric")));
const sides = (control: string, shown: (side: string) => Shown): Record<string, Shown> => ({ [`${control}_columns`]: shown("columns"), [`${control}_rows`]: shown("rows") });

/**
 * Controls that explore shows only beside certain values of others, each with what it takes. A hidden one is left out of a save: as if it
 * were no control. From `visibility` of the panels (without those of `disableStash`, and the columns and metrics of a `query_mode`: they
 * are saved hidden too).
 */
const SHOWN: Readonly<Record<string, Shown>> = {
  allow_rearrange_columns: off("time_compare"),
  color_breakpoints: is("color_scheme_type", "color_breakpoints"),
  color_by_primary_axis: both(off("stack"), (at) => isEmpty(at("groupby"))),
  color_picker: (at, vizType) => !vizType.startsWith("deck_") || vizType === "deck_path" || at("color_scheme_type") === "fixed_color",
  color_scheme: (at, vizType) =>
    vizType.startsWith("deck_") ? at("color_scheme_type") === "categorical_palette" : vizType === "world_map" ? at("color_by") === "country" : vizType !== "sunburst_v2" || !twoMetrics(at, vizType),
  comparison_color_enabled: on("time_compare"),
  comparison_color_scheme: both(on("time_compare"), on("comparison_color_enabled")),
  comparison_range_label: on("time_compare"),
  default_breakpoint_color: is("color_scheme_type", "color_breakpoints"),
  dimension: (at, vizType) => !vizType.startsWith("deck_") || at("color_scheme_type") === "categorical_palette",
  draggable: is("layout", "force"),
  edgeLength: is("layout", "force"),
  emphasis: is("layout", "orthogonal"),
  enable_icon_javascript_mode: on("enable_icons"),
  enable_label_javascript_mode: on("enable_labels"),
  fill_color_picker: (at, vizType) => vizType !== "deck_polygon" || at("color_scheme_type") === "fixed_color",
  force_max_interval: on("time_grain_sqla"),
  friction: is("layout", "force"),
  gravity: is("layout", "force"),
  group_others_when_limit_reached: either(on("limit"), on("series_limit")),
  icon_javascript_config_generator: on("enable_icons"),
  icon_size: on("enable_icons"),
  icon_size_unit: on("enable_icons"),
  icon_url: on("enable_icons"),
  include_time: aggregates,
  innerRadius: on("donut"),
  label_color: on("enable_labels"),
  label_javascript_config_generator: on("enable_labels"),
  label_line: on("show_labels"),
  label_property_name: on("enable_labels"),
  label_size: on("enable_labels"),
  label_size_unit: on("enable_labels"),
  label_template: is("label_type", "template"),
  labels_outside: on("show_labels"),
  legendMargin: on("show_legend"),
  legendOrientation: on("show_legend"),
  legendSort: on("show_legend"),
  legendType: on("show_legend"),
  linear_color_scheme: (at, vizType) =>
    vizType.startsWith("deck_") ? at("color_scheme_type") === "linear_palette" : vizType === "world_map" ? at("color_by") === "metric" : vizType !== "sunburst_v2" || twoMetrics(at, vizType),
  markerSize: on("markerEnabled"),
  markerSizeB: on("markerEnabledB"),
  matrixify_all_sort_by_columns: matrix("columns", "dimensions", "all"),
  matrixify_all_sort_by_rows: matrix("rows", "dimensions", "all"),
  matrixify_cell_title_template: is("matrixify_enable", true),
  matrixify_charts_per_row: off("matrixify_fit_columns_dynamically"),
  matrixify_columns: matrix("columns", "metrics"),
  matrixify_rows: matrix("rows", "metrics"),
  matrixify_show_column_headers: is("matrixify_enable", true),
  matrixify_show_row_labels: is("matrixify_enable", true),
  ...sides("matrixify_dimension", (side) => matrix(side, "dimensions")),
  ...sides("matrixify_dimension_selection_mode", (side) => matrix(side, "dimensions")),
  ...sides("matrixify_topn_dimension", () => () => false),
  ...sides("matrixify_topn_metric", ranked),
  ...sides("matrixify_topn_order", ranked),
  ...sides("matrixify_topn_value", (side) => matrix(side, "dimensions", "topn")),
  metric_name_font_size: on("show_metric_name"),
  min_periods: rolls("rolling_type"),
  min_periods_b: rolls("rolling_type_b"),
  only_total: both(on("show_value"), on("stack")),
  only_totalB: both(on("show_valueB"), on("stackB")),
  opacity: (at, vizType) => vizType === "echarts_area" || !vizType.startsWith("echarts_timeseries") || on("area")(at, vizType),
  order_desc: (at, vizType) => (vizType === "bubble_v2" ? on("orderby") : both(on("timeseries_limit_metric"), aggregates))(at, vizType),
  orient: is("layout", "orthogonal"),
  page_length: off("server_pagination"),
  percent_metric_calculation: aggregates,
  percentage_threshold: both(on("show_value"), on("stack"), off("only_total")),
  repulsion: is("layout", "force"),
  rolling_periods: rolls("rolling_type"),
  rolling_periods_b: rolls("rolling_type_b"),
  row_limit: (at, vizType) => vizType !== "handlebars" || off("server_pagination")(at, vizType),
  server_page_length: on("server_pagination"),
  showTooltipPercentage: both(on("rich_tooltip"), off("contributionMode")),
  showTooltipTotal: on("rich_tooltip"),
  show_totals: aggregates,
  show_x_axis_min_max_labels: on("show_x_axis"),
  show_y_axis_min_max_labels: on("show_y_axis"),
  stackDimension: is("stack", "Stack"),
  start_date_offset: is("time_compare", "custom"),
  subcategories: on("series"),
  target_color_picker: is("color_scheme_type", "fixed_color"),
  time_range_fixed: both(on("time_range"), (at) => at("time_range") !== "No filter"),
  time_shift_color: on("time_compare"),
  timeseries_limit_metric: aggregates,
  tooltipSortByMetric: on("rich_tooltip"),
  xAxisBounds: on("truncateXAxis"),
  // Of axes that are numbers, which a chart does not tell: but a switch always has a value where it is shown.
  xAxisForceCategorical: () => false,
  y_axis_bounds: on("truncateYAxis"),
};

/** Whether a live form left out a control because explore hid it. */
function isHidden(vizType: string, key: string, saved: Draft, wanted: Draft): boolean {
  const at = (name: string): Json | undefined => (Object.hasOwn(saved, name) ? saved[name] : defaultOf(vizType, name, wanted));
  if (key === "time_grain_sqla") return !isOverTimes(saved, wanted, vizType);
  if (key === "x_axis_sort") return isTimeAxis(saved, wanted);
  if (key === "x_axis_sort_asc") return isTimeAxis(saved, wanted) || isEmpty(own(saved, "x_axis_sort"));
  const shown = Object.hasOwn(SHOWN, key) ? SHOWN[key] : undefined;
  return shown?.(at, vizType) === false;
}

/** Whether a dimension is a time: elsewhere explore hides the time grain. */
function isOverTimes(saved: Draft, wanted: Draft, vizType: string): boolean {
  // The axis of a trend line is a time always.
  if (isNamed(vizType, "x_axis")) return vizType === "big_number" || isTime(own(saved, "x_axis") ?? own(wanted, "granularity_sqla"), saved, wanted);
  const dimensions = ["groupby", "columns", "groupbyRows", "groupbyColumns"];
  // Some visualisations always have the control; those that ask for a time save which columns are one.
  if (own(saved, LOOKUP) === undefined || dimensions.every((name) => !isNamed(vizType, name))) return true;
  return dimensions.some((name) => [own(saved, name) ?? []].flat().some((column) => isTime(column, saved, wanted)));
}

/** The x axis cannot be sorted where it is a time. */
function isTimeAxis(saved: Draft, wanted: Draft): boolean {
  const axis = own(saved, "x_axis");
  return typeof axis === "string" && (!isEmpty(own(saved, "time_grain_sqla")) || isTime(axis, saved, wanted));
}

/**
 * Whether a column is a time as far as the chart tells: it is listed as one, or there is a filter by time on it
 * (explore gives every chart one on the dataset's time column). Columns of the chart's own
 * count as times, as in explore.
 */
function isTime(column: DraftValue | undefined, saved: Draft, wanted: Draft): boolean {
  if (typeof column !== "string") return isDraft(column);
  const listed = [saved, wanted].some((form) => own(child(form, LOOKUP) ?? {}, column) === true);
  return listed || own(wanted, "granularity_sqla") === column || [saved, wanted].some((form) => FILTERS.some((key) => filters(form, key).some((filter) => isRange(filter) && own(filter, "subject") === column)));
}

/** Choices that explore does not know and clears: names of visualisations that an upgrade renamed by mistake (`normalize_across: heatmap_v2`), None as text. */
function isLeftOver(key: string, value: Json): boolean {
  if (key === "rolling_type" || key === "rolling_type_b") return value === "None";
  return ["normalize_across", "seriesType", "seriesTypeB"].includes(key) && typeof value === "string" && successors.has(value);
}
