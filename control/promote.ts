/** `hybrid promote`: one commit through a chain of environments, each entered only when the one before it has it and is sound. */
import type { Progress } from "../local/progress";
import { ConfigError, EXIT, UserError } from "../provider/errors";
import { promotionChain } from "../provider/policy";
import type { RecordedDeployment } from "../provider/postgres/deployments";
import { retries } from "./deploy";
import { gateBefore, stoppedByDrift } from "./gates";
import { headCommit, uncommitted } from "./git/checkout";
import { isEmptyPlan, type Plan } from "./plan";
import { withRunLock } from "./run-lock";
import type { SortOfChange } from "./run-report";
import { Stage } from "./stage";
import { runSteps, type StepOutcome } from "./steps";

/** What is promoted where, and how. */
export interface PromoteOptions {
  /** Default: `promote.chain` of policy.yaml, else the environments of its `apply` in their order. */
  readonly chain?: readonly string[];
  /** Look at every stage that is done once more before the next is entered: any drift there stops the promote, whatever its gate says. Default: false. */
  readonly drift?: boolean;
  /** Take a checkout with files that are in no commit. Default: false. */
  readonly allowDirty?: boolean;
  readonly progress: Progress;
  /** Called when a stage begins. */
  readonly onStage?: (environment: string) => void;
  /** Called after each step. */
  readonly onOutcome?: (outcome: StepOutcome) => void;
  /** Ends the promote cleanly. */
  readonly signal?: AbortSignal;
}

/** One environment of a chain that has been gone through. */
export interface PromotedStage {
  readonly environment: string;
  readonly steps: readonly StepOutcome[];
  readonly changes: readonly SortOfChange[] | undefined;
}

/** A promote that came to its end. */
export interface PromoteResult {
  readonly commit: string;
  readonly stages: readonly PromotedStage[];
}

/** What one environment of a chain would get. */
export interface StagePreview {
  readonly environment: string;
  /** What it runs now; undefined where nothing was ever deployed, or the policy keeps no record. */
  readonly deployed: RecordedDeployment | undefined;
  readonly plan: Plan;
  /** Why the gate would stop the promote here. */
  readonly refused: string | undefined;
}

/** A stage did not take the commit; later ones were not touched. The stage's own error is the cause. */
export class PromoteStoppedError extends UserError {
  override readonly exitCode: number;
  constructor(
    readonly stage: string,
    /** The stages before it. */
    readonly done: readonly PromotedStage[],
    readonly untouched: readonly string[],
    error: UserError,
  ) {
    const others = [...(done.length === 0 ? [] : [`done: ${done.map(({ environment }) => environment).join(", ")}`]), ...(untouched.length === 0 ? [] : [`not touched: ${untouched.join(", ")}`])];
    super(`${error.message}\nThe promote stopped in '${stage}'${others.length === 0 ? "" : `; ${others.join("; ")}`}.`, { cause: error });
    this.exitCode = error.exitCode;
  }
}

/**
 * Applies the commit that is checked out to each environment in turn: validate, drift gate, apply, check, record.
 * @throws PromoteStoppedError at the first that does not take it; ConfigError and ProblemsError before anything is done
 */
export async function promote(root: string, options: PromoteOptions): Promise<PromoteResult> {
  const { onStage = () => undefined, drift = false } = options;
  const chain = chainOf(root, options.chain);
  const commit = await commitToPromote(root, options.allowDirty === true);
  const stages = stagesOf(root, chain, options);
  // What does not compile for the last environment, or is not configured there, stops the promote before the first.
  for (const stage of stages) {
    void stage.env.forms;
    await stage.prepare();
  }
  const done: PromotedStage[] = [];
  for (const [index, stage] of stages.entries()) {
    const { name } = stage.env;
    try {
      await checkSameCommit(root, commit, options.allowDirty === true);
      if (drift && index > 0) {
        await withoutDrift(stages[index - 1], options);
      }
      onStage(name);
      const steps = await withRunLock(root, name, () => takeStage(stage, options));
      done.push({ environment: name, steps, changes: stage.changes });
    } catch (error) {
      throw error instanceof UserError ? new PromoteStoppedError(name, done, chain.slice(index + 1), error) : error;
    }
  }
  return { commit, stages: done };
}

