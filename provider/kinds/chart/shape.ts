/** What Superset takes without a word and only fails on when the chart is opened: controls of another shape than the frontend reads. */
import { didYouMean } from "../../../compile/nearest";
import { described } from "../../../compile/validate";
import { isObject, type Json, type JsonObject } from "../../json";
import type { ExpandContext } from "../define";
import { CONTROL_NAMES } from "./controls";
import { migratedTypes } from "./legacy";
import { FILTER_FIELD, usedControls, QUERIED_TYPES } from "./query";

/** Visualisations of Superset whose controls nothing here has to know (plugins of superset-frontend and superset/viz.py). */
const OTHERS = [
  "ag-grid-table", "table", "cartodiagram", "deck_geojson", "deck_heatmap", "deck_multi", "event_flow", "filter_box", "iframe", "markup", "separator", "time_table",
  "sunburst", "histogram", "heatmap", "treemap", "sankey", "pivot_table", "line", "bar", "area", "dist_bar", "dual_line", "line_multi",
];

const KNOWN: ReadonlySet<string> = new Set([...QUERIED_TYPES, ...Object.keys(CONTROL_NAMES).filter((type) => type !== "*"), ...migratedTypes, ...OTHERS]);

/** Members by which a column or metric that is written as a mapping says what it is. */
const TELLING = ["expressionType", "sqlExpression", "column", "column_name", "metric_name", "label"];

/** Reports a misspelt `viz_type`, and controls that hold something which is no column, metric or filter. */
export function checkShape(vizType: string, params: JsonObject, context: ExpandContext): void {
  const known = KNOWN.has(vizType);
  const meant = known ? "" : didYouMean(vizType, KNOWN);
  if (meant !== "") {
    // A plugin of one's own may have any name.
    context.problem(["viz_type"], `Superset has no visualisation '${vizType}'${meant}`, "warning");
  }
  const severity = known ? "error" : "warning";
  const { columns, metrics } = usedControls(vizType, params);
  columns.forEach((field) => checkNames(field, params[field], "column", severity, context));
  metrics.forEach((field) => checkNames(field, params[field], "metric", severity, context));
  for (const field of Object.keys(params).filter((key) => FILTER_FIELD.test(key))) {
    checkFilters(field, params[field], context);
  }
}

function checkNames(field: string, value: Json | undefined, what: string, severity: "error" | "warning", context: ExpandContext): void {
  if (value === undefined || value === null) {
    return;
  }
  const list = Array.isArray(value) ? (value as readonly Json[]) : [value];
  list.forEach((item, index) => {
    const isName = item === null || typeof item === "string" || (isObject(item) && TELLING.some((member) => item[member] !== undefined));
    if (!isName) {
      const path = ["params", field, ...(Array.isArray(value) ? [index] : [])];
      const advice = typeof item === "number" || typeof item === "boolean" ? "write its name as text" : `write its name, or a mapping with 'expressionType' (SIMPLE or SQL)`;
      context.problem(path, `'params.${field}${Array.isArray(value) ? `[${index}]` : ""}' must be a ${what}, not ${described(item)}; ${advice}`, severity);
    }
  });
}

function checkFilters(field: string, value: Json | undefined, context: ExpandContext): void {
  const example = "{expressionType: SIMPLE, clause: WHERE, subject: <column>, operator: ==, comparator: <value>}";
  if (value === undefined || value === null) {
    return;
  }
  if (!Array.isArray(value)) {
    context.problem(["params", field], `'params.${field}' must be a list of filters, not ${described(value)}; a filter is ${example}`);
    return;
  }
  (value as readonly Json[]).forEach((filter, index) => {
    if (!isObject(filter)) {
      context.problem(["params", field, index], `'params.${field}[${index}]' must be a filter, not ${described(filter)}; write ${example}`);
    }
  });
}
