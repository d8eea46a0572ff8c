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
  warnOfAnnotations(params, context);
  const { deck_slices: layers } = params;
  return {
    ...exportFields(template, ["datasource", "dataset_uuid", "params", "query_context"]),
    params: { viz_type: template.viz_type ?? null, ...params, ...(Array.isArray(layers) ? { deck_slices: layerCharts(layers, context) } : {}) },
    ...(query === undefined ? {} : { query_context: isObject(query) ? JSON.stringify(query) : query }),
    uuid,
    version: "1.0.0",
    dataset_uuid: datasetOf(template, context) ?? "",
  };
}

/** The charts a deck.gl Multiple Layers chart lays over each other, by uuid; the numbers of an export made elsewhere stay. */
function layerCharts(layers: readonly Json[], context: ExpandContext): Json[] {
  return layers.map((layer, index) => (typeof layer === "string" ? (context.resolve("chart", layer, ["params", "deck_slices", index]) ?? layer) : layer));
}

/** commands/chart/importers/v1/utils.py, filter_chart_annotations: an import keeps formulas only. */
function warnOfAnnotations(params: JsonObject, context: ExpandContext): void {
  const { annotation_layers: layers } = params;
  for (const [index, layer] of Array.isArray(layers) ? layers.entries() : []) {
    if (isObject(layer) && layer["annotationType"] !== "FORMULA") {
      const name = typeof layer["name"] === "string" ? ` '${layer["name"]}'` : "";
      context.problem(["params", "annotation_layers", index], `Superset's import drops annotation layers that are no formulas:${name} will not be in the chart. One that is added in the UI stays`, "warning");
    }
  }
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
  const layers = isObject(document.params) ? document.params["deck_slices"] : undefined;
  const charts = Array.isArray(layers) ? layers.filter((layer) => typeof layer === "string") : [];
  return [{ kind: "dataset", uuid: String(document.dataset_uuid) }, ...charts.map((uuid) => ({ kind: "chart", uuid }))];
}

/** By name alone: the numeric id in Superset's own file names is another on every server. */
export function bundlePath(document: ExportDocument): string {
  return fileName(String(document.slice_name), String(document.uuid));
}
