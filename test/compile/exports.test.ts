/** An export of Superset, unpacked into assets/. */
import { formatProblem } from "../../provider/errors";
import { compileFiles, problemsOf, removeProjects } from "./project";

afterAll(removeProjects);

const METADATA = "version: 1.0.0\ntype: assets\ntimestamp: '2026-01-01T00:00:00+00:00'\n";

test("what a bundle says of itself is no template; what is not managed is told", () => {
  const { warnings, assets } = compileFiles({
    "assets/metadata.yaml": METADATA, "assets/queries/examples/main/q.yaml": "label: q\nsql: select 1\n", "assets/themes/dark.yaml": "theme_name: dark\n", "assets/tags.yaml": "tags: []\n",
  });
  expect(warnings.map(formatProblem)).toEqual([
    "assets/queries: warning: not read: saved queries are not managed, and stay as they are in Superset",
    "assets/tags.yaml: warning: not read: tags are not managed, and stay as they are in Superset",
    "assets/themes: warning: not read: themes are not managed, and stay as they are in Superset",
  ]);
  expect(assets).toHaveLength(4);
});

test("a template beside the folders is an error, also under the name of a bundle's metadata", () => {
  const message = "not in the folder of its kind; move it to one of assets/databases/, assets/datasets/, assets/charts/, assets/dashboards/";
  for (const text of ["slice_name: C\nversion: 1.0.0\n", "type: assets\n", "[\n", "\0"]) {
    expect(problemsOf({ "assets/metadata.yaml": text })).toEqual([`assets/metadata.yaml: ${message}`]);
  }
});

test("a misspelt folder is an error, and one that is a whole export says what to do", () => {
  expect(problemsOf({ "assets/querys/q.yaml": "a: 1\n" })).toEqual([
    "assets/querys: holds templates but is not a kind of asset (kinds: databases, datasets, charts, dashboards; a folder for includes begins with '_' or has no .yaml files)",
  ]);
  expect(problemsOf({ "assets/dashboard_export_20260101/metadata.yaml": METADATA, "assets/dashboard_export_20260101/charts/c.yaml": "a: 1\n" })).toEqual([
    "assets/dashboard_export_20260101: is an export with its outer folder; move what is in it to assets/ (assets/databases/, assets/datasets/, assets/charts/, assets/dashboards/)",
  ]);
});
