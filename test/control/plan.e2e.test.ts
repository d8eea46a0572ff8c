/** `hybrid plan` against a real Superset and PostgreSQL: migrations, fields per dashboard, edits of the UI, what the policy makes of them. */
import { SupersetApi } from "../helpers/api";
import { Project } from "../helpers/project";
import { superset, type TestDatabase, type TestSuperset } from "../helpers/runtime";
import { succeeded } from "../stack/outcome";
import { credentials, ORDERS_SQL, stackConfig, writeTemplates } from "../stack/small";

jest.setTimeout(300_000);

let server: TestSuperset;
let warehouse: TestDatabase;
let project: Project;
let ui: SupersetApi;

/** What changes from run to run. */
const stable = (text: string): string => text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<then>").replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uuid>");

const plan = async (...more: readonly string[]): Promise<{ readonly code: number | null; readonly text: string }> => {
  const { code, stdout } = await project.hybrid(["plan", ...more]);
  return { code, text: stable(stdout) };
};

beforeAll(async () => {
  server = await superset();
  warehouse = await server.postgres.createDatabase();
  project = new Project({
    stacks: { dev: stackConfig(server.url, warehouse, server.postgres) },
    env: credentials(server),
    policy: { db: { mode: "migrations" }, apply: { dev: { mode: "overwrite_git_wins" } } },
  });
  writeTemplates(project);
  project.write("db/migrations/20260101000000_orders.sql", `-- migrate:up\n${ORDERS_SQL}\n-- migrate:down\ndrop table orders;\n`);
  ui = await SupersetApi.connect(server);
});

test("an empty environment: everything is new, and stands under the dashboard that shows it", async () => {
  expect(await plan()).toEqual({
    code: 2,
    text: `dev: 1 migration to run, 5 to create
migrations to run
  + 20260101000000_orders.sql

dashboard 'Sales (dev)'
+ dashboard 'Sales (dev)' (assets/dashboards/sales.yaml.j2) is new
+ chart 'Turnover (dev)' (assets/charts/turnover.yaml.j2) is new
+ chart 'Total' (assets/charts/total.yaml) is new
+ dataset 'orders' (assets/datasets/orders.yaml.j2) is new
+ database 'shop_dev' (assets/databases/shop.yaml.j2) is new
`,
  });
});

test("after an apply there is nothing to do", async () => {
  await project.initStacks("dev");
  succeeded(await project.up("dev"));
  expect(await plan()).toEqual({ code: 0, text: "dev: nothing to do\n" });
});

test("a change in Git, edits in the UI, a conflict and manual DDL, in one report", async () => {
  project.write("assets/datasets/orders.yaml.j2", project.read("assets/datasets/orders.yaml.j2").replace("verbose_name: Turnover", "verbose_name: Turnover (EUR)"));
  project.write("assets/charts/turnover.yaml.j2", project.read("assets/charts/turnover.yaml.j2").replace("row_limit: 1000", "row_limit: 500"));
  project.write("db/migrations/20260102000000_note.sql", "-- migrate:up\nalter table orders add column note text;\n-- migrate:down\nalter table orders drop column note;\n");
  await server.postgres.sql(warehouse.name, "set role warehouse_owner; alter table orders add column by_hand int");
  await ui.put(`/api/v1/chart/${(await ui.ids("chart")).get(await uuidOf("Turnover (dev)"))}`, { slice_name: "Turnover" });
  await ui.put(`/api/v1/chart/${(await ui.ids("chart")).get(await uuidOf("Total"))}`, { cache_timeout: 60 });
  expect(await plan()).toEqual({
    code: 2,
    text: `dev: 1 migration to run, 1 to update, 2 edits in Superset that Git's version replaces, schema changed by hand
migrations to run
  + 20260102000000_note.sql
the schema was changed by hand
  ! table public.orders: column by_hand added (integer)

dashboard 'Sales (dev)'
! CONFLICT: chart 'Turnover (dev)' (assets/charts/turnover.yaml.j2) was edited in Superset by Local Admin at <then>
    last apply → Superset:
    slice_name: "Turnover (dev)" → "Turnover"
    meanwhile in Git:
    params.row_limit: 1000 → 500
! chart 'Total' (assets/charts/total.yaml) was edited in Superset by Local Admin at <then>
    last apply → Superset:
    cache_timeout: (none) → 60
~ dataset 'orders' (assets/datasets/orders.yaml.j2)
    metrics.turnover.verbose_name: "Turnover" → "Turnover (EUR)"
`,
  });
});

async function uuidOf(name: string): Promise<string> {
  const { result } = await ui.get("/api/v1/chart/?q=(columns:!(uuid,slice_name,datasource_id,datasource_type))");
  return String((result as unknown as readonly { readonly uuid: string; readonly slice_name: string }[]).find((row) => row.slice_name === name)?.uuid);
}

test("in a strict environment the same edits stop the apply, and the plan says so with the ways out", async () => {
  const { stdout, code } = await project.hybrid(["plan", "dev"], { env: { HYBRID_APPLY_MODE: "strict_fail_on_drift" } });
  expect(code).toBe(3);
  expect(stdout).toContain("2 edits in Superset that stop the apply, schema changed by hand; refused by policy as it is\n");
  expect(stdout).toContain("\nThe policy of dev is strict_fail_on_drift: take the edits into Git (hybrid export-to-pr dev), or write Git's version over them for one run (HYBRID_APPLY_MODE=overwrite_git_wins).\n");
});

test("the dry run of an apply ends as the plan does", async () => {
  const strict = { env: { HYBRID_APPLY_MODE: "strict_fail_on_drift" } };
  expect(await project.hybrid(["apply", "--dry-run"], strict)).toMatchObject({ code: 3, stderr: expect.stringContaining("'pulumi up' would be refused.") as string });
  expect((await project.hybrid(["apply", "--dry-run"])).code).toBe(2);
});

test("as a comment of a pull request", async () => {
  const { text } = await plan("--markdown");
  expect(text).toContain(`### Plan for \`dev\`

1 migration to run, 1 to update, 2 edits in Superset that Git's version replaces, schema changed by hand.
`);
  expect(text).toContain(`<details open><summary><b>dashboard 'Sales (dev)'</b>: 3 changes</summary>

\`\`\`diff
! CONFLICT: chart 'Turnover (dev)'`);
  expect(text).toContain("**1 conflict**: Turnover (dev) (Local Admin, <then>). Git and Superset have both changed since the last apply.\n");
});

test("for scripts", async () => {
  const { stdout } = await project.hybrid(["plan", "--json"]);
  const { assets, migrations, ...rest } = JSON.parse(stdout) as { readonly assets: readonly { readonly name: string; readonly action: string; readonly standing: string }[]; readonly migrations: object };
  expect(rest).toMatchObject({ environment: "dev", mode: "overwrite_git_wins", allowed: true });
  expect(migrations).toMatchObject({ pending: ["20260102000000_note.sql"], drift: ["table public.orders: column by_hand added (integer)"] });
  expect(assets.map(({ name, action, standing }) => [name, action, standing])).toEqual([["orders", "update", "pending"], ["Total", "overwrite", "drift"], ["Turnover (dev)", "overwrite", "conflict"]]);
});
