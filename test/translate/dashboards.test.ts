/** Edits of dashboards: layouts stay layouts, filters are named as the template names them. */
import { assetUuid } from "../../provider/identity";
import { type Form, removeRepositories, translated } from "./repository";

afterAll(removeRepositories);

const FILE = "assets/dashboards/overview.yaml.j2";
const CHARTS = {
  "assets/charts/b.yaml.j2": 'slice_name: "B {{ ENV }}"\nviz_type: table\ndatasource: sales\nparams: {metrics: [revenue]}\n',
  "assets/charts/c.yaml": "slice_name: C\nviz_type: table\ndatasource: sales\nparams: {metrics: [revenue]}\n",
};
const uuid = (key: string): string => assetUuid("shop", "chart", key);
const board = (layout: string, more = ""): string => `dashboard_title: O\nslug: overview\n${more}layout:\n${layout}`;
const items = (form: Form, type: string): Form[] => Object.values(form["position"] as Form).filter((item) => item["type"] === type);
const rows = (form: Form): Form[] => form["position"]["GRID_ID"]["children"].map((id: string) => form["position"][id]);

type Case = readonly [name: string, before: string, edit: (form: Form) => void, after: string, told?: readonly string[]];

function cases(list: readonly Case[]): void {
  test.each(list.map((row) => [row[0], row] as const))("%s", (_, [, before, edit, after, told = []]) => {
    const outcome = translated({ "assets/dashboards/overview.yaml": undefined, ...CHARTS, [FILE]: before }, { [FILE]: edit });
    expect(outcome.told).toEqual(told.map((note) => `${FILE}:${note}`));
    expect(Object.fromEntries(outcome.files)).toEqual({ [FILE]: after });
  });
}

