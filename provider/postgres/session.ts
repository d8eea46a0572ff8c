/** The session a run works in: one runner at a time, and an end that can be asked for. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { MigrationError } from "../errors";
import { describeUrl, withClient } from "./connection";
import { CancelledError } from "./failure";
import { LOCK_KEY } from "./tracking";

/** Pause between two attempts to get the lock, in milliseconds. */
const POLL = 250;

interface Holder {
  readonly pid: number;
  readonly usename: string | null;
  readonly application_name: string | null;
  readonly client: string | null;
  readonly since: string | null;
}

async function lockHolder(client: Client): Promise<string> {
  const { rows } = await client.query<Holder>(
    `select a.pid, a.usename, a.application_name, host(a.client_addr) as client, to_char(a.backend_start at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS "UTC"') as since
     from pg_locks l join pg_stat_activity a on a.pid = l.pid
     where l.locktype = 'advisory' and l.granted and l.objsubid = 1 and (l.classid::bigint << 32 | l.objid::bigint) = $1::bigint and l.database = (select oid from pg_database where datname = current_database())`,
    [LOCK_KEY],
  );
  const holder = rows[0];
  return holder === undefined ? "a session that has just ended"
    : `process ${holder.pid} of user ${holder.usename ?? "unknown"}${holder.client === null ? "" : ` at ${holder.client}`}, connected since ${holder.since ?? "unknown"}`;
}

/**
 * Takes the run's lock; polls, because a session that waits inside PostgreSQL would hold up CREATE INDEX CONCURRENTLY of the one it waits
 * for. The lock ends with the connection. It does not work through a pooler in transaction mode: connect to PostgreSQL itself.
 * @param limit milliseconds
 * @returns the process id of the session
 */
export async function takeLock(client: Client, url: string, limit: number, signal: AbortSignal | undefined, onWait: () => void): Promise<number> {
  const deadline = Date.now() + limit;
  for (let waited = false; ; waited = true) {
    if (signal?.aborted === true) {
      throw new CancelledError("cancelled before the first migration; nothing was run");
    }
    const { rows } = await client.query<{ readonly taken: boolean; readonly pid: number }>("select pg_try_advisory_lock($1::bigint) as taken, pg_backend_pid() as pid", [LOCK_KEY]);
    const row = rows[0];
    if (row?.taken === true) {
      return row.pid;
    }
    if (Date.now() >= deadline) {
      throw new MigrationError(`another run is migrating ${describeUrl(url)}: ${await lockHolder(client)}. Waited ${Math.round(limit / 1000)} s and ran nothing; wait until it is done and run again`);
    }
    if (!waited) {
      onWait();
    }
    await sleep(Math.min(POLL, Math.max(1, deadline - Date.now())));
  }
}

/** Runs `work`; when the signal fires, the statement that is running in session `pid` is cancelled through a second connection. */
export async function cancellable<T>(url: string, pid: number, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  if (signal === undefined) {
    return work();
  }
  let cancelling: Promise<unknown> = Promise.resolve();
  const cancel = (): void => {
    cancelling = withClient(url, (second) => second.query("select pg_cancel_backend($1)", [pid]));
    // Awaited below; handled here already so that a failure before that is not an unhandled rejection.
    cancelling.catch(() => undefined);
  };
  signal.addEventListener("abort", cancel, { once: true });
  try {
    return await work();
  } finally {
    signal.removeEventListener("abort", cancel);
    await cancelling.catch(() => undefined);
  }
}
