/** A dashboard whose datasets were given other columns: its native filters. */
import { isObject, type Json, type JsonObject } from "../../json";
import { FormDataRenamer } from "../chart/retarget";
import type { ExportDocument, Retarget } from "../define";

/** Charts and datasets keep their uuids, so that only the columns in native filters change. */
export function retarget(document: ExportDocument, to: Retarget): ExportDocument {
  const metadata = isObject(document.metadata) ? document.metadata : {};
  const filters = metadata.native_filter_configuration;
  if (!Array.isArray(filters)) {
    return document;
  }
  const renamed = (filters as readonly Json[]).map((filter) => (isObject(filter) ? renameFilter(filter, to) : filter));
  return { ...document, metadata: { ...metadata, native_filter_configuration: renamed } };
}

function renameFilter(filter: JsonObject, to: Retarget): JsonObject {
  const targets = Array.isArray(filter.targets) ? (filter.targets as readonly Json[]) : [];
  const applies = (target: Json): target is JsonObject => isObject(target) && typeof target.datasetUuid === "string" && to.applies(target.datasetUuid);
  if (!targets.some(applies)) {
    return filter;
  }
  const renamer = new FormDataRenamer(to);
  return {
    ...renamer.formData(filter),
    // A filter's own name is a title, not a column.
    ...(filter.name === undefined ? {} : { name: filter.name }),
    ...(filter.id === undefined ? {} : { id: filter.id }),
    targets: targets.map((target) => {
      if (!applies(target) || !isObject(target.column) || typeof target.column.name !== "string") {
        return target;
      }
      return { ...target, column: { ...target.column, name: renamer.column(target.column.name) } };
    }),
  };
}
