/**
 * Real servers for tests: a PostgreSQL and Supersets of our own runtime, shared by the test files of one jest run through a
 * run folder, each on a port of its own. Nothing has to be stopped by a test: `reaper.js` ends everything when jest has ended.
 */
import { spawn } from "node:child_process";
import { mkdirSync, chmodSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ensureRoles, ensureWarehouse } from "../../local/databases";
import { hasCode, readJsonObject, writeJson } from "../../local/files";
import { withLock } from "../../local/lock";
import { createMetadata, dropDatabase, metadataKey, metadataUri, setAdministrator, type SupersetSettings } from "../../local/metadata";
import { environmentPaths, type EnvironmentPaths } from "../../local/paths";
import { ensurePostgres, newPassword, postgresUrl, sql as runSql, type RunningPostgres } from "../../local/postgres";
import { isFree } from "../../local/ports";
import { identify, isAlive, readRecord, stop as stopProcess, type ProcessRecord } from "../../local/process";
import { silentProgress } from "../../local/progress";
import { ensurePython } from "../../local/python";
import { isSupersetRunning, startSuperset, stopSuperset } from "../../local/superset";

/** A database of a test. */
export interface TestDatabase {
  readonly name: string;
  /** As its owner, `warehouse_owner`. */
  readonly url: string;
  /** The same as the server's superuser. */
  readonly adminUrl: string;
  drop(): Promise<void>;
}

export interface TestPostgres {
  readonly host: string;
  readonly port: number;
  /** Database `postgres` as superuser. */
  readonly url: string;
  /** Login roles of the server: owner of warehouses, and the read-only one of Superset's connections. */
  readonly owner: { readonly username: string; readonly password: string };
  readonly reader: { readonly username: string; readonly password: string };
  /** Folder of `psql`, `pg_dump`, … */
  readonly bin: string;
  /** A new, empty database owned by `warehouse_owner`; `bi_reader` may read what the owner creates in it. Default name: a new one. */
  createDatabase(name?: string): Promise<TestDatabase>;
  /** Runs SQL as superuser through psql; rows are lines, fields are separated by tabs. */
  sql(database: string, text: string): Promise<string>;
}

/** The run's PostgreSQL, started by whoever asks first (one to two seconds). Not durable: a crash of the machine may lose data. */
export async function postgres(): Promise<TestPostgres> {
  const server = await runningPostgres();
  const database = async (name = `test_${unique()}`): Promise<TestDatabase> => {
    await ensureWarehouse(server, name);
    return {
      name,
      url: postgresUrl(server.owner, server.port, name),
      adminUrl: postgresUrl(server.superuser, server.port, name),
      drop: () => dropDatabase(server, name),
    };
  };
  return {
    host: "127.0.0.1",
    port: server.port,
    url: postgresUrl(server.superuser, server.port, "postgres"),
    owner: server.owner,
    reader: server.reader,
    bin: server.python.postgresBin,
    createDatabase: database,
    sql: (name, text) => runSql(server, name, text),
  };
}

export interface SupersetOptions {
  /** Never one that another test file used, and never given to a later one. Default: false. */
  readonly own?: boolean;
  /** Processes of the server. Default: 1. */
  readonly workers?: number;
  /** Requests at a time in each. Default: 8. */
  readonly threads?: number;
}

export interface TestSuperset {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly postgres: TestPostgres;
  /** Name of its metadata database in `postgres`. */
  readonly metadata: string;
  /** SECRET_KEY and the key of guest tokens, to forge tokens with. */
  readonly settings: SupersetSettings;
  /** Throws away everything in it (a third of a second): metadata as after the first start, same login. The server keeps running. */
  fresh(): Promise<void>;
  /** Ends it as an operator would. */
  stop(): Promise<void>;
  /** Ends it as a crash would: SIGKILL to all its processes. */
  kill(): Promise<void>;
  /** Starts it again on its port, with the metadata it had. Ends it first where it runs. */
  restart(): Promise<void>;
  /** All it has logged. */
  log(): string;
}

/**
 * A Superset with nothing in it but its administrator. One that an earlier test file of the run has left is emptied and given
 * out again (a second); otherwise a new one starts (about eight seconds).
 */
