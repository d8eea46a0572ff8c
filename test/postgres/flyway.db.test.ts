import { bench } from "./server";

jest.setTimeout(60_000);

const LOG = "insert into log (what) values";
const files = {
  "V1__log.sql": "create table if not exists log (id serial, what text);",
  "V2__orders.sql": `${LOG} ('V2');`,
  "V10__later.sql": `${LOG} ('V10');`,
  "R__view.sql": `create or replace view v as select 1 as x; ${LOG} ('R');`,
  "beforeMigrate__b.sql": `create table if not exists log (id serial, what text); ${LOG} ('beforeMigrate b');`,
  "beforeMigrate__a.sql": "create table if not exists log (id serial, what text); insert into log (what) values ('beforeMigrate a');",
  "beforeEachMigrate.sql": `${LOG} ('beforeEach');`,
  "afterEachMigrate__1.sql": `${LOG} ('afterEach 1');`,
  "afterEachMigrate__2.sql": `${LOG} ('afterEach 2');`,
  "afterVersioned.sql": `${LOG} ('afterVersioned');`,
  "beforeRepeatables.sql": `${LOG} ('beforeRepeatables');`,
  "afterMigrate.sql": `${LOG} ('afterMigrate');`,
  "afterMigrateApplied.sql": `${LOG} ('afterMigrateApplied');`,
  "afterMigrateError.sql": `${LOG} ('afterMigrateError');`,
  "db/seed/s.sql": `${LOG} ('seed');`,
};
const READ = "select string_agg(what, ', ' order by id) from log";

test("callbacks at their moments, in order; repeatables again when they change", async () => {
  const { up, sql, write } = await bench(files);
  const each = (name: string): string => `beforeEach, ${name}afterEach 1, afterEach 2`;
  expect(await up()).toMatchObject({ applied: ["V1__log.sql", "V2__orders.sql", "V10__later.sql"], repeatables: ["R__view.sql"], version: "10" });
  expect(await sql(READ)).toEqual([[[
    "beforeMigrate a, beforeMigrate b", each(""), each("V2, "), each("V10, "), "afterVersioned, beforeRepeatables", each("R, "), "seed, afterMigrateApplied, afterMigrate",
  ].join(", ")]]);

  await sql("truncate log");
  expect(await up()).toMatchObject({ applied: [], repeatables: [], seeds: [] });
  expect(await sql(READ)).toEqual([["beforeMigrate a, beforeMigrate b, afterVersioned, beforeRepeatables, afterMigrate"]]);

  await sql("truncate log");
  write({ "R__view.sql": `create or replace view v as select 2 as x; ${LOG} ('R');` });
  expect(await up()).toMatchObject({ repeatables: ["R__view.sql"] });
  expect(await sql("select x from v")).toEqual([["2"]]);
  expect(await sql(READ)).toEqual([[`beforeMigrate a, beforeMigrate b, afterVersioned, beforeRepeatables, ${each("R, ")}, afterMigrateApplied, afterMigrate`]]);
});

test("a callback that fails takes its migration with it and is named; the error callback runs", async () => {
  const { failure, sql } = await bench({ ...files, "afterEachMigrate__2.sql": "select 1 / (select count(*) - 7 from log)::int;" });
  expect((await failure()).message).toMatch(/^db\/migrations\/afterEachMigrate__2\.sql:1:1: division by zero \(22012\)/);
  expect(await sql("select version from schema_migrations order by 1")).toEqual([["1"]]);
  expect(await sql("select what from log order by id desc limit 1")).toEqual([["afterMigrateError"]]);
});

test("a database Flyway has migrated is adopted", async () => {
  const { up, sql } = await bench({ "V1__a.sql": "create table a (id int);", "V1.1__b.sql": "create table b (id int);", "V2__c.sql": "create table c (id int);" });
  await sql(`create table flyway_schema_history (installed_rank int primary key, version varchar(50), description text, type varchar(20), success boolean);
    insert into flyway_schema_history values (1, '1', 'a', 'SQL', true), (2, '1.1', 'b', 'SQL', true), (3, null, 'r', 'SQL', true);
    create table a (id int); create table b (id int);`);
  expect(await up()).toMatchObject({ adopted: ["V1__a.sql", "V1.1__b.sql"], applied: ["V2__c.sql"] });
});
