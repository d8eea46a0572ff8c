/** `hybrid validate --db` against a real PostgreSQL: what pending migrations do to the bundle. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { syncWarehouse } from "../../control/db/sync";
import { openEnvironment, type ControlEnvironment } from "../../control/environment";
import { warehouseImpact, type ImpactOptions } from "../../control/impact";
import type { ImpactReport } from "../../control/impact/report";
import { impactText } from "../../control/impact/text";
import { silentProgress } from "../../local/progress";
import { isPostgresRunning } from "../../local/postgres";
import { Project, type HybridResult } from "../helpers/project";
import { postgres, runFolder, type TestDatabase, type TestPostgres } from "../helpers/runtime";

jest.setTimeout(120_000);

let pg: TestPostgres;
beforeAll(async () => {
  pg = await postgres();
  process.env["HYBRID_RUNTIME_DIR"] = runFolder();
});
afterAll(() => {
  delete process.env["HYBRID_RUNTIME_DIR"];
});

const ORDERS = `-- migrate:up
create schema shop;
create table shop.orders (id bigint primary key, sold_at timestamp not null, region text, amount numeric(12, 2), note text);
create view shop.by_region as select region, sum(amount) as amount from shop.orders group by region;
`;

const TEMPLATES = {
  "assets/datasets/orders.yaml": `table_name: orders
schema: shop
database: warehouse
main_dttm_col: sold_at
columns:
  - {column_name: sold_at, is_dttm: true}
  - {column_name: region}
  - {column_name: amount}
  - {column_name: area, expression: "upper(region)"}
metrics:
  - {metric_name: revenue, expression: SUM(amount)}
`,
  "assets/datasets/regions.yaml": `table_name: regions
schema: shop
database: warehouse
sql: |
  {% raw %}select region, amount from by_region -- the schema is the dataset's
  {% if filter_values('region') %}where region in {{ filter_values('region') | where_in }}{% endif %};{% endraw %}
columns:
  - {column_name: region}
metrics:
  - {metric_name: total, expression: SUM(amount)}
`.replaceAll("{% raw %}", "").replaceAll("{% endraw %}", ""),
  "assets/charts/by_region.yaml": "slice_name: Revenue by Region\nviz_type: pie\ndatasource: orders\nparams: {groupby: [region], metric: revenue}\n",
  "assets/charts/areas.yaml": "slice_name: Areas\nviz_type: pie\ndatasource: orders\nparams: {groupby: [area], metric: revenue}\n",
  "assets/charts/total.yaml": "slice_name: Total\nviz_type: big_number_total\ndatasource: orders\nparams: {metric: revenue, adhoc_filters: [{expressionType: SQL, clause: WHERE, sqlExpression: \"region <> 'X'\"}]}\n",
  "assets/charts/time.yaml": "slice_name: Over Time\nviz_type: echarts_timeseries_line\ndatasource: orders\nparams: {x_axis: sold_at, time_grain_sqla: P1M, metrics: [revenue]}\n",
  "assets/charts/regions.yaml": "slice_name: Regions\nviz_type: table\ndatasource: regions\nparams: {query_mode: aggregate, groupby: [region], metrics: [total]}\n",
  "assets/dashboards/sales.yaml": "dashboard_title: Sales\nslug: sales\nmetadata: {native_filter_configuration: [{name: Region, targets: [{dataset: orders, column: region}]}]}\nlayout:\n  - [Revenue by Region, Areas, Over Time]\n",
  "assets/dashboards/all.yaml": "dashboard_title: Everything\nslug: everything\nlayout:\n  - [Total, Regions]\n",
};

interface Repository {
  readonly project: Project;
  readonly warehouse: TestDatabase;
  /** `hybrid …` in a process of its own. */
  run(...args: readonly string[]): Promise<HybridResult>;
  /** What `hybrid validate --db` finds, in this process. */
  report(options?: Partial<ImpactOptions>): Promise<ImpactReport>;
  sync(): Promise<void>;
  sql(text: string): Promise<string>;
}

