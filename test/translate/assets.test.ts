/** Edits of assets that others name, of datasets and databases, and what cannot be carried over. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { translate } from "../../compile/translate";
import { ConfigError, formatProblem, ProblemsError } from "../../provider/errors";
import { assetUuid } from "../../provider/identity";
import { edited, expectLaw, type Form, removeRepositories, repository, SHOP, translated } from "./repository";

afterAll(removeRepositories);

const SALES = "assets/datasets/sales.yaml.j2";
const OVERVIEW = "assets/dashboards/overview.yaml";
const REVENUE = "assets/charts/revenue.yaml";
const chart = (name: string, dataset = "sales") => `slice_name: ${name}\nviz_type: table\ndatasource: ${dataset}\nparams: {metrics: [revenue]}\n`;
const column = { type: "TEXT", is_dttm: false, is_active: true, groupby: true, filterable: true };
const text = (file: string): string => SHOP[file] ?? "";

describe("names", () => {
  test("what names a renamed asset follows: values and keys, in every environment", () => {
    const board = (name: string) => `dashboard_title: Overview\nslug: overview\nmetadata:\n  expanded_slices: {${name}: true} # open\n  timed_refresh_immune_slices: [${name}]\nlayout:\n  # the chart\n  - [{chart: ${name}, width: 6}, Revenue]\n`;
    const outcome = translated(
      { "assets/charts/c.yaml.j2": chart('"Turnover ({{ ENV }})"'), [OVERVIEW]: undefined, "assets/dashboards/overview.yaml.j2": board('"Turnover ({{ ENV }})"') },
      { "assets/charts/c.yaml.j2": (form) => { form["slice_name"] = "Sales (dev)"; } },
    );
    expect(Object.fromEntries(outcome.files)).toEqual({ "assets/charts/c.yaml.j2": chart('"Sales ({{ ENV }})"'), "assets/dashboards/overview.yaml.j2": board('"Sales ({{ ENV }})"') });
    expect(outcome.told).toEqual([]);
  });

  test("a name that is another one in each environment is written with what makes it", () => {
    const outcome = translated(
      { [REVENUE]: undefined, "assets/charts/revenue.yaml.j2": chart("Revenue"), [OVERVIEW]: undefined, "assets/dashboards/overview.yaml.j2": text(OVERVIEW) },
      { "assets/charts/revenue.yaml.j2": (form) => { form["slice_name"] = "Revenue dev"; } },
    );
    expect(Object.fromEntries(outcome.files)).toEqual({ "assets/charts/revenue.yaml.j2": chart("Revenue {{ ENV }}"), "assets/dashboards/overview.yaml.j2": text(OVERVIEW).replace("[Revenue]", '["Revenue {{ ENV }}"]') });
  });

  test("renamed in one environment alone, it is named by its key elsewhere", () => {
    const branches = (name: string) => `{% if ENV == "dev" %}\nslice_name: ${name}\n{% else %}\nslice_name: Revenue\n{% endif %}\nviz_type: table\ndatasource: sales\nparams: {metrics: [revenue]}\n`;
    const outcome = translated({ [REVENUE]: undefined, "assets/charts/revenue.yaml.j2": branches("Revenue"), "assets/charts/c.yaml": chart("Other") }, { "assets/charts/revenue.yaml.j2": (form) => { form["slice_name"] = "Turnover"; } });
    expect(Object.fromEntries(outcome.files)).toEqual({ "assets/charts/revenue.yaml.j2": branches("Turnover"), [OVERVIEW]: text(OVERVIEW).replace("[Revenue]", "[revenue]") });
  });

  test("databases, and datasets by their schema and table", () => {
    const outcome = translated(
      { [SALES]: text(SALES).replace("schema: {{ SCHEMA }}", "schema: shop"), "assets/charts/c.yaml": chart("C", "shop.sales") },
      { warehouse: (form) => { form["database_name"] = "lake_dev"; }, sales: (form) => { form["schema"] = "mart"; form["table_name"] = "orders"; } },
    );
    expect(Object.fromEntries(outcome.files)).toEqual({
      "assets/charts/c.yaml": chart("C", "mart.orders"),
      "assets/databases/warehouse.yaml.j2": text("assets/databases/warehouse.yaml.j2").replace("warehouse_", "lake_"),
      [SALES]: text(SALES).replace("schema: {{ SCHEMA }}", "schema: mart").replace("table_name: sales", "table_name: orders").replace("warehouse_", "lake_"),
    });
  });

  test("another dataset is named as the one before was", () => {
    const other = 'table_name: "other_{{ ENV }}"\ndatabase: "warehouse_{{ ENV }}"\nmetrics: [{metric_name: revenue, expression: SUM(1)}]\n';
    const swap = (form: Form): void => { form["dataset_uuid"] = assetUuid("shop", "dataset", "other"); form["params"] = { metrics: ["revenue"] }; };
    expect(translated({ "assets/datasets/other.yaml.j2": other, [REVENUE]: undefined, "assets/charts/revenue.yaml.j2": text(REVENUE) }, { "assets/charts/revenue.yaml.j2": swap }).text).toContain('datasource: "other_{{ ENV }}"\n');
    expect(translated({ "assets/datasets/other.yaml.j2": other }, { revenue: swap }).text).toContain("datasource: other\n");
  });
});

describe("datasets", () => {
  test("columns and metrics come, go, change and get other names", () => {
    const { text: now } = translated({ [OVERVIEW]: undefined, [REVENUE]: undefined }, {
      sales: (form) => {
        form["columns"]["brand"]["verbose_name"] = "Brand";
        delete form["columns"]["region"];
        form["columns"]["year"] = { ...column, expression: "extract(year from sold_at)", type: "INT" };
        form["metrics"]["turnover"] = form["metrics"]["revenue"];
        delete form["metrics"]["revenue"];
        form["metrics"]["orders"]["expression"] = "COUNT(1)";
      },
    });
    expect(now).toBe(text(SALES)
      .replace("brand, type: TEXT}", "brand, type: TEXT, verbose_name: Brand}")
      .replace("  - {column_name: region, type: TEXT}\n", "")
      .replace("NUMERIC}\n", "NUMERIC}\n  - {column_name: year, type: INT, expression: extract(year from sold_at)}\n")
      .replace("metric_name: revenue", "metric_name: turnover").replace("COUNT(*)", "COUNT(1)"));
  });

  test("in SQL Superset's own Jinja stands between raw tags, and the schema is a variable", () => {
    const sql = (lines: string) => `table_name: sales\nschema: s\ndatabase: "warehouse_{{ ENV }}"\nsql: |\n${lines}columns:\n  - {column_name: brand}\nmetrics:\n  - {metric_name: revenue, expression: SUM(1)}\n`;
    const { text: now } = translated({ [OVERVIEW]: undefined, [REVENUE]: undefined, [SALES]: sql("  SELECT * FROM {{ SCHEMA }}.sales\n  WHERE a = 1{% raw %}\n  {% if x %} AND b {% endif %}{% endraw %}\n") }, {
      sales: (form) => { form["sql"] = "SELECT *, 1 AS x FROM shop_dev.sales\nJOIN shop_dev.more USING (id) -- shop_dev\nWHERE a = 1\n  AND b IN {{ filter_values('b') | where_in }}\n{% if x or y %} AND b {% endif %}\nLIMIT 5\n"; },
    });
    expect(now).toBe(sql("  SELECT *, 1 AS x FROM {{ SCHEMA }}.sales\n  JOIN {{ SCHEMA }}.more USING (id) -- shop_dev\n  WHERE a = 1{% raw %}\n    AND b IN {{ filter_values('b') | where_in }}\n  {% if x or y %} AND b {% endif %}\n  LIMIT 5{% endraw %}\n"));
  });

  test("a column whose name is a variable is edited under its name in each environment", () => {
    const tenant = (more: string) => `table_name: sales\nschema: s\ndatabase: "warehouse_{{ ENV }}"\ncolumns:\n  - column_name: {{ TENANT }}\n    type: TEXT\n${more}  - {column_name: brand}\nmetrics:\n  - {metric_name: revenue, expression: COUNT(DISTINCT {{ TENANT }})${more === "" ? "" : " + 1"}}\n`;
    const { text: now } = translated({ [OVERVIEW]: undefined, [REVENUE]: undefined, [SALES]: tenant("") }, { sales: (form) => { form["columns"]["customer_id"]["verbose_name"] = "Customer"; form["metrics"]["revenue"]["expression"] = "COUNT(DISTINCT customer_id) + 1"; } });
    expect(now).toBe(tenant("    verbose_name: Customer\n"));
  });

  test("a column that charts use now is listed", () => {
    const root = repository();
    const targets = edited(root, { revenue: (form) => { form["params"]["groupby"] = ["note"]; }, sales: () => undefined });
    const uuid = assetUuid("shop", "dataset", "sales");
    const known = targets.get(uuid)!;
    targets.set(uuid, { ...known, live: { ...known.form, columns: { ...(known.form as Form)["columns"], note: column } } });
    const translation = translate({ root, environment: "dev", targets });
    expectLaw(root, translation, targets, "dev");
    expect(Object.fromEntries(translation.files)).toEqual({ [REVENUE]: text(REVENUE).replace("[brand]", "[note]"), [SALES]: text(SALES).replace("NUMERIC}\n", "NUMERIC}\n  - {column_name: note, type: TEXT}\n") });
  });
});

test("databases keep their password, and what makes their address", () => {
  const uri = (more: string) => `database_name: "warehouse_{{ ENV }}"\nsqlalchemy_uri: "postgresql+psycopg2://bi:{{ PW }}@{{ db.host }}:{{ PORT | default(5432) }}/shop${more}"\n`;
  const { text: now, told } = translated({
    "Pulumi.dev.yaml": "config:\n  superset:vars: {ENV: dev, SCHEMA: s, db: {host: db.dev}, PW: {env: PW, secret: true}}\n",
    "Pulumi.prod.yaml": "config:\n  superset:vars: {ENV: prod, SCHEMA: s, db: {host: db.prod}, PW: {env: PW, secret: true}}\n", "Pulumi.staging.yaml": undefined,
    "assets/databases/warehouse.yaml.j2": uri(""),
  }, { warehouse: (form) => { form["sqlalchemy_uri"] = `${String(form["sqlalchemy_uri"]).replace("5432", "6543")}?sslmode=require`; form["cache_timeout"] = 60; } });
  expect(now).toBe(`${uri("?sslmode=require").replace("5432", "6543")}cache_timeout: 60\n`);
  expect(told).toEqual([]);
});

describe("what cannot be carried over", () => {
  test("an edit with which others do not compile is left out, the rest is not", () => {
    const { text: now, told, remaining } = translated({}, { sales: (form) => { delete form["metrics"]["revenue"]; form["description"] = "Sold"; } });
    expect(now).toBe(text(SALES).replace("main_dttm_col: sold_at\n", "main_dttm_col: sold_at\ndescription: Sold\n"));
    expect(told).toEqual([`${SALES}:1:1: the edit of 'metrics.revenue' is not carried over: ${REVENUE}:5:13: the dataset 'shop_dev.sales' has no metric 'revenue'; it has orders`]);
    expect(remaining.map(({ file, changes }) => [file, changes.map(({ path }) => path)])).toEqual([[SALES, ["metrics.revenue"]]]);
  });

  test("an edit that does not compile is left out with its reason", () => {
    const { text: now, told } = translated({}, { revenue: (form) => { form["params"]["groupby"] = ["note"]; form["params"]["row_limit"] = 7; } });
    expect(now).toBe(text(REVENUE).replace("100", "7"));
    expect(told).toEqual([`${REVENUE}:6:13: the edit of 'params.groupby[0]' is not carried over: the dataset 'shop_dev.sales' has no column 'note'; it has sold_at, brand, region, amount`]);
  });

  test("a template whose asset is gone is removed, unless others use it", () => {
    const gone = translated({ [OVERVIEW]: undefined }, { revenue: null });
    expect([...gone.files]).toEqual([[REVENUE, undefined]]);
    const used = translated({}, { revenue: null });
    expect([...used.files]).toEqual([]);
    expect(used.told).toEqual([`${OVERVIEW}:4:6: the chart of ${REVENUE} is gone from Superset, and used here; its template stays. Remove it here first`]);
    expect([...translated({}, { revenue: null, overview: null }).files]).toEqual([[REVENUE, undefined], [OVERVIEW, undefined]]);
  });

  test("environments whose variables are not set here are told, and do not stop anything", () => {
    const vars = "Pulumi.prod.yaml";
    const root = repository({ [vars]: "config:\n  superset:vars: {ENV: prod, SCHEMA: {env: SCHEMA_OF_NOBODY}, db: {host: h}}\n" });
    const targets = edited(root, { sales: (form) => { form["description"] = "D"; }, revenue: (form) => { form["description"] = "D"; } });
    const { files, notes, remaining } = translate({ root, environment: "dev", targets });
    expect([...files.keys()]).toEqual([REVENUE, SALES]);
    expect(remaining).toEqual([]);
    expect(notes.map(formatProblem)).toEqual([
      `${SALES}:2:12: warning: what becomes of this template in prod could not be checked: the variable 'SCHEMA' is not defined: ${vars} takes it from the environment variable SCHEMA_OF_NOBODY, which is not set`,
    ]);
    writeFileSync(join(root, vars), "config:\n  superset:vars: [1]\n");
    expect(translate({ root, environment: "dev", targets }).notes.map(formatProblem)).toEqual([
      `${vars}: warning: what the translation changes in prod could not be checked: ${vars}:2:3: 'superset:vars' must be a mapping of variable names to values; make single values secret: pulumi config set --secret --path superset:vars.NAME`,
    ]);
  });

  test("templates that do not compile are no ground to translate on", () => {
    const root = repository({ [REVENUE]: "slice_name: [\n" });
    expect(() => translate({ root, environment: "dev", targets: new Map() })).toThrow(ProblemsError);
    expect(() => translate({ root, environment: "nowhere", targets: new Map() })).toThrow(ConfigError);
  });
});

test("a new chart on a dashboard: its template, its name in the layout, the column it uses", () => {
  const board = (charts: string) => `dashboard_title: O {{ ENV }}\nslug: overview\nlayout:\n  # the charts\n  - [${charts}]\n`;
  const root = repository({ [OVERVIEW]: undefined, "assets/dashboards/overview.yaml.j2": board("Revenue") });
  const [fresh, sales] = ["aaaaaaaa-0000-4000-8000-000000000001", assetUuid("shop", "dataset", "sales")];
  const targets = edited(root, {
    overview: ({ position }) => {
      const [row, first] = ["ROW", "CHART"].map((type) => Object.keys(position).find((id) => id.startsWith(type))!) as [string, string];
      position[row].children.push("CHART-x");
      position[first].meta.width = 6;
      position["CHART-x"] = { type: "CHART", meta: { uuid: fresh, width: 6, height: 50 } };
    },
    sales: () => undefined,
  });
  const known = targets.get(sales)!;
  targets.set(sales, { ...known, live: { ...known.form, columns: { ...(known.form as Form)["columns"], note: column } } });
  targets.set(fresh, { kind: "chart", form: { uuid: fresh, slice_name: "New in dev", viz_type: "table", dataset_uuid: sales, params: { metrics: ["revenue"], groupby: ["note"] } } });
  const translation = translate({ root, environment: "dev", targets });
  expectLaw(root, translation, targets, "dev");
  expect(Object.fromEntries(translation.files)).toEqual({
    "assets/charts/new_in.yaml.j2": `uuid: ${fresh}\nslice_name: "New in {{ ENV }}"\nviz_type: table\ndatasource: sales\nparams:\n  metrics: [revenue]\n  groupby: [note]\n`,
    "assets/dashboards/overview.yaml.j2": board('Revenue, "New in {{ ENV }}"'),
    [SALES]: text(SALES).replace("NUMERIC}\n", "NUMERIC}\n  - {column_name: note, type: TEXT}\n"),
  });
  expect([translation.remaining, translation.notes]).toEqual([[], []]);
});
