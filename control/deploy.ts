/** `hybrid deploy` and `hybrid sync`: an environment brought to what Git wants, step by step. */
import type { Progress } from "../local/progress";
import type { Policy } from "../provider/policy";
import { Journal } from "./journal";
import { withRunLock } from "./run-lock";
import type { SortOfChange } from "./run-report";
import { Stage } from "./stage";
import { runSteps, type Step, type StepOutcome } from "./steps";
import { subjectOf } from "./subject";

/** The two commands: `sync` is every step there is, `deploy` those that policy.yaml wants. */
export type DeployCommand = "deploy" | "sync";

/** How an environment is deployed. */
export interface DeployOptions {
  readonly command: DeployCommand;
  /** Begin with the first step, whatever an unfinished run has done. Default: false. */
  readonly restart?: boolean;
  readonly progress: Progress;
  /** Called after each step. */
  readonly onOutcome?: (outcome: StepOutcome) => void;
  /** Ends the run cleanly. */
  readonly signal?: AbortSignal;
}

/** A deploy that came to its end. */
export interface DeployResult {
  readonly steps: readonly StepOutcome[];
  /** What the apply did; undefined where there was none in this run. */
  readonly changes: readonly SortOfChange[] | undefined;
}

/** Where policy.yaml says nothing. */
const DEFAULT_STEPS: readonly PolicyStep[] = ["db_sync", "apply_assets", "drift_check"];
const DEFAULT_ATTEMPTS = 3;
const DEFAULT_BACKOFF_SECONDS = 2;

type PolicyStep = NonNullable<NonNullable<Policy["file"]["deploy"]>["steps"]>[number];

/**
 * Takes the steps in order; goes on where an unfinished run of the same commit, bundle, migrations, configuration and servers has stopped.
 * @throws StepFailedError at the first step that fails for good, UserError where another run is at work, ConfigError
 */
export async function deploy(root: string, environment: string, { command, restart = false, progress, onOutcome, signal }: DeployOptions): Promise<DeployResult> {
  const stage = new Stage({ root, environment, command: `hybrid ${command} ${environment}`, progress, ...(signal === undefined ? {} : { signal }) });
  // An unknown environment is told before anything is made in its name.
  return withRunLock(root, stage.env.name, async () => {
    await stage.prepare();
    const journal = Journal.open(root, command, environment, await subjectOf(stage.env), { restart });
    if (journal.note !== undefined) {
      progress.note(journal.note);
    }
    const steps = await runSteps(command === "sync" ? allSteps(stage) : stepsByPolicy(stage), {
      ...retries(stage.env.policy),
      journal,
      progress,
      ...(onOutcome === undefined ? {} : { onOutcome }),
      ...(signal === undefined ? {} : { signal }),
    });
    return { steps, changes: stage.changes };
  });
}

/** How often, and after which pause, a step is tried again. */
export function retries({ file }: Pick<Policy, "file">): { readonly attempts: number; readonly backoffSeconds: number } {
  return { attempts: file.deploy?.attempts ?? DEFAULT_ATTEMPTS, backoffSeconds: file.deploy?.backoff_seconds ?? DEFAULT_BACKOFF_SECONDS };
}

/** In the order they must have, whatever the order in policy.yaml. */
function stepsByPolicy(stage: Stage): readonly Step[] {
  const wanted = new Set<PolicyStep>(stage.env.policy.file.deploy?.steps ?? DEFAULT_STEPS);
  const [migrates, applies, checks] = [wanted.has("db_sync"), wanted.has("apply_assets"), wanted.has("drift_check")];
  return [
    ...(migrates ? [stage.dbSync] : []),
    ...(applies ? [stage.compile, stage.validate, ...(checks ? [stage.driftGate] : []), stage.apply] : []),
    ...(checks ? [stage.driftCheck] : []),
    ...(applies ? [stage.record] : []),
    ...(wanted.has("docs") ? [stage.docs] : []),
  ];
}

function allSteps(stage: Stage): readonly Step[] {
  return [stage.dbSync, stage.snapshot, stage.compile, stage.validate, stage.driftGate, stage.apply, stage.driftCheck, stage.record, stage.docs];
}