/** A repository whose warehouse has the first migration. */
async function repository(files: Readonly<Record<string, string>> = {}): Promise<Repository> {
  const warehouse = await pg.createDatabase();
  const project = new Project({ stacks: { dev: { "warehouse:url": warehouse.url } }, policy: { db: { mode: "migrations_and_seed" }, apply: { dev: { mode: "overwrite_git_wins" } } } });
  const database = `database_name: warehouse\nsqlalchemy_uri: postgresql+psycopg2://bi_reader@127.0.0.1:${pg.port}/${warehouse.name}\n`;
  Object.entries({ "assets/databases/warehouse.yaml": database, ...TEMPLATES, "db/migrations/001_orders.sql": ORDERS, ...files }).forEach(([path, text]) => project.write(path, text));
  const open = (): ControlEnvironment => openEnvironment(project.root, "dev", { log: () => undefined });
  return {
    project, warehouse,
    run: (...args) => project.hybrid(args),
    sync: async () => void (await syncWarehouse(open())),
    sql: (text) => pg.sql(warehouse.name, `set role warehouse_owner;\n${text}`),
    report: (options) => {
      const environment = open();
      return warehouseImpact(environment, { compiled: environment.compiled, progress: silentProgress, ...options });
    },
  };
}

const scratches = (): Promise<string> => pg.sql("postgres", "select count(*) from pg_database where datname like 'hybrid\\_scratch\\_%'");

test("nothing breaks: said with the number of checks, and no scratch database stays", async () => {
  const { sync, report, project } = await repository();
  await sync();
  expect(impactText(await report())).toBe("dev: 11 checks after 0 pending migrations");
  project.write("db/migrations/002_more.sql", "-- migrate:up\nalter table shop.orders add city text;\ndrop view shop.by_region;\ncreate view shop.by_region as select region, sum(amount) as amount, count(*) as n from shop.orders group by region;\n");
  expect(impactText(await report())).toBe("dev: 11 checks after 1 pending migration\n\nmigration 002_more.sql changes view shop.by_region: nothing in the bundle breaks");
  expect(await scratches()).toBe("0");
});

test("the chain: migration → column → dataset → column, metric → charts → dashboards; nothing was applied", async () => {
  const { sync, run, project, report } = await repository();
  await sync();
  project.write("db/migrations/006_city.sql", "-- migrate:up\nalter table shop.orders add city text;\n");
  project.write("db/migrations/007_region.sql", "-- migrate:up\ndrop view shop.by_region;\nalter table shop.orders drop column region;\n");
  const broken = await run("validate", "--db");
  expect(broken.code).toBe(1);
  expect(broken.stdout.slice(broken.stdout.indexOf("\n\n") + 2)).toBe(`dev: 11 checks after 2 pending migrations, 4 things broken by them

migration 007_region.sql drops column region of table shop.orders
  → dataset 'orders'
      assets/datasets/orders.yaml:7: column 'region': column "region" does not exist (42703)
      assets/datasets/orders.yaml:9: column 'area': column "region" does not exist (42703)
    → chart 'Areas': column 'area' → dashboard 'Sales'
    → chart 'Revenue by Region': column 'region' → dashboard 'Sales'
    → chart 'Total' → dashboard 'Everything'
        assets/charts/total.yaml:4: filter: column "region" does not exist (42703)
    → dashboard 'Sales': column 'region'
migration 007_region.sql drops view shop.by_region
  → dataset 'regions'
      assets/datasets/regions.yaml:4: query: relation "by_region" does not exist (42P01)
    → chart 'Regions' → dashboard 'Everything'
`);
  const json = await run("validate", "--db", "--json");
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, environment: "dev", problems: [], impact: { ok: false, impacts: [{
    name: "007_region.sql", file: "db/migrations/007_region.sql",
    changes: ["drops column region of table shop.orders", "drops view shop.by_region"],
    breaks: [
      { kind: "dataset", name: "orders", causes: ["drops column region of table shop.orders"], items: [{ label: "column 'region'", line: 7, code: "42703", severity: "error" }, { label: "column 'area'" }], reaches: [{ kind: "chart", name: "Areas", pages: [{ name: "Sales" }] }, { name: "Revenue by Region" }, { name: "Total" }, { kind: "dashboard", name: "Sales", pages: [{ name: "Sales" }] }] },
      { kind: "dataset", name: "regions", items: [{ label: "query", code: "42P01" }] },
    ],
  }] } });
  expect((await run("db", "status")).stdout).toContain("[X] 001_orders.sql\n[ ] 006_city.sql\n[ ] 007_region.sql\n");
  const markdown = (await run("validate", "--db", "--markdown")).stdout;
  expect(markdown).toMatch(/^### Impact on `dev`\n\n11 checks after 2 pending migrations, 4 things broken by them\.\n\n```\nmigration 007_region\.sql drops column region of table shop\.orders\n/);
  expect((await report()).ok).toBe(false);
});

