import { InUseError, NaturalKeyError, SupersetError } from "../../provider/errors";
import type { Gateway } from "../../provider/superset/gateway";
import { SupersetApi } from "../helpers/api";
import { superset, type TestSuperset } from "../helpers/runtime";
import { chart, dashboard, database, dataset, fake, writing } from "./assets";
import { base, failure, gatewayTo, IMPORT, secrets } from "./gateways";

jest.setTimeout(120_000);

let server: TestSuperset;
let one: Gateway;

beforeAll(async () => {
  server = await superset();
  secrets.add(server.password);
});

beforeEach(async () => {
  await server.fresh();
  one = gatewayTo(server);
  await base(one);
});

describe("what Superset refuses", () => {
  test("names asset, file and fields", async () => {
    const error = await failure(one.write(writing("dataset", dataset(2, { bogus: 1, columns: [{ column_name: "a", nonsense: true }] }))));
    expect(error).toBeInstanceOf(SupersetError);
    expect(error.message).toBe(
      'dataset "orders_2" (assets/datasets/orders_2.yaml) was not written: Superset refuses it\n  columns.0.nonsense: Unknown field.\n  bogus: Unknown field.\nCorrect the named fields in the template.',
    );
  });

  test("one of fifty with a wrong field fails alone", async () => {
    const outcomes = await Promise.allSettled([...Array(50).keys()].map((index) => one.write(writing("chart", chart(index + 1, index === 20 ? { bogus_key: 1 } : {})))));
    const failed = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [(outcome.reason as Error).message] : []));
    expect(failed).toEqual(['chart "Chart 21" (assets/charts/chart_21.yaml) was not written: Superset refuses it\n  bogus_key: Unknown field.\nCorrect the named fields in the template.']);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(49);
  });

  test("one of fifty that Superset fails over without a reason is found by halving, and fails alone", async () => {
    const before = one.stats.get(IMPORT) ?? 0;
    const outcomes = await Promise.allSettled([...Array(50).keys()].map((index) => one.write(writing("chart", chart(index + 1, index === 33 ? { cache_timeout: 1e15 } : {})))));
    const failed = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [(outcome.reason as Error).message] : []));
    expect(failed).toHaveLength(1);
    expect(failed[0]).toBe(
      'chart "Chart 34" (assets/charts/chart_34.yaml) was not written: Superset cannot store it\n  cache_timeout: 1000000000000000 is larger than 2147483647, the largest number Superset keeps there\nCorrect the named fields in the template.',
    );
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(49);
    expect((one.stats.get(IMPORT) ?? 0) - before).toBeLessThanOrEqual(14);
  });

  test("a reference to nothing is told with its place, before anything is lost", async () => {
    await Promise.all([1, 2].map((number) => one.write(writing("chart", chart(number)))));
    await one.write(writing("dashboard", dashboard(1, [1, 2])));
    const error = await failure(one.write(writing("dashboard", dashboard(1, [1, 2, 9]))));
    expect(error.message).toBe(
      `dashboard "Board 1" (assets/dashboards/board_1.yaml) was not written: it refers to what Superset at ${server.url} does not have\n  position.CHART-9.meta.uuid: there is no chart with uuid ${fake("c", 9)}\n` +
        "Add the missing asset to the repository, restore it in Superset, or take the reference out.",
    );
    const links = await server.postgres.sql(server.metadata, "select count(*) from dashboard_slices");
    expect(links.trim()).toBe("2");
    expect((await failure(one.write(writing("chart", chart(3, { dataset_uuid: fake("e", 7) }))))).message).toContain(`  dataset_uuid: there is no dataset with uuid ${fake("e", 7)}`);
    expect((await failure(one.write(writing("dataset", dataset(3, { database_uuid: fake("d", 7) }))))).message).toContain(`  database_uuid: there is no database with uuid ${fake("d", 7)}`);
  });

  test("a uuid that Superset would not find again", async () => {
    expect((await failure(one.write(writing("chart", chart(1, { uuid: fake("c", 1).toUpperCase() }))))).message).toContain("its uuid must be written with lower-case letters and dashes");
  });
});

