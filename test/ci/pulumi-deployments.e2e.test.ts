/** The settings files of Pulumi Deployments, through the real CLI to a stand-in of Pulumi Cloud. */
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import type { JsonObject } from "../../provider/json";
import { startPulumiCloud, type PulumiCloud } from "../helpers/pulumi-cloud";
import { runFolder } from "../helpers/runtime";

jest.setTimeout(120_000);

const ROOT = resolve(__dirname, "../..");
const STACKS = ["dev", "staging", "prod"];
let cloud: PulumiCloud;
let checkout: string;

beforeAll(async () => {
  cloud = await startPulumiCloud();
  checkout = mkdtempSync(join(runFolder(), "deployments-"));
  for (const file of ["package.json", "scripts", ...readdirSync(ROOT).filter((name) => /^Pulumi\..*yaml$/.test(name))]) {
    cpSync(join(ROOT, file), join(checkout, file), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(checkout, "node_modules"));
});
afterAll(() => cloud.close());

function push(stack: string, token = cloud.token): Promise<{ readonly code: number | null; readonly output: string }> {
  const env = { ...process.env, PULUMI_BACKEND_URL: cloud.url, PULUMI_ACCESS_TOKEN: token, PULUMI_CREDENTIALS_PATH: checkout, PULUMI_SKIP_UPDATE_CHECK: "1" };
  const child = spawn("sh", ["scripts/ci/pulumi-deployments.sh", stack], { cwd: checkout, env });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  return new Promise((finish, fail) => child.on("error", fail).on("close", (code) => finish({ code, output })));
}

test.each(STACKS)("%s: the CLI understands every setting, and the schedule is made", async (stack) => {
  const { code, output } = await push(stack);
  expect([code, output]).toEqual([0, expect.any(String)]);
  const file = parse(readFileSync(join(checkout, `Pulumi.${stack}.deploy.yaml`), "utf8")) as { readonly settings: JsonObject; readonly driftDetection: string };
  // What the CLI does not know it leaves out; and what is false, which is what a setting is that is not sent.
  const sent = JSON.parse(JSON.stringify(file.settings, (_key, value: unknown) => (value === false ? undefined : value))) as JsonObject;
  expect(cloud.settings.get(stack)).toMatchObject(sent);
  expect(cloud.schedules(stack)).toEqual([file.driftDetection]);
});

test("again, with another schedule: there is still one", async () => {
  const path = join(checkout, "Pulumi.prod.deploy.yaml");
  const before = readFileSync(path, "utf8");
  writeFileSync(path, before.replace(/^driftDetection: .*$/m, 'driftDetection: "0 */4 * * *" # every four hours'));
  expect((await push("prod")).code).toBe(0);
  expect(cloud.schedules("prod")).toEqual(["0 */4 * * *"]);
  writeFileSync(path, before.replace(/^driftDetection: .*$/m, ""));
  expect((await push("prod")).code).toBe(0);
  expect(cloud.schedules("prod")).toEqual([]);
});

test("who is not logged in changes nothing", async () => {
  const before = cloud.settings.get("dev");
  const { code, output } = await push("dev", "pul-wrong");
  expect(code).not.toBe(0);
  expect(output).toMatch(/invalid access token|unauthorized/i);
  expect(cloud.settings.get("dev")).toBe(before);
});

test("a stack without a file", async () => {
  expect(await push("qa")).toEqual({ code: 1, output: "there is no Pulumi.qa.deploy.yaml\n" });
});
