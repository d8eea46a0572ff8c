/** Superset's own examples as templates: they must compile as they are shipped, and real misspellings in them must not. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../../compile";
import { ProblemsError } from "../../provider/errors";
import { project, removeProjects } from "./project";
import { supersetPackage } from "./python";

afterAll(removeProjects);

const FOLDERS = [["databases", /^sqlalchemy_uri:/m], ["datasets", /^table_name:/m], ["charts", /^slice_name:/m], ["dashboards", /^dashboard_title:/m]] as const;

/** The files of the package, as templates; what two examples share is taken once. */
function exampleTemplates(folder: string): Record<string, string> {
  const root = join(folder, "examples");
  const seen = new Set<string>();
  const templates: Record<string, string> = {};
  for (const file of readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".yaml")).sort()) {
    const text = readFileSync(join(root, file), "utf8").replace("__SQLALCHEMY_EXAMPLES_URI__", "postgresql://u@h/db");
    const kind = FOLDERS.find(([, mark]) => mark.test(text))?.[0];
    const uuid = /^uuid: '?([-0-9a-f]+)/m.exec(text)?.[1];
    if (kind !== undefined && uuid !== undefined && !seen.has(uuid)) {
      seen.add(uuid);
      templates[`assets/${kind}/${file.replace(/^_/, "").replaceAll("\\", "/")}`] = text;
    }
  }
  return templates;
}

const folder = supersetPackage();
const withExamples = folder === undefined ? describe.skip : describe;
if (folder === undefined) {
  process.stdout.write("skipped: Superset's examples as templates (no Python with Superset: set SUPERSET_PYTHON, or run hybrid local up)\n");
}

withExamples("Superset's examples", () => {
  const templates = folder === undefined ? {} : exampleTemplates(folder);

  test("compile as they are, the same every time", () => {
    const compiled = compile({ root: project(templates), environment: "dev" });
    const counts = Object.fromEntries(["database", "dataset", "chart", "dashboard"].map((kind) => [kind, compiled.assets.filter((asset) => asset.kind === kind).length]));
    expect(counts).toEqual({ database: 1, dataset: 21, chart: 103, dashboard: 9 });
    expect(compiled.warnings).toEqual([]);
    expect(compile({ root: project(templates), environment: "dev" }).hash).toBe(compiled.hash);
  });

  test("a misspelt column and metric in each chart that has one are found", () => {
    const misspelt: Record<string, string> = {};
    let changed = 0;
    for (const [file, text] of Object.entries(templates)) {
      const spoilt = text.replace(/^( {2}(?:metric|x_axis|entity|series|source): )(\w+)$/m, "$1no_such_name").replace(/^( {2}(?:groupby|metrics|groupbyRows):\n {2}- )(\w+)$/m, "$1no_such_name");
      changed += spoilt === text ? 0 : 1;
      misspelt[file] = spoilt;
    }
    let thrown: unknown;
    try {
      compile({ root: project(misspelt), environment: "dev" });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ProblemsError);
    const found = new Set((thrown as ProblemsError).problems.filter((problem) => problem.message.includes("'no_such_name'")).map((problem) => problem.file));
    expect(changed).toBeGreaterThan(60);
    // Some charts keep controls of a viz type they no longer are: those are not looked at.
    expect(found.size).toBeGreaterThan(changed * 0.85);
  });
});
