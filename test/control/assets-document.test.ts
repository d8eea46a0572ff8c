import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../../compile";
import { ASSETS_FILE, assetsDocument } from "../../control/docs/assets";
import { ownersOf, readOwners } from "../../control/docs/owners";
import { relationAssets } from "../../control/lineage";
import { project, removeProjects, SHOP } from "../compile/project";

afterEach(removeProjects);

async function documentOf(files: Readonly<Record<string, string>>, codeowners = ""): Promise<string> {
  const compiled = compile({ root: project({ ...SHOP, ...files }), environment: "dev" });
  return assetsDocument({ compiled, relations: await relationAssets(compiled), owners: ownersOf(codeowners) });
}

test("a page with what is under it: charts, datasets, tables, owners, lineage; then the data", async () => {
  expect(await documentOf({}, "assets/dashboards/ @bi\n*.yaml @everybody\nassets/dashboards/overview.yaml @bi\n")).toBe(`# Assets

Made by \`hybrid docs\` from the templates, with the names of environment \`dev\`. Owners are those of CODEOWNERS for the template. Do not edit: the next run writes it anew.

| name | charts | datasets | tables | owners |
| --- | --- | --- | --- | --- |
| Overview | 1 | 1 | \`shop.sales\` | @bi |

## Overview

- address: \`/superset/dashboard/overview/\`
- template: [assets/dashboards/overview.yaml](../../assets/dashboards/overview.yaml)
- owners: @bi
- tables: \`shop.sales\`

### Charts of Overview

| name | details | reads | owners | template |
| --- | --- | --- | --- | --- |
| Revenue | visualisation \`big_number_total\` | sales | @everybody | [assets/charts/revenue.yaml](../../assets/charts/revenue.yaml) |

### Datasets of Overview

| name | details | reads | owners | template |
| --- | --- | --- | --- | --- |
| sales | time column \`sold_at\` | \`shop.sales\` | @everybody | [assets/datasets/sales.yaml](../../assets/datasets/sales.yaml) |

\`\`\`mermaid
flowchart LR
  subgraph g1["Tables"]
    n1["shop.sales"]
  end
  subgraph g2["Datasets"]
    n2["sales"]
  end
  subgraph g3["Charts"]
    n3["Revenue"]
  end
  subgraph g4["Dashboards"]
    n4["Overview"]
  end
  n1 --> n2
  n2 --> n3
  n3 --> n4
\`\`\`

## Data

### shop.sales

- table: \`shop.sales\`
- used by: Revenue
- owners: @everybody
- template: [assets/datasets/sales.yaml](../../assets/datasets/sales.yaml)

Metrics:

| metric | SQL |
| --- | --- |
| \`revenue\` | \`SUM(amount)\` |

Calculated columns:

| column | SQL |
| --- | --- |
| \`month\` | \`date_trunc('month', sold_at)\` |

Columns:

| column |
| --- |
| \`amount\` |
| \`brand\` |
| \`sold_at\` |
`);
});

const VIRTUAL = (sql: string): Readonly<Record<string, string>> => ({ "assets/datasets/v.yaml": `table_name: v\nschema: shop\ndatabase: warehouse\nsql: |\n${sql.split("\n").map((line) => `  ${line}`).join("\n")}\n` });

test.each<[string, string, string]>([
  ["joins, subqueries, common table expressions", "with recent as (select * from shop.orders) select * from recent join \"Mixed Case\" m on true where id in (select id from other.t)", "- query over: `other.t`, `shop.Mixed Case`, `shop.orders`"],
  ["both branches of Superset's Jinja", "select * from {% if filter_values('a') %}shop.a{% else %}shop.b{% endif %}", "- query over: `shop.a`, `shop.b`"],
  ["no table at all", "select 1", "- query over: no table"],
  ["SQL of another dialect", "select * from `shop`.`orders` o join lines limit 5 offset 3, 2", "- query over: `shop.lines`, `shop.orders`"],
])("tables of a query: %s", async (_name, sql, line) => {
  expect((await documentOf(VIRTUAL(sql))).split("\n")).toContain(line);
});

test("Jinja that only a server can render is said", async () => {
  expect(await documentOf(VIRTUAL("select * from shop.orders where x = {{ my_macro() }}"))).toContain("- its Jinja cannot be rendered without Superset, so that tables may be missing here: my_macro(): Superset itself has no such name;");
});

test("what is on no page is listed; names with markup stay text", async () => {
  const text = await documentOf({ "assets/charts/odd.yaml": "slice_name: 'A | B <b> *x* `y` \"z\" [l](u)'\nviz_type: table\ndatasource: sales\nparams: {metrics: [revenue]}\n" });
  expect(text).toContain("## On no page\n");
  expect(text).toContain("| A \\| B \\<b\\> \\*x\\* \\`y\\` \"z\" \\[l\\](u) |");
});

test("labels of the diagram cannot end it", async () => {
  const text = await documentOf({ "assets/charts/revenue.yaml": "slice_name: 'Revenue \"]; end #1'\nviz_type: big_number_total\ndatasource: sales\nparams: {metric: revenue}\n", "assets/dashboards/overview.yaml": "dashboard_title: Overview\nslug: overview\nlayout:\n  - ['Revenue \"]; end #1']\n" });
  expect(text).toContain('    n3["Revenue #34;#93;#59; end #35;1"]');
});

test("the same twice, and whatever the uuids are", async () => {
  const pinned = { ...SHOP, "assets/charts/revenue.yaml": `uuid: ffffffff-0000-4000-8000-000000000001\n${SHOP["assets/charts/revenue.yaml"] ?? ""}` };
  expect(await documentOf({})).toBe(await documentOf({}));
  expect(await documentOf(pinned)).toBe(await documentOf({}));
});

test("docs/bi/ASSETS.md is that of this repository (hybrid docs --env dev)", async () => {
  const root = join(__dirname, "../..");
  const compiled = compile({ root, environment: "dev" });
  expect(readFileSync(join(root, ASSETS_FILE), "utf8")).toBe(assetsDocument({ compiled, relations: await relationAssets(compiled), owners: readOwners(root) }));
});
