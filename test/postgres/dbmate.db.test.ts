import { dbmate as runDbmate } from "../helpers/dbmate";
import { dbmate } from "./folder";
import { bench, type Bench } from "./server";

jest.setTimeout(60_000);

const run = (on: Bench, ...args: readonly string[]): Promise<string> => runDbmate(on.root, on.url, ...args);

const files = {
  "20260101000000_a.sql": dbmate("create table a (id int);"),
  "20260102000000_b.sql": dbmate("create index concurrently a_id on a (id);", "transaction:false"),
  "20260103000000_c.sql": dbmate("insert into a values (1);").replace("select 1;", "delete from a;"),
};
const TABLE = "select version from public.schema_migrations order by 1";
const SHAPE = "select column_name, data_type, is_nullable, column_default from information_schema.columns where table_name = 'schema_migrations'";

test("ours, then dbmate: it sees everything applied and adds its own", async () => {
  const one = await bench(files);
  await one.up();
  expect(await run(one, "status")).toContain("[X] 20260101000000_a.sql\n[X] 20260102000000_b.sql\n[X] 20260103000000_c.sql\n\nApplied: 3\nPending: 0");
  one.write({ "20260104000000_d.sql": dbmate("create table d (id int);") });
  expect(await run(one, "up")).toContain("Applied: 20260104000000_d.sql");
  expect(await one.up()).toMatchObject({ applied: [], adopted: ["20260104000000_d.sql"], drift: [] });
  expect(await one.up()).toMatchObject({ applied: [], adopted: [] });
});

test("dbmate, then ours: adopted with their checksums, not run again; and edits are found from then on", async () => {
  const one = await bench(files);
  await run(one, "up");
  one.write({ "20260104000000_d.sql": dbmate("create table d (id int);") });
  expect(await one.up()).toMatchObject({ adopted: Object.keys(files), applied: ["20260104000000_d.sql"], version: "20260104000000" });
  expect(one.logged).toContain("adopted 20260101000000_a.sql: it was applied before, not by this tool; its present checksum is recorded");
  expect(await one.sql("select name, adopted from hybrid_migrations where kind = 'version' order by 1")).toEqual([["20260101000000", "true"], ["20260102000000", "true"], ["20260103000000", "true"], ["20260104000000", "false"]]);
  one.write({ "20260101000000_a.sql": dbmate("create table other (id int);") });
  expect((await one.failure()).message).toContain("db/migrations/20260101000000_a.sql: was edited after it was applied");
});

test("both write the same table", async () => {
  const ours = await bench(files);
  const theirs = await bench(files);
  await ours.up();
  await run(theirs, "up");
  expect(await ours.sql(TABLE)).toEqual(await theirs.sql(TABLE));
  expect(await ours.sql(SHAPE)).toEqual(await theirs.sql(SHAPE));
});

test("after dbmate's rollback the version is pending again", async () => {
  const one = await bench(files);
  await one.up();
  await run(one, "down");
  expect((await one.status()).plan.pending.map((migration) => migration.name)).toEqual(["20260103000000_c.sql"]);
  expect(await one.up()).toMatchObject({ applied: ["20260103000000_c.sql"] });
});
