/**
 * What the database remembers of our runs. Two tables in schema `public`, both persisted formats:
 *
 * - `schema_migrations (version varchar primary key)`, exactly as dbmate writes it: which versions are applied. It is the truth; `dbmate
 *   up`, `down` and `status` work on it as before.
 * - `hybrid_migrations`, ours: a row (`kind`, `name`) for each
 *   - `version`: name = version, file = its file name, checksum = `sqlChecksum` of what was run (of the file as it was found, where
 *     `adopted`: applied by dbmate or by hand before we saw it);
 *   - `repeatable`, `seed`, `callback`: name and file = file name, checksum as of the last run;
 *   - `baseline` (one row, name `schema`): the schema as the last run left it: checksum = hash, detail = packed catalog (see catalog.ts).
 *   `applied_at` is the time of the record, `applied_by` the session's user.
 *   A `version` row whose version is not in `schema_migrations` is one that `dbmate rollback` has taken back: it explains what is gone,
 *   and the next run removes it.
 */
import { DatabaseError, type Client } from "pg";
import { MigrationError } from "../errors";
import { literal } from "./connection";
import type { Migration, SqlScript } from "./files";
import { normaliseVersion } from "./flyway";

/** What `migrate` holds for the whole run, by `pg_try_advisory_lock(bigint)`, per database. Persisted: old and new versions must exclude each other. */
export const LOCK_KEY = "7526754210338170446";

/** DDL of the two tables. */
const TRACKING_DDL = `create table if not exists public.schema_migrations (version varchar primary key);
create table if not exists public.hybrid_migrations (
  kind varchar(20) not null,
  name text not null,
  file text not null,
  checksum varchar(64) not null,
  adopted boolean not null default false,
  detail text,
  applied_at timestamptz not null default clock_timestamp(),
  applied_by text not null default session_user,
  primary key (kind, name)
)`;

/** An applied version. */
export interface AppliedVersion {
  readonly version: string;
  /** File name and checksum as of the run; undefined where dbmate (or a person) applied it and we have not adopted it. */
  readonly file: string | undefined;
  readonly checksum: string | undefined;
  /** Dbmate, Flyway or a person applied it. */
  readonly adopted: boolean;
  /** ISO time of the record. */
  readonly appliedAt: string | undefined;
}

/** The kinds of record that carry a file's checksum of the last run. */
export type FileKind = "repeatable" | "seed" | "callback";

/** The schema as the last run left it. */
interface Baseline {
  /** Hash of the catalog. */
  readonly hash: string;
  /** See `packCatalog`. */
  readonly packed: string;
  readonly recordedAt: string;
}

/** Everything the database remembers. */
export interface Records {
  /** Sorted by version as text. */
  readonly versions: readonly AppliedVersion[];
  /** Versions somebody else has rolled back since the last run. */
  readonly undone: readonly string[];
  /** File name → checksum. */
  readonly files: Readonly<Record<FileKind, ReadonlyMap<string, string>>>;
  readonly baseline: Baseline | undefined;
  /** Versions Flyway has applied, where its table is there and ours is not. */
  readonly flywayVersions: readonly string[];
  /** Whether both tables are there. */
  readonly tables: boolean;
}

interface TrackingRow {
  readonly kind: string;
  readonly name: string;
  readonly file: string | null;
  readonly checksum: string | null;
  readonly adopted: boolean | null;
  readonly detail: string | null;
  readonly at: string | null;
}

const AT = `to_char(h.applied_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`;

