/** Small repositories on disk, for tests of the compiler. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { compile, type Compiled } from "../../compile";
import { formatProblem, ProblemsError } from "../../provider/errors";

const made: string[] = [];

/** A repository with these files; `Pulumi.yaml` and `Pulumi.dev.yaml` are added where they are not given. */
export function project(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "compile-"));
  made.push(root);
  const all = { "Pulumi.yaml": "name: shop\nruntime: nodejs\n", "Pulumi.dev.yaml": "config:\n  superset:vars:\n    ENV: dev\n", ...files };
  for (const [path, content] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

export function removeProjects(): void {
  for (const root of made.splice(0)) {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Templates that compile: one of each kind. */
export const SHOP: Readonly<Record<string, string>> = {
  "assets/databases/warehouse.yaml": "database_name: warehouse\nsqlalchemy_uri: postgresql+psycopg2://bi@db/shop\n",
  "assets/datasets/sales.yaml": `table_name: sales
schema: shop
database: warehouse
main_dttm_col: sold_at
columns:
  - {column_name: sold_at, type: TIMESTAMP, is_dttm: true}
  - {column_name: brand, type: TEXT}
  - {column_name: amount, type: NUMERIC}
  - {column_name: month, expression: "date_trunc('month', sold_at)"}
metrics:
  - {metric_name: revenue, expression: SUM(amount)}
`,
  "assets/charts/revenue.yaml": "slice_name: Revenue\nviz_type: big_number_total\ndatasource: sales\nparams:\n  metric: revenue\n",
  "assets/dashboards/overview.yaml": "dashboard_title: Overview\nslug: overview\nlayout:\n  - [Revenue]\n",
};

export function compileFiles(files: Readonly<Record<string, string>>, mapping?: string): Compiled {
  return compile({ root: project({ ...SHOP, ...files }), environment: "dev", ...(mapping === undefined ? {} : { mapping }) });
}

/** All problems as people read them; fails where there are none. */
export function problemsOf(files: Readonly<Record<string, string>>, mapping?: string): string[] {
  try {
    compileFiles(files, mapping);
  } catch (error) {
    if (error instanceof ProblemsError) {
      return error.problems.map(formatProblem);
    }
    throw error;
  }
  throw new Error("it compiled, though it has a problem");
}
