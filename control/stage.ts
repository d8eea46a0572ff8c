/** One environment on its way to what Git wants: the steps that deploy, sync and promote are made of. */
import { join } from "node:path";
import { writeBundle } from "../compile/write";
import type { Progress } from "../local/progress";
import { formatProblem, ProblemsError, UserError } from "../provider/errors";
import { kinds } from "../provider/kinds/registry";
import { readDeployments, type RecordedDeployment } from "../provider/postgres/deployments";
import { isEmptyPlan } from "../provider/postgres/plan";
import { hindrances } from "../provider/postgres/status";
import { migrationStatus } from "../provider/postgres/runner";
import { apply } from "./apply";
import { changeLines } from "./change-text";
import { DUMP_FILE, writeDump } from "./db/dump";
import { syncWarehouse, type SyncResult } from "./db/sync";
import { hasMigrations, warehouseOptions } from "./db/warehouse";
import { makeDocuments, writeDocuments } from "./docs";
import { counted } from "./drift-plan";
import { openEnvironment, type ControlEnvironment } from "./environment";
import { checkAfter, gateBefore, stoppedByDrift } from "./gates";
import { makePlan, type Plan } from "./plan";
import type { SortOfChange } from "./run-report";
import { readServers } from "./stack-creation";
import type { Step } from "./steps";

/** How a stage is gone through. */
export interface StageOptions {
  readonly root: string;
  readonly environment: string;
  /** What people type to do the same: `hybrid deploy prod`. */
  readonly command: string;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

/** The steps of one environment, which share what they have found out. */
export class Stage {
  #env: ControlEnvironment | undefined;
  #plan: Plan | undefined;
  #changes: readonly SortOfChange[] | undefined;

  constructor(private readonly options: StageOptions) {}

  #note(message: string): void {
    this.options.progress.note(message.replaceAll("\n", "\n  "));
  }

  /** The environment as it was read last. @throws ConfigError for an environment that there is not */
  get env(): ControlEnvironment {
    return (this.#env ??= openEnvironment(this.options.root, this.options.environment, { log: (message) => this.#note(message) }));
  }

  /** What the apply did; undefined before it. */
  get changes(): readonly SortOfChange[] | undefined {
    return this.#changes;
  }

  /** Forgets what Superset, state and files were seen to hold. */
  forget(): void {
    this.#env = undefined;
    this.#plan = undefined;
  }

  /** Reads where the servers are; makes the stack where that takes one. @throws ConfigError */
  async prepare(): Promise<void> {
    await readServers(this.env);
  }

  /** What an apply would do, and what it would meet. */
  async look(): Promise<Plan> {
    this.#plan ??= await this.options.progress.step(`Comparing Git, the last apply and ${this.env.name}`, () => makePlan(this.env));
    return this.#plan;
  }

  #step(name: string, run: () => Promise<string>, lasting = false): Step {
    return {
      name,
      lasting,
      run: async () => {
        try {
          return await run();
        } catch (error) {
          // Another attempt looks for itself: what has failed once is kept by whoever shares it (a login, a bulk read).
          this.forget();
          throw error;
        }
      },
    };
  }