test("types: an aggregate and a time axis that no longer fit, and a column that becomes ambiguous", async () => {
  const { sync, report, project } = await repository({
    "assets/datasets/joined.yaml": "table_name: joined\nschema: shop\ndatabase: warehouse\nsql: select region, city from orders join cities on true\ncolumns:\n  - {column_name: region}\n",
    "assets/charts/sum.yaml": "slice_name: Sum\nviz_type: big_number_total\ndatasource: orders\nparams: {metric: {expressionType: SIMPLE, aggregate: AVG, column: {column_name: amount}, label: Mean}}\n",
    "db/migrations/002_cities.sql": "-- migrate:up\ncreate table shop.cities (city text);\n",
  });
  await sync();
  project.write("db/migrations/003_types.sql", "-- migrate:up\ndrop view shop.by_region;\nalter table shop.orders alter amount type text, alter sold_at type text;\ncreate view shop.by_region as select region, 1 as amount from shop.orders;\n");
  project.write("db/migrations/004_ambiguous.sql", "-- migrate:up\nalter table shop.cities add region text;\n");
  expect(impactText(await report())).toBe(`dev: 14 checks after 2 pending migrations, 4 things broken by them

migration 003_types.sql changes column amount of table shop.orders from numeric(12,2) to text
migration 003_types.sql changes column sold_at of table shop.orders from timestamp without time zone not null to text not null
  → dataset 'orders'
      assets/datasets/orders.yaml:11: metric 'revenue': function sum(text) does not exist (42883)
    → chart 'Areas': metric 'revenue' → dashboard 'Sales'
    → chart 'Revenue by Region': metric 'revenue' → dashboard 'Sales'
    → chart 'Sum'
        assets/charts/sum.yaml:4: metric 'Mean': function avg(text) does not exist (42883)
    → chart 'Over Time': metric 'revenue' → dashboard 'Sales'
        assets/charts/time.yaml:4: time axis 'sold_at': function date_trunc(unknown, text) does not exist (42883)
    → chart 'Total': metric 'revenue' → dashboard 'Everything'
migration 003_types.sql changes view shop.by_region: nothing in the bundle breaks

migration 004_ambiguous.sql adds column region of table shop.cities
  → dataset 'joined'
      assets/datasets/joined.yaml:4: query: column reference "region" is ambiguous (42702)`);
});

test("a later migration that makes it good again breaks nothing; what works only afterwards is repaired", async () => {
  const { sync, project, report } = await repository();
  await sync();
  project.write("db/migrations/002_drop.sql", "-- migrate:up\ndrop view shop.by_region;\nalter table shop.orders rename region to area_name;\n");
  project.write("db/migrations/003_back.sql", "-- migrate:up\nalter table shop.orders rename area_name to region;\ncreate view shop.by_region as select region, amount from shop.orders;\nalter table shop.orders add city text;\n");
  project.write("assets/charts/cities.yaml", "slice_name: Cities\nviz_type: pie\ndatasource: orders\nparams: {groupby: [city], metric: revenue}\n");
  project.write("assets/datasets/orders.yaml", TEMPLATES["assets/datasets/orders.yaml"].replace("columns:\n", "columns:\n  - {column_name: city}\n"));
  expect(await report()).toMatchObject({ ok: true, wrong: [], before: [], repaired: [{ label: "column 'city'", kind: "dataset" }] });
});

test("what is wrong without any migration is told apart, and stops as long as no apply has written it", async () => {
  const { sync, project, report } = await repository();
  await sync();
  project.write("assets/datasets/orders.yaml", TEMPLATES["assets/datasets/orders.yaml"].replace("SUM(amount)", "SUM(amonut)"));
  project.write("db/migrations/002_note.sql", "-- migrate:up\nalter table shop.orders drop column note;\n");
  const found = await report();
  expect(found).toMatchObject({ ok: false, before: [], impacts: [{ name: "002_note.sql", breaks: [] }], wrong: [{ name: "orders", items: [{ label: "metric 'revenue'", message: 'column "amonut" does not exist' }] }] });
  expect(impactText(found)).toContain("\nwrong in the bundle, before and after the migrations:\n  → dataset 'orders'\n      assets/datasets/orders.yaml:11: metric 'revenue': column \"amonut\" does not exist (42703)\n    → chart 'Areas': metric 'revenue' → dashboard 'Sales'\n");
});

