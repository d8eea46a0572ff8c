/** Every kind of mistake in a file: its exact message, file, line and column. */
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../../compile";
import { ProblemsError } from "../../provider/errors";
import { problemsOf, project, removeProjects, SHOP } from "./project";

afterAll(removeProjects);

const chart = (params: string, more = ""): string => `slice_name: C\nviz_type: table\ndatasource: sales\n${more}params:\n${params}`;
const C = "assets/charts/c.yaml";
const D = "assets/dashboards/d.yaml";
const S = "assets/datasets/s.yaml";

const TABLE: readonly (readonly [string, Readonly<Record<string, string>>, readonly string[]])[] = [
  // Templates
  ["undefined variable", { [`${C}.j2`]: "slice_name: C\nviz_type: pie\ndatasource: {{ TABEL }}\n" },
    [`${C}.j2:3:16: the variable 'TABEL' is not defined: set it under superset:vars in Pulumi.dev.yaml, or guard it with the default filter`]],
  ["undefined variable with a near one", { [`${C}.j2`]: "slice_name: '{{ ENB }}'\nviz_type: pie\ndatasource: sales\n" },
    [`${C}.j2:1:17: the variable 'ENB' is not defined: set it under superset:vars in Pulumi.dev.yaml; did you mean 'ENV'?, or guard it with the default filter`]],
  ["two undefined variables, one in a condition", { [`${C}.j2`]: "slice_name: {{ A1 }}\n{% if B1 %}\nviz_type: pie\n{% endif %}\n" }, [
    `${C}.j2:1:16: the variable 'A1' is not defined: set it under superset:vars in Pulumi.dev.yaml, or guard it with the default filter`,
    `${C}.j2:2:7: the variable 'B1' is not defined: set it under superset:vars in Pulumi.dev.yaml, or guard it with the default filter`,
  ]],
  ["undefined variable in a loop, once", { [`${C}.j2`]: "{% for i in [1, 2] %}\n{{ i }}\n{{ NOPE }}\n{% endfor %}\n" },
    [`${C}.j2:3:4: the variable 'NOPE' is not defined: set it under superset:vars in Pulumi.dev.yaml, or guard it with the default filter`]],
  ["unknown member", { [`${C}.j2`]: "{% set a = {x: 1} %}\nslice_name: {{ a.y }}\n" }, [`${C}.j2:2:17: the variable 'a.y' is not defined: 'a' has x`]],
  ["unclosed tag", { [`${C}.j2`]: "slice_name: C\n{% if ENV %}\nviz_type: pie\n" },
    [`${C}.j2:2: not a valid template: expected elif, else, or endif, got end of file; is an end tag ({% endif %}, {% endfor %}, …) or a closing '}}' missing?`]],
  ["unknown tag", { [`${C}.j2`]: "a: 1\n\n{% fro x in y %}\n" }, [`${C}.j2:3:4: not a valid template: unknown block tag: fro`]],
  ["unclosed raw", { [`${S}.j2`]: "a: 1\nsql: |\n  {% raw %}{{ x }}\n" }, [`${S}.j2:3: this {% raw %} is not closed; add {% endraw %}`]],
  ["unknown filter", { [`${C}.j2`]: "slice_name: {{ ENV | shout }}\n" }, [`${C}.j2:1:13: there is no filter 'shout'`]],
  ["filter for texts on a number", { [`${C}.j2`]: "slice_name: {{ 5 | upper }}\n" },
    [`${C}.j2:1:13: the filter 'upper' cannot be applied to the number 5; make it a text first: string | upper`]],
  ["filter for texts on a list", { [`${C}.j2`]: "slice_name: {{ [1] | title }}\n" }, [`${C}.j2:1:13: the filter 'title' cannot be applied to a list`]],
  ["a tag as function", { [`${C}.j2`]: "slice_name: {{ include('x') }}\n" }, [`${C}.j2:1:13: 'include' is no function; write {% include 'name.j2' %}`]],
  ["unknown function", { [`${C}.j2`]: "slice_name: {{ now() }}\n" },
    [`${C}.j2:1:13: there is no function or macro 'now'; templates have range, dict and the macros they define or import`]],
  ["expression without end", { [`${C}.j2`]: `slice_name: {{ ${"(".repeat(20000)}1${")".repeat(20000)} }}\n` },
    [`${C}.j2:1: expressions or blocks of this template are nested too deeply to be read; put parts of them into variables with {% set %}`]],
  ["binary file", { [C]: "\u0089PNG\u0000\n" }, [`${C}: no text in UTF-8: a binary file, or text of another encoding; save it as UTF-8, or move it out of assets/`]],
  ["binary template", { [`${C}.j2`]: "\u0089PNG\u0000\n" }, [`${C}.j2: no text in UTF-8: a binary file, or text of another encoding; save it as UTF-8, or move it out of assets/`]],
  ["binary include", { "assets/_part.j2": "\u0000", [`${C}.j2`]: "{% include '_part.j2' %}\n" },
    [`${C}.j2:1:4: cannot use '_part.j2': no text in UTF-8: a binary file, or text of another encoding; save it as UTF-8, or move it out of assets/`]],
  ["list in the output", { [`${C}.j2`]: "slice_name: {{ [1] }}\n" }, [`${C}.j2:1:13: this expression gives a list; use a for loop, the join filter or the dump filter`]],
  ["missing include", { [`${C}.j2`]: "{% include 'nope.j2' %}\n" }, [`${C}.j2:1:4: cannot find the template 'nope.j2': names are relative to assets/, or to this file when they begin with ./ or ../`]],
  ["include outside assets", { [`${C}.j2`]: "{% include '../../Pulumi.yaml' %}\n" }, [`${C}.j2:1:4: '../../Pulumi.yaml' is outside assets/; templates may include only files of assets/`]],
  ["include of an absolute path", { [`${C}.j2`]: "{% include '/etc/passwd' %}\n" }, [`${C}.j2:1:4: '/etc/passwd' is outside assets/; templates may include only files of assets/`]],
  ["include of itself", { [`${C}.j2`]: "{% include './c.yaml.j2' %}\n" }, [`${C}.j2:1:4: includes or macros nested deeper than 50: does one include itself?`]],

  // YAML
  ["duplicate key", { [C]: "slice_name: C\nviz_type: pie\nslice_name: D\n" }, [`${C}:3:1: this key is written twice in one mapping; remove one of them`]],
  ["tab", { [C]: "slice_name: C\nparams:\n\ta: 1\n" }, [`${C}:3:1: tabs cannot indent YAML; use spaces`]],
  ["colon in a value", { [C]: "slice_name: a: b\n" }, [`${C}:1:13: a ': ' inside an unquoted value; quote the value`]],
  ["two documents", { [C]: "slice_name: C\n---\nviz_type: pie\n" }, [`${C}:2:1: a file holds one document; remove the '---' line or split the file`]],
  ["custom tag", { [C]: "slice_name: !!python/object:os.system ls\n" }, [`${C}:1:13: the tag tag:yaml.org,2002:python/object:os.system is not allowed; only plain YAML is read`]],
  ["a list", { [C]: "- slice_name: C\n" }, [`${C}:1:1: the file holds a list; it must hold a mapping (key: value lines)`]],
  ["empty file", { [C]: "# nothing\n" }, [`${C}:1:1: the file is empty; it must hold a mapping (key: value lines)`]],
  ["alias bomb", { [C]: `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c]\n` },
    [`${C}:2:8: aliases (*name) expand to too much: more than 100 uses of one anchor; write the values out`]],
  ["a list as key", { [C]: "slice_name: C\n? [a]\n: b\n" }, [`${C}:2:3: a list cannot be a key; keys are texts (quote it if the text is meant)`]],
  ["a mapping as key", { [C]: chart("  {a: 1}: b\n") }, [`${C}:5:3: a mapping cannot be a key; keys are texts (quote it if the text is meant)`]],
  ["no key", { [C]: chart("  : b\n") }, [`${C}:5:3: there is no key before this ':'; write one, or quote the word null if it is meant`]],
  ["unknown alias", { [C]: "slice_name: *x\n" }, [`${C}:1:13: unresolved alias (the anchor must be set before the alias): x`]],
  ["yes", { [D]: "dashboard_title: D\npublished: yes\n" }, [`${D}:2:12: 'yes' means different things to different YAML readers: write true, or quote it if the word is meant`]],
  ["1e5", { [C]: chart("  row_limit: 1e5\n") }, [`${C}:5:14: '1e5' means different things to different YAML readers: text in YAML 1.1, a number in 1.2; write it out, or quote it`]],
  ["YAML error behind a loop", { [`${C}.j2`]: "slice_name: C\nx:\n{% for i in [1, 2, 3] %}\n  - {{ i }}\n{% endfor %}\nslice_name: D\n" },
    [`${C}.j2:6:1: this key is written twice in one mapping; remove one of them`]],
  ["YAML error made by a macro", { [`${C}.j2`]: "{% macro m() %}\na: 1\na: 2\n{% endmacro %}\nslice_name: C\n{{ m() }}\n" },
    [`${C}.j2:3:1: this key is written twice in one mapping; remove one of them`]],
  ["YAML error in an included file", { "assets/_part.j2": "viz_type: pie\nviz_type: table\n", [`${C}.j2`]: "slice_name: C\n{% include '_part.j2' %}\n" },
    ["assets/_part.j2:2:1: this key is written twice in one mapping; remove one of them"]],

  // Schema
  ["unknown field", { [C]: "slice_name: C\nviz_typ: pie\ndatasource: sales\n" },
    [`${C}:1:1: 'viz_type' is missing`, `${C}:2:1: unknown field 'viz_typ'; did you mean 'viz_type'?`]],
  ["unknown field in a list", { [S]: "table_name: s\ndatabase: warehouse\ncolumns:\n  - column_name: a\n    grupby: true\n" },
    [`${S}:5:5: unknown field 'columns[0].grupby'; did you mean 'groupby'?`]],
  ["wrong types", { [C]: "slice_name: 2026\nviz_type: pie\ndatasource: sales\ncache_timeout: soon\n" }, [
    `${C}:1:13: 'slice_name' must be text, not the number 2026; quote it: "2026"`,
    `${C}:4:16: 'cache_timeout' must be a number, not the text 'soon'`,
  ]],
  ["uuid in upper case", { [C]: "uuid: 0B8F6B1E-5F3C-4D5E-9C1A-2F6F0A4D7E11\nslice_name: C\nviz_type: pie\ndatasource: sales\n" },
    [`${C}:1:7: 'uuid' must be a uuid in lower case with dashes, such as 0b8f6b1e-5f3c-4d5e-9c1a-2f6f0a4d7e11`]],
  ["unknown field behind an if", { [`${C}.j2`]: "slice_name: C\n{% if ENV == 'dev' %}\nviz_type: pie\n{% endif %}\ndatasource: sales\nfoo: 1\n" },
    [`${C}.j2:6:1: unknown field 'foo'; known are cache_timeout, certification_details, certified_by, dataset_uuid, datasource, description, external_url, is_managed_externally, key, params, protect, query_context, retain, slice_name, tags, uuid, version, viz_type`]],
  ["unknown database extra", { "assets/databases/b.yaml": "database_name: b\nsqlalchemy_uri: x://\nextra:\n  engine_param: {}\n" },
    ["assets/databases/b.yaml:4:3: unknown field 'extra.engine_param'; did you mean 'engine_params'?"]],
  ["params that are no JSON", { [C]: "slice_name: C\nviz_type: pie\ndatasource: sales\nparams: '{a'\n" },
    [expect.stringMatching(/^assets\/charts\/c\.yaml:4:9: 'params' is text but not JSON: .*; write it as a mapping$/) as unknown as string]],
  ["layout item", { [D]: "dashboard_title: D\nlayout:\n  - - {chart: Revenue, widht: 3}\n" }, [`${D}:3:24: unknown field 'layout[0][0].widht'; remove it or look for a misspelling`]],
  ["kind's folder misspelt", { "assets/chart/x.yaml": "a: 1\n" },
    ["assets/chart: holds templates but is not a kind of asset; did you mean 'charts'? (kinds: databases, datasets, charts, dashboards; a folder for includes begins with '_' or has no .yaml files)"]],
  ["template beside the folders", { "assets/x.yaml": "a: 1\n" },
    ["assets/x.yaml: not in the folder of its kind; move it to one of assets/databases/, assets/datasets/, assets/charts/, assets/dashboards/"]],

  // References
  ["dangling dataset", { [C]: "slice_name: C\nviz_type: pie\ndatasource: sale\n" }, [`${C}:3:13: no dataset is called 'sale'; did you mean 'sales'?`]],
  ["dangling dataset, nothing near", { [C]: "slice_name: C\nviz_type: pie\ndatasource: customers\n" }, [`${C}:3:13: no dataset is called 'customers'; known are sales`]],
  ["dangling uuid", { [C]: "slice_name: C\nviz_type: pie\ndataset_uuid: 0b8f6b1e-5f3c-4d5e-9c1a-2f6f0a4d7e11\n" },
    [`${C}:3:15: no dataset is called '0b8f6b1e-5f3c-4d5e-9c1a-2f6f0a4d7e11'; known are sales`]],
  ["ambiguous dataset", { [S]: "table_name: sales\nschema: other\nkey: other_sales\ndatabase: warehouse\n", [C]: "slice_name: C\nviz_type: pie\ndatasource: shop.sales\n", "assets/charts/e.yaml": "slice_name: E\nviz_type: pie\ndataset_uuid: sales\n" },
    ["assets/charts/e.yaml:3:15: 'dataset_uuid' must be a uuid in lower case with dashes, such as 0b8f6b1e-5f3c-4d5e-9c1a-2f6f0a4d7e11"]],
  ["ambiguous chart", { "assets/charts/x/a.yaml": SHOP["assets/charts/revenue.yaml"] ?? "" },
    ["assets/dashboards/overview.yaml:4:6: 'Revenue' names 2 charts: 'revenue' (assets/charts/revenue.yaml), 'x/a' (assets/charts/x/a.yaml); write the key or uuid of the one that is meant"]],
  ["unknown chart in layers", { [C]: "slice_name: C\nviz_type: deck_multi\ndatasource: sales\nparams:\n  deck_slices: [Revenue, Revenues, 7]\n" },
    [`${C}:5:26: no chart is called 'Revenues'; did you mean 'Revenue'?`, `${C}:5:36: 7 is a chart's number on one server; write the chart's name, key or uuid`]],
  ["charts in a circle", {
    [C]: "slice_name: C\nviz_type: deck_multi\ndatasource: sales\nparams:\n  deck_slices: [D]\n",
    "assets/charts/d.yaml": "slice_name: D\nviz_type: deck_multi\ndatasource: sales\nparams:\n  deck_slices: [C]\n",
  }, [`${C}: charts refer to each other in a circle: 'C' (${C}) → 'D' (assets/charts/d.yaml) → 'C' (${C})`]],
  ["unknown chart in a dashboard", { [D]: "dashboard_title: D\nlayout:\n  - [Revenue, {chart: Revenues, width: 4}]\n" },
    [`${D}:3:23: no chart is called 'Revenues'; did you mean 'Revenue'?`]],
  ["unknown chart in a position tree", { [D]: "dashboard_title: D\nposition:\n  ROOT_ID: {type: ROOT, id: ROOT_ID, children: [CHART-1]}\n  CHART-1:\n    type: CHART\n    id: CHART-1\n    children: []\n    meta:\n      uuid: 0b8f6b1e-5f3c-4d5e-9c1a-2f6f0a4d7e11\n" },
    [`${D}:9:13: no chart is called '0b8f6b1e-5f3c-4d5e-9c1a-2f6f0a4d7e11'; known are Revenue, revenue`]],
  ["child that is not in the tree", { [D]: "dashboard_title: D\nposition:\n  ROOT_ID: {type: ROOT, id: ROOT_ID, children: [GRID_ID]}\n" },
    [`${D}:3:38: 'ROOT_ID' contains 'GRID_ID', which the position tree does not have`]],
  ["no dataset", { [C]: "slice_name: C\nviz_type: pie\n" }, [`${C}:1:1: the chart names no dataset; add 'datasource: <table name>'`]],
  ["no database", { [S]: "table_name: s\n" }, [`${S}:1:1: the dataset names no database; add 'database: <name>'`]],
  ["two ways to name one thing", { [D]: "dashboard_title: D\nlayout: []\nposition: {}\n" }, [`${D}:2:1: 'layout' and 'position' both say where the charts are; remove one`]],
  ["a row that is too wide", { [D]: "dashboard_title: D\nlayout:\n  - [{chart: Revenue, width: 8}, {chart: Revenue, width: 6}]\n" }, [`${D}:3:6: this row is 14 columns wide; there is room for 12`]],

  // Identity
  ["one uuid twice", { [C]: "uuid: 0b8f6b1e-5f3c-4d5e-9c1a-2f6f0a4d7e11\nslice_name: C\nviz_type: pie\ndatasource: sales\n", "assets/charts/e.yaml": "slice_name: E\nuuid: 0b8f6b1e-5f3c-4d5e-9c1a-2f6f0a4d7e11\nviz_type: pie\ndatasource: sales\n" },
    [`assets/charts/e.yaml:2:1: the uuid 0b8f6b1e-5f3c-4d5e-9c1a-2f6f0a4d7e11 is also that of ${C}; every asset needs one of its own`]],
  ["one slug twice", { [D]: "dashboard_title: D\nslug: overview\n" }, ["assets/dashboards/overview.yaml:2:1: the dashboard in assets/dashboards/d.yaml has the same slug 'overview'; Superset holds it only once"]],
  ["one database name twice", { "assets/databases/z.yaml": "database_name: warehouse\nsqlalchemy_uri: x://\n" }, [
    "assets/databases/z.yaml:1:1: the database in assets/databases/warehouse.yaml has the same database name 'warehouse'; Superset holds it only once",
  ]],
  ["a table twice in its schema", { [S]: "table_name: sales\nschema: shop\ndatabase: warehouse\n" },
    [expect.stringMatching(/^assets\/datasets\/sales\.yaml:1:1: the dataset in assets\/datasets\/s\.yaml has the same table 'shop\.sales' of database [-0-9a-f]{36}; Superset holds it only once$/) as unknown as string]],

  // Columns and metrics
  ["unknown metric", { [C]: chart("  groupby: [brand]\n  metrics: [revenu]\n") }, [`${C}:6:13: the dataset 'shop.sales' has no metric 'revenu'; it has revenue`]],
  ["unknown column", { [C]: chart("  groupby:\n    - brand\n    - Brand\n  metrics: [revenue]\n") }, [`${C}:7:7: the dataset 'shop.sales' has no column 'Brand'; did you mean 'brand'?`]],
  ["unknown column of an aggregate", { [C]: chart("  metrics:\n    - expressionType: SIMPLE\n      aggregate: SUM\n      column: {column_name: price}\n") },
    [`${C}:8:29: the dataset 'shop.sales' has no column 'price'; it has sold_at, brand, amount, month`]],
  ["unknown column of a filter", { [C]: chart("  adhoc_filters:\n    - {expressionType: SIMPLE, clause: WHERE, subject: region, operator: IN, comparator: [EU]}\n") },
    [`${C}:6:56: the dataset 'shop.sales' has no column 'region'; it has sold_at, brand, amount, month`]],
  ["unknown column of a raw table", { [C]: chart("  query_mode: raw\n  all_columns: [brand, colour]\n  metrics: [not_used]\n") },
    [`${C}:6:24: the dataset 'shop.sales' has no column 'colour'; it has sold_at, brand, amount, month`]],
  ["native filter on an absent column", { [D]: "dashboard_title: D\nmetadata:\n  native_filter_configuration:\n    - name: Region\n      targets: [{dataset: sales, column: {name: region}}]\n" },
    [`${D}:5:34: the native filter 'Region' is over the column 'region', which the dataset 'shop.sales' does not have; it has sold_at, brand, amount, month`]],
  ["time column", { [S]: "table_name: s\ndatabase: warehouse\nmain_dttm_col: when\ncolumns: [{column_name: at}]\n" }, [`${S}:3:16: the dataset has no column 'when'; it has at`]],
  ["a column listed twice", { [S]: "table_name: s\ndatabase: warehouse\ncolumns:\n  - column_name: a\n  - column_name: a\n" },
    [`${S}:5:18: 'a' is listed twice in 'columns' (item 1 and item 2); remove one`]],
  ["chart that is not on the dashboard", { [C]: chart("  metrics: [revenue]\n"), [D]: "dashboard_title: D\nlayout: [[Revenue]]\nmetadata:\n  expanded_slices: {C: true}\n" },
    [`${D}:4:24: the chart 'C' is not on this dashboard`]],
  ["server's dataset number", { [D]: "dashboard_title: D\nmetadata:\n  native_filter_configuration:\n    - {name: F, targets: [{datasetId: 3, column: brand}]}\n" },
    [`${D}:4:39: 'datasetId' is a number of one server; write 'dataset: <table name>'`]],
];

