/** Passwords in Pulumi's encrypted configuration: they reach the servers, newer ones are used at once, and none is in clear text anywhere. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { chartNamed, counts, failed, faultySetup, type FaultySetup } from "./faulty";
import { SupersetApi } from "../helpers/api";
import type { CommandResult } from "../helpers/project";
import { succeeded } from "./outcome";
import { TEMPLATES } from "./small";

jest.setTimeout(300_000);

const READER = { first: "Tr0ub4dor&3 first+reader", second: "c0rrect:horse/second@reader" };
const MIGRATOR = { first: "b4ttery-first-migrator", second: "st4ple-second-migrator" };
const ADMIN = "a-new-admin-p4ssword";
/** Output of every command of this file. */
const outputs: string[] = [];
let at: FaultySetup;
let names: { readonly reader: string; readonly migrator: string };

beforeAll(async () => {
  at = await faultySetup({
    own: true,
    env: {},
    policy: { apply: { dev: { mode: "overwrite_git_wins", drift_gate: "warn" } }, db: { mode: "migrations", migrations_dir: "db/migrations" } },
    config: { "superset:username": "admin" },
  });
  names = { reader: `reader_${at.warehouse.name}`, migrator: `migrator_${at.warehouse.name}` };
  await sql(`create role ${names.reader} login password '${READER.first}'; grant select on orders to ${names.reader}; grant connect on database ${at.warehouse.name} to ${names.reader};
    create role ${names.migrator} login password '${MIGRATOR.first}' in role warehouse_owner`);
  const uri = TEMPLATES["assets/databases/shop.yaml.j2"] ?? "";
  at.project.write("assets/databases/shop.yaml.j2", uri.replace("{{ DB_PASSWORD }}", "{{ DB_PASSWORD | urlencode }}"));
  at.project.write("db/migrations/001_notes.sql", "create table notes (id bigint primary key);\n");
  await configure("superset:vars.DB_USER", names.reader, "--path");
  await configure("superset:vars.DB_PASSWORD", READER.first, "--secret", "--path");
  await configure("superset:password", at.server.password, "--secret");
  await configure("warehouse:url", warehouseUrl(MIGRATOR.first), "--secret");
});

afterAll(() => at.proxy.close());
afterEach(() => at.proxy.reset());

const sql = (text: string): Promise<string> => at.server.postgres.sql(at.warehouse.name, text);
const warehouseUrl = (password: string): string => `postgresql://${names.migrator}:${password}@${at.server.postgres.host}:${at.server.postgres.port}/${at.warehouse.name}`;
const configure = async (key: string, value: string, ...flags: readonly string[]): Promise<void> => void (await at.project.mustRun("config", "set", ...flags, key, value, "--stack", "dev"));

async function run(...args: readonly string[]): Promise<CommandResult> {
  const result = await at.project.run([...args, "--stack", "dev", "--logtostderr", "-v=9"]);
  outputs.push(withoutPulumiTrace(result.output));
  return result;
}

/**
 * Without what Pulumi itself traces at `-v=9`, secrets included: values that cross its RPC, the inputs it compares (`&{{…}}` is its notation of a
 * secret), and its SDK's `RegisterResource RPC finished`. Everything of ours, and whatever else is printed, stays.
 */
function withoutPulumiTrace(output: string): string {
  const trace = [/^\{"time":.*"msg":"((Unm|M)arshaling property for RPC\[|Planner decided )/, /^\{"time":.*&\{\{/, /^\{"time":.*RegisterResource RPC finished: /];
  return output.split("\n").filter((line) => !trace.some((pattern) => pattern.test(line))).join("\n");
}

const up = (): Promise<CommandResult> => run("up", "--yes", "--skip-preview");

/** Rows that the chart's own query gives, through Superset's connection to the warehouse. */
async function rows(): Promise<unknown> {
  const [dataset] = (await at.ui.ids("dataset")).values();
  const query = { columns: ["region"], metrics: ["turnover"], row_limit: 10 };
  const { result } = await at.ui.post("/api/v1/chart/data", { datasource: { id: dataset ?? 0, type: "table" }, queries: [query], result_format: "json", result_type: "full", force: true });
  return (result as readonly { readonly rowcount: number }[])[0]?.rowcount;
}

/** All forms in which a password would be readable. */
const forms = (password: string): readonly string[] => [...new Set([password, encodeURIComponent(password), encodeURIComponent(password).replaceAll("%20", "+"), JSON.stringify(password).slice(1, -1), Buffer.from(password).toString("base64").replace(/=+$/, "")])];
const passwords = (): readonly string[] => [...Object.values(READER), ...Object.values(MIGRATOR), ADMIN, at.server.password];

function readable(where: string, text: string): readonly string[] {
  return passwords().flatMap((password) => forms(password).filter((form) => text.includes(form)).map((form) => `${where}: ${form} … ${text.slice(Math.max(0, text.indexOf(form) - 200), text.indexOf(form) + 80)}`));
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
  });
}