describe("a layout", () => {
  cases([
    ["sizes are written where they are other ones", board("  - [Revenue, C, {chart: \"B {{ ENV }}\", height: 30}]\n"), (form) => { const [a, b, c] = items(form, "CHART"); for (const [item, width] of [[a, 6], [b, 3], [c, 3]] as const) item!["meta"]["width"] = width; c!["meta"]["height"] = 40; },
      board("  - [{chart: Revenue, width: 6, height: 30}, C, {chart: \"B {{ ENV }}\", height: 40}]\n")],
    ["rows and what stands in them change places, with their comments", board("  - [Revenue, {chart: \"B {{ ENV }}\", height: 30}]\n  - C # alone\n  - markdown: |\n      Text for {{ ENV }}\n    height: 10\n"), (form) => { form["position"]["GRID_ID"]["children"].reverse(); },
      board("  - markdown: |\n      Text for {{ ENV }}\n    height: 10\n  - C # alone\n  - - Revenue\n    - {chart: \"B {{ ENV }}\", height: 30}\n")],
    ["a chart moves to another row", board("  - [Revenue, {chart: \"B {{ ENV }}\", width: 4}]\n  # c\n  - [C]\n"), (form) => {
      const [first, second] = rows(form) as [Form, Form];
      second["children"].push(first["children"].pop());
      for (const [id, width] of [[first["children"][0], 12], [second["children"][0], 8]]) form["position"][id]["meta"]["width"] = width;
    }, board("  - [Revenue]\n  # c\n  - [C, {chart: \"B {{ ENV }}\", width: 4}]\n")],
    ["tabs", board("  tabs:\n    - tab: One # first\n      rows:\n        - [Revenue, {chart: \"B {{ ENV }}\", height: 30}]\n    - tab: Two\n      rows:\n        - C\n"), (form) => {
      items(form, "TAB").find((tab) => tab["meta"]["text"] === "One")!["meta"]["text"] = "First";
      Object.assign(form["position"], {
        "TAB-n": { type: "TAB", meta: { text: "Three" }, children: ["ROW-n"] }, "ROW-n": { type: "ROW", children: ["MARKDOWN-n", "HEADER-n"], meta: { background: "BACKGROUND_WHITE" } },
        "MARKDOWN-n": { type: "MARKDOWN", meta: { code: "# {{ Hi }}", width: 4, height: 50 } }, "HEADER-n": { type: "HEADER", meta: { text: "Head", headerSize: "LARGE_HEADER", background: "BACKGROUND_TRANSPARENT" } },
      });
      items(form, "TABS")[0]!["children"].unshift("TAB-n");
    }, board("  tabs:\n    - tab: Three\n      rows:\n        - row:\n            - {markdown: \"# {% raw %}{{ Hi }}{% endraw %}\", width: 4}\n            - {header: Head, size: large}\n          background: white\n    - tab: First # first\n      rows:\n        - [Revenue, {chart: \"B {{ ENV }}\", height: 30}]\n    - tab: Two\n      rows:\n        - C\n")],
    ["columns", board("  - - Revenue\n    - column: [C, \"B {{ ENV }}\"]\n      width: 4\n"), (form) => { const [column] = items(form, "COLUMN"); column!["children"].reverse(); form["position"][column!["children"][0]]["meta"]["height"] = 20; },
      board("  - - Revenue\n    - column: [{chart: \"B {{ ENV }}\", height: 20}, C]\n      width: 4\n")],
    ["a row goes, a chart gets another title", board("  - [Revenue, C]\n  - \"B {{ ENV }}\"\n"), (form) => {
      const [row] = form["position"]["GRID_ID"]["children"].splice(1, 1);
      delete form["position"][form["position"][row]["children"][0]];
      delete form["position"][row];
      items(form, "CHART")[0]!["meta"]["sliceNameOverride"] = "Money";
    }, board("  - [{chart: Revenue, title: Money}, C]\n")],
    ["a chart that was saved to the dashboard and placed nowhere", board("  - [Revenue, C]\n"), (form) => { form["unplaced"] = [uuid("b")]; }, board("  - [Revenue, C]\n", 'unplaced: ["B {{ ENV }}"]\n')],
    ["a place that a filter is for keeps its id", board("  tabs:\n    - tab: One\n      rows: [[Revenue]]\n    - tab: Two\n      rows: [[C]]\n", "metadata:\n  native_filter_configuration:\n    - {name: T, filterType: filter_time}\n"), (form) => {
      const tab = Object.keys(form["position"]).find((id) => form["position"][id]["meta"]?.["text"] === "Two")!;
      form["metadata"]["native_filter_configuration"][form["metadata"]["native_filter_order"][0]]["scope"]["rootPath"] = [tab];
      form["position"][tab]["meta"]["text"] = "Second";
    }, expect.stringMatching(/scope: \{rootPath: \[(TAB-\w+)\]\}[\s\S]*- tab: Second\n {6}rows: \[\[C\]\]\n {6}id: \1\n$/) as unknown as string],
    ["what no layout can say is a position tree, and told", board("  - [Revenue, \"B {{ ENV }}\"]\n"), (form) => { items(form, "ROW")[0]!["meta"]["extra"] = "x"; },
      expect.stringMatching(/^dashboard_title: O\nslug: overview\nposition:\n {2}ROOT_ID: [\s\S]* {4}meta: \{background: BACKGROUND_TRANSPARENT, extra: x\}\n/) as unknown as string, ["3:1: warning: a layout cannot say where everything is now: 'position' is written instead"]],
  ]);
});

