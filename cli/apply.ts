/** `hybrid apply`: migrations, assets and the deployment record, through Pulumi. */
import type { Command } from "commander";
import { apply, hasChanges } from "../control/apply";
import { changeData, changeLines } from "../control/change-text";
import { openEnvironment } from "../control/environment";
import { terminalProgress } from "../local/progress";
import { EXIT } from "../provider/errors";
import { ENDING, interruptible } from "./interrupt";
import { addCommonOptions, show, targetOf, tell, type CommonOptions } from "./options";

interface Arguments extends CommonOptions {
  readonly dryRun?: true;
}

/** Declares `hybrid apply`. */
export function register(program: Command): void {
  addCommonOptions(
    program
      .command("apply")
      .description("Migrations, assets and the deployment record, under policy.yaml: what `pulumi up --yes` does. Drift is told, or refuses the run, as the environment's policy says.")
      .argument("[env]", "environment"),
  )
    .option("--dry-run", `only say what would be done (\`pulumi preview\`); ends with ${EXIT.difference} where there is anything to do, with ${EXIT.refused} where the policy would refuse it`)
    .addHelpText("after", "\nExample:\n  $ hybrid apply dev\n  $ hybrid apply --env prod --dry-run --json\n")
    .action(async (env: string | undefined, options: Arguments) => {
      const { root, environment } = targetOf(options, env);
      const opened = openEnvironment(root, environment, { log: tell });
      const dryRun = options.dryRun === true;
      const { changes, messages } = await interruptible(ENDING, (signal) => apply(opened, { dryRun, progress: terminalProgress(), signal }));
      const told = messages.map(({ severity, message }) => ({ severity, message }));
      show(options, { environment, ok: true, dry_run: dryRun, changes: changeData(changes), messages: told }, [`${environment}:`, ...changeLines(changes, dryRun).map((line) => `  ${line}`)].join("\n"));
      const refused = messages.some(({ refusal }) => refusal === true);
      process.exitCode = refused ? EXIT.refused : dryRun && hasChanges(changes) ? EXIT.difference : EXIT.done;
    });
}
