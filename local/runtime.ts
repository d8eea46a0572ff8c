/** `hybrid local` as functions: up, down, status, reset. One PostgreSQL per runtime folder, one Superset per environment. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { ConfigError } from "../provider/errors";
import { ensureRoles, ensureWarehouse } from "./databases";
import { privateFolder, readJsonObject, writeJson } from "./files";
import { withLock } from "./lock";
import { createMetadata, dropDatabase, hasAdministrator, hasDatabase, metadataKey, metadataUri, setAdministrator, upgradeMetadata, type SupersetSettings } from "./metadata";
import { environmentPaths, type EnvironmentPaths } from "./paths";
import { DEFAULT_POSTGRES_PORT, DEFAULT_SUPERSET_PORT } from "./ports";
import { ensurePostgres, isPostgresRunning, newPassword, postgresUrl, readServer, removePostgres, sql, stopPostgres, type RunningPostgres } from "./postgres";
import { silentProgress, type Progress } from "./progress";
import { ensurePython } from "./python";
import { readStateFile, warehouseName, writeLocalState, type LocalState } from "./state";
import { isHealthy, isSupersetRunning, startSuperset, stopSuperset } from "./superset";
import { serverUser } from "./unprivileged";

/** Where the servers are, and who is told of longer steps. */
export interface RuntimeOptions {
  /** The runtime folder, `.runtime` of the repository: `runtimeFolder(root)`. */
  readonly runtime: string;
  /** Default: tells nothing. */
  readonly progress?: Progress;
}

interface UpOptions extends RuntimeOptions {
  /** Default: dev. */
  readonly environment?: string;
  /** Wished port of Superset. Default: the one it had, else the first free one from 8088. */
  readonly port?: number | undefined;
  /** Wished port of PostgreSQL, where it does not run yet. Default: the one it had, else the first free one from 54320. */
  readonly postgresPort?: number | undefined;
  /** Processes of Superset. Default: 2. */
  readonly workers?: number | undefined;
}

/** What is up, as `hybrid local status` tells it. */
export interface EnvironmentStatus {
  readonly state: LocalState;
  /** `starting`: the process lives and does not answer (yet). */
  readonly superset: "running" | "starting" | "stopped";
  readonly postgres: "running" | "stopped";
}

/** The environment used where none is named. */
export const DEFAULT_ENVIRONMENT = "dev";

/** Brings the environment up, making only what is missing. Safe to repeat, and after an interruption at any point. */
export async function up(options: UpOptions): Promise<LocalState> {
  const { progress = silentProgress } = options;
  const paths = environmentPaths(options.runtime, options.environment ?? DEFAULT_ENVIRONMENT);
  return locked(options, async () => {
    const python = await ensurePython(progress);
    const known = readStateFile(paths.state);
    const server = await ensurePostgres({
      runtime: options.runtime,
      python,
      progress,
      port: options.postgresPort,
      reserved: supersetPorts(options.runtime),
    });
    const state = await prepareDatabases(server, paths, options, known);
    const settings = await prepareSettings(server, paths, state, known === undefined, progress);
    if (settings.unchanged && known && (options.port === undefined || options.port === known.superset.port)) {
      if (isSupersetRunning(paths) && (await isHealthy(known.superset.port, 10_000))) {
        writeLocalState(options.runtime, state);
        return state;
      }
    }
    // Ours must be gone before its own port looks taken.
    await stopSuperset(paths);
    const port = await startSuperset({
      paths,
      python,
      progress,
      port: options.port ?? state.superset.port,
      reserved: reservedPorts(options.runtime, state.environment),
      workers: options.workers,
    });
    const up = { ...state, superset: { ...state.superset, port, url: `http://127.0.0.1:${port}` } };
    writeLocalState(options.runtime, up);
    return up;
  });
}

/** Ends the Superset of the environment, or of all; PostgreSQL with the last one. Data stay. Tells what was ended. */
export async function down(options: RuntimeOptions & { readonly environment?: string | undefined }): Promise<readonly string[]> {
  const { runtime, progress = silentProgress } = options;
  if (!existsSync(runtime)) return [];
  return locked(options, () =>
    progress.step("Stopping", async () => {
      const ended: string[] = [];
      const names = options.environment === undefined ? environments(runtime) : [options.environment];
      for (const name of names) if (await stopSuperset(environmentPaths(runtime, name))) ended.push(`Superset (${name})`);
      const used = environments(runtime).some((name) => isSupersetRunning(environmentPaths(runtime, name)));
      if (!used && (await stopPostgres(runtime))) ended.push("PostgreSQL");
      return ended;
    }),
  );
}

/** State of one environment. @throws ConfigError where it was never started. */
export async function status(options: RuntimeOptions & { readonly environment?: string }): Promise<EnvironmentStatus> {
  const name = options.environment ?? DEFAULT_ENVIRONMENT;
  const paths = environmentPaths(options.runtime, name);
  const state = readStateFile(paths.state);
  if (!state) throw new ConfigError(`the local environment ${name} was never started. Run \`hybrid local up --env ${name}\`.`);
  const alive = isSupersetRunning(paths);
  return {
    state,
    superset: !alive ? "stopped" : (await isHealthy(state.superset.port)) ? "running" : "starting",
    postgres: isPostgresRunning(options.runtime) ? "running" : "stopped",
  };
}

