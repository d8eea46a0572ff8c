/** `hybrid apply`, `deploy`, `sync`, `promote` and `version` on real servers: two environments, a Superset that misbehaves on command, and a Git repository. */
import type { JsonObject } from "../../provider/json";
import { SupersetApi } from "../helpers/api";
import { TestRepository } from "../helpers/git";
import { Project, type HybridResult } from "../helpers/project";
import { startProxy, type FaultProxy } from "../helpers/proxy";
import { postgres, superset, type TestDatabase, type TestPostgres, type TestSuperset } from "../helpers/runtime";
import { chartNamed, chartParam, editRowLimit, reached } from "../stack/faulty";
import { credentials, ORDERS_SQL, stackConfig, TEMPLATES, writeTemplates } from "../stack/small";

jest.setTimeout(600_000);

/** A `Retry-After` beyond the gateway's budget ends its own waiting at once. */
const GONE = { status: 503, headers: { "retry-after": "3600" } };
const IMPORT = "POST /api/v1/assets/import/";
const TURNOVER = "assets/charts/turnover.yaml.j2";
const POLICY: JsonObject = {
  db: { mode: "migrations" },
  apply: { dev: { mode: "overwrite_git_wins", drift_gate: "warn" }, prod: { mode: "strict_fail_on_drift", drift_gate: "fail" } },
  deploy: { backoff_seconds: 0.1 },
};

interface Site {
  readonly server: TestSuperset;
  readonly warehouse: TestDatabase;
  readonly proxy: FaultProxy;
  readonly ui: SupersetApi;
}

let pg: TestPostgres;
let dev: Site;
let prod: Site;
let project: Project;
let git: TestRepository;

async function site(): Promise<Site> {
  const server = await superset({ own: true });
  const warehouse = await pg.createDatabase();
  await pg.sql(warehouse.name, `set role warehouse_owner; ${ORDERS_SQL}`);
  return { server, warehouse, proxy: await startProxy(server.url), ui: await SupersetApi.connect(server) };
}

beforeAll(async () => {
  pg = await postgres();
  dev = await site();
  prod = await site();
  const config = ({ proxy, warehouse, server }: Site, environment: string): JsonObject => ({ ...stackConfig(proxy.url, warehouse, pg, environment), "superset:username": server.username });
  // Each Superset has a password of its own; an encrypted one is asked for by the CLI, as in production.
  project = new Project({ stacks: { dev: config(dev, "dev"), prod: config(prod, "prod") }, policy: POLICY, env: { ...credentials(dev.server), SUPERSET_ADMIN_PASS: "", PATH: `${pg.bin}:${process.env["PATH"] ?? ""}` } });
  writeTemplates(project);
  project.write("db/migrations/001_notes.sql", "-- migrate:up\ncreate table notes (id int);\n");
  project.write(".gitignore", "node_modules\n.pulumi\n.hybrid\nbundles\n");
  git = new TestRepository(project.root);
  git.git("init", "--quiet", "--initial-branch=main");
});

afterAll(async () => {
  await dev.proxy.close();
  await prod.proxy.close();
});
afterEach(() => {
  dev.proxy.reset();
  prod.proxy.reset();
});

const hybrid = (...args: readonly string[]): Promise<HybridResult> => project.hybrid(args);
const setRowLimit = (limit: number): void => project.write(TURNOVER, (TEMPLATES[TURNOVER] ?? "").replace("1000", String(limit)));
const rows = (where: Site): Promise<string> => pg.sql(where.warehouse.name, "select git_sha from meta.deployments order by id");

/** The output of a command that ended with this code; fails with everything it said. */
function ended(result: HybridResult, code = 0): HybridResult {
  if (result.code !== code) {
    throw new Error(`hybrid ended with ${result.code}, not with ${code}:\n${result.stdout}\n${result.stderr}`);
  }
  return result;
}

async function liveRowLimit({ ui }: Site, environment: string): Promise<unknown> {
  const live = await ui.exportAssets();
  return chartParam(live, chartNamed(live, `Turnover (${environment})`), "row_limit");
}

