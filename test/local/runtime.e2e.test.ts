import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { main } from "../../cli/main";
import { cacheFolder, environmentPaths, postgresFolder } from "../../local/paths";
import { readServer, sql, type RunningPostgres } from "../../local/postgres";
import { isAlive, readRecord, writeRecord, type ProcessRecord } from "../../local/process";
import { silentProgress, type Progress } from "../../local/progress";
import { ensurePython } from "../../local/python";
import { down, reset, status, up } from "../../local/runtime";
import { readStateFile, type LocalState } from "../../local/state";
import { freePort, runFolder } from "../helpers/runtime";

const runtime = join(runFolder(), "own-runtime");
const steps: string[] = [];
const progress: Progress = { ...silentProgress, step: (text, work) => (steps.push(text), work(() => undefined)), note: (text) => void steps.push(text) };

const dev = environmentPaths(runtime, "dev");
const staging = environmentPaths(runtime, "staging");
const postgresRecord = join(postgresFolder(runtime), "process.json");
const records = (): readonly (ProcessRecord | undefined)[] => [readRecord(postgresRecord), readRecord(dev.process)];

async function server(): Promise<RunningPostgres> {
  const known = readServer(runtime);
  if (!known) throw new Error("no server");
  return { ...known, python: await ensurePython(silentProgress) };
}

