/** What `author` writes is what the compiler reads: the inverse of `expand`, up to the canonical form. */
import { join } from "node:path";
import * as fc from "fast-check";
import { compile } from "../../compile";
import { changedPaths } from "../../provider/canonical";
import type { Json, JsonObject } from "../../provider/json";
import type { ExportDocument } from "../../provider/kinds/define";
import { kindNamed, kinds } from "../../provider/kinds/registry";
import { databaseSettings } from "../../provider/forms";
import { supersetPackage } from "../compile/python";
import { authoring, noise, type Subject } from "../helpers/authoring";
import { workspace } from "../helpers/edits";
import { readExamples } from "../helpers/examples";
import { knowing } from "../helpers/forms";
import { PLURALS, type Plural } from "../helpers/rules";

jest.setTimeout(60_000);

const kindOf = (plural: Plural) => kinds.find((kind) => kind.plural === plural)!;
const subjectsOf = (documents: Readonly<Record<Plural, readonly ExportDocument[]>>): Subject[] =>
  PLURALS.flatMap((plural) => documents[plural].map((document) => ({ kind: kindOf(plural), document })));
const contextOf = (subjects: readonly Subject[]) => {
  const documents = new Map(subjects.map(({ document }) => [String(document["uuid"]), document]));
  return knowing({ database: (uuid) => databaseSettings(documents.get(uuid)) });
};

/** The templates of all documents; fails where one does not say what its document says. */
function checked(subjects: readonly Subject[]): { readonly kind: string; readonly template: JsonObject; readonly notes: readonly string[] }[] {
  const [writer, context] = [authoring(subjects), contextOf(subjects)];
  return subjects.map(({ kind, document }) => {
    const form = kind.rules.canonical(document, context);
    const { template, notes } = writer.author(kind, document, context);
    expect(changedPaths(form, kind.rules.canonical(writer.expand(kind, template), context))).toEqual([]);
    // Of a canonical form, too, and of what was just written.
    expect(writer.author(kind, form, context).template).toEqual(template);
    expect(writer.author(kind, writer.expand(kind, template), context).template).toEqual(template);
    expect(noise(template)).toEqual([]);
    return { kind: kind.name, template, notes };
  });
}

test("this repository's own assets", () => {
  const { assets } = compile({ root: join(__dirname, "../.."), environment: "dev" });
  const written = checked(assets.map(({ kind, document }) => ({ kind: kindNamed(kind), document })));
  expect(written.flatMap(({ notes }) => notes)).toEqual([]);
  // Its dashboards have layouts, and get them back without one id.
  const dashboards = written.filter(({ kind }) => kind === "dashboard");
  expect(dashboards.map(({ template }) => Object.keys(template).filter((key) => key === "layout" || key === "position"))).toEqual([["layout"], ["layout"]]);
  expect(JSON.stringify(dashboards.map(({ template }) => [template["layout"], template["metadata"]]))).not.toMatch(/"id"|uuid/i);
});

test("a workspace as Superset exports it", () => void checked(subjectsOf(workspace("postgresql://bi@h/d"))));

const folder = supersetPackage();
(folder === undefined ? test.skip : test)("Superset's own examples", () => {
  const written = checked(subjectsOf(readExamples(folder ?? "", "postgresql://u@h/db")));
  expect(written.length).toBe(134);
  expect(written.flatMap(({ notes }) => notes)).toEqual([]);
  expect(written.filter(({ template }) => template["layout"] !== undefined).length).toBeGreaterThanOrEqual(7);
});

const UUID = (digit: number): string => `00000000-0000-4000-8000-00000000000${digit}`;
const chart = (digit: number, name: string, params: JsonObject = {}): ExportDocument => ({ slice_name: name, viz_type: "big_number_total", uuid: UUID(digit), dataset_uuid: UUID(9), version: "1.0.0", params: { metric: "revenue", ...params } });
const others: Readonly<Record<Plural, readonly ExportDocument[]>> = {
  databases: [{ database_name: "warehouse", uuid: UUID(8), sqlalchemy_uri: "postgresql://u@h/d", version: "1.0.0" }],
  datasets: [{ table_name: "orders", uuid: UUID(9), database_uuid: UUID(8), version: "1.0.0", columns: [], metrics: [] }],
  charts: [chart(1, "Revenue"), chart(2, "2024"), chart(3, "Twin"), chart(4, "Twin"), chart(5, "{{ name }}: 'x' \"y\" Größe")],
  dashboards: [],
};
const one = (plural: Plural, document: ExportDocument) => checked(subjectsOf({ ...others, [plural]: [...others[plural], document] })).at(plural === "dashboards" ? -1 : PLURALS.slice(0, PLURALS.indexOf(plural) + 1).reduce((sum, name) => sum + others[name].length, 0))!;

