/** Drift of an environment: what somebody made in Superset that Git does not have. Pure but for `driftPlan`, which looks. */
import { fieldLines } from "../provider/report";
import type { ControlEnvironment } from "./environment";
import { isDrifted, workspaceStatus, type AssetStatus, type UnmanagedAsset } from "./status";
import { unifiedDiff } from "./unified";

/** What a look at an environment found. */
export interface DriftPlan {
  readonly environment: string;
  /** Assets that Superset holds otherwise than Git and the last apply. */
  readonly drifted: readonly AssetStatus[];
  /** Assets that only Git has changed: an apply writes them. */
  readonly pending: readonly AssetStatus[];
  /** Assets that Git does not know. */
  readonly unmanaged: readonly UnmanagedAsset[];
}

/** Looks at Superset, Git and the stack's state; writes nothing and does not run Pulumi's engine. */
export async function driftPlan(env: ControlEnvironment): Promise<DriftPlan> {
  const { assets, unmanaged } = await workspaceStatus(env);
  return { environment: env.name, drifted: assets.filter(isDrifted), pending: assets.filter(({ standing }) => standing === "pending"), unmanaged };
}

/** `chart 'Revenue' (…) was edited in Superset by Ada Lovelace at 2026-11-21T10:00:00.000Z`. */
export function whatHappened({ label, standing, editor, assessment, desired }: AssetStatus): string {
  const who = editor === undefined ? "" : ` by ${editor.name} at ${editor.at}`;
  if (assessment.deleted) {
    return `${label} was deleted in Superset`;
  }
  if (standing === "foreign") {
    return `${label} is in Superset in another form, and was never applied from here${who === "" ? "" : `; last changed${who}`}`;
  }
  const edited = `${label} was edited in Superset${who}`;
  return desired === undefined ? `${edited}, and its template was removed` : edited;
}

/** One asset: what happened, the diff from the last apply (without one: from Git) to Superset, and what Git changed meanwhile. */
export function driftText(asset: AssetStatus): string {
  const { path, memory, desired, live, standing, inGit } = asset;
  const base = memory === undefined ? "git" : "applied";
  const diff = unifiedDiff([`${base}/${path}.yaml`, `superset/${path}.yaml`], [memory?.applied ?? desired, live]);
  const meanwhile = standing === "conflict" ? `conflict: Git has changed it too since the last apply${desired === undefined ? " (its template was removed)" : `:\n${fieldLines(inGit)}`}\n` : "";
  return `${whatHappened(asset)}\n${diff}${meanwhile}`;
}

/** The whole plan as people read it; its first word is for scripts. */
export function driftPlanText({ drifted, pending, unmanaged }: DriftPlan, showUnmanaged: boolean): string {
  const lines = [drifted.length === 0 ? "NO_DRIFT" : "DRIFT_FOUND", ...drifted.map((asset) => driftText(asset).trimEnd())];
  if (pending.length > 0) {
    lines.push(`${counted(pending.length, "asset")} changed in Git only, and not applied yet: hybrid plan names the fields`);
  }
  if (showUnmanaged) {
    lines.push(unmanaged.length === 0 ? "Git knows every asset of this Superset." : `${counted(unmanaged.length, "asset")} that Git does not know:`, ...unmanaged.map(({ kind, name, uuid }) => `  ${kind.name} '${name}' [${uuid}]`));
  }
  return lines.join("\n");
}

/** The same for scripts. `changes`: applied (without an apply: Git) → Superset, or Superset → Git for one that was never applied. */
export function driftPlanData({ environment, drifted, pending, unmanaged }: DriftPlan): Readonly<Record<string, unknown>> {
  return {
    environment,
    drift: drifted.length > 0,
    assets: drifted.map(assetData),
    pending: pending.map(({ kind, uuid, name, source }) => ({ kind: kind.name, uuid, name, source })),
    unmanaged: unmanaged.map(({ kind, uuid, name }) => ({ kind: kind.name, uuid, name })),
  };
}

function assetData({ kind, uuid, name, source, standing, assessment, inGit, editor }: AssetStatus): Readonly<Record<string, unknown>> {
  return { kind: kind.name, uuid, name, source, standing, deleted: assessment.deleted, editor, changes: standing === "foreign" ? assessment.pending : assessment.drift, changed_in_git: inGit };
}

/** `1 asset`, `3 assets`. */
export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
