import { conflictReport } from "../../provider/report";

const assessment = { drift: [{ path: "params.row_limit", before: 100, after: 50 }], pending: [], deleted: false, conflict: true };

test("a refused run names every edit, and the ways out there are", () => {
  expect(conflictReport([{ label: "chart 'Revenue'", assessment, editor: { name: "Ann", at: "2026-01-01T00:00:00Z" } }], "prod").split("\n")).toEqual([
    "refused: the policy of this environment is strict_fail_on_drift, and applying would overwrite what was made in Superset. Nothing was written.",
    "chart 'Revenue' was edited in Superset by Ann at 2026-01-01T00:00:00Z (applied → now):",
    "  params.row_limit: 100 → 50",
    "Ways out: take the edits into Git ('hybrid export-to-pr prod' makes a pull request of them), or write Git's version over them, for one run: HYBRID_APPLY_MODE=overwrite_git_wins pulumi up --stack prod",
  ]);
});