test("Superset's Jinja: both situations, and what cannot be rendered is said", async () => {
  const sql = (text: string): string => `table_name: j\nschema: shop\ndatabase: warehouse\nsql: |\n  ${text}\ncolumns:\n  - {column_name: region}\n`;
  const { sync, project, report } = await repository({ "assets/datasets/j.yaml": sql("select region from orders where sold_at > '{{ from_dttm }}' and region = '{{ current_username() }}'") });
  await sync();
  expect(await report()).toMatchObject({ ok: true, unchecked: [], before: [] });
  project.write("assets/datasets/j.yaml", sql("select region from orders {% if filter_values('x') %}where no_such = 1{% endif %}"));
  expect((await report()).wrong).toMatchObject([{ items: [{ label: "query", message: 'column "no_such" does not exist', severity: "error" }] }]);
  project.write("assets/datasets/j.yaml", sql("select region from orders where region in {{ filter_values('region') | where_in }}"));
  const warned = await report();
  expect(warned).toMatchObject({ ok: true, before: [{ items: [{ label: "query", severity: "warning" }] }] });
  expect(warned.before[0]?.items).toHaveLength(1);
  expect(impactText(warned)).toContain('warning: query: syntax error at or near ")" (42601); it works as soon as a filter is set');
  project.write("assets/datasets/j.yaml", sql("select region from orders where {{ our_macro() }}"));
  expect((await report()).unchecked).toEqual([{ kind: "dataset", name: "j", uuid: expect.any(String) as string, source: "assets/datasets/j.yaml", file: "assets/datasets/j.yaml", line: 4, column: expect.any(Number) as number, label: "query", reason: "its Jinja cannot be rendered without Superset: our_macro(): Superset itself has no such name; it may come from JINJA_CONTEXT_ADDONS of its configuration; so what is built on it is not checked either" }]);
});

test("a statement behind a semicolon is refused, not run", async () => {
  const { sync, report, sql } = await repository({ "assets/datasets/evil.yaml": "table_name: evil\nschema: shop\ndatabase: warehouse\nsql: \"select 1) x; drop table shop.orders; select (1\"\n" });
  await sync();
  expect((await report()).wrong).toMatchObject([{ name: "evil", items: [{ message: "cannot insert multiple commands into a prepared statement" }] }]);
  expect(await sql("select count(*) from shop.orders")).toBe("0");
});

test("other databases are not checked, and it is said", async () => {
  const { sync, report } = await repository({
    "assets/databases/other.yaml": "database_name: other\nsqlalchemy_uri: mysql://u@h/x\n",
    "assets/databases/second.yaml": "database_name: second\nsqlalchemy_uri: postgresql://u@elsewhere:6543/second\n",
    "assets/datasets/a.yaml": "table_name: a\ndatabase: other\n",
    "assets/datasets/b.yaml": "table_name: b\ndatabase: second\n",
  });
  await sync();
  const { ok, unchecked } = await report();
  expect(ok).toBe(true);
  expect(unchecked.map(({ label, reason }) => `${label}: ${reason}`)).toEqual([
    "all of it, and what uses it: its database 'other' is not the warehouse: it is no PostgreSQL but mysql",
    expect.stringMatching(/^all of it, and what uses it: its database 'second' is not the warehouse: it is elsewhere:6543\/second, and the migrations are for 127\.0\.0\.1:\d+\/test_\w+$/),
  ]);
});

test("a migration that does not get through is named; the checks before it stand", async () => {
  const { sync, project, report } = await repository();
  await sync();
  project.write("db/migrations/002_note.sql", "-- migrate:up\nalter table shop.orders drop column note;\n");
  project.write("db/migrations/003_bad.sql", "-- migrate:up\nalter table shop.nowhere add x int;\n");
  const found = await report();
  expect(found.ok).toBe(false);
  expect(found.failed).toMatch(/^db\/migrations\/003_bad\.sql:2:1: relation "shop\.nowhere" does not exist \(42P01\)/);
  expect(found.impacts.map(({ name }) => name)).toEqual(["002_note.sql"]);
  project.write("db/migrations/003_bad.sql", "-- migrate:up\ncreate extension no_such_extension;\n");
  expect((await report()).failed).toContain("\nThe scratch server has not all extensions: name one that has, with --scratch-url");
  expect(await scratches()).toBe("0");
});

