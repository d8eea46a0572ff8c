/** The warehouse of an environment as the `db` commands work on it. */
import { readLocalState } from "../../local/state";
import { ensurePython, installedPython } from "../../local/python";
import type { Progress } from "../../local/progress";
import { folderSettings, migrationSettings, type MigrationSettings } from "../../provider/migration-settings";
import { chooseDump, dumpSchema } from "../../provider/postgres/dump";
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

/**
 * Folder of the pg_dump for a database; undefined: the one on the PATH. It must not be older than the server: where the one on the PATH is, that
 * of the local runtime is taken. An environment with a local runtime takes that one first.
 */
export async function dumpPrograms({ root, name }: Pick<ControlEnvironment, "root" | "name">, url: string, progress: Progress): Promise<string | undefined> {
  const local = readLocalState(root, name) !== undefined;
  const bin = local ? (await ensurePython(progress)).postgresBin : installedPython()?.postgresBin;
  const candidates = local ? [bin, undefined] : [undefined, ...(bin === undefined ? [] : [bin])];
  return chooseDump(url, candidates);
}

/** The schema of the warehouse as text. @throws ConfigError without pg_dump, UserError where it fails */
export async function warehouseDump(environment: ControlEnvironment, progress: Progress, signal?: AbortSignal): Promise<string> {
  const url = await environment.settings.warehouseUrl();
  const bin = await dumpPrograms(environment, url, progress);
  return dumpSchema({ url, ...(bin === undefined ? {} : { bin }), ...(signal === undefined ? {} : { signal }) });
}
