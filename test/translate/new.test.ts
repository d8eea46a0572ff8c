/** Assets that no template knows, as templates: what they compile to, and how they read. */
import { join } from "node:path";
import * as fc from "fast-check";
import { parseDocument } from "yaml";
import { compile } from "../../compile";
import type { JsonObject } from "../../provider/json";
import type { ExportDocument } from "../../provider/kinds/define";
import { project, removeProjects } from "../compile/project";
import { supersetPackage } from "../compile/python";
import { workspace } from "../helpers/edits";
import { readExamples } from "../helpers/examples";
import { differences, type Documents, translated } from "./exported";

jest.setTimeout(60_000);
afterAll(removeProjects);

const stack = (vars: JsonObject, more: JsonObject = {}): string => JSON.stringify({ config: { "superset:vars": vars, ...more } });
const vars = (env: string): JsonObject => ({ ENV: env, SCHEMA: `${env}_sales`, DB_HOST: `db.${env}.example.com`, DB_PORT: 5432, DB_USER: "bi", DB_NAME: `shop_${env}`, DB_PASSWORD: { env: "P", secret: true } });
const STACKS = { "Pulumi.dev.yaml": stack(vars("dev")), "Pulumi.staging.yaml": stack(vars("staging")), "Pulumi.prod.yaml": stack(vars("prod")) };
const UUID = (digit: number): string => `${String(digit).repeat(8)}-0000-4000-8000-000000000000`;

const DATABASE = { database_name: "shop_dev", uuid: UUID(1), version: "1.0.0", sqlalchemy_uri: "postgresql+psycopg2://bi:XXXXXXXXXX@db.dev.example.com:5432/shop_dev", allow_dml: false, expose_in_sqllab: true, extra: {} };
const DATASET = {
  table_name: "orders", schema: "dev_sales", uuid: UUID(2), database_uuid: UUID(1), version: "1.0.0", main_dttm_col: "at",
  sql: "SELECT *\nFROM dev_sales.orders -- of dev_sales.orders\nWHERE note <> 'dev_sales.x'\n{% if filter_values('region') %}\n  AND region IN {{ filter_values('region') | where_in }}\n{% endif %}\n  AND who = '{{ current_username() }}'",
  columns: [{ column_name: "at", type: "TIMESTAMP", is_dttm: true }, { column_name: "amount", type: "NUMERIC" }, { column_name: "region", type: "TEXT" }],
  metrics: [{ metric_name: "revenue", expression: "SUM(amount)" }],
};
const chart = (digit: number, name: string, params: JsonObject = {}): ExportDocument => ({ slice_name: name, viz_type: "big_number_total", uuid: UUID(digit), dataset_uuid: UUID(2), version: "1.0.0", params: { metric: "revenue", ...params } });
const DASHBOARD = {
  dashboard_title: "Sales (dev)", slug: "sales-dev", uuid: UUID(9), version: "1.0.0", published: true,
  position: {
    ROOT_ID: { type: "ROOT", children: ["GRID_ID"] }, GRID_ID: { type: "GRID", children: ["ROW-1"] }, "ROW-1": { type: "ROW", children: ["CHART-1"], meta: { background: "BACKGROUND_TRANSPARENT" } },
    "CHART-1": { type: "CHART", meta: { uuid: UUID(3), width: 4, height: 50, chartId: 1 } },
  },
  metadata: { native_filter_configuration: [{ id: "NATIVE_FILTER-1", name: "Region", type: "NATIVE_FILTER", filterType: "filter_select", targets: [{ datasetUuid: UUID(2), column: { name: "region" } }] }] },
};
const WORKSPACE: Documents = { databases: [DATABASE], datasets: [DATASET], charts: [chart(3, "Revenue (dev)")], dashboards: [DASHBOARD] };