test("search paths: a dataset without a schema is looked up as its user's sessions do", async () => {
  const qualified = Object.fromEntries(Object.entries(TEMPLATES).map(([path, text]) => [path, text.replace("datasource: orders", "datasource: shop.orders").replace("dataset: orders", "dataset: shop.orders")]));
  const { sync, report, warehouse } = await repository({ ...qualified, "assets/datasets/free.yaml": "table_name: orders\ndatabase: warehouse\ncolumns:\n  - {column_name: region}\n" });
  await sync();
  expect((await report()).wrong).toMatchObject([{ name: "orders", items: [{ label: "table orders", message: 'relation "orders" does not exist' }] }]);
  await pg.sql("postgres", `alter role bi_reader in database ${warehouse.name} set search_path = shop`);
  expect(await report()).toMatchObject({ ok: true, wrong: [] });
});

test("another server: started for the time, with the target's roles, and nothing of it stays", async () => {
  await pg.sql("postgres", "create role analyst_of_target nologin");
  const { sync, report, sql, project } = await repository();
  await sync();
  await sql("create policy seen on shop.orders for select to analyst_of_target using (true); alter table shop.orders enable row level security");
  project.write("db/migrations/002_grant.sql", "-- migrate:up\ngrant select on shop.orders to analyst_of_target;\n");
  const runtime = join(runFolder(), "second");
  mkdirSync(runtime, { mode: 0o711 });
  process.env["HYBRID_RUNTIME_DIR"] = runtime;
  try {
    expect(await report()).toMatchObject({ ok: true, notes: [], checked: 11 });
  } finally {
    process.env["HYBRID_RUNTIME_DIR"] = runFolder();
  }
  expect(existsSync(join(runtime, "_postgres", "server.json"))).toBe(true);
  expect(isPostgresRunning(runtime)).toBe(false);
});

test("a copy that is not quite the target: what fails in it is not called broken, and the rest is checked", async () => {
  const { sync, report, sql, warehouse, project } = await repository({
    "assets/datasets/items.yaml": "table_name: items\nschema: shop\ndatabase: warehouse\ncolumns:\n  - {column_name: id}\n",
    "assets/charts/items.yaml": "slice_name: Items\nviz_type: big_number_total\ndatasource: items\nparams: {metric: {expressionType: SQL, sqlExpression: count(id), label: Items}}\n",
  });
  await sync();
  await pg.sql(warehouse.name, "create extension vector");
  await sql("create table shop.items (id int, place vector)");
  project.write("db/migrations/002_region.sql", "-- migrate:up\nalter table shop.orders drop column region cascade;\n");
  // May make databases, and no extension.
  const found = await report({ scratchUrl: `postgresql://${pg.owner.username}:${pg.owner.password}@127.0.0.1:${pg.port}/postgres` });
  expect(found).toMatchObject({ ok: false, wrong: [], before: [], impacts: [{ breaks: [{ name: "orders" }, { name: "regions" }] }] });
  expect(found.notes[0]).toMatch(/^the scratch database lacks what the target has: CREATE EXTENSION IF NOT EXISTS vector .*permission denied/);
  expect(found.unchecked).toMatchObject([{ name: "items", label: "table shop.items", reason: 'it fails in the scratch database, which is not quite the target: relation "shop.items" does not exist (42P01)' }]);
  expect(await report()).toMatchObject({ notes: [], unchecked: [] });
});

test("--since: the migrations of a commit stand for the warehouse, which is not asked", async () => {
  const { project } = await repository();
  project.write("Pulumi.dev.yaml", "config: {}\n");
  const git = (...args: readonly string[]): string => execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main", ...args], { cwd: project.root, encoding: "utf8" });
  project.write(".gitignore", "node_modules\n");
  git("init", "-q");
  git("add", "-A");
  git("commit", "-q", "-m", "before");
  project.write("db/migrations/002_region.sql", "-- migrate:up\nalter table shop.orders drop column region cascade;\n");
  const run = (...args: readonly string[]): Promise<HybridResult> => project.hybrid(["validate", "--db", "--since", ...args], { env: { DATABASE_URL: "" } });
  const { code, stdout } = await run("HEAD");
  expect(code).toBe(1);
  expect(stdout).toContain("migration 002_region.sql drops column region of table shop.orders\n  → dataset 'orders'\n");
  expect(stdout).toContain("migration 002_region.sql drops view shop.by_region\n  → dataset 'regions'\n");
  // An old mistake of an asset that the change does not touch is told, and does not stop it.
  project.remove("db/migrations/002_region.sql");
  project.write("assets/datasets/orders.yaml", TEMPLATES["assets/datasets/orders.yaml"].replace("SUM(amount)", "SUM(amonut)"));
  expect((await run("HEAD")).code).toBe(1);
  git("commit", "-q", "-a", "-m", "a mistake");
  const old = await run("HEAD");
  expect(old.code).toBe(0);
  expect(old.stdout).toContain("\nbroken before, in assets that have not changed:\n  → dataset 'orders'\n");
  expect(await run("no-such-commit")).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("--since no-such-commit: this repository has no such commit; name another one, or fetch it first") as string });
});

