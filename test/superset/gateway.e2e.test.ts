import { KEEP, type Gateway, type LiveAsset } from "../../provider/superset/gateway";
import { superset, type TestSuperset } from "../helpers/runtime";
import { chart, dashboard, database, dataset, fake, PASSWORD, writing } from "./assets";
import { base, gatewayTo, IMPORT } from "./gateways";

jest.setTimeout(120_000);

let server: TestSuperset;
const log: string[] = [];

beforeAll(async () => {
  server = await superset();
});

beforeEach(async () => {
  await server.fresh();
  log.length = 0;
});

function gateway(): Gateway {
  return gatewayTo(server, (message) => log.push(message));
}

/** One database, one dataset, `charts` charts and a dashboard of the first three. */
async function fill(one: Gateway, charts = 3): Promise<void> {
  await base(one);
  await Promise.all(Array.from({ length: charts }, (_, index) => one.write(writing("chart", chart(index + 1)))));
  await one.write(writing("dashboard", dashboard(1, [1, 2, 3].slice(0, charts))));
}

test("what is written is there afterwards, as the snapshot, a fresh read and the verification see it", async () => {
  const one = gateway();
  const verified = new Map<string, LiveAsset>();
  const verify = (live: LiveAsset): void => void verified.set(live.uuid, live);
  await one.write(writing("database", database(), { verify }));
  await one.write(writing("dataset", dataset(), { verify }));
  await Promise.all([1, 2, 3].map((number) => one.write(writing("chart", chart(number), { verify }))));
  await one.write(writing("dashboard", dashboard(1, [1, 2, 3]), { verify }));

  const other = gateway();
  const snapshot = await other.snapshot();
  expect(["database", "datasets", "chart", "dashboards"].map((kind) => snapshot.all(kind).length)).toEqual([1, 1, 3, 1]);
  for (const [kind, uuid] of [["database", fake("d", 1)], ["dataset", fake("e", 1)], ["chart", fake("c", 2)], ["dashboard", fake("a", 1)]] as const) {
    const fromExport = (await other.read(kind, uuid))?.document;
    const fresh = (await other.readFresh(kind, [uuid])).get(uuid);
    expect(fresh?.document).toEqual(fromExport);
    expect(verified.get(uuid)?.document).toEqual(fromExport);
    expect(snapshot.byId(kind, fresh?.id ?? 0)).toBe(uuid);
  }
  expect((await other.read("database", fake("d", 1)))?.document["sqlalchemy_uri"]).toBe("postgresql+psycopg2://bi:XXXXXXXXXX@127.0.0.1:9/shop");
  expect((await other.read("dashboard", fake("a", 1)))?.document).toMatchObject({ description: "About board 1", slug: "board-1", published: true });
  expect(await other.read("chart", fake("c", 99))).toBeUndefined();
});

test("a no-op takes a number of requests that does not depend on the number of assets", async () => {
  await fill(gateway(), 30);
  const one = gateway();
  await Promise.all([...Array(30).keys()].map((index) => one.read("chart", fake("c", index + 1))));
  await Promise.all([one.read("dashboard", fake("a", 1)), one.read("dataset", fake("e", 1)), one.snapshot()]);
  expect(Object.fromEntries(one.stats)).toEqual({
    "GET /static/version_info.json": 1,
    "POST /api/v1/security/login": 1,
    "GET /api/v1/me/roles/": 1,
    "GET /api/v1/chart/": 1,
    "GET /api/v1/dataset/": 1,
    "GET /api/v1/database/": 1,
    "GET /api/v1/dashboard/": 1,
    "GET /api/v1/assets/export/": 1,
  });
});

test("writes that arrive together go out together, each with its own result", async () => {
  const one = gateway();
  await base(one);
  const before = one.stats.get(IMPORT) ?? 0;
  const assets = await Promise.all([...Array(120).keys()].map((index) => one.write(writing("chart", chart(index + 1)))));
  expect(assets.map(({ uuid }) => uuid)).toEqual([...Array(120).keys()].map((index) => fake("c", index + 1)));
  expect((one.stats.get(IMPORT) ?? 0) - before).toBe(1);
  // A URL holds about ninety uuids: two lists for the guard, two more to confirm the absence, two for the verification.
  expect(one.stats.get("GET /api/v1/chart/")).toBe(6);
});

test("an asset that guard or verify objects to fails alone", async () => {
  const one = gateway();
  await fill(one);
  const changed = (number: number): ReturnType<typeof chart> => chart(number, { slice_name: `Changed ${number}` });
  const outcomes = await Promise.allSettled([
    one.write(writing("chart", changed(1))),
    one.write(writing("chart", changed(2), { guard: (live) => { throw new Error(`refused ${String(live?.document["slice_name"])}`); } })),
    one.write(writing("chart", changed(3), { verify: (live) => { throw new Error(`wrong ${String(live.document["slice_name"])}`); } })),
    one.write(writing("chart", chart(4), { guard: (live) => { expect(live).toBeUndefined(); return chart(4, { slice_name: "Merged" }); } })),
  ]);
  expect(outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value.document["slice_name"] : (outcome.reason as Error).message))).toEqual(["Changed 1", "refused Chart 2", "wrong Changed 3", "Merged"]);
  const names = (await gateway().snapshot()).all("chart").map(({ document }) => document["slice_name"]).sort();
  expect(names).toEqual(["Changed 1", "Changed 3", "Chart 2", "Merged"]);
});

