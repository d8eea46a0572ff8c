/** What a chart's query asks of its dataset: names, and SQL that a person wrote into a control. */
import { isObject, type Json, type JsonObject } from "../../json";
import type { ColumnFunction, ExportDocument, RelationUse, SqlPiece } from "../define";
import { FILTER_FIELD, queryNames, usedControls } from "./query";

/** Conditions of form data from before filters were a list (superset/utils/core.py: convert_legacy_filters_into_adhoc). */
const LEGACY_CONDITIONS = ["where", "having"] as const;

/** Only controls that the visualisation has: form data keeps those of every one the chart ever was. */
export function uses(document: ExportDocument): readonly RelationUse[] {
  const params = isObject(document.params) ? document.params : {};
  const { columns, metrics } = usedControls(String(document.viz_type), params);
  const pieces: SqlPiece[] = [
    ...columns.flatMap((field) => written(params[field], ["params", field], "column", "column")),
    ...metrics.flatMap((field) => written(params[field], ["params", field], "metric", "metric")),
    ...Object.keys(params).filter((field) => FILTER_FIELD.test(field)).flatMap((field) => conditions(params[field], ["params", field])),
    ...LEGACY_CONDITIONS.flatMap((field) => {
      const sql = params[field];
      return typeof sql === "string" && sql.trim() !== "" ? [{ sql, clause: field, label: `condition '${field}'`, path: ["params", field] }] : [];
    }),
  ];
  const names = queryNames(String(document.viz_type), params).map((name) => ({ ...name, path: ["params", ...name.path] }));
  const functions = [...metrics.flatMap((field) => aggregates(params[field], ["params", field])), ...timeGrain(params, columns)];
  return [{ relation: String(document.dataset_uuid), names, expressions: pieces, functions }];
}

/** Metrics that Explore makes of a column and an aggregate (connectors/sqla/models.py: sqla_aggregations). */
function aggregates(value: Json | undefined, path: Path): ColumnFunction[] {
  if (Array.isArray(value)) {
    return (value as readonly Json[]).flatMap((item, index) => aggregates(item, [...path, index]));
  }
  if (!isObject(value) || value.expressionType !== "SIMPLE" || !isObject(value.column) || typeof value.column.column_name !== "string" || typeof value.aggregate !== "string") {
    return [];
  }
  const column = value.column.column_name;
  const name = value.aggregate === "COUNT_DISTINCT" ? "COUNT(DISTINCT $)" : /^\w+$/.test(value.aggregate) ? `${value.aggregate}($)` : undefined;
  return name === undefined ? [] : [{ name, column, label: `metric '${typeof value.label === "string" && value.label !== "" ? value.label : `${value.aggregate}(${column})`}'`, path: [...path, "column", "column_name"] }];
}

/** The x axis is cut to a time grain where it is a column of times (models/helpers.py: adhoc_column_to_sqla). */
function timeGrain(params: JsonObject, columns: readonly string[]): ColumnFunction[] {
  const { x_axis: axis, time_grain_sqla: grain } = params;
  return columns.includes("x_axis") && typeof axis === "string" && typeof grain === "string" && grain !== ""
    ? [{ name: "date_trunc('day', $)", column: axis, label: `time axis '${axis}'`, path: ["params", "x_axis"], temporal: true }]
    : [];
}

type Path = readonly (string | number)[];

function written(value: Json | undefined, path: Path, clause: "column" | "metric", what: string): SqlPiece[] {
  if (Array.isArray(value)) {
    return (value as readonly Json[]).flatMap((item, index) => written(item, [...path, index], clause, what));
  }
  if (!isObject(value) || value.expressionType !== "SQL" || typeof value.sqlExpression !== "string" || value.sqlExpression.trim() === "") {
    return [];
  }
  const label = typeof value.label === "string" && value.label !== "" ? `${what} '${value.label}'` : what;
  return [{ sql: value.sqlExpression, clause, label, path: [...path, "sqlExpression"] }];
}

/** The filters of a list that are SQL. */
export function conditions(value: Json | undefined, path: Path): SqlPiece[] {
  return (Array.isArray(value) ? (value as readonly Json[]) : []).flatMap((filter, index): SqlPiece[] => {
    if (!isObject(filter) || filter.expressionType !== "SQL" || typeof filter.sqlExpression !== "string" || filter.sqlExpression.trim() === "") {
      return [];
    }
    const clause = filter.clause === "HAVING" ? "having" : "where";
    return [{ sql: filter.sqlExpression, clause, label: "filter", path: [...path, index, "sqlExpression"] }];
  });
}

/** What a list of charts says besides the name. */
export function facts(document: ExportDocument): readonly (readonly [string, string])[] {
  return [["visualisation", String(document.viz_type)]];
}
