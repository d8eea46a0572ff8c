/**
 * What a column sync ("Sync columns from source" in the dataset dialog, `PUT /api/v1/dataset/{id}/refresh`) writes into a dataset, and
 * therefore is no difference to a template that does not speak of it. Source: connectors/sqla/models.py: SqlaTable.fetch_metadata.
 */
import type { Json, JsonObject } from "../../json";
import { stableText } from "../../canonical";
import { child, copy, draftOf, isDraft, own, put, type Draft } from "../../rule";
import type { Canonical } from "../define";

/** Written by every sync for every physical column, from the database's catalog: never compared, kept from Git where Git has it. */
const SOFT = ["type", "advanced_data_type"] as const;

/** Attributes of a column that nobody touched. `description` is filled from the database's column comment. */
const UNTOUCHED = new Set<string>([...SOFT, "is_dttm", "is_active", "groupby", "filterable", "description"]);

/** Types of which `is_dttm` is switched on by a sync (db_engine_specs/base.py: _default_column_type_mappings). */
const TEMPORAL = /^(?:small)?(?:timestamp|datetime|date)/iu;
/** Types which some engines take for temporal and others do not. */
const MAYBE_TEMPORAL = /time|date|interval|year/iu;

/** The metric every sync adds where it is missing (db_engine_specs/base.py: get_metrics). */
const COUNT = { verbose_name: "COUNT(*)", metric_type: "count", expression: "COUNT(*)" } as const;

/**
 * `live` without what a column sync wrote and `reference` does not speak of:
 * - an unlisted physical column with default settings (a description alone counts as default: a sync fills it from the comment in
 *   the database; it is kept by `mergeColumns`, so a description typed by a person is not shown, but not lost either),
 * - the types of listed physical columns; a calculated column's type is an edit,
 * - the metric `count` exactly as a sync makes it,
 * - the default time column where the reference has none, if a sync chose it (see `filledTimeColumn`).
 */
export function relevantColumns(live: Canonical, reference: Canonical): Canonical {
  const result = draftOf(live);
  const columns = child(result, "columns") ?? {};
  const listed = objectAt(reference, "columns");
  if (filledTimeColumn(live, reference)) delete result["main_dttm_col"];
  for (const [name, column] of Object.entries(columns)) {
    if (!isDraft(column) || isCalculated(column)) continue;
    const known = own(listed, name);
    if (known === undefined) {
      if (isUntouched(column)) delete columns[name];
    } else if (!isCalculated(known)) {
      takeSoft(column, known as JsonObject);
    }
  }
  if (hasSyncedCount(live, reference)) delete child(result, "metrics")?.["count"];
  return result;
}

/**
 * What to write so that Git's version is in force and nothing it does not speak of is lost: the unlisted physical columns of `live`
 * come back, with default settings where somebody changed them; so do types Git does not name, the metric `count` and the default
 * time column of a sync.
 */
export function mergeColumns(desired: Canonical, live: Canonical | undefined): Canonical {
  if (live === undefined) return desired;
  const result = draftOf(desired);
  const columns = (result["columns"] = child(result, "columns") ?? {});
  for (const [name, column] of Object.entries(objectAt(live, "columns"))) {
    const wanted = own(columns, name);
    if (isCalculated(column)) continue;
    if (wanted === undefined) put(columns, name, untouched(column as JsonObject));
    else if (isDraft(wanted) && !isCalculated(wanted)) fillSoft(wanted, column as JsonObject);
  }
  if (hasSyncedCount(live, desired)) {
    const metrics = (result["metrics"] = child(result, "metrics") ?? {});
    put(metrics, "count", { ...COUNT });
  }
  const filled = { ...result, main_dttm_col: own(live, "main_dttm_col") ?? null };
  return filledTimeColumn(live, desired) && filledTimeColumn(filled, desired) ? filled : result;
}

/**
 * Whether `live` has a default time column only because a sync fills an empty one with the table's first temporal column. Which one is
 * first is not exported. So: it is a sync's if it is the only temporal column, or if a sync left other traces (columns the reference
 * does not list, or other types). Without any trace a person chose it.
 */
function filledTimeColumn(live: Canonical, reference: Canonical): boolean {
  const chosen = own(live, "main_dttm_col");
  if (typeof chosen !== "string" || typeof own(reference, "main_dttm_col") === "string") return false;
  const physical = Object.entries(objectAt(live, "columns")).filter(([, column]) => !isCalculated(column));
  const temporal = physical.filter(([, column]) => own(column as JsonObject, "is_dttm") === true);
  if (!temporal.some(([name]) => name === chosen)) return false;
  const listed = objectAt(reference, "columns");
  const traces = physical.some(([name, column]) => {
    const known = own(listed, name);
    return known === undefined || typeOf(known) !== typeOf(column);
  });
  return temporal.length === 1 || traces;
}

function hasSyncedCount(live: Canonical, reference: Canonical): boolean {
  const count = own(objectAt(live, "metrics"), "count");
  return count !== undefined && own(objectAt(reference, "metrics"), "count") === undefined && stableText(count) === stableText({ ...COUNT });
}

function isUntouched(column: Draft): boolean {
  if (column["is_active"] !== true || column["groupby"] !== true || column["filterable"] !== true) return false;
  if (!Object.keys(column).every((key) => UNTOUCHED.has(key))) return false;
  const type = typeOf(column);
  if (TEMPORAL.test(type)) return column["is_dttm"] === true;
  return column["is_dttm"] === false || MAYBE_TEMPORAL.test(type);
}

function untouched(column: JsonObject): Draft {
  const result: Draft = {};
  for (const [key, value] of Object.entries(column)) if (UNTOUCHED.has(key)) result[key] = copy(value);
  const type = typeOf(column);
  if (!MAYBE_TEMPORAL.test(type) || TEMPORAL.test(type)) result["is_dttm"] = TEMPORAL.test(type);
  return Object.assign(result, { is_active: true, groupby: true, filterable: true });
}

function takeSoft(column: Draft, from: JsonObject): void {
  for (const key of SOFT) {
    const value = own(from, key);
    if (value === undefined) delete column[key];
    else column[key] = copy(value);
  }
}

function fillSoft(column: Draft, from: JsonObject): void {
  for (const key of SOFT) {
    const value = own(from, key);
    if (own(column, key) === undefined && value !== undefined) column[key] = copy(value);
  }
}

function isCalculated(column: Json): boolean {
  return isDraft(column) && own(column, "expression") !== undefined;
}

function typeOf(column: Json): string {
  const type = isDraft(column) ? own(column, "type") : undefined;
  return typeof type === "string" ? type : "";
}

function objectAt(value: JsonObject, key: string): JsonObject {
  const found = own(value, key);
  return isDraft(found) ? found : {};
}
