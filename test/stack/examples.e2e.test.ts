/**
 * Everything that ships in Superset's own examples, as templates, through the real Pulumi CLI into an empty Superset whose numeric ids
 * differ: the next preview is clean, and stays so whatever people do without changing anything.
 */
import { join } from "node:path";
import { stringifyExport } from "../../compile/yaml";
import type { ExportDocument } from "../../provider/kinds/define";
import { SupersetApi } from "../helpers/api";
import { exampleTables } from "../helpers/example-tables";
import { readExamples, type Examples } from "../helpers/examples";
import { Project } from "../helpers/project";
import { PLURALS } from "../helpers/rules";
import { superset, type TestSuperset } from "../helpers/runtime";
import { openDashboard, saveChart, saveChartProperties, saveDashboard, saveDataset } from "../helpers/saves";
import { imports, succeeded } from "./outcome";
import { credentials, stackConfig } from "./small";

jest.setTimeout(400_000);

let server: TestSuperset;
let project: Project;
let ui: SupersetApi;
let examples: Examples;

beforeAll(async () => {
  server = await superset();
  const warehouse = await server.postgres.createDatabase();
  const { reader, host, port, bin } = server.postgres;
  const uri = `postgresql+psycopg2://${reader.username}:${reader.password}@${host}:${port}/${warehouse.name}`;
  examples = readExamples(join(bin, "../../../superset"), uri);
  await server.postgres.sql(warehouse.name, `set role warehouse_owner;\n${exampleTables(examples.datasets)}`);
  ui = await SupersetApi.connect(server);
  await takeIds();
  project = new Project({ stacks: { dev: stackConfig(server.url, warehouse, server.postgres) }, env: credentials(server) });
  for (const plural of PLURALS) {
    for (const document of examples[plural]) {
      project.write(`assets/${plural}/${String(document["uuid"])}.yaml`, stringifyExport(document));
    }
  }
  await project.initStacks("dev");
});

/** Other assets first, so that no numeric id is the one it was where the examples were made. */
async function takeIds(): Promise<void> {
  const other = (digit: number): string => `00000000-0000-4000-8000-00000000000${digit}`;
  const first = (documents: readonly ExportDocument[]): ExportDocument => documents[0] ?? {};
  await ui.importAssets("databases", [{ ...first(examples.databases), uuid: other(1), database_name: "other", extra: {} }]);
  await ui.importAssets("datasets", [{ ...first(examples.datasets), uuid: other(2), database_uuid: other(1), table_name: "other" }]);
  await ui.importAssets("charts", [3, 4, 5].map((digit) => ({ ...first(examples.charts), uuid: other(digit), dataset_uuid: other(2) })));
}

async function expectClean(): Promise<void> {
  const output = succeeded(await project.run(["preview", "--expect-no-changes", "--stack", "dev"]));
  expect(output).not.toContain("drift");
}

async function idsOf(kind: string, documents: readonly ExportDocument[]): Promise<readonly number[]> {
  const ids = await ui.ids(kind);
  return documents.map((document) => {
    const id = ids.get(String(document["uuid"]));
    if (id === undefined) {
      throw new Error(`${kind} ${String(document["uuid"])} is not in Superset`);
    }
    return id;
  });
}

test("the installed package has 1 database, 21 datasets, 103 charts and 9 dashboards", () => {
  expect(PLURALS.map((plural) => examples[plural].length)).toEqual([1, 21, 103, 9]);
});

test("up makes them all; the next preview is clean and an up writes nothing", async () => {
  succeeded(await project.up("dev", { PULUMI_EXPERIMENTAL: "1", PULUMI_SKIP_CHECKPOINTS: "1" }));
  await expectClean();
  const before = await imports(server);
  succeeded(await project.up("dev", { HYBRID_APPLY_MODE: "strict_fail_on_drift" }));
  expect(await imports(server)).toBe(before);
});

test("clean after data was queried, columns were synced, and everything was opened and saved unchanged", async () => {
  const datasets = await idsOf("dataset", examples.datasets);
  for (const id of datasets) {
    await ui.put(`/api/v1/dataset/${id}/refresh`, {});
    await ui.post("/api/v1/chart/data", { datasource: { id, type: "table" }, queries: [{ columns: ["added_text"], row_limit: 5 }], result_format: "json", result_type: "full" });
    await saveDataset(ui, id);
  }
  for (const id of await idsOf("chart", examples.charts)) {
    await saveChart(ui, id);
    await saveChartProperties(ui, id);
  }
  for (const id of await idsOf("dashboard", examples.dashboards)) {
    await saveDashboard(ui, id);
    await openDashboard(ui, id);
  }
  await expectClean();
});