describe("a dataset", () => {
  test("says what is not default, columns by name, calculated ones last", () => {
    expect(one("datasets", {
      table_name: "sales", uuid: UUID(7), database_uuid: UUID(8), version: "1.0.0", schema: "shop", offset: 0, filter_select_enabled: true, extra: {}, params: null, sql: "", cache_timeout: null, main_dttm_col: "at",
      columns: [
        { column_name: "year", type: "INT", expression: "extract(year from at)", is_active: true, filterable: true, groupby: false, is_dttm: false },
        { column_name: "at", type: "TIMESTAMP", is_dttm: true, is_active: true, groupby: true, filterable: true, verbose_name: null },
        { column_name: "amount", type: "NUMERIC", extra: '{"certification": {"details": "x"}}' },
      ],
      metrics: [{ metric_name: "sum", expression: "SUM(amount)", verbose_name: "", d3format: ",d", warning_text: null, extra: {} }],
    }).template).toEqual({
      uuid: UUID(7), table_name: "sales", schema: "shop", database: "warehouse", main_dttm_col: "at",
      columns: [
        { column_name: "amount", type: "NUMERIC", extra: { certification: { details: "x" } } },
        { column_name: "at", type: "TIMESTAMP", is_dttm: true },
        { column_name: "year", type: "INT", expression: "extract(year from at)", groupby: false },
      ],
      metrics: [{ metric_name: "sum", expression: "SUM(amount)", d3format: ",d" }],
    });
  });
});

describe("a chart", () => {
  test("says what is asked first and the filters last, without what explore saves beside", () => {
    const { template } = one("charts", { ...chart(6, "C", {
      slice_id: 7, datasource: "3__table", color_scheme: "x", adhoc_filters: [{ operator: "IN", subject: "region", expressionType: "SIMPLE", clause: "WHERE", comparator: ["N"], filterOptionName: "f1", isExtra: false }],
      viz_type: "big_number_total", metric: { optionName: "m", label: "R", expressionType: "SQL", sqlExpression: "SUM(x)" }, groupby: [],
    }), query_context: "{}", description: "" });
    expect(template).toEqual({
      uuid: UUID(6), slice_name: "C", viz_type: "big_number_total", datasource: "orders",
      params: { metric: { expressionType: "SQL", label: "R", sqlExpression: "SUM(x)" }, color_scheme: "x", adhoc_filters: [{ expressionType: "SIMPLE", clause: "WHERE", subject: "region", operator: "IN", comparator: ["N"] }] },
    });
    expect(Object.keys(template["params"] as JsonObject)).toEqual(["metric", "color_scheme", "adhoc_filters"]);
  });

  test("names other charts where a name is one chart's, and leaves out those that are gone", () => {
    const layer = (value: Json): JsonObject => ({ annotationType: "TIME_SERIES", sourceType: "line", name: `L${JSON.stringify(value)}`, value });
    const { template } = one("charts", { ...chart(6, "Maps", { deck_slices: [UUID(1), UUID(3), UUID(2)], annotation_layers: [layer(UUID(5)), { annotationType: "FORMULA", name: "f", value: "x" }] }), viz_type: "deck_multi" });
    expect(template["params"]).toMatchObject({ deck_slices: ["Revenue", UUID(3), "2024"], annotation_layers: [{ value: "{{ name }}: 'x' \"y\" Größe" }, { value: "x" }] });
    const subjects = subjectsOf(others);
    const gone = authoring(subjects).author(kindNamed("chart"), chart(6, "Maps", { deck_slices: [UUID(1), 77], annotation_layers: [layer(78)] }), knowing());
    expect(gone.template["params"]).toEqual({ metric: "revenue", deck_slices: ["Revenue"], annotation_layers: [] });
    expect(gone.notes).toEqual([
      "params.deck_slices.1: the chart of number 77, which 'params.deck_slices' names, is not in Superset any more; it was left out",
      "params.annotation_layers.0.value: the chart of number 78, which 'params.annotation_layers' names, is not in Superset any more; it was left out",
    ]);
  });

  test("of a live one, controls that are there and empty are no template's", () => {
    const live = kindNamed("chart").rules.canonical(chart(6, "C", { groupby: [], subtitle: "" }), knowing({ live: true }));
    expect(live["params"]).toEqual({ metric: "revenue", groupby: null, subtitle: null });
    expect(authoring(subjectsOf(others)).author(kindNamed("chart"), live, knowing({ live: true })).template["params"]).toEqual({ metric: "revenue" });
  });
});

