import { compile } from "../../compile";
import { renameInSql } from "../../compile/sql-rename";
import { tokenize } from "../../compile/sql";
import { formatProblem } from "../../provider/errors";
import { compileFiles, project, removeProjects, SHOP } from "./project";

afterAll(removeProjects);

const RENAMES = {
  source: { schema: "shop" }, target: { schema: "mart" },
  tables: new Map([["sales", "fact_sales"]]),
  columns: new Map([["amount", "revenue"], ["brand", "Brand Name"], ["date", "day"]]),
  metrics: new Map([["Old", "New"]]),
};

test.each([
  ["SUM(amount)", "SUM(revenue)"],
  ["sum(AMOUNT) + amount", "sum(revenue) + revenue"],
  ['SUM("amount") + "Amount"', 'SUM("revenue") + "Amount"'],
  ["brand || 'brand' || amount", "\"Brand Name\" || 'brand' || revenue"],
  ["`brand` + [brand]", "`Brand Name` + [Brand Name]"],
  ["tags[amount]", "tags[revenue]"],
  ["a -- amount\n+ amount /* amount /* amount */ */", "a -- amount\n+ revenue /* amount /* amount */ */"],
  ["E'it\\'s amount' || $$amount$$ || $t$ amount $$ $t$ || 'it''s amount'", "E'it\\'s amount' || $$amount$$ || $t$ amount $$ $t$ || 'it''s amount'"],
  ["amount_2 + my_amount", "amount_2 + my_amount"],
  ["SELECT sales.amount FROM shop.sales", "SELECT fact_sales.revenue FROM mart.fact_sales"],
  ['SELECT s.amount FROM "shop"."sales" s JOIN other.sales o ON true', 'SELECT s.revenue FROM "mart"."fact_sales" s JOIN other.sales o ON true'],
  ["SELECT shop.amount FROM sales AS shop", "SELECT shop.revenue FROM fact_sales AS shop"],
  ["amount(1) + date(amount)", "amount(1) + date(revenue)"],
  ["date '2026-01-01' < date AND x::date < CAST(amount AS date)", "date '2026-01-01' < day AND x::date < CAST(revenue AS date)"],
  ["{{ filter_values('amount') }} + amount + {{ metric('Old') }}", "{{ filter_values('amount') }} + revenue + {{ metric('New') }}"],
  ["extract(year FROM amount) + trim(both 'x' from brand)", "extract(year FROM revenue) + trim(both 'x' from \"Brand Name\")"],
  ["SELECT 1 FROM sales WHERE brand IS DISTINCT FROM amount", "SELECT 1 FROM fact_sales WHERE \"Brand Name\" IS DISTINCT FROM revenue"],
  ["CASE WHEN amount > 1 THEN 'amount' END", "CASE WHEN revenue > 1 THEN 'amount' END"],
])("%s", (before, after) => {
  expect(renameInSql(before, RENAMES)).toBe(after);
  expect(tokenize(before).map((token) => token.source).join("")).toBe(before);
});

