/** What Superset stores without a word and shows as a broken page: found before it is written. */
import { compileFiles, problemsOf, removeProjects } from "./project";

afterAll(removeProjects);

const C = "assets/charts/c.yaml";
const D = "assets/dashboards/d.yaml";
const B = "assets/databases/b.yaml";
const chart = (params: string, type = "table"): Record<string, string> => ({ [C]: `slice_name: C\nviz_type: ${type}\ndatasource: sales\nparams:\n${params}` });
const dashboard = (more: string): Record<string, string> => ({ [D]: `dashboard_title: D\n${more}` });
const filters = (value: string): Record<string, string> => dashboard(`metadata:\n  native_filter_configuration: ${value}\n`);

const FILTER = "{name: <title>, filterType: filter_select, targets: [{dataset: <table name>, column: <column>}]}";
const ADHOC = "{expressionType: SIMPLE, clause: WHERE, subject: <column>, operator: ==, comparator: <value>}";

const TABLE: readonly (readonly [string, Readonly<Record<string, string>>, readonly string[]])[] = [
  ["a number for metrics", chart("  metrics: 5\n"), [`${C}:5:12: 'params.metrics' must be a metric, not the number 5; write its name as text`]],
  ["a mapping for a column", chart("  groupby: {a: 1}\n"),
    [`${C}:5:3: 'params.groupby' must be a column, not a mapping; write its name, or a mapping with 'expressionType' (SIMPLE or SQL)`]],
  ["a number in a list of columns", chart("  groupby: [brand, 7]\n"), [`${C}:5:20: 'params.groupby[1]' must be a column, not the number 7; write its name as text`]],
  ["a number as filter", chart("  adhoc_filters: [3]\n"), [`${C}:5:19: 'params.adhoc_filters[0]' must be a filter, not the number 3; write ${ADHOC}`]],
  ["text for filters", chart("  adhoc_filters: brand\n"), [`${C}:5:18: 'params.adhoc_filters' must be a list of filters, not the text 'brand'; a filter is ${ADHOC}`]],
  ["a number for native filters", filters("7"), [`${D}:3:32: 'metadata.native_filter_configuration' must be a list of filters such as ${FILTER}, not the number 7`]],
  ["a number as native filter", filters("[5]"), [`${D}:3:33: 'metadata.native_filter_configuration[0]' must be a filter, not the number 5; write ${FILTER}`]],
  ["a number for targets", filters("[{name: F, targets: 3}]"),
    [`${D}:3:52: 'metadata.native_filter_configuration[0].targets' must be a list, not the number 3; write [{dataset: <table name>, column: <column>}]`]],
  ["a number as target", filters("[{name: F, targets: [3]}]"),
    [`${D}:3:53: 'metadata.native_filter_configuration[0].targets[0]' must be a mapping, not the number 3; write {dataset: <table name>, column: <column>}`]],
  ["a number as the column of a target", filters("[{name: F, targets: [{dataset: sales, column: 3}]}]"),
    [`${D}:3:78: 'metadata.native_filter_configuration[0].targets[0].column' must be the name of a column, not the number 3`]],
  ["text for a mapping", dashboard("metadata:\n  label_colors: red\n"), [`${D}:3:17: 'metadata.label_colors' must be a mapping, not the text 'red'`]],
  ["a number as item of the tree", dashboard("position: {ROOT_ID: 5}\n"),
    [`${D}:2:21: 'position.ROOT_ID' must be a mapping with a 'type' (ROOT, GRID, ROW, CHART, …), not the number 5; write 'layout:' instead of 'position:' to have the tree made`]],
  ["an item without type", dashboard("position:\n  ROOT_ID: {children: []}\n"),
    [`${D}:3:3: 'position.ROOT_ID' has no 'type'; write one of ROOT, GRID, HEADER, TABS, TAB, ROW, COLUMN, CHART, MARKDOWN, DIVIDER`]],
  ["children that are no list", dashboard("position:\n  ROOT_ID: {type: ROOT, children: 4}\n"), [`${D}:3:35: 'position.ROOT_ID.children' must be a list of ids, not the number 4`]],
  ["no number", chart("  row_limit: .nan\n"), [`${C}:5:14: '.nan' is no number that Superset can store; write a number or null, or quote it if the text is meant`]],
  ["an infinite number", chart("  row_limit: -.inf\n"), [`${C}:5:14: '-.inf' is no number that Superset can store; write a number or null, or quote it if the text is meant`]],
  ["a number that loses digits", chart("  row_limit: 9007199254740993\n"), [`${C}:5:14: '9007199254740993' is beyond 9007199254740991, where numbers lose digits; quote it`]],
  ["an address without scheme", { [B]: "database_name: b\nsqlalchemy_uri: nonsense\n" },
    [`${B}:2:17: 'sqlalchemy_uri' is no address of SQLAlchemy: it must begin with the dialect and '://', such as postgresql+psycopg2://user@host:5432/database`]],
];

test.each(TABLE)("%s", (_, files, expected) => {
  expect(problemsOf(files)).toEqual(expected);
});

test("what the frontend writes in these places is taken", () => {
  const adhoc = "{expressionType: SIMPLE, column: {column_name: amount}, aggregate: SUM, label: s}";
  const custom = "{expressionType: SQL, sqlExpression: upper(brand), label: B}";
  const compiled = compileFiles({
    ...chart(`  metrics: [revenue, ${adhoc}]\n  groupby: [brand, ${custom}]\n  percent_metrics: null\n  adhoc_filters: []\n  row_limit: 9007199254740991\n`),
    ...filters("[{type: DIVIDER, title: t}, {name: F, targets: [{dataset: sales, column: brand}]}, {name: T, filterType: filter_time, targets: [{}]}]"),
  });
  expect(compiled.warnings).toEqual([]);
});

test("a misspelt visualisation is told with the one that is meant, a plugin of one's own is not", () => {
  const warned = compileFiles(chart("  metric: revenue\n", "big_numbr_total")).warnings.map((warning) => `${warning.line}: ${warning.message}`);
  expect(warned).toEqual(["2: Superset has no visualisation 'big_numbr_total'; did you mean 'big_number_total'?"]);
  expect(compileFiles(chart("  metric: revenue\n", "acme_flow_of_goods")).warnings).toEqual([]);
});