test("the secrets reach both servers", async () => {
  outputs.push((await at.project.preview("dev")).output);
  succeeded(await up());
  expect(await rows()).toBe(4);
  expect((await sql("select count(*) from notes")).trim()).toBe("0");
  succeeded(await run("preview", "--diff", "--expect-no-changes"));
});

test("a new password of the warehouse in the configuration reaches Superset", async () => {
  await sql(`alter role ${names.reader} password '${READER.second}'`);
  await expect(rows()).rejects.toThrow("answers");
  await configure("superset:vars.DB_PASSWORD", READER.second, "--secret", "--path");
  const preview = await at.project.preview("dev");
  outputs.push(preview.output);
  expect(succeeded(preview)).toContain("~ 1 to update");
  expect(preview.output).toContain("secrets             : [secret]");
  succeeded(await up());
  expect(await rows()).toBe(4);
});

test("a new password of Superset, and of the migrations' role, is used by a refresh already", async () => {
  await at.ui.put("/api/v1/me/", { password: ADMIN });
  // Superset logs that request of ours, the test's, in clear text.
  await at.server.postgres.sql(at.server.metadata, "delete from logs where json like '%update_me%'");
  await sql(`alter role ${names.migrator} password '${MIGRATOR.second}'`);
  const refused = failed(await run("refresh", "--yes"));
  expect(refused).toContain("refuses the user 'admin'");
  await configure("superset:password", ADMIN, "--secret");
  await configure("warehouse:url", warehouseUrl(MIGRATOR.second), "--secret");
  succeeded(await run("refresh", "--yes"));
  succeeded(await up());
  succeeded(await run("preview", "--expect-no-changes"));
});

test("a new address is used by a refresh already", async () => {
  await configure("superset:url", at.server.url);
  succeeded(await up());
  const before = at.proxy.seen.length;
  await configure("superset:url", at.proxy.url);
  succeeded(await run("refresh", "--yes"));
  expect(at.proxy.seen.length).toBeGreaterThan(before);
});

test("errors do not tell them either", async () => {
  at.project.write("db/migrations/002_wrong.sql", "select 1 / 0;\n");
  failed(await up());
  at.project.remove("db/migrations/002_wrong.sql");
  at.project.write("assets/databases/other.yaml.j2", "database_name: other\nsqlalchemy_uri: postgresql://u:{{ DB_PASSWORD }}@localhost/other\nextra:\n  metadata_cache_timeout: {schema_cache_timeout: soon}\n");
  expect(failed(await up())).toContain("was not written: Superset refuses it");
  at.project.remove("assets/databases/other.yaml.j2");
  await configure("superset:password", "not-that-one", "--secret");
  failed(await run("preview"));
  await configure("superset:password", ADMIN, "--secret");
});

test("destroy", async () => {
  const ui = await SupersetApi.connect({ ...at.server, password: ADMIN });
  expect(chartNamed(await ui.exportAssets(), "Total")).toMatch(/-/);
  succeeded(await run("destroy", "--yes", "--skip-preview"));
  expect(counts(await ui.exportAssets())).toEqual({ databases: 0, datasets: 0, charts: 0, dashboards: 0 });
});

test("none of them is in clear text in state, history, bundles, outputs, logs, or what Superset keeps of the requests", async () => {
  const files = filesBelow(at.project.root);
  expect(files.some((file) => file.includes(".pulumi/history/"))).toBe(true);
  expect(files.some((file) => file.includes(".pulumi/backups/"))).toBe(true);
  expect(outputs.length).toBeGreaterThan(10);
  expect(outputs.some((text) => text.includes("secrets"))).toBe(true);
  const found = [
    ...files.flatMap((file) => readable(file.slice(at.project.root.length), readFileSync(file, "utf8"))),
    ...outputs.flatMap((text, index) => readable(`output ${index}`, text)),
    ...readable("Superset's action log", await at.server.postgres.sql(at.server.metadata, "select json from logs")),
    ...readable("Superset's log", at.server.log()),
  ];
  expect(found).toEqual([]);
});
