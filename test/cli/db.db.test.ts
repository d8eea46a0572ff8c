/** `hybrid db` as people run it: in a repository, against a real PostgreSQL. */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { dbmate } from "../helpers/dbmate";
import { Project, type HybridResult } from "../helpers/project";
import { postgres, type TestDatabase, type TestPostgres } from "../helpers/runtime";

jest.setTimeout(120_000);

const POLICY = {
  db: { mode: "migrations_and_seed", migrations_dir: "db/migrations" },
  apply: { dev: { mode: "overwrite_git_wins" }, prod: { mode: "strict_fail_on_drift" } },
};
const ORDERS = "-- migrate:up\ncreate table orders (id bigint primary key, region text);\n-- migrate:down\ndrop table orders;\n";

let pg: TestPostgres;
beforeAll(async () => {
  pg = await postgres();
});

interface Repository {
  readonly project: Project;
  readonly warehouse: TestDatabase;
  db(...args: readonly string[]): Promise<HybridResult>;
  /** Runs SQL as the warehouse's owner. */
  sql(text: string): Promise<string>;
}

/** A repository with an empty warehouse. */
async function repository(files: Readonly<Record<string, string>>): Promise<Repository> {
  const warehouse = await pg.createDatabase();
  const project = new Project({ stacks: { dev: {}, prod: {} }, policy: POLICY });
  for (const [path, text] of Object.entries(files)) {
    project.write(path, text);
  }
  const env = { DATABASE_URL: warehouse.url, PATH: `${pg.bin}:${process.env["PATH"] ?? ""}` };
  return { project, warehouse, db: (...args) => project.hybrid(["db", ...args], { env }), sql: (text) => pg.sql(warehouse.name, `set role warehouse_owner;\n${text}`) };
}

const json = (result: HybridResult): unknown => JSON.parse(result.stdout);

describe("sync and status", () => {
  test("what ran, in the order it ran; then nothing", async () => {
    const { db, project } = await repository({ "db/migrations/001_orders.sql": ORDERS, "db/seed/010_orders.sql": "insert into orders values (1, 'North') on conflict do nothing;" });
    expect(await db("status")).toMatchObject({ code: 0, stdout: "[ ] 001_orders.sql\n\nApplied: 0\nPending: 1\nSeeds, changed: 010_orders.sql\n" });
    expect((await db("status", "--check")).code).toBe(2);
    expect(await db("sync")).toMatchObject({ code: 0, stdout: "DB_OK\n  applied 001_orders.sql\n  seeded 010_orders.sql\n  version 001\n", stderr: "applied 001_orders.sql\nseeded 010_orders.sql\n" });
    expect(await db("sync")).toMatchObject({ code: 0, stdout: "DB_OK\n  nothing to run\n  version 001\n", stderr: "" });
    expect(await db("status", "--check")).toMatchObject({ code: 0, stdout: "[X] 001_orders.sql\n\nApplied: 1\nPending: 0\n" });
    project.write("db/migrations/002_more.sql", "-- migrate:up\ncreate table more (id int);\n");
    expect(json(await db("sync", "--json"))).toEqual({ environment: "dev", ok: true, version: "002", applied: ["002_more.sql"], adopted: [], repeatables: [], seeds: [], drift: [], schema: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
  });

  test("edited and missing files are shown, and a sync refuses them", async () => {
    const { db, project } = await repository({ "db/migrations/001_orders.sql": ORDERS, "db/migrations/002_more.sql": "-- migrate:up\ncreate table more (id int);\n" });
    await db("sync");
    project.write("db/migrations/001_orders.sql", ORDERS.replace("region", "area"));
    project.remove("db/migrations/002_more.sql");
    const status = await db("status");
    expect(status.stdout).toContain("[X] 001_orders.sql  edited after it was applied\n[?] 002_more.sql  applied, and there is no file for it\n\nApplied: 1\nPending: 0\nMissing: 1\n");
    expect(status.stdout).toContain("db/migrations/001_orders.sql: was edited after it was applied (applied checksum ");
    expect(json(await db("status", "--json"))).toMatchObject({ migrations: [{ version: "001", state: "edited" }, { version: "002", state: "missing", name: "002_more.sql" }] });
    expect((await db("status", "--check")).code).toBe(2);
    expect(await db("sync")).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("2 problems in the migrations; nothing was run") as string });
  });

  test("a strict environment does not migrate over a change by hand; another says it and goes on", async () => {
    const { db, project, sql } = await repository({ "db/migrations/001_orders.sql": ORDERS });
    await db("sync");
    await sql("alter table orders add note text");
    project.write("db/migrations/002_more.sql", "-- migrate:up\ncreate table more (id int);\n");
    expect(await db("sync", "--env", "prod")).toMatchObject({ code: 3, stdout: "", stderr: expect.stringContaining("  table public.orders: column note added (text)\nNothing was run.") as string });
    expect(await db("sync", "--env", "dev")).toMatchObject({ code: 0, stdout: "DB_OK\n  applied 002_more.sql\n  version 002\n", stderr: expect.stringContaining("'hybrid db drift --env dev' says what:\n  table public.orders: column note added (text)\n") as string });
  });

  test("a policy without migrations: done, and says why nothing ran", async () => {
    const { db, project } = await repository({ "db/migrations/001_orders.sql": ORDERS });
    project.write("policy.yaml", "apply: {dev: {mode: overwrite_git_wins}}\n");
    expect(await db("sync")).toMatchObject({ code: 0, stdout: "DB_OK\n  policy.yaml has no 'db', so that nothing is migrated\n" });
  });

  test("a failing statement ends with 1 and names file and line", async () => {
    const { db } = await repository({ "db/migrations/001_orders.sql": "-- migrate:up\ncreate table orders (id int);\nselect 1 / 0;\n" });
    expect(await db("sync")).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/^db\/migrations\/001_orders\.sql:3:1: division by zero/) as string });
  });
});

