import { isObject, type Json, type JsonObject } from "../../json";
import type { ExpandContext, ExportDocument } from "../define";
import { exportFields, fileName, nullableMappingOf } from "../fields";

const MAPPINGS = ["params", "template_params", "extra"] as const;

/** Authoring form → export form: the database by uuid, JSON text as mappings, lists always there (Superset deletes what an absent list does not name). */
export function expand(template: JsonObject, uuid: string, context: ExpandContext): ExportDocument {
  const fields = exportFields(template, ["database", "database_uuid", "data_file", "data", "source_db_engine", "columns", "metrics", ...MAPPINGS]);
  for (const field of MAPPINGS) {
    const value = nullableMappingOf(template[field], [field], context);
    if (value !== undefined) {
      fields[field] = value;
    }
  }
  return {
    ...fields,
    metrics: items(template.metrics, "metrics", ["extra", "currency"], context),
    columns: items(template.columns, "columns", ["extra"], context),
    uuid,
    version: "1.0.0",
    database_uuid: databaseOf(template, context) ?? "",
  };
}

function databaseOf(template: JsonObject, context: ExpandContext): string | undefined {
  const { database, database_uuid: uuid } = template;
  if (database !== undefined && uuid !== undefined) {
    context.problem(["database"], "'database' and 'database_uuid' both say which database it is; remove one");
    return undefined;
  }
  const field = uuid === undefined ? "database" : "database_uuid";
  const reference = uuid ?? database;
  if (typeof reference !== "string") {
    context.problem([], "the dataset names no database; add 'database: <name>'");
    return undefined;
  }
  return context.resolve("database", reference, [field]);
}

function items(value: Json | undefined, field: string, mappings: readonly string[], context: ExpandContext): JsonObject[] {
  return (Array.isArray(value) ? (value as readonly Json[]) : []).filter(isObject).map((item, index) => {
    const result: Record<string, Json> = { ...item };
    for (const mapping of mappings) {
      if (typeof item[mapping] === "string") {
        result[mapping] = nullableMappingOf(item[mapping], [field, index, mapping], context) ?? null;
      }
    }
    return result;
  });
}

/** Every column and metric has a name of its own, also under the names of a mapping; the time column is one of the dataset's. */
export function check(document: ExportDocument, context: ExpandContext): void {
  checkNames(document, "columns", "column_name", context);
  checkNames(document, "metrics", "metric_name", context);
  const columns = columnsOf(document, context);
  const time = document.main_dttm_col;
  if (columns !== undefined && typeof time === "string" && time !== "" && !columns.has(time)) {
    context.problem(["main_dttm_col"], `the dataset has no column '${time}'${hint(time, columns)}`);
  }
}

function checkNames(document: ExportDocument, field: "columns" | "metrics", nameField: string, context: ExpandContext): void {
  const names = new Map<string, number>();
  itemsOf(document, field).forEach((item, index) => {
    const name = String(item[nameField]);
    const before = names.get(name);
    if (before !== undefined) {
      context.problem([field, index, nameField], `'${name}' is listed twice in '${field}' (item ${before + 1} and item ${index + 1}); remove one`);
    }
    names.set(name, index);
  });
}

function hint(name: string, columns: ReadonlySet<string>): string {
  const lower = [...columns].find((column) => column.toLowerCase() === name.toLowerCase());
  return lower === undefined ? `; it has ${[...columns].slice(0, 12).join(", ")}` : `; did you mean '${lower}'?`;
}

/**
 * Names of the columns a chart may use: those listed, and those of the table in `db/schema_dump/schema.sql`. Undefined where
 * nothing is known: a dataset that lists no column of its table takes them from the database.
 */
export function columnsOf(document: ExportDocument, context: ExpandContext): ReadonlySet<string> | undefined {
  const listed = itemsOf(document, "columns");
  const table = typeof document.sql === "string" && document.sql.trim() !== "" ? undefined : context.tableColumns?.(textOf(document.schema), String(document.table_name));
  const physical = listed.some((column) => !isCalculated(column));
  if (!physical && table === undefined) {
    return undefined;
  }
  return new Set([...listed.map((column) => String(column.column_name)), ...(table ?? [])]);
}

/** Names of the saved metrics. */
export function metricsOf(document: ExportDocument): ReadonlySet<string> {
  return new Set(itemsOf(document, "metrics").map((metric) => String(metric.metric_name)));
}

/** A dataset as people name it: `schema.table`. */
export function label(document: ExportDocument): string {
  const schema = textOf(document.schema);
  return schema === undefined ? String(document.table_name) : `${schema}.${String(document.table_name)}`;
}

/** The rows of a list that are mappings. */
export function itemsOf(document: ExportDocument, field: "columns" | "metrics"): readonly JsonObject[] {
  const list = document[field];
  return Array.isArray(list) ? (list as readonly Json[]).filter(isObject) : [];
}

function isCalculated(column: JsonObject): boolean {
  return typeof column.expression === "string" && column.expression.trim() !== "";
}

/** A text that is not empty. */
export function textOf(value: Json | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Other names a dataset may be referred to by. */
export function names(document: ExportDocument, context: Pick<ExpandContext, "document">): readonly string[] {
  const database = context.document("database", String(document.database_uuid))?.database_name;
  const qualified = label(document);
  return [qualified, ...(typeof database === "string" ? [`${database}.${qualified}`] : [])];
}

/** Superset holds a table once per database, catalog and schema. Undefined where the database is not known, which `expand` has reported. */
export function naturalKey(document: ExportDocument): string | undefined {
  return document.database_uuid === "" ? undefined : `table '${label(document)}'${textOf(document.catalog) === undefined ? "" : ` of catalog '${String(document.catalog)}'`} of database ${String(document.database_uuid)}`;
}

/** Its database; the uuid is empty where `expand` found none. */
export function references(document: ExportDocument): readonly { readonly kind: string; readonly uuid: string }[] {
  return [{ kind: "database", uuid: String(document.database_uuid) }];
}

/** Below the database's folder. */
export function bundlePath(document: ExportDocument, context: Pick<ExpandContext, "document">): string {
  const database = context.document("database", String(document.database_uuid))?.database_name;
  return `${fileName(String(database ?? "database"), String(document.database_uuid))}/${fileName(String(document.table_name), String(document.uuid))}`;
}
