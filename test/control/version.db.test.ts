/** `hybrid version` against a real PostgreSQL; there is no Superset, so that the live state is what cannot be told. */
import { insertDeployment } from "../../provider/postgres/deployments";
import { compile } from "../../compile";
import { TestRepository } from "../helpers/git";
import { Project, type HybridResult } from "../helpers/project";
import { postgres, type TestDatabase, type TestPostgres } from "../helpers/runtime";

jest.setTimeout(120_000);

let pg: TestPostgres;
let warehouse: TestDatabase;
let project: Project;
let git: TestRepository;
beforeAll(async () => {
  pg = await postgres();
});
beforeEach(async () => {
  warehouse = await pg.createDatabase();
  project = new Project({
    stacks: { dev: { "superset:vars": { LIMIT: 10 } } },
    policy: { db: { mode: "migrations" }, apply: { dev: { mode: "overwrite_git_wins" } } },
    env: { DATABASE_URL: warehouse.url, SUPERSET_ADMIN_USER: "admin", SUPERSET_ADMIN_PASS: "secret-of-the-test" },
  });
  project.write("assets/databases/shop.yaml.j2", "database_name: shop\nsqlalchemy_uri: postgresql://bi@db/shop\ncache_timeout: {{ LIMIT }}\n");
  project.write("db/migrations/001_a.sql", "-- migrate:up\ncreate table a (id int);\n");
  project.write(".gitignore", "node_modules\n.pulumi\n.hybrid\nbundles\n");
  git = new TestRepository(project.root);
  git.git("init", "--quiet", "--initial-branch=main");
});

const version = (...args: readonly string[]): Promise<HybridResult> => project.hybrid(["version", ...args]);
const data = async (...args: readonly string[]): Promise<Record<string, unknown>> => JSON.parse((await version("dev", "--json", ...args)).stdout) as Record<string, unknown>;
const bundle = (): string => compile({ root: project.root, environment: "dev" }).hash;
const deployed = (git_sha: string, more: { readonly bundle_hash?: string; readonly migration_version?: string } = {}): Promise<string> =>
  insertDeployment(warehouse.url, { environment: "dev", git_sha, bundle_hash: bundle(), migration_version: "001", deployed_by: "ada", ...more });

test("an environment that was never deployed", async () => {
  project.write("Pulumi.dev.yaml", `${project.read("Pulumi.dev.yaml")}  superset:url: http://127.0.0.1:9\n`);
  git.commit("First");
  const { code, stdout } = await version("dev");
  expect(stdout).toMatch(/^dev runs nothing that was deployed from here\n {2}live: not known: Superset at http:\/\/127\.0\.0\.1:9 cannot be reached: /);
  expect(stdout).not.toContain("secret-of-the-test");
  expect(code).toBe(1);
  expect(await data()).toMatchObject({ environment: "dev", current: false, deployed: null, git: null, live: { known: false }, history: [] });
});

test("what was deployed, beside Git: the same, more commits, other assets, other migrations, files in no commit", async () => {
  const first = git.commit("First");
  await deployed(first);
  const report = await version("--env", "dev");
  expect(report.stdout).toMatch(new RegExp(`^dev runs commit ${first}\\n  deployed \\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z by ada\\n  migrations up to 001, bundle ${bundle()}\\n  git: that is HEAD; this checkout has the same assets and migrations\\n  live: not known: `));
  expect(await data()).toMatchObject({ deployed: { git_sha: first, migration_version: "001", bundle_hash: bundle(), deployed_by: "ada", environment: "dev" }, git: { head: first, relation: { kind: "head" }, uncommitted: [], same_bundle: true, same_migrations: true } });

  project.write("README.md", "Read me\n");
  const second = git.commit("Second");
  expect((await version("dev")).stdout).toContain("  git: HEAD is 1 commit further; this checkout has the same assets and migrations\n");
  project.write("Pulumi.dev.yaml", project.read("Pulumi.dev.yaml").replace("10", "20"));
  project.write("db/migrations/002_b.sql", "-- migrate:up\ncreate table b (id int);\n");
  expect((await version("dev")).stdout).toContain("  git: HEAD is 1 commit further; this checkout has other assets and other migrations (2 uncommitted files among them)\n");
  await deployed(second, { migration_version: "002" });
  expect(await data()).toMatchObject({ git: { head: second, relation: { kind: "head" }, uncommitted: [" M Pulumi.dev.yaml", "?? db/migrations/002_b.sql"], same_bundle: true, same_migrations: true } });
  await deployed("c0ffee".repeat(6) + "beef");
  expect((await version("dev")).stdout).toContain("  git: this repository does not have that commit; this checkout has other migrations (2 uncommitted files among them)\n");
});

test("the history, newest first, of this environment alone", async () => {
  const sha = git.commit("First");
  for (const migration_version of ["001", "002", "003"]) {
    await deployed(sha, { migration_version });
  }
  await insertDeployment(warehouse.url, { environment: "prod", git_sha: sha, bundle_hash: "b", migration_version: null, deployed_by: "eve" });
  const versions = async (...args: readonly string[]): Promise<unknown> => ((await data(...args))["history"] as { readonly migration_version: string }[]).map((row) => row.migration_version);
  expect(await versions()).toEqual([]);
  expect(await versions("--history")).toEqual(["003", "002", "001"]);
  expect(await versions("--history", "2")).toEqual(["003", "002"]);
  const lines = (await version("dev", "--history", "2")).stdout.trimEnd().split("\n").slice(-2);
  expect(lines).toEqual([expect.stringMatching(new RegExp(`^\\S+Z  ${sha}  ada  migrations 003  bundle ${bundle().slice(0, 12)}$`)), expect.stringContaining("migrations 002")]);
  expect((await version("dev", "--history", "x")).stderr).toContain("It is a whole number from 1.");
});

test("without a record there is nothing to tell; a table of another shape is named", async () => {
  git.commit("First");
  await pg.sql(warehouse.name, "create schema meta; create table meta.deployments (id int, environment text); grant usage on schema meta to warehouse_owner; grant select on meta.deployments to warehouse_owner");
  expect(await version("dev")).toMatchObject({ code: 1, stderr: expect.stringMatching(/^what was deployed cannot be read from meta\.deployments: column "git_sha" does not exist \(42703\); bring the table to the shape that FORMATS\.md describes\n$/) as string });
  await pg.sql(warehouse.name, "revoke all on schema meta from warehouse_owner");
  expect((await version("dev")).stderr).toContain("what was deployed cannot be read from meta.deployments: permission denied for schema meta; grant the user of warehouse:url");
  project.write("policy.yaml", "db: {mode: none}\napply: {dev: {mode: overwrite_git_wins}}\n");
  expect(await version("dev")).toMatchObject({ code: 1, stderr: "policy.yaml has no db for 'dev' to be recorded in (db.mode): what it runs is in no meta.deployments. 'hybrid plan --env dev' compares it with Git\n" });
  expect((await version("nope")).stderr).toContain("no environment 'nope' in ");
});
