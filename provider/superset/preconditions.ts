import { NaturalKeyError, SupersetError } from "../errors";
import type { JsonObject } from "../json";
import type { Client } from "./client";
import type { LiveAsset } from "./connection";
import { endpointOf, type Endpoint } from "./endpoints";
import { where, type ImportItem } from "./importer";
import { numberOf, textOf } from "./live";

/** The asset is to move to another parent (a dataset to another database), which Superset cannot do in place: delete and create it. */
export class ParentChangedError extends SupersetError {}

/** One write with what Superset holds under its uuid. */
export interface Candidate extends ImportItem {
  readonly live: LiveAsset | undefined;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * What must hold before an import, as Superset would not say: it takes over an asset with the same natural key under another
 * uuid, drops a dashboard's links when one chart is unknown, and answers 500 without a reason to the rest. Returns the error of each that must not be written.
 */
export async function checkPreconditions(
  client: Client,
  endpoint: Endpoint,
  candidates: readonly Candidate[],
  learnChart: (uuid: string, name: string) => void,
): Promise<Map<string, Error>> {
  const [keys, references] = await Promise.all([checkNaturalKeys(client, endpoint, candidates), checkReferences(client, endpoint, candidates, learnChart)]);
  const own = candidates.flatMap((candidate) => {
    const error = checkOwn(client, endpoint, candidate);
    return error === undefined ? [] : [[candidate.uuid, error] as const];
  });
  return new Map([...references, ...keys, ...own]);
}

function checkOwn(client: Client, endpoint: Endpoint, candidate: Candidate): Error | undefined {
  if (!UUID.test(candidate.uuid) || candidate.document["uuid"] !== candidate.uuid) {
    return new SupersetError(`${where(candidate)} was not written: its uuid must be written with lower-case letters and dashes, as in 0b5f6a4e-3c1d-4e2a-9f3b-6d1c2b3a4f5e; Superset finds no other form again.`);
  }
  const was = candidate.live?.document["database_uuid"];
  const is = candidate.document["database_uuid"];
  if (endpoint.kind === "dataset" && typeof was === "string" && was !== is) {
    return new ParentChangedError(
      `${where(candidate)} was not written: it is to move from database ${was} to database ${String(is)}, and Superset at ${client.http.url} cannot move a dataset. Let it be replaced (delete and create), or give it a new uuid and key.`,
    );
  }
  return undefined;
}

async function checkNaturalKeys(client: Client, endpoint: Endpoint, candidates: readonly Candidate[]): Promise<Map<string, Error>> {
  const errors = new Map<string, Error>();
  const wanted = candidates.flatMap((candidate) => {
    const key = endpoint.naturalKey(candidate.document);
    const before = candidate.live === undefined ? undefined : endpoint.naturalKey(candidate.live.document);
    return key === undefined || key.name === before?.name ? [] : [{ candidate, key }];
  });
  const [first] = wanted;
  if (first === undefined) {
    return errors;
  }
  const rows = await client.listIn(endpoint.api, { columns: ["id", "uuid", endpoint.nameField, ...endpoint.keyColumns] }, first.key.column, wanted.map(({ key }) => key.value));
  const taken = new Map<string, Candidate>();
  for (const { candidate, key } of wanted) {
    const holder = rows.find((row) => row["uuid"] !== candidate.uuid && key.holds(row));
    const rival = taken.get(key.name);
    taken.set(key.name, candidate);
    if (holder !== undefined) {
      errors.set(candidate.uuid, conflict(client, endpoint, candidate, key.name, holder));
    } else if (rival !== undefined) {
      errors.set(candidate.uuid, new NaturalKeyError(`${where(candidate)} was not written: ${where(rival)} has the same ${key.name}. Rename one of them.`));
    }
  }
  return errors;
}

function conflict(client: Client, endpoint: Endpoint, candidate: Candidate, key: string, holder: JsonObject): NaturalKeyError {
  const uuid = textOf(holder, "uuid");
  const name = holder[endpoint.nameField];
  return new NaturalKeyError(
    `${where(candidate)} was not written: its ${key} belongs to another ${endpoint.kind} on Superset at ${client.http.url}, ${typeof name === "string" ? `${JSON.stringify(name)} ` : ""}with uuid ${uuid} (id ${numberOf(holder, "id")}), not ${candidate.uuid}. ` +
      `To take that one over, write \`uuid: ${uuid}\` in the template; to keep both, rename one of them.`,
  );
}

async function checkReferences(client: Client, endpoint: Endpoint, candidates: readonly Candidate[], learnChart: (uuid: string, name: string) => void): Promise<Map<string, Error>> {
  const wanted = candidates.map((candidate) => ({ candidate, references: endpoint.references(candidate.document) }));
  const kinds = new Set(wanted.flatMap(({ references }) => references.map(({ kind }) => kind)));
  const known = new Map(
    await Promise.all(
      [...kinds].map(async (kind) => {
        const target = endpointOf(kind);
        const uuids = wanted.flatMap(({ references }) => references.filter((one) => one.kind === kind).map(({ uuid }) => uuid));
        const rows = await client.listIn(target.api, { columns: ["id", "uuid", target.nameField] }, "uuid", uuids.filter((uuid) => UUID.test(uuid)));
        if (target.kind === "chart") {
          rows.forEach((row) => learnChart(textOf(row, "uuid"), String(row[target.nameField] ?? "")));
        }
        return [kind, new Set(rows.map((row) => textOf(row, "uuid")))] as const;
      }),
    ),
  );
  const errors = new Map<string, Error>();
  for (const { candidate, references } of wanted) {
    const dangling = references.filter(({ kind, uuid }) => known.get(kind)?.has(uuid) !== true);
    if (dangling.length > 0) {
      const lines = dangling.map(({ kind, uuid, path }) => `  ${path}: there is no ${kind} with uuid ${uuid}`);
      errors.set(
        candidate.uuid,
        new SupersetError(
          `${where(candidate)} was not written: it refers to what Superset at ${client.http.url} does not have\n${lines.join("\n")}\nAdd the missing asset to the repository, restore it in Superset, or take the reference out.`,
        ),
      );
    }
  }
  return errors;
}
