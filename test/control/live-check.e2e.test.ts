/** `hybrid validate --live` against a real Superset and PostgreSQL: what the target lacks. */
import { SupersetApi } from "../helpers/api";
import { Project, type HybridResult } from "../helpers/project";
import { superset, type TestDatabase, type TestSuperset } from "../helpers/runtime";
import { succeeded } from "../stack/outcome";
import { credentials, ORDERS_SQL, stackConfig, TEMPLATES, writeTemplates } from "../stack/small";

jest.setTimeout(300_000);

let server: TestSuperset;
let warehouse: TestDatabase;
let project: Project;
const live = (...more: readonly string[]): Promise<HybridResult> => project.hybrid(["validate", "--live", ...more]);
const problems = async (): Promise<string[]> => (JSON.parse((await live("--json")).stdout) as { live: { problems: { message: string }[] } }).live.problems.map(({ message }) => message);

const VIRTUAL = "table_name: recent\nschema: public\ndatabase: shop_dev\nsql: select region from orders where ordered_at > '2020-01-01' {% raw %}{% if filter_values('region') %}and region in {{ filter_values('region') | where_in }}{% endif %}{% endraw %}\n";

beforeAll(async () => {
  server = await superset();
  warehouse = await server.postgres.createDatabase();
  project = new Project({
    stacks: { dev: stackConfig(server.url, warehouse, server.postgres) },
    env: credentials(server),
    policy: { db: { mode: "migrations" }, apply: { dev: { mode: "overwrite_git_wins" } } },
  });
  writeTemplates(project);
  project.write("db/migrations/001_orders.sql", `-- migrate:up\n${ORDERS_SQL}\n`);
  project.write("assets/datasets/recent.yaml.j2", VIRTUAL);
});

test("a target with nothing in it: nothing stands in the way, and what cannot be asked yet is said", async () => {
  const { code, stdout } = await live();
  expect(code).toBe(0);
  expect(stdout.slice(stdout.indexOf("\n\n") + 2)).toBe(`${server.url}: nothing is missing there
not checked:
  database 'shop_dev': it is not there yet, so that nothing can be asked through it
  dataset 'recent': the Jinja of its SQL, as the SQL is not there yet
`);
});

test("after an apply everything is looked at, and is there", async () => {
  await project.initStacks("dev");
  succeeded(await project.up("dev"));
  expect(JSON.parse((await live("--json")).stdout)).toMatchObject({ ok: true, live: { ok: true, url: server.url, problems: [], unchecked: [] } });
});

test("a table that is not there, a login that may not read, a driver that is not installed, a name that another asset holds", async () => {
  project.write("assets/datasets/missing.yaml", "table_name: no_such_table\nschema: public\ndatabase: shop_dev\n");
  project.write("assets/databases/other.yaml", "database_name: other\nsqlalchemy_uri: db2+ibm_db://u@h/x\n");
  project.write("assets/databases/third.yaml", "database_name: third\nsqlalchemy_uri: postgresql+no_such_driver://u@h/x\n");
  project.write("assets/dashboards/rival.yaml", "uuid: aaaaaaaa-0000-4000-8000-000000000001\ndashboard_title: Rival\nslug: sales\nlayout: []\n");
  project.write("assets/dashboards/sales.yaml.j2", (TEMPLATES["assets/dashboards/sales.yaml.j2"] ?? "").replace("slug: sales", "slug: sales-2"));
  await server.postgres.sql(warehouse.name, `revoke select on orders from ${server.postgres.reader.username}`);
  const { code, stdout } = await live();
  expect(code).toBe(1);
  expect(stdout).toContain("  assets/databases/other.yaml:2:17: Superset has no driver for db2 installed (it has ");
  expect(stdout).toContain("  assets/databases/third.yaml:2:17: Superset has no driver 'no_such_driver' for postgresql installed; it has psycopg2\n");
  expect(stdout).toContain("  assets/datasets/missing.yaml:1:13: Superset's connection 'shop_dev' sees no table 'public.no_such_table'\n");
  expect(stdout).toContain("  assets/datasets/orders.yaml.j2:1:13: the role 'bi_reader' of database 'shop_dev' may not read public.orders; grant it usage on the schema and select on the table\n");
  expect(stdout).toContain("  assets/datasets/recent.yaml.j2:4:6: the role 'bi_reader' of database 'shop_dev' may not read public.orders; grant it usage on the schema and select on the table\n");
  expect(stdout).toMatch(/ {2}assets\/dashboards\/rival\.yaml:3:7: the slug 'sales' belongs to another dashboard there; to take that one over, write 'uuid: [0-9a-f-]{36}', to keep both, rename one of them\n/);
  expect(stdout).not.toContain(server.postgres.reader.password);
});

test("a table that a pending migration may make is a warning", async () => {
  ["assets/databases/other.yaml", "assets/databases/third.yaml", "assets/dashboards/rival.yaml"].forEach((path) => project.remove(path));
  await server.postgres.sql(warehouse.name, `grant select on orders to ${server.postgres.reader.username}`);
  project.write("db/migrations/002_new.sql", "-- migrate:up\ncreate table no_such_table (id int);\n");
  const { code, stdout } = await live();
  expect(code).toBe(0);
  expect(stdout).toContain("warning: Superset's connection 'shop_dev' sees no table 'public.no_such_table'; 1 pending migration may make it\n");
});

test("an account that may do nothing, a server that is down: one clear error", async () => {
  const api = await SupersetApi.connect(server);
  const roles = (await api.get("/api/v1/security/roles/?q=(page_size:100)")) as unknown as { readonly result: readonly { readonly id: number; readonly name: string }[] };
  const gamma = roles.result.find(({ name }) => name === "Gamma");
  await api.post("/api/v1/security/users/", { username: "gina", password: "gamma-password", first_name: "Gina", last_name: "Gamma", email: "g@example.org", active: true, roles: [gamma?.id ?? 0] });
  const refused = await project.hybrid(["validate", "--live"], { env: { SUPERSET_ADMIN_USER: "gina", SUPERSET_ADMIN_PASS: "gamma-password" } });
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain("The user 'gina' of Superset at ");
  expect(refused.stderr).toContain("lacks can_export on ImportExportRestApi and can_import_ on ImportExportRestApi");
  expect(await problems()).toHaveLength(1);
  project.write("Pulumi.dev.yaml", project.read("Pulumi.dev.yaml").replace(server.url, "http://127.0.0.1:9"));
  const down = await live();
  expect(down).toMatchObject({ code: 1, stdout: "" });
  expect(down.stderr).toContain("http://127.0.0.1:9");
});
