/** A workspace behind Preset's login: the whole life of the small workspace through the Pulumi CLI, and what goes wrong there. */
import { SupersetApi } from "../helpers/api";
import { startPreset, type Preset } from "../helpers/preset";
import { Project } from "../helpers/project";
import { superset, type TestSuperset } from "../helpers/runtime";
import { chartNamed, chartParam, COMPLETE, counts, editRowLimit, failed } from "./faulty";
import { succeeded } from "./outcome";
import { credentials, ORDERS_SQL, stackConfig, writeTemplates } from "./small";

jest.setTimeout(300_000);

let server: TestSuperset;
let preset: Preset;
let ui: SupersetApi;
let project: Project;
/** Output of every command. */
const outputs: string[] = [];

beforeAll(async () => {
  server = await superset();
  const warehouse = await server.postgres.createDatabase();
  await server.postgres.sql(warehouse.name, `set role warehouse_owner; ${ORDERS_SQL}`);
  ui = await SupersetApi.connect(server);
  // Tokens end several times in a run.
  preset = await startPreset({ superset: server.url, session: () => Promise.resolve(ui.headers), lifetime: 1.5 });
  const config = { ...stackConfig(preset.url, warehouse, server.postgres), "superset:mode": "preset", "superset:presetApi": preset.api };
  const { TEST_DB_PASSWORD = "" } = credentials(server);
  project = new Project({ stacks: { dev: config }, env: { TEST_DB_PASSWORD } });
  writeTemplates(project);
  await project.initStacks("dev");
  await configure("superset:apiToken", preset.key.token);
  await configure("superset:apiSecret", preset.key.secret);
});

afterAll(() => preset.close());

const configure = (key: string, value: string): Promise<string> => project.mustRun("config", "set", "--secret", key, value, "--stack", "dev");

async function run(...args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const result = await project.run([...args, "--stack", "dev"]);
  outputs.push(result.output);
  return result;
}

const up = (): ReturnType<typeof run> => run("up", "--yes", "--skip-preview");
const TURNOVER = "Turnover (dev)";

test("up creates everything, by Preset's tokens alone", async () => {
  succeeded(await up());
  expect(counts(await ui.exportAssets())).toEqual(COMPLETE);
  expect(preset.seen.map(({ path }) => path)).toContain("/version");
  expect(preset.seen.filter(({ path }) => path.includes("/security/"))).toEqual([]);
  expect(preset.asked.every((request) => request === "POST /v1/auth/")).toBe(true);
});

test("nothing is left to do, and an edit in the workspace's UI is shown with who made it", async () => {
  succeeded(await run("preview", "--expect-no-changes"));
  await editRowLimit(ui, chartNamed(await ui.exportAssets(), TURNOVER), 77);
  const output = succeeded(await run("preview", "--diff"));
  expect(output).toMatch(/drift: chart 'Turnover \(dev\)' \[\S+\] was edited in Superset by Local Admin at \S+:\s+params\.row_limit: 1000 → 77/);
});

test("hybrid looks at the workspace with the key that is encrypted in the stack file", async () => {
  const { code, stdout, stderr } = await project.hybrid(["drift-plan", "--env", "dev"]);
  outputs.push(stdout, stderr);
  expect([code, stderr]).toEqual([2, expect.not.stringContaining("rror")]);
  expect(stdout).toMatch(/^DRIFT_FOUND\n[^]*row_limit: 77/);
});

test("Git's version is back after the next up", async () => {
  succeeded(await up());
  const live = await ui.exportAssets();
  expect(chartParam(live, chartNamed(live, TURNOVER), "row_limit")).toBe(1000);
});

test("a workspace that is hibernated is told in words", async () => {
  preset.status = "HIBERNATED";
  const output = failed(await run("preview"));
  preset.status = "READY";
  expect(output).toContain(`The Preset workspace 'Sales' (${preset.url}) is hibernated: open it in Preset Manager, which wakes it up, wait until it is there, and run the command again.`);
});

test("a wrong secret is one error that names the settings", async () => {
  await configure("superset:apiSecret", "certainly-not-the-secret");
  const output = failed(await run("preview"));
  await configure("superset:apiSecret", preset.key.secret);
  expect(output).toContain(`Preset at ${preset.api} refuses the API key (POST /v1/auth/: 401: no such key: *** ***): superset:apiToken or superset:apiSecret is wrong, or the key was switched off or deleted.`);
  expect(output).not.toContain("certainly-not-the-secret");
});

test("refresh and destroy log in by the key that is configured now", async () => {
  preset.key.secret = "the-key-was-made-anew";
  await configure("superset:apiSecret", preset.key.secret);
  succeeded(await run("refresh", "--yes"));
  succeeded(await run("destroy", "--yes"));
  expect(counts(await ui.exportAssets())).toEqual({ databases: 0, datasets: 0, charts: 0, dashboards: 0 });
});

test("no key and no token in the state or in any output", () => {
  const tokens = preset.seen.map(({ headers }) => headers.authorization?.slice("Bearer ".length) ?? "");
  expect(tokens.length).toBeGreaterThan(0);
  for (const secret of [preset.key.token, preset.key.secret, ...new Set(tokens)].filter((text) => text !== "")) {
    expect(outputs.join("\n")).not.toContain(secret);
    expect(project.stateText("dev")).not.toContain(secret);
  }
});
