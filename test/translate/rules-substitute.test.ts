/** Which values become variables: as whole tokens, in the fields a rule is about, and where every environment has a value. */
import { loadEnvironment } from "../../compile";
import { type Rules, NO_RULES } from "../../compile/translate/rules";
import { renderedPieces, Substitution } from "../../compile/translate/substitute";
import { Variables } from "../../compile/translate/variables";
import { kindNamed } from "../../provider/kinds/registry";
import { project, removeProjects } from "../compile/project";

afterAll(removeProjects);

type Values = Readonly<Record<string, string | number | object>>;
const ENVS = { dev: { ENV: "dev" }, staging: { ENV: "staging" }, prod: { ENV: "prod" } } satisfies Record<string, Values>;

function substitution(environments: Readonly<Record<string, Values>>, rules: Partial<Rules> = {}, ignore: Partial<Rules["ignore"]> = {}): Substitution {
  const root = project(Object.fromEntries(Object.entries(environments).map(([name, vars]) => [`Pulumi.${name}.yaml`, JSON.stringify({ config: { "superset:vars": vars } })])));
  const loaded = Object.keys(environments).map((name) => loadEnvironment(root, name, { env: {} }));
  const all = { ...NO_RULES, ...rules, ignore: { ...NO_RULES.ignore, ...ignore } };
  return new Substitution(new Variables(loaded[0]!, loaded, all.ignore.variables), all);
}

/** The text with `<NAME>` for variables; notes after it. */
function written(substitution: Substitution, kind: string, path: string, text: string): string[] {
  const { pieces, notes } = substitution.substitute(kindNamed(kind), path.split("."), text);
  expect(renderedPieces(pieces, "dev")).toBe(text);
  return [pieces.map((piece) => (typeof piece === "string" ? piece : `<${piece.name}>`)).join(""), ...notes];
}

describe("the environment's name", () => {
  test.each([
    ["Revenue (dev)", "Revenue (<ENV>)"],
    ["analytics_dev", "analytics_<ENV>"],
    ["dev", "<ENV>"],
    ["dev-dev.dev", "<ENV>-<ENV>.<ENV>"],
    ["developers", "developers"],
    ["webdev2", "webdev2"],
    ["dev2", "dev2"],
    ["Größdev", "Größdev"],
    ["Dev", "Dev"],
    ["{dev}", "{dev}"],
    ["", ""],
  ])("in a name, as a whole token: %s", (text, expected) => {
    expect(written(substitution(ENVS), "chart", "slice_name", text)).toEqual([expected]);
  });

  test.each([
    ["chart", "slice_name"], ["dataset", "table_name"], ["database", "database_name"], ["dashboard", "dashboard_title"], ["dashboard", "slug"], ["dashboard", "layout.tabs.0.tab"], ["dashboard", "layout.0.0.title"],
  ])("in the titles of a %s: %s", (kind, path) => {
    expect(written(substitution(ENVS), kind, path, "x dev")).toEqual(["x <ENV>"]);
  });

  test.each([
    ["chart", "description"], ["chart", "params.groupby.0"], ["dashboard", "layout.0.markdown"], ["dataset", "columns.0.column_name"], ["chart", "datasource"],
  ])("nowhere else: a %s's %s", (kind, path) => {
    expect(written(substitution(ENVS), kind, path, "x dev")).toEqual(["x dev"]);
  });

  test("only of a variable that looks like one and differs everywhere", () => {
    expect(written(substitution({ dev: { COLOR: "red" }, prod: { COLOR: "blue" } }), "chart", "slice_name", "red")).toEqual(["red"]);
    expect(written(substitution({ dev: { A: "dev" }, staging: { A: "dev" }, prod: { A: "prod" } }), "chart", "slice_name", "dev")).toEqual(["dev"]);
    // Called as the stacks are.
    expect(written(substitution({ dev: { WHERE: "dev" }, blue: { WHERE: "blue" } }), "chart", "slice_name", "dev")).toEqual(["<WHERE>"]);
    // Two that tell them apart: the one that says so.
    expect(written(substitution({ dev: { ENV: "dev", SCHEMA: "dev" }, prod: { ENV: "prod", SCHEMA: "prod" } }), "chart", "slice_name", "dev")).toEqual(["<ENV>"]);
  });

  test("two that say so explain nothing, and one without a value everywhere neither", () => {
    expect(written(substitution({ dev: { ENV: "dev", STAGE: "dev" }, prod: { ENV: "prod", STAGE: "production" } }), "chart", "slice_name", "a dev")).toEqual(["a dev", "'dev' is the value of ENV and of STAGE: it stays as it is; say in translate.yaml which one is meant"]);
    expect(written(substitution({ dev: { ENV: "dev" }, staging: {}, prod: { ENV: { env: "UNSET" } } }), "chart", "slice_name", "a dev dev")).toEqual(["a dev dev", "'dev' is the value of ENV, which has no value in staging and prod: it stays as it is"]);
    expect(written(substitution({ dev: { ENV: "dev" }, prod: { ENV: { env: "X", secret: true } } }), "chart", "slice_name", "dev")).toEqual(["dev", "'dev' is the value of ENV, which has no value in prod, where it is a secret: it stays as it is"]);
    expect(written(substitution({ dev: { ENV: "dev" }, prod: { ENV: 'prod"' } }), "chart", "slice_name", "dev")).toEqual(["dev", "'dev' is the value of ENV, which has a value in prod that cannot stand inside a text: it stays as it is"]);
  });

  test("inside a mapping of variables, by its dotted name", () => {
    expect(written(substitution({ dev: { app: { stage: "dev", color: "red" } }, prod: { app: { stage: "prod", color: "red" } } }), "chart", "slice_name", "x (dev)")).toEqual(["x (<app.stage>)"]);
  });
});