describe("dbmate on the same folder and database", () => {
  const files = {
    "db/migrations/20260101000000_a.sql": "-- migrate:up\ncreate table a (id int);\n-- migrate:down\ndrop table a;\n",
    "db/migrations/20260102000000_b.sql": "-- migrate:up transaction:false\ncreate index concurrently a_id on a (id);\n-- migrate:down transaction:false\ndrop index concurrently a_id;\n",
    "db/migrations/20260103000000_c.sql": "-- migrate:up\ncreate table c (id int);\n-- migrate:down\ndrop table c;\n",
  };

  test("its status and ours are the same text at every step, whoever took it", async () => {
    const { db, project, warehouse } = await repository(files);
    const theirs = (...args: readonly string[]): Promise<string> => dbmate(project.root, warehouse.url, ...args);
    const agree = async (...applied: readonly boolean[]): Promise<void> => {
      const ours = (await db("status")).stdout;
      expect(ours).toBe(await theirs("status"));
      expect(ours.split("\n").slice(0, applied.length).map((line) => line.startsWith("[X]"))).toEqual(applied);
    };
    await agree(false, false, false);
    await db("sync");
    await agree(true, true, true);
    expect(await db("rollback", "--yes", "--steps", "2")).toMatchObject({ code: 0, stdout: "rolled back 20260103000000_c.sql\nrolled back 20260102000000_b.sql\nversion 20260101000000; 'hybrid db sync' applies again what the folder has\n" });
    await agree(true, false, false);
    await theirs("up");
    await agree(true, true, true);
    await theirs("rollback");
    await agree(true, true, false);
    expect((await db("sync")).stdout).toContain("applied 20260103000000_c.sql");
    await theirs("rollback");
    await db("rollback", "--yes");
    await agree(true, false, false);
    expect((await db("drift")).stdout).toBe("NO_DB_DRIFT\n");
    // What `new` writes is dbmate's own format.
    const path = (await db("new", "the", "next", "one")).stdout.trim();
    project.write(path, project.read(path).replace("-- migrate:up\n", "-- migrate:up\ncreate table d (id int);\n").replace("-- migrate:down\n", "-- migrate:down\ndrop table d;\n"));
    await theirs("up");
    await agree(true, true, true, true);
    await db("rollback", "--yes");
    await agree(true, true, true, false);
  });
});

describe("rollback asks", () => {
  test("without a terminal it wants --yes, in a strict environment always", async () => {
    const { db } = await repository({ "db/migrations/001_orders.sql": ORDERS });
    await db("sync");
    expect(await db("rollback")).toMatchObject({ code: 1, stdout: "", stderr: "001_orders.sql would be rolled back, with all data they made, and there is no terminal to ask at. Nothing was run; add --yes\n" });
    expect(await db("rollback", "--env", "prod")).toMatchObject({ code: 3, stdout: "", stderr: "'prod' is strict_fail_on_drift: 001_orders.sql would be rolled back, with all data they made. Nothing was run; add --yes where that is meant\n" });
    expect(json(await db("rollback", "--env", "prod", "--yes", "--json"))).toEqual({ environment: "prod", undone: ["001_orders.sql"], version: null, drift: [] });
    expect(await db("rollback", "--yes")).toMatchObject({ code: 0, stdout: "nothing is applied, so that there is nothing to roll back\n" });
  });
});