describe("a workspace", () => {
  const root = project({ ...STACKS, "assets/_keep": "" });
  const result = translated(root, "dev", WORKSPACE);
  const { files, notes, compiled } = result;

  test("is written as a person would", () => {
    expect(Object.fromEntries(files)).toEqual({
      "assets/databases/shop.yaml.j2": `uuid: ${UUID(1)}
database_name: "shop_{{ ENV }}"
sqlalchemy_uri: "postgresql+psycopg2://{{ DB_USER }}:{{ DB_PASSWORD }}@{{ DB_HOST }}:{{ DB_PORT }}/{{ DB_NAME }}"
`,
      "assets/datasets/orders.yaml.j2": `uuid: ${UUID(2)}
table_name: orders
schema: "{{ SCHEMA }}"
database: "shop_{{ ENV }}"
sql: |-
  SELECT *
  FROM {{ SCHEMA }}.orders -- of dev_sales.orders
  WHERE note <> 'dev_sales.x'
  {% raw %}{% if filter_values('region') %}
    AND region IN {{ filter_values('region') | where_in }}
  {% endif %}
    AND who = '{{ current_username() }}{% endraw %}'
main_dttm_col: at
columns:
  - {column_name: amount, type: NUMERIC}
  - {column_name: at, type: TIMESTAMP, is_dttm: true}
  - {column_name: region, type: TEXT}
metrics:
  - {metric_name: revenue, expression: SUM(amount)}
`,
      "assets/charts/revenue.yaml.j2": `uuid: ${UUID(3)}
slice_name: "Revenue ({{ ENV }})"
viz_type: big_number_total
datasource: orders
params:
  metric: revenue
`,
      "assets/dashboards/sales.yaml.j2": `uuid: ${UUID(9)}
dashboard_title: "Sales ({{ ENV }})"
slug: "sales-{{ ENV }}"
published: true
metadata:
  native_filter_configuration:
    - id: NATIVE_FILTER-1
      name: Region
      targets:
        - {dataset: orders, column: region}
layout:
  - row:
      - {chart: "Revenue ({{ ENV }})", width: 4, id: CHART-1}
    id: ROW-1
`,
    });
    expect(notes).toEqual(["assets/databases/shop.yaml.j2:3:1: warning: no export shows the password of the database 'shop_dev'; it is taken from the secret variable DB_PASSWORD"]);
  });

  test("gives in its environment what was exported, and elsewhere what is that environment's", () => {
    expect(differences(result, "dev", WORKSPACE)).toEqual([]);
    const text = JSON.stringify(compiled("prod").assets.map(({ document }) => document));
    expect(text).toContain("Revenue (prod)");
    expect(text).toContain("FROM prod_sales.orders -- of dev_sales.orders");
    expect(text).toContain("@db.prod.example.com:5432/shop_prod");
    expect(compiled("dev").warnings).toEqual([]);
  });

  test("is YAML before it is rendered, for editors", () => {
    for (const text of files.values()) expect(parseDocument(text).errors).toEqual([]);
  });

  test("is nothing new once its files are there, and comes out the same every time", () => {
    const there = project({ ...STACKS, ...Object.fromEntries(files) });
    expect(translated(there, "dev", WORKSPACE)).toMatchObject({ files: new Map(), notes: [] });
    expect(translated(root, "dev", { ...WORKSPACE, charts: [...WORKSPACE.charts!].reverse() }).files).toEqual(files);
  });
});

const folder = supersetPackage();
(folder === undefined ? test.skip : test)("Superset's own examples, all of them", () => {
  const examples = readExamples(folder ?? "", "postgresql+psycopg2://bi:XXXXXXXXXX@db.dev.example.com:5432/shop_dev");
  const result = translated(project({ ...STACKS, "assets/_keep": "" }), "dev", examples);
  expect(result.files.size).toBe(134);
  expect(result.notes).toHaveLength(1);
  expect(differences(result, "dev", examples)).toEqual([]);
  expect(result.compiled("prod").assets).toHaveLength(134);
  for (const text of result.files.values()) expect(parseDocument(text).errors).toEqual([]);
});

test("what Superset exports of the edited workspace", () => {
  const documents = workspace("postgresql://bi:XXXXXXXXXX@h/d");
  const result = translated(project({ ...STACKS, "assets/_keep": "" }), "dev", documents);
  expect(differences(result, "dev", documents)).toEqual([]);
  expect(result.files.size).toBe(11);
});

test("this repository's own assets, as if it had none", () => {
  const { assets } = compile({ root: join(__dirname, "../.."), environment: "dev" });
  const documents = Object.fromEntries(["database", "dataset", "chart", "dashboard"].map((kind) => [`${kind}s`, assets.filter((asset) => asset.kind === kind).map(({ document }) => document)])) as Documents;
  const alone = project({ ...Object.fromEntries(["dev", "staging", "prod"].map((env) => [`Pulumi.${env}.yaml`, stack({ ...vars(env), DB_HOST: "localhost", SCHEMA: "examples", TENANT_KEY: "customer_id" })])), "assets/_keep": "" });
  const result = translated(alone, "dev", documents);
  expect(differences(result, "dev", documents)).toEqual([]);
  expect(result.files.size).toBe(assets.length);
  expect(result.files.get("assets/dashboards/overview.yaml.j2")).not.toMatch(/\bid:/);
});

