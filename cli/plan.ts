/** `hybrid plan`: what an apply would do. */
import type { Command } from "commander";
import { openEnvironment } from "../control/environment";
import { isEmptyPlan, makePlan, type Plan } from "../control/plan";
import { planMarkdown, planText } from "../control/plan-text";
import { impactMarkdown, impactText } from "../control/impact/text";
import { terminalProgress } from "../local/progress";
import { EXIT } from "../provider/errors";
import { findImpact } from "./impact";
import { addCommonOptions, colored, show, targetOf, tell, type CommonOptions } from "./options";

interface Arguments extends CommonOptions {
  readonly markdown?: true;
  readonly impact?: true;
}

/** Declares `hybrid plan`. */
export function register(program: Command): void {
  addCommonOptions(program.command("plan [env]").description(`What an apply would do: migrations to run, fields to write per dashboard, and what somebody edited in Superset meanwhile. Writes nothing. Ends with ${EXIT.difference} where there is anything, with ${EXIT.refused} where the policy would refuse the apply.`))
    .option("--markdown", "as a comment of a pull request")
    .option("--impact", "also what the pending migrations would break, as 'hybrid validate --db' finds it")
    .addHelpText("after", "\nExample:\n  $ hybrid plan --env prod\n  $ hybrid plan staging --markdown | hybrid comment 12 --id plan-staging\n")
    .action(async (positional: string | undefined, options: Arguments) => {
      const { root, environment } = targetOf(options, positional);
      const opened = openEnvironment(root, environment, { log: tell });
      const plan = await terminalProgress().step(`Comparing Git, the last apply and ${environment}`, () => makePlan(opened));
      const impact = options.impact === true ? await findImpact(opened, opened.compiled) : undefined;
      const data = { ...planData(plan), ...(impact === undefined ? {} : { impact }) };
      if (options.markdown === true) {
        show(options, data, [planMarkdown(plan), ...(impact === undefined ? [] : [impactMarkdown(impact)])].join("\n"));
      } else {
        show(options, data, [colored(planText(plan)), ...(impact === undefined ? [] : [impactText(impact)])].join("\n\n"));
      }
      process.exitCode = !plan.allowed ? EXIT.refused : isEmptyPlan(plan) ? EXIT.done : EXIT.difference;
    });
}

/** The same for scripts. */
export function planData({ environment, mode, allowed, migrations, assets, groups }: Plan): Readonly<Record<string, unknown>> {
  return {
    environment,
    mode,
    allowed,
    migrations,
    assets: assets.map(({ kind, uuid, name, source, action, standing, editor, assessment, inGit }) => ({
      kind: kind.name, uuid, name, source, action, standing, editor, changes: assessment.pending, drift: assessment.drift, changed_in_git: inGit,
    })),
    groups: groups.map(({ page, assets: members }) => ({ page, assets: members.map(({ uuid }) => uuid) })),
  };
}
