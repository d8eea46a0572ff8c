/**
 * From an edit in dev's UI to production: three environments, each with a Superset and a warehouse of its own, a bare repository as the
 * remote, and a stand-in for GitHub's API. Once with a small workspace whose templates people wrote, once with three of Superset's own
 * examples, taken over by `hybrid export` and `hybrid translate`.
 */
import { join } from "node:path";
import type { JsonObject } from "../../provider/json";
import type { ExportDocument } from "../../provider/kinds/define";
import { SupersetApi } from "../helpers/api";
import { readExamples } from "../helpers/examples";
import { bareRepository, gitFolder, TestRepository } from "../helpers/git";
import { GitHubStandIn } from "../helpers/github";
import { Project, type HybridResult } from "../helpers/project";
import { PLURALS } from "../helpers/rules";
import { superset, type TestDatabase, type TestPostgres, type TestSuperset } from "../helpers/runtime";
import { ORDERS_SQL, TEMPLATES } from "../stack/small";

jest.setTimeout(600_000);

const STAGES = ["dev", "staging", "prod"] as const;
type Stage = (typeof STAGES)[number];
const REPOSITORY = "shop/bi";

const POLICY: JsonObject = {
  default_env: "dev",
  db: { mode: "migrations", migrations_dir: "db/migrations" },
  apply: {
    dev: { mode: "overwrite_git_wins", drift_gate: "warn" },
    staging: { mode: "strict_fail_on_drift", drift_gate: "fail" },
    prod: { mode: "strict_fail_on_drift", drift_gate: "fail" },
  },
  deploy: { attempts: 1 },
};

const servers = new Map<Stage, TestSuperset>();
const warehouses = new Map<Stage, TestDatabase>();
const github = new GitHubStandIn();
let project: Project;
let clone: TestRepository;
let remote: TestRepository;
let postgres: TestPostgres;

const serverOf = (stage: Stage): TestSuperset => servers.get(stage)!;
const hybrid = (...args: readonly string[]): Promise<HybridResult> => project.hybrid(args);

/** Standard output of a command that must end with `code`; fails with all it said. */
async function said(code: number, ...args: readonly string[]): Promise<string> {
  const result = await hybrid(...args);
  if (result.code !== code) {
    throw new Error(`hybrid ${args.join(" ")} ended with ${result.code}, not ${code}:\n${result.stdout}\n${result.stderr}`);
  }
  return result.stdout;
}

/** Stack configuration of a stage; every stage has an administrator of its own. */
function configOf(stage: Stage): JsonObject {
  const server = serverOf(stage);
  return {
    "superset:url": server.url,
    "superset:username": server.username,
    "warehouse:url": warehouses.get(stage)!.url,
    "superset:vars": {
      ENV: stage,
      DB_HOST: postgres.host,
      DB_PORT: postgres.port,
      DB_NAME: warehouses.get(stage)!.name,
      DB_USER: postgres.reader.username,
      DB_PASSWORD: { env: "TEST_DB_PASSWORD", secret: true },
    },
  };
}

/** A repository with a remote, of which nothing is applied yet. */
async function begin(files: Readonly<Record<string, string>>): Promise<void> {
  const env: Record<string, string> = { TEST_DB_PASSWORD: postgres.reader.password, ...github.env(REPOSITORY) };
  project = new Project({ stacks: Object.fromEntries(STAGES.map((stage) => [stage, configOf(stage)])), env, policy: POLICY });
  for (const [path, text] of Object.entries(files)) {
    project.write(path, text);
  }
  project.write(".gitignore", "node_modules\n.pulumi/\n.hybrid/\nbundles/\nui_exports/\n");
  clone = new TestRepository(project.root);
  clone.git("init", "--quiet", "--initial-branch=main");
  for (const stage of STAGES) {
    await project.mustRun("stack", "init", stage);
    await project.mustRun("config", "set", "--secret", "superset:password", serverOf(stage).password, "--stack", stage);
  }
  remote = bareRepository(gitFolder());
  github.addRepository(REPOSITORY, remote);
  clone.git("remote", "add", "origin", remote.folder);
  clone.commit("The workspace");
  clone.git("push", "--quiet", "--set-upstream", "origin", "main");
}

