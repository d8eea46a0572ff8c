/** Edits of single templates: the text before, the edit in Superset, the text after. Every case also checks the law. */
import { type Edits, removeRepositories, translated } from "./repository";

afterAll(removeRepositories);

const FILE = "assets/charts/c.yaml.j2";
const HEAD = "slice_name: C\nviz_type: table\ndatasource: sales\n";

/** [what happens, text before, edit, text after, what is told]. A text that begins with a blank stands below the head of a chart. */
type Case = readonly [name: string, before: string, edit: NonNullable<Edits[string]>, after: string | undefined, told?: readonly string[]];

function cases(rows: readonly Case[]): void {
  test.each(rows.map((row) => [row[0], row] as const))("%s", (_, [, before, edit, after, told = []]) => {
    const outcome = translated({ [FILE]: before }, { [FILE]: edit });
    expect(outcome.told.map((note) => note.replace(`${FILE}:`, ""))).toEqual(told);
    expect(Object.fromEntries(outcome.files)).toEqual(after === undefined ? {} : { [FILE]: after });
  });
}

const params = (lines: string): string => `${HEAD}params:\n${lines}`;
const metrics = "  metrics: [revenue]\n";

describe("values", () => {
  cases([
    ["a value is written in the quotes it had, its comment stays", `slice_name: 'Old one' # shown\nviz_type: "table"\ndatasource: sales\ndescription: plain # too\nparams: {metrics: [revenue], row_limit: 10 }\n`,
      (form) => { form["slice_name"] = "It's new"; form["viz_type"] = "pie"; form["description"] = "10 %: more"; form["params"]["row_limit"] = 20; },
      `slice_name: 'It''s new' # shown\nviz_type: "pie"\ndatasource: sales\ndescription: "10 %: more" # too\nparams: {metrics: [revenue], row_limit: 20 }\n`],
    ["a value that would be read as something else is quoted", params(`${metrics}  a: x\n  b: x\n  c: x\n  d: 1\n`), (form) => { Object.assign(form["params"], { a: "yes", b: "12", c: " x", d: "null" }); },
      params(`${metrics}  a: "yes"\n  b: "12"\n  c: " x"\n  d: "null"\n`)],
    ["texts of several lines keep their style", `${HEAD}description: |\n  One\n\n  two\nparams:\n  a: >-\n    folded\n    text\n\n    and more\n  b: "x"\n  metrics: [revenue]\n`,
      (form) => { form["description"] = "One\n\ntwo and a half\nthree"; form["params"]["a"] = "folded text\nand no more"; form["params"]["b"] = "y\nz"; },
      `${HEAD}description: |-\n  One\n\n  two and a half\n  three\nparams:\n  a: >-\n    folded\n    text\n\n    and no more\n  b: "y\\nz"\n  metrics: [revenue]\n`],
    ["new fields stand where short ones do, in the file's own indentation", `${HEAD}params:\n    metrics:\n        - revenue\n    row_limit: 5\n`, (form) => { form["description"] = "D"; form["params"]["column_config"] = { a: { b: 1, c: { d: [1, { e: 2 }] } } }; form["params"]["show"] = true; },
      `${HEAD}description: D\nparams:\n    metrics:\n        - revenue\n    row_limit: 5\n    show: true\n    column_config:\n        a:\n            b: 1\n            c:\n                d:\n                    - 1\n                    - {e: 2}\n`],
    ["where keys are in the order of the alphabet they stay in it", params("  aa: 1\n  bb: 2\n  cc: 3\n  ee: 5\n  metrics: [revenue]\n"), (form) => { form["params"]["dd"] = 4; }, params("  aa: 1\n  bb: 2\n  cc: 3\n  dd: 4\n  ee: 5\n  metrics: [revenue]\n")],
    ["a field goes with its line and the comment at its end", params(`${metrics}  # about the limit and more\n  row_limit: 5 # rows\n  page_length: 5\n`), (form) => { delete form["params"]["row_limit"]; }, params(`${metrics}  # about the limit and more\n  page_length: 5\n`)],
    ["scalars and collections take each other's place", params(`${metrics}  a: 1\n  b: {c: 1}\n  d:\n    - 1\n    - 2\n  e:\n`), (form) => { Object.assign(form["params"], { a: { x: [1] }, b: "text", d: { k: "v" }, e: [1, 2] }); },
      params(`${metrics}  a: {x: [1]}\n  b: text\n  d:\n    k: v\n  e: [1, 2]\n`)],
    ["texts that look like tags", params(`${metrics}  a: x\n  b: {c: x}\n`), (form) => { Object.assign(form["params"], { a: "{{ one }} {% two %}", b: { c: "{# three #}", d: "{% endraw %}" } }); },
      params(`${metrics}  a: "{% raw %}{{ one }} {% two %}{% endraw %}"\n  b: {c: "{% raw %}{# three #}{% endraw %}", d: "{{ '{%' }} endraw %}"}\n`)],
    ["JSON text stays JSON text", `${HEAD}params: '{"metrics": ["revenue"], "row_limit": 5}'\n`, (form) => { form["params"]["row_limit"] = 3; form["params"]["groupby"] = ["brand"]; }, `${HEAD}params: '{"metrics": ["revenue"], "row_limit": 3, "groupby": ["brand"]}'\n`],
  ]);
});

