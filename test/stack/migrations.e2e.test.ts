/** Migrations as a part of `pulumi up`: before the assets, as a whole or not at all, and honest about files and databases that were changed. */
import { chartNamed, chartParam, COMPLETE, counts, failed, faultySetup, plain, type FaultySetup } from "./faulty";
import { succeeded } from "./outcome";
import { TEMPLATES } from "./small";

jest.setTimeout(300_000);

const NOTES = "create table notes (id bigint primary key, note text not null);\n";
const TURNOVER = "assets/charts/turnover.yaml.j2";
let at: FaultySetup;

beforeAll(async () => {
  at = await faultySetup({
    policy: { apply: { dev: { mode: "overwrite_git_wins", drift_gate: "warn" } }, db: { mode: "migrations_and_seed", migrations_dir: "db/migrations", seed_dir: "db/seed" } },
  });
  at.project.write("db/migrations/001_notes.sql", NOTES);
  at.project.write("db/seed/notes.sql", "insert into notes values (1, 'first') on conflict do nothing;\n");
});

afterAll(() => at.proxy.close());
afterEach(() => at.proxy.reset());

const sql = async (text: string): Promise<string> => (await at.server.postgres.sql(at.warehouse.name, text)).trim();
const tables = (): Promise<string> => sql("select string_agg(relname, ',' order by relname) from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and relname in ('notes', 'half', 'visits')");
const versions = (): Promise<string> => sql("select string_agg(version, ',' order by version) from public.schema_migrations");
const setRowLimit = (limit: number): void => at.project.write(TURNOVER, (TEMPLATES[TURNOVER] ?? "").replace("1000", String(limit)));

async function liveRowLimit(): Promise<unknown> {
  const live = await at.ui.exportAssets();
  return chartParam(live, chartNamed(live, "Turnover (dev)"), "row_limit");
}

test("a Superset that is too old stops the run before the first migration", async () => {
  at.proxy.answer("GET /static/version_info.json", Infinity, { status: 200, headers: { "content-type": "application/json" }, body: '{"version": "5.0.0"}' });
  expect(failed(await at.project.up("dev"))).toContain("is version 5.0.0; version 6.1.0 or newer is needed.");
  expect(await tables()).toBe("");
});

test("a migration with a syntax error is refused by preview, with its place", async () => {
  at.project.write("db/migrations/002_visits.sql", "create table visits (id bigint primary key);\n\ncreate tabel more (id int);\n");
  const output = failed(await at.project.preview("dev"));
  expect(output).toMatch(/db\/migrations\/002_visits\.sql:3(:\d+)?: .*syntax error at or near "tabel"/);
  expect(await tables()).toBe("");
});

test("a failing statement: file and line are named, nothing of it stays, the assets are not written", async () => {
  at.project.write("db/migrations/002_visits.sql", "create table visits (id bigint primary key);\n\ncreate table half (id int);\ninsert into half select 1 / (id - 1) from generate_series(1, 2) id;\n");
  const output = failed(await at.project.up("dev"));
  expect(output).toMatch(/db\/migrations\/002_visits\.sql:4(:\d+)?: .*division by zero/);
  expect(await tables()).toBe("notes");
  expect(await versions()).toBe("001");
  expect(counts(await at.ui.exportAssets())).toEqual({ databases: 0, datasets: 0, charts: 0, dashboards: 0 });
});

test("mended, the next up goes on from there", async () => {
  at.project.write("db/migrations/002_visits.sql", "create table visits (id bigint primary key);\n");
  succeeded(await at.project.up("dev"));
  expect(await tables()).toBe("notes,visits");
  expect(await versions()).toBe("001,002");
  expect(await sql("select note from notes")).toBe("first");
  expect(counts(await at.ui.exportAssets())).toEqual(COMPLETE);
  expect(await sql("select count(*), max(migration_version) from meta.deployments")).toBe("1\t002");
  succeeded(await at.project.run(["preview", "--expect-no-changes", "--stack", "dev"]));
});

test("a failing migration leaves existing assets as they are", async () => {
  setRowLimit(900);
  at.project.write("db/migrations/003_half.sql", "create table half (id int);\nselect missing_function();\n");
  const before = plain(await at.ui.exportAssets());
  const output = failed(await at.project.up("dev"));
  expect(output).toMatch(/db\/migrations\/003_half\.sql:2(:\d+)?: .*function missing_function\(\) does not exist/);
  expect(plain(await at.ui.exportAssets())).toEqual(before);
  expect(await tables()).toBe("notes,visits");
  expect(await sql("select count(*) from meta.deployments")).toBe("1");
  at.project.remove("db/migrations/003_half.sql");
  succeeded(await at.project.up("dev"));
  expect(await liveRowLimit()).toBe(900);
});

test("an edited applied migration: preview names the file and both checksums; put back, it goes on", async () => {
  at.project.write("db/migrations/001_notes.sql", NOTES.replace("text", "varchar(80)"));
  const output = failed(await at.project.preview("dev"));
  expect(output).toMatch(/db\/migrations\/001_notes\.sql(:\d+)*: .*[0-9a-f]{8,}.*[0-9a-f]{8,}/);
  expect(failed(await at.project.up("dev"))).toContain("db/migrations/001_notes.sql");
  expect(await sql("select data_type from information_schema.columns where table_name = 'notes' and column_name = 'note'")).toBe("text");
  at.project.write("db/migrations/001_notes.sql", NOTES);
  succeeded(await at.project.run(["preview", "--expect-no-changes", "--stack", "dev"]));
});

test("DDL by hand is shown by preview until it is undone", async () => {
  await sql("set role warehouse_owner; alter table notes add column author text");
  const shown = succeeded(await at.project.preview("dev"));
  expect(shown).toMatch(/notes.*author/);
  expect((await at.project.run(["preview", "--expect-no-changes", "--stack", "dev"])).code).not.toBe(0);
  expect(succeeded(await at.project.up("dev"))).toContain("the database was changed by hand, and that is not undone by migrating:");
  await sql("set role warehouse_owner; alter table notes drop column author");
  succeeded(await at.project.up("dev"));
  succeeded(await at.project.run(["preview", "--expect-no-changes", "--stack", "dev"]));
});

test("destroy takes the assets away and leaves the data", async () => {
  succeeded(await at.project.run(["destroy", "--yes", "--skip-preview", "--stack", "dev"]));
  expect(counts(await at.ui.exportAssets())).toEqual({ databases: 0, datasets: 0, charts: 0, dashboards: 0 });
  expect(await tables()).toBe("notes,visits");
  expect(await sql("select note from notes")).toBe("first");
});
