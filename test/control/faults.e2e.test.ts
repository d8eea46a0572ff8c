/**
 * What can go wrong under every command, as a table: one clear message, exit code 1, and the working tree as it was. Faults of a command of its
 * own (a push that is refused, a migration that fails) are in that command's tests.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SupersetApi } from "../helpers/api";
import { Project, type HybridResult } from "../helpers/project";
import { freePort, superset, type TestSuperset } from "../helpers/runtime";
import { succeeded } from "../stack/outcome";
import { credentials, ORDERS_SQL, stackConfig, writeTemplates } from "../stack/small";

jest.setTimeout(300_000);

/** Commands that are about one environment. */
const COMMANDS: readonly (readonly string[])[] = [
  ["compile"], ["validate"], ["validate", "--live"], ["validate", "--db"], ["plan"], ["drift-plan"], ["apply"], ["export"], ["translate"], ["export-to-pr"], ["deploy"], ["sync"],
  ["promote", "--chain", "dev"], ["db", "sync"], ["db", "status"], ["db", "drift"], ["db", "dump"], ["db", "rollback", "--yes"], ["db", "lint"], ["db", "baseline"], ["docs"], ["version"],
];

/** Those that look at its Superset. */
const WITH_SUPERSET: readonly (readonly string[])[] = [["validate", "--live"], ["plan"], ["drift-plan"], ["apply"], ["export"], ["export-to-pr"], ["deploy"], ["sync"], ["promote", "--chain", "dev"]];

/** Those that look at its warehouse. */
const WITH_WAREHOUSE: readonly (readonly string[])[] = [["validate", "--db"], ["plan"], ["apply"], ["deploy"], ["sync"], ["db", "sync"], ["db", "status"], ["db", "drift"], ["db", "dump"], ["db", "rollback", "--yes"], ["version"]];

/** With what people type, for the tests' names. */
const named = (commands: readonly (readonly string[])[]): (readonly [string, readonly string[]])[] => commands.map((command) => [command.join(" "), command]);

let server: TestSuperset;
let project: Project;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  server = await superset();
  const warehouse = await server.postgres.createDatabase();
  env = credentials(server);
  project = new Project({
    stacks: { dev: stackConfig(server.url, warehouse, server.postgres) },
    env: { ...env, GITHUB_TOKEN: "" },
    policy: { db: { mode: "migrations" }, apply: { dev: { mode: "overwrite_git_wins" } }, deploy: { attempts: 1 } },
  });
  writeTemplates(project);
  project.write("db/migrations/20260101000000_orders.sql", `-- migrate:up\n${ORDERS_SQL}\n-- migrate:down\ndrop table orders;\n`);
  project.write(".gitignore", "node_modules\n.pulumi/\n.hybrid/\nbundles/\ndb/schema_dump/\ndocs/\nui_exports/\n.runtime/\n");
  await project.initStacks("dev");
  const git = (...args: readonly string[]): string => execFileSync("git", args, { cwd: project.root, encoding: "utf8" });
  git("init", "--quiet", "--initial-branch=main");
  git("config", "user.name", "Ada");
  git("config", "user.email", "ada@example.com");
  git("add", ".");
  git("commit", "--quiet", "-m", "workspace");
  const remote = mkdtempSync(join(tmpdir(), "remote-"));
  execFileSync("git", ["init", "--quiet", "--bare", "--initial-branch=main", remote]);
  git("remote", "add", "origin", remote);
  git("push", "--quiet", "origin", "main");
  succeeded(await project.up("dev"));
});

/** Commands that say on standard output what they have done so far, step by step. */
const STEPWISE = ["deploy", "sync", "promote"];

