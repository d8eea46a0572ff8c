/** `hybrid db drift` */
import type { Command } from "commander";
import { warehouseOptions } from "../../control/db/warehouse";
import { openEnvironment } from "../../control/environment";
import { EXIT } from "../../provider/errors";
import { schemaDrift } from "../../provider/postgres/drift";
import { acceptDrift } from "../../provider/postgres/runner";
import { addCommonOptions, show, targetOf, tell, type CommonOptions } from "../options";
import { differenceText } from "./difference";

/** Declares the command. */
export function register(db: Command): void {
  addCommonOptions(db.command("drift").description("What somebody changed in the warehouse's schema by hand since the last migration, object by object. Prints NO_DB_DRIFT, or DB_DRIFT_FOUND and ends with 2."))
    .option("--accept", "take the schema as it is for the recorded one; prints what was accepted")
    .addHelpText("after", "\nExample:\n  $ hybrid db drift --env prod\n")
    .action(run);
}

async function run(options: CommonOptions & { readonly accept?: true }): Promise<void> {
  const { root, environment } = targetOf(options);
  const warehouse = await warehouseOptions(openEnvironment(root, environment, { log: tell }));
  if (options.accept === true) {
    const accepted = await acceptDrift(warehouse);
    show(options, { environment, accepted }, ["accepted", ...accepted.map((line) => `  ${line}`)].join("\n"));
    return;
  }
  const { recordedAt, lines, objects } = await schemaDrift(warehouse);
  if (recordedAt === undefined) {
    tell("no run has recorded the schema of this database yet, so that there is nothing to compare with; 'hybrid db sync' or 'hybrid db baseline' records it");
  }
  const found = lines.length > 0;
  show(options, { environment, recorded_at: recordedAt ?? null, drift: lines, objects }, found ? `DB_DRIFT_FOUND\n${differenceText(objects)}` : "NO_DB_DRIFT");
  if (found) {
    process.exitCode = EXIT.difference;
  }
}
