/** The stack program on a real Superset, driven by the real Pulumi CLI: create, no-op, change, rename, remove, adopt. */
import type { Json, JsonObject } from "../../provider/json";
import { SupersetApi } from "../helpers/api";
import { Project } from "../helpers/project";
import { saveChart } from "../helpers/saves";
import { superset, type TestDatabase, type TestSuperset } from "../helpers/runtime";
import { imports, succeeded } from "./outcome";
import { credentials, ORDERS_SQL, stackConfig, TEMPLATES, writeTemplates } from "./small";

jest.setTimeout(300_000);

let server: TestSuperset;
let warehouse: TestDatabase;
let project: Project;
let ui: SupersetApi;

const TOTAL = "assets/charts/total.yaml";
const TURNOVER = "assets/charts/turnover.yaml.j2";
const DASHBOARD = "assets/dashboards/sales.yaml.j2";

beforeAll(async () => {
  server = await superset();
  warehouse = await server.postgres.createDatabase();
  await server.postgres.sql(warehouse.name, `set role warehouse_owner; ${ORDERS_SQL}`);
  project = new Project({ stacks: { dev: stackConfig(server.url, warehouse, server.postgres) }, env: credentials(server) });
  writeTemplates(project);
  await project.initStacks("dev");
  ui = await SupersetApi.connect(server);
});

async function expectClean(): Promise<void> {
  const output = succeeded(await project.run(["preview", "--expect-no-changes", "--stack", "dev"]));
  expect(output).not.toContain("drift");
}

/** uuid of the only live asset of that name. */
async function uuidOf(plural: string, field: string, name: string): Promise<string> {
  const found = [...((await ui.exportAssets())[plural] ?? new Map()).values()].filter((document) => document[field] === name);
  expect(found).toHaveLength(1);
  return String(found[0]?.["uuid"]);
}

test("up makes everything; the next preview is clean and an up writes nothing", async () => {
  succeeded(await project.up("dev"));
  await expectClean();
  const before = await imports(server);
  succeeded(await project.up("dev"));
  expect(await imports(server)).toBe(before);
});

test("a physical dataset gets the table's other columns, and the chart's query works with the database's password", async () => {
  const exported = await ui.exportAssets();
  const [dataset] = [...(exported["datasets"]?.values() ?? [])];
  const columns = (dataset?.["columns"] as readonly { column_name: string; verbose_name: string | null }[]) ?? [];
  expect(columns.map(({ column_name }) => column_name).sort()).toEqual(["amount", "id", "ordered_at", "region"]);
  expect(columns.find(({ column_name }) => column_name === "region")?.verbose_name).toBe("Region");
  const id = await ui.id("dataset", String(dataset?.["uuid"]));
  const answer = await ui.post("/api/v1/chart/data", {
    datasource: { id, type: "table" },
    queries: [{ columns: ["region"], metrics: ["turnover"], orderby: [["region", true]], row_limit: 10 }],
    result_format: "json",
    result_type: "full",
  });
  expect(JSON.stringify(answer)).toContain("region 3");
});

test("a changed template: preview names the field, up writes it", async () => {
  project.write(TURNOVER, (TEMPLATES[TURNOVER] ?? "").replace("row_limit: 1000", "row_limit: 250"));
  const preview = await project.preview("dev");
  expect(preview.output).toMatch(/~ row_limit\s*: 1000 => 250/);
  expect(preview.output).toContain("~ 1 to update");
  succeeded(await project.up("dev"));
  const chart = [...((await ui.exportAssets())["charts"]?.values() ?? [])].find((document) => document["slice_name"] === "Turnover (dev)");
  expect(chart?.["params"]).toMatchObject({ row_limit: 250 });
  await expectClean();
});

test("a chart of layers and the charts it names are made in one run", async () => {
  const files = {
    "assets/charts/a_atlas.yaml": "slice_name: Atlas\nviz_type: deck_multi\ndatasource: orders\nparams:\n  deck_slices: [Dots]\n",
    "assets/charts/dots.yaml": "slice_name: Dots\nviz_type: deck_scatter\ndatasource: orders\n",
  };
  Object.entries(files).forEach(([path, text]) => project.write(path, text));
  succeeded(await project.up("dev"));
  const dots = await ui.id("chart", await uuidOf("charts", "slice_name", "Dots"));
  const atlas = [...((await ui.exportAssets())["charts"]?.values() ?? [])].find((document) => document["slice_name"] === "Atlas");
  expect((atlas?.["params"] as { deck_slices?: unknown }).deck_slices).toEqual([dots]);
  await expectClean();
  Object.keys(files).forEach((path) => project.remove(path));
  succeeded(await project.up("dev"));
  await expectClean();
});