  /** Migrations and seeds. */
  readonly dbSync = this.#step("db_sync", async () => {
    const { signal, progress } = this.options;
    if (hasMigrations(this.env) && !isEmptyPlan((await migrationStatus(await warehouseOptions(this.env))).plan)) {
      // Nothing is migrated for a deploy that would be stopped by a later step.
      await this.env.workspace.gateway.ready();
      await this.driftGate.run();
    }
    const result = await progress.step(`Migrating ${this.env.name}`, () => syncWarehouse(this.env, { ...(signal === undefined ? {} : { signal }), log: (message) => this.#note(message) }));
    this.forget();
    return syncText(result);
  }, true);

  /** The warehouse's schema as the file that the compiler looks columns up in. */
  readonly snapshot = this.#step("schema_snapshot", async () => {
    if (!hasMigrations(this.env)) {
      return "the policy migrates nothing";
    }
    const written = await writeDump(this.env, this.options.progress);
    if (written) {
      this.forget();
    }
    return written ? `${DUMP_FILE} written` : `${DUMP_FILE} is as the warehouse`;
  });

  /** Templates to a bundle. */
  readonly compile = this.#step("compile", async () => {
    const { compiled, root, name } = this.env;
    compiled.warnings.forEach((warning) => this.#note(formatProblem(warning)));
    writeBundle(compiled.files, join(root, "bundles", name));
    const counts = kinds.map((kind) => counted(compiled.assets.filter((asset) => asset.kind === kind.name).length, kind.name));
    return `${counts.join(", ")}; sha256 ${compiled.hash}`;
  });

  /** Whether the target can take it: Superset's version and the account's rights, the migrations beside the database's records. */
  readonly validate = this.#step("validate", async () => {
    await this.env.workspace.gateway.ready();
    const problems = hasMigrations(this.env) ? hindrances(await migrationStatus(await warehouseOptions(this.env))) : [];
    if (problems.length > 0) {
      throw new ProblemsError(problems, `${counted(problems.length, "problem")} in the migrations; nothing was applied`);
    }
    return `${counted(this.env.forms.size, "asset")}, no problem`;
  });

  /** What was changed behind Git's back, before anything is written. */
  readonly driftGate: Step = this.#step("drift_gate", async () => gateBefore(await this.look(), stoppedByDrift(this.env.policy), this.options.command, (message) => this.#note(message)));

  /** Everything, through Pulumi. */
  readonly apply = this.#step("apply", async () => {
    const { progress, signal } = this.options;
    const { changes } = await apply(this.env, { progress, ...(signal === undefined ? {} : { signal }) });
    this.#changes = changes;
    this.forget();
    return changeLines(changes).join("; ");
  }, true);

  /** Whether everything is as Git wants it. */
  readonly driftCheck = this.#step("drift_check", async () => {
    // A second look, also where nothing was applied in between.
    this.forget();
    return checkAfter(await this.look(), this.env.policy, (message) => this.#note(message));
  });

  /** That the record of deployments names what is there now. */
  readonly record = this.#step("record", async () => {
    if (!hasMigrations(this.env)) {
      return "without db in policy.yaml there is no meta.deployments to record it in";
    }
    const row = await this.recorded();
    if (row?.bundle_hash !== this.env.compiled.hash) {
      throw new UserError(`meta.deployments does not say that '${this.env.name}' runs what was applied: ${row === undefined ? "it has no row of it" : `its last row (${row.id}) is of bundle ${row.bundle_hash}, and this is ${this.env.compiled.hash}`}. Does another stack write to the same database?`);
    }
    return `commit ${row.git_sha}, by ${row.deployed_by} at ${row.deployed_at}`;
  });

  /** The documents that are committed beside the templates. */
  readonly docs = this.#step("docs", async () => {
    const documents = await makeDocuments(this.env);
    const written = writeDocuments(this.env.root, documents);
    return written.length === 0 ? `${documents.map(({ path }) => path).join(", ")} up to date` : `${written.join(", ")} written`;
  });

  /** The last deployment; undefined where there was none, or the policy keeps no record. */
  async recorded(): Promise<RecordedDeployment | undefined> {
    if (!hasMigrations(this.env)) {
      return undefined;
    }
    const { url } = await warehouseOptions(this.env);
    return (await readDeployments(url, this.env.name, 1))[0];
  }
}

function syncText(result: SyncResult): string {
  if ("skipped" in result) {
    return result.skipped;
  }
  const ran = [
    ...(result.adopted.length === 0 ? [] : [`${result.adopted.length} adopted`]),
    ...(result.applied.length + result.repeatables.length === 0 ? [] : [`${result.applied.length + result.repeatables.length} applied`]),
    ...(result.seeds.length === 0 ? [] : [`${result.seeds.length} seeded`]),
  ];
  return `${ran.length === 0 ? "nothing to run" : ran.join(", ")}; version ${result.version ?? "none"}`;
}
