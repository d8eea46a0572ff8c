/** `make local-up` as a new user types it, in a clone of the repository with runtime, ports and stack state of its own. */
import { execFileSync, spawnSync } from "node:child_process";
import { utimesSync } from "node:fs";
import { join, resolve } from "node:path";
import { down, up } from "../../local/runtime";
import type { LocalState } from "../../local/state";
import { SupersetApi } from "../helpers/api";
import { freePort, runFolder } from "../helpers/runtime";

jest.setTimeout(400_000);

const REPOSITORY = resolve(__dirname, "../..");
const clone = join(runFolder(), "clone");
const runtime = join(clone, ".runtime");
let state: LocalState;

beforeAll(async () => {
  execFileSync("git", ["clone", "--quiet", REPOSITORY, clone]);
  // The packages are there already, as after `npm ci`; hard links cost no space, and nothing writes into them.
  execFileSync("cp", ["-al", join(REPOSITORY, "node_modules"), join(clone, "node_modules")]);
  const now = new Date();
  utimesSync(join(clone, "node_modules/.package-lock.json"), now, now);
  state = await up({ runtime, environment: "dev", port: await freePort(), postgresPort: await freePort() });
});

afterAll(() => down({ runtime }));

function make(target: string): string {
  const { PULUMI_CONFIG_PASSPHRASE: _passphrase, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync("make", [target], { cwd: clone, env, encoding: "utf8" });
  if (status !== 0) {
    throw new Error(`make ${target} ended with ${status}:\n${stdout}\n${stderr}`);
  }
  return stdout + stderr;
}

test("migrates, seeds, applies, and prints where to look; the repository stays as it was cloned", async () => {
  const output = make("local-up");
  expect(output).toContain("seeded 020_sales.sql");
  expect(output).toContain(`${state.superset.url}/superset/dashboard/overview/`);
  expect(output).toMatch(/User +admin\n +Password +\S+/);
  expect(output).toContain("make local-down");
  expect(execFileSync("git", ["status", "--short"], { cwd: clone, encoding: "utf8" })).toBe("");
  const ui = await SupersetApi.connect(state.superset);
  const exported = await ui.exportAssets();
  expect(exported["dashboards"]?.size).toBe(2);
  for (const [uuid, id] of await ui.ids("dataset")) {
    const metric = (exported["datasets"]?.get(uuid)?.["metrics"] as readonly { metric_name: string }[])[0]?.metric_name ?? "";
    const answer = await ui.post("/api/v1/chart/data", { datasource: { id, type: "table" }, queries: [{ columns: [], metrics: [metric] }], result_format: "json", result_type: "full" });
    expect((answer["result"] as readonly { rowcount: number; error: string | null }[])[0]).toMatchObject({ rowcount: 1, error: null });
  }
});

test("again: nothing is installed, compiled or changed", () => {
  const output = make("local-up");
  expect(output).not.toMatch(/Installing|Compiling|created|updated/);
  expect(output).toMatch(/\d+ unchanged/);
});
