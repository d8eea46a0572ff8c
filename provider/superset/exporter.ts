import { SupersetError } from "../errors";
import type { LiveAsset } from "./connection";
import { chunks, MAX_QUERY_BYTES, type Client } from "./client";
import type { Endpoint } from "./endpoints";
import { filesOf, LazyAsset } from "./live";
import { risonQuery } from "./rison";

/** An asset a list has named. */
export interface Listed {
  readonly id: number;
  readonly uuid: string;
}

/**
 * Exports the listed assets of one kind by id, few requests for many. Assets gone meanwhile are missing in the result. Where Superset
 * fails over one of them, the others are still read, and asking for the document of the failing one throws.
 */
export async function exportAssets(client: Client, endpoint: Endpoint, listed: readonly Listed[]): Promise<Map<string, LiveAsset>> {
  const runs = chunks(listed, (chunk) => idsQuery(chunk).length <= MAX_QUERY_BYTES);
  const parts = await Promise.all(runs.map((run) => exportRun(client, endpoint, run)));
  return new Map(parts.flatMap((part) => [...part]));
}

async function exportRun(client: Client, endpoint: Endpoint, listed: readonly Listed[]): Promise<Map<string, LiveAsset>> {
  const request = { method: "GET", path: `/api/v1/${endpoint.api}/export/` } as const;
  try {
    const files = await client.zip({ ...request, query: idsQuery(listed) });
    const byUuid = new Map(filesOf(files, endpoint.folder).map((file) => [file.uuid, file]));
    const found = new Map<string, LiveAsset>();
    const missing: Listed[] = [];
    for (const one of listed) {
      const file = byUuid.get(one.uuid);
      if (file === undefined) {
        missing.push(one);
      } else {
        found.set(one.uuid, new LazyAsset(endpoint.kind, one.uuid, one.id, file.path, file.document));
      }
    }
    if (missing.length > 0 && listed.length > 1) {
      // Names that make the same file name share one entry in Superset's ZIP, and only the first is in it.
      for (const one of missing) {
        (await exportRun(client, endpoint, [one])).forEach((asset, uuid) => found.set(uuid, asset));
      }
    }
    return found;
  } catch (error) {
    if (!(error instanceof SupersetError) || (error.details.status !== 404 && error.details.status !== 500)) {
      throw error;
    }
    const [first] = listed;
    if (first === undefined) {
      return new Map();
    }
    if (listed.length === 1) {
      return error.details.status === 404 ? new Map() : new Map([[first.uuid, unreadable(client, endpoint, first, error)]]);
    }
    const middle = listed.length >> 1;
    const left = await exportRun(client, endpoint, listed.slice(0, middle));
    const right = await exportRun(client, endpoint, listed.slice(middle));
    return new Map([...left, ...right]);
  }
}

function unreadable(client: Client, endpoint: Endpoint, one: Listed, cause: SupersetError): LiveAsset {
  client.log(`warning: Superset fails to export the ${endpoint.kind} with uuid ${one.uuid} (id ${one.id}); the others are read without it.`);
  return new LazyAsset(endpoint.kind, one.uuid, one.id, `/api/v1/${endpoint.api}/${one.id}`, () => {
    throw new SupersetError(
      `Superset cannot export the ${endpoint.kind} with uuid ${one.uuid} (id ${one.id}): ${cause.message}. Open ${client.http.url}${endpoint.page(one.id)} and repair or delete it.`,
      { cause, ...(cause.details.status === undefined ? {} : { status: cause.details.status }) },
    );
  });
}

function idsQuery(listed: readonly Listed[]): string {
  return risonQuery(listed.map(({ id }) => id));
}
