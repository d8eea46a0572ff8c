/** Every edit a person makes in Superset's UI shows as exactly the fields it changes, and writing Git's version takes it back. */
import { changedPaths, type FieldChange } from "../../provider/canonical";
import type { Canonical, CanonicalContext, ExportDocument } from "../../provider/kinds/define";
import { databaseContext, liveContext, SupersetApi } from "../helpers/api";
import { EDITS, UUID, workspace, WORKSPACE_SQL } from "../helpers/edits";
import { PLURALS, rulesOf, type Plural } from "../helpers/rules";
import { postgres, superset } from "../helpers/runtime";

jest.setTimeout(120_000);
let api: SupersetApi;
let uri: string;
let wanted: Readonly<Record<Plural, ReadonlyMap<string, Canonical>>>;

beforeAll(async () => {
  const [server, pg] = [await superset(), await postgres()];
  const warehouse = await pg.createDatabase();
  await pg.sql(warehouse.name, `SET ROLE warehouse_owner;\n${WORKSPACE_SQL}`);
  uri = `postgresql+psycopg2://${pg.reader.username}:${pg.reader.password}@${pg.host}:${pg.port}/${warehouse.name}`;
  api = await SupersetApi.connect(server);
  const documents = workspace(uri);
  const context = databaseContext(byUuid(documents.databases));
  const forms = (plural: Plural) => new Map(documents[plural].map((document) => [String(document["uuid"]), rulesOf[plural].canonical(document, context)]));
  wanted = { databases: forms("databases"), datasets: forms("datasets"), charts: forms("charts"), dashboards: forms("dashboards") };
  await write({});
  for (const id of (await api.ids("dataset")).values()) await api.put(`/api/v1/dataset/${id}/refresh`, {});
});

function byUuid(documents: readonly ExportDocument[]): Map<string, ExportDocument> {
  return new Map(documents.map((document) => [String(document["uuid"]), document]));
}

type Live = Readonly<Partial<Record<Plural, ReadonlyMap<string, Canonical>>>>;

async function read(): Promise<Live> {
  const exported = await api.exportAssets();
  const context: CanonicalContext = liveContext(exported, await api.ids("chart"));
  return Object.fromEntries(PLURALS.map((plural) => [plural, new Map([...exported[plural]!].map(([uuid, document]) => [uuid, rulesOf[plural].canonical(document, context)]))]));
}

/** Differences from Git, by uuid; undefined stands for a deleted asset. */
async function differences(): Promise<Record<string, readonly FieldChange[] | undefined>> {
  const live = await read();
  const found: Record<string, readonly FieldChange[] | undefined> = {};
  for (const plural of PLURALS) {
    for (const [uuid, desired] of wanted[plural]) {
      const form = live[plural]?.get(uuid);
      const changes = form === undefined ? undefined : changedPaths(desired, rulesOf[plural].relevant(form, desired));
      if (changes === undefined || changes.length > 0) found[uuid] = changes;
    }
  }
  return found;
}

/** Writes Git's version of everything, as an apply does where all differs. */
async function write(live: Live): Promise<void> {
  for (const plural of PLURALS) {
    const ids = await api.ids("chart");
    const documents = [...wanted[plural]].map(([uuid, desired]) =>
      rulesOf[plural].wire(rulesOf[plural].merge(desired, live[plural]?.get(uuid)), { chartId: (chart) => ids.get(chart) }));
    await api.importAssets(plural, plural === "databases" ? documents.map((document) => ({ ...document, sqlalchemy_uri: uri })) : documents);
  }
}

// A failing edit must not make the next ones fail.
afterEach(async () => {
  if (Object.keys(await differences()).length > 0) await write(await read());
});

test("the table has at least 45 edits, and no name twice", () => {
  expect(EDITS.length).toBeGreaterThanOrEqual(45);
  expect(new Set(EDITS.map((edit) => edit.name)).size).toBe(EDITS.length);
});

test("the workspace as written, with columns synced, is no drift", async () => {
  expect(await differences()).toEqual({});
});

test.each(EDITS.map((edit) => [edit.name, edit] as const))("%s", async (_, edit) => {
  await edit.apply(api);
  const found = await differences();
  expect(Object.keys(found).sort()).toEqual([edit.uuid, ...(edit.others ?? [])].sort());
  if (edit.deleted === true) expect(found[edit.uuid]).toBeUndefined();
  else if (edit.changes.some(({ path }) => path === "theme_uuid")) expect(found[edit.uuid]).toEqual([{ path: "theme_uuid", after: expect.any(String) }]);
  else expect(found[edit.uuid]).toEqual(edit.changes);

  await write(await read());
  expect(await differences()).toEqual({});
});

test("the chart of a deleted dataset, and the place of a deleted chart, say what they lost", async () => {
  await EDITS.find((edit) => edit.name === "delete a dataset")!.apply(api);
  await EDITS.find((edit) => edit.name === "delete a chart")!.apply(api);
  const found = await differences();
  expect(found[UUID.revenue]).toEqual([{ path: "dataset_uuid", before: UUID.orders }]);
  expect(found[UUID.dashboard]).toContainEqual({ path: "position.CHART-3.meta.uuid", before: UUID.total });
});
