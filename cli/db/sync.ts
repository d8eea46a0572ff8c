/** `hybrid db sync` */
import type { Command } from "commander";
import { syncWarehouse, type SyncResult } from "../../control/db/sync";
import { openEnvironment } from "../../control/environment";
import { interruptible } from "../interrupt";
import { addCommonOptions, show, targetOf, tell, type CommonOptions } from "../options";

/** Declares the command. */
export function register(db: Command): void {
  addCommonOptions(db.command("sync").description("Bring the warehouse up to the files: pending migrations, then seeds whose text changed, as policy.yaml says. Prints DB_OK and what ran. Where the schema was changed by hand, a strict environment runs nothing that is pending, and it ends with 3."))
    .addHelpText("after", "\nExample:\n  $ hybrid db sync --env prod\n")
    .action(run);
}

async function run(options: CommonOptions): Promise<void> {
  const { root, environment } = targetOf(options);
  const opened = openEnvironment(root, environment, { log: tell });
  const result = await interruptible("the migration under way is cancelled and rolled back", (signal) => syncWarehouse(opened, { signal, log: (message) => tell(message) }));
  if (!("skipped" in result) && result.drift.length > 0) {
    tell(`the database was changed by hand, and that is not undone by migrating; 'hybrid db drift --env ${environment}' says what:\n${result.drift.map((line) => `  ${line}`).join("\n")}`);
  }
  show(options, { environment, ok: true, ...result }, ["DB_OK", ...lines(result).map((line) => `  ${line}`)].join("\n"));
}

function lines(result: SyncResult): string[] {
  if ("skipped" in result) {
    return [result.skipped];
  }
  const ran = [
    ...result.adopted.map((name) => `adopted ${name}`),
    ...[...result.applied, ...result.repeatables].map((name) => `applied ${name}`),
    ...result.seeds.map((name) => `seeded ${name}`),
  ];
  return [...(ran.length === 0 ? ["nothing to run"] : ran), `version ${result.version ?? "none"}`];
}