async function editLive({ ui }: Site, environment: string, limit: number): Promise<void> {
  await editRowLimit(ui, chartNamed(await ui.exportAssets(), `Turnover (${environment})`), limit);
}

describe("deploy", () => {
  let sha: string;

  test("passwords are encrypted in the stack files: a wrong passphrase is told", async () => {
    for (const [environment, { server }] of [["dev", dev], ["prod", prod]] as const) {
      await project.mustRun("stack", "init", environment);
      await project.mustRun("config", "set", "--secret", "superset:password", server.password, "--stack", environment);
    }
    sha = git.commit("First");
    const result = ended(await project.hybrid(["apply", "dev"], { env: { PULUMI_CONFIG_PASSPHRASE_FILE: "/no/such/file", PULUMI_CONFIG_PASSPHRASE: "wrong" } }), 1);
    expect(result.stdout).toBe("");
    expect(result.stderr).toContain("incorrect passphrase");
  });

  test("a server that is down at first is tried again; an error in SQL is not, and what was done before it is not done again", async () => {
    dev.proxy.answer("GET /static/version_info.json", 2, GONE);
    const broken = "-- migrate:up\ncreate table more (id intx);\n";
    project.write("db/migrations/002_more.sql", broken);
    const first = ended(await hybrid("deploy", "dev", "--json"), 1);
    expect(first.stderr).toContain("db_sync: attempt 2 of 3 failed (Superset, or a proxy before it, was busy or away); the next begins in 0.2 s");
    expect(first.stderr.match(/attempt \d of 3 failed/g)).toHaveLength(2);
    expect(JSON.parse(first.stdout)).toMatchObject({ environment: "dev", ok: false, stopped_at: "db_sync", attempts: 3, exit_code: 1, steps: [], error: expect.stringMatching(/^db\/migrations\/002_more\.sql:2:23: type "intx" does not exist \(42704\)/) as string });
    const again = ended(await hybrid("deploy", "dev"), 1);
    expect(again.stderr).not.toContain("attempt");
    expect(again.stderr).toMatch(/Nothing of 002_more\.sql stays\. Correct the file and run again\.\nStopped at db_sync\.\n$/);
    expect(await pg.sql(dev.warehouse.name, "select version from schema_migrations")).toBe("001");

    project.write("db/migrations/002_more.sql", broken.replace("intx", "int"));
    dev.proxy.answer(IMPORT, Infinity, GONE);
    const away = ended(await hybrid("deploy", "dev"), 1);
    expect(away.stdout).toMatch(/^db_sync: 1 applied; version 002 \(.* s\)\ncompile: 1 database, 1 dataset, 2 charts, 1 dashboard; sha256 \w{64} \(.* s\)\nvalidate: 5 assets, no problem \(.* s\)\ndrift_gate: no drift \(.* s\)\n$/);
    expect(away.stderr).toContain("apply: attempt 2 of 3 failed (Superset, or a proxy before it, was busy or away)");
    expect(away.stderr).toMatch(/is not available: POST \/api\/v1\/assets\/import\/ answered 503 1 times \(Retry-After: 3600\)\.[^\n]*\nStopped at apply, after 3 attempts\.\n$/);

    dev.proxy.reset();
    const done = ended(await hybrid("deploy", "dev"));
    expect(done.stderr).toMatch(/going on with the deploy of \S+, which stopped at apply; --restart begins anew/);
    expect(done.stdout).toMatch(/^db_sync: done at \S+ \(kept\)\n/);
    expect(done.stdout).toContain("\napply: migrations: nothing to run; databases: 1 created; datasets: 1 created; charts: 2 created; dashboards: 1 created; deployment: recorded (");
    expect(done.stdout).toMatch(new RegExp(`\\ndrift_check: as Git wants it \\(.* s\\)\\nrecord: commit ${sha}, by \\S+ at \\S+Z \\(.* s\\)\\nDEPLOY_OK \\(dev\\)\\n$`));
    expect(await liveRowLimit(dev, "dev")).toBe(1000);
    sha = git.commit("Second");
  });

  test("where nothing has changed nothing is written, and no row either", async () => {
    const result = JSON.parse(ended(await hybrid("deploy", "--env", "dev", "--json")).stdout) as JsonObject;
    expect(result).toMatchObject({ environment: "dev", ok: true, changes: { charts: { created: 0, updated: 0, unchanged: 2 }, deployment: { unchanged: 1 } } });
    expect((result["steps"] as unknown as { readonly name: string }[]).map(({ name }) => name)).toEqual(["db_sync", "compile", "validate", "drift_gate", "apply", "drift_check", "record"]);
    expect((await rows(dev)).split("\n")).toHaveLength(1);
    // The stack that a bare `pulumi up` is about is still the one the user has chosen.
    expect(await project.mustRun("stack", "--show-name")).toContain("prod");
  });

  test("a gate that only warns says who changed what, and Git's version is written; a strict one refuses, and so does the apply itself", async () => {
    await editLive(dev, "dev", 50);
    const strict = { HYBRID_APPLY_MODE: "strict_fail_on_drift" };
    const refused = ended(await project.hybrid(["deploy", "dev", "--json"], { env: strict }), 3);
    expect(JSON.parse(refused.stdout)).toMatchObject({ ok: false, stopped_at: "drift_gate", exit_code: 3, attempts: 1 });
    expect(refused.stderr).toMatch(new RegExp(`refused: 'dev' was changed since the last apply, and its policy is strict_fail_on_drift\\. Nothing was written over that\\.\\nchart 'Turnover \\(dev\\)' \\(${TURNOVER}\\) was edited in Superset by Local Admin at \\S+Z\\n  params\\.row_limit: 1000 → 50\\n`));
    const apply = ended(await project.hybrid(["apply", "dev", "--json"], { env: strict }), 3);
    expect(JSON.parse(apply.stdout)).toMatchObject({ ok: false, exit_code: 3, error: expect.stringMatching(/^refused: /) as string });
    expect(apply.stderr).toContain("refused: the policy of this environment is strict_fail_on_drift, and applying would overwrite what was made in Superset. Nothing was written.");
    expect(apply.stderr.match(/refused: /g)).toHaveLength(1);
    expect(await liveRowLimit(dev, "dev")).toBe(50);

    const warned = ended(await hybrid("deploy", "dev"));
    expect(warned.stderr).toContain("drift in dev:\n");
    expect(warned.stdout).toContain("drift_gate: 1 asset changed in Superset; the gate only warns (");
    expect(warned.stdout).toContain("charts: 1 updated, 1 unchanged");
    expect(await liveRowLimit(dev, "dev")).toBe(1000);
  });

  test("sync does the same with the schema's snapshot", async () => {
    const result = ended(await hybrid("sync", "dev"));
    expect(result.stdout).toMatch(/\nschema_snapshot: db\/schema_dump\/schema\.sql written \([^\n]*\ncompile: [^]*\nSYNC_DONE \(dev\)\n$/);
    expect(project.read("db/schema_dump/schema.sql")).toContain("CREATE TABLE public.more (");
    sha = git.commit("The schema");
  });

  test("apply --dry-run says what would be done, and does nothing", async () => {
    setRowLimit(1001);
    const result = ended(await hybrid("apply", "dev", "--dry-run"), 2);
    expect(result.stdout).toBe("dev:\n  migrations: nothing to run\n  databases: 1 unchanged\n  datasets: 1 unchanged\n  charts: 1 to be updated, 1 unchanged\n  dashboards: 1 unchanged\n  deployment: to be recorded\n");
    expect(await liveRowLimit(dev, "dev")).toBe(1000);
    setRowLimit(1000);
    ended(await hybrid("apply", "dev", "--dry-run"));
  });
});

describe("two at once, and an end from outside", () => {
  test("a second deploy and a second apply are told who is at work; a Ctrl-C ends the first cleanly, and the next goes on", async () => {
    setRowLimit(1002);
    const held = dev.proxy.hold(IMPORT);
    const first = project.startHybrid(["deploy", "dev"]);
    await reached(held, first.done.then(({ code, stdout, stderr }) => ({ code, output: stdout + stderr })));
    const second = ended(await hybrid("deploy", "dev"), 1);
    expect(second.stderr).toBe(`process ${first.child.pid} is at work on 'dev' in this checkout. Nothing was done; run it again when that one is done\n`);
    const apply = ended(await hybrid("apply", "dev"), 1);
    expect(apply.stderr).toMatch(/stack 'dev' is locked: another run is at work on it, or one was killed at it\. Nothing was done\.\n {2}\S.*created by [^\n]+\nRun it again when the other one is done; where none is, 'npx pulumi cancel --yes --stack dev' takes the lock away\.\n$/);

    // To one process alone, as a CI job does: the CLI hears of it from us.
    const heard = new Promise<void>((told) => first.child.stderr?.on("data", (chunk: Buffer) => chunk.toString("utf8").includes("nothing further is begun") && told()));
    process.kill(first.child.pid ?? 0, "SIGINT");
    await heard;
    await new Promise((later) => setTimeout(later, 2000));
    held.release();
    const interrupted = ended(await first.done, 1);
    expect(interrupted.stderr).toMatch(/interrupted: what was under way in 'dev' was finished, and nothing further begun\. Run it again to go on\nStopped at apply\.\n$/);
    expect(await liveRowLimit(dev, "dev")).toBe(1002);
    const next = ended(await hybrid("deploy", "dev"));
    expect(next.stdout).toMatch(/^db_sync: done at \S+ \(kept\)\n/);
    expect(next.stdout).toContain("DEPLOY_OK (dev)\n");
  });
});

describe("promote", () => {
  let sha: string;

  test("not with files that are in no commit", async () => {
    const result = ended(await hybrid("promote"), 1);
    expect(result.stderr).toBe(
      `promote brings one commit through all environments, and this checkout holds what is in none:\n   M ${TURNOVER}\nCommit it, or add --allow-dirty: then the record of deployments names a commit that is not all of what was deployed.\n`,
    );
    sha = git.commit("Third");
  });

  test("--dry-run reports what each environment would get", async () => {
    const result = JSON.parse(ended(await hybrid("promote", "--dry-run", "--json"), 2).stdout) as { readonly commit: string; readonly stages: readonly JsonObject[] };
    expect(result.commit).toBe(sha);
    expect(result.stages).toMatchObject([
      { environment: "dev", empty: true, refused: null, deployed: { environment: "dev" }, plan: { assets: [] } },
      { environment: "prod", empty: false, refused: null, deployed: null, plan: { migrations: { pending: ["001_notes.sql", "002_more.sql"] } } },
    ]);
    const text = ended(await hybrid("promote", "--chain", "prod", "--dry-run"), 2).stdout;
    expect(text).toContain("prod: 2 migrations to run, 5 to create\n");
    expect(text).toContain("prod runs nothing that was deployed from here\n");
    expect(await prod.ui.exportAssets().then(({ charts }) => charts?.size)).toBe(0);
  });

  test("the same commit goes to every environment, also to one that this backend has no stack of, and version says so", async () => {
    await project.mustRun("stack", "rm", "prod", "--yes", "--preserve-config");
    expect(ended(await hybrid("plan", "prod"), 1).stderr).toContain(
      "what is encrypted in Pulumi.prod.yaml cannot be read: there is no stack 'prod' yet. 'npx pulumi stack init prod --no-select' makes it, and so does the first 'hybrid apply prod'",
    );
    setRowLimit(1003);
    sha = git.commit("Fourth");
    const result = ended(await hybrid("promote", "--drift"));
    expect(result.stdout).toMatch(/^dev:\n {2}compile: [^]*\nprod:\n {2}compile: /);
    expect(result.stdout).toContain(`promoted ${sha} to dev, prod\n`);
    expect(await liveRowLimit(prod, "prod")).toBe(1003);
    for (const environment of ["dev", "prod"]) {
      const { stdout } = ended(await hybrid("version", environment));
      expect(stdout).toMatch(new RegExp(`^${environment} runs commit ${sha}\\n  deployed \\S+Z by \\S+\\n  migrations up to 002, bundle \\w{64}\\n  git: that is HEAD; this checkout has the same assets and migrations\\n  live: as this checkout wants it\\n$`));
    }
  });

  test("an environment that does not compile stops it before the first is touched", async () => {
    project.write("assets/charts/broken.yaml.j2", '{% if ENV == "prod" %}nonsense: 1{% else %}slice_name: Broken\nviz_type: big_number_total\ndatasource: orders\nparams: {metric: turnover}{% endif %}\n');
    git.commit("Broken in prod");
    const result = ended(await hybrid("promote"), 1);
    expect(result.stdout).toBe("");
    expect(result.stderr).toContain("assets/charts/broken.yaml.j2:");
    project.remove("assets/charts/broken.yaml.j2");
    git.commit("Mended");
  });

  test("a column made by hand in prod is found by db drift, and stops the next promote there", async () => {
    await pg.sql(prod.warehouse.name, "set role warehouse_owner; alter table notes add column made_by_hand text");
    expect(ended(await hybrid("db", "drift", "--env", "prod"), 2).stdout).toContain("DB_DRIFT_FOUND");
    setRowLimit(1004);
    sha = git.commit("Fifth");
    expect(JSON.parse(ended(await hybrid("promote", "--dry-run", "--json"), 3).stdout)).toMatchObject({ stages: [{ refused: null }, { refused: expect.stringContaining("the schema was changed by hand:\n") as string }] });
    const result = ended(await hybrid("promote", "--json"), 3);
    expect(JSON.parse(result.stdout)).toMatchObject({ ok: false, stopped_in: "prod", untouched: [], stages: [{ environment: "dev", ok: true }, { environment: "prod", ok: false, stopped_at: "drift_gate", exit_code: 3 }] });
    expect(result.stderr).toContain("the schema was changed by hand:\n  table public.notes: column made_by_hand");
    expect(result.stderr).toContain("\nThe promote stopped in 'prod'; done: dev.\n");
    expect([await liveRowLimit(dev, "dev"), await liveRowLimit(prod, "prod")]).toEqual([1004, 1003]);
    const version = JSON.parse(ended(await hybrid("version", "prod", "--json"), 2).stdout) as JsonObject;
    expect(version).toMatchObject({ current: false, git: { relation: { kind: "behind" }, same_bundle: false, same_migrations: true }, live: { known: true, as_git_wants: false, pending_migrations: [], drift: [], pending: [{ kind: "chart", name: "Turnover (prod)" }] } });
  });

  test("--drift stops it where an environment before has drift, though its own gate only warns", async () => {
    await pg.sql(prod.warehouse.name, "set role warehouse_owner; alter table notes drop column made_by_hand");
    await pg.sql(dev.warehouse.name, "set role warehouse_owner; alter table notes add column made_by_hand text");
    const stopped = ended(await hybrid("promote", "--drift"), 3);
    expect(stopped.stdout).toContain("drift_gate: 1 change of the schema by hand; the gate only warns");
    expect(stopped.stderr).toContain("refused: 'dev' was changed since the last apply");
    expect(stopped.stderr).toContain("\nThe promote stopped in 'prod'; done: dev.\n");
    expect(await liveRowLimit(prod, "prod")).toBe(1003);
    expect(ended(await hybrid("promote", "--chain", "prod")).stdout).toContain(`promoted ${sha} to prod\n`);
    expect(await liveRowLimit(prod, "prod")).toBe(1004);
    expect((await rows(prod)).split("\n").at(-1)).toBe(sha);
  });
});
