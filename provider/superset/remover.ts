import { InUseError, SupersetError } from "../errors";
import { isObject, type Json, type JsonObject } from "../json";
import { bodyOf, redacted } from "./answer";
import { Batcher, type Outcome } from "./batcher";
import type { Client } from "./client";
import type { LiveAsset, RemoveOptions } from "./connection";
import { databaseUuidOf, endpointOf, endpoints, type Endpoint } from "./endpoints";
import type { FreshAsset } from "./fresh";
import { numberOf, textOf } from "./live";
import { risonQuery } from "./rison";

/** Superset takes 100 ids a call. */
const MAX_BATCH = 100;
const OWNER_COLUMNS = ["owners.first_name", "owners.last_name"];

interface RemoverContext {
  readonly client: Client;
  readFresh(kind: string, uuids: readonly string[]): Promise<ReadonlyMap<string, FreshAsset>>;
  /** Dashboards as this run knows them, its own writes included. */
  dashboards(): Promise<readonly LiveAsset[]>;
  removed(kind: string, uuid: string): void;
}

interface Removal {
  readonly uuid: string;
  readonly options: RemoveOptions;
}

/** Somebody who uses an asset: shown in the refusal. */
interface User {
  readonly of: string;
  readonly text: string;
}

/** Deletes in batches. What is absent is done; what others use stays, and the error lists them. */
export class Remover {
  readonly #batchers: ReadonlyMap<string, Batcher<Removal, void>>;

  constructor(private readonly context: RemoverContext) {
    this.#batchers = new Map(
      endpoints.map((endpoint) => [
        endpoint.kind,
        new Batcher<Removal, void>({ key: ({ uuid }) => uuid, maxItems: MAX_BATCH, run: (removals) => this.#run(endpoint, removals) }),
      ]),
    );
  }

  remove(kind: string, uuid: string, options: RemoveOptions): Promise<void> {
    const batcher = this.#batchers.get(endpointOf(kind).kind);
    if (batcher === undefined) {
      throw new Error(`no batch for ${kind}`);
    }
    return batcher.add({ uuid, options });
  }

  async #run(endpoint: Endpoint, removals: readonly Removal[]): Promise<readonly Outcome<void>[]> {
    const { client } = this.context;
    const errors = new Map<string, unknown>();
    const rows = await client.listIn(endpoint.api, { columns: ["id", "uuid", endpoint.nameField] }, "uuid", removals.map(({ uuid }) => uuid));
    const live = new Map(rows.map((row) => [textOf(row, "uuid"), { id: numberOf(row, "id"), name: String(row[endpoint.nameField] ?? "") }]));
    for (const { uuid } of removals) {
      if (!live.has(uuid)) {
        this.context.removed(endpoint.kind, uuid);
      }
    }
    const present = removals.filter(({ uuid }) => live.has(uuid));
    const label = (removal: Removal): string => removal.options.label ?? `${endpoint.kind} ${JSON.stringify(live.get(removal.uuid)?.name)} (uuid ${removal.uuid})`;
    await this.#guard(endpoint, present, errors);
    const users = await this.#users(endpoint, new Map(present.flatMap(({ uuid }) => (live.get(uuid) === undefined ? [] : [[live.get(uuid)?.id ?? 0, uuid] as const]))));
    for (const removal of present) {
      const own = users.filter(({ of }) => of === removal.uuid);
      if (own.length > 0 && !errors.has(removal.uuid)) {
        errors.set(removal.uuid, inUse(client, label(removal), own.map(({ text }) => text)));
      }
    }
    const targets = present.filter(({ uuid }) => !errors.has(uuid)).map((removal) => ({ uuid: removal.uuid, id: live.get(removal.uuid)?.id ?? 0, label: label(removal) }));
    await this.#delete(endpoint, targets, errors);
    return removals.map(({ uuid }) => (errors.has(uuid) ? { error: errors.get(uuid) } : { value: undefined }));
  }

