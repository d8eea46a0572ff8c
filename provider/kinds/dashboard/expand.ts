import { isObject, type Json, type JsonObject } from "../../json";
import { columnsOf, label } from "../dataset/expand";
import type { ExpandContext, ExportDocument } from "../define";
import { exportFields, fileName, mappingOf } from "../fields";
import { positionOf } from "./layout";
import { expandMetadata } from "./metadata";
import { checkMetadata, checkPosition } from "./shape";
import { checkSlug } from "./slug";
import { numberCharts, withUnplaced } from "./tree";

/** Authoring form → export form: `layout` becomes `position`, names become uuids and chart numbers. */
export function expand(template: JsonObject, uuid: string, context: ExpandContext): ExportDocument {
  const { position, layout, metadata } = template;
  if (layout !== undefined && position !== undefined && position !== null) {
    context.problem(["layout"], "'layout' and 'position' both say where the charts are; remove one");
  }
  const written = mappingOf(position, ["position"], context);
  const fields = mappingOf(metadata, ["metadata"], context);
  const drawn = checkPosition(written, context);
  checkMetadata(fields, context);
  checkSlug(template.slug, context);
  const placed = layout === undefined
    ? (drawn ? numberCharts(written, context) : {})
    : positionOf(layout, String(template.dashboard_title), context);
  const tree = withUnplaced(placed, template.unplaced, context);
  return {
    ...exportFields(template, ["layout", "position", "unplaced", "metadata"]),
    uuid,
    position: tree,
    // Without the tree, every chart a filter names would be one more problem.
    metadata: drawn ? expandMetadata(fields, tree, context) : fields,
    version: "1.0.0",
  };
}

/** Native filters must be over columns their dataset has. */
export function check(document: ExportDocument, context: ExpandContext): void {
  const metadata = isObject(document.metadata) ? document.metadata : {};
  listOf(metadata.native_filter_configuration).forEach((filter, index) => {
    listOf(filter.targets).forEach((target, place) => {
      const name = isObject(target.column) ? target.column.name : undefined;
      const dataset = typeof target.datasetUuid === "string" ? context.document("dataset", target.datasetUuid) : undefined;
      const columns = dataset === undefined ? undefined : columnsOf(dataset, context);
      if (dataset !== undefined && columns !== undefined && typeof name === "string" && !columns.has(name)) {
        const path = ["metadata", "native_filter_configuration", index, "targets", place, "column"];
        context.problem(path, `the native filter '${String(filter.name ?? filter.id)}' is over the column '${name}', which the dataset '${label(dataset)}' does not have; it has ${[...columns].slice(0, 12).join(", ")}`);
      }
    });
  });
}

function listOf(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly Json[]).map((item) => (isObject(item) ? item : {})) : [];
}

/** The slug, where there is one; titles may repeat. */
export function naturalKey(document: ExportDocument): string | undefined {
  return typeof document.slug === "string" && document.slug !== "" ? `slug '${document.slug}'` : undefined;
}

/** The charts of the position tree, and the datasets of the native filters. */
export function references(document: ExportDocument): readonly { readonly kind: string; readonly uuid: string }[] {
  const charts = Object.values(isObject(document.position) ? document.position : {}).flatMap((node) =>
    isObject(node) && node.type === "CHART" && isObject(node.meta) && typeof node.meta.uuid === "string" ? [node.meta.uuid] : []);
  const metadata = isObject(document.metadata) ? document.metadata : {};
  const datasets = listOf(metadata.native_filter_configuration).flatMap((filter) =>
    listOf(filter.targets).flatMap((target) => (typeof target.datasetUuid === "string" ? [target.datasetUuid] : [])));
  return [
    ...[...new Set(charts)].map((uuid) => ({ kind: "chart", uuid })),
    ...[...new Set(datasets)].map((uuid) => ({ kind: "dataset", uuid })),
  ];
}

/** By title alone: the numeric id in Superset's own file names is another on every server. */
export function bundlePath(document: ExportDocument): string {
  // The slug outlasts the title.
  return fileName(String(document.slug ?? "") || String(document.dashboard_title), String(document.uuid));
}
