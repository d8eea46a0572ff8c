/** `hybrid db`: the warehouse's migrations without Pulumi. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { silentProgress } from "../local/progress";
import { pulumiBinary } from "../local/pulumi-cli";
import { ensurePython } from "../local/python";
import { readLocalState } from "../local/state";
import { EXIT, formatProblem } from "../provider/errors";
import { loadPolicy } from "../provider/policy";
import { dumpSchema } from "../provider/postgres/dump";
import { readMigrations, readSeeds } from "../provider/postgres/files";
import { lintScripts } from "../provider/postgres/lint";
import { acceptDrift, migrationStatus, type MigrateOptions } from "../provider/postgres/runner";
import { settingsFor } from "../provider/settings";
import { latestConfig } from "../provider/stack-store";
import { addCommonOptions, show as print, targetOf, tell, type CommonOptions } from "./options";

type DbArguments = CommonOptions;

/** The schema as text, committed: `hybrid compile` looks up a table's columns in it. */
const DUMP_FILE = "db/schema_dump/schema.sql";

/** Declares `hybrid db drift | dump | lint`. */
export function register(program: Command): void {
  const db = program.command("db").description("The warehouse's migrations.");
  const command = (name: string, description: string): Command =>
    addCommonOptions(db.command(name).description(description))
      .addHelpText("after", `\nExample:\n  $ hybrid db ${name} --env prod\n`);
  command("drift", "What somebody changed in the warehouse's schema by hand since the last migration. Ends with 2 where there is any.")
    .option("--accept", "take the schema as it is for the recorded one; prints what was accepted")
    .action(drift);
  command("dump", `Write the warehouse's schema to ${DUMP_FILE}, without what differs between two dumps of the same schema.`)
    .option("--check", "write nothing; ends with 2 where the file is not as the warehouse")
    .action(dump);
  command("lint", "Dangerous DDL in the migrations, as squawk sees it. Needs no server. Ends with 2 where there is any.").action(lint);
}

async function drift(options: DbArguments & { readonly accept?: true }): Promise<void> {
  const { root, url, folder, ignore } = await warehouse(options);
  if (options.accept === true) {
    show(options, { accepted: await acceptDrift({ ...folder, root, url }) }, "accepted");
    return;
  }
  const status = await migrationStatus({ ...folder, root, url, ...(ignore === undefined ? {} : { ignoreDrift: ignore }) });
  const found = status.drift.length > 0;
  show(options, { drift: status.drift }, found ? "DB_DRIFT_FOUND" : "NO_DB_DRIFT");
  if (found) {
    process.exitCode = EXIT.difference;
  }
}

async function dump(options: DbArguments & { readonly check?: true }): Promise<void> {
  const { root, environment, url } = await warehouse(options);
  // The local runtime brings pg_dump; elsewhere it is on the PATH.
  const local = readLocalState(root, environment) === undefined ? undefined : (await ensurePython(silentProgress)).postgresBin;
  const text = await dumpSchema({ url, ...(local === undefined ? {} : { bin: local }) });
  const file = join(root, DUMP_FILE);
  const same = existsSync(file) && readFileSync(file, "utf8") === text;
  if (options.check === true) {
    show(options, { differs: same ? [] : [DUMP_FILE] }, same ? "NO_DB_DRIFT" : "DB_DRIFT_FOUND");
    process.exitCode = same ? EXIT.done : EXIT.difference;
    return;
  }
  if (!same) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  }
  show(options, { written: same ? [] : [DUMP_FILE] }, same ? `${DUMP_FILE} is as the warehouse` : "written");
}

async function lint(options: DbArguments): Promise<void> {
  const { root, environment } = targetOf(options);
  const { db } = loadPolicy(root, environment).file;
  const migrations = readMigrations(root, db?.migrations_dir ?? "db/migrations");
  const seeds = db?.seed_dir === undefined ? { seeds: [], problems: [] } : readSeeds(root, db.seed_dir);
  const timeouts = { lock: db?.lock_timeout !== undefined, statement: db?.statement_timeout !== undefined };
  const found = [...migrations.problems, ...seeds.problems, ...(await lintScripts([...migrations.migrations, ...migrations.repeatables], { root, timeouts }))];
  show(options, { problems: found.map(formatProblem) }, found.length === 0 ? "no problems" : `${found.length} problems`);
  if (found.length > 0) {
    process.exitCode = EXIT.difference;
  }
}

async function warehouse(options: DbArguments): Promise<{ readonly root: string; readonly environment: string; readonly url: string; readonly folder: Pick<MigrateOptions, "directory">; readonly ignore: readonly string[] | undefined }> {
  const { root, environment } = targetOf(options);
  const settings = settingsFor(root, environment, {}, async (key) => latestConfig(root, environment, tell, pulumiBinary())(key));
  const { db } = loadPolicy(root, environment).file;
  return { root, environment, url: await settings.warehouseUrl(), folder: { directory: db?.migrations_dir ?? "db/migrations" }, ignore: db?.ignore_drift };
}

function show(options: DbArguments, result: Readonly<Record<string, readonly string[]>>, headline: string): void {
  print(options, { environment: targetOf(options).environment, ...result }, [headline, ...Object.values(result).flat().map((line) => `  ${line}`)].join("\n"));
}