/** Removes an environment: its Superset with all content, its warehouse with all data, its passwords. With the last one goes PostgreSQL. */
export async function reset(options: RuntimeOptions & { readonly environment?: string | undefined }): Promise<readonly string[]> {
  const { runtime, progress = silentProgress } = options;
  if (!existsSync(runtime)) return [];
  return locked(options, async () => {
    const all = environments(runtime);
    const doomed = options.environment === undefined ? all : all.filter((name) => name === options.environment);
    for (const name of doomed) await stopSuperset(environmentPaths(runtime, name));
    if (doomed.length === all.length) {
      await stopPostgres(runtime);
      removePostgres(runtime);
    } else if (doomed.length > 0 && readServer(runtime)) {
      const ran = isPostgresRunning(runtime);
      const server = await ensurePostgres({ runtime, python: await ensurePython(progress), progress });
      for (const name of doomed) for (const database of [warehouseName(name), metadataName(name)]) await dropDatabase(server, database);
      if (!ran) await stopPostgres(runtime);
    }
    for (const name of doomed) rmSync(environmentPaths(runtime, name).folder, { recursive: true, force: true });
    return doomed;
  });
}

/** Dashboards in the environment's Superset, newest last. PostgreSQL must run. */
export async function dashboards(runtime: string, state: LocalState): Promise<readonly { readonly title: string; readonly url: string }[]> {
  const known = readServer(runtime);
  if (!known) return [];
  const server = { ...known, python: await ensurePython(silentProgress) };
  const rows = await sql(server, metadataName(state.environment), "select coalesce(nullif(slug, ''), id::text), dashboard_title from dashboards where published order by id;");
  return rows
    .split("\n")
    .filter((row) => row !== "")
    .map((row) => row.split("\t"))
    .map(([slug = "", ...title]) => ({ title: title.join(" "), url: `${state.superset.url}/superset/dashboard/${encodeURIComponent(slug)}/` }));
}

/** Names of the environments that have a folder here, sorted. */
export function environments(runtime: string): readonly string[] {
  if (!existsSync(runtime)) return [];
  return readdirSync(runtime, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && /^[a-zA-Z0-9]/.test(entry.name))
    .map((entry) => entry.name)
    .sort();
}

/** Runs `work` while no other process changes what runs in the runtime folder. Not reentrant. */
export function locked<T>(options: RuntimeOptions, work: () => Promise<T>): Promise<T> {
  // Where root works, PostgreSQL's user has to pass through to its data.
  privateFolder(options.runtime, serverUser() ? 0o711 : 0o700);
  return withLock(join(options.runtime, "lock"), work, (holder) => options.progress?.note(`waiting for process ${holder}, which is at work in ${options.runtime}`));
}

function metadataName(environment: string): string {
  return `superset_${environment}`;
}

/** Both databases of the environment, and the state as it will be once Superset listens. */
async function prepareDatabases(server: RunningPostgres, paths: EnvironmentPaths, options: UpOptions, known: LocalState | undefined): Promise<LocalState> {
  const environment = options.environment ?? DEFAULT_ENVIRONMENT;
  const database = warehouseName(environment);
  privateFolder(paths.folder);
  // Repeated on every start: each costs a tenth of a second, and an earlier run may have been cut off between them.
  await ensureRoles(server);
  await ensureWarehouse(server, database);
  const admin = { username: "admin", password: known?.superset.password ?? newPassword() };
  const metadata = metadataName(environment);
  if (!(await hasDatabase(server, metadata))) await createMetadata(server, metadata, options.progress ?? silentProgress);
  // A password that was changed in Superset's own UI stays as long as the state tells of a login.
  if (!known || !(await hasAdministrator(server, metadata, admin.username))) await setAdministrator(server, metadata, admin);
  const port = known?.superset.port ?? options.port ?? DEFAULT_SUPERSET_PORT;
  return {
    environment,
    superset: { url: `http://127.0.0.1:${port}`, port, ...admin },
    postgres: {
      url: postgresUrl(server.owner, server.port, database),
      host: "127.0.0.1",
      port: server.port,
      database,
      ...server.owner,
      bi_username: server.reader.username,
      bi_password: server.reader.password,
    },
  };
}

/** Writes `settings.json`; keys once chosen stay, as Superset encrypts with them. */
async function prepareSettings(
  server: RunningPostgres,
  paths: EnvironmentPaths,
  state: LocalState,
  first: boolean,
  progress: Progress,
): Promise<{ readonly unchanged: boolean }> {
  const old = readJsonObject(paths.settings);
  const kept = (name: "secret_key" | "guest_token_secret"): string => {
    const value = old?.[name];
    return typeof value === "string" ? value : newPassword() + newPassword();
  };
  const settings: SupersetSettings = {
    environment: state.environment,
    secret_key: kept("secret_key"),
    guest_token_secret: kept("guest_token_secret"),
    metadata_uri: metadataUri(server, metadataName(state.environment)),
    metadata_key: metadataKey(server.python),
  };
  if (!first && old && old["metadata_key"] !== settings.metadata_key) {
    await stopSuperset(paths);
    await upgradeMetadata(server, settings, progress);
  }
  writeJson(paths.settings, settings);
  return { unchanged: JSON.stringify(old) === JSON.stringify(settings) };
}

function portOf(runtime: string, environment: string): number | undefined {
  return readStateFile(environmentPaths(runtime, environment).state)?.superset.port;
}

/** Ports of the environments' Supersets, running or not. */
export function supersetPorts(runtime: string): ReadonlySet<number> {
  return new Set(environments(runtime).flatMap((name) => portOf(runtime, name) ?? []));
}

/** Ports that belong to our other servers, running or not. */
function reservedPorts(runtime: string, environment: string): ReadonlySet<number> {
  const others = environments(runtime).filter((name) => name !== environment);
  return new Set([readServer(runtime)?.port ?? DEFAULT_POSTGRES_PORT, ...others.flatMap((name) => portOf(runtime, name) ?? [])]);
}
