/** Roles and warehouse databases of a local PostgreSQL server. */
import { hasDatabase } from "./metadata";
import { identifier, literal, sql, type RunningPostgres } from "./postgres";

/** Creates the login roles where they are missing and sets their passwords. */
export async function ensureRoles(server: RunningPostgres): Promise<void> {
  const statements = [server.owner, server.reader, server.metadata].map(
    ({ username, password }) =>
      `select 'create role ${identifier(username)} login' where not exists (select from pg_roles where rolname = ${literal(username)}) \\gexec
alter role ${identifier(username)} password ${literal(password)};`,
  );
  // The owner makes databases and roles too, so that `warehouse:provision` can be tried here.
  await sql(server, "postgres", `${statements.join("\n")}\nalter role ${identifier(server.owner.username)} createdb createrole;`, {
    task: "create the roles of the local PostgreSQL",
  });
}

/** Creates the warehouse database where it is missing, and lets the reader read all that the owner will create in it. */
export async function ensureWarehouse(server: RunningPostgres, database: string): Promise<void> {
  if (!(await hasDatabase(server, database))) {
    await sql(server, "postgres", `create database ${identifier(database)} owner ${identifier(server.owner.username)};`, { task: `make the warehouse ${database}` });
  }
  const owner = identifier(server.owner.username);
  const reader = identifier(server.reader.username);
  await sql(
    server,
    database,
    `begin;
revoke all on database ${identifier(database)} from public;
grant connect on database ${identifier(database)} to ${reader};
grant usage on schema public to ${reader};
alter default privileges for role ${owner} grant usage on schemas to ${reader};
alter default privileges for role ${owner} grant select on tables to ${reader};
alter default privileges for role ${owner} grant select on sequences to ${reader};
alter default privileges for role ${owner} grant execute on functions to ${reader};
commit;`,
    { task: `set the privileges of the warehouse ${database}` },
  );
}