test.each(TABLE)("%s", (_, files, expected) => {
  expect(problemsOf(files)).toEqual(expected);
});

test("all problems of all files are in one report, sorted, with a closing line", () => {
  const root = project({
    ...SHOP,
    "assets/charts/b.yaml": "slice_name: B\nviz_type: pie\ndatasource: nope\nfoo: 1\n",
    "assets/charts/a.yaml.j2": "slice_name: {{ X }}\nviz_type: {{ Y }}\n",
    "assets/dashboards/z.yaml": "dashboard_title: [\n",
  });
  let thrown: unknown;
  try {
    compile({ root, environment: "dev" });
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(ProblemsError);
  const lines = (thrown as ProblemsError).message.split("\n");
  expect(lines.map((line) => line.split(":").slice(0, 2).join(":"))).toEqual([
    "assets/charts/a.yaml.j2:1", "assets/charts/a.yaml.j2:2", "assets/charts/b.yaml:4", "assets/dashboards/z.yaml:2", "4 problems in 3 files of 7, environment dev.",
  ]);
});

test("a file that cannot be read causes no second problem in those that refer to it", () => {
  expect(problemsOf({ "assets/datasets/sales.yaml": "table_name: [\n" })).toEqual([
    "assets/datasets/sales.yaml:2:1: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]",
  ]);
  expect(problemsOf({ "assets/datasets/sales.yaml": "table_name: sales\ndatabase: warehouse\nfoo: 1\n" })).toEqual([
    expect.stringMatching(/^assets\/datasets\/sales\.yaml:3:1: unknown field 'foo'; known are /),
  ]);
});

test("credentials in the query of an address", () => {
  const file = "assets/databases/d.yaml";
  expect(problemsOf({ [file]: "database_name: d\nsqlalchemy_uri: x://u@h/d?sslmode=require&password=hunter2\n" })).toEqual([
    `${file}:2:17: 'sqlalchemy_uri' holds 'password' in its query, where Superset shows it to everybody; write it as the password (user:password@host), or into 'encrypted_extra'`,
  ]);
});

test("an alias inside its own value has no end", () => {
  expect(problemsOf({ [C]: "slice_name: C\nviz_type: table\ndatasource: sales\nparams: &all {x: *all}\n" })).toEqual([
    `${C}:4:18: this alias (*name) stands inside the value it repeats; write the value out`,
  ]);
});

test("a link to a folder it is in, and one to itself, have no end", () => {
  const root = project(SHOP);
  symlinkSync(".", join(root, "assets/charts/again"));
  symlinkSync("self", join(root, "assets/charts/self"));
  expect(() => compile({ root, environment: "dev" })).toThrow(
    "assets/charts/again: a link to a folder that it is in itself; remove it\n" +
      "assets/charts/self: a link to something outside assets/; templates must be files of the repository\n",
  );
});

test("lists without end", () => {
  // How deep is too deep is the stack's matter.
  expect(problemsOf({ [C]: chart(`  a: ${"[".repeat(20000)}${"]".repeat(20000)}\n`) })).toEqual([
    expect.stringMatching(/^assets\/charts\/c\.yaml:5:\d+: lists or mappings are nested too deeply to be read; is a bracket missing\?$/),
  ]);
  expect(problemsOf({ [C]: chart(`  ${"- ".repeat(20000)}a\n`) })).toEqual([
    expect.stringMatching(/^assets\/charts\/c\.yaml:\d+:\d+: lists or mappings are nested too deeply to be read; is a bracket missing\?$/),
  ]);
});