describe("lists", () => {
  const filter = (subject: string) => `{expressionType: SIMPLE, clause: WHERE, subject: ${subject}, operator: ==, comparator: x}`;
  const made = (subject: string) => ({ expressionType: "SIMPLE", clause: "WHERE", subject, operator: "==", comparator: "x" });
  cases([
    ["elements on one line", params("  metrics: [revenue, orders] # both\n  groupby: [brand]\n"), (form) => { form["params"]["metrics"] = ["orders"]; form["params"]["groupby"] = ["region", "brand", "amount"]; }, params("  metrics: [orders] # both\n  groupby: [region, brand, amount]\n")],
    ["elements on lines of their own, one that moves takes its comment along", params("  metrics:\n  - revenue # main\n  # second\n  - orders\n"), (form) => { form["params"]["metrics"] = ["orders", "revenue", { expressionType: "SQL", sqlExpression: "MAX(amount)", label: "Max" }]; },
      params("  metrics:\n  # second\n  - orders\n  - revenue # main\n  - {expressionType: SQL, sqlExpression: MAX(amount), label: Max}\n")],
    ["mappings in lists, written as their neighbours are", params(`${metrics}  adhoc_filters:\n    - ${filter("brand")} # first\n    - expressionType: SIMPLE\n      clause: WHERE\n      subject: region\n      operator: ==\n      comparator: x\n`),
      (form) => { form["params"]["adhoc_filters"] = [{ ...made("brand"), comparator: "y" }, made("amount"), { ...made("region"), operator: "!=" }]; },
      params(`${metrics}  adhoc_filters:\n    - {expressionType: SIMPLE, clause: WHERE, subject: brand, operator: ==, comparator: y} # first\n    - ${filter("amount").replace("==", '"=="')}\n    - expressionType: SIMPLE\n      clause: WHERE\n      subject: region\n      operator: "!="\n      comparator: x\n`)],
    ["the first one goes", params(`${metrics}  adhoc_filters:\n    # about brands\n    - ${filter("brand")}\n    - ${filter("region")}\n`), (form) => { form["params"]["adhoc_filters"].shift(); }, params(`${metrics}  adhoc_filters:\n    # about brands\n    - ${filter("region")}\n`)],
    ["the last one goes, and the list with it", params(`${metrics}  adhoc_filters:\n    - ${filter("brand")}\n  row_limit: 5\n`), (form) => { delete form["params"]["adhoc_filters"]; }, params(`${metrics}  row_limit: 5\n`)],
  ]);
});

