import { isObject, type Json } from "../json";
import type { ExportDocument } from "../kinds/define";

/**
 * Longest texts that Superset's metadata keeps, by field (models/slice.py, models/dashboard.py, models/core.py, connectors/sqla/models.py).
 * PostgreSQL and MySQL refuse longer ones, SQLite does not; the import's own validation knows none of them, and answers 500 without a reason.
 */
const LONGEST: Readonly<Record<string, number>> = {
  database_name: 250,
  sqlalchemy_uri: 1024,
  table_name: 250,
  main_dttm_col: 250,
  currency_code_column: 250,
  schema: 255,
  catalog: 256,
  column_name: 255,
  verbose_name: 1024,
  advanced_data_type: 255,
  python_date_format: 255,
  datetime_format: 100,
  metric_name: 255,
  metric_type: 32,
  d3format: 128,
  slice_name: 250,
  viz_type: 250,
  dashboard_title: 500,
  slug: 255,
};

/** Fields kept as 32-bit numbers. */
const WHOLE = new Set(["cache_timeout", "offset"]);
const LARGEST = 2 ** 31 - 1;

/** Fields of a document that its metadata database has no room for, as `path: reason` lines; for an import that failed without a reason. */
export function tooLarge(document: ExportDocument): readonly string[] {
  return [
    ...fieldsTooLarge(document, ""),
    ...["columns", "metrics"].flatMap((list) => {
      const rows: Json | undefined = document[list];
      return Array.isArray(rows) ? rows.flatMap((row: Json, index) => (isObject(row) ? fieldsTooLarge(row, `${list}.${index}.`) : [])) : [];
    }),
  ];
}

function fieldsTooLarge(values: Readonly<Record<string, Json>>, prefix: string): readonly string[] {
  return Object.entries(values).flatMap(([field, value]) => {
    const longest = LONGEST[field];
    // PostgreSQL counts characters, not UTF-16 units.
    const length = typeof value === "string" ? [...value].length : 0;
    if (longest !== undefined && length > longest) {
      return [`${prefix}${field}: ${length} characters, of which Superset keeps ${longest} at most`];
    }
    return WHOLE.has(field) && typeof value === "number" && Math.abs(value) > LARGEST ? [`${prefix}${field}: ${value} is larger than ${LARGEST}, the largest number Superset keeps there`] : [];
  });
}
