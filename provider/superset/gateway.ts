import { UserError } from "../errors";
import { isObject, type Json } from "../json";
import { Batcher } from "./batcher";
import { Client } from "./client";
import type { Connection, Editor, LiveAsset, RemoveOptions, WriteRequest } from "./connection";
import { endpointOf, endpoints, type Endpoint } from "./endpoints";
import { readFresh, type FreshAsset } from "./fresh";
import { Inspection } from "./inspection";
import { textOf } from "./live";
import { checkReadiness } from "./readiness";
import { Remover } from "./remover";
import type { RetryPolicy } from "./retry";
import { SnapshotLoader, type Snapshot } from "./snapshot";
import { Writer } from "./writer";

export type { Connection, Editor, LiveAsset, OverwrittenEdit, RemoveOptions, Renewed, WriteRequest } from "./connection";
export { KEEP } from "./connection";
export type { RetryPolicy } from "./retry";
export type { Snapshot } from "./snapshot";

/**
 * The only way to Superset. All calls may be made concurrently: they share one login, one snapshot, and go out in batches. Kinds are named
 * by their singular or plural name.
 */
export class Gateway {
  readonly #client: Client;
  readonly #writer: Writer;
  readonly #remover: Remover;
  readonly #chartNames = new Map<string, string>();
  readonly #singles: ReadonlyMap<string, Batcher<string, LiveAsset | undefined>>;
  readonly #editors: ReadonlyMap<string, Batcher<string, Editor | undefined>>;
  #loader: SnapshotLoader | undefined;
  #ready: Promise<void> | undefined;

