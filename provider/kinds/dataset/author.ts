import { isObject, type Json, type JsonObject } from "../../json";
import type { AuthorContext, ExportDocument, TextField } from "../define";
import { ordered } from "../fields";
import { COLUMN_DEFAULTS, DEFAULTS, rules } from "./rules";

const ORDER = ["uuid", "table_name", "catalog", "schema", "database", "database_uuid", "sql", "description", "main_dttm_col"];
const LAST = ["columns", "metrics"] as const;
const COLUMN = ["column_name", "verbose_name", "type", "is_dttm", "description", "expression"];
const METRIC = ["metric_name", "verbose_name", "description", "expression", "d3format", "currency"];

/** What stands in the fields of the authoring form. */
export const texts: readonly TextField[] = [
  { at: "table_name", role: "name" },
  { at: "catalog", role: "name" },
  { at: "schema", role: "schema" },
  ...["sql", "fetch_values_predicate", "columns.*.expression", "metrics.*.expression"].map((at): TextField => ({ at, role: "sql" })),
];

/** Export form → authoring form: the database by name, columns and metrics by name in lists, calculated columns last. */
export function author(document: ExportDocument, context: AuthorContext): JsonObject {
  const { columns, metrics, database_uuid: uuid, ...form } = rules.canonical(document, context) as Record<string, Json>;
  const database = typeof uuid === "string" ? context.reference("database", uuid) : undefined;
  const fields = { ...form, ...(database !== undefined ? { database } : uuid === undefined ? {} : { database_uuid: uuid }) };
  const listed = rows(columns, "column_name", COLUMN, COLUMN_DEFAULTS);
  const calculated = (column: JsonObject): boolean => column.expression !== undefined;
  const lists = { columns: [...listed.filter((column) => !calculated(column)), ...listed.filter(calculated)], metrics: rows(metrics, "metric_name", METRIC, {}) };
  return { ...ordered(fields, ORDER, DEFAULTS), ...Object.fromEntries(LAST.filter((field) => lists[field].length > 0).map((field) => [field, lists[field]])) };
}

/** A canonical map by name as a list, sorted by name. */
function rows(map: Json | undefined, nameField: string, order: readonly string[], defaults: JsonObject): JsonObject[] {
  return Object.entries(isObject(map) ? map : {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, row]) => ordered({ ...(isObject(row) ? row : {}), [nameField]: name }, order, defaults));
}
