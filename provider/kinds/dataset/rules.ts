/** Canonical form of a dataset: what counts as a difference, and why the rest does not. */
import type { KindRules } from "../define";
import { child, fill, isDraft, items, omit, own, parse, prune, pruneDeep, put, toCanonical, toWire, type Draft, type Rule } from "../../rule";
import { mergeColumns, relevantColumns } from "./columns";

/** Settings a dataset has when nobody says otherwise. */
export const DEFAULTS = { offset: 0, filter_select_enabled: true, normalize_columns: false, always_filter_main_dttm: false } as const;

const NULLABLE = [
  "main_dttm_col", "currency_code_column", "description", "default_endpoint", "cache_timeout", "catalog", "schema", "sql", "params",
  "template_params", "fetch_values_predicate", "extra", "folders",
] as const;

/** The same of a column. */
export const COLUMN_DEFAULTS = { is_dttm: false, is_active: true, groupby: true, filterable: true } as const;

const COLUMN_NULLABLE = [
  "verbose_name", "type", "advanced_data_type", "expression", "description", "python_date_format", "datetime_format", "extra",
] as const;

const METRIC_NULLABLE = ["verbose_name", "metric_type", "description", "d3format", "currency", "extra", "warning_text"] as const;

const NOT_OURS = ["version", "id", "data", "data_file", "source_db_engine", "is_managed_externally", "external_url"];
const ROW_NOT_OURS = ["id", "uuid", "table_id", "created_on", "changed_on"];

/** The table. */
const table: readonly Rule[] = [
  {
    at: "*",
    why: "An absent key keeps the server's old value on import, so every key is written, null to clear it; here null, '', {} and [] all mean 'not set' (the dataset dialog saves '' where an import stores null).",
    source: "models/helpers.py: import_from_dict; datasets/schemas.py: ImportV1DatasetSchema.fix_extra",
    canonical: prune,
    wire: (draft) => {
      fill(draft, DEFAULTS);
      for (const key of NULLABLE) draft[key] ??= null;
      draft["version"] = "1.0.0";
    },
  },
  {
    at: NOT_OURS.join(", "),
    why: "They belong to the file format or to the loading of example data, not to the dataset.",
    source: "connectors/sqla/models.py: SqlaTable.export_fields; datasets/schemas.py: ImportV1DatasetSchema",
    canonical: (draft) => omit(draft, NOT_OURS),
  },
  {
    at: Object.keys(DEFAULTS).join(", "),
    why: "The server fills what a template leaves out.",
    source: "connectors/sqla/models.py: SqlaTable column defaults",
    canonical: (draft) => fill(draft, DEFAULTS),
  },
  {
    at: "params, template_params, extra",
    why: "Stored as JSON text; exports decode it, older ones and the dataset dialog do not. The dialog keeps empty members.",
    source: "commands/dataset/export.py: JSON_KEYS; datasets/schemas.py: fix_extra",
    canonical: (draft) => {
      for (const key of ["params", "template_params", "extra"]) parse(draft, key);
      pruneDeep(own(draft, "extra"));
      prune(draft);
    },
  },
  {
    at: "cache_timeout",
    why: "Exports show the effective value: the database's where the dataset has none of its own. Equal to the database's is therefore 'none'.",
    source: "connectors/sqla/models.py: BaseDatasource.cache_timeout; commands/dataset/export.py: payload['cache_timeout']",
    canonical: (draft, context) => {
      const database = databaseOf(draft, context);
      if (database !== undefined && own(draft, "cache_timeout") === (database.cache_timeout ?? undefined)) delete draft["cache_timeout"];
    },
  },
  {
    at: "catalog",
    why: "The API fills the default catalog on every create and edit, an import leaves it null. It is a choice only where the database allows more than one.",
    source: "commands/dataset/create.py and update.py: get_default_catalog; databases/schemas.py: allow_multi_catalog",
    canonical: (draft, context) => {
      if (databaseOf(draft, context)?.allow_multi_catalog !== true) delete draft["catalog"];
    },
  },
  {
    at: "columns",
    why: "A set by name: exports sort columns by their contents, so their order changes with any of them. Absent columns would all be deleted by an import, so the list is always written.",
    source: "models/helpers.py: export_to_dict (sorted by str of items), import_from_dict (sync)",
    canonical: (draft) => byName(draft, "columns", "column_name"),
    wire: (draft) => asList(draft, "columns", "column_name"),
  },
  {
    at: "columns.*",
    why: "Flags have defaults; the other attributes are null or '' when not set; `extra` is JSON text whose empty members the dialog keeps.",
    source: "connectors/sqla/models.py: TableColumn; datasets/schemas.py: ImportV1ColumnSchema.fix_extra",
    canonical: (draft) => rows(draft, "columns", (column) => { plainRow(column); fill(column, COLUMN_DEFAULTS); }),
    wire: (draft) => rows(draft, "columns", (column) => { fill(column, COLUMN_DEFAULTS); for (const key of COLUMN_NULLABLE) column[key] ??= null; }),
  },
  {
    at: "metrics",
    why: "A set by name, as the columns.",
    source: "models/helpers.py: export_to_dict, import_from_dict",
    canonical: (draft) => byName(draft, "metrics", "metric_name"),
    wire: (draft) => asList(draft, "metrics", "metric_name"),
  },
  {
    at: "metrics.*",
    why: "As columns; `currency` comes as an object, as JSON text, as '' or as {}.",
    source: "connectors/sqla/models.py: SqlMetric; datasets/schemas.py: ImportV1MetricSchema.fix_fields, CurrencyField",
    canonical: (draft) => rows(draft, "metrics", (metric) => { parse(metric, "currency"); pruneDeep(own(metric, "currency")); plainRow(metric); }),
    wire: (draft) => rows(draft, "metrics", (metric) => { for (const key of METRIC_NULLABLE) metric[key] ??= null; }),
  },
];

function databaseOf(draft: Draft, context: Parameters<NonNullable<Rule["canonical"]>>[1]) {
  const uuid = own(draft, "database_uuid");
  return typeof uuid === "string" ? context.database(uuid) : undefined;
}

function plainRow(row: Draft): void {
  omit(row, ROW_NOT_OURS);
  parse(row, "extra");
  pruneDeep(own(row, "extra"));
  prune(row);
}

function rows(draft: Draft, key: string, each: (row: Draft) => void): void {
  for (const row of Object.values(child(draft, key) ?? {})) if (isDraft(row)) each(row);
}

function byName(draft: Draft, key: string, name: string): void {
  const map: Draft = child(draft, key) ?? {};
  for (const row of items(draft, key)) {
    const label = own(row, name);
    if (typeof label !== "string") continue;
    delete row[name];
    put(map, label, row);
  }
  draft[key] = map;
}

function asList(draft: Draft, key: string, name: string): void {
  const map = child(draft, key) ?? {};
  draft[key] = Object.keys(map).sort().map((label) => ({ [name]: label, ...child(map, label) }));
}

/**
 * Rules of datasets. `relevant` and `merge` (`columns.ts`) leave to the database what Git does not list: physical columns with default
 * settings, the metric `count` and the default time column that a column sync fills in. Noise that stays: `folders` name columns and
 * metrics by uuids which Superset neither exports nor imports, so they are compared and written as they are.
 */
export const rules: KindRules = {
  canonical: (document, context) => toCanonical(table, document, context),
  wire: (canonical, context) => toWire(table, canonical, context),
  relevant: relevantColumns,
  merge: mergeColumns,
};