describe("a database", () => {
  const document = {
    database_name: "Wärehouse: \"1\"", uuid: UUID(7), sqlalchemy_uri: "postgresql://bi:XXXXXXXXXX@h:5432/d?sslmode=require", version: "1.0.0", expose_in_sqllab: true, allow_dml: false, allow_ctas: true, cache_timeout: 60,
    extra: { allows_virtual_table_explore: true, metadata_params: {}, schemas_allowed_for_csv_upload: ["public"] }, masked_encrypted_extra: '{"aws": "XXXXXXXXXX"}', ssh_tunnel: { server_address: "t", server_port: 22, username: "u", password: "XXXXXXXXXX" },
  };
  test("says what is not default; its secrets are asked for or noted", () => {
    const { template, notes } = one("databases", document);
    expect(template).toEqual({
      uuid: UUID(7), database_name: document.database_name, sqlalchemy_uri: "postgresql://bi:XXXXXXXXXX@h:5432/d?sslmode=require", allow_ctas: true, cache_timeout: 60,
      extra: { schemas_allowed_for_csv_upload: ["public"] }, ssh_tunnel: { server_address: "t", server_port: 22, username: "u" },
    });
    expect(notes).toEqual(["encrypted_extra", "ssh_tunnel.password"].map((field) => `${field}: '${field}' is set in Superset, and no export shows it; write it with a secret variable, or the database has none wherever it is made anew`));
    const named = authoring([]).author(kindNamed("database"), document, knowing(), "(secret)").template;
    expect(named["sqlalchemy_uri"]).toBe("postgresql://bi:(secret)@h:5432/d?sslmode=require");
    // Without a password there is nothing to ask for.
    const plain = authoring([]).author(kindNamed("database"), { ...document, sqlalchemy_uri: "postgresql://bi@h/d" }, knowing(), "(secret)").template;
    expect(plain["sqlalchemy_uri"]).toBe("postgresql://bi@h/d");
  });
});