describe("an address", () => {
  const vars = (env: string): Values => ({ ENV: env, DB_HOST: `db.${env}.example.com`, DB_PORT: 5432, DB_NAME: `shop_${env}`, DB_USER: "shop", SCHEMA: "shop", DB_PASSWORD: { env: "P", secret: true } });
  const all = { dev: vars("dev"), prod: vars("prod") };
  const address = (environments: Readonly<Record<string, Values>>, uri: string): string[] => written(substitution(environments), "database", "sqlalchemy_uri", uri);

  test.each([
    ["postgresql+psycopg2://shop:XXXXXXXXXX@db.dev.example.com:5432/shop_dev?sslmode=require", "postgresql+psycopg2://<DB_USER>:XXXXXXXXXX@<DB_HOST>:<DB_PORT>/<DB_NAME>?sslmode=require"],
    ["postgresql://db.dev.example.com/shop_dev", "postgresql://<DB_HOST>/<DB_NAME>"],
    // What is another's stays: a user is no schema, a port no part of a host.
    ["postgresql://5432:x@shop:1/shop", "postgresql://5432:x@shop:1/shop"],
    // A part that no variable is as a whole.
    ["postgresql://u@reports.dev.example.com/other_dev", "postgresql://u@reports.<ENV>.example.com/other_<ENV>"],
    ["postgresql://u_dev@h/d?options=dev", "postgresql://u_dev@h/d?options=dev"],
    ["not an address", "not an address"],
    ["sqlite:////data/dev.db", "sqlite:////data/dev.db"],
  ])("by its parts: %s", (uri, expected) => {
    expect(address(all, uri)).toEqual([expected]);
  });

  test("of two variables with the value, the one beside those of the other parts", () => {
    const two = (host: string, port: number): Values => ({ DB_HOST: host, DB_PORT: port, META_HOST: host, META_PORT: port + 1 });
    expect(address({ dev: two("localhost", 5432), prod: two("h", 1) }, "postgresql://u@localhost:5433/d")).toEqual(["postgresql://u@<META_HOST>:<META_PORT>/d"]);
    expect(address({ dev: two("localhost", 5432), prod: two("h", 1) }, "postgresql://u@localhost/d")).toEqual(["postgresql://u@localhost/d", "'localhost' is the value of DB_HOST and of META_HOST: it stays as it is; say in translate.yaml which one is meant"]);
  });

  test("a host that differs may be called anything; a name without a dot may not", () => {
    expect(address({ dev: { WAREHOUSE: "w.dev.example.com" }, prod: { WAREHOUSE: "w.example.com" } }, "postgresql://w.dev.example.com/d")).toEqual(["postgresql://<WAREHOUSE>/d"]);
    expect(address({ dev: { WAREHOUSE: "w" }, prod: { WAREHOUSE: "v" } }, "postgresql://w/d")).toEqual(["postgresql://w/d"]);
    expect(address({ dev: { WAREHOUSE: "w.example.com" }, prod: { WAREHOUSE: "w.example.com" } }, "postgresql://w.example.com/d")).toEqual(["postgresql://w.example.com/d"]);
  });

  test("its password's variable is the one of its family", () => {
    const field = kindNamed("database").texts.find(({ at }) => at === "sqlalchemy_uri")!;
    const of = (uri: string): string | undefined => substitution(all).passwordOf(field, uri);
    expect(of("postgresql://shop:XXXXXXXXXX@db.dev.example.com:5432/shop_dev")).toBe("DB_PASSWORD");
    expect(of("postgresql://other:XXXXXXXXXX@elsewhere/d")).toBeUndefined();
  });
});

