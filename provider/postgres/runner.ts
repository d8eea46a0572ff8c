/**
 * The migrator: plan, lock, run, record. Needs no Pulumi: `hybrid db` and tests call it too.
 *
 * Order of a run: `beforeMigrate`, each pending version with `before/afterEachMigrate` around it (in its transaction), `afterVersioned`,
 * `beforeRepeatables`, changed repeatables, changed seeds, `afterMigrateApplied`, `afterMigrate`. What broke off is continued by the next
 * run, as each file is recorded in the transaction it ran in.
 */
import type { Client } from "pg";
import { DriftRefusedError, type Problem } from "../errors";
import type { Severity } from "../resource";
import { acceptLive, recordBaseline, unexplainedDrift } from "./baseline";
import { readCatalog, type CatalogChange } from "./catalog";
import { withClient } from "./connection";
import type { Unit } from "./batch";
import { Execution, type Counted } from "./execution";
import type { MigrationFolder, SqlScript } from "./files";
import type { CallbackEvent } from "./flyway";
import { checkScripts } from "./parser";
import { isEmptyPlan, planRun, type Plan } from "./plan";
import { readFiles, refuse, relevantDrift, sessionSettings, type Files } from "./preparation";
import { cancellable, takeLock } from "./session";
import { ensureTracking, forgetFile, readRecords, recordFile, recordName, recordVersion, type Records } from "./tracking";

/** Where the files and the warehouse are, and the rules of a run. */
export interface MigrateOptions {
  /** The warehouse, with its password. */
  readonly url: string;
  /** Absolute path of the repository. */
  readonly root: string;
  /** From the root, with `/`. */
  readonly directory: string;
  /** From the root; default: no seeds. */
  readonly seedDirectory?: string;
  /** Run a pending migration whose version is lower than an applied one. Default: that is an error. */
  readonly allowOutOfOrder?: boolean;
  /** As PostgreSQL writes them (`5s`, `500ms`) or milliseconds. Default: the server's setting. */
  readonly lockTimeout?: string;
  /** As `lockTimeout`. */
  readonly statementTimeout?: string;
  /** Milliseconds to wait for another run to end. Default 60,000. */
  readonly waitForLock?: number;
  /** What manual DDL means: a warning (default), or that nothing is run. */
  readonly onDrift?: "warn" | "fail";
  /** Objects whose drift is nobody's business, as `schema.name` with `*` (`staging.*`). */
  readonly ignoreDrift?: readonly string[];
  /** Look for manual DDL even if there is nothing to run. Default: only with something to run. */
  readonly checkDrift?: boolean;
  /** Called after each migration and repeatable migration, when it is committed; they then run one by one. For looking at what each does. */
  readonly afterEach?: (script: SqlScript) => Promise<void>;
  /** Cancels the running statement; its transaction is rolled back. */
  readonly signal?: AbortSignal;
  readonly log?: (message: string, severity: Severity) => void;
}

/** What a run did. */
export interface MigrateResult {
  /** Highest version that is applied; undefined where there is none. */
  readonly version: string | undefined;
  /** File names, in the order they ran. */
  readonly applied: readonly string[];
  /** File names of what was recorded and not run (`Plan.adopt`). */
  readonly adopted: readonly string[];
  readonly repeatables: readonly string[];
  readonly seeds: readonly string[];
  /** Manual DDL that is still there after the run and explained by nothing; empty where it was not looked for. */
  readonly drift: readonly string[];
  /** Hash of the recorded schema. */
  readonly schema: string;
}

/** How things stand, without changing anything. */
export interface MigrationStatus {
  readonly folder: MigrationFolder;
  readonly seeds: readonly SqlScript[];
  readonly records: Records;
  readonly plan: Plan;
  readonly drift: readonly string[];
  /** What is wrong in the files themselves. */
  readonly problems: readonly Problem[];
}

/** How long a run waits for another to end, in milliseconds, where nobody says otherwise. */
export const WAIT_FOR_LOCK = 60_000;

function lines(changes: readonly CatalogChange[]): string[] {
  return changes.map((change) => change.line);
}

/** Everything a run may execute, so that all of it is parsed before any of it runs. */
function scriptsOf({ folder }: Files, plan: Plan): SqlScript[] {
  return [...plan.pending, ...plan.repeatables, ...plan.seeds, ...folder.callbacks];
}

async function runPlan(execution: Execution, { folder }: Files, plan: Plan, { afterEach }: MigrateOptions): Promise<void> {
  const callbacks = (event: CallbackEvent): readonly SqlScript[] => folder.callbacks.filter((callback) => callback.event === event);
  const each = (main: SqlScript, records: readonly string[]) => ({ main, records, scripts: [...callbacks("beforeEachMigrate"), main, ...callbacks("afterEachMigrate")] });
  const run = async (units: readonly Unit[], counted: Counted): Promise<void> => {
    if (afterEach === undefined) {
      return execution.run(units, counted);
    }
    for (const unit of units) {
      await execution.run([unit], counted);
      await afterEach(unit.main);
    }
  };
  const alone = (scripts: readonly SqlScript[]) => scripts.map((main) => ({ main, records: [], scripts: [main] }));
  try {
    await execution.run(alone(callbacks("beforeMigrate")));
    try {
      await run(plan.pending.map((migration) => each(migration, recordVersion(migration))), "applied");
      await execution.run(alone(callbacks("afterVersioned")));
      await execution.run(alone(callbacks("beforeRepeatables")));
      await run(plan.repeatables.map((script) => each(script, [recordFile("repeatable", script)])), "repeatables");
    } catch (error) {
      await execution.runAfterFailure(alone(callbacks("afterEachMigrateError")));
      throw error;
    }
    await execution.run(plan.seeds.map((main) => ({ main, scripts: [main], records: [recordFile("seed", main)] })), "seeds");
    await execution.run(execution.done.applied.length + execution.done.repeatables.length > 0 ? alone(callbacks("afterMigrateApplied")) : []);
    await execution.run(alone(callbacks("afterMigrate")));
  } catch (error) {
    await execution.runAfterFailure(alone(callbacks("afterMigrateError")));
    throw error;
  }
}