describe("a dashboard", () => {
  const node = (type: string, children: readonly string[], meta: JsonObject = {}): JsonObject => ({ type, children, meta });
  const placed = (uuid: string, width = 4, height = 50, meta: JsonObject = {}): JsonObject => node("CHART", [], { uuid, width, height, chartId: Number(uuid.at(-1)), sliceName: "x", ...meta });
  const row = (...children: string[]): JsonObject => node("ROW", children, { background: "BACKGROUND_TRANSPARENT" });
  const dashboard = (position: JsonObject, metadata: JsonObject = {}, more: JsonObject = {}): ExportDocument =>
    ({ dashboard_title: "D", uuid: UUID(7), version: "1.0.0", position: { ROOT_ID: node("ROOT", ["GRID_ID"]), ...position }, metadata, ...more });
  const grid = (...children: string[]) => ({ GRID_ID: node("GRID", children) });

  test("charts, filters and scopes by name; of a filter what is not default", () => {
    const { template } = one("dashboards", dashboard({ ...grid("ROW-1"), "ROW-1": row("A", "B", "C"), A: placed(UUID(1)), B: placed(UUID(2)), C: placed(UUID(3)) }, {
      native_filter_configuration: [
        { id: "NATIVE_FILTER-x", name: "Region", type: "NATIVE_FILTER", filterType: "filter_select", scope: { rootPath: ["ROOT_ID"], excluded: [] }, targets: [{ datasetUuid: UUID(9), column: { name: "region" } }], defaultDataMask: { extraFormData: {} }, controlValues: { multiSelect: false } },
        { id: "NATIVE_FILTER-o", name: "Old", targets: [{ datasetUuid: UUID(9), column: { name: "region", id: "x" } }] },
        { id: "NATIVE_FILTER-y", name: "Time", type: "NATIVE_FILTER", filterType: "filter_time", targets: [{}], scope: { rootPath: ["ROOT_ID"], excluded: [1] } },
        { id: "NATIVE_FILTER_DIVIDER-z", type: "DIVIDER", title: "More" },
      ],
      timed_refresh_immune_slices: [1], expanded_slices: { 1: true }, refresh_frequency: 0, cross_filters_enabled: true, shared_label_colors: [],
    }));
    expect(template).toEqual({
      uuid: UUID(7), dashboard_title: "D",
      metadata: {
        expanded_slices: { Revenue: true }, timed_refresh_immune_slices: ["Revenue"],
        native_filter_configuration: [
          { id: "NATIVE_FILTER-x", name: "Region", targets: [{ dataset: "orders", column: "region" }], controlValues: { multiSelect: false } },
          // Superset's filters of long ago say no type; left out, they would get one.
          { id: "NATIVE_FILTER-o", name: "Old", type: null, filterType: null, targets: [{ dataset: "orders", column: { name: "region", id: "x" } }] },
          { id: "NATIVE_FILTER-y", name: "Time", filterType: "filter_time", scope: { rootPath: ["ROOT_ID"], excluded: ["Revenue"] } },
          { id: "NATIVE_FILTER_DIVIDER-z", type: "DIVIDER", title: "More" },
        ],
      },
      layout: [{ row: [{ chart: "Revenue", id: "A" }, { chart: "2024", id: "B" }, { chart: UUID(3), id: "C" }], id: "ROW-1" }],
    });
  });

  test("a chart whose name is a number is named by its uuid where numbers are ids", () => {
    const { template } = one("dashboards", dashboard({ ...grid("ROW-1"), "ROW-1": row("B"), B: placed(UUID(2)) }, { expanded_slices: { 2: true } }));
    expect(template["metadata"]).toEqual({ expanded_slices: { [UUID(2)]: true } });
  });

  test.each<[string, JsonObject, Json]>([
    ["sizes that are not the usual ones", { ...grid("R", "S"), R: row("A", "B"), A: placed(UUID(1), 3, 30), B: placed(UUID(5), 9, 30), S: row("C"), C: placed(UUID(3), 12, 80, { sliceNameOverride: "Other" }) }, [
      { row: [{ chart: "Revenue", width: 3, height: 30, id: "A" }, { chart: "{{ name }}: 'x' \"y\" Größe", id: "B" }], id: "R" },
      { row: [{ chart: UUID(3), height: 80, title: "Other", id: "C" }], id: "S" },
    ]],
    ["several heights in a row", { ...grid("R"), R: row("A", "B"), A: placed(UUID(1), 6, 50), B: placed(UUID(5), 6, 30) }, [{ row: [{ chart: "Revenue", height: 50, id: "A" }, { chart: "{{ name }}: 'x' \"y\" Größe", height: 30, id: "B" }], id: "R" }]],
    ["columns, texts, headers, dividers", {
      ...grid("H", "R", "D"), H: node("HEADER", [], { text: "Head", headerSize: "LARGE_HEADER", background: "BACKGROUND_WHITE" }), D: node("DIVIDER", []),
      R: node("ROW", ["K", "M"], { background: "BACKGROUND_WHITE" }), K: node("COLUMN", ["A"], { background: "BACKGROUND_TRANSPARENT", width: 5 }), A: placed(UUID(1), 5), M: node("MARKDOWN", [], { code: "# {{ x }}\n", width: 7, height: 20 }),
    }, [
      { header: "Head", size: "large", background: "white", id: "H" },
      { row: [{ column: [{ chart: "Revenue", height: 50, id: "A" }], width: 5, id: "K" }, { markdown: "# {{ x }}\n", height: 20, id: "M" }], background: "white", id: "R" },
      { divider: true, id: "D" },
    ]],
    ["tabs above the grid", { ROOT_ID: node("ROOT", ["T"]), T: node("TABS", ["X"]), X: node("TAB", ["R"], { text: "One" }), R: row("A"), A: placed(UUID(1), 12) }, { tabs: [{ tab: "One", rows: [{ row: [{ chart: "Revenue", id: "A" }], id: "R" }], id: "X" }], id: "T" }],
    ["tabs alone in the grid", { ...grid("T"), T: node("TABS", ["X"]), X: node("TAB", [], { text: "One" }) }, { grid: [{ tabs: [{ tab: "One", rows: [], id: "X" }], id: "T" }] }],
  ])("a layout: %s", (_, position, layout) => {
    expect(one("dashboards", dashboard(position)).template["layout"]).toEqual(layout);
  });

  test.each<[string, JsonObject, JsonObject]>([
    ["an item the short form does not have", { ...grid("R"), R: node("ROW", ["A"], { background: "BACKGROUND_TRANSPARENT", 0: "ROOT_ID" }), A: placed(UUID(1), 12) }, { R: { type: "ROW", children: ["A"], meta: { 0: "ROOT_ID", background: "BACKGROUND_TRANSPARENT" } } }],
    ["an empty row", { ...grid("R"), R: row() }, { R: { type: "ROW", meta: { background: "BACKGROUND_TRANSPARENT" } } }],
    ["a row that is wider than the page", { ...grid("R"), R: row("A", "B"), A: placed(UUID(1), 9), B: placed(UUID(5), 9) }, { A: { type: "CHART", meta: { sliceName: "Revenue", width: 9, height: 50 } } }],
  ])("a position tree: %s", (_, position, expected) => {
    const { template } = one("dashboards", dashboard(position));
    expect(template["layout"]).toBeUndefined();
    expect(template["position"]).toMatchObject(expected);
  });

  test("a chart that is linked but not shown is named beside the layout", () => {
    const { template } = one("dashboards", dashboard({ ...grid("R"), R: row("A"), A: placed(UUID(1), 12), B: placed(UUID(3)) }));
    expect([template["layout"], template["unplaced"]]).toEqual([[{ row: [{ chart: "Revenue", id: "A" }], id: "R" }], [UUID(3)]]);
  });

  test("what no template can say is left out, and noted", () => {
    const lost = dashboard({ ...grid("R"), R: row("A", "B"), A: placed(UUID(1), 6), B: node("CHART", [], { width: 6, height: 50, chartId: 5 }) }, {}, { theme_uuid: UUID(6), slug: "" });
    const { template, notes } = authoring(subjectsOf(others)).author(kindNamed("dashboard"), lost, knowing());
    expect(template["layout"]).toEqual([{ row: [{ chart: "Revenue", width: 6, id: "A" }], id: "R" }]);
    expect(notes).toEqual([
      "theme_uuid: the dashboard has a theme, which stays as it is in this Superset; it cannot be set from here in another one",
      "position.B: the dashboard shows 'B', whose chart was deleted; it was left out",
    ]);
  });
});

