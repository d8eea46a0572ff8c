/** Edits of a chart, carried over to its template. */
import { stableText } from "../../canonical";
import { isObject, type Json, type JsonObject } from "../../json";
import { jsonTextLike } from "../../json-text";
import { transplant, transplantFields } from "../../transplant";
import type { Canonical, RewriteContext } from "../define";
import { rules } from "./rules";

/** `params` member by member, the dataset and other charts in the words of the template. */
export function rewrite(written: JsonObject, before: Canonical, after: Canonical, context: RewriteContext): JsonObject {
  const params = named(transplant(written["params"], before["params"], after["params"]), written["params"], context);
  const carried = { ...datasetOf(written, before, after, context), params: withType(params, written, before, after) };
  const result = transplantFields(written, before, after, carried, ["params", "dataset_uuid"]);
  if (written["viz_type"] === before["viz_type"] || says(result, after, context)) {
    return result;
  }
  // A visualisation that Superset replaced by another one: its old controls have other names.
  return { ...result, viz_type: after["viz_type"] ?? null, params: after["params"] ?? {} };
}

function says(template: JsonObject, after: Canonical, context: RewriteContext): boolean {
  const document = context.expand(template);
  const form = document && rules.canonical(document, { database: () => undefined, chartUuid: () => undefined });
  return form !== undefined && ["viz_type", "params"].every((field) => stableText(form[field] ?? null) === stableText(after[field] ?? null));
}

function datasetOf(written: JsonObject, before: Canonical, after: Canonical, context: RewriteContext): JsonObject {
  const field = written["datasource"] === undefined ? "dataset_uuid" : "datasource";
  const uuid = after["dataset_uuid"];
  const now = written[field];
  if (typeof uuid !== "string" || uuid === before["dataset_uuid"]) {
    return now === undefined ? {} : { [field]: now };
  }
  return { [field]: field === "datasource" ? context.name("dataset", uuid, String(now)) : uuid };
}

/** Exports say the visualisation twice; the chart's own counts. */
function withType(params: Json | undefined, written: JsonObject, before: Canonical, after: Canonical): Json | undefined {
  const type = after["viz_type"];
  if (type === before["viz_type"] || type === undefined) {
    return params;
  }
  if (typeof params === "string") {
    const form: unknown = JSON.parse(params);
    return isObject(form) && form["viz_type"] !== undefined ? jsonTextLike(params, { ...form, viz_type: type }) : params;
  }
  return isObject(params) && isObject(written["params"]) && params["viz_type"] !== undefined ? { ...params, viz_type: type } : params;
}

/** Charts that a chart is made of: by name, as the template names others. */
function named(params: Json | undefined, written: Json | undefined, context: RewriteContext): Json | undefined {
  if (!isObject(params)) {
    return params;
  }
  const known = isObject(written) && Array.isArray(written["deck_slices"]) ? (written["deck_slices"] as readonly Json[]) : [];
  const nameOf = (chart: Json): Json => {
    if (typeof chart !== "string" || known.includes(chart)) {
      return chart;
    }
    const same = known.find((text) => typeof text === "string" && context.resolve("chart", text) === chart);
    return same ?? (context.resolve("chart", chart) === undefined ? chart : context.name("chart", chart, typeof known[0] === "string" ? known[0] : undefined));
  };
  const { deck_slices: slices } = params;
  return Array.isArray(slices) ? { ...params, deck_slices: (slices as readonly Json[]).map(nameOf) } : params;
}
