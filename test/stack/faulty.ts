/** The small workspace on a real Superset behind a proxy that misbehaves on command, for the end-to-end tests of faults. */
import type { JsonObject } from "../../provider/json";
import { SupersetApi, type Exported } from "../helpers/api";
import { Project, type CommandResult } from "../helpers/project";
import { startProxy, type FaultProxy, type Held } from "../helpers/proxy";
import { superset, type TestDatabase, type TestSuperset } from "../helpers/runtime";
import { credentials, ORDERS_SQL, stackConfig, writeTemplates } from "./small";

export interface FaultySetup {
  readonly server: TestSuperset;
  readonly warehouse: TestDatabase;
  readonly proxy: FaultProxy;
  /** Its stack `dev` talks to the proxy. */
  readonly project: Project;
  /** Talks to the server itself. */
  readonly ui: SupersetApi;
}

export interface FaultyOptions {
  /** Further configuration of stack `dev`. */
  readonly config?: JsonObject;
  readonly policy?: JsonObject;
  /** Environment variables instead of the credentials. */
  readonly env?: Readonly<Record<string, string>>;
  /** A Superset nobody else gets: for tests that end it. Default: false. */
  readonly own?: boolean;
}

/** Servers, proxy and a project with the small workspace; nothing is applied yet. */
export async function faultySetup(options: FaultyOptions = {}): Promise<FaultySetup> {
  const server = await superset({ own: options.own ?? false });
  const warehouse = await server.postgres.createDatabase();
  await server.postgres.sql(warehouse.name, `set role warehouse_owner; ${ORDERS_SQL}`);
  const proxy = await startProxy(server.url);
  const config = { ...stackConfig(proxy.url, warehouse, server.postgres), ...options.config };
  const project = new Project({ stacks: { dev: config }, env: options.env ?? credentials(server), ...(options.policy === undefined ? {} : { policy: options.policy }) });
  writeTemplates(project);
  await project.initStacks("dev");
  return { server, warehouse, proxy, project, ui: await SupersetApi.connect(server) };
}

/** The command's output; fails where the command ended well. */
export function failed({ code, output }: CommandResult): string {
  if (code === 0) {
    throw new Error(`pulumi ended well, and should not have:\n${output}`);
  }
  return output;
}

/** Waits for the held request; fails where the run ends without it. */
export async function reached(held: Held, run: Promise<CommandResult>): Promise<void> {
  const ended = run.then(({ code, output }) => {
    throw new Error(`pulumi ended with ${code} before the request that was to be held:\n${output}`);
  });
  await Promise.race([held.reached, ended]);
  ended.catch(() => undefined);
}

/** How many assets Superset holds of each kind. */
export function counts(exported: Exported): Readonly<Record<string, number>> {
  return Object.fromEntries(["databases", "datasets", "charts", "dashboards"].map((plural) => [plural, exported[plural]?.size ?? 0]));
}

/** The small workspace once, and nothing twice. */
export const COMPLETE = { databases: 1, datasets: 1, charts: 2, dashboards: 1 };

/** The export as plain data, to be compared as a whole. */
export function plain(exported: Exported): JsonObject {
  return Object.fromEntries(Object.entries(exported).map(([plural, documents]) => [plural, Object.fromEntries(documents)]));
}

/** Sets a chart's row limit as Superset's UI does. */
export async function editRowLimit(ui: SupersetApi, uuid: string, limit: number): Promise<void> {
  const id = await ui.id("chart", uuid);
  const { result } = await ui.get(`/api/v1/chart/${id}`);
  const params = JSON.parse(String((result as JsonObject)["params"])) as JsonObject;
  await ui.put(`/api/v1/chart/${id}`, { params: JSON.stringify({ ...params, row_limit: limit }) });
}

/** The uuid of the chart with this name. */
export function chartNamed(exported: Exported, name: string): string {
  for (const [uuid, document] of exported["charts"] ?? []) {
    if (document["slice_name"] === name) return uuid;
  }
  throw new Error(`no chart '${name}'`);
}

/** A field of a chart's `params`. */
export function chartParam(exported: Exported, uuid: string, field: string): unknown {
  return (exported["charts"]?.get(uuid)?.["params"] as JsonObject | undefined)?.[field];
}
