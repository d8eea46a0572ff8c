import { isObject, type Json, type JsonObject } from "../../json";
import type { AuthorContext, ExportDocument, TextField } from "../define";
import { ordered } from "../fields";
import { takenFromChart } from "./expand";
import { FILTER_FIELD, NAMING } from "./query";
import { rules } from "./rules";

const ORDER = ["uuid", "slice_name", "viz_type", "datasource", "dataset_uuid", "description", "certified_by", "certification_details", "cache_timeout"];
/** Controls that say what is asked, before those that say how it is drawn. */
const ASKED = ["query_mode", "metric", "metrics", "groupby", "columns", "x_axis", "time_grain_sqla", ...NAMING.metrics, ...NAMING.columns];
const ADHOC = ["expressionType", "clause", "label", "subject", "operator", "comparator", "aggregate", "column", "sqlExpression"];

/** What stands in the fields of the authoring form. */
export const texts: readonly TextField[] = [
  { at: "slice_name", role: "name" },
  ...["params.**.sqlExpression", "params.where", "params.having"].map((at): TextField => ({ at, role: "sql" })),
];

/** Export form → authoring form: the dataset and other charts by name, `params` without what the chart says elsewhere. */
export function author(document: ExportDocument, context: AuthorContext): JsonObject {
  // A live form says by null which controls are there and empty: a template leaves them out.
  const { dataset_uuid: uuid, params, ...form } = rules.canonical(document, { ...context, live: false }) as Record<string, Json>;
  const dataset = typeof uuid === "string" ? context.reference("dataset", uuid) : undefined;
  const fields = { ...form, ...(dataset !== undefined ? { datasource: dataset } : uuid === undefined ? {} : { dataset_uuid: uuid }) };
  const settings = isObject(params) ? paramsOf(params, context) : {};
  return { ...ordered(fields, ORDER), ...(Object.keys(settings).length === 0 ? {} : { params: settings }) };
}

function paramsOf(params: JsonObject, context: AuthorContext): JsonObject {
  const { deck_slices: slices, annotation_layers: layers } = params;
  const named = {
    ...params,
    ...(Array.isArray(slices) ? { deck_slices: slices.flatMap((slice: Json, index) => chartOf(slice, ["params", "deck_slices", index], context)) } : {}),
    ...(Array.isArray(layers) ? { annotation_layers: layers.flatMap((layer: Json, index) => annotation(layer, ["params", "annotation_layers", index, "value"], context)) } : {}),
  };
  const filters = Object.keys(named).filter((field) => FILTER_FIELD.test(field));
  const fields = ordered(named, [...new Set(ASKED)]);
  return Object.fromEntries([...Object.keys(fields).filter((field) => !filters.includes(field)), ...filters.sort()].map((field) => [field, adhoc(fields[field] ?? null)]));
}

/** Another chart by name; none where Superset has only the number of one that is gone. */
function chartOf(uuid: Json, path: readonly (string | number)[], context: AuthorContext): Json[] {
  if (typeof uuid === "number") {
    context.note(path, `the chart of number ${uuid}, which '${path.slice(0, 2).join(".")}' names, is not in Superset any more; it was left out`);
    return [];
  }
  return [typeof uuid === "string" ? (context.reference("chart", uuid) ?? uuid) : uuid];
}

function annotation(layer: Json, path: readonly (string | number)[], context: AuthorContext): Json[] {
  return isObject(layer) && layer["value"] !== undefined && takenFromChart(layer) ? chartOf(layer["value"], path, context).map((value) => ({ ...layer, value })) : [layer];
}

/** Metrics, columns and filters of the chart's own, alone or in a list, with their members in one order. */
function adhoc(value: Json): Json {
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map(adhoc);
  }
  return isObject(value) && typeof value["expressionType"] === "string" ? ordered(value, ADHOC) : value;
}