  /** Everything that would break. `ids`: uuid by numeric id. */
  async #users(endpoint: Endpoint, ids: ReadonlyMap<number, string>): Promise<readonly User[]> {
    const { client } = this.context;
    if (ids.size === 0) {
      return [];
    }
    switch (endpoint.kind) {
      case "database":
        return (await Promise.all([...ids].map(([id, uuid]) => usersOfDatabase(client, id, uuid)))).flat();
      case "dataset": {
        const rows = await client.listIn("chart", { columns: ["id", "slice_name", "datasource_id", "datasource_type", ...OWNER_COLUMNS] }, "datasource_id", [...ids.keys()]);
        const charts = rows.flatMap((row) => {
          const of = ids.get(numberOf(row, "datasource_id"));
          return of === undefined || row["datasource_type"] !== "table" ? [] : [{ of, text: line(client, "chart", row) }];
        });
        return [...charts, ...filterUsers(client, await this.context.dashboards(), new Set(ids.values())), ...(await securityUsers(client, ids))];
      }
      case "chart": {
        const rows = await client.listIn("chart", { columns: ["id", "uuid", "datasource_id", "datasource_type", "dashboards.id", "dashboards.dashboard_title"] }, "uuid", [...ids.values()]);
        return rows.flatMap((row) => (Array.isArray(row["dashboards"]) ? row["dashboards"].filter(isObject) : []).map((dashboard: JsonObject) => ({ of: textOf(row, "uuid"), text: line(client, "dashboard", dashboard) })));
      }
      default:
        return [];
    }
  }

  async #guard(endpoint: Endpoint, removals: readonly Removal[], errors: Map<string, unknown>): Promise<void> {
    const guarded = removals.filter(({ options }) => options.guard !== undefined);
    if (guarded.length === 0) {
      return;
    }
    const fresh = await this.context.readFresh(endpoint.kind, guarded.map(({ uuid }) => uuid));
    for (const { uuid, options } of guarded) {
      const asset: LiveAsset | undefined = fresh.get(uuid)?.asset;
      try {
        if (asset !== undefined) {
          options.guard?.(asset);
        }
      } catch (error) {
        errors.set(uuid, error);
      }
    }
  }

  async #delete(endpoint: Endpoint, targets: readonly { readonly uuid: string; readonly id: number; readonly label: string }[], errors: Map<string, unknown>): Promise<void> {
    const [first] = targets;
    if (first === undefined) {
      return;
    }
    const { client } = this.context;
    if (!endpoint.bulkDelete && targets.length > 1) {
      await Promise.all(targets.map((target) => this.#delete(endpoint, [target], errors)));
      return;
    }
    const request = endpoint.bulkDelete
      ? ({ method: "DELETE", path: `/api/v1/${endpoint.api}/`, query: risonQuery(targets.map(({ id }) => id)) } as const)
      : ({ method: "DELETE", path: `/api/v1/${endpoint.api}/${first.id}` } as const);
    const response = await client.send(request);
    if (response.status === 200 || (response.status === 404 && targets.length === 1)) {
      targets.forEach(({ uuid }) => this.context.removed(endpoint.kind, uuid));
      return;
    }
    if (targets.length > 1) {
      // One that is gone or in use makes Superset refuse all: let each answer for itself.
      for (const target of targets) {
        await this.#delete(endpoint, [target], errors);
      }
      return;
    }
    if (response.status === 422) {
      const words = redacted(client.http, response);
      errors.set(first.uuid, inUse(client, first.label, [bodyOf(response) === undefined ? words : words.replace(/^422: /, "")]));
      return;
    }
    errors.set(first.uuid, new SupersetError(`${first.label} was not deleted: ${client.failure(request, response).message}`, { status: response.status }));
  }
}

