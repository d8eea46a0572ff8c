/** Each migration by itself: applied, pending, edited since, or missing from Git. Pure. */
import type { Problem } from "../errors";
import { sameChecksum } from "./plan";
import type { MigrationStatus } from "./runner";

/** One migration, in Git or in the records. */
export interface MigrationRow {
  readonly version: string;
  /** File name; that of the record for a missing one, else the version. */
  readonly name: string;
  /** `edited`: applied, and the file is another one now. `missing`: applied, and there is no file. */
  readonly state: "applied" | "pending" | "edited" | "missing";
  /** ISO time of the record; absent where somebody else has applied it and we have not recorded it. */
  readonly appliedAt?: string;
}

/** The migrations in the order they run; those whose file is missing last. The ones with a mark are the ones dbmate shows with it. */
export function migrationRows({ folder, records }: Pick<MigrationStatus, "folder" | "records">): MigrationRow[] {
  const applied = new Map(records.versions.map((record) => [record.version, record]));
  const flyway = new Set(records.flywayVersions);
  const inGit = new Set(folder.migrations.map(({ version }) => version));
  const rows = folder.migrations.map(({ version, name, checksum }): MigrationRow => {
    const record = applied.get(version);
    if (record === undefined) {
      return { version, name, state: flyway.has(version) ? "applied" : "pending" };
    }
    const edited = record.checksum !== undefined && !sameChecksum(record.checksum, checksum);
    return { version, name, state: edited ? "edited" : "applied", ...at(record.appliedAt) };
  });
  const missing = [
    ...records.versions.filter(({ version }) => !inGit.has(version)).map(({ version, file, appliedAt }): MigrationRow => ({ version, name: file ?? version, state: "missing", ...at(appliedAt) })),
    ...records.flywayVersions.filter((version) => !inGit.has(version)).map((version): MigrationRow => ({ version, name: version, state: "missing" })),
  ];
  return [...rows, ...missing];
}

function at(appliedAt: string | undefined): { readonly appliedAt?: string } {
  return appliedAt === undefined ? {} : { appliedAt };
}

/** What keeps a run from going ahead, without the warnings. */
export function hindrances({ problems, plan }: Pick<MigrationStatus, "problems" | "plan">): Problem[] {
  return [...problems, ...plan.problems].filter(({ severity }) => severity !== "warning");
}