test("a guard that finds what was meant writes nothing", async () => {
  const one = gateway();
  await fill(one);
  const before = one.stats.get(IMPORT);
  const kept = await one.write(writing("chart", chart(1, { slice_name: "Other" }), { guard: () => KEEP }));
  expect(kept.document["slice_name"]).toBe("Chart 1");
  expect(one.stats.get(IMPORT)).toBe(before);
});

test("who changed an asset last, and when", async () => {
  const one = gateway();
  await fill(one);
  for (const [kind, uuid] of [["database", fake("d", 1)], ["dataset", fake("e", 1)], ["chart", fake("c", 1)], ["dashboard", fake("a", 1)]] as const) {
    const editor = (await one.editors(kind, [uuid, fake("c", 77)])).get(uuid);
    expect(editor?.name).toMatch(/\w+ \w+/);
    expect(Math.abs(Date.parse(editor?.at ?? "") - Date.now())).toBeLessThan(60_000);
  }
});

test("names that make the same file name, of which Superset exports only one, are all read", async () => {
  const one = gateway();
  await Promise.all(["facts x y", "facts x/y", "facts_x_y"].map((name, index) => one.write(writing("database", database(index + 1, { database_name: name })))));
  const reader = gateway();
  expect((await reader.snapshot()).all("database").map(({ document }) => document["database_name"]).sort()).toEqual(["facts x y", "facts x/y", "facts_x_y"]);
  expect((await reader.readFresh("database", [1, 2, 3].map((number) => fake("d", number)))).size).toBe(3);
  expect(log).toContain("Superset's export left out 2 databases (names that make the same file name); they are read one by one.");
});

test("an object that breaks Superset's export of everything does not hide the assets", async () => {
  const one = gateway();
  await fill(one);
  const { sql } = server.postgres;
  await sql(server.metadata, "insert into saved_query (label, sql, uuid, user_id, created_by_fk) values ('poison', 'select 1', '00000000-0000-4000-8000-00000000dead', 1, 1)");
  const reader = gateway();
  const snapshot = await reader.snapshot();
  expect(["database", "dataset", "chart", "dashboard"].map((kind) => snapshot.all(kind).length)).toEqual([1, 1, 3, 1]);
  expect(snapshot.asset("dashboard", fake("a", 1))?.document["description"]).toBe("About board 1");
  expect(log.join("\n")).toContain(`warning: Superset at ${server.url} fails to export everything (GET /api/v1/assets/export/: 500). An asset that cannot be exported is the usual reason, such as a saved query without a database.`);
});

test("a chart added to a dashboard from Explore, which is placed nowhere, is seen by a fresh read", async () => {
  const one = gateway();
  await fill(one, 4);
  await one.snapshot();
  const [chartId, dashboardId] = [(await one.read("chart", fake("c", 4)))?.id, (await one.read("dashboard", fake("a", 1)))?.id];
  await server.postgres.sql(server.metadata, `insert into dashboard_slices (dashboard_id, slice_id) values (${dashboardId}, ${chartId})`);
  const fresh = (await one.readFresh("dashboard", [fake("a", 1)])).get(fake("a", 1));
  expect(JSON.stringify(fresh?.document["position"])).toContain(fake("c", 4));
});

test("the columns of a new physical dataset come from its table; where that fails there is a warning", async () => {
  const source = await server.postgres.createDatabase();
  try {
    await server.postgres.sql(source.name, "create table orders_1 (region text, amount numeric); grant select on orders_1 to bi_reader");
    const { reader, host, port } = server.postgres;
    const one = gateway();
    await one.write(writing("database", database(1, { sqlalchemy_uri: `postgresql+psycopg2://${reader.username}:${reader.password}@${host}:${port}/${source.name}` })));
    const refreshed = await one.refreshColumns(await one.write(writing("dataset", dataset())));
    const columns = refreshed?.document["columns"] as readonly { readonly column_name: string }[];
    expect(columns.map(({ column_name }) => column_name).sort()).toEqual(["amount", "region"]);
    expect(await one.refreshColumns(await one.write(writing("dataset", dataset(2))))).toBeUndefined();
    expect(log.join("\n")).toContain(`warning: the columns of dataset "orders_2" (uuid ${fake("e", 2)}) were not read from its database, only those in the template are there: PUT /api/v1/dataset/`);
    expect(log.join("\n")).not.toContain(reader.password);
  } finally {
    await source.drop();
  }
});

test("the password of a database is in no log line and in no answer", async () => {
  const one = gateway();
  await fill(one);
  const text = JSON.stringify([log, (await one.snapshot()).all("database").map(({ document }) => document), [...one.stats]]);
  expect(text).not.toContain(PASSWORD);
});