describe("a schema", () => {
  const all = { dev: { ENV: "dev", SCHEMA: "dev_sales", OTHER: "dev_sales" }, prod: { ENV: "prod", SCHEMA: "sales", OTHER: "x" } };
  test("as the field, and before a table in SQL", () => {
    expect(written(substitution(all), "dataset", "schema", "dev_sales")).toEqual(["<SCHEMA>"]);
    expect(written(substitution(all), "dataset", "schema", "dev_other")).toEqual(["<ENV>_other"]);
    expect(written(substitution(all), "dataset", "schema", "public")).toEqual(["public"]);
    expect(written(substitution(all), "database", "extra.schemas_allowed_for_csv_upload.0", "dev_sales")).toEqual(["<SCHEMA>"]);
  });

  test.each([
    ["SELECT * FROM dev_sales.orders o JOIN \"dev_sales\".items USING (id)", "SELECT * FROM <SCHEMA>.orders o JOIN \"<SCHEMA>\".items USING (id)"],
    ["SELECT dev_sales.f(x), dev_sales.orders.id FROM dev_sales.orders, dev_sales.items", "SELECT <SCHEMA>.f(x), <SCHEMA>.orders.id FROM <SCHEMA>.orders, <SCHEMA>.items"],
    ["SELECT 'FROM dev_sales.orders' -- FROM dev_sales.orders\n/* dev_sales.x */ FROM other.orders", "SELECT 'FROM dev_sales.orders' -- FROM dev_sales.orders\n/* dev_sales.x */ FROM other.orders"],
    ["SELECT $$ FROM dev_sales.orders $$ FROM {{ dev_sales.orders }}", "SELECT $$ FROM dev_sales.orders $$ FROM {{ dev_sales.orders }}"],
    // An alias of that name is no schema.
    ["SELECT dev_sales.id FROM dev_sales.orders dev_sales", "SELECT dev_sales.id FROM <SCHEMA>.orders dev_sales"],
    ["SELECT extract(year FROM dev_sales.day) FROM dev_sales", "SELECT extract(year FROM dev_sales.day) FROM dev_sales"],
    ["SELECT * FROM x WHERE a IS DISTINCT FROM dev_sales.b", "SELECT * FROM x WHERE a IS DISTINCT FROM dev_sales.b"],
    ["SELECT * FROM warehouse.dev_sales.orders", "SELECT * FROM warehouse.<SCHEMA>.orders"],
    ["SELECT * FROM dev_raw.orders", "SELECT * FROM <ENV>_raw.orders"],
    ["SELECT * FROM DEV_SALES.orders", "SELECT * FROM DEV_SALES.orders"],
    ["SELECT * FROM \"a\"\"b\".orders", "SELECT * FROM \"a\"\"b\".orders"],
  ])("in SQL: %s", (sql, expected) => {
    expect(written(substitution(all), "dataset", "sql", sql)).toEqual([expected]);
    expect(written(substitution(all), "dataset", "metrics.0.expression", sql)).toEqual([expected]);
    expect(written(substitution(all), "chart", "params.metrics.0.sqlExpression", sql)).toEqual([expected]);
  });

  test("without quotes only what is a name in every environment", () => {
    const odd = { dev: { SCHEMA: "dev_sales" }, prod: { SCHEMA: "my sales" } };
    expect(written(substitution(odd), "dataset", "sql", 'SELECT * FROM dev_sales.orders, "dev_sales".x')).toEqual(['SELECT * FROM dev_sales.orders, "<SCHEMA>".x']);
  });

  test("of two variables the one that is called so; of two such, none", () => {
    const two = { dev: { DB_NAME: "sales", STAGING_SCHEMA: "sales", CORE_SCHEMA: "sales" }, prod: { DB_NAME: "a", STAGING_SCHEMA: "b", CORE_SCHEMA: "c" } };
    expect(written(substitution(two), "dataset", "schema", "sales")).toEqual(["sales", "'sales' is the value of CORE_SCHEMA and of STAGING_SCHEMA: it stays as it is; say in translate.yaml which one is meant"]);
    expect(written(substitution({ dev: { DB_NAME: "sales" }, prod: { DB_NAME: "a" } }), "dataset", "schema", "sales")).toEqual(["sales"]);
    expect(written(substitution({ dev: { SCHEMA: "sales" }, prod: {} }), "dataset", "sql", "SELECT 1 FROM sales.x JOIN sales.y")).toEqual(["SELECT 1 FROM sales.x JOIN sales.y", "'sales' is the value of SCHEMA, which has no value in prod: it stays as it is"]);
  });
});