/** Merges the open pull request as a person does on GitHub, and pulls. */
async function merge(): Promise<void> {
  const [open, ...more] = github.pulls(REPOSITORY).filter(({ state }) => state === "open");
  expect(more).toEqual([]);
  const response = await fetch(`${github.url}/repos/${REPOSITORY}/pulls/${String(open?.["number"])}/merge`, {
    method: "PUT",
    headers: { authorization: `token ${github.token}`, "content-type": "application/json" },
    body: JSON.stringify({ merge_method: "merge" }),
  });
  expect(response.status).toBe(200);
  clone.git("pull", "--quiet", "--ff-only");
}

beforeAll(async () => {
  for (const stage of STAGES) {
    servers.set(stage, await superset({ own: true }));
    postgres = serverOf(stage).postgres;
    warehouses.set(stage, await postgres.createDatabase());
  }
  await github.start();
});
afterAll(() => github.stop());

/** Edits a chart of a stage as the UI does. */
async function edit(stage: Stage, name: string, change: (params: JsonObject) => JsonObject): Promise<void> {
  const ui = await SupersetApi.connect(serverOf(stage));
  const { result } = await ui.get(`/api/v1/chart/?q=(columns:!(id,slice_name,params,datasource_id,datasource_type),page_size:100)`);
  const found = (result as unknown as readonly JsonObject[]).find((row) => row["slice_name"] === name);
  await ui.put(`/api/v1/chart/${String(found?.["id"])}`, { params: JSON.stringify(change(JSON.parse(String(found?.["params"])) as JsonObject)) });
}

/** The commit that `hybrid version` says each stage runs. */
async function commits(code = 0): Promise<unknown[]> {
  const reports = await Promise.all(STAGES.map(async (stage) => JSON.parse((await hybrid("version", stage, "--json")).stdout) as { readonly deployed: JsonObject; readonly current: boolean }));
  expect(reports.map(({ current }) => current)).toEqual(STAGES.map((stage) => code === 0 || stage !== "prod"));
  return reports.map(({ deployed }) => deployed["git_sha"]);
}

/** The commit that is checked out, once for each stage. */
const everywhere = (): string[] => STAGES.map(() => clone.git("rev-parse", "HEAD"));

describe("a workspace that people wrote", () => {
  test("is deployed to dev and promoted to staging and prod", async () => {
    await begin({ ...TEMPLATES, "db/migrations/20260101000000_orders.sql": `-- migrate:up\n${ORDERS_SQL}\n-- migrate:down\ndrop table orders;\n` });
    expect(await said(0, "deploy", "dev")).toContain("DEPLOY_OK (dev)\n");
    await said(0, "promote");
    expect(await commits()).toEqual(everywhere());
  });

  test("an edit in dev's UI is found", async () => {
    await edit("dev", "Turnover (dev)", (params) => ({ ...params, row_limit: 250 }));
    const text = await said(2, "drift-plan", "dev");
    expect(text).toMatch(/^DRIFT_FOUND\nchart 'Turnover \(dev\)' \(assets\/charts\/turnover\.yaml\.j2\) was edited in Superset by Local Admin at /);
    expect(text).toContain("-  row_limit: 1000\n+  row_limit: 250\n");
  });

  test("it becomes a pull request that touches one line of one template", async () => {
    const before = clone.git("rev-parse", "HEAD");
    await said(0, "export-to-pr", "dev");
    const [pull] = github.pulls(REPOSITORY);
    const head = String((pull?.["head"] as JsonObject)["ref"]);
    expect(remote.git("diff", "--numstat", `main...${head}`)).toBe("1\t1\tassets/charts/turnover.yaml.j2");
    expect(remote.git("diff", "--unified=0", `main...${head}`)).toMatch(/\n- {2}row_limit: 1000\n\+ {2}row_limit: 250$/);
    expect(remote.git("log", "-1", "--format=%B", head)).toContain("Local Admin");
    expect(clone.git("rev-parse", "HEAD")).toBe(before);
    expect(clone.git("status", "--porcelain")).toBe("");
  });

  test("a second run changes nothing", async () => {
    const commits = remote.git("rev-parse", "--all");
    await said(0, "export-to-pr", "dev");
    expect(remote.git("rev-parse", "--all")).toBe(commits);
    expect(github.pulls(REPOSITORY)).toHaveLength(1);
  });

  test("once it is merged, dev has nothing to write, and the other stages get it by promotion", async () => {
    await merge();
    expect(await said(0, "deploy", "dev")).toContain("DEPLOY_OK (dev)\n");
    const preview = JSON.parse(await said(2, "promote", "--dry-run", "--json")) as { readonly stages: readonly { readonly environment: string; readonly empty: boolean }[] };
    expect(preview.stages.map(({ environment, empty }) => [environment, empty])).toEqual([["dev", true], ["staging", false], ["prod", false]]);
    await said(0, "promote");
    expect(await commits()).toEqual(everywhere());
    for (const stage of STAGES) {
      expect(await said(0, "drift-plan", stage)).toMatch(/^NO_DRIFT\n/);
    }
  });

  test("a table that somebody altered in prod is found, and stops the next promotion", async () => {
    await postgres.sql(warehouses.get("prod")!.name, "set role warehouse_owner; alter table orders add column by_hand text");
    expect(await said(2, "db", "drift", "--env", "prod")).toMatch(/^DB_DRIFT_FOUND\n[^]*by_hand/);
    clone.write("assets/charts/total.yaml", `${project.read("assets/charts/total.yaml")}description: All orders\n`);
    clone.publish("A description");
    await said(0, "deploy", "dev");
    const { code, stdout, stderr } = await hybrid("promote");
    expect({ code, said: `${stdout}${stderr}` }).toEqual({ code: 3, said: expect.stringMatching(/by_hand/) as string });
    const [sha = ""] = everywhere();
    expect((await commits(2)).map((commit) => commit === sha)).toEqual([true, true, false]);
  });
});

