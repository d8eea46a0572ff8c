import { checkAfter, gateBefore, NotAsAppliedError, stoppedByDrift } from "../../control/gates";
import type { Plan, PlannedAsset } from "../../control/plan";
import { DriftRefusedError, EXIT } from "../../provider/errors";

const edited = {
  label: "chart 'Revenue' (assets/charts/revenue.yaml)", standing: "drift", action: "overwrite", desired: {}, editor: { name: "Ada", at: "2026-01-01T10:00:00.000Z" },
  assessment: { drift: [{ path: "params.row_limit", before: 100, after: 50 }], pending: [{ path: "params.row_limit", before: 50, after: 100 }], deleted: false, conflict: true },
} as unknown as PlannedAsset;
const foreign = { ...edited, label: "chart 'Other'", standing: "foreign", editor: undefined } as PlannedAsset;
const removed = { ...edited, label: "chart 'Gone'", editor: undefined, assessment: { ...edited.assessment, deleted: true } } as PlannedAsset;
const pending = { ...edited, label: "chart 'New'", standing: "pending", action: "create", assessment: { ...edited.assessment, drift: [], conflict: false } } as PlannedAsset;

const plan = (assets: readonly PlannedAsset[], migrations: { readonly drift?: readonly string[]; readonly pending?: readonly string[] } = {}): Plan =>
  ({ environment: "prod", mode: "strict_fail_on_drift", assets, groups: [], allowed: true, migrations: { pending: [], repeatables: [], seeds: [], adopted: [], problems: [], drift: [], ...migrations } });
const FAIL = { driftGate: "fail" } as const;
const WARN = { driftGate: "warn" } as const;
const STRICT = "strict_fail_on_drift";
const GIT_WINS = "overwrite_git_wins";
const silent = (message: string): void => {
  throw new Error(`unexpected: ${message}`);
};

/** The error that is thrown. */
function thrown(work: () => unknown): { readonly message: string; readonly exitCode: number; readonly type: unknown } {
  try {
    work();
  } catch (error) {
    const { message, exitCode, constructor: type } = error as DriftRefusedError;
    return { message, exitCode, type };
  }
  throw new Error("nothing was thrown");
}

test("drift stops a strict environment whatever its gate, as the apply would refuse after the migrations; another one where its gate says so", () => {
  expect(stoppedByDrift({ mode: STRICT, driftGate: "fail" })).toBe("its policy is strict_fail_on_drift");
  expect(stoppedByDrift({ mode: STRICT, driftGate: "warn" })).toBe("its policy is strict_fail_on_drift");
  expect(stoppedByDrift({ mode: GIT_WINS, driftGate: "fail" })).toBe("its drift_gate is fail");
  expect(stoppedByDrift({ mode: GIT_WINS, driftGate: "warn" })).toBeUndefined();
});

test("what only Git has changed is no drift", () => {
  expect(gateBefore(plan([pending], { pending: ["2.sql"] }), stoppedByDrift({ mode: GIT_WINS, ...FAIL }), "hybrid deploy prod", silent)).toBe("no drift");
});

test("a gate that fails names assets, fields, who, when, and the ways out", () => {
  expect(thrown(() => gateBefore(plan([edited, foreign, removed, pending], { drift: ["table public.orders: column x added (text)"] }), stoppedByDrift({ mode: GIT_WINS, ...FAIL }), "hybrid deploy prod", silent))).toEqual({
    type: DriftRefusedError,
    exitCode: EXIT.refused,
    message: [
      "refused: 'prod' was changed since the last apply, and its drift_gate is fail. Nothing was written over that.",
      "chart 'Revenue' (assets/charts/revenue.yaml) was edited in Superset by Ada at 2026-01-01T10:00:00.000Z",
      "  params.row_limit: 100 → 50",
      "chart 'Other' is in Superset in another form, and was never applied from here",
      "  params.row_limit: 50 → 100",
      "chart 'Gone' was deleted in Superset",
      "the schema was changed by hand:",
      "  table public.orders: column x added (text)",
      "Take the edits into Git (hybrid export-to-pr prod), or write Git's version over them, for one run: HYBRID_APPLY_MODE=overwrite_git_wins hybrid deploy prod",
      "Undo the change of the schema, write it as a migration, or accept it with 'hybrid db drift --env prod --accept'",
    ].join("\n"),
  });
});

test("one that warns says the same, and lets it pass", () => {
  const said: string[] = [];
  expect(gateBefore(plan([edited], { drift: ["a", "b"] }), stoppedByDrift({ mode: GIT_WINS, ...WARN }), "hybrid deploy prod", (message) => said.push(message))).toBe("1 asset changed in Superset, 2 changes of the schema by hand; the gate only warns");
  expect(said).toEqual([
    "drift in prod:\nchart 'Revenue' (assets/charts/revenue.yaml) was edited in Superset by Ada at 2026-01-01T10:00:00.000Z\n  params.row_limit: 100 → 50\nthe schema was changed by hand:\n  a\n  b",
  ]);
});

test("after an apply everything must be as Git wants it", () => {
  expect(checkAfter(plan([]), FAIL, silent)).toBe("as Git wants it");
  expect(thrown(() => checkAfter(plan([edited, pending], { pending: ["2.sql"], drift: ["a"] }), FAIL, silent))).toEqual({
    type: NotAsAppliedError,
    exitCode: EXIT.difference,
    message: [
      "after the apply, 'prod' is not as Git wants it:",
      "chart 'Revenue' (assets/charts/revenue.yaml) was edited in Superset by Ada at 2026-01-01T10:00:00.000Z",
      "  params.row_limit: 100 → 50",
      "the schema was changed by hand:",
      "  a",
      "chart 'New' is still to be written (create)",
      "2.sql is still to be run",
      "Somebody was at work meanwhile: look at it with 'hybrid plan --env prod', and run it again",
    ].join("\n"),
  });
  const said: string[] = [];
  expect(checkAfter(plan([pending]), WARN, (message) => said.push(message))).toBe("not as Git wants it; the gate only warns");
  expect(said).toEqual(["after the apply, 'prod' is not as Git wants it:\nchart 'New' is still to be written (create)"]);
});
