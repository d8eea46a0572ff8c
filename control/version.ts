/** `hybrid version`: what an environment runs, by its own record, beside Git and beside what is really there. */
import { ConfigError, UserError } from "../provider/errors";
import { readDeployments, type RecordedDeployment } from "../provider/postgres/deployments";
import { readFiles } from "../provider/postgres/preparation";
import { hasMigrations, warehouseOptions } from "./db/warehouse";
import type { ControlEnvironment } from "./environment";
import { headCommit, relationToHead, uncommitted, type Relation } from "./git/checkout";
import { isEmptyPlan, makePlan, type Plan } from "./plan";

/** What Git has, beside what was deployed. */
export interface GitComparison {
  /** Undefined outside a repository. */
  readonly head: string | undefined;
  /** Where the deployed commit stands. */
  readonly relation: Relation;
  /** Files beside the commit, as `git status` marks them. */
  readonly uncommitted: readonly string[];
  /** Whether the files compile to the bundle that was deployed. */
  readonly sameBundle: boolean;
  /** Whether their last migration is the one that was deployed. */
  readonly sameMigrations: boolean;
}

/** What an environment runs. */
export interface VersionReport {
  readonly environment: string;
  /** Undefined where nothing was ever deployed. */
  readonly deployed: RecordedDeployment | undefined;
  /** Undefined where nothing was ever deployed. */
  readonly git: GitComparison | undefined;
  /** What an apply would do now; an error where Superset, the database or the state cannot be asked. */
  readonly live: Plan | UserError;
  /** Earlier deployments too, newest first. */
  readonly history: readonly RecordedDeployment[];
}

/**
 * Reads the record of deployments, Git, and the live state; writes nothing.
 * @param history how many deployments are listed
 * @throws ConfigError where the policy keeps no record, and what configuration, compilation and PostgreSQL throw
 */
export async function versionOf(env: ControlEnvironment, history: number): Promise<VersionReport> {
  if (!hasMigrations(env)) {
    throw new ConfigError(`policy.yaml has no db for '${env.name}' to be recorded in (db.mode): what it runs is in no meta.deployments. 'hybrid plan --env ${env.name}' compares it with Git`);
  }
  const warehouse = await warehouseOptions(env);
  const rows = await readDeployments(warehouse.url, env.name, Math.max(1, history));
  const [deployed] = rows;
  const live = await makePlan(env).catch((error: unknown) => {
    if (error instanceof UserError) {
      return error;
    }
    throw error;
  });
  const last = readFiles(warehouse).folder.migrations.at(-1)?.version ?? null;
  const git = deployed === undefined ? undefined : await compareWithGit(env, deployed, last);
  return { environment: env.name, deployed, git, live, history: rows.slice(0, history) };
}

async function compareWithGit({ root, compiled }: ControlEnvironment, deployed: RecordedDeployment, lastMigration: string | null): Promise<GitComparison> {
  const head = await headCommit(root);
  return {
    head,
    relation: head === undefined ? { kind: "unknown" } : await relationToHead(root, deployed.git_sha),
    uncommitted: head === undefined ? [] : await uncommitted(root),
    sameBundle: compiled.hash === deployed.bundle_hash,
    sameMigrations: lastMigration === deployed.migration_version,
  };
}

/** Whether the environment runs what Git has, and nobody has changed it since. */
export function isCurrent({ git, live }: VersionReport): boolean {
  return git?.sameBundle === true && git.sameMigrations && !(live instanceof UserError) && isEmptyPlan(live);
}
