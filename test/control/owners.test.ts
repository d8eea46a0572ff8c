import { ownersOf } from "../../control/docs/owners";

const owners = ownersOf(`# who looks after what
*                       @org/platform
/assets/                @org/bi   # everything in assets
assets/charts/*         @lea
*.sql                   @dba
docs/
/assets/**/finance/     @cfo finance@example.com
apps/                   @apps
[Section]
`);

test.each<[string, string]>([
  ["README.md", "@org/platform"],
  ["assets/dashboards/overview.yaml.j2", "@org/bi"],
  ["assets/charts/revenue.yaml", "@lea"],
  ["assets/charts/sales/revenue.yaml", "@org/bi"],
  ["db/migrations/001_a.sql", "@dba"],
  ["assets/notes.sql", "@dba"],
  ["docs/bi/ASSETS.md", ""],
  ["assets/charts/finance/costs.yaml", "@cfo finance@example.com"],
  ["assets/finance/x/costs.yaml", "@cfo finance@example.com"],
  ["x/apps/y.txt", "@apps"],
])("%s is %s's", (path, expected) => {
  expect(owners(path).join(" ")).toBe(expected);
});

test("a repository without rules has no owners", () => {
  expect(ownersOf("# nothing\n\n")("a")).toEqual([]);
});
