/** The drift gates of a deploy: what was changed behind Git's back, before an apply and after it. */
import { DriftRefusedError, EXIT, UserError } from "../provider/errors";
import { MODE_VARIABLE, type Policy } from "../provider/policy";
import { fieldLines } from "../provider/report";
import { counted, whatHappened } from "./drift-plan";
import type { Plan } from "./plan";
import { isDrifted, type AssetStatus } from "./status";

/** After an apply, an environment is not as Git wants it. */
export class NotAsAppliedError extends UserError {
  override readonly exitCode = EXIT.difference;
}

/**
 * Why drift stops a run before it writes anything, in words; undefined where it is only shown. A strict environment is stopped whatever its gate:
 * the apply would refuse, with the migrations run before it.
 */
export function stoppedByDrift({ mode, driftGate }: Pick<Policy, "mode" | "driftGate">): string | undefined {
  return mode === "strict_fail_on_drift" ? `its policy is ${mode}` : driftGate === "fail" ? "its drift_gate is fail" : undefined;
}

/**
 * Before an apply: edits in Superset that it would overwrite (the same that the engine's gate refuses in a strict environment), and DDL by hand.
 * @param stopped see `stoppedByDrift`
 * @param command what people type to do it all the same: `hybrid deploy prod`
 * @param warn told what was found where nothing stops
 * @returns one line
 * @throws DriftRefusedError where there is drift and it stops
 */
export function gateBefore(plan: Plan, stopped: string | undefined, command: string, warn: (message: string) => void): string {
  const assets = plan.assets.filter(isDrifted);
  const schema = plan.migrations?.drift ?? [];
  if (assets.length + schema.length === 0) {
    return "no drift";
  }
  const found = findings(assets, schema);
  if (stopped === undefined) {
    warn([`drift in ${plan.environment}:`, ...found].join("\n"));
    return `${driftCount(assets.length, schema.length)}; the gate only warns`;
  }
  const ways = [
    ...(assets.length === 0 ? [] : [`Take the edits into Git (hybrid export-to-pr ${plan.environment}), or write Git's version over them, for one run: ${MODE_VARIABLE}=overwrite_git_wins ${command}`]),
    ...(schema.length === 0 ? [] : [`Undo the change of the schema, write it as a migration, or accept it with 'hybrid db drift --env ${plan.environment} --accept'`]),
  ];
  throw new DriftRefusedError(
    [`refused: '${plan.environment}' was changed since the last apply, and ${stopped}. Nothing was written over that.`, ...found, ...ways].join("\n"),
  );
}

/**
 * After an apply: everything that is not as Git wants it, whoever made it so.
 * @returns one line
 * @throws NotAsAppliedError where the gate is `fail`
 */
export function checkAfter(plan: Plan, { driftGate }: Pick<Policy, "driftGate">, warn: (message: string) => void): string {
  const schema = plan.migrations?.drift ?? [];
  const undone = [...(plan.migrations?.pending ?? []), ...(plan.migrations?.repeatables ?? []), ...(plan.migrations?.seeds ?? [])];
  const others = plan.assets.filter((asset) => !isDrifted(asset)).map(({ label, action }) => `${label} is still to be written (${action})`);
  if (plan.assets.length + schema.length + undone.length === 0) {
    return "as Git wants it";
  }
  const found = [...findings(plan.assets.filter(isDrifted), schema), ...others, ...undone.map((name) => `${name} is still to be run`)];
  const text = [`after the apply, '${plan.environment}' is not as Git wants it:`, ...found].join("\n");
  if (driftGate === "fail") {
    throw new NotAsAppliedError(`${text}\nSomebody was at work meanwhile: look at it with 'hybrid plan --env ${plan.environment}', and run it again`);
  }
  warn(text);
  return "not as Git wants it; the gate only warns";
}

function findings(assets: readonly AssetStatus[], schema: readonly string[]): string[] {
  return [
    ...assets.map((asset) => [whatHappened(asset), ...changesOf(asset)].join("\n")),
    ...(schema.length === 0 ? [] : [["the schema was changed by hand:", ...schema.map((line) => `  ${line}`)].join("\n")]),
  ];
}

/** applied → Superset; of an asset that was never applied from here, Superset → Git. */
function changesOf({ standing, assessment }: AssetStatus): string[] {
  const changes = standing === "foreign" ? assessment.pending : assessment.drift;
  return assessment.deleted || changes.length === 0 ? [] : [fieldLines(changes)];
}

function driftCount(assets: number, schema: number): string {
  return [...(assets === 0 ? [] : [`${counted(assets, "asset")} changed in Superset`]), ...(schema === 0 ? [] : [`${counted(schema, "change")} of the schema by hand`])].join(", ");
}
