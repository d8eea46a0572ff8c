import { Client } from "pg";
import { cloneSchema } from "../../provider/postgres/clone";
import { dumpSchema } from "../../provider/postgres/dump";
import { standInsFor, withStandIns } from "../../provider/postgres/stand-ins";
import { query, testServer } from "./server";

jest.setTimeout(60_000);

const SCHEMA = `create schema ext; create extension vector schema ext; comment on extension vector is 'It''s; odd';
create table items (id int primary key, place ext.vector(3), near double precision generated always as (ext.vector_norm(place)) stored);
create function nearest(ext.vector) returns setof items language sql as 'select * from items order by 1';
create view norms as select id, ext.vector_norm(place) as norm, ext.vector_dims(place), place::ext.vector(2) as short from items;
create index items_norm on items (ext.vector_norm(place));`;

test("what an extension gives has stand-ins: tables and views over it can be made, and queries of its functions planned", async () => {
  const pg = testServer();
  const source = await pg.createDatabase();
  const bare = await pg.createDatabase();
  await query(source.adminUrl, SCHEMA);
  const client = new Client({ connectionString: source.adminUrl });
  await client.connect();
  const standIns = await standInsFor(client, ["vector"]);
  await client.end();
  const dump = withStandIns(await dumpSchema({ url: source.adminUrl, bin: pg.bin }), standIns);
  expect(dump).not.toMatch(/(?:CREATE|ON) EXTENSION/);
  await query(bare.adminUrl, dump);
  expect(await query(bare.adminUrl, "select count(*) from pg_extension where extname = 'vector'")).toEqual([["0"]]);
  await query(bare.adminUrl, "explain select norm from public.norms; explain select ext.l2_distance(place, place), ext.vector_norm(place) from public.items");
  await source.drop();
  await bare.drop();
});

test("an extension that the server has is made as it is; records, search path and schema are copied", async () => {
  const pg = testServer();
  const source = await pg.createDatabase();
  const target = await pg.createDatabase();
  await query(source.adminUrl, `${SCHEMA} create table public.schema_migrations (version varchar primary key); insert into public.schema_migrations values ('001'), ('002'); alter database ${source.name} set search_path = ext, public;`);
  expect(await cloneSchema({ source: source.adminUrl, target: target.adminUrl, bin: pg.bin, scripts: [] })).toMatchObject({ missing: [], standIns: [], roles: [] });
  expect(await query(target.adminUrl, "select version from public.schema_migrations order by 1")).toEqual([["001"], ["002"]]);
  expect(await query(target.adminUrl, "show search_path")).toEqual([["ext, public"]]);
  expect(await dumpSchema({ url: target.adminUrl, bin: pg.bin })).toBe(await dumpSchema({ url: source.adminUrl, bin: pg.bin }));
  await source.drop();
  await target.drop();
});

test("what a user of less rights cannot make is told, and the rest is there", async () => {
  const pg = testServer();
  const source = await pg.createDatabase();
  const target = await pg.createDatabase();
  await query(source.adminUrl, `${SCHEMA} create table plain (id int)`);
  const { missing } = await cloneSchema({ source: source.adminUrl, target: target.url, bin: pg.bin, scripts: [] });
  expect(missing[0]).toMatch(/^CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA ext;?: permission denied to create extension "vector" \(42501\)$/);
  expect(missing.some((line) => line.startsWith("CREATE TABLE public.items ("))).toBe(true);
  expect(await query(target.adminUrl, "select to_regclass('public.plain')")).toEqual([["plain"]]);
  await source.drop();
  await target.drop();
});