const kind = kindNamed("dashboard");
const size = fc.constantFrom(1, 2, 3, 4);
const text = fc.constantFrom("One", "no", "2024-01-01", "a: b # c", "{{ x }}", "Größe\n\n line ");
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

describe("whatever the tree", () => {
  type Item = readonly [type: string, meta: JsonObject, children: readonly Item[]];
  const background = fc.constantFrom("BACKGROUND_TRANSPARENT", "BACKGROUND_WHITE");
  const { rows } = fc.letrec<{ leaf: Item; row: Item; column: Item; tabs: Item; tab: Item; rows: Item[] }>((tie) => ({
    leaf: fc.oneof(
      fc.record({ uuid: fc.constantFrom(1, 2, 3, 4, 5).map(UUID), width: size, height: fc.constantFrom(50, 20, 30) }).map((meta): Item => ["CHART", meta, []]),
      fc.record({ code: text, width: size, height: fc.constantFrom(50, 20) }).map((meta): Item => ["MARKDOWN", meta, []]),
      fc.record({ text, headerSize: fc.constantFrom("SMALL_HEADER", "MEDIUM_HEADER"), background }).map((meta): Item => ["HEADER", meta, []]),
      fc.constant<Item>(["DIVIDER", {}, []]),
    ),
    row: fc.tuple(background, fc.array(fc.oneof({ maxDepth: 3 }, tie("leaf"), tie("column"), tie("tabs")), { maxLength: 3 })).map(([back, children]): Item => ["ROW", { background: back }, children]),
    column: fc.tuple(size, background, fc.array(fc.oneof({ maxDepth: 3 }, tie("leaf"), tie("row")), { maxLength: 3 })).map(([width, back, children]): Item => ["COLUMN", { width, background: back }, children]),
    tabs: fc.array(tie("tab"), { maxLength: 2 }).map((children): Item => ["TABS", {}, children]),
    tab: fc.tuple(text, tie("rows")).map(([title, children]): Item => ["TAB", { text: title }, children]),
    rows: fc.array(fc.oneof({ maxDepth: 3 }, tie("row"), tie("leaf"), tie("tabs")), { maxLength: 3 }),
  }));

  test("its layout or position is the tree again, and nothing in it is a problem", () => {
    fc.assert(fc.property(rows, fc.boolean(), (items, isAbove) => {
      const position: Record<string, Json> = {};
      const add = ([type, meta, children]: Item): string => {
        const id = `${type}-${Object.keys(position).length}`;
        position[id] = null;
        position[id] = { type, id, meta, children: children.map(add) };
        return id;
      };
      const top = items.map(add);
      const tabs = isAbove && top.length === 1 && top[0]?.startsWith("TABS-") === true;
      const tree = { ...position, ROOT_ID: { type: "ROOT", children: tabs ? top : ["GRID_ID"] }, GRID_ID: { type: "GRID", children: tabs ? [] : top } };
      one("dashboards", { dashboard_title: "D", uuid: UUID(7), metadata: {}, position: tree });
    }), { numRuns: 200 });
  });
});