function inUse(client: Client, label: string, users: readonly string[]): InUseError {
  return new InUseError(
    `${label} was not deleted, because others on Superset at ${client.http.url} use it:\n${users.map((user) => `  ${user}`).join("\n")}\nDelete or change these first, or keep it: put its template back, or set retainOnDelete.`,
  );
}

/** Native filters of dashboards that take their values from one of the datasets: Superset takes the target out of them. */
function filterUsers(client: Client, dashboards: readonly LiveAsset[], uuids: ReadonlySet<string>): readonly User[] {
  const endpoint = endpointOf("dashboard");
  return dashboards.flatMap(({ id, document }) => {
    const used = new Set(endpoint.references(document).flatMap(({ kind, uuid }) => (kind === "dataset" && uuids.has(uuid) ? [uuid] : [])));
    return [...used].map((of) => ({ of, text: `a filter of dashboard ${JSON.stringify(document[endpoint.nameField])} ${client.http.url}${endpoint.page(id)}` }));
  });
}

/** Rules of row-level security on one of the datasets: made again, the dataset would show all rows to everybody. */
async function securityUsers(client: Client, ids: ReadonlyMap<number, string>): Promise<readonly User[]> {
  const of = (id: number): Promise<readonly JsonObject[] | undefined> =>
    client.optionalPage(
      "rowlevelsecurity",
      { columns: ["id", "name", "tables.id"], filters: [{ col: "tables", opr: "rel_m_m", value: id }] },
      "rules of row-level security do not keep their dataset from being deleted, because they cannot be read",
    );
  const rules = (await Promise.all([...ids.keys()].map(of))).flatMap((found) => found ?? []);
  return [...new Map(rules.map((rule) => [numberOf(rule, "id"), rule])).values()].flatMap((rule) =>
    (Array.isArray(rule["tables"]) ? rule["tables"].filter(isObject) : []).flatMap((table: JsonObject) => {
      const uuid = ids.get(numberOf(table, "id"));
      return uuid === undefined ? [] : [{ of: uuid, text: `row-level security rule ${JSON.stringify(rule["name"])} ${client.http.url}/rowlevelsecurity/list` }];
    }),
  );
}

async function usersOfDatabase(client: Client, id: number, uuid: string): Promise<readonly User[]> {
  const filters = [{ col: "database", opr: "rel_o_m", value: id }] as const;
  const columns = ["id", "table_name", "database.uuid", ...OWNER_COLUMNS];
  const first = await client.list("dataset", { columns, filters });
  // Asked twice where it says none: see Client.listIn.
  const datasets = first.length > 0 ? first : await client.list("dataset", { columns, filters });
  const queries = await client.optionalPage("saved_query", { columns: ["id", "label", "db_id", "created_by.first_name", "created_by.last_name"], filters }, "saved queries do not keep their database from being deleted, because they cannot be read");
  return [
    ...datasets.filter((row) => databaseUuidOf(row) === uuid).map((row) => ({ of: uuid, text: line(client, "dataset", row) })),
    ...(queries ?? []).map((row) => ({ of: uuid, text: `saved query ${JSON.stringify(row["label"])}${people([row["created_by"]])} ${client.http.url}/sqllab?savedQueryId=${numberOf(row, "id")}` })),
  ];
}

/** `chart "Name", owned by Ada Admin, https://…` */
function line(client: Client, kind: string, row: JsonObject): string {
  const endpoint = endpointOf(kind);
  const owners = row["owners"];
  return `${kind} ${JSON.stringify(row[endpoint.nameField])}${people(Array.isArray(owners) ? owners : [])} ${client.http.url}${endpoint.page(numberOf(row, "id"))}`;
}

function people(users: readonly (Json | undefined)[]): string {
  const names = users.flatMap((user) => (user !== undefined && isObject(user) ? [`${String(user["first_name"] ?? "")} ${String(user["last_name"] ?? "")}`.trim()] : []));
  return names.length === 0 ? "" : `, owned by ${names.join(", ")},`;
}