const NASTY = [
  "plain", "with: colon", "# hash", "x # y", "- dash", "'single' \"double\" \\ back", "Größe 数 🚀", "yes", "No", "null", "~", "1e5", "012", "0x1F", "1_000", "12:30", "2024-01-01", "1.0", "", " lead", "trail ", "tab\there",
  "{{ x }}", "{% if a %}b{% endif %}", "{# no #}", "{# open", "shut #}", "{{", "}}", "{{{ x }}}", "{% raw %}{{ x }}{% endraw %}", "{% endraw %}", "{%- raw -%} dev {{ x }}", "{dev}", "a {{ x }} dev {{ y }}",
  "two\nlines", "two\nlines\n", "ends\n\n", "\nstarts", " in\n  dent\n", "SELECT 1 \n  FROM x  \n\n\nWHERE y\n", "tab\n\tline", "win\r\ndows", "{% if a\n%}\n{{ b }}\n{% endif %}\nFROM dev_sales.x\n", "\u0085\u2028", "---\na: b\n...\n", "|", ">-\n", "@at", "`tick`", "%percent", "&a *b !c", "[a, b]", "{a: b}", "a,b", "?", "=", "<<",
];

describe("values that are easily lost", () => {
  const root = project({ ...STACKS, "assets/_keep": "" });
  const documents = (text: string): Documents => ({
    databases: [DATABASE],
    datasets: [{ ...DATASET, description: text, sql: text, columns: [...DATASET.columns, { column_name: `c ${text}`, verbose_name: text, expression: text.trim() === "" ? "x" : text }], metrics: [...DATASET.metrics, { metric_name: "m", expression: text.trim() === "" ? "x" : text, extra: { certification: { details: text } } }] }],
    charts: [{ ...chart(3, text.trim() === "" ? "x" : text, { subtitle: text, adhoc_filters: [{ expressionType: "SIMPLE", clause: "WHERE", subject: "region", operator: "IN", comparator: [text, 1, "1", null, true, 1.5e-7] }], column_config: { [text]: { a: text } } }), description: text }],
    dashboards: [{
      ...DASHBOARD, css: text,
      position: { ...DASHBOARD.position, "ROW-1": { type: "ROW", children: ["CHART-1", "MD"], meta: { background: "BACKGROUND_TRANSPARENT" } }, MD: { type: "MARKDOWN", children: [], meta: { code: text, width: 4, height: 50 } } },
      metadata: { label_colors: { [text]: "#fff", yes: "#000", "{{ x }}": "#111" } },
    }],
  });

  test.each(NASTY)("%j", (text) => {
    const result = translated(root, "dev", documents(text));
    expect(result.notes.filter((note) => !note.includes("no export shows"))).toEqual([]);
    expect(result.files.size).toBe(4);
    expect(differences(result, "dev", documents(text))).toEqual([]);
    for (const file of result.files.values()) expect(parseDocument(file, { uniqueKeys: false }).errors).toEqual([]);
  });

  test("whatever the text", () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: "grapheme" }), fc.array(fc.constantFrom(...NASTY, "\n", " ", "dev", "{", "%", "}", "#", "'", '"', "\\"), { maxLength: 6 }).map((parts) => parts.join(""))), (text) => {
      const result = translated(root, "dev", documents(text));
      expect(differences(result, "dev", documents(text))).toEqual([]);
      expect(result.files.size).toBe(4);
    }), { numRuns: 100 });
  });
});

test("SQL is a block, whatever blanks are in it", () => {
  const sql = "SELECT a,  \n\tb\n  \nFROM dev_sales.x \n\n";
  const { files } = translated(project({ ...STACKS, "assets/_keep": "" }), "dev", { databases: [DATABASE], datasets: [{ ...DATASET, sql }] });
  expect(files.get("assets/datasets/orders.yaml.j2")).toContain("sql: |+\n  SELECT a,  \n  \tb\n    \n  FROM {{ SCHEMA }}.x \n\nmain_dttm_col: at\n");
});
