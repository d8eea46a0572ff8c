/** The targets of make: in this repository, and in one of a user's whose Makefile is scripts/workspace.mk. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../..");

/** Without what the `make` that runs the tests tells its children. */
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:MAKE|MFLAGS)/.test(name)));

function make(folder: string, ...args: readonly string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync("make", args, { cwd: folder, encoding: "utf8", env: environment });
}

/** The last command that a target would run; nothing is run. */
function last(folder: string, hybrid: string, ...args: readonly string[]): string {
  // What is installed and built counts as up to date.
  const { status, stdout, stderr } = make(folder, "-n", "-o", "dist/.built", "-o", "node_modules/.package-lock.json", "-o", "setup", ...args);
  expect([args, status, stderr]).toEqual([args, 0, ""]);
  return (stdout.trim().split("\n").at(-1) ?? "").replaceAll(hybrid, "hybrid");
}

/** A repository of a user's, with three environments. */
function workspace(): string {
  const folder = mkdtempSync(join(tmpdir(), "make-"));
  copyFileSync(join(ROOT, "scripts/workspace.mk"), join(folder, "Makefile"));
  for (const file of ["package.json", "Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.dev.deploy.yaml", "Pulumi.staging.yaml", "Pulumi.prod.yaml"]) {
    writeFileSync(join(folder, file), "");
  }
  return folder;
}

describe.each([
  ["this repository", ROOT, "node bin/hybrid.js"],
  ["a repository of a user's", workspace(), "node_modules/.bin/hybrid"],
])("%s", (_name, folder, hybrid) => {
  test.each([
    [["sync-dev"], "hybrid sync dev"],
    [["sync-staging"], "hybrid sync staging"],
    [["sync-prod"], "hybrid sync prod"],
    [["export-dev"], "hybrid export --env dev --out ui_exports/dev"],
    [["export-prod"], "hybrid export --env prod --out ui_exports/prod"],
    [["docs"], "hybrid docs"],
    [["drift", "STACK=prod"], "assets=0; hybrid drift-plan --env prod || assets=$?; . scripts/ci/common.sh; if has_migrations; then hybrid db drift --env prod; fi; exit $assets"],
    [["local-up"], "hybrid local status --env dev"],
    [["local-down"], "hybrid local down"],
    [["check"], "sh scripts/ci/check.sh"],
  ])("%j", (args, command) => {
    expect(last(folder, hybrid, ...args)).toBe(command);
  });

  test("make alone lists them", () => {
    const { stdout } = make(folder);
    const listed = stdout.trimEnd().split("\n").map((line) => /^ {2}make (\S+) +\S/.exec(line)?.[1] ?? line);
    expect(listed).toEqual(expect.arrayContaining(["help", "local-up", "local-down", "check", "sync-<env>", "export-<env>", "drift", "docs"]));
  });

  test("an environment that is not there is no target", () => {
    expect(make(folder, "-n", "sync-qa").stderr).toContain("No rule to make target 'sync-qa'");
    expect(make(folder, "-n", "sync-dev.deploy").stderr).toContain("No rule to make target");
  });
});

test("the repository of the package has targets of its own", () => {
  expect(last(ROOT, "node bin/hybrid.js", "test")).toBe("node scripts/test.mjs unit db e2e");
  expect(last(ROOT, "node bin/hybrid.js", "bench")).toBe("npm run --silent bench:migrations");
});