  /** `log` gets lines for people (retries, warnings), without secrets. */
  constructor(connection: Connection, log: (message: string) => void, retry?: Partial<RetryPolicy>) {
    this.#client = new Client(connection, log, retry);
    this.#writer = new Writer({
      client: this.#client,
      chartNames: this.#chartNames,
      snapshot: () => this.#loader?.snapshot,
      written: (asset) => this.#learn(asset),
    });
    this.#singles = lookups((kind, uuids) => this.readFresh(kind, uuids));
    this.#editors = lookups((kind, uuids) => this.#readEditors(endpointOf(kind), uuids));
    this.#remover = new Remover({
      client: this.#client,
      readFresh: (kind, uuids) => this.#fresh(kind, uuids),
      dashboards: async () => (await this.snapshot()).all("dashboard"),
      removed: (kind, uuid) => this.#loader?.snapshot.drop(kind, uuid),
    });
  }

  /** Server's URL without a trailing slash. */
  get url(): string {
    return this.#client.http.url;
  }

  /** Questions for reports; the server is not asked before whether it is ready. */
  get inspection(): Inspection {
    return new Inspection(this.#client);
  }

  /** Requests sent so far by `METHOD path` (`{id}` for numbers), repeats included. */
  get stats(): ReadonlyMap<string, number> {
    return this.#client.http.counts;
  }

  /** The text with every secret the gateway knows taken out. */
  redact(text: string): string {
    return this.#client.http.redactor.redact(text);
  }

  /** Done when the server has answered, knows us, is new enough and lets us do what we do; throws otherwise. Asked once, whoever asks. */
  ready(): Promise<void> {
    return this.#readiness();
  }

  /** One asset from the shared snapshot, which is made on first use; undefined where Superset has none. Charts do not wait for the rest. */
  async read(kind: string, uuid: string): Promise<LiveAsset | undefined> {
    const loader = this.#load();
    const [snapshot] = await Promise.all([loader.of(kind), this.#readiness()]);
    // A list can miss a row (Client.listIn), and absence has consequences: it is confirmed.
    return snapshot.asset(kind, uuid) ?? this.#singles.get(endpointOf(kind).kind)?.add(uuid);
  }

  /** Everything Superset holds, from the shared snapshot. */
  async snapshot(): Promise<Snapshot> {
    const loader = this.#load();
    const [snapshot] = await Promise.all([loader.all(), this.#readiness()]);
    return snapshot;
  }

  /** What is known of Superset so far: complete for the kinds that were read. Undefined before the first read. */
  get known(): Snapshot | undefined {
    return this.#loader?.snapshot;
  }

  /** Forget the snapshot: the next read makes a new one. */
  invalidate(): void {
    this.#loader = undefined;
  }

  /** The named assets as they are now, past the snapshot (which learns them). Absent ones are missing in the result. */
  async readFresh(kind: string, uuids: readonly string[]): Promise<Map<string, LiveAsset>> {
    await this.#readiness();
    const fresh = await this.#fresh(kind, uuids);
    const assets = new Map([...fresh].map(([uuid, { asset }]) => [uuid, asset]));
    for (const uuid of uuids) {
      const asset = assets.get(uuid);
      if (asset === undefined) {
        this.#loader?.snapshot.drop(endpointOf(kind).kind, uuid);
      } else {
        this.#learn(asset);
      }
    }
    return assets;
  }

  /**
   * Writes one asset: guarded by a look immediately before, verified by one immediately after, and answered with the latter. Goes out together
   * with the other writes of its kind that wait. Databases before datasets before charts before dashboards is the caller's order.
   */
  async write(request: WriteRequest): Promise<LiveAsset> {
    await this.#readiness();
    return this.#writer.write(request);
  }

  /** Deletes one asset; done if there is none. Throws InUseError, naming the users, rather than breaking what others have made of it. */
  async remove(kind: string, uuid: string, options: RemoveOptions = {}): Promise<void> {
    await this.#readiness();
    return this.#remover.remove(kind, uuid, options);
  }

  /**
   * Lets Superset take a physical dataset's other columns from its table, and answers with the dataset as it is then. Where the source does not answer or
   * the table is missing there is a warning and undefined: the dataset is as it was written. Types of known columns become those of the source.
   */
  async refreshColumns({ uuid, id, document }: LiveAsset): Promise<LiveAsset | undefined> {
    const request = { method: "PUT", path: `/api/v1/dataset/${id}/refresh` } as const;
    try {
      await this.#client.json(request);
    } catch (error) {
      if (!(error instanceof UserError)) {
        throw error;
      }
      this.#client.log(`warning: the columns of dataset ${JSON.stringify(document["table_name"])} (uuid ${uuid}) were not read from its database, only those in the template are there: ${error.message}`);
      return undefined;
    }
    return this.#singles.get("dataset")?.add(uuid);
  }

  /** Who changed the named assets last, and when. Those without a known editor are missing in the result. */
  async editors(kind: string, uuids: readonly string[]): Promise<Map<string, Editor>> {
    const lookup = this.#editors.get(endpointOf(kind).kind);
    const found = await Promise.all(uuids.map(async (uuid) => [uuid, await lookup?.add(uuid)] as const));
    return new Map(found.flatMap(([uuid, editor]) => (editor === undefined ? [] : [[uuid, editor] as const])));
  }

  async #readEditors(endpoint: Endpoint, uuids: readonly string[]): Promise<Map<string, Editor>> {
    const columns = ["id", "uuid", endpoint.changedOn, "changed_by.first_name", "changed_by.last_name"];
    const rows = await this.#client.listIn(endpoint.api, { columns: endpoint.kind === "chart" ? [...columns, "datasource_id", "datasource_type"] : columns }, "uuid", uuids);
    return new Map(
      rows.flatMap((row) => {
        const name = nameOf(row["changed_by"]);
        const at = row[endpoint.changedOn];
        return name === undefined || typeof at !== "string" ? [] : [[textOf(row, "uuid"), { name, at: isoUtc(at) }] as const];
      }),
    );
  }

  #load(): SnapshotLoader {
    return (this.#loader ??= new SnapshotLoader(this.#client, (uuid, name) => this.#chartNames.set(uuid, name)));
  }

  #readiness(): Promise<void> {
    if (this.#ready === undefined) {
      const ready = checkReadiness(this.#client);
      this.#ready = ready;
      ready.catch(() => undefined);
    }
    return this.#ready;
  }

  async #fresh(kind: string, uuids: readonly string[]): Promise<ReadonlyMap<string, FreshAsset>> {
    return readFresh(this.#client, kind, uuids, { snapshot: this.#loader?.snapshot, chartNames: this.#chartNames });
  }

  #learn(asset: LiveAsset): void {
    this.#loader?.snapshot.put(asset);
    if (asset.kind === "chart") {
      this.#chartNames.set(asset.uuid, String(asset.document["slice_name"] ?? ""));
    }
  }
}

/** Per kind: single questions by uuid, asked together. */
function lookups<Result>(ask: (kind: string, uuids: readonly string[]) => Promise<ReadonlyMap<string, Result>>): ReadonlyMap<string, Batcher<string, Result | undefined>> {
  return new Map(
    endpoints.map(({ kind }) => [
      kind,
      new Batcher<string, Result | undefined>({
        key: undefined,
        maxItems: Infinity,
        run: async (uuids) => {
          const found = await ask(kind, uuids);
          return uuids.map((uuid) => ({ value: found.get(uuid) }));
        },
      }),
    ]),
  );
}

function nameOf(user: Json | undefined): string | undefined {
  return user !== undefined && isObject(user) ? [user["first_name"], user["last_name"]].filter((part) => typeof part === "string" && part !== "").join(" ") : undefined;
}

/** Superset gives UTC with `+0000`, or without any zone. */
function isoUtc(text: string): string {
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text.replace(/([+-]\d\d)(\d\d)$/, "$1:$2") : `${text}Z`;
  const time = Date.parse(zoned);
  return Number.isNaN(time) ? text : new Date(time).toISOString();
}