describe("natural keys held by another uuid", () => {
  test("database name", async () => {
    const error = await failure(one.write(writing("database", database(2, { database_name: "shop 1" }))));
    expect(error).toBeInstanceOf(NaturalKeyError);
    expect(error.message).toMatch(
      new RegExp(
        `^database "shop 1" \\(assets/databases/shop_1.yaml\\) was not written: its database name "shop 1" belongs to another database on Superset at ${server.url}, "shop 1" with uuid ${fake("d", 1)} \\(id \\d+\\), not ${fake("d", 2)}\\. To take that one over, write \`uuid: ${fake("d", 1)}\` in the template; to keep both, rename one of them\\.$`,
      ),
    );
    expect((await one.readFresh("database", [fake("d", 1)])).size).toBe(1);
  });

  test.each([["the same schema", "public"], ["no schema, which Superset takes for any", null]])("table of a database, with %s", async (_name, schema) => {
    const error = await failure(one.write(writing("dataset", dataset(2, { table_name: "orders_1", schema }))));
    expect(error).toBeInstanceOf(NaturalKeyError);
    expect(error.message).toContain(`belongs to another dataset on Superset at ${server.url}, "orders_1" with uuid ${fake("e", 1)} (id `);
    expect((await one.readFresh("dataset", [fake("e", 1)])).size).toBe(1);
  });

  test("the same table in another schema or database is another table", async () => {
    await one.write(writing("dataset", dataset(2, { table_name: "orders_1", schema: "other" })));
    await one.write(writing("database", database(2)));
    await one.write(writing("dataset", dataset(3, { table_name: "orders_1", database_uuid: fake("d", 2) })));
  });

  test("slug of a dashboard, also by renaming into it", async () => {
    await one.write(writing("chart", chart(1)));
    await Promise.all([one.write(writing("dashboard", dashboard(1, [1]))), one.write(writing("dashboard", dashboard(2, [1])))]);
    const created = await failure(one.write(writing("dashboard", dashboard(3, [1], { slug: "board-1" }))));
    const renamed = await failure(one.write(writing("dashboard", dashboard(2, [1], { slug: "board-1" }))));
    for (const error of [created, renamed]) {
      expect(error).toBeInstanceOf(NaturalKeyError);
      expect(error.message).toContain(`its slug "board-1" belongs to another dashboard on Superset at ${server.url}, "Board 1" with uuid ${fake("a", 1)} (id `);
    }
  });

  test("twice in one batch", async () => {
    const outcomes = await Promise.allSettled([one.write(writing("database", database(2, { database_name: "same" }))), one.write(writing("database", database(3, { database_name: "same" })))]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(outcomes[1]?.status === "rejected" ? (outcomes[1].reason as Error).message : "").toBe(
      'database "same" (assets/databases/same.yaml) was not written: database "same" (assets/databases/same.yaml) has the same database name "same". Rename one of them.',
    );
  });

  test("names handed on within one run: the one who gives it up is written first", async () => {
    await Promise.all([1, 2, 3].map((number) => one.write(writing("database", database(number)))));
    await Promise.all([
      one.write(writing("database", database(1, { database_name: "shop 2" }))),
      one.write(writing("database", database(2, { database_name: "shop 3" }))),
      one.write(writing("database", database(3, { database_name: "shop 4" }))),
    ]);
    const live = await one.readFresh("database", [1, 2, 3].map((number) => fake("d", number)));
    expect([1, 2, 3].map((number) => live.get(fake("d", number))?.document["database_name"])).toEqual(["shop 2", "shop 3", "shop 4"]);
    const swap = await Promise.allSettled([one.write(writing("database", database(1, { database_name: "shop 3" }))), one.write(writing("database", database(2, { database_name: "shop 2" })))]);
    expect(swap.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });

  test("the same uuid is adopted without a word", async () => {
    const adopted = await one.write(writing("database", database(1, { expose_in_sqllab: false })));
    expect(adopted.document["expose_in_sqllab"]).toBe(false);
  });
});

test("a dataset moves to another database in place, and its charts stay", async () => {
  await one.write(writing("database", database(2)));
  const before = await one.write(writing("dataset", dataset(1)));
  const own = await one.write(writing("chart", chart(1)));
  const moved = await one.write(writing("dataset", dataset(1, { database_uuid: fake("d", 2) })));
  expect(moved.id).toBe(before.id);
  expect(moved.document["database_uuid"]).toBe(fake("d", 2));
  expect((await one.readFresh("chart", [fake("c", 1)])).get(fake("c", 1))?.document["dataset_uuid"]).toBe(own.document["dataset_uuid"]);
  await one.write(writing("dataset", dataset(1)));
  await one.remove("chart", fake("c", 1));
});

describe("deleting", () => {
  test("in the right order, in bulk, and once more", async () => {
    await Promise.all([...Array(20).keys()].map((index) => one.write(writing("chart", chart(index + 1)))));
    await one.write(writing("dashboard", dashboard(1, [1, 2])));
    for (let round = 0; round < 2; round++) {
      await one.remove("dashboard", fake("a", 1));
      await Promise.all([...Array(20).keys()].map((index) => one.remove("chart", fake("c", index + 1))));
      await one.remove("dataset", fake("e", 1));
      await one.remove("database", fake("d", 1));
    }
    expect(one.stats.get("DELETE /api/v1/chart/")).toBe(1);
    const left = await gatewayTo(server).snapshot();
    expect(["database", "dataset", "chart", "dashboard"].flatMap((kind) => left.all(kind))).toEqual([]);
  });

  test("what others use stays, and the error lists them with owner and address", async () => {
    const [first] = await Promise.all([1, 2].map((number) => one.write(writing("chart", chart(number)))));
    const board = await one.write(writing("dashboard", dashboard(1, [1])));
    const dataseterror = await failure(one.remove("dataset", fake("e", 1), { label: 'dataset "orders"' }));
    expect(dataseterror).toBeInstanceOf(InUseError);
    expect(dataseterror.message).toMatch(/^dataset "orders" was not deleted, because others on Superset at \S+ use it:\n {2}chart "Chart \d", owned by \w+ \w+, /);
    expect(dataseterror.message).toContain(`${server.url}/explore/?slice_id=${first?.id}`);
    expect(dataseterror.message).toContain("\nDelete or change these first, or keep it: put its template back, or set retainOnDelete.");
    const databaseError = await failure(one.remove("database", fake("d", 1)));
    expect(databaseError).toBeInstanceOf(InUseError);
    expect(databaseError.message).toContain('  dataset "orders_1", owned by ');
    const outcomes = await Promise.allSettled([one.remove("chart", fake("c", 1)), one.remove("chart", fake("c", 2))]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    expect(outcomes[0]?.status === "rejected" ? (outcomes[0].reason as Error).message : "").toContain(`  dashboard "Board 1" ${server.url}/superset/dashboard/${board.id}/`);
  });

  test("a dataset stays that a filter of a dashboard or a rule of row-level security names", async () => {
    const target = { id: "NATIVE_FILTER-1", type: "NATIVE_FILTER", name: "Region", filterType: "filter_select", targets: [{ column: { name: "region" }, datasetUuid: fake("e", 1) }], scope: { rootPath: ["ROOT_ID"], excluded: [] } };
    const board = await one.write(writing("dashboard", dashboard(1, [], { metadata: { native_filter_configuration: [target] } })));
    const api = await SupersetApi.connect(server);
    const { id } = (await one.readFresh("dataset", [fake("e", 1)])).get(fake("e", 1)) ?? { id: 0 };
    const rule = await api.post("/api/v1/rowlevelsecurity/", { name: "own region", filter_type: "Base", tables: [id], roles: [], clause: "region = 'East'" });
    one.invalidate();
    const { message } = await failure(one.remove("dataset", fake("e", 1)));
    expect(message).toContain(`  a filter of dashboard "Board 1" ${server.url}/superset/dashboard/${board.id}/`);
    expect(message).toContain(`  row-level security rule "own region" ${server.url}/rowlevelsecurity/list`);
    await api.delete(`/api/v1/rowlevelsecurity/${String(rule["id"])}`);
    await one.remove("dashboard", fake("a", 1));
    await one.remove("dataset", fake("e", 1));
    expect((await gatewayTo(server).snapshot()).all("dataset")).toEqual([]);
  });

  test("saved queries of people keep their database", async () => {
    await one.remove("dataset", fake("e", 1));
    const api = await SupersetApi.connect(server);
    const { id } = (await one.readFresh("database", [fake("d", 1)])).get(fake("d", 1)) ?? { id: 0 };
    await api.post("/api/v1/saved_query/", { label: "my work", sql: "select 1", db_id: id });
    expect((await failure(one.remove("database", fake("d", 1)))).message).toContain('  saved query "my work"');
  });

  test("an alert keeps its chart, alone", async () => {
    const [first] = await Promise.all([1, 2].map((number) => one.write(writing("chart", chart(number)))));
    await server.postgres.sql(server.metadata, `insert into report_schedule (type, name, crontab, creation_method, active, chart_id, timezone, extra_json) values ('Report', 'weekly', '0 9 * * 1', 'charts', true, ${first?.id}, 'UTC', '{}')`);
    const outcomes = await Promise.allSettled([one.remove("chart", fake("c", 1)), one.remove("chart", fake("c", 2))]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    const error = outcomes[0]?.status === "rejected" ? (outcomes[0].reason as Error) : undefined;
    expect(error).toBeInstanceOf(InUseError);
    expect(error?.message).toContain("weekly");
  });

  test("a guard can keep an asset", async () => {
    await one.write(writing("chart", chart(1)));
    const error = await failure(one.remove("chart", fake("c", 1), { guard: (live) => { throw new Error(`keep ${String(live.document["slice_name"])}`); } }));
    expect(error.message).toBe("keep Chart 1");
    expect((await one.readFresh("chart", [fake("c", 1)])).size).toBe(1);
  });
});