function bookkeeping(plan: Plan): string[] {
  return [
    ...plan.adopt.flatMap((migration) => recordVersion(migration, true)),
    ...plan.renamed.map(recordName),
    ...plan.forget.map(({ kind, name }) => forgetFile(kind, name)),
  ];
}

async function runLocked(client: Client, pid: number, options: MigrateOptions, files: Files): Promise<MigrateResult> {
  const log = options.log ?? (() => undefined);
  const records = await readRecords(client);
  const plan = planRun(files.folder, files.seeds, records, options);
  refuse(plan.problems, options.log);
  const idle = isEmptyPlan(plan);
  const nothing: MigrateResult = { version: plan.version, applied: [], adopted: [], repeatables: [], seeds: [], drift: [], schema: records.baseline?.hash ?? "" };
  if (idle && files.folder.callbacks.length === 0 && records.baseline !== undefined && options.checkDrift !== true) {
    return nothing;
  }
  refuse(await checkScripts(scriptsOf(files, plan)), options.log);
  const before = await readCatalog(client);
  const drift = lines(relevantDrift(unexplainedDrift(records, files.folder, before), options));
  if (drift.length > 0 && options.onDrift === "fail" && !idle) {
    throw new DriftRefusedError(`the database was changed by hand, and this environment does not migrate over that (onDrift: fail):\n${drift.map((line) => `  ${line}`).join("\n")}\nNothing was run. Undo the change, write it as a migration, or accept it with 'hybrid db drift --env <env> --accept'`);
  }
  if (!records.tables) {
    await ensureTracking(client);
  }
  const execution = new Execution(client, options.url, sessionSettings(options), options.signal, log);
  const finish = (): ReturnType<typeof recordBaseline> => recordBaseline(client, records, files.folder, before, execution.ran.map((script) => script.sql));
  await cancellable(options.url, pid, options.signal, async () => {
    await execution.book(bookkeeping(plan));
    try {
      await runPlan(execution, files, plan, options);
    } catch (error) {
      await execution.afterFailure(async () => (execution.ran.length > 0 ? finish() : undefined));
      throw error;
    }
    await execution.book(plan.callbacks.map((callback) => recordFile("callback", callback)));
  });
  plan.adopt.forEach((migration) => log(`adopted ${migration.name}: it was applied before, not by this tool; its present checksum is recorded`, "info"));
  const { applied, repeatables, seeds } = execution.done;
  const done = { ...nothing, applied, repeatables, seeds, adopted: plan.adopt.map((migration) => migration.name) };
  if (idle && records.baseline !== undefined && execution.ran.length === 0) {
    return { ...done, drift };
  }
  const recorded = await finish();
  return { ...done, drift: lines(relevantDrift(recorded.drift, options)), schema: recorded.hash };
}

/**
 * Brings the database up to the folder. Throws before anything runs where folder, records or policy forbid it (ProblemsError,
 * DriftRefusedError), and a FailedMigrationError, CancelledError or ConnectionError where a file did not finish.
 */
export async function migrate(options: MigrateOptions): Promise<MigrateResult> {
  const files = readFiles(options);
  refuse(files.problems, options.log);
  return withClient(options.url, async (client) => {
    const pid = await takeLock(client, options.url, options.waitForLock ?? WAIT_FOR_LOCK, options.signal, () => options.log?.("waiting for another run to finish migrating", "info"));
    return runLocked(client, pid, options, files);
  });
}

/** How folder and database stand to each other. Changes nothing, waits for nobody; `problems` and `plan.problems` are not thrown. */
export async function migrationStatus(options: Pick<MigrateOptions, "url" | "root" | "directory" | "seedDirectory" | "allowOutOfOrder" | "ignoreDrift">): Promise<MigrationStatus> {
  const files = readFiles(options);
  return withClient(options.url, async (client) => {
    const records = await readRecords(client);
    const plan = planRun(files.folder, files.seeds, records, options);
    return { ...files, records, plan, drift: lines(relevantDrift(unexplainedDrift(records, files.folder, await readCatalog(client)), options)) };
  });
}

/** Makes what was changed by hand the recorded schema, so that it is reported no more. Returns the lines that were accepted. */
export async function acceptDrift(options: Pick<MigrateOptions, "url" | "root" | "directory" | "waitForLock">): Promise<readonly string[]> {
  const { folder } = readFiles(options);
  return withClient(options.url, async (client) => {
    await takeLock(client, options.url, options.waitForLock ?? WAIT_FOR_LOCK, undefined, () => undefined);
    const records = await readRecords(client);
    if (!records.tables) {
      await ensureTracking(client);
    }
    return acceptLive(client, records, folder);
  });
}