export async function superset(options: SupersetOptions = {}): Promise<TestSuperset> {
  const server = await runningPostgres();
  const pg = await postgres();
  const wanted = JSON.stringify({ workers: options.workers ?? 1, threads: options.threads ?? 8 });
  const claim = await withLock(join(runFolder(), "claims.lock"), async () => claimSlot(wanted, options.own ?? false));
  const { paths, name } = claim;
  const reused = isSupersetRunning(paths);
  const known = reused ? (readJsonObject(join(paths.folder, "slot.json")) as unknown as Slot) : undefined;
  const port = known?.port ?? (await freePort());
  const password = known?.password ?? newPassword();
  const metadata = `superset_${name}`;
  const settings: SupersetSettings = reused
    ? (readJsonObject(paths.settings) as unknown as SupersetSettings)
    : {
        environment: name,
        secret_key: newPassword() + newPassword(),
        guest_token_secret: newPassword() + newPassword(),
        metadata_uri: metadataUri(server, metadata),
        metadata_key: metadataKey(server.python),
      };
  const slot: Slot = { wanted, port, password, own: options.own ?? false, test: currentTest(), claimant: self() };
  writeJson(join(paths.folder, "slot.json"), slot);
  writeJson(paths.settings, settings);

  const fresh = async (): Promise<void> => {
    await dropDatabase(server, metadata);
    await createMetadata(server, metadata, silentProgress);
    await setAdministrator(server, metadata, { username: "admin", password });
  };
  const restart = async (): Promise<void> => {
    const now = await startSuperset({
      paths,
      python: server.python,
      progress: silentProgress,
      port,
      workers: options.workers ?? 1,
      threads: options.threads ?? 8,
    });
    if (now !== port) throw new Error(`port ${port} of the test's Superset was taken by another program`);
  };
  await fresh();
  if (!reused) await restart();
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    username: "admin",
    password,
    postgres: pg,
    metadata,
    settings,
    fresh,
    restart,
    stop: async () => void (await stopSuperset(paths)),
    kill: () => stopProcess(readRecord(paths.process), { signals: [["SIGKILL", 5000]] }),
    log: () => readFileSync(paths.log, "utf8"),
  };
}

/** Folder of this jest run; everything in it is removed when the run is over. */
export function runFolder(): string {
  const owner = runOwner();
  const folder = join(tmpdir(), `pulumi-superset-test-${owner.pid}-${owner.started.replace(/\W+/g, "").slice(-24)}`);
  try {
    mkdirSync(folder, { mode: 0o711 });
  } catch (error) {
    if (hasCode(error, "EEXIST")) return folder;
    throw error;
  }
  chmodSync(folder, 0o711);
  const reaper = spawn(process.execPath, [join(__dirname, "reaper.js"), folder, String(owner.pid), owner.started], { detached: true, stdio: "ignore" });
  reaper.unref();
  return folder;
}

/** A port nobody listens on now, below those the system gives to outgoing connections and away from our defaults. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = 10_240 + Math.floor(Math.random() * 9_000);
    if (await isFree(port)) return port;
  }
  throw new Error("no free port from 10240 to 19240");
}

interface Slot {
  readonly wanted: string;
  readonly port: number;
  readonly password: string;
  readonly own: boolean;
  readonly test: string;
  readonly claimant: ProcessRecord;
}

/** A server nobody uses any more: its claimant has ended, or has gone on to another test file. Else a new slot. */
function claimSlot(wanted: string, own: boolean): { readonly paths: EnvironmentPaths; readonly name: string } {
  for (let number = 1; ; number++) {
    const name = `s${number}`;
    const paths = environmentPaths(runFolder(), name);
    const slot = readJsonObject(join(paths.folder, "slot.json")) as unknown as Slot | undefined;
    if (slot) {
      const mine = slot.claimant.pid === process.pid;
      const left = mine ? slot.test !== currentTest() : !isAlive(slot.claimant);
      if (own || slot.own || slot.wanted !== wanted || !left || !isSupersetRunning(paths)) continue;
    }
    mkdirSync(paths.folder, { recursive: true, mode: 0o700 });
    writeJson(join(paths.folder, "slot.json"), { ...(slot ?? { port: 0, password: "" }), wanted, own, test: currentTest(), claimant: self() });
    return { paths, name };
  }
}

let current: Promise<RunningPostgres> | undefined;
function runningPostgres(): Promise<RunningPostgres> {
  current ??= (async () => {
    const folder = runFolder();
    const python = await ensurePython(silentProgress);
    return withLock(join(folder, "postgres.lock"), async () => {
      const first = readJsonObject(join(folder, "_postgres", "server.json")) === undefined;
      const server = await ensurePostgres({ runtime: folder, python, progress: silentProgress, durable: false, ...(first ? { port: await freePort() } : {}) });
      await ensureRoles(server);
      return server;
    });
  })();
  return current;
}

/** The process whose end is the end of the run: jest itself, also when this is one of its workers. */
function runOwner(): ProcessRecord {
  const worker = process.argv[1]?.includes("jest-worker") === true || process.argv[1]?.endsWith("processChild.js") === true;
  const owner = identify(worker ? process.ppid : process.pid);
  if (!owner) throw new Error("the jest process has gone");
  return owner;
}

function self(): ProcessRecord {
  const me = identify(process.pid);
  if (!me) throw new Error(`no identity of process ${process.pid}`);
  return me;
}

/** Path of the running test file. */
function currentTest(): string {
  return expect.getState().testPath ?? "";
}

let counter = 0;
function unique(): string {
  counter += 1;
  return `${process.pid}_${Date.now().toString(36)}_${counter}`;
}