const FILES = {
  "assets/datasets/sales.yaml": `table_name: sales
schema: shop
database: warehouse
main_dttm_col: sold_at
fetch_values_predicate: amount > 0 AND note = 'amount'
columns:
  - {column_name: sold_at, is_dttm: true}
  - {column_name: brand, verbose_name: brand}
  - {column_name: amount}
  - {column_name: big, expression: "amount > 100 AND brand <> 'amount'"}
metrics:
  - {metric_name: Total, expression: SUM(amount)}
  - {metric_name: Rows, expression: COUNT(*)}
`,
  "assets/datasets/query.yaml": `table_name: query
schema: shop
database: warehouse
sql: "SELECT brand, SUM(amount) AS amount FROM shop.sales WHERE brand <> 'amount' GROUP BY brand"
columns: [{column_name: brand}, {column_name: amount}]
`,
  "assets/datasets/other.yaml": "table_name: sales\nschema: elsewhere\nkey: other\ndatabase: warehouse\ncolumns: [{column_name: amount}]\nmetrics: [{metric_name: Total, expression: SUM(amount)}]\n",
  "assets/charts/revenue.yaml": `slice_name: Revenue
viz_type: table
datasource: shop.sales
query_context: '{"queries": []}'
params:
  query_mode: aggregate
  groupby: [brand]
  metrics:
    - Total
    - {expressionType: SIMPLE, aggregate: MAX, column: {column_name: amount}, label: MAX(amount)}
    - {expressionType: SIMPLE, aggregate: MIN, column: {column_name: amount}, label: amount, hasCustomLabel: true}
    - {expressionType: SQL, sqlExpression: "SUM(amount) / 2", label: amount}
  timeseries_limit_metric: Total
  granularity_sqla: sold_at
  order_by_cols: ['["amount", true]']
  x_axis_sort: MAX(amount)
  column_config: {amount: {a: 1}, Total: {b: amount}}
  adhoc_filters:
    - {expressionType: SIMPLE, clause: WHERE, subject: brand, operator: IN, comparator: [amount]}
    - {expressionType: SIMPLE, clause: HAVING, subject: Total, operator: ">", comparator: 1}
    - {expressionType: SQL, clause: WHERE, sqlExpression: "amount > 1"}
  annotation_layers: [{name: brand, value: x}]
  y_axis_title: amount
`,
  "assets/charts/other.yaml": "slice_name: Other\nviz_type: big_number_total\ndatasource: other\nparams:\n  metric: Total\n",
  "assets/dashboards/overview.yaml": `dashboard_title: Overview
layout: [[Revenue]]
metadata:
  native_filter_configuration:
    - name: brand
      targets: [{dataset: shop.sales, column: brand}]
      controlValues: {sortMetric: Total}
      adhoc_filters: [{expressionType: SIMPLE, clause: WHERE, subject: amount, operator: ">", comparator: 0}]
      defaultDataMask: {extraFormData: {filters: [{col: brand, op: IN, val: [brand]}]}, filterState: {value: [brand]}}
    - name: other
      targets: [{dataset: other, column: amount}]
`,
  "mappings/mart.yaml": `source: {database: warehouse, schema: shop, tables: {fact: sales}, columns: {value: amount, sold_at: sold_at, brand: brand}}
target: {database: mart_db, schema: mart, tables: {fact: fact_sales}, columns: {value: net_amount, sold_at: day, brand: brand_name}}
metrics: {Total: Net total}
`,
};

