/** `hybrid db rollback` */
import type { Command } from "commander";
import { warehouseOptions } from "../../control/db/warehouse";
import { openEnvironment } from "../../control/environment";
import { RefusedError } from "../../provider/errors";
import { rollback, rollbackPlan } from "../../provider/postgres/rollback";
import { confirm } from "../confirm";
import { interruptible } from "../interrupt";
import { addCommonOptions, show, targetOf, tell, wholeNumber, type CommonOptions } from "../options";

/** Declares the command. */
export function register(db: Command): void {
  addCommonOptions(db.command("rollback").description("Take back the newest migrations by their own down parts (dbmate) or undo files (Flyway), each in one transaction with its record. Data they made are lost; the next sync runs all seeds again. Asks before it runs; a strict environment wants --yes."))
    .option("--steps <number>", "how many", wholeNumber, 1)
    .option("--yes", "do not ask")
    .addHelpText("after", "\nExample:\n  $ hybrid db rollback --env dev --steps 2 --yes\n")
    .action(run);
}

async function run(options: CommonOptions & { readonly steps: number; readonly yes?: true }): Promise<void> {
  const { root, environment } = targetOf(options);
  const opened = openEnvironment(root, environment, { log: tell });
  const warehouse = { ...(await warehouseOptions(opened)), log: (message: string) => tell(message) };
  const plan = await rollbackPlan(warehouse, options.steps);
  if (plan.length === 0) {
    show(options, { environment, undone: [], version: null, drift: [] }, "nothing is applied, so that there is nothing to roll back");
    return;
  }
  const names = plan.map(({ name }) => name).join(", ");
  if (options.yes !== true) {
    if (opened.policy.mode === "strict_fail_on_drift") {
      throw new RefusedError(`'${environment}' is strict_fail_on_drift: ${names} would be rolled back, with all data they made. Nothing was run; add --yes where that is meant`);
    }
    await confirm(`Roll back ${names} in ${environment}, with all data they made?`, {
      without: `${names} would be rolled back, with all data they made, and there is no terminal to ask at. Nothing was run; add --yes`,
      refused: "Nothing was rolled back.",
    });
  }
  const result = await interruptible("the rollback under way is cancelled", (signal) => rollback({ ...warehouse, signal }, plan.map(({ version }) => version)));
  if (result.drift.length > 0) {
    tell(`the database was changed by hand; 'hybrid db drift --env ${environment}' says what:\n${result.drift.map((line) => `  ${line}`).join("\n")}`);
  }
  show(options, { environment, ...result, version: result.version ?? null }, [...result.undone.map((name) => `rolled back ${name}`), `version ${result.version ?? "none"}; 'hybrid db sync' applies again what the folder has`].join("\n"));
}