describe("three of Superset's own examples", () => {
  test("are taken over from dev, and deployed everywhere", async () => {
    for (const stage of STAGES) {
      await serverOf(stage).fresh();
      warehouses.set(stage, await postgres.createDatabase());
    }
    const uri = `postgresql+psycopg2://${postgres.reader.username}:${postgres.reader.password}@${postgres.host}:${postgres.port}/${warehouses.get("dev")!.name}`;
    const examples = readExamples(join(postgres.bin, "../../../superset"), uri);
    const ui = await SupersetApi.connect(serverOf("dev"));
    for (const plural of PLURALS) {
      await ui.importAssets(plural, examples[plural] as readonly ExportDocument[]);
    }
    await begin({ "db/migrations/20260101000000_nothing.sql": "-- migrate:up\nselect 1;\n-- migrate:down\nselect 1;\n", "assets/charts/.gitkeep": "" });
    const slugs = examples.dashboards.map((dashboard) => String(dashboard["slug"] ?? "")).filter((slug) => slug !== "").sort().slice(0, 3);
    expect(slugs).toHaveLength(3);
    for (const slug of slugs) {
      await said(0, "export", "dev", "--dashboard", slug, "--out", `ui_exports/${slug}`);
      await said(0, "translate", "dev", "--from", `ui_exports/${slug}`);
    }
    clone.publish("Taken over");
    // Nothing is written over in dev, where they come from.
    expect(await said(2, "plan", "dev")).not.toMatch(/^[!~-] /m);
    await said(0, "deploy", "dev");
    await said(0, "promote");
    expect(await commits()).toEqual(everywhere());
  });

  test("an edit of one of them goes the same way", async () => {
    const { assets } = JSON.parse(await said(0, "drift-plan", "dev", "--json")) as { readonly assets: readonly unknown[] };
    expect(assets).toEqual([]);
    const ui = await SupersetApi.connect(serverOf("dev"));
    const names = new Map(clone.git("ls-files", "assets/charts").split("\n").map((file) => [/^slice_name: "?(.*?)"?$/m.exec(project.read(file))?.[1] ?? "", file]));
    const { result } = await ui.get("/api/v1/chart/?q=(columns:!(id,slice_name,params,datasource_id,datasource_type),page_size:100)");
    const chart = (result as unknown as readonly JsonObject[]).find((row) => names.has(String(row["slice_name"])) && /"row_limit": ?\d/.test(String(row["params"])));
    const file = names.get(String(chart?.["slice_name"])) ?? "";
    await edit("dev", String(chart?.["slice_name"]), (params) => ({ ...params, row_limit: 4321 }));
    await said(0, "export-to-pr", "dev");
    const [open] = github.pulls(REPOSITORY).filter(({ state }) => state === "open");
    const head = String((open?.["head"] as JsonObject)["ref"]);
    expect(remote.git("diff", "--numstat", `main...${head}`)).toBe(`1\t1\t${file}`);
    await merge();
    await said(0, "deploy", "dev");
    await said(0, "promote");
    expect(await commits()).toEqual(everywhere());
    for (const stage of STAGES) {
      expect(await said(0, "drift-plan", stage)).toMatch(/^NO_DRIFT\n/);
    }
  });
});