/** One message for people, and nothing changed in the working tree. */
function expectClearFailure(command: readonly string[], { code, stdout, stderr }: HybridResult, words: RegExp): void {
  expect({ code, said: words.test(stderr) ? words.source : stderr }).toEqual({ code: 1, said: words.source });
  expect(STEPWISE.includes(command[0] ?? "") ? "" : stdout).toBe("");
  expect(stderr).not.toMatch(/this is a bug|\n\s+at .*\.js:\d+/);
  expect(stderr).not.toContain(env["SUPERSET_ADMIN_PASS"]);
  expect(stderr).not.toContain(env["TEST_DB_PASSWORD"]);
  expect(execFileSync("git", ["status", "--porcelain"], { cwd: project.root, encoding: "utf8" })).toBe("");
}

test.each(named(COMMANDS))("hybrid %s: outside a repository", async (_name, command) => {
  const cwd = mkdtempSync(join(tmpdir(), "nowhere-"));
  expectClearFailure(command, await project.hybrid(command, { cwd }), /no Pulumi\.yaml in .* or a folder above it; run this in the repository/);
});

test.each(named(COMMANDS))("hybrid %s: an environment that does not exist", async (_name, command) => {
  const chosen = command[0] === "promote" ? ["promote", "--chain", "qa"] : [...command, "--env", "qa"];
  expectClearFailure(command, await project.hybrid(chosen), /no environment 'qa' in .*: there are dev|apply has no entry for environment 'qa' \(it has dev\)/);
});

test.each(named(WITH_SUPERSET))("hybrid %s: a Superset that does not answer", async (_name, command) => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const file = project.read("Pulumi.dev.yaml");
  project.write("Pulumi.dev.yaml", file.replace(server.url, url));
  execFileSync("git", ["commit", "--quiet", "-am", "elsewhere"], { cwd: project.root });
  try {
    expectClearFailure(command, await project.hybrid(command), new RegExp(`${url.replaceAll(".", "\\.")}.*(refuse|not answer|ECONNREFUSED|reach)`, "i"));
  } finally {
    execFileSync("git", ["reset", "--quiet", "--hard", "HEAD^"], { cwd: project.root });
  }
});

test.each(named(WITH_SUPERSET))("hybrid %s: a password that is not right", async (_name, command) => {
  expectClearFailure(command, await project.hybrid(command, { env: { SUPERSET_ADMIN_PASS: "not the password" } }), /refuses the user 'admin'.*: wrong user name or password/);
});

test.each(named(WITH_SUPERSET))("hybrid %s: a user without the permissions", async (_name, command) => {
  const admin = await SupersetApi.connect(server);
  const roles = (await admin.get("/api/v1/security/roles/")).result as unknown as readonly { readonly id: number; readonly name: string }[];
  const gamma = roles.find(({ name }) => name === "Gamma")?.id;
  await admin.post("/api/v1/security/users/", { username: `gamma${command.join("")}`, password: "gamma gamma", first_name: "Gamma", last_name: "User", email: `${command.join("")}@example.com`, active: true, roles: [gamma ?? 0] });
  expectClearFailure(command, await project.hybrid(command, { env: { SUPERSET_ADMIN_USER: `gamma${command.join("")}`, SUPERSET_ADMIN_PASS: "gamma gamma" } }), /The user 'gamma.*Use an account with the role Admin/s);
});

test.each(named(WITH_WAREHOUSE))("hybrid %s: a warehouse that does not answer", async (_name, command) => {
  const file = project.read("Pulumi.dev.yaml");
  project.write("Pulumi.dev.yaml", file.replace(/warehouse:url: .*/, `warehouse:url: postgresql://nobody@127.0.0.1:${await freePort()}/none`));
  execFileSync("git", ["commit", "--quiet", "-am", "elsewhere"], { cwd: project.root });
  try {
    expectClearFailure(command, await project.hybrid(command), /127\.0\.0\.1:\d+.*(refused|not answer|cannot connect)/i);
  } finally {
    execFileSync("git", ["reset", "--quiet", "--hard", "HEAD^"], { cwd: project.root });
  }
});
