/** A dataset over other tables, columns and metric names (`mappings/*.yaml`). */
import { isObject, type Json, type JsonObject } from "../../json";
import type { ExportDocument, Retarget } from "../define";

/** Fields that hold a column's name. */
const COLUMN_FIELDS = ["main_dttm_col", "currency_code_column"] as const;
/** Fields that hold SQL. */
const SQL_FIELDS = ["sql", "fetch_values_predicate"] as const;

/** Renames the table, the columns and metrics, and both in SQL; moves it to the other schema and database. One the mapping is not about stays as it is. */
export function retarget(document: ExportDocument, to: Retarget): ExportDocument {
  if (!to.applies(String(document.uuid))) {
    return document;
  }
  const result: Record<string, Json> = { ...document };
  result.table_name = to.tables.get(String(document.table_name)) ?? document.table_name ?? null;
  if (to.target.schema !== undefined && to.source.schema !== undefined) {
    result.schema = to.target.schema;
  }
  if (to.databaseUuid !== undefined) {
    result.database_uuid = to.databaseUuid;
  }
  for (const field of COLUMN_FIELDS) {
    const name = document[field];
    if (typeof name === "string") {
      result[field] = to.columns.get(name) ?? name;
    }
  }
  for (const field of SQL_FIELDS) {
    const sql = document[field];
    if (typeof sql === "string") {
      result[field] = to.sql(sql);
    }
  }
  result.columns = items(document.columns, "column_name", to.columns, to);
  result.metrics = items(document.metrics, "metric_name", to.metrics, to);
  return result;
}

function items(list: Json | undefined, nameField: string, names: ReadonlyMap<string, string>, to: Retarget): JsonObject[] {
  return (Array.isArray(list) ? (list as readonly Json[]) : []).filter(isObject).map((item) => ({
    ...item,
    [nameField]: names.get(String(item[nameField])) ?? item[nameField] ?? null,
    ...(typeof item.expression === "string" ? { expression: to.sql(item.expression) } : {}),
  }));
}