describe("drift", () => {
  test("by object: columns, indexes, constraints, views and functions line by line; then accepted", async () => {
    const { db, sql } = await repository({ "db/migrations/001_orders.sql": `-- migrate:up
create table orders (id bigint primary key, region text, amount numeric);
create index orders_region on orders (region);
create view totals as select region, sum(amount) as total from orders where amount > 0 group by region;
create function twice(x int) returns int language plpgsql as $$
begin
  return x * 2;
end $$;
create table old (id int);
` });
    await db("sync");
    expect(await db("drift")).toMatchObject({ code: 0, stdout: "NO_DB_DRIFT\n", stderr: "" });
    await sql(`drop view totals;
alter table orders add note text default 'x', alter amount type bigint using 0, add constraint positive check (id > 0);
create view totals as select region, sum(amount) as total from orders where amount > 1 group by region;
drop index orders_region;
create or replace function twice(x int) returns int language plpgsql as $$
begin
  return x + x;
end $$;
drop table old;
create table extra (id int not null);`);
    const found = await db("drift");
    expect(found.code).toBe(2);
    expect(found.stdout).toBe(`DB_DRIFT_FOUND
  ~ function public.twice(x integer)
    ~ definition
         AS $function$
         begin
        -  return x * 2;
        +  return x + x;
         end $function$
  + table public.extra
    + column id: integer not null
  - table public.old
    - column id: integer
  ~ table public.orders
    ~ column amount: numeric → bigint
    + column note: text default 'x'::text
    + constraint positive: CHECK ((id > 0))
    - index orders_region: CREATE INDEX orders_region ON public.orders USING btree (region)
  ~ view public.totals
    ~ definition
             sum(amount) AS total
            FROM public.orders
        -  WHERE (amount > (0)::numeric)
        +  WHERE (amount > 1)
           GROUP BY region;
`);
    expect(json(await db("drift", "--json"))).toMatchObject({
      environment: "dev", recorded_at: expect.any(String) as string,
      drift: expect.arrayContaining(["table public.orders: column amount changed from numeric to bigint", "view public.totals: definition changed"]) as string[],
      objects: expect.arrayContaining([{ object: "table public.extra", change: "added", parts: [{ part: "column id", change: "added", after: "integer not null" }] }]) as unknown[],
    });
    expect((await db("drift", "--accept")).stdout).toContain("accepted\n  function public.twice(x integer): definition changed\n");
    expect(await db("drift")).toMatchObject({ code: 0, stdout: "NO_DB_DRIFT\n" });
  });

  test("a database no run has recorded says so", async () => {
    const { db } = await repository({ "db/migrations/001_orders.sql": ORDERS });
    expect(await db("drift")).toMatchObject({ code: 0, stdout: "NO_DB_DRIFT\n", stderr: "no run has recorded the schema of this database yet, so that there is nothing to compare with; 'hybrid db sync' or 'hybrid db baseline' records it\n" });
  });
});

