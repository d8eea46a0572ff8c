/** What a dashboard's native filters ask of datasets. */
import { isObject, type Json, type JsonObject } from "../../json";
import { conditions } from "../chart/uses";
import type { ExportDocument, RelationUse, UsedName } from "../define";

/** The column of each filter, its conditions in SQL, and the metric it sorts its values by. */
export function uses(document: ExportDocument): readonly RelationUse[] {
  const metadata = isObject(document.metadata) ? document.metadata : {};
  return list(metadata.native_filter_configuration).flatMap((filter, index) => {
    const at = ["metadata", "native_filter_configuration", index];
    return list(filter.targets).flatMap((target, place): RelationUse[] => {
      if (typeof target.datasetUuid !== "string") {
        return [];
      }
      const column = isObject(target.column) ? target.column.name : undefined;
      const sort = isObject(filter.controlValues) ? filter.controlValues.sortMetric : undefined;
      const names: UsedName[] = [
        ...(typeof column === "string" ? [{ kind: "column" as const, name: column, path: [...at, "targets", place, "column"], severity: "error" as const }] : []),
        ...(typeof sort === "string" ? [{ kind: "metric" as const, name: sort, path: [...at, "controlValues", "sortMetric"], severity: "error" as const }] : []),
      ];
      return [{ relation: target.datasetUuid, names, expressions: conditions(filter.adhoc_filters, [...at, "adhoc_filters"]), functions: [] }];
    });
  });
}

/** What a list of dashboards says besides the title. */
export function facts(document: ExportDocument): readonly (readonly [string, string])[] {
  return [
    ...(typeof document.slug === "string" && document.slug !== "" ? [["address", `/superset/dashboard/${document.slug}/`] as const] : []),
    ...(typeof document.certified_by === "string" && document.certified_by !== "" ? [["certified by", document.certified_by] as const] : []),
  ];
}

function list(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly Json[]).map((item) => (isObject(item) ? item : {})) : [];
}
