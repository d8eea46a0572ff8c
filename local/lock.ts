/** One at a time, across processes: a lock file that names its holder, so that a holder's death frees it. */
import { linkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { hasCode, readJsonObject } from "./files";
import { identify, isAlive, type ProcessRecord } from "./process";

/** Runs `work` while holding `path`; waits for another holder (told once through `onWait`). Not reentrant. */
export async function withLock<T>(path: string, work: () => Promise<T>, onWait: (holder: number) => void = () => undefined): Promise<T> {
  const me = identify(process.pid);
  if (!me) throw new Error(`no identity of process ${process.pid}`);
  const mine = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(mine, JSON.stringify(me), { mode: 0o600 });
  try {
    let told = false;
    while (!take(mine, path)) {
      const holder = holderOf(path);
      if (holder && !isAlive(holder)) {
        await removeStale(path, holder);
        continue;
      }
      if (holder && !told) onWait(holder.pid);
      told ||= holder !== undefined;
      await sleep(100);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/** A link is made with its content in place, so nobody ever reads an empty lock. */
function take(mine: string, path: string): boolean {
  try {
    linkSync(mine, path);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}

function holderOf(path: string): ProcessRecord | undefined {
  const value = readJsonObject(path);
  if (!value) return undefined;
  return { pid: Number(value["pid"]), started: String(value["started"]) };
}

/** Two waiters must not both remove: the second would remove the lock the first has taken meanwhile. */
async function removeStale(path: string, dead: ProcessRecord): Promise<void> {
  const guard = `${path}.stale`;
  if (!create(guard)) {
    // Held for microseconds, unless its maker was killed in between.
    if (Date.now() - (statSync(guard, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > 5000) rmSync(guard, { force: true });
    await sleep(50);
    return;
  }
  try {
    const now = holderOf(path);
    if (now && now.pid === dead.pid && now.started === dead.started) rmSync(path, { force: true });
  } finally {
    rmSync(guard, { force: true });
  }
}

function create(path: string): boolean {
  try {
    writeFileSync(path, "", { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}
