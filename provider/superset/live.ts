import { parseExport } from "../../compile/yaml";
import type { Json, JsonObject } from "../json";
import type { ExportDocument } from "../kinds/define";
import type { LiveAsset } from "./connection";

/** A live asset whose document is made when first asked for: parsing an export is slow, and most assets of a snapshot are never looked at. */
export class LazyAsset implements LiveAsset {
  #document: ExportDocument | undefined;

  constructor(
    readonly kind: string,
    readonly uuid: string,
    readonly id: number,
    readonly path: string,
    private readonly make: () => ExportDocument,
  ) {}

  get document(): ExportDocument {
    return (this.#document ??= this.make());
  }
}

/** One file of an export: its asset's uuid without parsing it, and the document on demand. */
interface ExportFile {
  readonly uuid: string;
  readonly path: string;
  readonly document: () => ExportDocument;
}

const decoder = new TextDecoder();

/** The files of one folder of an export. */
export function filesOf(files: ReadonlyMap<string, Uint8Array>, folder: string): readonly ExportFile[] {
  return [...files].flatMap(([path, bytes]) => {
    if (!path.startsWith(`${folder}/`)) {
      return [];
    }
    const text = decoder.decode(bytes);
    const document = (): ExportDocument => parseExport(text, path);
    const uuid = topLevelUuid(text) ?? document()["uuid"];
    return typeof uuid === "string" ? [{ uuid, path, document }] : [];
  });
}

/** Superset's exports are block style (PyYAML safe_dump), where only a top-level key begins a line. */
function topLevelUuid(text: string): string | undefined {
  const found = text.match(/^uuid: ['"]?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})['"]?\r?$/gm);
  return found?.length === 1 ? found[0].replace(/^uuid: ['"]?/, "").slice(0, 36) : undefined;
}

/** Numeric id at the end of an export's file name (`x_12.yaml`, `12.yaml`). */
export function idOfPath(path: string): number | undefined {
  const match = /(?:^|[_/])(\d+)\.ya?ml$/.exec(path);
  return match === null ? undefined : Number(match[1]);
}

/** List columns that together make a chart's export document (without query_context, which is derived from params). */
export const CHART_COLUMNS: readonly string[] = [
  "id", "uuid", "slice_name", "description", "certified_by", "certification_details", "viz_type", "params", "cache_timeout", "datasource_id", "datasource_type", "changed_on_utc",
];

/** A chart's export document from a row of the list with CHART_COLUMNS (commands/chart/export.py does the same from the model). */
export function chartDocument(row: JsonObject, datasetUuid: string | undefined): ExportDocument {
  return {
    slice_name: row["slice_name"] ?? null,
    description: row["description"] ?? null,
    certified_by: row["certified_by"] ?? null,
    certification_details: row["certification_details"] ?? null,
    viz_type: row["viz_type"] ?? null,
    params: decoded(row["params"]),
    query_context: null,
    cache_timeout: row["cache_timeout"] ?? null,
    uuid: row["uuid"] ?? null,
    version: "1.0.0",
    ...(datasetUuid === undefined ? {} : { dataset_uuid: datasetUuid }),
  };
}

/** JSON text decoded; what is not JSON stays text, as in Superset's exports. */
export function decoded(text: Json | undefined): Json {
  if (typeof text !== "string" || text === "") {
    return text ?? null;
  }
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** `row[column]` as text; throws where Superset's answer has none. */
export function textOf(row: JsonObject, column: string): string {
  const value = row[column];
  if (typeof value !== "string") {
    throw new Error(`a list row without ${column}`);
  }
  return value;
}

/** `row[column]` as a number; throws where Superset's answer has none. */
export function numberOf(row: JsonObject, column: string): number {
  const value = row[column];
  if (typeof value !== "number") {
    throw new Error(`a list row without ${column}`);
  }
  return value;
}
