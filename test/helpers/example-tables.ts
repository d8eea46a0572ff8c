/** Tables for Superset's examples: their physical columns, and more that a column sync finds. */
import { isObject, type JsonObject } from "../../provider/json";
import type { ExportDocument } from "../../provider/kinds/define";

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** SQL that makes a table for every dataset, with one more column of each common type and a comment in the database. */
export function exampleTables(datasets: readonly ExportDocument[]): string {
  const statements = datasets.map((document) => {
    const columns = (Array.isArray(document["columns"]) ? document["columns"] : []).filter(isObject).filter((column: JsonObject) => (column["expression"] ?? "") === "");
    const table = quote(String(document["table_name"]));
    const listed = columns.map((column: JsonObject) => `${quote(String(column["column_name"]))} ${sqlType(String(column["type"] ?? "TEXT"))}`);
    return `create table ${table} (${[...listed, "added_text text", "added_time timestamptz", "added_number numeric(12,2)"].join(", ")});
comment on column ${table}.added_text is 'Said in the database';
insert into ${table} (added_text) values ('one'), ('two');`;
  });
  return statements.join("\n");
}

/** PostgreSQL's name of a type as the examples (made on several databases) write it. */
function sqlType(type: string): string {
  if (/^(?:DOUBLE|FLOAT|REAL)/iu.test(type)) return "double precision";
  if (/^(?:BIGINT|INT|LONG|SMALLINT)/iu.test(type)) return "bigint";
  if (/^(?:TIMESTAMP|DATETIME)/iu.test(type)) return "timestamp";
  if (/^DATE/iu.test(type)) return "date";
  if (/^BOOL/iu.test(type)) return "boolean";
  return "text";
}