test("a position tree stays one, with what it says twice", () => {
  const tree = (width: number, row: string, more: string, immune: string): string => `dashboard_title: Overview
slug: overview
position:
  DASHBOARD_VERSION_KEY: v2
  ROOT_ID: {children: [GRID_ID], id: ROOT_ID, type: ROOT}
  GRID_ID: {children: [ROW-a], id: GRID_ID, parents: [ROOT_ID], type: GRID}
  ROW-a:
    children: [${row}]
    id: ROW-a
    meta: {background: BACKGROUND_TRANSPARENT}
    parents: [ROOT_ID, GRID_ID]
    type: ROW
  CHART-a:
    children: []
    id: CHART-a
    meta: {chartId: 12, height: 50, sliceName: Revenue, uuid: ${uuid("revenue")}, width: ${width}}
    parents: [ROOT_ID, GRID_ID, ROW-a]
    type: CHART
${more}metadata:
  timed_refresh_immune_slices: [12${immune}]
`;
  const { text } = translated({ ...CHARTS, "assets/dashboards/overview.yaml": tree(4, "CHART-a", "", "") }, {
    overview: (form) => {
      form["position"]["CHART-a"]["meta"]["width"] = 6;
      form["position"]["CHART-n"] = { type: "CHART", meta: { uuid: uuid("c"), width: 6, height: 50 } };
      form["position"]["ROW-a"]["children"].push("CHART-n");
      form["metadata"]["timed_refresh_immune_slices"] = [uuid("c"), uuid("revenue")].sort();
    },
  });
  expect(text).toBe(tree(6, "CHART-a, CHART-n", `  CHART-n:\n    type: CHART\n    meta: {uuid: ${uuid("c")}, width: 6, height: 50}\n    id: CHART-n\n    children: []\n    parents: [ROOT_ID, GRID_ID, ROW-a]\n`, ", C"));
});

describe("filters", () => {
  const filters = (list: string, more = ""): string => board("  - [Revenue, C]\n", `metadata:\n  native_filter_configuration:\n${list}${more}`);
  const brand = "    - {name: Brand, targets: [{dataset: sales, column: brand}]} # by brand\n";
  const region = (charts = "Revenue"): string => `    - name: Region\n      targets: [{dataset: sales, column: region}]\n      scope: {charts: [${charts}]}\n`;
  const of = (form: Form, index: number): Form => form["metadata"]["native_filter_configuration"][form["metadata"]["native_filter_order"][index]];
  cases([
    ["another column, scope and name: the filter keeps its id", filters(brand + region()), (form) => { Object.assign(of(form, 0), { name: "Make", scope: { rootPath: ["ROOT_ID"], excluded: [uuid("c")] } }); of(form, 0)["targets"][0]["column"]["name"] = "region"; delete of(form, 1)["scope"]["excluded"]; form["metadata"]["label_colors"] = { A: "#111111" }; },
      filters(`    - {name: Make, targets: [{dataset: sales, column: region}], id: NATIVE_FILTER-090ed4316f, scope: {rootPath: [ROOT_ID], excluded: [C]}} # by brand\n${region("Revenue, C")}`, '  label_colors: {A: "#111111"}\n')],
    ["order", filters(brand + region()), (form) => { form["metadata"]["native_filter_order"].reverse(); form["metadata"]["timed_refresh_immune_slices"] = [uuid("c")]; }, filters(region() + brand, "  timed_refresh_immune_slices: [C]\n")],
    ["one is new, one is gone", filters(brand + region()), (form) => {
      const { metadata } = form;
      delete metadata["native_filter_configuration"][metadata["native_filter_order"][0]];
      metadata["native_filter_order"] = [metadata["native_filter_order"][1], "NATIVE_FILTER-n"];
      metadata["native_filter_configuration"]["NATIVE_FILTER-n"] = { name: "Amount", type: "NATIVE_FILTER", filterType: "filter_range", scope: { rootPath: ["ROOT_ID"] }, targets: [{ datasetUuid: assetUuid("shop", "dataset", "sales"), column: { name: "amount" } }] };
    }, filters(`${region()}    - id: NATIVE_FILTER-n\n      name: Amount\n      filterType: filter_range\n      targets:\n        - {dataset: sales, column: amount}\n`)],
    ["a chart is new where a filter names those it is for", filters(region()), (form) => { const [row] = rows(form); row!["children"].push("CHART-n"); form["position"]["CHART-n"] = { type: "CHART", meta: { uuid: uuid("b"), width: 4, height: 50 } }; for (const item of items(form, "CHART")) item["meta"]["width"] = 4; },
      filters(region('Revenue, "B {{ ENV }}"')).replace("- [Revenue, C]", '- [Revenue, C, "B {{ ENV }}"]')],
  ]);
});
