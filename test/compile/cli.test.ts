import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { register as registerCompile } from "../../cli/compile";
import { register as registerValidate } from "../../cli/validate";
import { main } from "../../cli/main";
import { EXIT, ProblemsError } from "../../provider/errors";
import { project, removeProjects, SHOP } from "./project";

const start = process.cwd();
afterEach(() => {
  process.chdir(start);
  process.exitCode = undefined;
  jest.restoreAllMocks();
});
afterAll(removeProjects);

/** Runs a command in a repository: what it prints, and its exit code. */
function run(root: string, ...args: string[]): { out: string; err: string; exitCode: unknown } {
  const program = new Command("hybrid").exitOverride();
  registerCompile(program);
  registerValidate(program);
  let out = "";
  let err = "";
  jest.spyOn(process.stdout, "write").mockImplementation((text) => ((out += String(text)), true));
  jest.spyOn(process.stderr, "write").mockImplementation((text) => ((err += String(text)), true));
  process.chdir(root);
  program.parse(["node", "hybrid", ...args]);
  const { exitCode } = process;
  return { out, err, exitCode };
}

test("compile writes the bundle and says what is in it", () => {
  const root = project(SHOP);
  const { out, err } = run(root, "compile", "--env", "dev");
  expect(out).toMatch(/^dev: 1 database, 1 dataset, 1 chart, 1 dashboard\nsha256 [0-9a-f]{64}\nbundles\/dev\n$/);
  expect(err).toBe("");
  expect(readdirSync(join(root, "bundles/dev")).sort()).toEqual(["charts", "dashboards", "databases", "datasets", "metadata.yaml"]);
});

test("compile from a folder below, to another folder, for scripts", () => {
  const root = project({ ...SHOP, "assets/databases/warehouse.yaml": "database_name: warehouse\nsqlalchemy_uri: x://u:hunter2@h/d\n" });
  const { out, err } = run(join(root, "assets"), "compile", "--json", "--out", "../elsewhere");
  expect(JSON.parse(out)).toMatchObject({ ok: true, environment: "dev", project: "shop", assets: { databases: 1, datasets: 1, charts: 1, dashboards: 1 }, problems: [{ file: "assets/databases/warehouse.yaml", line: 2, severity: "warning" }] });
  expect(out + err).not.toContain("hunter2");
  expect(existsSync(join(root, "elsewhere/metadata.yaml"))).toBe(true);
});

test("validate writes nothing; warnings go to stderr", () => {
  const root = project({ ...SHOP, "assets/charts/x.json": "{}" });
  const { out, err } = run(root, "validate");
  expect(out).toMatch(/^dev: 1 database, 1 dataset, 1 chart, 1 dashboard, 1 warning\nsha256 [0-9a-f]{64}\n$/);
  expect(err).toBe("assets/charts/x.json: warning: not read: templates end in .yaml or .yaml.j2; a file for includes begins with '_'\n");
  expect(existsSync(join(root, "bundles"))).toBe(false);
});

test("problems: an error for people, JSON and an exit code for scripts, the last bundle untouched", () => {
  const root = project(SHOP);
  run(root, "compile");
  const broken = { ...SHOP, "assets/charts/c.yaml": "slice_name: C\nviz_type: pie\ndatasource: nope\n" };
  const other = project(broken);
  expect(() => run(other, "compile")).toThrow(ProblemsError);
  expect(() => run(other, "compile")).toThrow("assets/charts/c.yaml:3:13: no dataset is called 'nope'; known are sales\n1 problem in 1 file of 5, environment dev.");
  const { out, exitCode } = run(other, "validate", "--json");
  expect(exitCode).toBe(EXIT.error);
  expect(JSON.parse(out)).toEqual({ ok: false, exit_code: 1, error: expect.stringMatching(/^assets\/charts\/c\.yaml:3:13: no dataset is called 'nope'; known are sales\n/) as string, environment: "dev", problems: [{ file: "assets/charts/c.yaml", line: 3, column: 13, message: "no dataset is called 'nope'; known are sales" }] });
  expect(existsSync(join(other, "bundles"))).toBe(false);
});

test("a path the operating system refuses is no bug of ours, and a folder no mapping file", async () => {
  const root = project(SHOP);
  let err = "";
  jest.spyOn(process.stderr, "write").mockImplementation((text) => ((err += String(text)), true));
  process.chdir(root);
  expect(await main(["node", "hybrid", "compile", "--out", "Pulumi.yaml/bundle"])).toBe(EXIT.error);
  expect(await main(["node", "hybrid", "compile", "--mapping", "assets"])).toBe(EXIT.error);
  expect(err).toMatch(/^the operating system refuses it: E\w+: .*Pulumi\.yaml.*; check the path and its permissions\nthere is no mapping file assets in .*\n$/);
});
