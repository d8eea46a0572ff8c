/**
 * A database's schema in another one: what `pg_dump` writes, the records of its migrations, and the search path of its sessions. No data. Extensions
 * that the other server does not have get stand-ins; what cannot be made there is left out and told.
 */
import { DatabaseError, type Client } from "pg";
import { offsetOf } from "./batch";
import { literal, messageOf, redact, runScript, withClient } from "./connection";
import { dumpSchema } from "./dump";
import { statementsOf } from "./parser";
import type { SqlScript } from "./scripts";
import { standInsFor, withStandIns, type StandIn } from "./stand-ins";
import { ensureTracking, readRecords } from "./tracking";
import { wordsOf } from "./tokens";

/** What is copied from where to where. */
export interface CloneOptions {
  /** The database that has the schema, with its password. */
  readonly source: string;
  /** An empty database, with its password; its user should be a superuser. */
  readonly target: string;
  /** Folder of pg_dump. Default: found on PATH. */
  readonly bin?: string;
  /** SQL that will run in the target: roles that it names are made, too. */
  readonly scripts: readonly SqlScript[];
  readonly signal?: AbortSignal;
}

/** What became of it. */
export interface Clone {
  /** What could not be copied, and why: `role analyst: …`. */
  readonly missing: readonly string[];
  /** Extensions that the target's server does not have: their functions and types have stand-ins. */
  readonly standIns: readonly string[];
  /** Search path of a session of that user in the source. */
  searchPathOf(user: string | undefined): string;
  /** Roles that were made for it on the target's server. */
  readonly roles: readonly string[];
}

/** PostgreSQL's own default. */
const DEFAULT_PATH = '"$user", public';

/** Most differences that are told one by one. */
const MISSING = 20;

interface Source {
  readonly dump: string;
  readonly roles: readonly string[];
  readonly extensions: readonly string[];
  /** Of the session that migrates. */
  readonly searchPath: string;
  /** What ALTER ROLE has set; `""`: what ALTER DATABASE has. */
  readonly searchPaths: ReadonlyMap<string, string>;
  readonly versions: readonly string[];
  readonly records: readonly Readonly<Record<string, unknown>>[];
}

/** Copies the schema. @throws ConfigError without pg_dump, UserError where it or one of the connections fails */
export async function cloneSchema(options: CloneOptions): Promise<Clone> {
  const { source, target, bin, scripts, signal } = options;
  const dump = await dumpSchema({ url: source, ...(bin === undefined ? {} : { bin }), ...(signal === undefined ? {} : { signal }) });
  const found = await readSource(source, dump);
  return withClient(target, async (client) => {
    const roles = await makeRoles(client, found.roles, [dump, ...scripts.map(({ sql }) => sql)]);
    const standIns = await readStandIns(client, source, found.extensions);
    const missing = await load(client, withStandIns(dump, standIns));
    await client.query(`do $$ begin execute format('alter database %I set search_path = %s', current_database(), ${literal(found.searchPath)}); end $$`);
    await copyRecords(client, found);
    const searchPathOf = (user = ""): string => (found.searchPaths.get(user) ?? found.searchPaths.get("") ?? DEFAULT_PATH).replace('"$user"', `"${user.replaceAll('"', '""')}"`);
    return { missing: [...roles.missing, ...missing.map((text) => redact(text, target))], standIns: standIns.map(({ extension }) => extension), searchPathOf, roles: roles.made };
  });
}

async function readStandIns(target: Client, source: string, extensions: readonly string[]): Promise<readonly StandIn[]> {
  const { rows } = await target.query<{ readonly name: string }>("select n.name from unnest($1::text[]) n(name) where not exists (select from pg_available_extensions a where a.name = n.name)", [extensions]);
  return rows.length === 0 ? [] : withClient(source, (client) => standInsFor(client, rows.map(({ name }) => name)));
}

