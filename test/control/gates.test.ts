import { gateBefore, stoppedByDrift } from "../../control/gates";
import type { Plan } from "../../control/plan";

const STRICT = "strict_fail_on_drift";
const GIT_WINS = "overwrite_git_wins";

test("drift stops a strict environment whatever its gate, as the apply would refuse after the migrations; another one where its gate says so", () => {
  expect(stoppedByDrift({ mode: STRICT, driftGate: "fail" })).toBe("its policy is strict_fail_on_drift");
  expect(stoppedByDrift({ mode: STRICT, driftGate: "warn" })).toBe("its policy is strict_fail_on_drift");
  expect(stoppedByDrift({ mode: GIT_WINS, driftGate: "fail" })).toBe("its drift_gate is fail");
  expect(stoppedByDrift({ mode: GIT_WINS, driftGate: "warn" })).toBeUndefined();
});

describe("drift of the schema, found before an apply", () => {
  const plan: Plan = {
    environment: "prod",
    mode: STRICT,
    allowed: false,
    migrations: { pending: ["002.sql"], repeatables: [], seeds: [], adopted: [], problems: [], drift: ["table shop.orders: column note added (text)"] },
    assets: [],
    groups: [],
  };

  test("stops with the reason, what was found, and the ways out", () => {
    const warned: string[] = [];
    expect(() => gateBefore(plan, stoppedByDrift({ mode: STRICT, driftGate: "warn" }), "hybrid deploy prod", (message) => warned.push(message))).toThrow(
      "refused: 'prod' was changed since the last apply, and its policy is strict_fail_on_drift. Nothing was written over that.\nthe schema was changed by hand:\n  table shop.orders: column note added (text)\nUndo the change of the schema, write it as a migration, or accept it with 'hybrid db drift --env prod --accept'",
    );
    expect(warned).toEqual([]);
  });

  test("is only told where nothing stops", () => {
    const warned: string[] = [];
    expect(gateBefore(plan, undefined, "hybrid deploy prod", (message) => warned.push(message))).toBe("1 change of the schema by hand; the gate only warns");
    expect(warned).toEqual(["drift in prod:\nthe schema was changed by hand:\n  table shop.orders: column note added (text)"]);
  });
});
