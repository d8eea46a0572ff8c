/** Superset's own examples through an empty Superset and back: canonical forms stay the same, whatever the server and its UI do to them. */
import { join } from "node:path";
import { changedPaths, type FieldChange } from "../../provider/canonical";
import type { Canonical, ExportDocument } from "../../provider/kinds/define";
import { project, removeProjects } from "../compile/project";
import { databaseContext, liveContext, SupersetApi } from "../helpers/api";
import { exampleTables } from "../helpers/example-tables";
import { readExamples, type Examples } from "../helpers/examples";
import { postgres, superset, type TestDatabase } from "../helpers/runtime";
import { PLURALS, rulesOf, type Plural } from "../helpers/rules";
import { openDashboard, saveChart, saveChartProperties, saveDashboard, saveDataset } from "../helpers/saves";
import { differences as differenceOf, translated } from "../translate/exported";

jest.setTimeout(180_000);
let api: SupersetApi;
let warehouse: TestDatabase;
let examples: Examples;
let wanted: Record<Plural, ReadonlyMap<string, Canonical>>;

/** All differences between what was written and what the server holds now, as `kind uuid path`. */
async function differences(): Promise<string[]> {
  const exported = await api.exportAssets();
  const context = liveContext(exported, await api.ids("chart"));
  const found: string[] = [];
  for (const plural of PLURALS) {
    const rules = rulesOf[plural];
    for (const [uuid, desired] of wanted[plural]) {
      const document = exported[plural]?.get(uuid);
      const live = document === undefined ? undefined : rules.relevant(rules.canonical(document, context), desired);
      found.push(...changedPaths(desired, live).map((change: FieldChange) => `${plural} ${uuid} ${JSON.stringify(change).slice(0, 300)}`));
    }
  }
  return found;
}

async function forEachId(plural: Plural, kind: string, run: (id: number) => Promise<void>): Promise<number> {
  const ids = await api.ids(kind);
  for (const uuid of wanted[plural].keys()) await run(ids.get(uuid)!);
  return wanted[plural].size;
}

beforeAll(async () => {
  const [server, pg] = [await superset(), await postgres()];
  warehouse = await pg.createDatabase();
  const uri = `postgresql+psycopg2://${pg.reader.username}:${pg.reader.password}@${pg.host}:${pg.port}/${warehouse.name}?sslmode=prefer&application_name=bi`;
  examples = readExamples(join(pg.bin, "../../../superset"), uri);
  api = await SupersetApi.connect(server);
  const context = databaseContext(new Map(examples.databases.map((document) => [String(document["uuid"]), document])));
  const forms = (plural: Plural) => new Map(examples[plural].map((document) => [String(document["uuid"]), rulesOf[plural].canonical(document, context)]));
  wanted = { databases: forms("databases"), datasets: forms("datasets"), charts: forms("charts"), dashboards: forms("dashboards") };

  await takeIds(examples.databases[0]!, examples.datasets[0]!, examples.charts[0]!);
  for (const plural of PLURALS) {
    const documents = [...wanted[plural].values()].map((form) => rulesOf[plural].wire(form, { chartId: () => undefined }));
    // A new database needs its password once; afterwards the mask stands for it.
    await api.importAssets(plural, plural === "databases" ? documents.map((document) => ({ ...document, sqlalchemy_uri: uri })) : documents);
  }
});

/** Other assets first, so that no numeric id is the one it was where the examples were made. */
async function takeIds(database: ExportDocument, dataset: ExportDocument, chart: ExportDocument): Promise<void> {
  const other = (digit: number): string => `00000000-0000-4000-8000-00000000000${digit}`;
  await api.importAssets("databases", [{ ...database, uuid: other(1), database_name: "other", extra: {} }]);
  await api.importAssets("datasets", [{ ...dataset, uuid: other(2), database_uuid: other(1), table_name: "other" }]);
  await api.importAssets("charts", [3, 4, 5].map((digit) => ({ ...chart, uuid: other(digit), dataset_uuid: other(2) })));
}

test("1 database, 21 datasets, 103 charts and 9 dashboards are in the installed package", () => {
  expect(PLURALS.map((plural) => wanted[plural].size)).toEqual([1, 21, 103, 9]);
});

test("what was imported is what is exported", async () => {
  expect(await differences()).toEqual([]);
});

test("an export taken to another server's form and imported again changes nothing", async () => {
  const exported = await api.exportAssets();
  for (const plural of PLURALS.slice(1)) {
    await api.importAssets(plural, [...wanted[plural].keys()].map((uuid) => exported[plural]!.get(uuid)!));
  }
  expect(await differences()).toEqual([]);
});

test("charts opened in explore and saved unchanged are no drift", async () => {
  expect(await forEachId("charts", "chart", (id) => saveChart(api, id))).toBe(103);
  await forEachId("charts", "chart", (id) => saveChartProperties(api, id));
  expect(await differences()).toEqual([]);
});

test("dashboards opened, and saved unchanged, are no drift", async () => {
  expect(await forEachId("dashboards", "dashboard", (id) => saveDashboard(api, id))).toBe(9);
  await forEachId("dashboards", "dashboard", (id) => openDashboard(api, id));
  expect(await differences()).toEqual([]);
});

test("datasets saved unchanged in their dialog are no drift", async () => {
  expect(await forEachId("datasets", "dataset", (id) => saveDataset(api, id))).toBe(21);
  expect(await differences()).toEqual([]);
});

test("columns synced from the database are no drift", async () => {
  const pg = await postgres();
  await pg.sql(warehouse.name, `SET ROLE warehouse_owner;\n${exampleTables(examples.datasets)}`);
  const synced = await forEachId("datasets", "dataset", async (id) => void (await api.put(`/api/v1/dataset/${id}/refresh`, {})));
  expect(synced).toBe(21);
  expect(await differences()).toEqual([]);
});

test("what Superset holds after all that becomes templates, which say it", async () => {
  const exported = await api.exportAssets();
  const documents = Object.fromEntries(PLURALS.map((plural) => [plural, [...(exported[plural]?.values() ?? [])]]));
  const context = liveContext(exported, await api.ids("chart"));
  const root = project({ "assets/_none": "", "Pulumi.prod.yaml": "config:\n  superset:vars:\n    ENV: prod\n" });
  const result = translated(root, "dev", documents, {}, context);
  // The other charts query columns that their dataset has not: with them the repository would not compile.
  const said = [...[3, 4, 5].map((digit) => `00000000${digit}) is not taken over: in dev, the dataset`), ...[1, 2].map(() => "no export shows the password of the database")];
  expect(result.notes).toEqual(said.map((part) => expect.stringContaining(part) as string));
  expect(result.files.size).toBe(134 + 2);
  expect(differenceOf(result, "dev", documents, context)).toEqual([]);
  removeProjects();
});
