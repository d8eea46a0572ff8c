/** What `policy.yaml` says of migrations, as options of the migrator: for the stack program and for `hybrid db` the same. Pure. */
import type { Policy } from "./policy";
import type { MigrateOptions } from "./postgres/runner";

/** The part of the migrator's options that the policy decides. */
export type MigrationSettings = Pick<MigrateOptions, "directory" | "seedDirectory" | "allowOutOfOrder" | "lockTimeout" | "statementTimeout" | "ignoreDrift" | "onDrift">;

/** Folder of the migrations where the policy names none, from the repository's root. */
const DIRECTORY = "db/migrations";
/** Folder of the seeds where the policy names none. */
const SEED_DIRECTORY = "db/seed";

/** The options of a run; undefined where the policy wants none (no `db`, or `mode: none`). */
export function migrationSettings(policy: Policy): MigrationSettings | undefined {
  const { db } = policy.file;
  return db === undefined || db.mode === "none" ? undefined : folderSettings(policy);
}

/** The same for commands that only look: where the policy wants no migrations, the folder they would be in. */
export function folderSettings({ file: { db }, mode }: Policy): MigrationSettings {
  return {
    directory: db?.migrations_dir ?? DIRECTORY,
    ...(db?.mode === "migrations_and_seed" ? { seedDirectory: db.seed_dir ?? SEED_DIRECTORY } : {}),
    ...(db?.allow_out_of_order === undefined ? {} : { allowOutOfOrder: db.allow_out_of_order }),
    ...(db?.lock_timeout === undefined ? {} : { lockTimeout: db.lock_timeout }),
    ...(db?.statement_timeout === undefined ? {} : { statementTimeout: db.statement_timeout }),
    ...(db?.ignore_drift === undefined ? {} : { ignoreDrift: db.ignore_drift }),
    ...(mode === "strict_fail_on_drift" ? { onDrift: "fail" as const } : {}),
  };
}
