/**
 * What explore does to a chart that is opened and saved unchanged, beyond what the tables of controls say (`controls.ts`).
 * Seen on a real Superset 6.1; superset-frontend/src/explore: hydrateExplore, getFormDataFromControls.
 */
import type { Json } from "../../json";
import { stableText } from "../../canonical";
import { child, copy, isDraft, own, type Draft } from "../../rule";
import { CONTROL_DEFAULTS, CONTROL_NAMES } from "./controls";

/** Says which columns of the dataset are times. Written anew on every save; never an edit, kept from Git where Git has it. */
const LOOKUP = "temporal_columns_lookup";

/** Takes the controls which a save filled with their default out of `form`, the params of a live chart, where Git (`wanted`) does not name them. */
export function undoDefaults(form: Draft, wanted: Draft, vizType: string): void {
  for (const [key, value] of Object.entries(form)) {
    if (own(wanted, key) === undefined && isDefault(vizType, key, value)) delete form[key];
  }
}

/** Puts back what a save of the same visualisation drops or converts. */
export function undoSave(form: Draft, wanted: Draft, vizType: string): void {
  undoConversion(form, wanted);
  for (const [key, value] of Object.entries(wanted)) {
    if (own(form, key) === undefined && key !== "annotation_layers" && isDropped(vizType, key, value, form)) form[key] = copy(value);
  }
}

/**
 * The same for what does not depend on the visualisation's controls: the lookup of time columns, and filters by time that filter
 * nothing, of which explore adds one for the default time column of the dataset to every chart that has none.
 */
export function undoDerived(form: Draft, wanted: Draft): void {
  const lookup = own(wanted, LOOKUP);
  if (lookup === undefined) delete form[LOOKUP];
  else form[LOOKUP] = copy(lookup);
  for (const key of ["adhoc_filters", "adhoc_filters_b"]) {
    dropFilters(form, wanted, key, (filter) => own(filter, "operator") === "TEMPORAL_RANGE" && own(filter, "comparator") === "No filter" && own(filter, "clause") === "WHERE");
  }
}

/** The time column and range of older charts become a filter, and the x axis where the chart has one. Another range in it is an edit. */
function undoConversion(form: Draft, wanted: Draft): void {
  const column = own(wanted, "granularity_sqla");
  if (typeof column !== "string" || own(form, "granularity_sqla") !== undefined) return;
  const [since, until] = [own(wanted, "since"), own(wanted, "until")];
  // The oldest spelling wins over time_range, as in explore.
  const range = since === undefined && until === undefined ? (own(wanted, "time_range") ?? "No filter") : `${String(since ?? "")} : ${String(until ?? "")}`;
  const made = stableText({ clause: "WHERE", subject: column, operator: "TEMPORAL_RANGE", comparator: range, expressionType: "SIMPLE" });
  for (const key of ["adhoc_filters", "adhoc_filters_b"]) dropFilters(form, wanted, key, (filter) => stableText(filter) === made);
  for (const [key, value] of [["x_axis", column], ["columns", [column]]] as const) {
    const live = own(form, key);
    if (own(wanted, key) === undefined && live !== undefined && stableText(live) === stableText(value)) delete form[key];
  }
  form["granularity_sqla"] = column;
}

/** Removes the filters of a kind that `wanted` does not list. */
function dropFilters(form: Draft, wanted: Draft, key: string, made: (filter: Draft) => boolean): void {
  const live = own(form, key);
  if (!Array.isArray(live)) return;
  const listed = own(wanted, key);
  const kept = new Set((Array.isArray(listed) ? listed : []).map((filter) => stableText(filter)));
  form[key] = live.filter((filter) => !isDraft(filter) || !made(filter) || kept.has(stableText(filter)));
  if (listed === undefined && form[key].length === 0) delete form[key];
}

function isDefault(vizType: string, key: string, value: Json): boolean {
  return ["*", vizType].some((group) => {
    const defaults = Object.hasOwn(CONTROL_DEFAULTS, group) ? CONTROL_DEFAULTS[group] : undefined;
    const known = defaults !== undefined && Object.hasOwn(defaults, key) ? defaults[key] : undefined;
    return known?.some((item) => stableText(item) === stableText(value)) === true;
  });
}

/** Whether a save leaves out what Git names: a default, no control of the visualisation, a hidden one, or no choice of any. */
function isDropped(vizType: string, key: string, value: Json, form: Draft): boolean {
  return isDefault(vizType, key, value) || !isControl(vizType, key) || isHidden(key, form) || isLeftOver(value);
}

/** Whether explore saves that key for the visualisation; of one that is not known, every key. */
function isControl(vizType: string, key: string): boolean {
  const known = Object.hasOwn(CONTROL_NAMES, vizType) ? CONTROL_NAMES[vizType] : undefined;
  return known === undefined || known.has(key) || CONTROL_NAMES["*"]?.has(key) === true;
}

/** Explore drops the time grain where no dimension is a time (the control is hidden then). */
function isHidden(key: string, form: Draft): boolean {
  const times = child(form, LOOKUP);
  if (key !== "time_grain_sqla" || times === undefined) return false;
  const dimensions = ["groupby", "columns", "x_axis", "groupbyRows", "groupbyColumns"].flatMap((name) => own(form, name) ?? []);
  return dimensions.every((dimension) => typeof dimension === "string" && own(times, dimension) !== true);
}

/** A choice that an upgrade took for the name of a visualisation and renamed (`normalize_across: heatmap_v2`): explore knows no such choice. */
function isLeftOver(value: Json): boolean {
  return typeof value === "string" && value !== "*" && Object.hasOwn(CONTROL_NAMES, value);
}
