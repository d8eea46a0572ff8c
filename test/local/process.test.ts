import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { withLock } from "../../local/lock";
import { identify, isAlive, readRecord, startDetached, stop, writeRecord, type ProcessRecord } from "../../local/process";

const plan = { signals: [["SIGTERM", 2000], ["SIGKILL", 2000]] } as const;
const folder = mkdtempSync(join(tmpdir(), "local-process-"));
const started: ProcessRecord[] = [];
afterAll(async () => {
  for (const record of started) await stop(record, plan);
});

async function start(script: string): Promise<ProcessRecord> {
  const record = await startDetached("/bin/sh", ["-c", script], { env: process.env, log: join(folder, "log") });
  started.push(record);
  return record;
}

describe("the identity of a process", () => {
  it("is the same each time, and of a living process", () => {
    const me = identify(process.pid);
    expect(me).toEqual(identify(process.pid));
    expect(isAlive(me)).toBe(true);
  });

  it("is not that of a later process with the same number", async () => {
    const record = await start("sleep 60");
    const earlier = { pid: record.pid, started: `${record.started}0` };
    expect(isAlive(earlier)).toBe(false);
    await stop(earlier, plan);
    expect(isAlive(record)).toBe(true);
    await stop(record, plan);
    expect(isAlive(record)).toBe(false);
  });

  it("is none for a number nobody has", () => {
    const { pid } = spawnSync("/bin/true");
    expect(identify(pid)).toBeUndefined();
  });
});

describe("a detached process", () => {
  it("has a session of its own and logs to a private file", async () => {
    const record = await start("echo hello; echo problem >&2; sleep 60");
    const log = join(folder, "log");
    for (let wait = 0; wait < 100 && !readFileSync(log, "utf8").includes("problem"); wait++) await sleep(20);
    expect(readFileSync(log, "utf8")).toContain("hello\nproblem\n");
    expect(statSync(log).mode & 0o777).toBe(0o600);
    expect(spawnSync("ps", ["-o", "sid=", "-p", String(record.pid)], { encoding: "utf8" }).stdout.trim()).toBe(String(record.pid));
  });

  it("is killed where it does not listen", async () => {
    const record = await start("trap '' TERM; while :; do sleep 1; done");
    await sleep(100);
    await stop(record, { signals: [["SIGTERM", 200], ["SIGKILL", 2000]] });
    expect(isAlive(record)).toBe(false);
  });

  it("takes its workers with it, also where it died before them", async () => {
    const pidFile = join(folder, "worker.pid");
    const record = await start(`sleep 61 & echo $! > ${pidFile}; wait`);
    for (let wait = 0; wait < 100 && !(existsSync(pidFile) && readFileSync(pidFile, "utf8").trim()); wait++) await sleep(20);
    const worker = identify(Number(readFileSync(pidFile, "utf8")));
    expect(isAlive(worker)).toBe(true);
    process.kill(record.pid, "SIGKILL");
    for (let wait = 0; wait < 100 && isAlive(record); wait++) await sleep(20);
    await stop(record, plan);
    expect(isAlive(worker)).toBe(false);
  });

  it("that does not start is an error with the command", async () => {
    await expect(startDetached("/no/such/program", [], { env: {}, log: join(folder, "log") })).rejects.toThrow(/^cannot start \/no\/such\/program: spawn/);
  });
});

describe("a process record", () => {
  it("is read as it was written, and refused where it is damaged", () => {
    const file = join(folder, "record.json");
    expect(readRecord(file)).toBeUndefined();
    writeRecord(file, { pid: 4711, started: "x:1" });
    expect(readRecord(file)).toEqual({ pid: 4711, started: "x:1" });
    // A signal to number 1 or -1 would go to init or to everybody.
    for (const pid of [1, -1, 0, 1.5, "7"]) {
      writeFileSync(file, JSON.stringify({ pid, started: "x:1" }));
      expect(() => readRecord(file)).toThrow(`${file}: not as \`hybrid local\` writes it.`);
    }
  });
});

describe("the lock", () => {
  it("lets one in at a time", async () => {
    const path = join(folder, "lock");
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 5 }, () =>
        withLock(path, async () => {
          most = Math.max(most, (inside += 1));
          await sleep(20);
          inside -= 1;
        }),
      ),
    );
    expect(most).toBe(1);
    expect(existsSync(path)).toBe(false);
  });

  it("is free again after an error", async () => {
    const path = join(folder, "lock-error");
    await expect(withLock(path, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await withLock(path, () => Promise.resolve(7))).toBe(7);
  });

  it("is taken over from a holder that died, by exactly one of those who wait", async () => {
    const path = join(folder, "lock-dead");
    const child = spawn("/bin/sleep", ["60"]);
    const dead = identify(child.pid ?? 0);
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    writeFileSync(path, JSON.stringify(dead));
    let inside = 0;
    let most = 0;
    await Promise.all(
      [1, 2, 3].map(() =>
        withLock(path, async () => {
          most = Math.max(most, (inside += 1));
          await sleep(20);
          inside -= 1;
        }),
      ),
    );
    expect(most).toBe(1);
  });

  it("names a living holder to those who wait", async () => {
    const path = join(folder, "lock-told");
    const told: number[] = [];
    let release: () => void = () => undefined;
    const first = withLock(path, () => new Promise<void>((resolve) => (release = resolve)));
    await sleep(50);
    const second = withLock(path, () => Promise.resolve(), (holder) => told.push(holder));
    await sleep(150);
    release();
    await Promise.all([first, second]);
    expect(told).toEqual([process.pid]);
  });
});
