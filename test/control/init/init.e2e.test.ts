/** What `hybrid init` makes works: `make local-up` as a new user types it, with the package as npm packs it, and servers, ports and state of its own. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, renameSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { down, up } from "../../../local/runtime";
import type { LocalState } from "../../../local/state";
import { SupersetApi } from "../../helpers/api";
import { freePort, runFolder } from "../../helpers/runtime";

jest.setTimeout(400_000);

const REPOSITORY = resolve(__dirname, "../../..");
const folder = mkdtempSync(join(runFolder(), "init-"));
const tarball = join(folder, "pulumi-superset.tgz");
/** The package unpacked, with the packages it needs beside it. */
const installed = join(folder, "unpacked/package");
const { PULUMI_CONFIG_PASSPHRASE: _passphrase, ...env } = process.env;
const runtimes: string[] = [];

beforeAll(() => {
  const [packed] = JSON.parse(execFileSync("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], { cwd: REPOSITORY, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })) as readonly [{ readonly filename: string }];
  renameSync(join(folder, packed.filename), tarball);
  mkdirSync(dirname(installed));
  execFileSync("tar", ["-xzf", tarball, "-C", dirname(installed)]);
  symlinkSync(join(REPOSITORY, "node_modules"), join(installed, "node_modules"));
});

afterAll(async () => {
  for (const runtime of runtimes) {
    await down({ runtime });
  }
});

function run(cwd: string, program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: "utf8" });
  if (status !== 0) {
    throw new Error(`${program} ${args.join(" ")} ended with ${status}:\n${stdout}\n${stderr}`);
  }
  return stdout + stderr;
}

/** What `npm install` does, from what is installed already; hard links cost no space, and nothing writes into them. */
function install(root: string): void {
  const modules = join(root, "node_modules");
  execFileSync("cp", ["-al", realpathSync(join(REPOSITORY, "node_modules")), modules]);
  execFileSync("tar", ["-xzf", tarball, "-C", modules]);
  renameSync(join(modules, "package"), join(modules, "pulumi-superset"));
  symlinkSync("../pulumi-superset/bin/hybrid.js", join(modules, ".bin/hybrid"));
  const now = new Date();
  utimesSync(join(modules, ".package-lock.json"), now, now);
}

function commitAll(root: string): void {
  run(root, "git", "add", ".");
  run(root, "git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "--quiet", "-m", "begin");
}

/** Starts the servers on ports of the test's own: `make local-up` finds them as on a machine where it ran before. */
async function servers(root: string, environment: string): Promise<LocalState> {
  const runtime = join(root, ".runtime");
  runtimes.push(runtime);
  return up({ runtime, environment, port: await freePort(), postgresPort: await freePort() });
}

/** Asks every dataset for its first metric, as its charts do. */
async function expectData(state: LocalState, dashboards: number): Promise<void> {
  const ui = await SupersetApi.connect(state.superset);
  const exported = await ui.exportAssets();
  expect(exported["dashboards"]?.size).toBe(dashboards);
  const datasets = await ui.ids("dataset");
  expect(datasets.size).toBeGreaterThan(0);
  for (const [uuid, id] of datasets) {
    const metric = (exported["datasets"]?.get(uuid)?.["metrics"] as readonly { metric_name: string }[])[0]?.metric_name ?? "";
    const answer = await ui.post("/api/v1/chart/data", { datasource: { id, type: "table" }, queries: [{ columns: [], metrics: [metric] }], result_format: "json", result_type: "full" });
    expect((answer["result"] as readonly { rowcount: number; error: string | null }[])[0]).toMatchObject({ rowcount: 1, error: null });
  }
}

test("a new repository: make local-up brings a dashboard with data, and changes no file; make local-down ends it", async () => {
  const root = join(folder, "my-bi");
  const said = run(folder, process.execPath, join(installed, "bin/hybrid.js"), "init", "my-bi", "--package", "pulumi-superset.tgz");
  expect(said).toMatch(/^my-bi: \d+ files in my-bi, environments dev, prod, staging\n\nNext:\n {2}cd my-bi\n {2}make local-up /);
  expect((JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly dependencies: unknown }).dependencies).toEqual({ "pulumi-superset": "file:../pulumi-superset.tgz" });
  commitAll(root);
  install(root);
  const state = await servers(root, "dev");
  const output = run(root, "make", "local-up");
  expect(output).toContain(`${state.superset.url}/superset/dashboard/overview/`);
  expect(output).toMatch(/User +admin\n +Password +\S+/);
  await expectData(state, 2);
  expect(run(root, "make", "check")).toMatch(/^dev: 1 database, .*\n[^]*^prod: 1 database, [^]*^staging: 1 database, /m);
  expect(run(root, "git", "status", "--short")).toBe("");
  expect(run(root, "make", "local-down")).toContain("Stopped: Superset (dev), PostgreSQL.");
});

test("an older layout taken over: its templates and migrations on this machine, by the environment local", async () => {
  const older = join(folder, "older");
  mkdirSync(join(older, "env"), { recursive: true });
  for (const path of ["assets", "db"]) {
    execFileSync("cp", ["-r", join(installed, path), join(older, path)]);
  }
  writeFileSync(join(older, "hybrid.yaml"), "mode: superset\nsuperset: {url: https://bi.example.com}\ndefault_env: prod\n");
  writeFileSync(join(older, "env/prod.yaml"), "ENV: prod\nDB_HOST: db.example.com\nDB_PORT: 5432\nDB_NAME: bi\nDB_USER: reader\nDB_PASSWORD: hunter2\nSCHEMA: examples\nTENANT_KEY: customer_id\n");
  const root = join(folder, "taken-over");
  const answer = JSON.parse(execFileSync(process.execPath, [join(installed, "bin/hybrid.js"), "init", "taken-over", "--from", "older", "--package", "pulumi-superset.tgz", "--json"], { cwd: folder, env, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })) as Record<string, unknown>;
  expect(answer).toMatchObject({ ok: true, project: "taken-over", environments: ["prod", "local"], local: "local", kept: [], problems: [{ file: ".github/workflows/deploy.yml" }] });
  commitAll(root);
  install(root);
  const state = await servers(root, "local");
  const output = run(root, "make", "local-up");
  expect(output).toContain(`${state.superset.url}/superset/dashboard/overview/   Overview (local)`);
  await expectData(state, 2);
  expect(run(root, "git", "status", "--short")).toBe("");
  // Nobody wants a server here that the apply after it does not use.
  const refused = spawnSync("make", ["local-up", "STACK=prod"], { cwd: root, env, encoding: "utf8" });
  expect(refused.status).not.toBe(0);
  expect(refused.stderr).toContain("Pulumi.prod.yaml:5:3: environment 'prod' has its Superset at https://bi.example.com: nothing would use a local one. Name an environment whose superset:url is 'local' with --env");
  run(root, "make", "local-down");
});