test("two at once do not meet", async () => {
  const { sync, report } = await repository();
  await sync();
  expect((await Promise.all([report(), report()])).map(({ ok }) => ok)).toEqual([true, true]);
  expect(await scratches()).toBe("0");
});

test("what a killed run has left is removed; what was just made stays", async () => {
  const { sync, report } = await repository();
  await sync();
  await pg.sql("postgres", "create database hybrid_scratch_20200101000000_0000dead");
  await pg.sql("postgres", "create database hybrid_scratch_29990101000000_0000dead");
  await report();
  expect(await pg.sql("postgres", "select datname from pg_database where datname like 'hybrid\\_scratch\\_%'")).toBe("hybrid_scratch_29990101000000_0000dead");
  await pg.sql("postgres", "drop database hybrid_scratch_29990101000000_0000dead");
});

test("Ctrl-C: the migration under way is cancelled, and no scratch database stays", async () => {
  const { sync, report, project } = await repository();
  await sync();
  project.write("db/migrations/002_slow.sql", "-- migrate:up\nselect pg_sleep(61.5);\n");
  const abort = new AbortController();
  const running = report({ signal: abort.signal });
  for (let found = ""; found !== "1"; ) found = await pg.sql("postgres", "select count(*) from pg_stat_activity where query like '%pg_sleep(61.5)%' and state = 'active' and pid <> pg_backend_pid()");
  abort.abort();
  await expect(running).rejects.toThrow("db/migrations/002_slow.sql: cancelled while it was running.");
  expect(await scratches()).toBe("0");
});

test("Ctrl-C while the schema is read", async () => {
  const { sync, report } = await repository();
  await sync();
  await expect(report({ signal: AbortSignal.abort() })).rejects.toThrow(/^cancelled while the schema of 127\.0\.0\.1:\d+\/test_\w+ was read; nothing was changed$/);
  expect(await scratches()).toBe("0");
});

test("bad input", async () => {
  const { sync, run, report, project } = await repository();
  expect(await run("validate", "--markdown")).toMatchObject({ code: 1, stdout: "", stderr: "--since, --scratch-url and --markdown are about the warehouse; add --db\n" });
  await sync();
  const reader = `postgresql://${pg.reader.username}:${pg.reader.password}@127.0.0.1:${pg.port}/postgres`;
  const refused = await report({ scratchUrl: reader }).then(() => "it ran", (error: Error) => error.message);
  expect(refused).toBe(`no scratch database can be made at 127.0.0.1:${pg.port}/postgres: permission denied to create database; give its user the right to create databases`);
  const away = await report({ scratchUrl: "postgresql://somebody:secret-word@127.0.0.1:9/postgres" }).then(() => "it ran", (error: Error) => error.message);
  expect(away).toBe("PostgreSQL at 127.0.0.1:9/postgres cannot be reached: connect ECONNREFUSED 127.0.0.1:9; check that the server runs and --scratch-url (or HYBRID_SCRATCH_URL) names it");
  expect(await report({ scratchUrl: "nonsense" }).then(() => "it ran", (error: Error) => error.message)).toMatch(/^--scratch-url \(or HYBRID_SCRATCH_URL\) is no PostgreSQL URL; /);
  expect(await report({ scratchUrl: pg.url })).toMatchObject({ ok: true });
  project.write("policy.yaml", "apply: {dev: {mode: overwrite_git_wins}}\n");
  project.write("db/migrations/002_gone.sql", "-- migrate:up\ndrop table shop.orders cascade;\n");
  expect(await report()).toMatchObject({ ok: true, migrations: 0 });
});
