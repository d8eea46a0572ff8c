/** The PostgreSQL server of a runtime folder: one server, in it two databases per environment. */
import { randomBytes, createHash } from "node:crypto";
import { existsSync, rmSync, writeFileSync, chownSync, renameSync, appendFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { ConnectionError } from "../provider/errors";
import { damaged, privateFolder, readJsonObject, readText, tail, writeJson } from "./files";
import { postgresFolder } from "./paths";
import { choosePort, DEFAULT_POSTGRES_PORT, isFree } from "./ports";
import { identify, isAlive, readRecord, startDetached, stop, writeRecord, forgetRecord, type ProcessRecord } from "./process";
import type { Progress } from "./progress";
import type { PythonRuntime } from "./python";
import { cleanEnvironment, run, RunError } from "./run";
import { makeOwned, ownedFolder, reachablePrograms, serverUser } from "./unprivileged";

/** A login. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/** What is remembered of a server (`server.json`). */
interface PostgresServer {
  readonly port: number;
  /** Folder of the data; outside of the runtime folder where root works in a folder others cannot reach. */
  readonly data: string;
  readonly superuser: Login;
  /** Owner of the warehouses and of everything migrations create in them. */
  readonly owner: Login;
  /** What Superset's database connections use: reads, and nothing else. */
  readonly reader: Login;
  /** Owner of Superset's metadata databases. */
  readonly metadata: Login;
}

/** A running server. */
export interface RunningPostgres extends PostgresServer {
  readonly python: PythonRuntime;
}

interface PostgresOptions {
  readonly runtime: string;
  readonly python: PythonRuntime;
  readonly progress: Progress;
  /** Wished port. Default: the remembered one, else 54320. */
  readonly port?: number | undefined;
  /** Ports of our other servers. */
  readonly reserved?: ReadonlySet<number>;
  /** False: nothing is forced to disk, for servers that live for a test. Default: true. */
  readonly durable?: boolean;
}

const STOP_PLAN = { signals: [["SIGINT", 20_000], ["SIGQUIT", 5_000], ["SIGKILL", 5_000]] } as const;

/** Random, without characters that mean something in a URL or in SQL. */
export function newPassword(): string {
  return randomBytes(18).toString("base64url").replaceAll("-", "x").replaceAll("_", "y");
}

/** `postgresql://user:password@127.0.0.1:port/database`. */
export function postgresUrl(login: Login, port: number, database: string): string {
  return `postgresql://${encodeURIComponent(login.username)}:${encodeURIComponent(login.password)}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
}

/** Starts the server, and makes it first where it was never made or only half. Does nothing where it runs. */
export async function ensurePostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const { runtime, python, progress } = options;
  const folder = postgresFolder(runtime);
  const known = readServer(runtime);
  const server = known && existsSync(join(known.data, "PG_VERSION")) ? known : await progress.step("Making a PostgreSQL server", () => create(options));
  const record = join(folder, "process.json");
  if (isAlive(readRecord(record))) {
    await answer(server, python, readRecord(record), join(folder, "server.log"));
    return { ...server, python };
  }
  return progress.step("Starting PostgreSQL", () => start(server, options));
}

/** What is remembered, or undefined where there was never a server here. */
export function readServer(runtime: string): PostgresServer | undefined {
  const path = join(postgresFolder(runtime), "server.json");
  const value = readJsonObject(path);
  if (!value) return undefined;
  const login = (name: string): Login => {
    const found = value[name];
    if (typeof found !== "object" || found === null || !("username" in found) || !("password" in found)) throw damaged(path);
    return { username: String(found["username"]), password: String(found["password"]) };
  };
  if (typeof value["port"] !== "number" || typeof value["data"] !== "string") throw damaged(path);
  return { port: value["port"], data: value["data"], superuser: login("superuser"), owner: login("owner"), reader: login("reader"), metadata: login("metadata") };
}

/** Whether its process lives; it may not answer yet. */
export function isPostgresRunning(runtime: string): boolean {
  return isAlive(readRecord(join(postgresFolder(runtime), "process.json")));
}

/** Ends the server, its clients' connections with it. Returns false where none ran. */
export async function stopPostgres(runtime: string): Promise<boolean> {
  const path = join(postgresFolder(runtime), "process.json");
  const record = readRecord(path);
  const ran = isAlive(record);
  await stop(record, STOP_PLAN);
  forgetRecord(path);
  return ran;
}

/** Removes the data, wherever they are. The server must be stopped. */
export function removePostgres(runtime: string): void {
  const server = readServer(runtime);
  if (server) rmSync(server.data, { recursive: true, force: true });
  rmSync(postgresFolder(runtime), { recursive: true, force: true });
}

/** Runs SQL through psql and gives its output, one line a row, fields separated by tabs. Text goes in through the standard input. */
export async function sql(server: RunningPostgres, database: string, text: string, options: { readonly login?: Login; readonly task?: string } = {}): Promise<string> {
  const login = options.login ?? server.superuser;
  const out = await run(join(server.python.postgresBin, "psql"), ["-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-f", "-", "-d", database], {
    task: options.task ?? `run SQL in database ${database}`,
    input: text,
    env: clientEnvironment(server, login),
    timeout: 10 * 60_000,
  });
  return out.trimEnd();
}

/** Environment of `psql` and `pg_dump` for this server. */
export function clientEnvironment(server: PostgresServer, login: Login): NodeJS.ProcessEnv {
  return cleanEnvironment({
    PGHOST: "127.0.0.1",
    PGPORT: String(server.port),
    PGUSER: login.username,
    PGPASSWORD: login.password,
    PGCLIENTENCODING: "UTF8",
    PGCONNECT_TIMEOUT: "10",
    PGOPTIONS: "-c client_min_messages=warning",
  });
}

/** `name` as an SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `value` as an SQL string. */
export function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

async function create(options: PostgresOptions): Promise<PostgresServer> {
  const { runtime, python } = options;
  const user = serverUser();
  const folder = postgresFolder(runtime);
  if (!user) privateFolder(folder);
  const data = ownedFolder(user, folder, "data", createHash("sha256").update(runtime).digest("hex").slice(0, 16));
  const bin = reachablePrograms(user, python.postgresBin, python.key);
  const building = `${data}.building`;
  for (const old of [data, building]) rmSync(old, { recursive: true, force: true });
  makeOwned(user, building);
  const server: PostgresServer = {
    port: options.port ?? DEFAULT_POSTGRES_PORT,
    data,
    superuser: { username: "hybrid_admin", password: newPassword() },
    owner: { username: "warehouse_owner", password: newPassword() },
    reader: { username: "bi_reader", password: newPassword() },
    metadata: { username: "superset", password: newPassword() },
  };
  const passwordFile = `${data}.password`;
  try {
    writeFileSync(passwordFile, server.superuser.password, { mode: 0o600 });
    if (user) chownSync(passwordFile, user.uid, user.gid);
    await run(
      join(bin, "initdb"),
      [
        ...["--pgdata", building, "--username", server.superuser.username, "--pwfile", passwordFile, "--auth", "scram-sha-256"],
        ...["--encoding", "UTF8", "--locale", process.platform === "darwin" ? "en_US.UTF-8" : "C.UTF-8", "--no-instructions", "--no-sync"],
      ],
      { task: `make a PostgreSQL server in ${data}`, env: cleanEnvironment({ TZ: "UTC" }), cwd: "/", user },
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
  appendFileSync(join(building, "postgresql.conf"), settings(options.durable ?? true));
  // Remembered before the data get their name: data without their passwords would be lost.
  writeJson(join(folder, "server.json"), server);
  renameSync(building, data);
  return server;
}

/** Our part of postgresql.conf. */
export function settings(durable: boolean): string {
  return [
    "",
    "# written by `hybrid local`",
    "listen_addresses = '127.0.0.1'",
    "unix_socket_directories = ''",
    "password_encryption = scram-sha-256",
    "max_connections = 200",
    "timezone = 'UTC'",
    "log_timezone = 'UTC'",
    "log_statement = none",
    // Statements may hold passwords (CREATE ROLE): errors are logged without them.
    "log_min_error_statement = panic",
    "log_checkpoints = off",
    ...(durable ? [] : ["fsync = off", "synchronous_commit = off", "full_page_writes = off"]),
    "",
  ].join("\n");
}

async function start(server: PostgresServer, options: PostgresOptions): Promise<RunningPostgres> {
  const { runtime, python, progress } = options;
  const folder = postgresFolder(runtime);
  const record = join(folder, "process.json");
  const log = join(folder, "server.log");
  const user = serverUser();
  const bin = reachablePrograms(user, python.postgresBin, python.key);
  await stop(readRecord(record), STOP_PLAN);
  await clearLeftovers(server);
  const wished = options.port ?? server.port;
  let port = await choosePort(wished, options.reserved);
  for (let attempt = 1; ; attempt++) {
    if (port !== wished) progress.note(`port ${wished} is taken: PostgreSQL listens on ${port}`);
    const running = { ...server, port };
    writeJson(join(folder, "server.json"), running);
    const started = await startDetached(join(bin, "postgres"), ["-D", server.data, "-p", String(port)], { env: cleanEnvironment(), log, user });
    writeRecord(record, started);
    try {
      await answer(running, python, started, log);
      return { ...running, python };
    } catch (error) {
      await stop(started, STOP_PLAN);
      forgetRecord(record);
      if (attempt === 3) throw error;
      // Taken between the look and the start, or backends of a killed server are still on their way out.
      if (!(await isFree(port))) port = await choosePort(port + 1, options.reserved);
      else await sleep(1000);
    }
  }
}

/** Waits until the server lets our superuser in, which also proves that it is ours. */
async function answer(server: PostgresServer, python: PythonRuntime, started: ProcessRecord | undefined, log: string): Promise<void> {
  let last: unknown;
  for (const end = Date.now() + 60_000; Date.now() < end && isAlive(started); await sleep(50)) {
    try {
      await sql({ ...server, python }, "postgres", "select 1");
      return;
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      last = error;
    }
  }
  throw new ConnectionError(`PostgreSQL does not start on 127.0.0.1:${server.port}. The end of ${log}:\n${tail(log, 15)}`, { cause: last });
}

/**
 * A server of these data that no record of ours tells of is ended; a `postmaster.pid` whose number now belongs to another
 * program is removed: PostgreSQL itself would take any process of its user for the server.
 */
async function clearLeftovers(server: PostgresServer): Promise<void> {
  const path = join(server.data, "postmaster.pid");
  const pid = Number(readText(path)?.split("\n")[0]);
  if (process.platform !== "linux" || !Number.isInteger(pid) || pid < 2) return;
  const left = identify(pid);
  if (left && readText(`/proc/${pid}/cmdline`)?.split("\0").includes(server.data)) await stop(left, STOP_PLAN);
  else rmSync(path, { force: true });
}