test("a mapping renames everywhere, in the source's datasets only", () => {
  const compiled = compileFiles(FILES, "mappings/mart.yaml");
  const document = (kind: string, key: string): Record<string, unknown> => compiled.assets.find((asset) => asset.kind === kind && asset.key === key)?.document ?? {};
  expect(document("database", "warehouse")).toMatchObject({ database_name: "mart_db" });
  expect(document("dataset", "sales")).toMatchObject({
    table_name: "fact_sales", schema: "mart", main_dttm_col: "day", fetch_values_predicate: "net_amount > 0 AND note = 'amount'",
    columns: [{ column_name: "day", is_dttm: true }, { column_name: "brand_name", verbose_name: "brand" }, { column_name: "net_amount" }, { column_name: "big", expression: "net_amount > 100 AND brand_name <> 'amount'" }],
    metrics: [{ metric_name: "Net total", expression: "SUM(net_amount)" }, { metric_name: "Rows", expression: "COUNT(*)" }],
  });
  expect(document("dataset", "query").sql).toBe("SELECT brand_name, SUM(net_amount) AS net_amount FROM mart.fact_sales WHERE brand_name <> 'amount' GROUP BY brand_name");
  expect(document("dataset", "other")).toMatchObject({ table_name: "sales", schema: "elsewhere", columns: [{ column_name: "amount" }] });
  expect(document("chart", "other").params).toEqual({ viz_type: "big_number_total", metric: "Total" });
  expect(document("chart", "revenue").query_context).toBeNull();
  expect(document("chart", "revenue").params).toEqual({
    viz_type: "table", query_mode: "aggregate", groupby: ["brand_name"],
    metrics: [
      "Net total",
      { expressionType: "SIMPLE", aggregate: "MAX", column: { column_name: "net_amount" }, label: "MAX(net_amount)" },
      { expressionType: "SIMPLE", aggregate: "MIN", column: { column_name: "net_amount" }, label: "amount", hasCustomLabel: true },
      { expressionType: "SQL", sqlExpression: "SUM(net_amount) / 2", label: "amount" },
    ],
    timeseries_limit_metric: "Net total", granularity_sqla: "day", order_by_cols: ['["net_amount",true]'], x_axis_sort: "MAX(net_amount)",
    column_config: { net_amount: { a: 1 }, "Net total": { b: "amount" } },
    adhoc_filters: [
      { expressionType: "SIMPLE", clause: "WHERE", subject: "brand_name", operator: "IN", comparator: ["amount"] },
      { expressionType: "SIMPLE", clause: "HAVING", subject: "Net total", operator: ">", comparator: 1 },
      { expressionType: "SQL", clause: "WHERE", sqlExpression: "net_amount > 1" },
    ],
    annotation_layers: [{ name: "brand", value: "x" }], y_axis_title: "amount",
  });
  const { native_filter_configuration: filters } = document("dashboard", "overview").metadata as { native_filter_configuration: Record<string, unknown>[] };
  expect(filters[0]).toMatchObject({
    name: "brand", targets: [{ column: { name: "brand_name" } }], controlValues: { sortMetric: "Net total" },
    adhoc_filters: [{ subject: "net_amount" }],
    defaultDataMask: { extraFormData: { filters: [{ col: "brand_name", op: "IN", val: ["brand"] }] }, filterState: { value: ["brand"] } },
  });
  expect(filters[1]).toMatchObject({ name: "other", targets: [{ column: { name: "amount" } }] });
  expect(compiled.warnings.map(formatProblem)).toEqual([
    "mappings/mart.yaml: warning: the target database 'mart_db' is not in assets/: 'warehouse' is renamed to it, and keeps its sqlalchemy_uri",
  ]);
});

test("a target database of the repository takes over the datasets", () => {
  const compiled = compileFiles({
    "assets/databases/mart.yaml": "database_name: mart_db\nsqlalchemy_uri: x://\n",
    "mappings/m.yaml": "source: {database: warehouse}\ntarget: {database: mart_db}\n",
  }, "mappings/m.yaml");
  const mart = compiled.assets.find((asset) => asset.key === "mart");
  expect(compiled.assets.find((asset) => asset.kind === "dataset")?.document.database_uuid).toBe(mart?.uuid);
  expect(compiled.assets.find((asset) => asset.key === "warehouse")?.document.database_name).toBe("warehouse");
  expect(compiled.files.has("datasets/mart_db/sales.yaml")).toBe(true);
  expect(compiled.warnings).toEqual([]);
});

test("identity stays the same under a mapping", () => {
  const root = project({ ...SHOP, "mappings/m.yaml": "source: {schema: shop}\ntarget: {schema: other}\n" });
  const plain = compile({ root, environment: "dev" });
  const mapped = compile({ root, environment: "dev", mapping: "mappings/m.yaml" });
  expect(mapped.assets.map((asset) => asset.uuid)).toEqual(plain.assets.map((asset) => asset.uuid));
  expect(mapped.hash).not.toBe(plain.hash);
});

test.each([
  ["source: {database: nope}\ntarget: {}\n", "mappings/m.yaml: the source database 'nope' is not in assets/; known are warehouse"],
  ["sources: {}\ntarget: {}\n", "mappings/m.yaml:1:1: 'source' is missing\nmappings/m.yaml:1:1: unknown field 'sources'; did you mean 'source'?"],
  ["source: {tables: [a]}\ntarget: {}\n", "mappings/m.yaml:1:10: 'source.tables' must be a mapping, not a list"],
])("a mapping file that is wrong: %j", (text, message) => {
  const root = project(SHOP);
  expect(() => compile({ root: project({ ...SHOP, "mappings/m.yaml": text }), environment: "dev", mapping: "mappings/m.yaml" })).toThrow(message);
  expect(() => compile({ root, environment: "dev", mapping: "mappings/none.yaml" })).toThrow(`there is no mapping file mappings/none.yaml in ${root}`);
});
