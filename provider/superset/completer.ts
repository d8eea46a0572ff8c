import { SupersetError } from "../errors";
import type { Client } from "./client";
import type { LiveAsset } from "./connection";
import type { Endpoint } from "./endpoints";
import { where } from "./importer";
import type { Candidate } from "./preconditions";

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
