/** A small workspace as people write it, for the end-to-end tests of the stack. */
import type { JsonObject } from "../../provider/json";
import type { Project } from "../helpers/project";
import type { TestDatabase, TestPostgres, TestSuperset } from "../helpers/runtime";

/** Stack configuration that points to the test's servers; the login comes from the environment. */
export function stackConfig(url: string, warehouse: TestDatabase, postgres: TestPostgres, environment = "dev"): JsonObject {
  return {
    "superset:url": url,
    "warehouse:url": warehouse.url,
    "superset:vars": {
      ENV: environment,
      DB_HOST: postgres.host,
      DB_PORT: postgres.port,
      DB_NAME: warehouse.name,
      DB_USER: postgres.reader.username,
      DB_PASSWORD: { env: "TEST_DB_PASSWORD", secret: true },
    },
  };
}

/** Credentials of every command of the test. */
export function credentials(superset: TestSuperset): Readonly<Record<string, string>> {
  return { SUPERSET_ADMIN_USER: superset.username, SUPERSET_ADMIN_PASS: superset.password, TEST_DB_PASSWORD: superset.postgres.reader.password };
}

export const TEMPLATES: Readonly<Record<string, string>> = {
  "assets/databases/shop.yaml.j2": `database_name: shop_{{ ENV }}
sqlalchemy_uri: postgresql+psycopg2://{{ DB_USER }}:{{ DB_PASSWORD }}@{{ DB_HOST }}:{{ DB_PORT }}/{{ DB_NAME }}
expose_in_sqllab: true
`,
  "assets/datasets/orders.yaml.j2": `table_name: orders
schema: public
database: shop_{{ ENV }}
main_dttm_col: ordered_at
columns:
  - {column_name: ordered_at, type: TIMESTAMP WITHOUT TIME ZONE, is_dttm: true}
  - {column_name: region, type: TEXT, verbose_name: Region}
  - {column_name: amount, type: "NUMERIC(12, 2)"}
metrics:
  - {metric_name: turnover, expression: SUM(amount), verbose_name: Turnover}
`,
  "assets/charts/turnover.yaml.j2": `key: turnover
slice_name: Turnover ({{ ENV }})
viz_type: echarts_timeseries_line
datasource: orders
params:
  x_axis: ordered_at
  time_grain_sqla: P1W
  metrics: [turnover]
  groupby: [region]
  row_limit: 1000
`,
  "assets/charts/total.yaml": `slice_name: Total
viz_type: big_number_total
datasource: orders
params:
  metric: turnover
`,
  "assets/dashboards/sales.yaml.j2": `dashboard_title: Sales ({{ ENV }})
slug: sales
published: true
layout:
  - row:
      - {chart: "Turnover ({{ ENV }})", width: 8}
      - {chart: Total, width: 4}
  - markdown: "## About these numbers"
`,
};

export function writeTemplates(project: Project, templates: Readonly<Record<string, string>> = TEMPLATES): void {
  for (const [path, text] of Object.entries(templates)) {
    project.write(path, text);
  }
}

/** The table behind the workspace, with some rows. */
export const ORDERS_SQL = `create table orders (id bigint primary key, ordered_at timestamp not null, region text, amount numeric(12,2));
insert into orders select g, timestamp '2026-01-01' + g * interval '5 hours', 'region ' || g % 4, (g * 37 % 1000) / 10.0 from generate_series(1, 500) g;`;