describe("expressions", () => {
  const lost = (line: number, source: string, what: string): string => `${line}: warning: ${source} is replaced by text, in every environment: it does not give what '${what}' is now`;
  cases([
    ["what still stands in the new text stays an expression", `slice_name: "Revenue ({{ ENV }})"\nviz_type: table\ndatasource: sales\ndescription: '{{ ENV }}: of {{ SCHEMA }}, at most {{ LIMIT }}'\nparams: {metrics: [revenue]}\n`,
      (form) => { form["slice_name"] = "Turnover in dev (dev)"; form["description"] = "dev: all of shop_dev, at most 100 rows"; },
      `slice_name: "Turnover in {{ ENV }} ({{ ENV }})"\nviz_type: table\ndatasource: sales\ndescription: '{{ ENV }}: all of {{ SCHEMA }}, at most {{ LIMIT }} rows'\nparams: {metrics: [revenue]}\n`],
    ["what does not is replaced, and told with the line", `slice_name: "{{ ENV }} only"\nviz_type: table\ndatasource: sales\nparams:\n  metrics: [revenue]\n  row_limit: {{ LIMIT }}\n`, (form) => { form["slice_name"] = "All"; form["params"]["row_limit"] = 7; },
      `slice_name: "All"\nviz_type: table\ndatasource: sales\nparams:\n  metrics: [revenue]\n  row_limit: 7\n`, [lost(1, "{{ ENV }}", "slice_name"), lost(6, "{{ LIMIT }}", "params.row_limit")]],
    ["a text that goes takes its expressions along", `slice_name: "Money ({{ ENV }})"\nviz_type: table\ndatasource: sales\nparams: {metrics: [revenue]}\n`, (form) => { form["slice_name"] = "Money"; }, `slice_name: "Money"\nviz_type: table\ndatasource: sales\nparams: {metrics: [revenue]}\n`],
    ["values of the environment become variables by the rules for new templates, where they are new", `slice_name: dev C\nviz_type: table\ndatasource: sales\nparams: {metrics: [revenue]}\n`, (form) => { form["slice_name"] = "dev C of dev"; }, `slice_name: dev C of {{ ENV }}\nviz_type: table\ndatasource: sales\nparams: {metrics: [revenue]}\n`],
    ["the literal that a value is a copy of", `{% set limit = 10 -%}\n{% set of = {"dev": 5, "staging": 5, "prod": 50} -%}\n${params(`${metrics}  row_limit: {{ limit }}\n  page_length: {{ of[ENV] }}\n  server_page_length: {{ 1000 if ENV == "prod" else 10 }}\n  zoom: {{ ZOOM | default('x') }}\n`)}`,
      (form) => { Object.assign(form["params"], { row_limit: 20, page_length: 6, server_page_length: 30, zoom: "y" }); },
      `{% set limit = 20 -%}\n{% set of = {"dev": 6, "staging": 5, "prod": 50} -%}\n${params(`${metrics}  row_limit: {{ limit }}\n  page_length: {{ of[ENV] }}\n  server_page_length: {{ 1000 if ENV == "prod" else 30 }}\n  zoom: {{ ZOOM | default('y') }}\n`)}`],
    ["a literal that more is made of is no value's own", `{% set limit = 10 -%}\n${params(`${metrics}  row_limit: {{ limit }}\n  page_length: {{ limit }}\n`)}`, (form) => { form["params"]["row_limit"] = 20; },
      `{% set limit = 10 -%}\n${params(`${metrics}  row_limit: 20\n  page_length: {{ limit }}\n`)}`, [lost(7, "{{ limit }}", "params.row_limit")]],
  ]);
});

describe("conditions", () => {
  cases([
    ["the branch that this environment takes", params(`${metrics}  {% if ENV == 'prod' %}\n  row_limit: 1000\n  {% elif ENV == 'dev' %}\n  row_limit: 10 # small\n  {% else %}\n  row_limit: 100\n  {% endif %}\n`), (form) => { form["params"]["row_limit"] = 20; },
      params(`${metrics}  {% if ENV == 'prod' %}\n  row_limit: 1000\n  {% elif ENV == 'dev' %}\n  row_limit: 20 # small\n  {% else %}\n  row_limit: 100\n  {% endif %}\n`)],
    ["a condition goes with all it is about", params(`${metrics}  {% if ENV != 'prod' %}\n  row_limit: 1000\n  {% endif %}\n  page_length: 5\n`), (form) => { delete form["params"]["row_limit"]; }, params(`${metrics}  page_length: 5\n`)],
    ["also where its tags take blanks away, or stand in comments", params(`${metrics}  {%- if ENV != 'prod' %}\n  row_limit: 1000\n  {%- endif %}\n  # {% if ENV != 'prod' %}\n  page_length: 5\n  # {% endif %}\n  a: 1\n`), (form) => { delete form["params"]["row_limit"]; delete form["params"]["page_length"]; }, params(`${metrics}  a: 1\n`)],
    ["with another branch it stays, and the branch is empty", params(`${metrics}  {% if ENV == 'prod' %}\n  row_limit: 1000\n  {% else %}\n  row_limit: 10\n  {% endif %}\n  a: 1\n`), (form) => { delete form["params"]["row_limit"]; }, params(`${metrics}  {% if ENV == 'prod' %}\n  row_limit: 1000\n  {% else %}\n  {% endif %}\n  a: 1\n`)],
    ["what is new stands outside", params(`${metrics}  {% if ENV == 'dev' %}\n  row_limit: 10\n  {% endif %}\n`), (form) => { form["params"]["page_length"] = 5; }, params(`${metrics}  {% if ENV == 'dev' %}\n  row_limit: 10\n  {% endif %}\n  page_length: 5\n`)],
  ]);
});

