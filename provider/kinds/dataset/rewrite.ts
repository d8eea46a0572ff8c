/** Edits of a dataset, carried over to its template. */
import { stableText } from "../../canonical";
import { isObject, type Json, type JsonObject } from "../../json";
import { transplantFields, transplantNamed } from "../../transplant";
import type { Canonical, RewriteContext } from "../define";
import { COLUMN_DEFAULTS } from "./rules";

/** Columns and metrics by their names, the database in the words of the template. */
export function rewrite(written: JsonObject, before: Canonical, after: Canonical, context: RewriteContext): JsonObject {
  const rows = (field: "columns" | "metrics", nameField: string): Json | undefined =>
    transplantNamed(written[field], mapOf(before[field]), mapOf(after[field]), nameField, (row) => Object.fromEntries(Object.entries(row).filter(([key, value]) => stableText(value) !== stableText((COLUMN_DEFAULTS as JsonObject)[key] ?? null))));
  return transplantFields(
    written, before, after,
    { columns: rows("columns", "column_name"), metrics: rows("metrics", "metric_name"), ...databaseOf(written, before, after, context) },
    ["columns", "metrics", "database_uuid"],
  );
}

function databaseOf(written: JsonObject, before: Canonical, after: Canonical, context: RewriteContext): JsonObject {
  const field = written["database"] === undefined ? "database_uuid" : "database";
  const uuid = after["database_uuid"];
  const now = written[field];
  if (typeof uuid !== "string" || uuid === before["database_uuid"]) {
    return now === undefined ? {} : { [field]: now };
  }
  return { [field]: field === "database" ? context.name("database", uuid, String(now)) : uuid };
}

function mapOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}
