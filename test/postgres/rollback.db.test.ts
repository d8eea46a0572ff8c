import { rollback, rollbackPlan } from "../../provider/postgres/rollback";
import { dbmate } from "./folder";
import { bench, type Bench } from "./server";

jest.setTimeout(60_000);

const file = (up: string, down: string, options = ""): string => `-- migrate:up${options}\n${up}\n-- migrate:down${options}\n${down}\n`;
const FILES = {
  "001_a.sql": file("create table a (id int);", "drop table a;"),
  "002_b.sql": file("create table b (id int); create view v as select id from b;", "drop view v; drop table b;"),
  "003_c.sql": file("create index concurrently a_id on a (id);", "drop index concurrently a_id;", " transaction:false"),
};
const VERSIONS = "select version from schema_migrations order by 1";

const options = (on: Bench) => ({ url: on.url, root: on.root, directory: "db/migrations", log: (message: string) => void on.logged.push(message) });
const back = async (on: Bench, steps = 1) => rollback(options(on), (await rollbackPlan(options(on), steps)).map(({ version }) => version));
const refusal = (on: Bench, steps = 1): Promise<string> => back(on, steps).then(() => "it was rolled back", (error: Error) => error.message);

test("newest first, each with its record and our checksum; afterwards no drift, and pending again", async () => {
  const one = await bench(FILES);
  await one.up();
  expect(await back(one, 2)).toEqual({ undone: ["003_c.sql", "002_b.sql"], version: "001", drift: [] });
  expect(one.logged.slice(-2)).toEqual(["rolled back 003_c.sql", "rolled back 002_b.sql"]);
  expect(await one.sql(VERSIONS)).toEqual([["001"]]);
  expect(await one.sql("select name from hybrid_migrations where kind = 'version'")).toEqual([["001"]]);
  expect(await one.sql("select to_regclass('b'), to_regclass('a_id')")).toEqual([["null", "null"]]);
  const status = await one.status();
  expect(status).toMatchObject({ drift: [], plan: { problems: [] } });
  expect(status.plan.pending.map(({ name }) => name)).toEqual(["002_b.sql", "003_c.sql"]);
  expect(await one.up()).toMatchObject({ applied: ["002_b.sql", "003_c.sql"], drift: [] });
});

test("what seeds filled may have gone with a table: the next run fills it again", async () => {
  const one = await bench({ ...FILES, "db/seed/s.sql": "insert into a values (1) on conflict do nothing;" });
  await one.up();
  await back(one, 3);
  expect((await one.status()).plan.seeds.map(({ name }) => name)).toEqual(["s.sql"]);
  expect(await one.up()).toMatchObject({ applied: ["001_a.sql", "002_b.sql", "003_c.sql"], seeds: ["s.sql"] });
  expect(await one.sql("select count(*) from a")).toEqual([["1"]]);
});

test("more steps than there are versions: all of them; then none", async () => {
  const one = await bench(FILES);
  await one.up();
  expect(await back(one, 9)).toMatchObject({ undone: ["003_c.sql", "002_b.sql", "001_a.sql"], version: undefined });
  expect(await rollbackPlan(options(one), 1)).toEqual([]);
});

test("what was changed by hand stays reported after a rollback", async () => {
  const one = await bench(FILES);
  await one.up();
  await one.sql("alter table a add stray int");
  expect((await back(one, 2)).drift).toEqual(["table public.a: column stray added (integer)"]);
  expect((await one.status()).drift).toEqual(["table public.a: column stray added (integer)"]);
});

test("a down part that fails leaves its migration applied, and those after it rolled back", async () => {
  const one = await bench({ ...FILES, "002_b.sql": file("create table b (id int);", "drop table b;\nselect 1 / 0;") });
  await one.up();
  const message = await refusal(one, 3);
  expect(message).toContain("db/migrations/002_b.sql:5:1: division by zero (22012)");
  expect(message).toContain("002_b.sql is still applied; what was rolled back before it stays so (down to 003_c.sql)");
  expect(await one.sql(VERSIONS)).toEqual([["001"], ["002"]]);
  expect(await one.sql("select to_regclass('b')")).toEqual([["b"]]);
  expect((await one.status()).drift).toEqual([]);
});