function readSource(url: string, dump: string): Promise<Source> {
  return withClient(url, async (client) => {
    const roles = await client.query<{ readonly rolname: string }>("select rolname from pg_roles where rolname !~ '^pg_'");
    const own = await client.query<{ readonly path: string }>("select current_setting('search_path') as path");
    // What ALTER ROLE and ALTER DATABASE have set, the most special first.
    const set = await client.query<{ readonly role: string | null; readonly path: string }>(
      `select r.rolname as role, substr(c.setting, length('search_path=') + 1) as path
       from pg_db_role_setting s left join pg_roles r on r.oid = s.setrole cross join unnest(s.setconfig) c(setting)
       where c.setting like 'search\\_path=%' and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
       order by (s.setrole <> 0)::int + (s.setdatabase <> 0)::int`,
    );
    const there = await client.query<{ readonly dbmate: boolean; readonly ours: boolean }>("select to_regclass('public.schema_migrations') is not null as dbmate, to_regclass('public.hybrid_migrations') is not null as ours");
    const { dbmate = false, ours = false } = there.rows[0] ?? {};
    return {
      dump,
      roles: roles.rows.map(({ rolname }) => rolname),
      extensions: (await client.query<{ readonly extname: string }>("select extname from pg_extension order by extname")).rows.map(({ extname }) => extname),
      searchPath: own.rows[0]?.path ?? DEFAULT_PATH,
      searchPaths: new Map(set.rows.map(({ role, path }) => [role ?? "", path])),
      // What Flyway has applied and nobody has taken over yet has no other record.
      versions: dbmate ? (await client.query<{ readonly version: string }>("select version from public.schema_migrations")).rows.map(({ version }) => version) : (await readRecords(client)).flywayVersions,
      records: ours ? (await client.query<Readonly<Record<string, unknown>>>("select kind, name, file, checksum, adopted, detail, applied_at::text as applied_at, applied_by from public.hybrid_migrations")).rows : [],
    };
  });
}

/** Makes those roles of the source that the SQL names and the server does not have: they may do nothing, and nobody can log in. */
async function makeRoles(client: Client, roles: readonly string[], texts: readonly string[]): Promise<{ readonly made: string[]; readonly missing: string[] }> {
  const words = new Set(texts.flatMap((text) => [...wordsOf(text)]));
  const named = roles.filter((role) => role.toLowerCase().split(/[^\w\u0080-\uffff]+/).every((word) => word === "" || words.has(word)));
  const { rows } = await client.query<{ readonly name: string }>("select n.name from unnest($1::text[]) n(name) where not exists (select from pg_roles r where r.rolname = n.name)", [named]);
  const made: string[] = [];
  const missing: string[] = [];
  for (const { name } of rows) {
    try {
      await client.query(`create role "${name.replaceAll('"', '""')}" nologin`);
      made.push(name);
    } catch (error) {
      // 42710: another run was faster.
      if (!(error instanceof DatabaseError)) throw error;
      if (error.code !== "42710") missing.push(`role ${name}: ${error.message} (${error.code ?? "no code"})`);
    }
  }
  return { made, missing };
}

/** Removes roles that `cloneSchema` has made; one that another database uses stays. The target must be gone before. */
export async function removeRoles(server: string, roles: readonly string[]): Promise<void> {
  if (roles.length > 0) {
    await withClient(server, async (client) => {
      for (const role of roles) {
        const failure = await runScript(client, `drop role if exists "${role.replaceAll('"', '""')}"`);
        if (failure !== undefined && !(failure.error instanceof DatabaseError)) throw failure.error;
      }
    });
  }
}

/** The whole dump in one go; where something is refused, statement by statement. Gives what was refused. */
async function load(client: Client, dump: string): Promise<string[]> {
  const whole = await runScript(client, `begin;\n${dump}\n;commit`);
  if (whole === undefined) {
    return [];
  }
  if (!(whole.error instanceof DatabaseError)) {
    throw whole.error;
  }
  await client.query("rollback");
  const script: SqlScript = { file: "schema", name: "schema", sql: dump, line: 1, checksum: "", transaction: true };
  const ranges = await statementsOf(script);
  const missing: string[] = [];
  for (const { start, end } of ranges) {
    const statement = dump.slice(start, end);
    const failure = await runScript(client, statement);
    if (failure !== undefined) {
      if (!(failure.error instanceof DatabaseError)) throw failure.error;
      missing.push(`${headOf(statement)}: ${messageOf(failure.error)} (${failure.error.code ?? "no code"})${offsetOf(failure.error, statement) === undefined && failure.error.detail !== undefined ? `; ${failure.error.detail}` : ""}`);
    }
  }
  return missing.length > MISSING ? [...missing.slice(0, MISSING), `… and ${missing.length - MISSING} more`] : missing;
}

/** `CREATE EXTENSION IF NOT EXISTS postgis`: what a statement is about, in one line. */
function headOf(statement: string): string {
  const text = statement.replace(/^(?:\s*--[^\n]*\n|\s+)*/, "").split("\n")[0]?.trim() ?? "";
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

async function copyRecords(client: Client, { versions, records }: Source): Promise<void> {
  if (versions.length === 0 && records.length === 0) {
    return;
  }
  await ensureTracking(client);
  await client.query("insert into public.schema_migrations (version) select unnest($1::text[])", [versions]);
  await client.query(
    `insert into public.hybrid_migrations (kind, name, file, checksum, adopted, detail, applied_at, applied_by)
     select kind, name, file, checksum, adopted, detail, applied_at::timestamptz, applied_by from jsonb_to_recordset($1::jsonb) as r(kind text, name text, file text, checksum text, adopted boolean, detail text, applied_at text, applied_by text)`,
    [JSON.stringify(records)],
  );
}