/** What each environment of the chain would get that it has not. Reads only. */
export async function previewPromote(root: string, options: PromoteOptions): Promise<{ readonly commit: string | undefined; readonly stages: readonly StagePreview[] }> {
  const stages = stagesOf(root, chainOf(root, options.chain), options);
  const previews: StagePreview[] = [];
  for (const stage of stages) {
    const plan = await stage.look();
    previews.push({ environment: stage.env.name, deployed: await stage.recorded(), plan, refused: refusalOf(plan, stage) });
  }
  return { commit: await headCommit(root), stages: previews };
}

/** Exit code of a preview: whether a stage would refuse, else whether one would get anything. */
export function previewExitCode(stages: readonly StagePreview[]): number {
  if (stages.some(({ refused }) => refused !== undefined)) {
    return EXIT.refused;
  }
  return stages.every(({ plan }) => isEmptyPlan(plan)) ? EXIT.done : EXIT.difference;
}

function refusalOf(plan: Plan, stage: Stage): string | undefined {
  try {
    gateBefore(plan, stoppedByDrift(stage.env.policy), COMMAND, () => undefined);
    return undefined;
  } catch (error) {
    if (error instanceof UserError) {
      return error.message;
    }
    throw error;
  }
}

const COMMAND = "hybrid promote";

function chainOf(root: string, named: readonly string[] | undefined): readonly string[] {
  const chain = named ?? promotionChain(root);
  const twice = chain.find((name, index) => chain.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new ConfigError(`'${twice}' stands in the chain twice`);
  }
  return chain;
}

function stagesOf(root: string, chain: readonly string[], { progress, signal }: PromoteOptions): Stage[] {
  return chain.map((environment) => new Stage({ root, environment, command: COMMAND, progress, ...(signal === undefined ? {} : { signal }) }));
}

function takeStage(stage: Stage, { progress, onOutcome, signal }: PromoteOptions): Promise<readonly StepOutcome[]> {
  return runSteps([stage.compile, stage.validate, stage.driftGate, stage.apply, stage.driftCheck, stage.record], {
    ...retries(stage.env.policy),
    progress,
    ...(onOutcome === undefined ? {} : { onOutcome }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Any drift of a stage that is done, also one that its own gate would only warn of. */
async function withoutDrift(stage: Stage | undefined, { progress }: PromoteOptions): Promise<void> {
  if (stage === undefined) {
    return;
  }
  stage.forget();
  gateBefore(await stage.look(), "--drift lets none pass", COMMAND, (message) => progress.note(message));
}

async function commitToPromote(root: string, allowDirty: boolean): Promise<string> {
  const commit = await headCommit(root);
  if (commit === undefined) {
    throw new ConfigError("promote brings one commit through all environments, and this is no Git checkout with a commit");
  }
  await refuseDirty(root, allowDirty);
  return commit;
}

async function checkSameCommit(root: string, commit: string, allowDirty: boolean): Promise<void> {
  const now = await headCommit(root);
  if (now !== commit) {
    throw new UserError(`the checkout went from commit ${commit} to ${now ?? "none"} while the promote was under way: the next environment would get another commit. Check out the first one, and run it again`);
  }
  await refuseDirty(root, allowDirty);
}

/** Lines of `git status` that a message shows. */
const SHOWN = 10;

async function refuseDirty(root: string, allowDirty: boolean): Promise<void> {
  const files = allowDirty ? [] : await uncommitted(root);
  if (files.length > 0) {
    const more = files.length - SHOWN;
    throw new UserError(
      [
        "promote brings one commit through all environments, and this checkout holds what is in none:",
        ...files.slice(0, SHOWN).map((file) => `  ${file}`),
        ...(more > 0 ? [`  … and ${more} more`] : []),
        "Commit it, or add --allow-dirty: then the record of deployments names a commit that is not all of what was deployed.",
      ].join("\n"),
    );
  }
}