test("annotations survive a change in Git, although Superset's import drops them; the stored query stays until what it is made of changes", async () => {
  const path = "assets/charts/forecast.yaml";
  const template = (name: string, limit: number): string => `key: forecast
slice_name: ${name}
viz_type: echarts_timeseries_line
datasource: orders
params:
  x_axis: ordered_at
  metrics: [turnover]
  row_limit: ${limit}
  annotation_layers:
    - {name: Goal, annotationType: FORMULA, value: "100"}
    - {name: Weeks, annotationType: TIME_SERIES, sourceType: line, value: "Turnover (dev)"}
    - {name: Holidays, annotationType: EVENT, sourceType: NATIVE, value: 1}
`;
  const turnover = await ui.id("chart", await uuidOf("charts", "slice_name", "Turnover (dev)"));
  project.write(path, template("Forecast", 10));
  succeeded(await project.up("dev"));
  await expectClean();
  const id = await ui.id("chart", await uuidOf("charts", "slice_name", "Forecast"));
  const live = async (): Promise<{ layers: unknown; query: unknown }> => {
    const row = (await ui.get(`/api/v1/chart/${id}`))["result"] as JsonObject;
    const params = JSON.parse(String(row["params"])) as { annotation_layers: { name: string; value: unknown }[] };
    return { layers: params.annotation_layers.map(({ name, value }) => [name, value]), query: row["query_context"] };
  };
  const all = [["Goal", "100"], ["Weeks", turnover], ["Holidays", 1]];
  expect((await live()).layers).toEqual(all);

  await saveChart(ui, id);
  await expectClean();
  project.write(path, template("Forecast, renamed", 10));
  succeeded(await project.up("dev"));
  expect(await live()).toEqual({ layers: all, query: expect.stringContaining("queries") as unknown });
  project.write(path, template("Forecast, renamed", 20));
  succeeded(await project.up("dev"));
  expect(await live()).toEqual({ layers: all, query: null });
  await expectClean();

  await saveChart(ui, id, (form) => { form["annotation_layers"] = (form["annotation_layers"] as Json[]).slice(0, 2); });
  const { output } = await project.preview("dev");
  expect(output).toContain("chart 'Forecast, renamed'");
  expect(output).toMatch(/params\.annotation_layers\[2\]: .*Holidays.* → \(none\)/);
  succeeded(await project.up("dev"));
  expect((await live()).layers).toEqual(all);
  project.remove(path);
  succeeded(await project.up("dev"));
  await expectClean();
});

test("a template with a key may be renamed and moved", async () => {
  project.rename(TURNOVER, "assets/charts/finance/renamed.yaml.j2");
  await expectClean();
});

test("a template given its own uuid under another name stays the same asset", async () => {
  const uuid = await uuidOf("charts", "slice_name", "Total");
  const id = await ui.id("chart", uuid);
  project.write(TOTAL, `uuid: ${uuid}\n${TEMPLATES[TOTAL] ?? ""}`);
  const output = succeeded(await project.up("dev"));
  expect(output).toContain("is declared under another name now: the asset stays");
  expect(await ui.id("chart", uuid)).toBe(id);
  await expectClean();
});

test("a dataset that other people's charts use is not removed, and the message lists them", async () => {
  const dataset = await uuidOf("datasets", "table_name", "orders");
  const foreign = await ui.post("/api/v1/chart/", {
    slice_name: "Somebody's chart", viz_type: "table", datasource_id: await ui.id("dataset", dataset), datasource_type: "table", params: "{}",
  });
  for (const path of ["assets/charts", "assets/dashboards", "assets/datasets"]) {
    project.remove(path);
  }
  const refused = await project.up("dev");
  expect(refused.code).not.toBe(0);
  expect(refused.output).toContain("was not deleted, because others on Superset");
  expect(refused.output).toContain(`chart "Somebody's chart"`);
  expect([...((await ui.exportAssets())["datasets"]?.keys() ?? [])]).toEqual([dataset]);
  await ui.delete(`/api/v1/chart/${String(foreign["id"])}`);
});

