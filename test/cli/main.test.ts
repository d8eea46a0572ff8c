import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const repository = join(__dirname, "../..");

test("a reader that goes away is no error", () => {
  const { stderr, status } = spawnSync("sh", ["-c", "{ node bin/hybrid.js --help; echo ended with $? >&2; } | true"], { cwd: repository, encoding: "utf8" });
  expect({ stderr, status }).toEqual({ stderr: "ended with 0\n", status: 0 });
});

describe("with --json, standard output is one JSON object, also where a command fails", () => {
  const folder = mkdtempSync(join(tmpdir(), "main-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const hybrid = (...args: readonly string[]): { readonly stdout: string; readonly stderr: string; readonly status: number | null } =>
    spawnSync(process.execPath, [join(repository, "bin/hybrid.js"), ...args], { cwd: folder, encoding: "utf8" });

  test.each([
    ["a refusal of ours", ["plan", "--json"], /^no Pulumi\.yaml in /],
    ["an option that there is not", ["version", "--json", "--wrong"], /^unknown option '--wrong'$/],
    ["a command that there is not", ["nonsense", "--json"], /^unknown command 'nonsense'$/],
  ])("%s", (_, args, message) => {
    const { stdout, stderr, status } = hybrid(...args);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toEqual({ ok: false, exit_code: 1, error: expect.stringMatching(message) as string });
    expect(stderr).toContain((JSON.parse(stdout) as { readonly error: string }).error);
  });

  test.each([["docs", "--only", "assets"], ["validate"]])("problems of files one by one: %s", (command, ...more) => {
    const broken = join(folder, "broken");
    mkdirSync(join(broken, "assets/charts"), { recursive: true });
    writeFileSync(join(broken, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
    writeFileSync(join(broken, "Pulumi.dev.yaml"), "config:\n  superset:url: http://127.0.0.1:9\n");
    writeFileSync(join(broken, "assets/charts/orders.yaml"), "nonsense: 1\n");
    const { stdout, status } = spawnSync(process.execPath, [join(repository, "bin/hybrid.js"), command, ...more, "--json"], { cwd: broken, encoding: "utf8" });
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, exit_code: 1, error: expect.stringContaining("assets/charts/orders.yaml:1:1: ") as string, problems: expect.arrayContaining([expect.objectContaining({ file: "assets/charts/orders.yaml" })]) as unknown[] });
  });

  test("help is no failure", () => {
    const { stdout, status } = hybrid("plan", "--json", "--help");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Usage: hybrid plan /);
  });
});