describe("loops", () => {
  const filter = (values: string): string => params(`${metrics}  adhoc_filters:\n    - expressionType: SIMPLE\n      clause: WHERE\n      subject: region\n      operator: IN\n      comparator:\n${values}`);
  const edit = (change: (list: string[]) => void): Case[2] => (form) => change(form["params"]["adhoc_filters"][0]["comparator"]);
  const loop = "        {%- for name in REGIONS %}\n        - {{ name }}\n        {%- endfor %}\n";
  const own = (names: string): string => `        # {% for name in [${names}] %}\n        - {{ name }}\n        # {% endfor %}\n`;
  cases([
    ["what is new stands after the loop", filter(loop), edit((list) => list.push("Center")), filter(`${loop}        - Center\n`)],
    ["what the loop's own list gives goes from it, or is changed in it", filter(own('"North", "South", "West"')), edit((list) => list.splice(1, 2, "Best")), filter(own('"North", "Best"'))],
    ["of a list of variables nothing can go without another environment", filter(loop), edit((list) => list.pop()), undefined,
      ["13:11: the removal of 'params.adhoc_filters[0].comparator[1]' cannot be carried over without changing more than that, here or in another environment; edit the template by hand"]],
    ["an edit of one round writes the loop out", `${HEAD}params:\n  metrics:\n    # {% for name in ["a", "b"] %}\n    - expressionType: SQL\n      sqlExpression: SUM({{ name }})\n      label: {{ name }}\n    # {% endfor %}\n  row_limit: 5\n`, (form) => { form["params"]["metrics"][1]["d3format"] = "%"; },
      `${HEAD}params:\n  metrics:\n    - expressionType: SQL\n      sqlExpression: SUM(a)\n      label: a\n    - expressionType: SQL\n      sqlExpression: SUM(b)\n      label: b\n      d3format: "%"\n  row_limit: 5\n`,
      [`6: warning: {% for name in ["a", "b"] %} is written out: the edit of 'params.metrics[1].d3format' falls on a part of what it gives`]],
    ["an edit of all rounds is one of the loop's body", `${HEAD}params:\n  metrics: [{% for name in ["a", "b"] %}{expressionType: SQL, sqlExpression: SUM({{ name }}), label: {{ name }}}{% if not loop.last %}, {% endif %}{% endfor %}]\n`, (form) => { for (const metric of form["params"]["metrics"]) metric["sqlExpression"] = metric["sqlExpression"].replace("SUM", "MAX"); },
      `${HEAD}params:\n  metrics: [{expressionType: SQL, sqlExpression: MAX(a), label: a}, {expressionType: SQL, sqlExpression: MAX(b), label: b}]\n`,
      [`5: warning: {% for name in ["a", "b"] %} is written out: the edit of 'params.metrics[1].sqlExpression' falls on a part of what it gives`]],
  ]);
});

describe("macros", () => {
  const macro = "{% macro is(column, value, operator='==') %}{expressionType: SIMPLE, clause: WHERE, subject: {{ column }}, operator: \"{{ operator }}\", comparator: {{ value }}}{% endmacro -%}\n";
  const two = (first: string, second: string): string => `${macro}${params(`${metrics}  adhoc_filters:\n    - ${first}\n    - ${second}\n`)}`;
  cases([
    ["an argument is what is written in the call", two("{{ is('brand', 'A') }}", "{{ is('region', ENV) }}"), (form) => { form["params"]["adhoc_filters"][0]["comparator"] = "B's"; }, two("{{ is('brand', 'B\\'s') }}", "{{ is('region', ENV) }}")],
    ["what the macro says of one call alone is written out there, with its variables", two("{{ is('brand', 'A') }}", "{{ is('region', ENV) }}"), (form) => { form["params"]["adhoc_filters"][1]["operator"] = "!="; },
      two("{{ is('brand', 'A') }}", '{expressionType: SIMPLE, clause: WHERE, subject: region, operator: "!=", comparator: {{ ENV }}}'), ["9: warning: {{ is('region', ENV) }} is written out: the edit of 'params.adhoc_filters[1].operator' falls on a part of what it gives"]],
    ["calls come and go", two("{{ is('brand', 'A') }}", "{{ is('region', ENV) }}"), (form) => { const list = form["params"]["adhoc_filters"]; list.shift(); list.push({ ...list[0], subject: "amount", operator: ">", comparator: 5 }); },
      `${macro}${params(`${metrics}  adhoc_filters:\n    - {{ is('region', ENV) }}\n    - {expressionType: SIMPLE, clause: WHERE, subject: amount, operator: ">", comparator: 5}\n`)}`],
  ]);
});

