/** What `hybrid drift-plan` and `hybrid export` say of a real Superset, without the engine running. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { SupersetApi } from "../helpers/api";
import { readExamples } from "../helpers/examples";
import { Project } from "../helpers/project";
import { PLURALS } from "../helpers/rules";
import { superset, type TestDatabase, type TestSuperset } from "../helpers/runtime";
import { succeeded } from "../stack/outcome";
import { credentials, ORDERS_SQL, stackConfig, writeTemplates } from "../stack/small";

jest.setTimeout(300_000);

let server: TestSuperset;
let project: Project;
let ui: SupersetApi;
let warehouse: TestDatabase;

beforeAll(async () => {
  server = await superset();
  warehouse = await server.postgres.createDatabase();
  await server.postgres.sql(warehouse.name, `set role warehouse_owner; ${ORDERS_SQL}`);
  project = new Project({ stacks: { dev: stackConfig(server.url, warehouse, server.postgres) }, env: credentials(server) });
  writeTemplates(project);
  ui = await SupersetApi.connect(server);
});

/** Numeric id of the asset with that uuid. */
async function idOf(kind: string, name: string, column: string): Promise<number> {
  const { result } = await ui.get(`/api/v1/${kind}/?q=(filters:!((col:${column},opr:eq,value:'${encodeURIComponent(name)}')),columns:!(id,${column}${kind === "chart" ? ",datasource_id,datasource_type" : ""}))`);
  return Number((result as unknown as readonly { readonly id: number }[])[0]?.id);
}

test("a stack that was never applied: what Git has is pending, nothing is drift", async () => {
  expect(await project.hybrid(["drift-plan"])).toMatchObject({ code: 0, stdout: "NO_DRIFT\n5 assets changed in Git only, and not applied yet: hybrid plan names the fields\n" });
});

test("after an apply there is no drift, and --unmanaged finds nothing", async () => {
  await project.initStacks("dev");
  succeeded(await project.up("dev"));
  expect(await project.hybrid(["drift-plan", "dev", "--unmanaged"])).toMatchObject({ code: 0, stdout: "NO_DRIFT\nGit knows every asset of this Superset.\n" });
});

test("an edit in the UI: asset, who, when and the unified diff, exit code 2", async () => {
  await ui.put(`/api/v1/chart/${await idOf("chart", "Total", "slice_name")}`, { description: "All orders\nof the year" });
  const { code, stdout } = await project.hybrid(["drift-plan"]);
  expect(stdout.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, "<now>")).toBe(`DRIFT_FOUND
chart 'Total' (assets/charts/total.yaml) was edited in Superset by Local Admin at <now>
--- applied/charts/total.yaml
+++ superset/charts/total.yaml
@@ -1,4 +1,7 @@
 dataset_uuid: ${await uuidOf("dataset", "orders")}
+description: |-
+  All orders
+  of the year
 params:
   metric: turnover
 slice_name: Total
`);
  expect(code).toBe(2);
});

async function uuidOf(kind: string, name: string): Promise<string> {
  const { result } = await ui.get(`/api/v1/${kind}/?q=(columns:!(uuid,table_name))`);
  return String((result as unknown as readonly { readonly uuid: string; readonly table_name: string }[]).find((row) => row.table_name === name)?.uuid);
}

test("a field that Git and the UI both changed is a conflict; --json has all of it", async () => {
  project.write("assets/charts/total.yaml", `${project.read("assets/charts/total.yaml")}description: All orders ever\n`);
  const { stdout } = await project.hybrid(["drift-plan"]);
  expect(stdout).toContain('conflict: Git has changed it too since the last apply:\n  description: (none) → "All orders ever"\n');
  const { code, stdout: json } = await project.hybrid(["drift-plan", "--json"]);
  expect(code).toBe(2);
  expect(JSON.parse(json)).toMatchObject({
    environment: "dev", drift: true, pending: [], unmanaged: [],
    assets: [{
      kind: "chart", name: "Total", source: "assets/charts/total.yaml", standing: "conflict", deleted: false, editor: { name: "Local Admin" },
      changes: [{ path: "description", after: "All orders\nof the year" }], changed_in_git: [{ path: "description", after: "All orders ever" }],
    }],
  });
});

