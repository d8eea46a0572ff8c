import { SupersetError } from "../errors";
import type { Client } from "./client";
import { endpointOf, type Endpoint } from "./endpoints";
import { where } from "./importer";
import { numberOf, textOf } from "./live";
import type { Candidate } from "./preconditions";

/**
 * Moves what is to stand on another parent (a dataset on another database) in place, by the kind's PUT: an import would answer 500, and a new
 * dataset would orphan the charts of the old one. Returns the uuids that were moved, and the error of each that was not.
 */
export async function moveToParents(
  client: Client,
  endpoint: Endpoint,
  candidates: readonly Candidate[],
): Promise<{ readonly moved: ReadonlySet<string>; readonly errors: ReadonlyMap<string, Error> }> {
  const { parent } = endpoint;
  const moved = new Set<string>();
  const errors = new Map<string, Error>();
  const moving = parent === undefined ? [] : candidates.filter(({ live, document }) => typeof live?.document[parent.field] === "string" && live.document[parent.field] !== document[parent.field]);
  if (parent === undefined || moving.length === 0) {
    return { moved, errors };
  }
  const rows = await client.listIn(endpointOf(parent.kind).api, { columns: ["id", "uuid"] }, "uuid", [...new Set(moving.map(({ document }) => String(document[parent.field])))]);
  const ids = new Map(rows.map((row) => [textOf(row, "uuid"), numberOf(row, "id")]));
  for (const candidate of moving) {
    const { live, document } = candidate;
    const id = ids.get(String(document[parent.field]));
    if (live === undefined || id === undefined) {
      continue;
    }
    const kept = Object.fromEntries(parent.resend.map((field) => [field, live.document[field] ?? null]));
    const request = { method: "PUT", path: `/api/v1/${endpoint.api}/${live.id}`, json: { ...kept, [parent.putField]: id } } as const;
    const response = await client.send(request);
    if (response.status === 200) {
      moved.add(candidate.uuid);
    } else {
      errors.set(candidate.uuid, new SupersetError(`${where(candidate)} was not moved to ${parent.kind} ${String(document[parent.field])}: ${client.failure(request, response).message}`, { status: response.status }));
    }
  }
  return { moved, errors };
}