describe("anchors", () => {
  cases([
    ["an edit of what is repeated leaves the repetitions as they were", params("  metrics: &both [revenue]\n  percent_metrics: *both\n"), (form) => { form["params"]["metrics"].push("orders"); }, params("  metrics: &both [revenue, orders]\n  percent_metrics: [revenue]\n")],
    ["an edit of a repetition is written there", params("  metrics: &both [revenue]\n  percent_metrics: *both\n"), (form) => { form["params"]["percent_metrics"] = ["orders"]; }, params("  metrics: &both [revenue]\n  percent_metrics: [orders]\n")],
    ["what a merge key gives is said anew", params(`${metrics}  a: &a {u: 1, v: 2}\n  b:\n    <<: *a\n    z: 3\n`), (form) => { form["params"]["b"]["v"] = 5; }, params(`${metrics}  a: &a {u: 1, v: 2}\n  b:\n    <<: *a\n    z: 3\n    v: 5\n`)],
    ["or written out", params(`${metrics}  a: &a {u: 1, v: 2}\n  b:\n    <<: *a\n    z: 3\n`), (form) => { delete form["params"]["b"]["v"]; }, params(`${metrics}  a: &a {u: 1, v: 2}\n  b:\n    u: 1\n    z: 3\n`)],
  ]);
});

describe("files", () => {
  cases([
    ["line ends, byte order mark and a missing line end stay", "\ufeffslice_name: C\r\nviz_type: table # t\r\ndatasource: sales\r\ndescription: |\r\n  a\r\n  b\r\nparams:\r\n  metrics: [revenue]", (form) => { form["viz_type"] = "pie"; form["description"] = "a\nc\nd\n"; form["params"]["row_limit"] = 3; },
      "\ufeffslice_name: C\r\nviz_type: pie # t\r\ndatasource: sales\r\ndescription: |\r\n  a\r\n  c\r\n  d\r\nparams:\r\n  metrics: [revenue]\r\n  row_limit: 3"],
  ]);

  test("a plain file has no tags", () => {
    const { text } = translated({}, { revenue: (form) => { form["slice_name"] = "{{ not_ours }}"; form["description"] = "of dev (dev)"; } });
    expect(text).toBe("");
    const one = translated({ "assets/dashboards/overview.yaml": undefined }, { revenue: (form) => { form["slice_name"] = "{{ not_ours }}"; form["description"] = "of dev (dev)"; } });
    expect(one.text).toBe('slice_name: "{{ not_ours }}"\nviz_type: table\ndatasource: sales\ndescription: of dev (dev)\nparams:\n  metrics: [revenue]\n  groupby: [brand]\n  row_limit: 100\n');
  });

  test("a file that only one template includes is edited; of one that more do, the part is written out", () => {
    const chart = (name: string): string => `slice_name: ${name}\nviz_type: table\ndatasource: sales\nparams:\n  metrics: [revenue]\n  adhoc_filters:\n    {% include './_filters.j2' %}\n`;
    const filters = "- {expressionType: SIMPLE, clause: WHERE, subject: brand, operator: ==, comparator: A}\n";
    const edit: Edits = { c: (form) => { form["params"]["adhoc_filters"][0]["comparator"] = "B"; } };
    const alone = translated({ [FILE]: chart("C"), "assets/charts/_filters.j2": filters }, edit);
    expect([...alone.files]).toEqual([["assets/charts/_filters.j2", filters.replace("A}", "B}")]]);
    const shared = translated({ [FILE]: chart("C"), "assets/charts/d.yaml.j2": chart("D"), "assets/charts/_filters.j2": filters }, edit);
    expect([...shared.files]).toEqual([[FILE, chart("C").replace("{% include './_filters.j2' %}", filters.replace("A}", "B}").trim())]]);
    expect(shared.told).toEqual([`${FILE}:7: warning: {% include './_filters.j2' %} is written out: the edit of 'params.adhoc_filters[0].comparator' falls on a part of what it gives`]);
  });
});