test.each<[string, Readonly<Record<string, string>>, string]>([
  ["no down part", { "001_a.sql": "-- migrate:up\ncreate table a (id int);\n" }, "db/migrations/001_a.sql: has no SQL below '-- migrate:down', so that it cannot be rolled back; write its opposite as a new migration, with 'hybrid db new'"],
  ["an empty down part", { "001_a.sql": file("create table a (id int);", "-- nothing") }, "db/migrations/001_a.sql: has no SQL below '-- migrate:down', so that it cannot be rolled back; write its opposite as a new migration, with 'hybrid db new'"],
  ["plain SQL", { "001_a.sql": "create table a (id int);" }, "db/migrations/001_a.sql: is plain SQL, which has no way back; write its opposite as a new migration, with 'hybrid db new'"],
  ["Flyway without undo file", { "V1__a.sql": "create table a (id int);" }, "db/migrations/V1__a.sql: has no undo file (U<version>__<name>.sql), so that it cannot be rolled back; write its opposite as a new migration, with 'hybrid db new'"],
  ["SQL that is none", { "001_a.sql": file("create table a (id int);", "drop tabel a;") }, 'db/migrations/001_a.sql:4:6: syntax error at or near "tabel"; correct the SQL'],
])("refused: %s", async (_name, files, message) => {
  const one = await bench(files);
  await one.up();
  expect((await refusal(one)).split("\n")[0]).toBe(message);
  expect(await one.sql("select to_regclass('a')")).toEqual([["a"]]);
});

test("refused: edited since, or without its file", async () => {
  const one = await bench(FILES);
  await one.up();
  one.write({ "003_c.sql": file("create index concurrently other on a (id);", "drop index concurrently other;", " transaction:false") });
  expect(await refusal(one)).toContain("db/migrations/003_c.sql: was edited after it was applied (applied checksum ");
  one.write({ "003_c.sql": null });
  expect(await refusal(one)).toContain("db/migrations: has no file for version 003 (003_c.sql), which is applied and would be rolled back. Put the file back from Git's history");
});

test("refused: another run was faster than the answer", async () => {
  const one = await bench(FILES);
  await one.up();
  const agreed = (await rollbackPlan(options(one), 1)).map(({ version }) => version);
  await back(one);
  await expect(rollback(options(one), agreed)).rejects.toThrow("another run has migrated or rolled back meanwhile: the newest versions are now 002_b.sql. Nothing was rolled back; run again");
});

test("Flyway's undo files", async () => {
  const one = await bench({ "V1__a.sql": "create table a (id int);", "U1__a.sql": "drop table a;", "V2__b.sql": "create table b (id int);", "U2__other_name.sql": "drop table b;", "V10__c.sql": "create table c (id int);", "U10__c.sql": "drop table c;" });
  await one.up();
  expect(await back(one, 2)).toMatchObject({ undone: ["U10__c.sql", "U2__other_name.sql"], version: "1" });
  expect(await one.sql(VERSIONS)).toEqual([["1"]]);
});

test("an undo file with a mistake is a warning to a run that does not need it", async () => {
  const one = await bench({ "V1__a.sql": "create table a (id int);", "U1__a.sql": "drop table ${name};" });
  await one.up();
  expect(one.logged).toContain("db/migrations/U1__a.sql:1: warning: uses the Flyway placeholder ${name}, and placeholders are not replaced here; write the value");
  expect(await refusal(one)).toContain("has no undo file");
});

test("a database that only dbmate has migrated can be rolled back", async () => {
  const one = await bench({ "001_a.sql": dbmate("create table a (id int);").replace("select 1;", "drop table a;") });
  await one.sql("create table schema_migrations (version varchar primary key); insert into schema_migrations values ('001'); create table a (id int)");
  expect(await back(one)).toMatchObject({ undone: ["001_a.sql"], drift: [] });
  expect(await one.sql("select count(*) from schema_migrations")).toEqual([["0"]]);
});