test("removed templates remove their assets, and the rest stays", async () => {
  succeeded(await project.up("dev"));
  const exported = await ui.exportAssets();
  expect(Object.fromEntries(Object.entries(exported).map(([plural, documents]) => [plural, documents.size]))).toEqual({
    databases: 1, datasets: 0, charts: 0, dashboards: 0,
  });
});

test("an asset that lives in Superset is adopted: same id, no duplicate, nothing written where nothing differs", async () => {
  writeTemplates(project);
  succeeded(await project.up("dev"));
  const ids = await ui.ids("chart");
  const other = new Project({ stacks: { dev: stackConfig(server.url, warehouse, server.postgres) }, env: credentials(server) });
  writeTemplates(other);
  await other.initStacks("dev");
  succeeded(await other.up("dev"));
  expect(await ui.ids("chart")).toEqual(ids);
  succeeded(await other.run(["preview", "--expect-no-changes", "--stack", "dev"]));
});

test("where it is in another form, preview and up say what is written over, and whose", async () => {
  const other = new Project({ stacks: { dev: stackConfig(server.url, warehouse, server.postgres) }, env: credentials(server) });
  writeTemplates(other);
  other.write(TURNOVER, (TEMPLATES[TURNOVER] ?? "").replace("row_limit: 1000", "row_limit: 99"));
  await other.initStacks("dev");
  const told = /adopted: chart 'Turnover \(dev\)' \(assets\/charts\/turnover\.yaml\.j2\) is in Superset in another form, last changed by \w+ \w+ at \S+, and was never applied from here; Git's version is written over it \(Superset → Git\):\s+params\.row_limit: 1000 → 99/;
  const preview = await other.preview("dev");
  expect(preview.output).toMatch(told);
  expect(preview.output).not.toContain("adopted: chart 'Total'");
  expect(succeeded(await other.up("dev"))).toMatch(told);
  expect((await other.preview("dev")).output).not.toContain("adopted");
  expect((await project.preview("dev")).output).toMatch(/params\.row_limit: 1000 → 99/);
  succeeded(await project.up("dev"));
});

test("a natural key that another uuid holds is an error that names both and says what to write", async () => {
  const theirs = await uuidOf("dashboards", "dashboard_title", "Sales (dev)");
  const ours = "11111111-2222-4333-8444-555555555555";
  project.write(DASHBOARD, `uuid: ${ours}\n${TEMPLATES[DASHBOARD] ?? ""}`);
  const { code, output } = await project.up("dev");
  expect(code).not.toBe(0);
  expect(output).toContain(theirs);
  expect(output).toContain(ours);
  expect(output).toContain(`uuid: ${theirs}`);
  expect([...((await ui.exportAssets())["dashboards"]?.keys() ?? [])]).toEqual([theirs]);
  project.write(DASHBOARD, TEMPLATES[DASHBOARD] ?? "");
  succeeded(await project.up("dev"));
});

test("protect refuses a removal, retain keeps the asset in Superset", async () => {
  project.write(TOTAL, `retain: true\n${TEMPLATES[TOTAL] ?? ""}`);
  project.write(TURNOVER, `protect: true\n${TEMPLATES[TURNOVER] ?? ""}`);
  succeeded(await project.up("dev"));
  project.remove(DASHBOARD);
  project.remove(TOTAL);
  succeeded(await project.up("dev"));
  await uuidOf("charts", "slice_name", "Total");
  project.remove(TURNOVER);
  const refused = await project.up("dev");
  expect(refused.code).not.toBe(0);
  expect(refused.output).toContain("protect");
  await uuidOf("charts", "slice_name", "Turnover (dev)");
});

test("destroy refuses what somebody else's chart uses, and removes the rest once that is gone", async () => {
  project.write(TURNOVER, TEMPLATES[TURNOVER] ?? "");
  succeeded(await project.up("dev"));
  const refused = await project.run(["destroy", "--yes", "--stack", "dev"]);
  expect(refused.code).not.toBe(0);
  expect(refused.output).toContain('chart "Total"');
  await ui.delete(`/api/v1/chart/${await ui.id("chart", await uuidOf("charts", "slice_name", "Total"))}`);
  succeeded(await project.run(["destroy", "--yes", "--stack", "dev"]));
  const exported = await ui.exportAssets();
  expect(Object.values(exported).map((documents) => documents.size)).toEqual([0, 0, 0, 0]);
});
