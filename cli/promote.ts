/** `hybrid promote`: one commit from environment to environment. */
import { InvalidArgumentError, type Command } from "commander";
import { changeData } from "../control/change-text";
import { isEmptyPlan } from "../control/plan";
import { planText } from "../control/plan-text";
import { previewExitCode, previewPromote, promote, PromoteStoppedError, type PromotedStage, type PromoteOptions, type StagePreview } from "../control/promote";
import { StepFailedError } from "../control/steps";
import { terminalProgress } from "../local/progress";
import { EXIT } from "../provider/errors";
import { findRoot } from "../provider/settings";
import { failureData, outcomeLine } from "./deploy";
import { ENDING, interruptible } from "./interrupt";
import { addJsonOption, colored, show, tell } from "./options";
import { planData } from "./plan";

interface Arguments {
  readonly chain?: readonly string[];
  readonly drift?: true;
  readonly dryRun?: true;
  readonly allowDirty?: true;
  readonly json?: true;
}

/** Declares `hybrid promote`. */
export function register(program: Command): void {
  addJsonOption(
    program
      .command("promote")
      .description(`Bring the commit that is checked out to one environment after the other: validate, drift gate, apply, check. Stops at the first that does not take it, with ${EXIT.refused} where drift is the reason.`)
      .option("--chain <a,b,c>", "the environments, in this order (default: promote.chain of policy.yaml, else the order of its apply)", names)
      .option("--drift", "look at every environment once more before the next is entered; any drift there stops it, whatever its gate says")
      .option("--dry-run", `only report what each environment would get that it has not; ends with ${EXIT.difference} where there is anything, with ${EXIT.refused} where a gate would stop it`)
      .option("--allow-dirty", "also with files that are in no commit"),
  )
    .addHelpText("after", "\nExample:\n  $ hybrid promote --chain staging,prod --dry-run\n  $ hybrid promote --drift\n")
    .action(async (options: Arguments) => {
      const root = findRoot(process.cwd());
      const { chain, drift, allowDirty } = options;
      const told = (text: string): void => (options.json === true ? undefined : show(options, {}, text));
      const request: PromoteOptions = {
        ...(chain === undefined ? {} : { chain }),
        drift: drift === true,
        allowDirty: allowDirty === true,
        progress: terminalProgress(),
        onStage: (environment) => told(`${environment}:`),
        onOutcome: (outcome) => told(`  ${outcomeLine(outcome)}`),
      };
      await (options.dryRun === true ? preview(root, request, options) : run(root, request, options));
    });
}

async function preview(root: string, request: PromoteOptions, options: Arguments): Promise<void> {
  const { commit, stages } = await previewPromote(root, request);
  const data = stages.map(({ environment, deployed, plan, refused }) => ({ environment, deployed: deployed ?? null, refused: refused ?? null, empty: isEmptyPlan(plan), plan: planData(plan) }));
  show(options, { commit: commit ?? null, dry_run: true, stages: data }, colored(stages.map(previewText).join("\n\n")));
  process.exitCode = previewExitCode(stages);
}

function previewText({ deployed, plan, refused }: StagePreview): string {
  const runs = deployed === undefined ? "runs nothing that was deployed from here" : `runs commit ${deployed.git_sha} since ${deployed.deployed_at}`;
  return [planText(plan), `${plan.environment} ${runs}`, ...(refused === undefined ? [] : ["the promote would stop here, by its policy"])].join("\n");
}

async function run(root: string, request: PromoteOptions, options: Arguments): Promise<void> {
  try {
    const { commit, stages } = await interruptible(ENDING, (signal) => promote(root, { ...request, signal }));
    show(options, { ok: true, commit, stages: stages.map(stageData) }, `promoted ${commit} to ${stages.map(({ environment }) => environment).join(", ")}`);
  } catch (error) {
    if (options.json !== true || !(error instanceof PromoteStoppedError)) {
      throw error;
    }
    const { stage, done, untouched, cause, exitCode } = error;
    const failure = cause instanceof StepFailedError ? failureData(stage, cause) : { environment: stage, ok: false, exit_code: exitCode, error: cause instanceof Error ? cause.message : "" };
    show(options, { ok: false, stopped_in: stage, untouched, stages: [...done.map(stageData), failure] }, "");
    tell(error.message);
    process.exitCode = exitCode;
  }
}

function stageData({ environment, steps, changes }: PromotedStage): Readonly<Record<string, unknown>> {
  return { environment, ok: true, steps, changes: changes === undefined ? null : changeData(changes) };
}

function names(text: string): readonly string[] {
  const chain = text.split(",").map((name) => name.trim());
  if (chain.some((name) => name === "")) throw new InvalidArgumentError("It is names with commas between: staging,prod.");
  return chain;
}
