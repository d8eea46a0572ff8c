/**
 * Superset's metadata databases. Making one takes a minute (it runs some 300 schema migrations), so it is done once per
 * lock file and user: the result is kept as an SQL dump in the cache folder and as a template database in each server.
 */
import { createHash, randomBytes, scrypt } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { readText, writeJson, writePrivate } from "./files";
import { withLock } from "./lock";
import { cacheFolder, packageFile } from "./paths";
import { clientEnvironment, identifier, literal, postgresUrl, sql, type Login, type RunningPostgres } from "./postgres";
import type { Progress } from "./progress";
import type { PythonRuntime } from "./python";
import { cleanEnvironment, run } from "./run";

/** What `superset_config.py` reads. */
export interface SupersetSettings {
  readonly environment: string;
  readonly secret_key: string;
  readonly guest_token_secret: string;
  /** SQLAlchemy URI of the metadata database. */
  readonly metadata_uri: string;
  /** Key of the packages and settings the metadata database was last prepared with. */
  readonly metadata_key: string;
}

/** Changes with the packages and with the settings that decide which permissions exist. */
export function metadataKey(python: PythonRuntime): string {
  const hash = createHash("sha256").update(python.key);
  for (const file of ["prepare_superset.py", "superset_config.py"]) hash.update(readFileSync(packageFile(file)));
  return hash.digest("hex").slice(0, 12);
}

/** URI of a metadata database as SQLAlchemy wants it. */
export function metadataUri(server: RunningPostgres, database: string): string {
  return postgresUrl(server.metadata, server.port, database).replace(/^postgresql:/, "postgresql+psycopg2:");
}

/** Creates `database` as a copy of the prepared template, made where it is missing. */
export async function createMetadata(server: RunningPostgres, database: string, progress: Progress, cache: string = cacheFolder()): Promise<void> {
  const template = await ensureTemplate(server, progress, cache);
  await sql(server, "postgres", `create database ${identifier(database)} template ${identifier(template)} owner ${identifier(server.metadata.username)};`, {
    task: `make Superset's metadata database ${database}`,
  });
}

/** Brings an existing metadata database to the installed Superset (after a change of the lock file). */
export async function upgradeMetadata(server: RunningPostgres, settings: SupersetSettings, progress: Progress): Promise<void> {
  await progress.step("Upgrading Superset's metadata database", () => prepare(server.python, settings));
}

/** Creates the administrator, or gives an existing one the password. */
export async function setAdministrator(server: RunningPostgres, database: string, admin: Login): Promise<void> {
  const hash = literal(await hashPassword(admin.password));
  const name = literal(admin.username);
  await sql(
    server,
    database,
    `begin;
insert into ab_user (id, first_name, last_name, username, password, active, email, login_count, fail_login_count, created_on, changed_on)
  select nextval('ab_user_id_seq'), 'Local', 'Admin', ${name}, ${hash}, true, ${name} || '@localhost.invalid', 0, 0, now(), now()
  where not exists (select from ab_user where username = ${name});
update ab_user set password = ${hash}, active = true where username = ${name};
insert into ab_user_role (id, user_id, role_id)
  select nextval('ab_user_role_id_seq'), u.id, r.id from ab_user u, ab_role r
  where u.username = ${name} and r.name = 'Admin' and not exists (select from ab_user_role x where x.user_id = u.id and x.role_id = r.id);
commit;`,
    { task: `create the user ${admin.username} of Superset` },
  );
}

/** Whether a user of that name is in a metadata database. Its roles are not looked at. */
export async function hasAdministrator(server: RunningPostgres, database: string, username: string): Promise<boolean> {
  return (await sql(server, database, `select 1 from ab_user where username = ${literal(username)};`)) === "1";
}

/** Whether the server has a database of that name. */
export async function hasDatabase(server: RunningPostgres, name: string): Promise<boolean> {
  return (await sql(server, "postgres", `select 1 from pg_database where datname = ${literal(name)};`)) === "1";
}

/** Drops the database and whoever is connected to it. */
export async function dropDatabase(server: RunningPostgres, name: string): Promise<void> {
  await sql(server, "postgres", `drop database if exists ${identifier(name)} with (force);`);
}

async function ensureTemplate(server: RunningPostgres, progress: Progress, cache: string): Promise<string> {
  const key = metadataKey(server.python);
  const template = `superset_template_${key}`;
  if (await hasDatabase(server, template)) return template;
  const building = `${template}_building`;
  await dropDatabase(server, building);
  await sql(server, "postgres", `create database ${identifier(building)} owner ${identifier(server.metadata.username)};`);
  const dump = join(cache, `metadata-${key}.sql`);
  const text =
    readText(dump) ??
    (await withLock(
      join(cache, "metadata.lock"),
      async () => readText(dump) ?? (await make(server, building, dump, progress)),
      (holder) => progress.note(`waiting for process ${holder}, which is preparing Superset's metadata`),
    ));
  const filled = (await sql(server, building, "select to_regclass('public.ab_role') is not null;")) === "t";
  if (!filled) await sql(server, building, `begin;\n${text}\ncommit;`, { login: server.metadata, task: "restore the prepared Superset metadata" });
  await sql(server, "postgres", `alter database ${identifier(building)} rename to ${identifier(template)};`);
  return template;
}

/** Fills the database by Superset itself and keeps the dump. */
async function make(server: RunningPostgres, database: string, dump: string, progress: Progress): Promise<string> {
  await progress.step("Preparing Superset's metadata database (once, about a minute)", () =>
    prepare(server.python, {
      environment: "template",
      secret_key: randomBytes(32).toString("base64"),
      guest_token_secret: randomBytes(32).toString("base64"),
      metadata_uri: metadataUri(server, database),
      metadata_key: "",
    }),
  );
  const text = await run(join(server.python.postgresBin, "pg_dump"), ["--no-owner", "--no-privileges", "--format", "plain", database], {
    task: "keep a copy of the prepared Superset metadata",
    env: clientEnvironment(server, server.metadata),
  });
  // psql's \restrict lines end a transaction block's statement stream only for psql; they carry a random key and are of no use here.
  const clean = text.replace(/^\\(un)?restrict .*\n/gm, "");
  writePrivate(dump, clean);
  return clean;
}

async function prepare(python: PythonRuntime, settings: SupersetSettings): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "superset-metadata-"));
  try {
    const file = join(folder, "settings.json");
    writeJson(file, settings);
    await run(python.python, [packageFile("prepare_superset.py")], {
      task: "prepare Superset's metadata database",
      env: supersetEnvironment(file, folder),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Environment of Superset's processes. */
export function supersetEnvironment(settings: string, home: string): NodeJS.ProcessEnv {
  return cleanEnvironment({
    HYBRID_SUPERSET_SETTINGS: settings,
    SUPERSET_CONFIG_PATH: packageFile("superset_config.py"),
    SUPERSET_HOME: home,
    FLASK_APP: "superset.app:create_app()",
    PYTHONUNBUFFERED: "1",
    PYTHONWARNINGS: "ignore",
    TZ: "UTC",
  });
}

/** A hash as werkzeug writes and checks it (werkzeug/security.py: scrypt, N 32768, r 8, p 1, 64 bytes). */
async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(12).toString("hex");
  const derive = promisify<string, string, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);
  const key = await derive(password, salt, 64, { N: 32768, r: 8, p: 1, maxmem: 132 * 1024 * 1024 });
  return `scrypt:32768:8:1$${salt}$${key.toString("hex")}`;
}