test("Git took the edit over: no drift any more", async () => {
  project.write("assets/charts/total.yaml", project.read("assets/charts/total.yaml").replace("description: All orders ever", 'description: "All orders\\nof the year"'));
  expect(await project.hybrid(["drift-plan"])).toMatchObject({ code: 0, stdout: "NO_DRIFT\n" });
});

test("deleted in the UI, and made in the UI", async () => {
  await ui.delete(`/api/v1/chart/${await idOf("chart", "Total", "slice_name")}`);
  const dataset = await idOf("dataset", "orders", "table_name");
  await ui.post("/api/v1/chart/", { slice_name: "By hand", viz_type: "table", datasource_id: dataset, datasource_type: "table", params: JSON.stringify({ viz_type: "table", metrics: ["turnover"] }) });
  const { code, stdout } = await project.hybrid(["drift-plan", "--unmanaged"]);
  expect(code).toBe(2);
  expect(stdout).toContain("chart 'Total' (assets/charts/total.yaml) was deleted in Superset\n--- applied/charts/total.yaml\n+++ /dev/null\n");
  expect(stdout).toMatch(/1 asset that Git does not know:\n {2}chart 'By hand' \[[0-9a-f-]{36}\]\n$/);
});

test("an export of an unchanged Superset is the same every time, and named by the keys of Git", async () => {
  succeeded(await project.up("dev"));
  const first = await project.hybrid(["export", "--out", "one"]);
  expect(first).toMatchObject({ code: 0, stdout: "dev: 1 database, 1 dataset, 3 charts, 1 dashboard\none\n" });
  expect(tree(join(project.root, "one"))).toEqual(["charts/By_hand.yaml", "charts/total.yaml", "charts/turnover.yaml", "dashboards/sales.yaml", "databases/shop.yaml", "datasets/orders.yaml", "metadata.yaml"]);
  await project.hybrid(["export", "--out", "two"]);
  expect(contents(join(project.root, "two"))).toEqual(contents(join(project.root, "one")));
  const text = contents(join(project.root, "one"));
  expect(text).not.toContain(server.postgres.reader.password);
  expect(text).toContain("XXXXXXXXXX");
});

test("one dashboard with all it needs, and a folder that is no export stays as it is", async () => {
  expect(await project.hybrid(["export", "dev", "--dashboard", "sales", "--out", "sales"])).toMatchObject({ code: 0, stdout: "dev: 1 database, 1 dataset, 2 charts, 1 dashboard\nsales\n" });
  expect(await project.hybrid(["export", "dev", "--dashboard", "seles", "--out", "seles"])).toEqual({ code: 1, stdout: "", stderr: `- Reading dev's Superset ...\n${server.url} has no dashboard with the slug or uuid 'seles'; there are: slug 'sales'\n` });
  expect(project.exists("seles")).toBe(false);
  expect(await project.hybrid(["export", "--out", "assets"])).toMatchObject({ code: 1, stdout: "" });
  expect(project.exists("assets/charts/total.yaml")).toBe(true);
});

test("two servers that hold the same assets give the same bytes, whatever their numbers are", async () => {
  const other = await superset({ own: true });
  await server.fresh();
  const { bin, reader, host, port } = server.postgres;
  const examples = readExamples(join(bin, "../../../superset"), `postgresql+psycopg2://${reader.username}:${reader.password}@${host}:${port}/${warehouse.name}`);
  // One by one on the other server, from the last to the first, so that every number is another one.
  const [here, there] = [await SupersetApi.connect(server), await SupersetApi.connect(other)];
  for (const plural of PLURALS) {
    await here.importAssets(plural, examples[plural]);
    for (const document of [...examples[plural]].reverse()) {
      await there.importAssets(plural, [document]);
    }
  }
  const elsewhere = new Project({ stacks: { dev: stackConfig(other.url, warehouse, server.postgres) }, env: credentials(other) });
  for (const each of [project, elsewhere]) {
    each.remove("assets");
    expect((await each.hybrid(["export"])).stdout).toBe("dev: 1 database, 21 datasets, 103 charts, 9 dashboards\nui_exports/dev\n");
  }
  expect(contents(join(elsewhere.root, "ui_exports/dev"))).toBe(contents(join(project.root, "ui_exports/dev")));
});

function tree(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort();
}

function contents(folder: string): string {
  return tree(folder).map((path) => `== ${path}\n${readFileSync(join(folder, path), "utf8")}`).join("");
}
