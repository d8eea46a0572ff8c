/** What a run would do, and what makes it impossible: files in Git against the records of the database. Pure. */
import type { Problem } from "../errors";
import { compareVersions, type Callback, type Migration, type MigrationFolder, type SqlScript } from "./files";
import type { AppliedVersion, FileKind } from "./tracking";

/** What a plan needs to know of the database; `Records` fits, and so does what the state remembers of it. */
export interface KnownRecords {
  readonly versions: readonly Pick<AppliedVersion, "version" | "file" | "checksum">[];
  readonly files: Readonly<Record<FileKind, ReadonlyMap<string, string>>>;
  readonly flywayVersions?: readonly string[];
}

interface PlanOptions {
  /** Run a pending migration whose version is lower than an applied one. Default: that is an error. */
  readonly allowOutOfOrder?: boolean;
}

/** Lists of files in the order they run. All empty: nothing to do (`isEmptyPlan`). */
export interface Plan {
  /** Versions to run, in order. */
  readonly pending: readonly Migration[];
  /** Applied by dbmate, Flyway or a person, and not recorded by us: recorded with their present checksum, not run. */
  readonly adopt: readonly Migration[];
  /** Applied files that have another name now, same version and checksum: the record gets the new name. */
  readonly renamed: readonly Migration[];
  readonly repeatables: readonly SqlScript[];
  readonly seeds: readonly SqlScript[];
  /** Callbacks that changed since the last run. They run whenever there is a run. */
  readonly callbacks: readonly Callback[];
  /** Seeds, repeatables and callbacks that are recorded and no longer in Git. */
  readonly forget: readonly { readonly kind: FileKind; readonly name: string }[];
  /** Highest version after the run; undefined where there is none. */
  readonly version: string | undefined;
  /** Why nothing may run. */
  readonly problems: readonly Problem[];
}

/** Characters of a checksum that messages and the state show. */
const SHORT = 12;

/** The first characters of a checksum: enough to tell two texts apart, short in the state. */
export function shortChecksum(checksum: string): string {
  return checksum.slice(0, SHORT);
}

/** Whether two checksums, either of which may be shortened, are of the same text. */
export function sameChecksum(left: string, right: string): boolean {
  return left.startsWith(right) || right.startsWith(left);
}

/** Whether a plan has nothing to do and nothing to say. */
export function isEmptyPlan(plan: Plan): boolean {
  return [plan.pending, plan.adopt, plan.renamed, plan.repeatables, plan.seeds, plan.callbacks, plan.forget, plan.problems].every((list) => list.length === 0);
}

function editedProblem(migration: Migration, applied: string): Problem {
  return {
    file: migration.file,
    message: `was edited after it was applied (applied checksum ${shortChecksum(applied)}, now ${shortChecksum(migration.checksum)}). Put the applied text back and write the change as a new migration; if the edit changes nothing, accept it with: delete from public.hybrid_migrations where kind = 'version' and name = '${migration.version}'`,
  };
}

function missingProblem(directory: string, record: KnownRecords["versions"][number]): Problem {
  const name = record.file === undefined ? "" : ` (${record.file})`;
  return {
    file: directory,
    message: `has no file for version ${record.version}${name}, which is applied. Put the file back from Git's history; if it was removed on purpose, forget it with: delete from public.schema_migrations where version = '${record.version}'`,
  };
}

/** Compares the folder and the seeds with the records. */
export function planRun(folder: MigrationFolder, seeds: readonly SqlScript[], records: KnownRecords, options: PlanOptions = {}): Plan {
  const problems: Problem[] = [];
  const applied = new Map(records.versions.map((record) => [record.version, record]));
  const flyway = new Set(records.flywayVersions ?? []);
  const inGit = new Set(folder.migrations.map((migration) => migration.version));
  const pending: Migration[] = [];
  const adopt: Migration[] = [];
  const renamed: Migration[] = [];
  for (const migration of folder.migrations) {
    const record = applied.get(migration.version);
    if (record === undefined) {
      (flyway.has(migration.version) ? adopt : pending).push(migration);
    } else if (record.checksum === undefined) {
      adopt.push(migration);
    } else if (!sameChecksum(record.checksum, migration.checksum)) {
      problems.push(editedProblem(migration, record.checksum));
    } else if (record.file !== migration.name) {
      renamed.push(migration);
    }
  }
  const gone = [...records.versions, ...[...flyway].map((version) => ({ version, file: undefined, checksum: undefined }))].filter((record) => !inGit.has(record.version));
  problems.push(...gone.map((record) => missingProblem(folder.directory, record)));
  const highest = [...applied.keys(), ...flyway].reduce<string | undefined>(
    (best, version) => (best === undefined || compareVersions(folder.layout, version, best) > 0 ? version : best), undefined,
  );
  if (highest !== undefined && options.allowOutOfOrder !== true) {
    for (const migration of pending.filter((candidate) => compareVersions(folder.layout, candidate.version, highest) < 0)) {
      problems.push({ file: migration.file, message: `has version ${migration.version}, below the applied version ${highest}. Give it a version above it, or allow the order with allowOutOfOrder` });
    }
  }
  const changed = <T extends SqlScript>(kind: FileKind, scripts: readonly T[]): T[] => scripts.filter((script) => {
    const recorded = records.files[kind].get(script.name);
    return recorded === undefined || !sameChecksum(recorded, script.checksum);
  });
  const forget = (kind: FileKind, scripts: readonly SqlScript[]): Plan["forget"] => {
    const names = new Set(scripts.map((script) => script.name));
    return [...records.files[kind].keys()].filter((name) => !names.has(name)).map((name) => ({ kind, name }));
  };
  return {
    pending,
    adopt,
    renamed,
    repeatables: changed("repeatable", folder.repeatables),
    seeds: changed("seed", seeds),
    callbacks: changed("callback", folder.callbacks),
    forget: [...forget("repeatable", folder.repeatables), ...forget("seed", seeds), ...forget("callback", folder.callbacks)],
    version: folder.migrations.at(-1)?.version,
    problems,
  };
}