describe("rules of one's own", () => {
  const all = { dev: { ENV: "dev", TENANT: "acme", KEY: "customer_id" }, prod: { ENV: "prod", TENANT: "globex", KEY: "client_id" } };
  const rule = (tokens: Rules["rules"][number]["tokens"], variable: string, field: string, kinds?: readonly string[]): Partial<Rules> => ({ rules: [{ variable, fields: [field], kinds, tokens }] });

  test("whole, as words, and as names in SQL", () => {
    expect(written(substitution(all, rule("whole", "TENANT", "params.**.comparator")), "chart", "params.adhoc_filters.0.comparator", "acme")).toEqual(["<TENANT>"]);
    expect(written(substitution(all, rule("whole", "TENANT", "params.**.comparator")), "chart", "params.adhoc_filters.0.comparator", "acme inc")).toEqual(["acme inc"]);
    expect(written(substitution(all, rule("words", "TENANT", "sql")), "dataset", "sql", "SELECT * FROM acme_raw.t WHERE tenant = 'acme' -- acmes")).toEqual(["SELECT * FROM <TENANT>_raw.t WHERE tenant = '<TENANT>' -- acmes"]);
    expect(written(substitution(all, rule("identifiers", "KEY", "sql")), "dataset", "sql", "SELECT customer_id, t.customer_id, 'customer_id' FROM x -- customer_id")).toEqual(["SELECT <KEY>, t.<KEY>, 'customer_id' FROM x -- customer_id"]);
  });

  test("go before the built-in ones, and hold for their kinds alone", () => {
    const both = { dev: { ENV: "dev", STAGE: "dev" }, prod: { ENV: "prod", STAGE: "prod" } };
    expect(written(substitution(both, rule("words", "STAGE", "slice_name", ["chart"])), "chart", "slice_name", "a dev")).toEqual(["a <STAGE>"]);
    expect(written(substitution(both, rule("words", "STAGE", "**", ["dashboard"])), "chart", "slice_name", "a dev")[0]).toBe("a dev");
    expect(written(substitution({ dev: { TENANT: "acme" }, prod: {} }, rule("whole", "TENANT", "description")), "chart", "description", "acme")).toEqual(["acme", "'acme' is the value of TENANT, which has no value in prod: it stays as it is"]);
  });

  test("what is to be left alone is", () => {
    expect(written(substitution(ENVS, {}, { variables: new Set(["ENV"]) }), "chart", "slice_name", "dev")).toEqual(["dev"]);
    expect(written(substitution(ENVS, {}, { fields: ["slice_name"] }), "chart", "slice_name", "dev")).toEqual(["dev"]);
    expect(written(substitution(ENVS, {}, { values: new Set(["dev"]) }), "chart", "slice_name", "x dev")).toEqual(["x dev"]);
  });
});
