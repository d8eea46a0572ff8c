/** The steps of the workflows, run as the workflows run them: in a checkout, with a real Superset and warehouse, against a stand-in of GitHub. */
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { SupersetApi } from "../helpers/api";
import { bareRepository, gitFolder, TestRepository } from "../helpers/git";
import { GitHubStandIn } from "../helpers/github";
import { Project, type HybridResult } from "../helpers/project";
import { superset, type TestDatabase, type TestSuperset } from "../helpers/runtime";
import { chartNamed, chartParam, editRowLimit } from "../stack/faulty";
import { succeeded } from "../stack/outcome";
import { credentials, ORDERS_SQL, stackConfig, TEMPLATES, writeTemplates } from "../stack/small";

jest.setTimeout(300_000);

const REPOSITORY = resolve(__dirname, "../..");
const NAME = "shop/bi";
let server: TestSuperset;
let warehouse: TestDatabase;
let ui: SupersetApi;
let github: GitHubStandIn;
let project: Project;
let checkout: TestRepository;
let remote: TestRepository;

beforeAll(async () => {
  server = await superset();
  warehouse = await server.postgres.createDatabase();
  ui = await SupersetApi.connect(server);
  github = await new GitHubStandIn().start();
  const folder = gitFolder();
  remote = bareRepository(folder);
  github.addRepository(NAME, remote);
  project = new Project({
    stacks: { dev: stackConfig(server.url, warehouse, server.postgres) },
    env: { ...credentials(server), ...github.env(NAME), GITHUB_STEP_SUMMARY: "", HYBRID_SCRATCH_URL: server.postgres.url },
    policy: { apply: { dev: { mode: "overwrite_git_wins", drift_gate: "warn" } }, db: { mode: "migrations", migrations_dir: "db/migrations" } },
  });
  project.write("db/migrations/001_orders.sql", ORDERS_SQL);
  writeTemplates(project);
  cpSync(join(REPOSITORY, "scripts/ci"), join(project.root, "scripts/ci"), { recursive: true });
  // As npm leaves them.
  mkdirSync(join(project.root, "node_modules/.bin"));
  symlinkSync("../pulumi-superset/bin/hybrid.js", join(project.root, "node_modules/.bin/hybrid"));
  project.write(".gitignore", "node_modules\nbundles/\n.pulumi/\n");
  checkout = new TestRepository(project.root);
  checkout.git("init", "--quiet", "--initial-branch", "main");
  checkout.git("remote", "add", "origin", remote.folder);
  await project.initStacks("dev");
  checkout.publish("First");
  succeeded(await project.up("dev"));
});
afterAll(() => github.stop());

/** Runs a step; GitHub's summary of the job is in `summary`. */
async function step(name: string, ...args: readonly string[]): Promise<HybridResult & { readonly summary: string }> {
  const file = join(gitFolder(), "summary.md");
  writeFileSync(file, "");
  const result = await project.program("sh", [`scripts/ci/${name}.sh`, ...args], { env: { GITHUB_STEP_SUMMARY: file } });
  return { ...result, summary: readFileSync(file, "utf8") };
}

function ended(code: number, result: HybridResult): void {
  if (result.code !== code) {
    throw new Error(`ended with ${String(result.code)}, not ${code}:\n${result.stdout}\n${result.stderr}`);
  }
}

describe("check", () => {
  test("a repository that is well", async () => {
    const result = await step("check");
    ended(0, result);
    expect(result.stdout).toContain("== dev\n");
    expect(checkout.git("status", "--porcelain")).toBe("");
  });

  test("a template with a problem: the step fails with file and line", async () => {
    project.write("assets/charts/total.yaml", "slice_name: Total\nviz_type: big_number_total\ndatasorce: orders\n");
    const result = await step("check");
    checkout.git("checkout", "--quiet", "assets");
    ended(1, result);
    expect(result.stderr).toContain("assets/charts/total.yaml:3:1: unknown field 'datasorce'");
    expect(result.stderr).toContain("not well: dev");
  });

  test("a generated file that is not committed: the step fails and names it", async () => {
    project.write("ui_exports/dev/charts/a.yaml", "slice_name: A\n");
    const result = await step("check");
    rmSync(join(project.root, "ui_exports"), { recursive: true });
    ended(2, result);
    expect(result.stderr).toContain("generated files differ from what is committed; commit them:\n?? ui_exports/");
  });
});

