/** `hybrid drift-plan`: what somebody made in Superset that Git does not have. */
import type { Command } from "commander";
import { driftPlan, driftPlanData, driftPlanText } from "../control/drift-plan";
import { openEnvironment } from "../control/environment";
import { terminalProgress } from "../local/progress";
import { EXIT } from "../provider/errors";
import { addCommonOptions, colored, show, targetOf, tell, type CommonOptions } from "./options";

/** Declares `hybrid drift-plan`. */
export function register(program: Command): void {
  addCommonOptions(program.command("drift-plan [env]").description(`What was changed in Superset since the last apply, as a unified diff. Prints NO_DRIFT or DRIFT_FOUND; ends with ${EXIT.difference} where there is any. Writes nothing.`))
    .option("--unmanaged", "also list the assets that Git does not know")
    .addHelpText("after", "\nExample:\n  $ hybrid drift-plan --env prod\n  $ hybrid drift-plan dev --unmanaged\n")
    .action(async (positional: string | undefined, options: CommonOptions & { readonly unmanaged?: true }) => {
      const { root, environment } = targetOf(options, positional);
      const plan = await terminalProgress().step(`Comparing ${environment} with Git and the last apply`, () => driftPlan(openEnvironment(root, environment, { log: tell })));
      show(options, driftPlanData(plan), colored(driftPlanText(plan, options.unmanaged === true)));
      process.exitCode = plan.drifted.length > 0 ? EXIT.difference : EXIT.done;
    });
}
