/** Lists whose items have names or ids: of two that share one, none is lost without a word. */
import type { JsonObject } from "../../provider/json";
import { rulesOf } from "../helpers/rules";
import { knowing } from "../helpers/forms";
import { compileFiles, problemsOf, removeProjects } from "./project";

afterAll(removeProjects);

const D = "assets/dashboards/d.yaml";
const S = "assets/datasets/s.yaml";
const dashboard = (metadata: string): Record<string, string> => ({ [D]: `dashboard_title: D\nlayout: [[Revenue]]\nmetadata:\n${metadata}` });
const filter = (name: string, column: string, more = ""): string => `    - {${more}name: ${name}, targets: [{dataset: sales, column: ${column}}]}\n`;
const REGION = "NATIVE_FILTER-d3a008ef13";

/** The filters of a compiled dashboard, and those of its canonical form. */
function filters(metadata: string): { readonly ids: unknown[]; readonly form: JsonObject } {
  const document = compileFiles(dashboard(metadata)).assets.find((asset) => asset.key === "d")?.document ?? {};
  const list = (document.metadata as JsonObject).native_filter_configuration as readonly JsonObject[];
  return { ids: list.map((one) => one.id), form: rulesOf.dashboards.canonical(document, knowing())["metadata"] as JsonObject };
}

test("filters of one name are two filters, and the first keeps the id it had alone", () => {
  const alone = filters(`  native_filter_configuration:\n${filter("Region", "brand")}`);
  expect(alone.ids).toEqual([REGION]);
  const { ids, form } = filters(`  native_filter_configuration:\n${filter("Region", "brand")}${filter("Region", "month")}${filter("Region", "amount", "id: null, ")}`);
  expect(ids).toEqual([REGION, `${REGION}-2`, `${REGION}-3`]);
  expect(form).toMatchObject({
    native_filter_order: ids,
    native_filter_configuration: { [REGION]: { targets: [{ column: { name: "brand" } }] }, [`${REGION}-2`]: { targets: [{ column: { name: "month" } }] }, [`${REGION}-3`]: { targets: [{ column: { name: "amount" } }] } },
  });
});

test("an id that is made leaves the written ones alone, wherever they stand", () => {
  expect(filters(`  native_filter_configuration:\n${filter("Region", "brand")}${filter("Other", "month", `id: ${REGION}, `)}`).ids).toEqual([`${REGION}-2`, REGION]);
});

test.each([
  ["native filters", `  native_filter_configuration:\n${filter("A", "brand", "id: F-1, ")}${filter("B", "month", "id: F-1, ")}`,
    [`${D}:6:12: the id 'F-1' is also that of item 1 of 'metadata.native_filter_configuration'; write another one, or none`]],
  ["chart customisations", "  chart_customization_config:\n    - {id: C-1}\n    - {id: C-2}\n    - {id: C-1, type: CHART_CUSTOMIZATION}\n",
    [`${D}:7:12: the id 'C-1' is also that of item 1 of 'metadata.chart_customization_config'; write another one, or none`]],
  ["an id that is a number", `  native_filter_configuration:\n${filter("A", "brand", "id: 7, ")}`,
    [`${D}:5:12: 'metadata.native_filter_configuration[0].id' must be text, not the number 7; leave it out to have one made from the name`]],
  ["customisations that are none", "  chart_customization_config: [5]\n", [`${D}:4:32: 'metadata.chart_customization_config[0]' must be a mapping, not the number 5`]],
  ["customisations that are no list", "  chart_customization_config: {a: 1}\n", [`${D}:4:3: 'metadata.chart_customization_config' must be a list of customisations, not a mapping`]],
  ["one chart by two names", "  expanded_slices: {Revenue: true, revenue: false}\n", [`${D}:4:45: 'revenue' and 'Revenue' are the same chart; remove one`]],
  ["one chart's cross filters twice", "  chart_configuration:\n    Revenue: {id: 1}\n    \"1\": {id: 1}\n", [`${D}:5:5: 'Revenue' and '1' are the same chart; remove one`]],
])("%s", (_, metadata, problems) => {
  expect(problemsOf(dashboard(metadata))).toEqual(problems);
});

test("a duplicate in the whole export form, also as JSON text", () => {
  const tree = "position: {ROOT_ID: {type: ROOT, id: ROOT_ID, children: []}}\n";
  const metadata = JSON.stringify({ native_filter_configuration: [{ id: "F-1", name: "A", targets: [{}] }, { id: "F-1", name: "B", targets: [{}] }] });
  expect(problemsOf({ [D]: `dashboard_title: D\n${tree}metadata: '${metadata}'\n` })).toEqual([
    `${D}:3:11: the id 'F-1' is also that of item 1 of 'metadata.native_filter_configuration'; write another one, or none`,
  ]);
});

test("columns and metrics", () => {
  expect(problemsOf({ [S]: "table_name: s\ndatabase: warehouse\ncolumns: [{column_name: a}, {column_name: b}, {column_name: a, expression: lower(a)}]\nmetrics:\n  - {metric_name: n, expression: COUNT(*)}\n  - {metric_name: n, expression: SUM(a)}\n" })).toEqual([
    `${S}:3:61: 'a' is listed twice in 'columns' (item 1 and item 3); remove one`,
    `${S}:6:19: 'n' is listed twice in 'metrics' (item 1 and item 2); remove one`,
  ]);
});

test("columns that a mapping gives one name", () => {
  const mapping = "source: {columns: {b: brand}}\ntarget: {columns: {b: amount}}\n";
  expect(problemsOf({ "mappings/m.yaml": mapping }, "mappings/m.yaml")).toContain("assets/datasets/sales.yaml:8:19: 'amount' is listed twice in 'columns' (item 2 and item 3); remove one");
});
