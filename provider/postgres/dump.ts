/** The schema as text for Git: `pg_dump --schema-only` without the lines that differ between two dumps of the same schema. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { ConfigError, UserError } from "../errors";
import { CancelledError } from "./failure";
import { describeUrl, normaliseUrl, redact, withClient } from "./connection";

interface DumpOptions {
  /** The warehouse, with its password; the password goes to pg_dump through its environment. */
  readonly url: string;
  /** Folder of pg_dump. Default: found on PATH. */
  readonly bin?: string;
  readonly signal?: AbortSignal;
}

/** Tables of ours, which are there or not depending on what was run last. */
const OWN_TABLES = ["public.schema_migrations", "public.hybrid_migrations", "meta.deployments"];

const VOLATILE = /^(?:\\(?:un)?restrict\b.*|-- Dumped (?:from|by) .*|SET (?:statement_timeout|lock_timeout|idle_in_transaction_session_timeout|transaction_timeout|xmloption|client_min_messages|row_security) = .*;)$/;

/** Takes the volatile lines out of pg_dump's output, above its first object and at its end, and the emptied schema of our own table. */
export function stableDump(text: string): string {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const first = lines.findIndex((line) => line.startsWith("-- Name: "));
  const last = lines.lastIndexOf("-- PostgreSQL database dump complete");
  const kept = lines.filter((line, index) => (first >= 0 && index >= first && (last < 0 || index < last)) || !VOLATILE.test(line));
  const joined = kept.join("\n").replace(/\n{4,}/g, "\n\n\n").trimEnd();
  const withoutMeta = /\bmeta\./.test(joined) ? joined : joined.replace(/--\n-- Name: meta; Type: SCHEMA;[^\n]*\n--\n\nCREATE SCHEMA meta;\n\n\n/, "");
  return `${withoutMeta}\n`;
}

/**
 * The first of several pg_dump that is not older than the server, which pg_dump would refuse. Where none is, the first that is there at all: its
 * own message says which versions they are.
 * @param candidates folders; undefined: the one on the PATH
 */
export async function chooseDump(url: string, candidates: readonly (string | undefined)[]): Promise<string | undefined> {
  const server = await withClient(url, async (client) => Number((await client.query<{ readonly server_version_num: string }>("show server_version_num")).rows[0]?.server_version_num ?? 0) / 10_000);
  const found = await Promise.all(candidates.map(async (bin) => ({ bin, version: await versionOf(bin) })));
  const there = found.filter(({ version }) => version !== undefined);
  return (there.find(({ version = 0 }) => version >= Math.floor(server)) ?? there[0] ?? found[0])?.bin;
}

/** Major version of a pg_dump; undefined where there is none. */
function versionOf(bin: string | undefined): Promise<number | undefined> {
  return new Promise((resolve) => {
    execFile(bin === undefined ? "pg_dump" : join(bin, "pg_dump"), ["--version"], (error, stdout) => {
      const [, major] = /\s(\d+)[.\s]/.exec(stdout) ?? [];
      resolve(error !== null || major === undefined ? undefined : Number(major));
    });
  });
}

/** Dumps the schema (without owners and privileges). Deterministic for one major version of pg_dump and server. */
export function dumpSchema(options: DumpOptions): Promise<string> {
  const target = new URL(normaliseUrl(options.url));
  const password = decodeURIComponent(target.password);
  const fromQuery = target.searchParams.get("password");
  target.password = "";
  target.searchParams.delete("password");
  const program = options.bin === undefined ? "pg_dump" : join(options.bin, "pg_dump");
  const args = ["--schema-only", "--no-owner", "--no-privileges", "--encoding=UTF8", ...OWN_TABLES.map((table) => `--exclude-table=${table}`), `--dbname=${target.href}`];
  const secret = fromQuery ?? password;
  const env = { ...process.env, LC_ALL: "C", ...(secret === "" ? {} : { PGPASSWORD: secret }) };
  return new Promise((resolve, reject) => {
    execFile(program, args, { env, maxBuffer: 1 << 29, ...(options.signal === undefined ? {} : { signal: options.signal }) }, (error, stdout, stderr) => {
      if (error === null) {
        resolve(stableDump(stdout));
      } else if (options.signal?.aborted === true) {
        reject(new CancelledError(`cancelled while the schema of ${describeUrl(options.url)} was read; nothing was changed`));
      } else if (error.code === "ENOENT") {
        reject(new ConfigError(`${program} was not found; install PostgreSQL's client programs (of the server's version or newer), or run 'hybrid local up', which brings them`, { cause: error }));
      } else {
        reject(new UserError(redact(`pg_dump of ${describeUrl(options.url)} failed: ${stderr.trim() === "" ? "no message" : stderr.trim()}; check warehouse:url, and that pg_dump is of the server's version or newer`, options.url)));
      }
    });
  });
}
