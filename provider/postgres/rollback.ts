/**
 * Taking migrations back: the down part of dbmate's files, or Flyway's undo files, newest first, each in one transaction with its record.
 * Only what the files say is undone; seeds, repeatable migrations and callbacks are not run. The recorded schema follows, so that a
 * rollback is no drift.
 */
import type { Client } from "pg";
import { MigrationError, type Problem } from "../errors";
import { recordBaseline } from "./baseline";
import { readCatalog } from "./catalog";
import { withClient } from "./connection";
import { Execution } from "./execution";
import { compareVersions, type Migration, type MigrationFolder, type SqlScript } from "./files";
import { checkScripts } from "./parser";
import { sameChecksum, shortChecksum } from "./plan";
import { readFiles, refuse, relevantDrift, sessionSettings } from "./preparation";
import { WAIT_FOR_LOCK, type MigrateOptions } from "./runner";
import { cancellable, takeLock } from "./session";
import { ensureTracking, FORGET_RUNS, forgetVersion, readRecords, type AppliedVersion, type Records } from "./tracking";

type Options = Pick<MigrateOptions, "url" | "root" | "directory" | "lockTimeout" | "statementTimeout" | "waitForLock" | "ignoreDrift" | "signal" | "log">;

/** A migration that can be taken back. */
export interface Undoable extends Migration {
  readonly undo: SqlScript;
}

/** What a rollback would run. */
export interface RollbackPlan {
  /** Newest first. */
  readonly migrations: readonly Undoable[];
  /** Why it cannot run. */
  readonly problems: readonly Problem[];
}

/** What a rollback did. */
export interface RollbackResult {
  /** File names, in the order they were taken back. */
  readonly undone: readonly string[];
  /** Highest version that is still applied; undefined where there is none. */
  readonly version: string | undefined;
  /** Manual DDL that is still there and explained by nothing. */
  readonly drift: readonly string[];
}

const NO_WAY_BACK: Readonly<Record<"dbmate" | "plain" | "flyway", string>> = {
  dbmate: "has no SQL below '-- migrate:down', so that it cannot be rolled back",
  plain: "is plain SQL, which has no way back",
  flyway: "has no undo file (U<version>__<name>.sql), so that it cannot be rolled back",
};

/** The `steps` applied versions that would be taken back, newest first. Pure. */
export function planRollback(folder: MigrationFolder, records: Pick<Records, "versions">, steps: number): RollbackPlan {
  const newest = [...records.versions].sort((left, right) => compareVersions(folder.layout, right.version, left.version)).slice(0, steps);
  const found = newest.map((record) => undoable(folder, record));
  return { migrations: found.flatMap((one) => ("undo" in one ? [one] : [])), problems: found.flatMap((one) => ("undo" in one ? [] : [one])) };
}

function undoable(folder: MigrationFolder, record: AppliedVersion): Undoable | Problem {
  const migration = folder.migrations.find(({ version }) => version === record.version);
  if (migration === undefined) {
    return { file: folder.directory, message: `has no file for version ${record.version}${record.file === undefined ? "" : ` (${record.file})`}, which is applied and would be rolled back. Put the file back from Git's history` };
  }
  if (record.checksum !== undefined && !sameChecksum(record.checksum, migration.checksum)) {
    return { file: migration.file, message: `was edited after it was applied (applied checksum ${shortChecksum(record.checksum)}, now ${shortChecksum(migration.checksum)}): its way back may not be that of what was applied. Put the applied text back` };
  }
  return migration.undo === undefined
    ? { file: migration.file, message: `${NO_WAY_BACK[folder.layout ?? "plain"]}; write its opposite as a new migration, with 'hybrid db new'` }
    : { ...migration, undo: migration.undo };
}

/** What `rollback` would do. Changes nothing. @throws ProblemsError where the files are wrong or one of the versions has no way back */
export async function rollbackPlan(options: Options, steps: number): Promise<readonly Undoable[]> {
  const { folder, problems } = readFiles({ root: options.root, directory: options.directory });
  refuse(problems, options.log);
  return withClient(options.url, async (client) => checkedPlan(folder, await readRecords(client), steps, options));
}

async function checkedPlan(folder: MigrationFolder, records: Records, steps: number, options: Options): Promise<readonly Undoable[]> {
  if (records.flywayVersions.length > 0) {
    throw new MigrationError("the database was migrated by Flyway, and its versions are not recorded here yet. Nothing was rolled back; record them with 'hybrid db baseline', and run again");
  }
  const plan = planRollback(folder, records, steps);
  refuse(plan.problems, options.log);
  refuse(await checkScripts(plan.migrations.map(({ undo }) => undo)), options.log);
  return plan.migrations;
}

/**
 * Takes back the versions that `rollbackPlan` gave.
 * @param versions what the person has agreed to, newest first
 * @throws ProblemsError, MigrationError where the database has changed since the plan, FailedMigrationError where a file fails
 */
export async function rollback(options: Options, versions: readonly string[]): Promise<RollbackResult> {
  const { folder, problems } = readFiles({ root: options.root, directory: options.directory });
  refuse(problems, options.log);
  return withClient(options.url, async (client) => {
    const pid = await takeLock(client, options.url, options.waitForLock ?? WAIT_FOR_LOCK, options.signal, () => options.log?.("waiting for another run to finish migrating", "info"));
    const records = await readRecords(client);
    const plan = await checkedPlan(folder, records, versions.length, options);
    if (plan.map(({ version }) => version).join() !== versions.join()) {
      throw new MigrationError(`another run has migrated or rolled back meanwhile: the newest versions are now ${plan.map(({ name }) => name).join(", ") || "none"}. Nothing was rolled back; run again`);
    }
    return runRollback(client, pid, options, folder, records, plan);
  });
}

async function runRollback(client: Client, pid: number, options: Options, folder: MigrationFolder, records: Records, plan: readonly Undoable[]): Promise<RollbackResult> {
  if (!records.tables) {
    await ensureTracking(client);
  }
  const before = await readCatalog(client);
  const execution = new Execution(client, options.url, sessionSettings(options), options.signal, options.log ?? (() => undefined));
  const finish = (): ReturnType<typeof recordBaseline> => recordBaseline(client, records, folder, before, execution.ran.map((script) => script.sql));
  await cancellable(options.url, pid, options.signal, async () => {
    try {
      await execution.run(plan.map(({ undo, version }) => ({ main: undo, scripts: [undo], records: [...forgetVersion(version), FORGET_RUNS] })), "undone");
    } catch (error) {
      await execution.afterFailure(async () => (execution.ran.length > 0 ? finish() : undefined));
      throw error;
    }
  });
  const { drift } = await finish();
  const left = records.versions.map(({ version }) => version).filter((version) => !plan.some((one) => one.version === version));
  return { undone: execution.done.undone, version: left.sort((a, b) => compareVersions(folder.layout, a, b)).at(-1), drift: relevantDrift(drift, options).map(({ line }) => line) };
}
