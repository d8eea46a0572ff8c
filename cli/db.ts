/** `hybrid db`: the warehouse's migrations without Pulumi. */
import type { Command } from "commander";
import { pulumiBinary } from "../local/pulumi-cli";
import { EXIT } from "../provider/errors";
import { loadPolicy } from "../provider/policy";
import { acceptDrift, migrationStatus } from "../provider/postgres/runner";
import { findRoot, settingsFor } from "../provider/settings";
import { latestConfig } from "../provider/stack-store";
import { defaultEnvironment } from "./compiled";

interface DriftArguments {
  readonly env: string;
  readonly accept?: true;
  readonly json?: true;
}

export function register(program: Command): void {
  const db = program.command("db").description("The warehouse's migrations.");
  db.command("drift")
    .description("What somebody changed in the warehouse's schema by hand since the last migration. Ends with 2 where there is any.")
    .option("--env <name>", "environment (default from HYBRID_ENV)", defaultEnvironment())
    .option("--accept", "take the schema as it is for the recorded one; prints what was accepted")
    .option("--json", "for scripts: one JSON object on stdout")
    .addHelpText("after", "\nExample:\n  $ hybrid db drift --env prod\n")
    .action(drift);
}

async function drift(options: DriftArguments): Promise<void> {
  const root = findRoot(process.cwd());
  const warn = (message: string): void => void process.stderr.write(`${message}\n`);
  const settings = settingsFor(root, options.env, {}, async (key) => latestConfig(root, options.env, warn, pulumiBinary())(key));
  const { db } = loadPolicy(root, options.env).file;
  const folder = { url: await settings.warehouseUrl(), root, directory: db?.migrations_dir ?? "db/migrations" };
  if (options.accept === true) {
    show(options, { accepted: await acceptDrift(folder) }, "accepted");
    return;
  }
  const ignore = db?.ignore_drift;
  const status = await migrationStatus({ ...folder, ...(ignore === undefined ? {} : { ignoreDrift: ignore }) });
  const found = status.drift.length > 0;
  show(options, { drift: status.drift }, found ? "DB_DRIFT_FOUND" : "NO_DB_DRIFT");
  if (found) {
    process.exitCode = EXIT.difference;
  }
}

function show(options: DriftArguments, result: Readonly<Record<string, readonly string[]>>, headline: string): void {
  const text = options.json === true ? JSON.stringify({ environment: options.env, ...result }) : [headline, ...Object.values(result).flat().map((line) => `  ${line}`)].join("\n");
  process.stdout.write(`${text}\n`);
}
