/** Brings the warehouse of an environment up to the files, as its policy says. */
import { migrate, type MigrateOptions, type MigrateResult } from "../../provider/postgres/runner";
import type { ControlEnvironment } from "../environment";
import { hasMigrations, warehouseOptions } from "./warehouse";

/** What `syncWarehouse` did; `skipped`: the policy wants no migrations, and why. */
export type SyncResult = MigrateResult | { readonly skipped: string };

/**
 * Runs pending migrations, changed repeatable migrations and, where the policy says so, changed seeds. Manual DDL is looked for also
 * where nothing is pending: with `strict_fail_on_drift` nothing is migrated over it.
 * @throws ProblemsError, DriftRefusedError (exit code 3), FailedMigrationError, ConnectionError, ConfigError
 */
export async function syncWarehouse(environment: ControlEnvironment, options: Pick<MigrateOptions, "signal" | "log"> = {}): Promise<SyncResult> {
  if (!hasMigrations(environment)) {
    const { db } = environment.policy.file;
    return { skipped: db === undefined ? "policy.yaml has no 'db', so that nothing is migrated" : "db.mode in policy.yaml is 'none', so that nothing is migrated" };
  }
  return migrate({ ...(await warehouseOptions(environment)), checkDrift: true, ...options });
}