async function login({ superset }: LocalState): Promise<number> {
  const answer = await fetch(`${superset.url}/api/v1/security/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: superset.username, password: superset.password, provider: "db", refresh: true }),
  });
  return answer.status;
}

/** Output and exit code of a `hybrid` command on our runtime folder. */
async function hybrid(...args: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  let out = "";
  let err = "";
  const spies = [
    jest.spyOn(process.stdout, "write").mockImplementation((text) => ((out += String(text)), true)),
    jest.spyOn(process.stderr, "write").mockImplementation((text) => ((err += String(text)), true)),
  ];
  process.env["HYBRID_RUNTIME_DIR"] = runtime;
  try {
    return { code: await main(["node", "hybrid", ...args]), out, err };
  } finally {
    delete process.env["HYBRID_RUNTIME_DIR"];
    process.exitCode = undefined;
    for (const spy of spies) spy.mockRestore();
  }
}

/** Local addresses that somebody listens on at the port, as the kernel writes them (Linux). */
function listeners(port: number): readonly string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) =>
    readFileSync(file, "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === "0A" && fields[1]?.endsWith(`:${hex}`))
      .map((fields) => fields[1]?.split(":")[0] ?? ""),
  );
}

/** All files below a folder, without PostgreSQL's own. */
function files(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "data" ? [] : files(path);
    return [path];
  });
}

describe("hybrid local", () => {
  let occupied: Server;
  let wished: number;
  let first: LocalState;

  beforeAll(async () => {
    wished = await freePort();
    occupied = createServer();
    await new Promise<void>((resolve) => occupied.listen(wished, "127.0.0.1", resolve));
  });
  afterAll(async () => {
    await new Promise((resolve) => occupied.close(resolve));
    await reset({ runtime });
  }, 60_000);

  it("starts on the next port where the wished one is taken, on loopback only, with private files", async () => {
    first = await up({ runtime, environment: "dev", port: wished, postgresPort: await freePort(), workers: 1, progress });
    const { superset, postgres } = first;
    expect(superset.port).toBeGreaterThan(wished);
    expect(steps).toContain(`port ${wished} is taken: Superset listens on ${superset.port}`);
    expect(await login(first)).toBe(200);
    expect(readStateFile(dev.state)).toEqual(first);

    if (process.platform === "linux") {
      for (const port of [superset.port, postgres.port]) expect(listeners(port)).toEqual(["0100007F"]);
    }
    expect(files(runtime).filter((file) => (statSync(file).mode & 0o077) !== 0)).toEqual([]);
    for (const folder of [dev.folder, dev.home]) expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(runtime).mode & 0o066).toBe(0);

    // Whoever we are, the server is not root, and only the passwords of the state open it.
    const pid = readRecord(postgresRecord)?.pid;
    if (process.platform === "linux") expect(statSync(`/proc/${pid}`).uid).not.toBe(0);
    const pg = await server();
    expect(await sql(pg, postgres.database, "select current_user", { login: postgres })).toBe("warehouse_owner");
    await expect(sql(pg, postgres.database, "select 1", { login: { username: postgres.username, password: "wrong" } })).rejects.toThrow(/password authentication failed/);
    const passwords = new Set([superset.password, postgres.password, postgres.bi_password, pg.superuser.password, pg.metadata.password]);
    expect([passwords.size, [...passwords].every((password) => password.length >= 24)]).toEqual([5, true]);
  }, 300_000);

  it("lets the read-only role read what the owner creates later, and do no more", async () => {
    const pg = await server();
    const { postgres } = first;
    await sql(pg, postgres.database, "create schema examples; create table examples.kept (a int); insert into examples.kept values (7);", { login: postgres });
    const reader = { username: postgres.bi_username, password: postgres.bi_password };
    expect(await sql(pg, postgres.database, "select a from examples.kept", { login: reader })).toBe("7");
    await expect(sql(pg, postgres.database, "insert into examples.kept values (8)", { login: reader })).rejects.toThrow(/permission denied for table kept/);
    await expect(sql(pg, "superset_dev", "select 1", { login: reader })).resolves.toBe("1");
    await expect(sql(pg, "superset_dev", "select count(*) from ab_user", { login: reader })).rejects.toThrow(/permission denied for table ab_user/);
  }, 60_000);

  it("does nothing when it is up already", async () => {
    const before = [records(), readFileSync(dev.settings, "utf8"), statSync(join((await ensurePython(silentProgress)).folder, ".complete")).mtimeMs];
    steps.length = 0;
    expect(await up({ runtime, environment: "dev", progress })).toEqual(first);
    expect(steps).toEqual([]);
    expect([records(), readFileSync(dev.settings, "utf8"), statSync(join((await ensurePython(silentProgress)).folder, ".complete")).mtimeMs]).toEqual(before);
  }, 60_000);

  it("tells scripts where it is", async () => {
    const { code, out, err } = await hybrid("local", "status", "--json");
    expect(JSON.parse(out)).toEqual({
      superset: { url: first.superset.url, username: "admin", password: first.superset.password },
      postgres: { url: first.postgres.url },
    });
    expect([code, err]).toEqual([0, ""]);
    expect(await hybrid("local", "status", "--env", "staging")).toEqual({
      code: 1,
      out: "",
      err: "the local environment staging was never started. Run `hybrid local up --env staging`.\n",
    });
  }, 60_000);

  it("comes back after a crash of everything, with its ports, passwords and data, and the metadata made anew where they are gone", async () => {
    await sql(await server(), "postgres", "drop database superset_dev with (force)");
    for (const record of records()) if (record) process.kill(record.pid, "SIGKILL");
    while (records().some(isAlive)) await sleep(20);
    const found = await hybrid("local", "status", "--json");
    expect([found.code, found.err]).toEqual([1, "Superset: stopped, PostgreSQL: stopped. Start them with `hybrid local up --env dev`.\n"]);

    expect(await up({ runtime, environment: "dev", workers: 1, progress })).toEqual(first);
    expect(await login(first)).toBe(200);
    expect(await sql(await server(), first.postgres.database, "select a from examples.kept")).toBe("7");
  }, 300_000);

  it("gives a second environment a Superset, a warehouse and a port of its own", async () => {
    const second = await up({ runtime, environment: "staging", port: first.superset.port, workers: 1, progress });
    expect(second.superset.port).toBeGreaterThan(first.superset.port);
    expect(second.superset.password).not.toBe(first.superset.password);
    expect(second.postgres.database).toBe("warehouse_staging");
    expect([await login(first), await login(second), await login({ ...second, superset: { ...second.superset, password: first.superset.password } })]).toEqual([200, 200, 401]);

    expect(await down({ runtime, environment: "staging" })).toEqual(["Superset (staging)"]);
    expect(await login(first)).toBe(200);
    expect(await reset({ runtime, environment: "staging" })).toEqual(["staging"]);
    expect(existsSync(staging.folder)).toBe(false);
    expect(await sql(await server(), "postgres", "select datname from pg_database where datname like '%_staging' or datname like '%_dev' order by 1")).toBe("superset_dev\nwarehouse_dev");
  }, 300_000);

  it("stops what it started and nothing else", async () => {
    const before = records();
    expect(await down({ runtime })).toEqual(["Superset (dev)", "PostgreSQL"]);
    expect(before.map(isAlive)).toEqual([false, false]);
    expect(await down({ runtime })).toEqual([]);

    // The number of the server that ended now belongs to somebody else.
    const stranger = spawn("/bin/sleep", ["60"]);
    try {
      for (const path of [dev.process, postgresRecord]) writeRecord(path, { pid: stranger.pid ?? 0, started: "of another process" });
      expect((await status({ runtime, environment: "dev" })).superset).toBe("stopped");
      expect(await down({ runtime })).toEqual([]);
      expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    } finally {
      stranger.kill();
    }
  }, 60_000);

  it("asks before it removes data, and then leaves nothing", async () => {
    const refused = await hybrid("local", "reset", "--all");
    expect([refused.code, refused.err]).toEqual([1, "`hybrid local reset` removes data and there is no terminal to ask at: add --yes.\n"]);
    const data = readServer(runtime)?.data ?? "";
    expect(existsSync(data)).toBe(true);
    expect(await reset({ runtime })).toEqual(["dev"]);
    expect([existsSync(data), existsSync(dev.folder), existsSync(postgresFolder(runtime))]).toEqual([false, false, false]);
  }, 60_000);
});

describe("the Python environment", () => {
  it("is made anew where an earlier run was cut off, and then left alone", async () => {
    const cache = join(runFolder(), "cache");
    const real = await ensurePython(silentProgress);
    mkdirSync(cache);
    for (const name of readdirSync(cacheFolder()).filter((entry) => entry.startsWith("uv-") && !entry.endsWith(".lock"))) symlinkSync(join(cacheFolder(), name), join(cache, name));
    const half = join(cache, real.folder.slice(cacheFolder().length + 1));
    mkdirSync(join(half, "bin"), { recursive: true });
    writeFileSync(join(half, "bin", "python"), "");

    const made = await ensurePython({ ...progress }, cache);
    expect(made.folder).toBe(half);
    expect(statSync(join(made.postgresBin, "postgres")).isFile()).toBe(true);
    steps.length = 0;
    const marker = statSync(join(half, ".complete")).mtimeMs;
    expect(await ensurePython(progress, cache)).toEqual(made);
    expect([steps, statSync(join(half, ".complete")).mtimeMs]).toEqual([[], marker]);
  }, 300_000);
});
