/** `hybrid db dump` */
import type { Command } from "commander";
import { DUMP_FILE, isDumpCurrent, writeDump } from "../../control/db/dump";
import { openEnvironment } from "../../control/environment";
import { silentProgress } from "../../local/progress";
import { EXIT } from "../../provider/errors";
import { addCommonOptions, show, targetOf, tell, type CommonOptions } from "../options";

/** Declares the command. */
export function register(db: Command): void {
  addCommonOptions(db.command("dump").description(`Write the warehouse's schema to ${DUMP_FILE}, without what differs between two dumps of the same schema.`))
    .option("--check", "write nothing; ends with 2 where the file is not as the warehouse")
    .addHelpText("after", "\nExample:\n  $ hybrid db dump --env prod\n")
    .action(run);
}

async function run(options: CommonOptions & { readonly check?: true }): Promise<void> {
  const { root, environment } = targetOf(options);
  const opened = openEnvironment(root, environment, { log: tell });
  if (options.check === true) {
    const same = await isDumpCurrent(opened, silentProgress);
    show(options, { environment, differs: same ? [] : [DUMP_FILE] }, same ? "NO_DB_DRIFT" : `DB_DRIFT_FOUND\n  ${DUMP_FILE}`);
    process.exitCode = same ? EXIT.done : EXIT.difference;
    return;
  }
  const written = await writeDump(opened, silentProgress);
  show(options, { environment, written: written ? [DUMP_FILE] : [] }, written ? `written\n  ${DUMP_FILE}` : `${DUMP_FILE} is as the warehouse`);
}
