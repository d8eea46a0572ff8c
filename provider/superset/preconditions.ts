import { NaturalKeyError, SupersetError } from "../errors";
import type { JsonObject } from "../json";
import type { ExportDocument } from "../kinds/define";
import type { Client } from "./client";
import type { LiveAsset } from "./connection";
import { endpointOf, type Endpoint, type NaturalKey } from "./endpoints";
import { where, type ImportItem } from "./importer";
import { numberOf, textOf } from "./live";

/** One write with what Superset holds under its uuid. */
export interface Candidate extends ImportItem {
  readonly live: LiveAsset | undefined;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * What must hold before an import, as Superset would not say: it takes over an asset with the same natural key under another
 * uuid, drops a dashboard's links when one chart is unknown, and answers 500 without a reason to the rest.
 *
 * Looking things up and judging are apart, so that the former can be done beside the guard's read and the gap between that read and the
 * import stays small. One object serves one batch.
 */
export class Preconditions {
  readonly #holders = new Map<string, readonly JsonObject[]>();
  readonly #existing = new Map<string, Map<string, boolean>>();

  constructor(
    private readonly client: Client,
    private readonly endpoint: Endpoint,
    private readonly learnChart: (uuid: string, name: string) => void,
  ) {}

  /** Looks up what judging these documents needs and was not looked up before. */
  async lookUp(documents: readonly ExportDocument[]): Promise<void> {
    const wanted = new Map<string, Set<string>>();
    for (const { kind, uuid } of documents.flatMap((document) => this.endpoint.references(document))) {
      if (UUID.test(uuid) && this.#existing.get(kind)?.has(uuid) !== true) {
        wanted.set(kind, (wanted.get(kind) ?? new Set()).add(uuid));
      }
    }
    const keys = documents.flatMap((document) => this.endpoint.naturalKey(document) ?? []).filter(({ value }) => !this.#holders.has(value));
    await Promise.all([this.#lookUpHolders(keys), ...[...wanted].map(([kind, uuids]) => this.#lookUpExisting(kind, uuids))]);
  }

  /**
   * The error of each that must not be written. `later`: those whose natural key is held by another of these that gives it up: write them
   * after it, with new Preconditions.
   */
  judge(candidates: readonly Candidate[]): { readonly errors: ReadonlyMap<string, Error>; readonly later: ReadonlySet<string> } {
    const errors = new Map<string, Error>();
    const later = new Set<string>();
    const taken = new Map<string, Candidate>();
    for (const candidate of candidates) {
      const key = this.endpoint.naturalKey(candidate.document);
      const holder = key === undefined ? undefined : this.#holders.get(key.value)?.find((row) => row["uuid"] !== candidate.uuid && key.holds(row));
      const rival = key === undefined ? undefined : taken.get(key.name);
      const error = checkOwn(candidate) ?? this.#dangling(candidate);
      if (error !== undefined) {
        errors.set(candidate.uuid, error);
      } else if (key !== undefined && holder !== undefined) {
        errors.set(candidate.uuid, conflict(this.client, this.endpoint, candidate, key.name, holder));
        const moving = candidates.find(({ uuid }) => uuid === holder["uuid"]);
        if (moving !== undefined && this.endpoint.naturalKey(moving.document)?.name !== key.name) {
          later.add(candidate.uuid);
        }
      } else if (key !== undefined && rival !== undefined) {
        errors.set(candidate.uuid, new NaturalKeyError(`${where(candidate)} was not written: ${where(rival)} has the same ${key.name}. Rename one of them.`));
      } else if (key !== undefined) {
        taken.set(key.name, candidate);
      }
    }
    return { errors, later };
  }

  async #lookUpHolders(keys: readonly NaturalKey[]): Promise<void> {
    const [first] = keys;
    if (first === undefined) {
      return;
    }
    const { api, nameField, keyColumns } = this.endpoint;
    const rows = await this.client.listIn(api, { columns: ["id", "uuid", nameField, ...keyColumns] }, first.column, keys.map(({ value }) => value));
    for (const { value, column } of keys) {
      this.#holders.set(value, rows.filter((row) => row[column] === value));
    }
  }

  async #lookUpExisting(kind: string, uuids: ReadonlySet<string>): Promise<void> {
    const { api, nameField, kind: name } = endpointOf(kind);
    const rows = await this.client.listIn(api, { columns: ["id", "uuid", nameField] }, "uuid", [...uuids]);
    const existing = this.#existing.get(kind) ?? new Map<string, boolean>();
    this.#existing.set(kind, existing);
    uuids.forEach((uuid) => existing.set(uuid, false));
    for (const row of rows) {
      existing.set(textOf(row, "uuid"), true);
      if (name === "chart") {
        this.learnChart(textOf(row, "uuid"), String(row[nameField] ?? ""));
      }
    }
  }

  #dangling(candidate: Candidate): Error | undefined {
    const dangling = this.endpoint.references(candidate.document).filter(({ kind, uuid }) => this.#existing.get(kind)?.get(uuid) !== true);
    if (dangling.length === 0) {
      return undefined;
    }
    const lines = dangling.map(({ kind, uuid, path }) => `  ${path}: there is no ${kind} with uuid ${uuid}`);
    return new SupersetError(
      `${where(candidate)} was not written: it refers to what Superset at ${this.client.http.url} does not have\n${lines.join("\n")}\nAdd the missing asset to the repository, restore it in Superset, or take the reference out.`,
    );
  }
}

function checkOwn(candidate: Candidate): Error | undefined {
  if (!UUID.test(candidate.uuid) || candidate.document["uuid"] !== candidate.uuid) {
    return new SupersetError(`${where(candidate)} was not written: its uuid must be written with lower-case letters and dashes, as in 0b5f6a4e-3c1d-4e2a-9f3b-6d1c2b3a4f5e; Superset finds no other form again.`);
  }
  return undefined;
}

function conflict(client: Client, endpoint: Endpoint, candidate: Candidate, key: string, holder: JsonObject): NaturalKeyError {
  const uuid = textOf(holder, "uuid");
  const name = holder[endpoint.nameField];
  return new NaturalKeyError(
    `${where(candidate)} was not written: its ${key} belongs to another ${endpoint.kind} on Superset at ${client.http.url}, ${typeof name === "string" ? `${JSON.stringify(name)} ` : ""}with uuid ${uuid} (id ${numberOf(holder, "id")}), not ${candidate.uuid}. ` +
      `To take that one over, write \`uuid: ${uuid}\` in the template; to keep both, rename one of them.`,
  );
}