/** Reads the records; absent tables hold none. Creates nothing. */
export async function readRecords(client: Client): Promise<Records> {
  const found = await client.query<{ readonly dbmate: boolean; readonly ours: boolean; readonly flyway: string | null }>(
    `select to_regclass('public.schema_migrations') is not null as dbmate, to_regclass('public.hybrid_migrations') is not null as ours,
       (select c.oid::regclass::text from pg_class c where c.relname = 'flyway_schema_history' and c.relkind = 'r' order by c.oid limit 1) as flyway`,
  );
  const { dbmate = false, ours = false, flyway = null } = found.rows[0] ?? {};
  const parts: string[] = [];
  if (dbmate) {
    parts.push(ours
      ? `select 'version' as kind, m.version as name, h.file, h.checksum, h.adopted, null as detail, ${AT} from public.schema_migrations m left join public.hybrid_migrations h on h.kind = 'version' and h.name = m.version`
      : "select 'version' as kind, version as name, null as file, null as checksum, null::boolean as adopted, null as detail, null as at from public.schema_migrations");
  }
  if (ours) {
    if (dbmate) {
      parts.push("select 'undone' as kind, h.name, null as file, null as checksum, null::boolean as adopted, null as detail, null as at from public.hybrid_migrations h where h.kind = 'version' and not exists (select from public.schema_migrations m where m.version = h.name)");
    }
    parts.push(`select h.kind, h.name, h.file, h.checksum, h.adopted, h.detail, ${AT} from public.hybrid_migrations h where h.kind <> 'version'`);
  }
  const rows = parts.length === 0 ? [] : (await client.query<TrackingRow>(parts.join(" union all "))).rows;
  const versions = rows.filter((row) => row.kind === "version");
  const checksums = (kind: FileKind): ReadonlyMap<string, string> =>
    new Map(rows.filter((row) => row.kind === kind).map((row) => [row.name, row.checksum ?? ""]));
  const baseline = rows.find((row) => row.kind === "baseline");
  return {
    versions: versions
      .map((row) => ({ version: row.name, file: row.file ?? undefined, checksum: row.checksum ?? undefined, adopted: row.adopted ?? false, appliedAt: row.at ?? undefined }))
      .sort((a, b) => (a.version < b.version ? -1 : 1)),
    undone: rows.filter((row) => row.kind === "undone").map((row) => row.name),
    files: { repeatable: checksums("repeatable"), seed: checksums("seed"), callback: checksums("callback") },
    baseline: baseline === undefined ? undefined : { hash: baseline.checksum ?? "", packed: baseline.detail ?? "", recordedAt: baseline.at ?? "" },
    flywayVersions: flyway === null || versions.length > 0 ? [] : await readFlywayVersions(client, flyway),
    tables: dbmate && ours,
  };
}

async function readFlywayVersions(client: Client, table: string): Promise<string[]> {
  const { rows } = await client.query<{ readonly version: string }>(`select version from ${table} where success and version is not null and type <> 'DELETE' order by installed_rank`);
  return rows.map((row) => normaliseVersion(row.version));
}

/** Creates the tables where they are missing; says what to grant where that is not allowed. */
export async function ensureTracking(client: Client): Promise<void> {
  try {
    await client.query(TRACKING_DDL);
  } catch (error) {
    if (error instanceof DatabaseError && (error.code === "42501" || error.code === "3F000")) {
      throw new MigrationError(`the tables of the migrator cannot be created in schema public: ${error.message}; let an administrator run: create schema if not exists public; grant usage, create on schema public to the user of warehouse:url`, { cause: error });
    }
    throw error;
  }
}

/** Statements that record a migration as applied. `adopted`: it was applied by somebody else. */
export function recordVersion(migration: Migration, adopted = false): string[] {
  return [
    `insert into public.schema_migrations (version) values (${literal(migration.version)})${adopted ? " on conflict do nothing" : ""}`,
    recordRow("version", migration.version, migration, adopted),
  ];
}

/** Statements that take a migration's record away: it is pending again. */
export function forgetVersion(version: string): string[] {
  return [
    `delete from public.schema_migrations where version = ${literal(version)}`,
    `delete from public.hybrid_migrations where kind = 'version' and name = ${literal(version)}`,
  ];
}

/** Statement after which seeds and repeatable migrations are run again: what they made may have gone with a table that was rolled back. */
export const FORGET_RUNS = "delete from public.hybrid_migrations where kind in ('seed', 'repeatable')";

/** Statement that notes the present name of an applied file. */
export function recordName(migration: Migration): string {
  return `update public.hybrid_migrations set file = ${literal(migration.name)} where kind = 'version' and name = ${literal(migration.version)}`;
}

/** Statement that records the checksum a file had when it was run. */
export function recordFile(kind: FileKind, script: SqlScript): string {
  return recordRow(kind, script.name, script, false);
}

function recordRow(kind: string, name: string, script: SqlScript, adopted: boolean): string {
  return `insert into public.hybrid_migrations (kind, name, file, checksum, adopted) values (${literal(kind)}, ${literal(name)}, ${literal(script.name)}, ${literal(script.checksum)}, ${adopted}) on conflict (kind, name) do update set file = excluded.file, checksum = excluded.checksum, adopted = excluded.adopted, applied_at = excluded.applied_at, applied_by = excluded.applied_by`;
}

/** Statement that takes a file out of the records: it is no longer in Git. */
export function forgetFile(kind: FileKind, name: string): string {
  return `delete from public.hybrid_migrations where kind = ${literal(kind)} and name = ${literal(name)}`;
}

/** Records the schema as it is now. What others have rolled back is part of it from then on. */
export async function writeBaseline(client: Client, hash: string, packed: string): Promise<void> {
  await client.query("delete from public.hybrid_migrations h where h.kind = 'version' and not exists (select from public.schema_migrations m where m.version = h.name)");
  await client.query(
    `insert into public.hybrid_migrations (kind, name, file, checksum, detail) values ('baseline', 'schema', '', $1, $2)
     on conflict (kind, name) do update set checksum = excluded.checksum, detail = excluded.detail, applied_at = excluded.applied_at, applied_by = excluded.applied_by`,
    [hash, packed],
  );
}
