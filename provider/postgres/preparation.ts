/** What every run of the migrator begins with: the files, the settings, and what forbids the run. */
import { formatProblem, ProblemsError, type Problem } from "../errors";
import type { CatalogChange } from "./catalog";
import { readMigrations, readSeeds, type MigrationFolder, type SqlScript } from "./files";
import type { MigrateOptions } from "./runner";

/** The files of a run. */
export interface Files {
  readonly folder: MigrationFolder;
  readonly seeds: readonly SqlScript[];
  readonly problems: readonly Problem[];
}

function isError(problem: Problem): boolean {
  return problem.severity !== "warning";
}

/** Logs what is a warning. @throws ProblemsError where one is an error */
export function refuse(problems: readonly Problem[], log: MigrateOptions["log"]): void {
  problems.filter((problem) => !isError(problem)).forEach((problem) => log?.(formatProblem(problem), "warn"));
  const errors = problems.filter(isError);
  if (errors.length > 0) {
    throw new ProblemsError(errors, `${errors.length} problem${errors.length === 1 ? "" : "s"} in the migrations; nothing was run`);
  }
}

/** Reads the migrations and, where there is a folder for them, the seeds. */
export function readFiles(options: Pick<MigrateOptions, "root" | "directory" | "seedDirectory">): Files {
  const folder = readMigrations(options.root, options.directory);
  const { seeds, problems } = options.seedDirectory === undefined ? { seeds: [], problems: [] } : readSeeds(options.root, options.seedDirectory);
  return { folder, seeds, problems: [...folder.problems, ...problems] };
}

/** Whether an object (`table public.orders`) is named by one of the patterns. */
function isIgnored(object: string, patterns: readonly string[]): boolean {
  const name = object.replace(/^(?:materialized |foreign )?\w+ /, "").replaceAll('"', "").replace(/\([^]*$/, "");
  return patterns.some((pattern) => new RegExp(`^${pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*")}$`).test(name));
}

/** The changes that are somebody's business. */
export function relevantDrift(changes: readonly CatalogChange[], options: Pick<MigrateOptions, "ignoreDrift">): CatalogChange[] {
  return changes.filter((change) => !isIgnored(change.object, options.ignoreDrift ?? []));
}

/** The `name = 'value'` settings in force while files run. */
export function sessionSettings({ lockTimeout, statementTimeout }: Pick<MigrateOptions, "lockTimeout" | "statementTimeout">): string[] {
  return [
    ...(lockTimeout === undefined ? [] : [`lock_timeout = '${lockTimeout}'`]),
    ...(statementTimeout === undefined ? [] : [`statement_timeout = '${statementTimeout}'`]),
  ];
}
