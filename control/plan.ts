/** What an apply would do, and what it would meet: pending migrations, changes of assets, drift. Reads only. */
import { formatProblem } from "../provider/errors";
import { NO_SERVER } from "../provider/kinds/fields";
import { migrationSettings } from "../provider/migration-settings";
import type { Policy } from "../provider/policy";
import { migrationStatus } from "../provider/postgres/runner";
import type { ControlEnvironment } from "./environment";
import { isDrifted, workspaceStatus, type AssetStatus } from "./status";

/** What an apply does with one asset; `overwrite`: with what somebody made in Superset. */
export type Action = "create" | "update" | "delete" | "overwrite";

/** An asset that an apply would change. */
export interface PlannedAsset extends AssetStatus {
  readonly action: Action;
}

/** The changes people see on one page, or on none. */
export interface PlanGroup {
  /** `dashboard 'Overview (prod)'`; undefined for what no page shows. */
  readonly page: string | undefined;
  readonly assets: readonly PlannedAsset[];
}

/** The warehouse's part of a plan. */
export interface MigrationPlan {
  /** Files by name, in the order they run. */
  readonly pending: readonly string[];
  readonly repeatables: readonly string[];
  readonly seeds: readonly string[];
  /** Applied before by another tool: their checksums are recorded, they do not run. */
  readonly adopted: readonly string[];
  /** Why nothing may run. */
  readonly problems: readonly string[];
  /** What was changed in the schema by hand. */
  readonly drift: readonly string[];
}

/** A plan. */
export interface Plan {
  readonly environment: string;
  readonly mode: Policy["mode"];
  /** Undefined where the policy runs no migrations. */
  readonly migrations: MigrationPlan | undefined;
  /** Pages by name, what is on none last; an asset stands in every group whose page shows it. */
  readonly groups: readonly PlanGroup[];
  readonly assets: readonly PlannedAsset[];
  /** Whether the policy lets an apply begin: false with drift in a strict environment. */
  readonly allowed: boolean;
}

/** Makes the plan of an environment. @throws what configuration, compilation, Superset, PostgreSQL and the Pulumi CLI throw */
export async function makePlan(env: ControlEnvironment): Promise<Plan> {
  const [status, migrations] = await Promise.all([workspaceStatus(env), migrationPlan(env)]);
  const assets = status.assets.flatMap((asset) => planned(asset, env.policy) ?? []);
  const strict = env.policy.mode === "strict_fail_on_drift";
  const allowed = !strict || !(assets.some(isDrifted) || (migrations !== undefined && migrations.drift.length > 0 && hasWork(migrations)));
  return { environment: env.name, mode: env.policy.mode, migrations, groups: grouped(status.assets, assets), assets, allowed };
}

/** Whether an apply would change nothing, and there is nothing to tell. */
export function isEmptyPlan({ assets, migrations }: Plan): boolean {
  return assets.length === 0 && (migrations === undefined || (!hasWork(migrations) && migrations.drift.length === 0 && migrations.problems.length === 0));
}

function hasWork({ pending, repeatables, seeds, adopted }: MigrationPlan): boolean {
  return [pending, repeatables, seeds, adopted].some((list) => list.length > 0);
}

async function migrationPlan({ root, policy, settings }: ControlEnvironment): Promise<MigrationPlan | undefined> {
  const options = migrationSettings(policy);
  if (options === undefined) {
    return undefined;
  }
  const { plan, problems, drift } = await migrationStatus({ ...options, root, url: await settings.warehouseUrl() });
  const names = (scripts: readonly { readonly name: string }[]): string[] => scripts.map(({ name }) => name);
  return {
    pending: names(plan.pending),
    repeatables: names(plan.repeatables),
    seeds: names(plan.seeds),
    adopted: names(plan.adopt),
    problems: [...problems, ...plan.problems].filter(({ severity }) => severity !== "warning").map(formatProblem),
    drift,
  };
}

/** Nothing to do for an asset that is as it should be, or that stays by policy. */
function planned(asset: AssetStatus, policy: Policy): PlannedAsset | undefined {
  if (asset.standing === "same" || (asset.desired === undefined && policy.onRemove === "retain")) {
    return undefined;
  }
  if (isDrifted(asset)) {
    return { ...asset, action: "overwrite" };
  }
  return { ...asset, action: asset.live === undefined ? "create" : asset.desired === undefined ? "delete" : "update" };
}

function grouped(all: readonly AssetStatus[], changed: readonly PlannedAsset[]): PlanGroup[] {
  const byUuid = new Map(all.map((asset) => [asset.uuid, asset]));
  const changes = new Map(changed.map((asset) => [asset.uuid, asset]));
  const shown = new Set<string>();
  const groups = all
    .filter(({ kind }) => kind.page === true)
    .map((page): PlanGroup => {
      const assets = reached(page, byUuid).flatMap((uuid) => changes.get(uuid) ?? []);
      assets.forEach(({ uuid }) => shown.add(uuid));
      return { page: `${page.kind.name} '${page.name}'`, assets };
    })
    .filter(({ assets }) => assets.length > 0)
    .sort((left, right) => ((left.page ?? "") < (right.page ?? "") ? -1 : 1));
  const rest = changed.filter(({ uuid }) => !shown.has(uuid));
  return rest.length === 0 ? groups : [...groups, { page: undefined, assets: rest }];
}

/** The page itself and everything it needs, as Git wants it and as Superset has it. */
function reached(page: AssetStatus, byUuid: ReadonlyMap<string, AssetStatus>): string[] {
  const found = new Set([page.uuid]);
  for (const uuid of found) {
    const asset = byUuid.get(uuid);
    for (const form of asset === undefined ? [] : [asset.desired, asset.live]) {
      if (form !== undefined && asset !== undefined) {
        // Export form: the canonical one keeps some lists as mappings.
        asset.kind.references(asset.kind.rules.wire(form, NO_SERVER)).forEach((reference) => found.add(reference.uuid));
      }
    }
  }
  return [...found];
}