describe("baseline", () => {
  const MORE = "-- migrate:up\ncreate table more (id int);\n";

  test("the versions the database has are recorded and not run; the rest is pending", async () => {
    const { db, sql } = await repository({ "db/migrations/001_orders.sql": ORDERS, "db/migrations/002_more.sql": MORE });
    await sql("create table orders (id bigint primary key, region text, by_hand int)");
    expect(await db("baseline", "--version", "007")).toMatchObject({ code: 1, stderr: "no migration of db/migrations has version '007'; it has 001, 002\n" });
    expect(await db("baseline", "--version", "001")).toMatchObject({ code: 0, stdout: "recorded 001_orders.sql, not run\nversion 001; the schema as it is now (1 object) is the recorded one\n" });
    expect((await db("drift")).stdout).toBe("NO_DB_DRIFT\n");
    expect((await db("sync")).stdout).toBe("DB_OK\n  applied 002_more.sql\n  version 002\n");
    expect((await db("baseline")).stdout).toContain("every migration was recorded before\n");
  });

  test("an empty database is not taken over", async () => {
    const { db } = await repository({ "db/migrations/001_orders.sql": ORDERS });
    const refused = await db("baseline");
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(/^the database at 127\.0\.0\.1:\d+\/test_\w+ is empty: there is nothing the migrations could have made\. Nothing was recorded; run them with 'hybrid db sync'\n$/);
    expect((await db("status")).stdout).toContain("Applied: 0\n");
  });

  test("--dump: the schema becomes the first migration, and makes the same schema elsewhere", async () => {
    const first = await repository({});
    await first.sql(`create schema sales; create type sales.mood as enum ('sad', 'ok');
create table sales.orders (id bigserial primary key, mood sales.mood not null default 'ok', amount numeric(12, 2) check (amount > 0), total numeric generated always as (amount * 2) stored);
create table lines (id int generated always as identity, order_id bigint references sales.orders on delete cascade);
create function touch() returns trigger language plpgsql as 'begin return new; end';
create trigger lines_touch before update on lines for each row execute function touch();
create materialized view daily as select mood, count(*) from sales.orders group by mood;`);
    const done = await first.db("baseline", "--dump", "What was there");
    expect(done).toMatchObject({ code: 0, stdout: expect.stringMatching(/^written db\/migrations\/\d{14}_what_was_there\.sql \(without owners and grants\)\nrecorded \d{14}_what_was_there\.sql, not run\nversion \d{14}; the schema as it is now \(7 objects\) is the recorded one\n$/) as string });
    expect((await first.db("status")).stdout).toMatch(/^\[X\] \d{14}_what_was_there\.sql\n\nApplied: 1\nPending: 0\n$/);
    const [, path = ""] = /^written (\S+)/.exec(done.stdout) ?? [];
    const second = await repository({ [path]: first.project.read(path) });
    expect((await second.db("sync")).code).toBe(0);
    for (const { db, project } of [first, second]) {
      expect(await db("drift")).toMatchObject({ stdout: "NO_DB_DRIFT\n" });
      await db("dump");
      expect(project.exists("db/schema_dump/schema.sql")).toBe(true);
    }
    expect(second.project.read("db/schema_dump/schema.sql")).toBe(first.project.read("db/schema_dump/schema.sql"));
    const third = await repository({ [path]: first.project.read(path) });
    expect(await dbmate(third.project.root, third.warehouse.url, "up")).toContain(`Applied: ${path.split("/").at(-1) ?? ""}`);
    expect((await third.db("sync")).stdout).toContain("adopted ");
    expect((await third.db("drift")).stdout).toBe("NO_DB_DRIFT\n");
    expect(await first.db("baseline", "--dump", "again")).toMatchObject({ code: 1, stderr: expect.stringContaining("and a dump is the first one; leave --dump out") as string });
  });

  test("--dump of an empty database leaves no file", async () => {
    const { db, project } = await repository({});
    expect((await db("baseline", "--dump", "initial")).code).toBe(1);
    expect((await db("status")).stdout).toContain("Applied: 0\n");
    expect(project.exists("db")).toBe(false);
  });
});

test("dump: writes the schema once, and --check tells when it is stale", async () => {
  const { db, project, sql } = await repository({ "db/migrations/001_orders.sql": ORDERS });
  await db("sync");
  expect((await db("dump", "--check")).code).toBe(2);
  expect(await db("dump")).toMatchObject({ code: 0, stdout: "written\n  db/schema_dump/schema.sql\n" });
  expect(project.read("db/schema_dump/schema.sql")).toContain("CREATE TABLE public.orders");
  expect(await db("dump")).toMatchObject({ code: 0, stdout: "db/schema_dump/schema.sql is as the warehouse\n" });
  expect(await db("dump", "--check")).toMatchObject({ code: 0, stdout: "NO_DB_DRIFT\n" });
  await sql("create table by_hand (id int)");
  expect(await db("dump", "--check")).toMatchObject({ code: 2, stdout: "DB_DRIFT_FOUND\n  db/schema_dump/schema.sql\n" });
});

test("lint: names file, line and rule", async () => {
  const { db } = await repository({ "db/migrations/001_orders.sql": ORDERS, "db/migrations/002_index.sql": "-- migrate:up\n\ncreate index orders_region on orders (region);\n" });
  const found = await db("lint");
  expect(found.code).toBe(2);
  expect(found.stdout).toMatch(/db\/migrations\/002_index\.sql:3:\d+: .*\(require-concurrent-index-creation\)/);
});

test("no database configured: says what to set", () => {
  const project = new Project({ stacks: { dev: {} } });
  const { status, stderr } = spawnSync(process.execPath, [resolve(__dirname, "../../bin/hybrid.js"), "db", "drift"], {
    cwd: project.root, env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "" }, encoding: "utf8",
  });
  expect(status).toBe(1);
  expect(stderr).toContain("no database to migrate: set warehouse:url in Pulumi.dev.yaml");
});
