/** `hybrid db` as people run it: in a repository, against a real PostgreSQL. */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { migrate } from "../../provider/postgres/runner";
import { Project } from "../helpers/project";
import { postgres, type TestDatabase, type TestPostgres } from "../helpers/runtime";

jest.setTimeout(120_000);

let pg: TestPostgres;
let warehouse: TestDatabase;
let project: Project;

beforeAll(async () => {
  pg = await postgres();
  warehouse = await pg.createDatabase();
  project = new Project({ stacks: { dev: {} }, policy: { db: { mode: "migrations", migrations_dir: "db/migrations" }, apply: { dev: { mode: "overwrite_git_wins" } } } });
  project.write("db/migrations/001_orders.sql", "-- migrate:up\ncreate table orders (id bigint primary key, region text);\n-- migrate:down\ndrop table orders;\n");
  await migrate({ root: project.root, directory: "db/migrations", url: warehouse.url });
});

function hybrid(...args: readonly string[]): { readonly code: number | null; readonly stdout: string; readonly stderr: string } {
  const env = { ...process.env, DATABASE_URL: warehouse.url, PATH: `${pg.bin}:${process.env["PATH"] ?? ""}` };
  const { status, stdout, stderr } = spawnSync(process.execPath, [resolve(__dirname, "../../bin/hybrid.js"), "db", ...args], { cwd: project.root, env, encoding: "utf8" });
  return { code: status, stdout, stderr };
}

test("drift: none, then a column made by hand, then accepted", async () => {
  expect(hybrid("drift")).toMatchObject({ code: 0, stdout: "NO_DB_DRIFT\n" });
  await pg.sql(warehouse.name, "alter table orders add column note text");
  const found = hybrid("drift");
  expect(found).toMatchObject({ code: 2, stdout: "DB_DRIFT_FOUND\n  table public.orders: column note added (text)\n" });
  expect(JSON.parse(hybrid("drift", "--json").stdout)).toEqual({ environment: "dev", drift: ["table public.orders: column note added (text)"] });
  expect(hybrid("drift", "--accept")).toMatchObject({ code: 0, stdout: "accepted\n  table public.orders: column note added (text)\n" });
  expect(hybrid("drift").code).toBe(0);
});

test("dump: writes the schema once, and --check tells when it is stale", async () => {
  expect(hybrid("dump", "--check").code).toBe(2);
  expect(hybrid("dump")).toMatchObject({ code: 0, stdout: "written\n  db/schema_dump/schema.sql\n" });
  expect(project.read("db/schema_dump/schema.sql")).toContain("CREATE TABLE public.orders");
  expect(hybrid("dump")).toMatchObject({ code: 0, stdout: "db/schema_dump/schema.sql is as the warehouse\n" });
  expect(hybrid("dump", "--check")).toMatchObject({ code: 0, stdout: "NO_DB_DRIFT\n" });
  await pg.sql(warehouse.name, "set role warehouse_owner; create table by_hand (id int)");
  expect(hybrid("dump", "--check").code).toBe(2);
});

test("lint: names file, line and rule", () => {
  project.write("db/migrations/002_index.sql", "-- migrate:up\n\ncreate index orders_region on orders (region);\n");
  const found = hybrid("lint");
  expect(found.code).toBe(2);
  expect(found.stdout).toMatch(/db\/migrations\/002_index\.sql:3:\d+: .*\(require-concurrent-index-creation\)/);
});

test("no database configured: says what to set", () => {
  const { status, stderr } = spawnSync(process.execPath, [resolve(__dirname, "../../bin/hybrid.js"), "db", "drift"], {
    cwd: project.root, env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "" }, encoding: "utf8",
  });
  expect(status).toBe(1);
  expect(stderr).toContain("no database to migrate: set warehouse:url in Pulumi.dev.yaml");
});
