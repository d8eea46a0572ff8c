/** The warehouse of an environment as the `db` commands work on it. */
import { readLocalState } from "../../local/state";
import { ensurePython } from "../../local/python";
import type { Progress } from "../../local/progress";
import { folderSettings, migrationSettings, type MigrationSettings } from "../../provider/migration-settings";
import { dumpSchema } from "../../provider/postgres/dump";
import type { MigrateOptions } from "../../provider/postgres/runner";
import type { ControlEnvironment } from "../environment";

/** Where the files and the database are, as every function of the migrator takes it. */
export type WarehouseOptions = MigrationSettings & Pick<MigrateOptions, "url" | "root">;

/** Options of the migrator by the environment's policy. @throws ConfigError where no database is configured */
export async function warehouseOptions(environment: ControlEnvironment): Promise<WarehouseOptions> {
  return { ...folderSettings(environment.policy), root: environment.root, url: await environment.settings.warehouseUrl() };
}

/** Whether the environment's policy wants migrations to be run at all. */
export function hasMigrations(environment: ControlEnvironment): boolean {
  return migrationSettings(environment.policy) !== undefined;
}

/** Folder of pg_dump and psql: that of the local runtime where the environment has one (undefined: they are on the PATH). */
export async function postgresPrograms({ root, name }: Pick<ControlEnvironment, "root" | "name">, progress: Progress): Promise<string | undefined> {
  return readLocalState(root, name) === undefined ? undefined : (await ensurePython(progress)).postgresBin;
}

/** The schema of the warehouse as text. @throws ConfigError without pg_dump, UserError where it fails */
export async function warehouseDump(environment: ControlEnvironment, progress: Progress, signal?: AbortSignal): Promise<string> {
  const bin = await postgresPrograms(environment, progress);
  return dumpSchema({ url: await environment.settings.warehouseUrl(), ...(bin === undefined ? {} : { bin }), ...(signal === undefined ? {} : { signal }) });
}
