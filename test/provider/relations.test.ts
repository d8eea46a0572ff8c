/** What assets ask of a database: through the contract of their kinds. */
import type { JsonObject } from "../../provider/json";
import { kindNamed } from "../../provider/kinds/registry";

const DATASET = "0b8f6b1e-5f3c-4d5e-9c1a-2f6f0a4d7e11";

const uses = (kind: string, document: JsonObject) => kindNamed(kind).uses?.(document);

test("a chart: names and SQL of the controls its visualisation has, filters of all clauses", () => {
  expect(uses("chart", {
    dataset_uuid: DATASET, viz_type: "table",
    params: {
      query_mode: "aggregate",
      groupby: ["region", { expressionType: "SQL", sqlExpression: "lower(brand)", label: "Brand" }],
      metrics: ["revenue", { expressionType: "SQL", sqlExpression: "sum(amount) / count(*)", label: "Mean" }, { expressionType: "SIMPLE", aggregate: "SUM", column: { column_name: "amount" } }],
      // Left over from another visualisation.
      all_columns: [{ expressionType: "SQL", sqlExpression: "old", label: "Old" }],
      adhoc_filters: [
        { expressionType: "SQL", clause: "WHERE", sqlExpression: "amount > 0" },
        { expressionType: "SQL", clause: "HAVING", sqlExpression: "count(*) > 1" },
        { expressionType: "SIMPLE", clause: "WHERE", subject: "sold_at", operator: "TEMPORAL_RANGE", comparator: "Last year" },
      ],
      where: "1 = 1",
    },
  })).toEqual([{
    relation: DATASET,
    names: [
      { kind: "column", name: "region", path: ["params", "groupby", 0], severity: "error" },
      { kind: "metric", name: "revenue", path: ["params", "metrics", 0], severity: "error" },
      { kind: "column", name: "amount", path: ["params", "metrics", 2, "column", "column_name"], severity: "error" },
      { kind: "column", name: "sold_at", path: ["params", "adhoc_filters", 2, "subject"], severity: "error" },
    ],
    expressions: [
      { sql: "lower(brand)", clause: "column", label: "column 'Brand'", path: ["params", "groupby", 1, "sqlExpression"] },
      { sql: "sum(amount) / count(*)", clause: "metric", label: "metric 'Mean'", path: ["params", "metrics", 1, "sqlExpression"] },
      { sql: "amount > 0", clause: "where", label: "filter", path: ["params", "adhoc_filters", 0, "sqlExpression"] },
      { sql: "count(*) > 1", clause: "having", label: "filter", path: ["params", "adhoc_filters", 1, "sqlExpression"] },
      { sql: "1 = 1", clause: "where", label: "condition 'where'", path: ["params", "where"] },
    ],
    functions: [{ name: "SUM($)", column: "amount", label: "metric 'SUM(amount)'", path: ["params", "metrics", 2, "column", "column_name"] }],
  }]);
});

test("a dashboard: the columns, conditions and sort metrics of its native filters", () => {
  expect(uses("dashboard", {
    metadata: {
      native_filter_configuration: [
        { name: "Region", targets: [{ datasetUuid: DATASET, column: { name: "region" } }], controlValues: { sortMetric: "revenue" }, adhoc_filters: [{ expressionType: "SQL", clause: "WHERE", sqlExpression: "amount > 0" }] },
        { name: "Time", filterType: "filter_time", targets: [{}] },
      ],
    },
  })).toEqual([{
    relation: DATASET,
    names: [
      { kind: "column", name: "region", path: ["metadata", "native_filter_configuration", 0, "targets", 0, "column"], severity: "error" },
      { kind: "metric", name: "revenue", path: ["metadata", "native_filter_configuration", 0, "controlValues", "sortMetric"], severity: "error" },
    ],
    expressions: [{ sql: "amount > 0", clause: "where", label: "filter", path: ["metadata", "native_filter_configuration", 0, "adhoc_filters", 0, "sqlExpression"] }],
    functions: [],
  }]);
});

test("a time axis is cut to its grain", () => {
  const document = { dataset_uuid: DATASET, viz_type: "echarts_timeseries_line", params: { x_axis: "sold_at", time_grain_sqla: "P1W", metrics: [{ expressionType: "SIMPLE", aggregate: "COUNT_DISTINCT", column: { column_name: "id" }, label: "Buyers" }] } };
  expect(uses("chart", document)).toMatchObject([{ functions: [
    { name: "COUNT(DISTINCT $)", column: "id", label: "metric 'Buyers'", path: ["params", "metrics", 0, "column", "column_name"] },
    { name: "date_trunc('day', $)", column: "sold_at", label: "time axis 'sold_at'", path: ["params", "x_axis"], temporal: true },
  ] }]);
});

test("a dataset: its table or query, columns and metrics", () => {
  const relation = kindNamed("dataset").relation;
  const base = { table_name: "sales", schema: "shop", database_uuid: DATASET, columns: [{ column_name: "a", type: "INT" }, { column_name: "b", expression: "a * 2", verbose_name: "B" }], metrics: [{ metric_name: "m", expression: "sum(a)", description: "All" }] };
  expect(relation?.({ ...base, fetch_values_predicate: "a > 0" })).toEqual({
    database: DATASET, schema: "shop", source: { table: "sales", path: ["table_name"] }, parameters: {},
    columns: [{ name: "a", type: "INT", path: ["columns", 0, "column_name"] }, { name: "b", expression: "a * 2", title: "B", path: ["columns", 1, "expression"] }],
    metrics: [{ name: "m", expression: "sum(a)", description: "All", path: ["metrics", 0, "expression"] }],
    conditions: [{ sql: "a > 0", clause: "where", label: "'fetch_values_predicate'", path: ["fetch_values_predicate"] }],
  });
  expect(relation?.({ ...base, sql: "select 1", schema: null, template_params: { x: 1 } })).toMatchObject({ schema: undefined, source: { query: "select 1", path: ["sql"] }, parameters: { x: 1 }, conditions: [] });
  expect(relation?.({ ...base, sql: "  " })).toMatchObject({ source: { table: "sales" } });
  expect(relation?.({ ...base, database_uuid: "" })).toBeUndefined();
});

test.each<[string, unknown]>([
  ["postgresql+psycopg2://bi:XXXXXXXXXX@db.example.com:5433/shop?sslmode=require", { dialect: "postgresql", driver: "psycopg2", username: "bi", host: "db.example.com", port: 5433, database: "shop" }],
  ["postgresql://bi%40x@[::1]/My%20Shop", { dialect: "postgresql", driver: undefined, username: "bi@x", host: "::1", port: undefined, database: "My Shop" }],
  ["postgresql:///shop", { dialect: "postgresql", driver: undefined, username: undefined, host: undefined, port: undefined, database: "shop" }],
  ["sqlite:////tmp/x.db", { dialect: "sqlite", driver: undefined, username: undefined, host: undefined, port: undefined, database: "/tmp/x.db" }],
  ["bigquery://project/dataset", { dialect: "bigquery", driver: undefined, username: undefined, host: "project", port: undefined, database: "dataset" }],
  ["not an address", undefined],
  ["", undefined],
])("a database: %s", (uri, expected) => {
  expect(kindNamed("database").address?.({ sqlalchemy_uri: uri })).toEqual(expected);
});
