/** `hybrid db lint` */
import type { Command } from "commander";
import { EXIT, formatProblem } from "../../provider/errors";
import { folderSettings } from "../../provider/migration-settings";
import { loadPolicy } from "../../provider/policy";
import { readMigrations, readSeeds } from "../../provider/postgres/files";
import { lintScripts } from "../../provider/postgres/lint";
import { addCommonOptions, show, targetOf, type CommonOptions } from "../options";

/** Declares the command. */
export function register(db: Command): void {
  addCommonOptions(db.command("lint").description("Dangerous DDL in the migrations, as squawk sees it. Needs no server. Ends with 2 where there is any."))
    .addHelpText("after", "\nExample:\n  $ hybrid db lint\n")
    .action(run);
}

async function run(options: CommonOptions): Promise<void> {
  const { root, environment } = targetOf(options);
  const settings = folderSettings(loadPolicy(root, environment));
  const migrations = readMigrations(root, settings.directory);
  const seeds = settings.seedDirectory === undefined ? { problems: [] } : readSeeds(root, settings.seedDirectory);
  const timeouts = { lock: settings.lockTimeout !== undefined, statement: settings.statementTimeout !== undefined };
  const found = [...migrations.problems, ...seeds.problems, ...(await lintScripts([...migrations.migrations, ...migrations.repeatables], { root, timeouts }))];
  const headline = found.length === 0 ? "no problems" : `${found.length} ${found.length === 1 ? "problem" : "problems"}`;
  show(options, { environment, problems: found.map(formatProblem) }, [headline, ...found.map((problem) => `  ${formatProblem(problem)}`)].join("\n"));
  if (found.length > 0) {
    process.exitCode = EXIT.difference;
  }
}
