import { isObject, type Json, type JsonObject } from "../../json";
import { columnsOf, label, metricsOf } from "../dataset/expand";
import type { ExpandContext, ExportDocument } from "../define";
import { exportFields, fileName, mappingOf } from "../fields";
import { queryNames } from "./query";
import { checkShape } from "./shape";

/** Authoring form → export form: the dataset by uuid, `params` a mapping that names the viz type. */
export function expand(template: JsonObject, uuid: string, context: ExpandContext): ExportDocument {
  const { query_context: query } = template;
  const params = mappingOf(template.params, ["params"], context);
  checkShape(String(template.viz_type), params, context);
  return {
    ...exportFields(template, ["datasource", "dataset_uuid", "params", "query_context"]),
    params: { viz_type: template.viz_type ?? null, ...withCharts(params, context) },
    ...(query === undefined ? {} : { query_context: isObject(query) ? JSON.stringify(query) : query }),
    uuid,
    version: "1.0.0",
    dataset_uuid: datasetOf(template, context) ?? "",
  };
}

/** Another chart by its uuid. `path`: where it is named. */
function chartOf(reference: Json, path: readonly (string | number)[], context: ExpandContext): Json {
  if (typeof reference === "number") {
    context.problem(path, `${reference} is a chart's number on one server; write the chart's name, key or uuid`);
  }
  return typeof reference === "string" ? (context.resolve("chart", reference, path) ?? reference) : reference;
}

/** `params` with other charts by uuid: those a deck.gl Multiple Layers chart lays over each other, and those annotations are taken from. */
function withCharts(params: JsonObject, context: ExpandContext): JsonObject {
  const { deck_slices: slices, annotation_layers: annotations } = params;
  return {
    ...params,
    ...(Array.isArray(slices) ? { deck_slices: slices.map((slice: Json, index) => chartOf(slice, ["params", "deck_slices", index], context)) } : {}),
    ...(Array.isArray(annotations) ? { annotation_layers: annotations.map((layer: Json, index) => annotation(layer, ["params", "annotation_layers", index], context)) } : {}),
  };
}

function annotation(layer: Json, path: readonly (string | number)[], context: ExpandContext): Json {
  if (!isObject(layer) || layer["value"] === undefined || layer["annotationType"] === "FORMULA") {
    return layer;
  }
  if (takenFromChart(layer)) {
    return { ...layer, value: chartOf(layer["value"], [...path, "value"], context) };
  }
  if (typeof layer["value"] === "number") {
    context.problem([...path, "value"], `${layer["value"]} is the number of an annotation layer on one server, and Superset knows it by nothing else: on another server it is another one, or none`, "warning");
  }
  return layer;
}

/** Annotations of the source types `line` and `table` are another chart's data. */
export function takenFromChart(layer: JsonObject): boolean {
  return layer["sourceType"] === "line" || layer["sourceType"] === "table";
}

function datasetOf(template: JsonObject, context: ExpandContext): string | undefined {
  const { datasource, dataset_uuid: uuid } = template;
  if (datasource !== undefined && uuid !== undefined) {
    context.problem(["datasource"], "'datasource' and 'dataset_uuid' both say which dataset it is; remove one");
    return undefined;
  }
  const reference = uuid ?? datasource;
  if (typeof reference !== "string") {
    context.problem([], "the chart names no dataset; add 'datasource: <table name>'");
    return undefined;
  }
  return context.resolve("dataset", reference, [uuid === undefined ? "datasource" : "dataset_uuid"]);
}

/** Every column and saved metric the chart queries must be the dataset's. */
export function check(document: ExportDocument, context: ExpandContext): void {
  const dataset = context.document("dataset", String(document.dataset_uuid));
  if (dataset === undefined || !isObject(document.params)) {
    return;
  }
  const columns = columnsOf(dataset, context);
  const metrics = metricsOf(dataset);
  for (const used of queryNames(String(document.viz_type), document.params)) {
    const known = used.kind === "metric" ? metrics.has(used.name) : columns === undefined || columns.has(used.name) || (used.kind === "either" && metrics.has(used.name));
    if (!known) {
      const what = used.kind === "metric" ? "metric" : "column";
      const candidates = used.kind === "metric" ? metrics : (columns ?? []);
      context.problem(["params", ...used.path], `the dataset '${label(dataset)}' has no ${what} '${used.name}'${candidatesOf(used.name, [...candidates], what)}`, used.severity);
    }
  }
}

function candidatesOf(name: string, candidates: readonly string[], what: string): string {
  const same = candidates.find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  if (same !== undefined) {
    return `; did you mean '${same}'?`;
  }
  if (candidates.length === 0) {
    return `; it has no ${what}s`;
  }
  return candidates.length <= 12 ? `; it has ${candidates.join(", ")}` : `; it has ${candidates.slice(0, 12).join(", ")} and ${candidates.length - 12} more`;
}

/** None: names of charts may repeat. */
export function naturalKey(): string | undefined {
  return undefined;
}

/** Its dataset, and the charts that a deck.gl chart of several layers is made of. */
export function references(document: ExportDocument): readonly { readonly kind: string; readonly uuid: string }[] {
  const { deck_slices: slices, annotation_layers: annotations } = isObject(document.params) ? document.params : {};
  const layers = (Array.isArray(annotations) ? annotations : []).filter((layer: Json) => isObject(layer) && takenFromChart(layer)).map((layer: JsonObject) => layer["value"]);
  const charts = [...(Array.isArray(slices) ? slices : []), ...layers].filter((uuid): uuid is string => typeof uuid === "string");
  return [{ kind: "dataset", uuid: String(document.dataset_uuid) }, ...charts.map((uuid) => ({ kind: "chart", uuid }))];
}

export function bundlePath(document: ExportDocument): string {
  return fileName(String(document.slice_name), String(document.uuid));
}
