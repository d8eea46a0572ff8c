/** The table or query a dataset stands for, with its columns and metrics. */
import { isObject, type Json } from "../../json";
import type { ExportDocument, Relation, RelationItem } from "../define";
import { itemsOf, textOf } from "./expand";

/** Undefined where the database is not known, which `expand` has reported. */
export function relation(document: ExportDocument): Relation | undefined {
  const database = textOf(document.database_uuid);
  if (database === undefined) {
    return undefined;
  }
  const query = textOf(document.sql)?.trim();
  const predicate = textOf(document.fetch_values_predicate);
  return {
    database,
    schema: textOf(document.schema),
    source: query === undefined || query === "" ? { table: String(document.table_name), path: ["table_name"] } : { query: String(document.sql), path: ["sql"] },
    parameters: isObject(document.template_params) ? document.template_params : {},
    columns: items(document, "columns", "column_name"),
    metrics: items(document, "metrics", "metric_name"),
    conditions: predicate === undefined || predicate.trim() === "" ? [] : [{ sql: predicate, clause: "where", label: "'fetch_values_predicate'", path: ["fetch_values_predicate"] }],
  };
}

function items(document: ExportDocument, field: "columns" | "metrics", nameField: string): RelationItem[] {
  return itemsOf(document, field).map((item, index) => {
    const expression = textOf(item.expression)?.trim() === "" ? undefined : textOf(item.expression);
    const optional = { expression, title: textOf(item.verbose_name), description: textOf(item.description), type: field === "columns" ? textOf(item.type) : undefined };
    const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
    return { name: String(item[nameField]), ...given, ...(item.is_dttm === true ? { temporal: true as const } : {}), path: [field, index, expression === undefined ? nameField : "expression"] };
  });
}

/** What a list of datasets says besides the name. */
export function facts(document: ExportDocument): readonly (readonly [string, string])[] {
  const time: Json | undefined = document.main_dttm_col;
  return typeof time === "string" && time !== "" ? [["time column", time]] : [];
}
