/** A chart over other columns and metric names: every control of its form data that names one, whether its viz type uses it or not. */
import { isObject, type Json, type JsonObject } from "../../json";
import type { ExportDocument, Retarget } from "../define";
import { NAMING, PLACE_COLUMNS } from "./query";

/** Controls whose texts are column names at the top; further inside, these words mean other things. */
const TOP_COLUMNS = new Set(["column", "source", "target", "id", "parent", "name"]);
/** The same wherever they are: those of a chart's query, and those that only its frontend reads. */
const COLUMNS = new Set([
  ...NAMING.columns.filter((name) => !TOP_COLUMNS.has(name)),
  ...Object.values(PLACE_COLUMNS).flat(),
  "granularity_sqla", "series_columns", "latitude", "longitude", "country_fieldtype_column",
]);
/** Controls whose texts are names of saved metrics. */
const METRICS = new Set([...NAMING.metrics, "metric_name", "sort_by_metric_name", "sortMetric"]);
/** Controls that may name either: what the result is sorted or coloured by. */
const EITHER = new Set(["x_axis_sort", "sort_by", "sortBy", "orderby", "order_by_cols", "columnName"]);
/** Controls that are mappings by column or metric. */
const KEYED = new Set(["column_config", "temporal_columns_lookup", "label_colors_by_column"]);

/** Renames in `params`; a chart of a dataset the mapping is not about stays as it is. */
export function retarget(document: ExportDocument, to: Retarget): ExportDocument {
  if (!to.applies(String(document.dataset_uuid)) || !isObject(document.params)) {
    return document;
  }
  const renamer = new FormDataRenamer(to);
  const params = renamer.formData(document.params);
  // Derived from params: Superset makes it again when the chart is opened.
  const query = document.query_context === undefined || JSON.stringify(params) === JSON.stringify(document.params) ? {} : { query_context: null };
  return { ...document, params, ...query };
}

/** Renames columns and metrics in form data and in what is made like it (native filters). */
export class FormDataRenamer {
  readonly #labels = new Map<string, string>();
  #top: JsonObject | undefined;

  constructor(private readonly to: Retarget) {}

  /** The form data renamed. Its metric labels are gathered first: other controls refer to them. */
  formData(params: JsonObject): JsonObject {
    this.#collectLabels(params);
    this.#top = params;
    return this.#object(params);
  }

  column(name: string): string {
    return this.to.columns.get(name) ?? name;
  }

  #metric(name: string): string {
    return this.to.metrics.get(name) ?? this.#labels.get(name) ?? name;
  }

  #either(name: string): string {
    const metric = this.#metric(name);
    return metric === name ? this.column(name) : metric;
  }

  /** `SUM(revenue)` is the name of a metric made from a column, wherever the chart refers to it; a person's own label stays. */
  #collectLabels(value: Json): void {
    if (Array.isArray(value)) {
      (value as readonly Json[]).forEach((item) => this.#collectLabels(item));
    } else if (isObject(value)) {
      const label = madeLabel(value);
      const column = isObject(value.column) ? value.column.column_name : undefined;
      if (label !== undefined && typeof column === "string" && this.column(column) !== column) {
        this.#labels.set(label, `${String(value.aggregate)}(${this.column(column)})`);
      }
      Object.values(value).forEach((item) => this.#collectLabels(item));
    }
  }

  #object(object: JsonObject): JsonObject {
    return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, this.#value(key, value, object)]));
  }

  #value(key: string, value: Json, holder: JsonObject): Json {
    if (Array.isArray(value)) {
      return (value as readonly Json[]).map((item) => this.#value(key, item, holder));
    }
    if (isObject(value)) {
      return KEYED.has(key) ? Object.fromEntries(Object.entries(value).map(([name, item]) => [this.#either(name), this.#value(name, item, value)])) : this.#object(value);
    }
    return typeof value === "string" ? this.#text(key, value, holder) : value;
  }

  #text(key: string, text: string, holder: JsonObject): string {
    if (holder.expressionType === "SQL") {
      return key === "sqlExpression" ? this.to.sql(text) : text;
    }
    if (holder.expressionType === "SIMPLE") {
      if (key === "label") {
        return madeLabel(holder) === text ? this.#metric(text) : text;
      }
      return key === "subject" ? (holder.clause === "HAVING" ? this.#either(text) : this.column(text)) : key === "sqlExpression" ? this.to.sql(text) : text;
    }
    if (key === "column_name" || key === "col") {
      return this.column(text);
    }
    if (key === "where" || key === "having") {
      return this.to.sql(text);
    }
    if (key === "order_by_cols") {
      return this.#orderColumn(text);
    }
    // A deck.gl size is `{type: metric, value: name}`; its other values are numbers as text.
    if (key === "value" && holder.type === "metric") {
      return this.#metric(text);
    }
    const isColumn = COLUMNS.has(key) || (holder === this.#top && TOP_COLUMNS.has(key));
    return isColumn ? this.column(text) : METRICS.has(key) ? this.#metric(text) : EITHER.has(key) ? this.#either(text) : text;
  }

  /** `'["col", true]'`. */
  #orderColumn(text: string): string {
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      return text;
    }
    return Array.isArray(parsed) && typeof parsed[0] === "string" ? JSON.stringify([this.#either(parsed[0]), ...(parsed.slice(1) as unknown[])]) : text;
  }
}

/** The label Superset makes for an aggregate of a column; undefined where a person wrote one. */
function madeLabel(metric: JsonObject): string | undefined {
  if (metric.expressionType !== "SIMPLE" || !isObject(metric.column) || typeof metric.aggregate !== "string") {
    return undefined;
  }
  const made = `${metric.aggregate}(${String(metric.column.column_name)})`;
  return metric.label === made && metric.hasCustomLabel !== true ? made : undefined;
}