describe("whatever the layout", () => {
  const height = fc.constantFrom(50, 20, 30);
  const back = maybe(fc.constantFrom("white", "transparent"));
  const name = fc.constantFrom("Revenue", "2024", UUID(3), UUID(4));
  const record = (model: Record<string, fc.Arbitrary<unknown>>) => fc.record(model).map((value) => JSON.parse(JSON.stringify(value)) as Json);
  const { blocks } = fc.letrec<{ item: Json; tab: Json; block: Json; blocks: Json[] }>((tie) => ({
    item: fc.oneof({ maxDepth: 3 },
      { weight: 4, arbitrary: name },
      { weight: 4, arbitrary: record({ chart: name, width: maybe(size), height: maybe(height), title: maybe(text) }) },
      record({ markdown: text, width: maybe(size), height: maybe(height) }),
      record({ header: text, size: maybe(fc.constantFrom("small", "medium", "large")), background: back }),
      fc.constant({ divider: true }),
      record({ column: fc.array(tie("item"), { minLength: 1, maxLength: 3 }), width: maybe(size), background: back }),
      record({ row: fc.array(tie("item"), { minLength: 1, maxLength: 3 }), background: back }),
      record({ tabs: fc.array(tie("tab"), { minLength: 1, maxLength: 2 }) })),
    tab: record({ tab: text, rows: tie("blocks") }),
    block: fc.oneof(fc.array(tie("item"), { minLength: 1, maxLength: 4 }), tie("item")),
    blocks: fc.array(tie("block"), { maxLength: 3 }),
  }));
  const layouts = fc.tuple(blocks, fc.boolean()).map(([list, isGrid]): Json => (isGrid ? { grid: list } : list));

  test("it is found again in the tree that is made of it, also where Superset's editor gave the ids", () => {
    const writer = authoring(subjectsOf(others));
    let found = 0;
    fc.assert(fc.property(layouts, (layout) => {
      const template = { dashboard_title: "D", uuid: UUID(7), layout };
      // Wider than the page, mostly: as `expand` says.
      const document = attempt(() => writer.expand(kind, template));
      if (document === undefined) return;
      expect(changedPaths(kind.rules.canonical(document, knowing()), kind.rules.canonical(writer.expand(kind, one("dashboards", document).template), knowing()))).toEqual([]);
      const ids = Object.keys(document["position"] as JsonObject).filter((id) => /-[0-9a-f]{10}/.test(id));
      const edited = JSON.parse(ids.reduce((json, id, index) => json.replaceAll(`"${id}"`, `"X-${index}"`), JSON.stringify(document))) as ExportDocument;
      const again = one("dashboards", edited).template["layout"];
      expect(again === undefined).toBe(ids.length === 0);
      found += ids.length === 0 ? 0 : 1;
    }), { numRuns: 300 });
    expect(found).toBeGreaterThan(50);
  });
});

function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    expect((error as Error).message).toMatch(/there is room for/);
    return undefined;
  }
}
