/** Servers that outlive the command that started them: who they are, whether they still live, how to end them. */
import { spawn, spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { UserError } from "../provider/errors";
import { damaged, hasCode, readJsonObject, writeJson } from "./files";

/** A process, told apart from a later one that got the same number. */
export interface ProcessRecord {
  readonly pid: number;
  /** Start of the process in a form only comparable for equality: boot and clock ticks on Linux, `ps -o lstart` elsewhere. */
  readonly started: string;
}

interface Stat {
  readonly group: number;
  readonly session: number;
  readonly ticks: number;
  readonly zombie: boolean;
}

/** Identity of the process that has this number now; undefined where there is none, or only its unreaped rest. */
export function identify(pid: number): ProcessRecord | undefined {
  if (process.platform === "linux") {
    const stat = readStat(pid);
    return stat && !stat.zombie ? { pid, started: `${bootId()}:${stat.ticks}` } : undefined;
  }
  const ps = spawnSync("ps", ["-o", "lstart=,stat=", "-p", String(pid)], { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } });
  const line = ps.stdout.trim();
  const found = /^(.*\d)\s+(\S+)$/.exec(line);
  if (ps.status !== 0 || !found || found[2]?.startsWith("Z")) return undefined;
  return { pid, started: found[1] ?? "" };
}

/** True where the very process of the record lives. */
export function isAlive(record: ProcessRecord | undefined): record is ProcessRecord {
  return record !== undefined && identify(record.pid)?.started === record.started;
}

/** What to start, and how. */
interface DetachedOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Both outputs are appended here (mode 600). */
  readonly log: string;
  /** Run as this user; only root may ask for it. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  readonly cwd?: string;
}

/** Starts a server in a session of its own, so that it survives us and Ctrl-C in our terminal. */
export async function startDetached(command: string, args: readonly string[], options: DetachedOptions): Promise<ProcessRecord> {
  const log = openSync(options.log, "a", 0o600);
  try {
    const child = spawn(command, args, {
      detached: true,
      stdio: ["ignore", log, log],
      env: options.env,
      cwd: options.cwd ?? "/",
      ...(options.user ?? {}),
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (cause) => reject(new UserError(`cannot start ${command}: ${cause.message}`, { cause })));
    });
    child.unref();
    const pid = child.pid ?? 0;
    // One that ended already has no identity; a record that is never alive says the same to every caller.
    return identify(pid) ?? { pid, started: "ended" };
  } finally {
    closeSync(log);
  }
}

/** How to end a process: the signals in order, each with the time it gets (milliseconds). */
interface StopPlan {
  readonly signals: readonly (readonly [NodeJS.Signals, number])[];
}

/** Ends the process of the record, and what is left of its group; does nothing to another process of that number. */
export async function stop(record: ProcessRecord | undefined, plan: StopPlan): Promise<void> {
  if (record === undefined) return;
  for (const [signal, patience] of plan.signals) {
    if (!isAlive(record)) break;
    send(signal === "SIGKILL" ? -record.pid : record.pid, signal);
    for (let waited = 0; waited < patience && isAlive(record); waited += 25) await sleep(25);
  }
  if (isAlive(record)) throw new UserError(`process ${record.pid} does not end, not even by SIGKILL. Look at it with \`ps -fp ${record.pid}\`.`);
  for (let waited = 0; killOrphans(record) && waited < 10_000; waited += 25) await sleep(25);
}

/**
 * Workers whose master was killed keep its port open for a while. They are known by the session they share, whose number no
 * new process can get while they live. Linux only; elsewhere they end by themselves. True while there are some.
 */
function killOrphans(record: ProcessRecord): boolean {
  if (process.platform !== "linux" || !record.started.startsWith(`${bootId()}:`)) return false;
  const leader = readStat(record.pid);
  if (leader && !leader.zombie) return false;
  const since = Number(record.started.split(":")[1]);
  let found = false;
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const stat = readStat(pid);
    if (stat && !stat.zombie && stat.group === record.pid && stat.session === record.pid && stat.ticks >= since) {
      send(pid, "SIGKILL");
      found = true;
    }
  }
  return found;
}

/** The record in a file, or undefined. */
export function readRecord(path: string): ProcessRecord | undefined {
  const value = readJsonObject(path);
  if (!value) return undefined;
  const { pid, started } = value;
  if (typeof pid !== "number" || !Number.isInteger(pid) || pid < 2 || typeof started !== "string") throw damaged(path);
  return { pid, started };
}

/** For `readRecord` of a later command. */
export function writeRecord(path: string, record: ProcessRecord): void {
  writeJson(path, record);
}

/** Also where there is none. */
export function forgetRecord(path: string): void {
  rmSync(path, { force: true });
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!hasCode(error, "ESRCH")) throw error;
  }
}

let boot: string | undefined;
function bootId(): string {
  return (boot ??= readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
}

function readStat(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ESRCH")) return undefined;
    throw error;
  }
  // proc(5): the second field is the program's name in parentheses and may hold anything, so count from its end.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const zombie = fields[0] === "X" || (fields[0] === "Z" && isLastThread(pid));
  return { group: Number(fields[2]), session: Number(fields[3]), ticks: Number(fields[19]), zombie };
}

/** The first thread of a killed process is a zombie at once, while the others may still hold its open files and ports. */
function isLastThread(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).length <= 1;
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ESRCH")) return true;
    throw error;
  }
}
