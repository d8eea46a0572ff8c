import { SupersetError } from "../errors";
import type { Client } from "./client";
import type { LiveAsset } from "./connection";
import { endpointOf, endpoints, type Endpoint } from "./endpoints";
import { exportAssets, type Listed } from "./exporter";
import { CHART_COLUMNS, chartDocument, filesOf, idOfPath, LazyAsset, numberOf, textOf } from "./live";

/** Everything Superset holds at one moment, kept up with our own writes and deletes. */
export class Snapshot {
  readonly #assets = new Map<string, Map<string, LiveAsset>>();
  readonly #uuids = new Map<string, Map<number, string>>();

  /** The asset of that kind (singular or plural name); undefined where Superset has none. */
  asset(kind: string, uuid: string): LiveAsset | undefined {
    return this.#assets.get(endpointOf(kind).kind)?.get(uuid);
  }

  /** All assets of a kind. */
  all(kind: string): readonly LiveAsset[] {
    return [...(this.#assets.get(endpointOf(kind).kind)?.values() ?? [])];
  }

  /** uuid of the asset with that numeric id. */
  byId(kind: string, id: number): string | undefined {
    return this.#uuids.get(endpointOf(kind).kind)?.get(id);
  }

  /** Numeric ids of a kind with their uuids. */
  ids(kind: string): ReadonlyMap<number, string> {
    return this.#uuids.get(endpointOf(kind).kind) ?? new Map<number, string>();
  }

  /** Remember an asset as Superset holds it now. */
  put(asset: LiveAsset): void {
    entry(this.#assets, asset.kind).set(asset.uuid, asset);
    this.learn(asset.kind, asset.id, asset.uuid);
  }

  /** Remember an id only. */
  learn(kind: string, id: number, uuid: string): void {
    entry(this.#uuids, kind).set(id, uuid);
  }

  /** Forget an asset that is gone. */
  drop(kind: string, uuid: string): void {
    const assets = this.#assets.get(kind);
    const asset = assets?.get(uuid);
    if (asset !== undefined) {
      assets?.delete(uuid);
      this.#uuids.get(kind)?.delete(asset.id);
    }
  }
}

function entry<K, V>(maps: Map<string, Map<K, V>>, kind: string): Map<K, V> {
  const found = maps.get(kind) ?? new Map<K, V>();
  maps.set(kind, found);
  return found;
}

/**
 * Reads a snapshot in a number of requests that does not depend on the number of assets but for list pages: charts from the list
 * API, everything else from one assets/export, which takes Superset long and is not waited for by those who only want charts.
 */
export class SnapshotLoader {
  readonly snapshot = new Snapshot();
  readonly #charts: Promise<void>;
  readonly #others: Promise<void>;

  constructor(private readonly client: Client, private readonly learnChart: (uuid: string, name: string) => void) {
    const lists = new Map(endpoints.filter(({ kind }) => kind !== "chart").map((endpoint) => [endpoint.kind, this.#list(endpoint)]));
    this.#charts = this.#readCharts(lists.get("dataset") ?? Promise.resolve([]));
    this.#others = this.#readOthers(lists);
    // Each is awaited by whoever needs it; a failure nobody waits for is not an unhandled one.
    this.#charts.catch(() => undefined);
    this.#others.catch(() => undefined);
  }

  /** The snapshot, complete for that kind and the ids it refers to. */
  async of(kind: string): Promise<Snapshot> {
    await (endpointOf(kind).kind === "chart" ? this.#charts : Promise.all([this.#charts, this.#others]));
    return this.snapshot;
  }

  /** The complete snapshot. */
  async all(): Promise<Snapshot> {
    await Promise.all([this.#charts, this.#others]);
    return this.snapshot;
  }

  /** The list of charts can miss rows (Client.listIn); the export has them too. */
  async #completeCharts(files: ReadonlyMap<string, Uint8Array>): Promise<void> {
    await this.#charts;
    for (const file of filesOf(files, endpointOf("chart").folder)) {
      const id = idOfPath(file.path);
      if (id !== undefined && this.snapshot.asset("chart", file.uuid) === undefined) {
        this.snapshot.put(new LazyAsset("chart", file.uuid, id, file.path, file.document));
      }
    }
  }

  async #list(endpoint: Endpoint): Promise<readonly Listed[]> {
    const rows = await this.client.list(endpoint.api, { columns: ["id", "uuid"] });
    return rows.map((row) => {
      const listed = { id: numberOf(row, "id"), uuid: textOf(row, "uuid") };
      this.snapshot.learn(endpoint.kind, listed.id, listed.uuid);
      return listed;
    });
  }

  async #readCharts(datasets: Promise<readonly Listed[]>): Promise<void> {
    const [rows] = await Promise.all([this.client.list("chart", { columns: CHART_COLUMNS }), datasets]);
    for (const row of rows) {
      const datasetId = row["datasource_id"];
      const dataset = typeof datasetId === "number" ? this.snapshot.byId("dataset", datasetId) : undefined;
      const id = numberOf(row, "id");
      this.learnChart(textOf(row, "uuid"), String(row["slice_name"] ?? ""));
      this.snapshot.put(new LazyAsset("chart", textOf(row, "uuid"), id, `/api/v1/chart/${id}`, () => chartDocument(row, dataset)));
    }
  }

  async #readOthers(lists: ReadonlyMap<string, Promise<readonly Listed[]>>): Promise<void> {
    const [files] = await Promise.all([this.#export(), ...lists.values()]);
    if (files !== undefined) {
      await this.#completeCharts(files);
    }
    for (const [kind, list] of lists) {
      const endpoint = endpointOf(kind);
      const listed = new Map((await list).map((one) => [one.uuid, one]));
      const exported = filesOf(files ?? new Map<string, Uint8Array>(), endpoint.folder);
      for (const file of exported) {
        // Created between list and export: the file name tells the id, but for databases, which are then read by name below.
        const id = listed.get(file.uuid)?.id ?? idOfPath(file.path);
        if (id !== undefined) {
          this.snapshot.put(new LazyAsset(kind, file.uuid, id, file.path, file.document));
        }
      }
      await this.#readMissing(endpoint, [...listed.values()].filter(({ uuid }) => this.snapshot.asset(kind, uuid) === undefined), files !== undefined);
    }
  }

  /** Names that make the same file name share one path in an export, and only the first is in it. */
  async #readMissing(endpoint: Endpoint, missing: readonly Listed[], exported: boolean): Promise<void> {
    if (exported && missing.length > 0) {
      this.client.log(`Superset's export left out ${missing.length} ${endpoint.folder} (names that make the same file name); they are read one by one.`);
    }
    (await exportAssets(this.client, endpoint, missing)).forEach((asset) => this.snapshot.put(asset));
  }

  /** undefined where Superset fails to export everything at once. */
  async #export(): Promise<Map<string, Uint8Array> | undefined> {
    try {
      return await this.client.zip({ method: "GET", path: "/api/v1/assets/export/", timeoutSeconds: 600 });
    } catch (error) {
      if (error instanceof SupersetError && error.details.status === 500) {
        this.client.log(
          `warning: Superset at ${this.client.http.url} fails to export everything (GET /api/v1/assets/export/: 500). An asset that cannot be exported is the usual reason, such as a saved query without a database. Each kind is exported on its own instead, which takes longer.`,
        );
        return undefined;
      }
      throw error;
    }
  }
}
