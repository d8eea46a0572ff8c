/** `hybrid docs` against a real PostgreSQL. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SCHEMA_FILE, schemaDocument } from "../../control/docs/schema";
import { describeSchema } from "../../provider/postgres/describe";
import { migrate } from "../../provider/postgres/runner";
import { SHOP } from "../compile/project";
import { Project, type HybridResult } from "../helpers/project";
import { postgres, type TestDatabase, type TestPostgres } from "../helpers/runtime";

jest.setTimeout(120_000);

const MIGRATION = `-- migrate:up
create schema shop;
comment on schema shop is 'Everything | that is sold.';
create type shop.mood as enum ('sad', 'ok');
create table shop.brands (id int primary key, name text not null unique);
comment on table shop.brands is 'Who makes it.';
create table shop.sales (
  id bigint generated always as identity primary key,
  sold_at timestamp not null default '2026-01-01 00:00:00',
  brand text references shop.brands (name),
  amount numeric(12, 2) not null check (amount > 0),
  mood shop.mood[],
  "Odd Name" text
);
comment on column shop.sales.amount is 'USD, without
tax.';
create index sales_day on shop.sales (sold_at);
create view shop.totals as select brand, sum(amount) as total from shop.sales group by brand;
create function shop.twice(x int) returns int language sql as 'select x * 2';
create table shop.parts (day date not null) partition by range (day);
create table shop.parts_1 partition of shop.parts for values from ('2026-01-01') to ('2026-02-01');
create table plain (id int);
`;

let pg: TestPostgres;
let warehouse: TestDatabase;
let project: Project;
let run: (...args: readonly string[]) => Promise<HybridResult>;

beforeAll(async () => {
  pg = await postgres();
  warehouse = await pg.createDatabase();
  project = new Project({ stacks: { dev: {}, prod: {} }, policy: { db: { mode: "migrations" }, apply: { dev: { mode: "overwrite_git_wins" }, prod: { mode: "overwrite_git_wins" } } } });
  Object.entries({ ...SHOP, "db/migrations/001_shop.sql": MIGRATION }).forEach(([path, text]) => project.write(path, text));
  run = (...args) => project.hybrid(args, { env: { DATABASE_URL: warehouse.url } });
  expect((await run("db", "sync")).code).toBe(0);
});

test("writes both documents, says so once, and --check tells when one is stale", async () => {
  expect(await run("docs", "--check")).toMatchObject({ code: 2, stdout: "stale; 'hybrid docs --env dev' writes them anew\n  docs/db/SCHEMA.md\n  docs/bi/ASSETS.md\n" });
  expect(project.exists("docs")).toBe(false);
  expect(await run("docs")).toMatchObject({ code: 0, stdout: "DOCS_OK\n  docs/db/SCHEMA.md\n  docs/bi/ASSETS.md\n" });
  expect(JSON.parse((await run("docs", "--json")).stdout)).toEqual({ environment: "dev", written: [], unchanged: ["docs/db/SCHEMA.md", "docs/bi/ASSETS.md"] });
  expect(await run("docs", "--check")).toMatchObject({ code: 0, stdout: "DOCS_OK\n" });
  project.write("assets/charts/revenue.yaml", `${SHOP["assets/charts/revenue.yaml"] ?? ""}description: New\n`);
  expect(JSON.parse((await run("docs", "--check", "--json")).stdout)).toEqual({ environment: "dev", stale: ["docs/bi/ASSETS.md"] });
  expect((await run("docs", "--only", "schema", "--check")).code).toBe(0);
  await pg.sql(warehouse.name, "comment on table plain is 'By hand'");
  expect((await run("docs", "--only", "schema", "--check")).code).toBe(2);
  await pg.sql(warehouse.name, "comment on table plain is null");
});

test("the schema: columns, keys, comments, types, functions, partitions and a diagram", async () => {
  await run("docs");
  expect(project.read("docs/db/SCHEMA.md")).toBe(`# Database schema

Made by \`hybrid docs\` from the warehouse of environment \`dev\`, as of migration \`001\`. Do not edit: the next run writes it anew.

## public

| name | kind |
| --- | --- |
| \`plain\` | table |

\`\`\`mermaid
erDiagram
  "public.plain" {
    integer id
  }
\`\`\`

### public.plain

| column | type | null |
| --- | --- | --- |
| \`id\` | \`integer\` | yes |

## shop

Everything \\| that is sold.

| name | kind | description |
| --- | --- | --- |
| \`brands\` | table | Who makes it. |
| \`parts\` | table |  |
| \`sales\` | table |  |
| \`totals\` | view |  |

\`\`\`mermaid
erDiagram
  "shop.brands" {
    integer id PK
    text name UK
  }
  "shop.parts" {
    date day
  }
  "shop.sales" {
    bigint id PK
    timestamp_without_time_zone sold_at
    text brand FK
    numeric amount
    shop_mood_array mood
    text Odd_Name
  }
  "shop.brands" |o--o{ "shop.sales" : "brand"
\`\`\`

### shop.brands

Who makes it.

| column | type | key |
| --- | --- | --- |
| \`id\` | \`integer\` | primary |
| \`name\` | \`text\` | unique |

Constraints:

- \`brands_pkey\`: \`PRIMARY KEY (id)\`
- \`brands_name_key\`: \`UNIQUE (name)\`

### shop.parts

Partitioned by \`RANGE (day)\`.

| column | type |
| --- | --- |
| \`day\` | \`date\` |

Partitions:

- \`parts_1\`: \`FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')\`

### shop.sales

| column | type | null | default | key | description |
| --- | --- | --- | --- | --- | --- |
| \`id\` | \`bigint\` |  | \`generated always as identity\` | primary |  |
| \`sold_at\` | \`timestamp without time zone\` |  | \`'2026-01-01 00:00:00'::timestamp without time zone\` |  |  |
| \`brand\` | \`text\` | yes |  | → \`shop.brands\` |  |
| \`amount\` | \`numeric(12,2)\` |  |  |  | USD, without tax. |
| \`mood\` | \`shop.mood[]\` | yes |  |  |  |
| \`Odd Name\` | \`text\` | yes |  |  |  |

Constraints:

- \`sales_pkey\`: \`PRIMARY KEY (id)\`
- \`sales_brand_fkey\`: \`FOREIGN KEY (brand) REFERENCES shop.brands(name)\`
- \`sales_amount_check\`: \`CHECK ((amount > (0)::numeric))\`

Indexes:

- \`sales_day\`: \`USING btree (sold_at)\`

### shop.totals

View.

| column | type |
| --- | --- |
| \`brand\` | \`text\` |
| \`total\` | \`numeric\` |

\`\`\`sql
 SELECT brand,
    sum(amount) AS total
   FROM shop.sales
  GROUP BY brand;
\`\`\`

### Types

| name | kind | details |
| --- | --- | --- |
| \`mood\` | enum | \`'sad', 'ok'\` |

### Functions

| name | kind | details |
| --- | --- | --- |
| \`twice(x integer)\` | function | \`returns integer\` |
`);
});

test("byte-equal from another database with the same migrations, but for the environment's name", async () => {
  const dev = project.read("docs/db/SCHEMA.md");
  const other = await pg.createDatabase();
  const env = { DATABASE_URL: other.url };
  expect((await project.hybrid(["db", "sync", "--env", "prod"], { env })).code).toBe(0);
  expect((await project.hybrid(["docs", "--env", "prod", "--only", "schema"], { env })).code).toBe(0);
  expect(project.read("docs/db/SCHEMA.md")).toBe(dev.replace("environment `dev`", "environment `prod`"));
});

test("without a warehouse, the assets alone can be made", async () => {
  expect(await project.hybrid(["docs", "--only", "assets"], { env: { DATABASE_URL: "" } })).toMatchObject({ code: 0 });
  expect(await project.hybrid(["docs"], { env: { DATABASE_URL: "" } })).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("no database to migrate: set warehouse:url") as string });
});

test("docs/db/SCHEMA.md is what this repository's migrations make (hybrid docs --env dev)", async () => {
  const root = join(__dirname, "../..");
  const example = await pg.createDatabase();
  const options = { url: example.url, root, directory: "db/migrations" };
  await migrate(options);
  expect(readFileSync(join(root, SCHEMA_FILE), "utf8")).toBe(schemaDocument(await describeSchema(options), "dev"));
});
