/** `hybrid db baseline` */
import type { Command } from "commander";
import { baselineWarehouse, type BaselineResult } from "../../control/db/baseline";
import { openEnvironment } from "../../control/environment";
import { terminalProgress } from "../../local/progress";
import type { Layout } from "../../provider/postgres/files";
import { interruptible } from "../interrupt";
import { addCommonOptions, show, targetOf, tell, type CommonOptions } from "../options";
import { layoutOption } from "./new";

interface Arguments extends CommonOptions {
  readonly version?: string;
  readonly dump?: string;
  readonly layout?: Layout;
}

/** Declares the command. */
export function register(db: Command): void {
  addCommonOptions(db.command("baseline").description("Take over a database that already has its tables: migrations are recorded as applied and not run, and the schema as it is now counts as theirs. Seeds are not recorded: the next sync runs them."))
    .option("--version <version>", "the last migration the database has (default: all of the folder)")
    .option("--dump <name>", "write the schema as the folder's first migration, and record that one; for a folder without migrations")
    .addOption(layoutOption())
    .addHelpText("after", "\nExample:\n  $ hybrid db baseline --env prod --version 20260101120000\n  $ hybrid db baseline --env prod --dump initial\n")
    .action(run);
}

async function run({ version, dump, layout, ...options }: Arguments): Promise<void> {
  const { root, environment } = targetOf(options);
  const opened = openEnvironment(root, environment, { log: tell });
  const given = { ...(version === undefined ? {} : { version }), ...(dump === undefined ? {} : { dump }), ...(layout === undefined ? {} : { layout }) };
  const result = await interruptible("the baseline is given up", (signal) => baselineWarehouse(opened, { ...given, signal, log: (message) => tell(message), progress: terminalProgress() }));
  show(options, { environment, ...result, version: result.version ?? null }, text(result));
}

function text({ adopted, version, objects, written }: BaselineResult): string {
  return [
    ...(written === undefined ? [] : [`written ${written} (without owners and grants)`]),
    ...adopted.map((name) => `recorded ${name}, not run`),
    ...(adopted.length === 0 ? ["every migration was recorded before"] : []),
    `version ${version ?? "none"}; the schema as it is now (${objects} ${objects === 1 ? "object" : "objects"}) is the recorded one`,
  ].join("\n");
}
