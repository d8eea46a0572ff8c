/**
 * Drift of the schema: what somebody changed in the database by hand since the last run.
 *
 * The schema a run leaves is recorded in the database (`hybrid_migrations`, kind `baseline`), so that it is found without Pulumi's
 * state too. A later look compares it with the live schema. Manual DDL cannot be undone by us and is never swallowed: it stays reported,
 * at every look and after every run, until
 *
 * - it is undone by hand, or
 * - a migration that runs later names what was changed (`alter table orders add column if not exists region …`), or
 * - a person accepts it (`acceptDrift`).
 */
import type { Client } from "pg";
import { catalogHash, diffCatalog, explainedBy, packCatalog, readCatalog, rebaseCatalog, unpackCatalog, type Catalog, type CatalogChange } from "./catalog";
import type { MigrationFolder } from "./files";
import { writeBaseline, type Records } from "./tracking";

/** The SQL of migrations that were applied after the baseline was recorded: by dbmate, by hand, or by a run that broke off. */
function appliedSince(records: Records, folder: MigrationFolder): string[] {
  const since = records.baseline?.recordedAt ?? "";
  const versions = new Set(records.versions.filter((record) => record.appliedAt === undefined || record.appliedAt > since).map((record) => record.version));
  return folder.migrations.filter((migration) => versions.has(migration.version)).map((migration) => migration.sql);
}

/** What differs between the recorded and the live schema and is explained by no migration. Empty where nothing was recorded yet. */
export function unexplainedDrift(records: Records, folder: MigrationFolder, live: Catalog): CatalogChange[] {
  const recorded = records.baseline === undefined ? undefined : unpackCatalog(records.baseline.packed);
  if (recorded === undefined) {
    return [];
  }
  const explained = explainedBy(appliedSince(records, folder), true);
  return diffCatalog(recorded, live).filter((change) => !explained(change));
}

/**
 * Records the schema after a run.
 * @param before the schema before the run
 * @param ran the SQL the run has run
 * @returns the hash of the new baseline and the drift that remains
 */
export async function recordBaseline(client: Client, records: Records, folder: MigrationFolder, before: Catalog, ran: readonly string[]): Promise<{ readonly hash: string; readonly drift: readonly CatalogChange[] }> {
  const after = await readCatalog(client);
  const recorded = records.baseline === undefined ? undefined : unpackCatalog(records.baseline.packed);
  const strict = explainedBy(ran);
  const loose = explainedBy(appliedSince(records, folder), true);
  const next = recorded === undefined ? after : rebaseCatalog(recorded, before, after, (change) => strict(change) || loose(change));
  const hash = catalogHash(next);
  await writeBaseline(client, hash, packCatalog(next));
  return { hash, drift: diffCatalog(next, after) };
}

/** Makes the live schema the recorded one: what was changed by hand counts as wanted. Returns what was accepted. */
export async function acceptLive(client: Client, records: Records, folder: MigrationFolder): Promise<readonly string[]> {
  const live = await readCatalog(client);
  const drift = unexplainedDrift(records, folder, live);
  await writeBaseline(client, catalogHash(live), packCatalog(live));
  return drift.map((change) => change.line);
}