describe("plan", () => {
  /** Opens a pull request of a branch; its number. */
  const pull = async (head: string): Promise<number> => {
    const opened = await fetch(`${github.url}/repos/${NAME}/pulls`, { method: "POST", headers: { authorization: `token ${github.token}` }, body: JSON.stringify({ title: head, head, base: "main" }) });
    return ((await opened.json()) as { readonly number: number }).number;
  };

  test("what a pull request would do, as its comment and in the job's summary; the next push brings the comment up to date", async () => {
    checkout.git("checkout", "--quiet", "-b", "limit");
    const change = (limit: number): void => {
      project.write("assets/charts/turnover.yaml.j2", (TEMPLATES["assets/charts/turnover.yaml.j2"] ?? "").replace("1000", String(limit)));
      checkout.publish(`Limit ${limit}`);
    };
    change(500);
    const number = await pull("limit");
    const first = await step("plan", "dev", String(number));
    ended(0, first);
    expect(first.summary).toContain("row_limit");
    expect(github.comments(NAME, number)).toEqual([expect.stringMatching(/^<!-- hybrid: plan-dev -->\n[^]*row_limit: 1000 → 500/)]);
    change(700);
    ended(0, await step("plan", "dev", String(number)));
    expect(github.comments(NAME, number)).toEqual([expect.stringMatching(/row_limit: 1000 → 700/)]);
    checkout.git("checkout", "--quiet", "main");
  });

  test("a migration that breaks an asset: the comment says which, down to the dashboard, and the step fails", async () => {
    checkout.git("checkout", "--quiet", "-b", "drop");
    project.write("db/migrations/002_region.sql", "alter table orders drop column region;\n");
    checkout.publish("Drop the region");
    const opened = await pull("drop");
    const result = await step("plan", "dev", String(opened));
    const since = await step("impact", "main");
    checkout.git("checkout", "--quiet", "main");
    ended(1, result);
    const [comment = ""] = github.comments(NAME, opened);
    expect(comment).toContain("002_region.sql");
    const chain = /drops column region of table public\.orders\n +→ dataset 'orders'[^]*dashboard 'Sales \(dev\)'/;
    expect(comment).toMatch(chain);
    expect(result.summary).toMatch(chain);
    // The same without asking the environment: what every pull request gets, also from a fork.
    ended(1, since);
    expect(since.summary).toMatch(chain);
  });

  test("without a pull request it is in the summary alone", async () => {
    github.takeRequests();
    const result = await step("plan", "dev", "");
    ended(0, result);
    expect(result.summary).toContain("Nothing to do");
    expect(github.takeRequests()).toEqual([]);
  });
});

describe("deploy", () => {
  const setLimit = (limit: number): void => {
    project.write("assets/charts/turnover.yaml.j2", (TEMPLATES["assets/charts/turnover.yaml.j2"] ?? "").replace("1000", String(limit)));
    checkout.publish(`Limit ${limit}`);
  };

  test("an environment whose policy warns gets what Git says", async () => {
    setLimit(2000);
    const result = await step("deploy", "dev");
    ended(0, result);
    expect(result.stdout).toMatch(/^DEPLOY_OK \(dev\)$/m);
    const live = await ui.exportAssets();
    expect(chartParam(live, chartNamed(live, "Turnover (dev)"), "row_limit")).toBe(2000);
    expect(checkout.git("status", "--porcelain")).toBe("");
  });

  test("a strict one is not deployed over an edit of the UI: exit code 3, with asset, field and who", async () => {
    project.write("policy.yaml", project.read("policy.yaml").replace("overwrite_git_wins", "strict_fail_on_drift").replace("drift_gate: warn", "drift_gate: fail"));
    const uuid = chartNamed(await ui.exportAssets(), "Turnover (dev)");
    await editRowLimit(ui, uuid, 55);
    setLimit(3000);
    const result = await step("deploy", "dev");
    ended(3, result);
    expect(result.stdout + result.stderr).toMatch(/chart 'Turnover \(dev\)'[^]*Local Admin[^]*row_limit/);
    const live = await ui.exportAssets();
    expect(chartParam(live, uuid, "row_limit")).toBe(55);
    // As it was, for the tests below.
    await editRowLimit(ui, uuid, 2000);
    checkout.git("checkout", "--quiet", "HEAD~1", "--", "policy.yaml");
    setLimit(1000);
    ended(0, await step("deploy", "dev"));
  });
});

describe("drift", () => {
  const issues = async (): Promise<readonly { readonly title: string; readonly body: string }[]> => {
    const answer = await fetch(`${github.url}/repos/${NAME}/issues?labels=drift`, { headers: { authorization: `token ${github.token}` } });
    return (await answer.json()) as readonly { readonly title: string; readonly body: string }[];
  };

  test("none: nothing is opened", async () => {
    const result = await step("drift", "dev");
    ended(0, result);
    expect(result.stdout).toMatch(/^NO_DRIFT$/m);
    expect(result.stdout).toMatch(/^NO_DB_DRIFT$/m);
    expect(result.summary).toBe("No drift in `dev`.\n");
    expect(await issues()).toEqual([]);
  });

  test("an edit in the UI and one of the schema: an issue with both, brought up to date, and closed when they are gone", async () => {
    const uuid = chartNamed(await ui.exportAssets(), "Turnover (dev)");
    await editRowLimit(ui, uuid, 77);
    await server.postgres.sql(warehouse.name, "set role warehouse_owner; alter table orders add column note text");
    ended(0, await step("drift", "dev"));
    const [issue, ...others] = await issues();
    expect(others).toEqual([]);
    expect(issue?.title).toBe("Drift in dev");
    expect(issue?.body).toMatch(/was edited in Superset by Local Admin[^]*\+ +row_limit: 77/);
    expect(issue?.body).toMatch(/DB_DRIFT_FOUND[^]*note/);
    await editRowLimit(ui, uuid, 88);
    ended(0, await step("drift", "dev"));
    expect((await issues()).map(({ body }) => /row_limit: (88|77)/.exec(body)?.[1])).toEqual(["88"]);
    await editRowLimit(ui, uuid, 1000);
    await server.postgres.sql(warehouse.name, "set role warehouse_owner; alter table orders drop column note");
    ended(0, await step("drift", "dev"));
    expect(await issues()).toEqual([]);
  });

  test("where it cannot look, the step fails, and no issue says that all is well", async () => {
    github.takeRequests();
    const result = await project.program("sh", ["scripts/ci/drift.sh", "dev"], { env: { SUPERSET_ADMIN_PASS: "wrong" } });
    ended(1, result);
    expect(result.stderr).toContain("wrong user name or password");
    expect(github.takeRequests()).toEqual([]);
  });
});
