import { SupersetError } from "../errors";
import { isObject, type JsonObject } from "../json";
import type { ExportDocument } from "../kinds/define";
import type { Client } from "./client";
import type { LiveAsset } from "./connection";
import type { Endpoint } from "./endpoints";
import { where } from "./importer";
import type { Candidate } from "./preconditions";

/**
 * What a chart's import leaves out of a document: it keeps only those annotation layers that are formulas (commands/chart/importers/v1/utils.py,
 * filter_chart_annotations). The body of the PUT that puts them in; undefined where nothing is missing.
 */
export function missingAnnotations(written: ExportDocument, live: ExportDocument): JsonObject | undefined {
  const layers = isObject(written["params"]) ? written["params"]["annotation_layers"] : undefined;
  const others = Array.isArray(layers) ? layers.filter((layer) => isObject(layer) && layer["annotationType"] !== "FORMULA") : [];
  return others.length === 0 || !isObject(live["params"]) ? undefined : { params: JSON.stringify({ ...live["params"], annotation_layers: layers ?? [] }) };
}

/** Puts in, by the kind's PUT, what an import leaves out. Returns the uuids that were completed, and the error of each that could not be. */
export async function completeImports(
  client: Client,
  endpoint: Endpoint,
  sent: readonly Candidate[],
  after: ReadonlyMap<string, { readonly asset: LiveAsset }>,
): Promise<{ readonly completed: readonly string[]; readonly errors: ReadonlyMap<string, Error> }> {
  const completed: string[] = [];
  const errors = new Map<string, Error>();
  for (const item of sent) {
    const asset = after.get(item.uuid)?.asset;
    const body = asset === undefined ? undefined : endpoint.missing?.(item.document, asset.document);
    if (asset === undefined || body === undefined) {
      continue;
    }
    const request = { method: "PUT", path: `/api/v1/${endpoint.api}/${asset.id}`, json: body } as const;
    const response = await client.send(request);
    if (response.status === 200) {
      completed.push(item.uuid);
    } else {
      errors.set(item.uuid, new SupersetError(`${where(item)} was written without ${Object.keys(body).join(", ")}, which Superset's import leaves out in part: ${client.failure(request, response).message}`, { status: response.status }));
    }
  }
  return { completed, errors };
}
