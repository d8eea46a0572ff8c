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
import { catalogHash, diffCatalog, explainedBy, hashesOf, packCatalog, readCatalog, readDefinitions, rebaseCatalog, unpackCatalog, type Catalog, type CatalogChange, type Definitions } from "./catalog";
import type { MigrationFolder } from "./files";
import { writeBaseline, type Records } from "./tracking";

/** The SQL of migrations that were applied or rolled back after the baseline was recorded: by dbmate, by hand, or by a run that broke off. */
function ranSince(records: Records, folder: MigrationFolder): string[] {
  const since = records.baseline?.recordedAt ?? "";
  const applied = new Set(records.versions.filter((record) => record.appliedAt === undefined || record.appliedAt > since).map((record) => record.version));
  const undone = new Set(records.undone);
  return folder.migrations.flatMap(({ version, sql, undo }) => [...(applied.has(version) ? [sql] : []), ...(undone.has(version) && undo !== undefined ? [undo.sql] : [])]);
}

/** The schema as the last run has recorded it; undefined where nothing was recorded yet. */
export function recordedSchema(records: Records): { readonly catalog: Catalog; readonly definitions: Definitions } | undefined {
  return records.baseline === undefined ? undefined : unpackCatalog(records.baseline.packed);
}

/** What differs between the recorded and the live schema and is explained by no migration. Empty where nothing was recorded yet. */
export function unexplainedDrift(records: Records, folder: MigrationFolder, live: Catalog): CatalogChange[] {
  const recorded = recordedSchema(records);
  if (recorded === undefined) {
    return [];
  }
  const explained = explainedBy(ranSince(records, folder), true);
  return diffCatalog(recorded.catalog, live).filter((change) => !explained(change));
}

/**
 * Records the schema after a run.
 * @param before the schema before the run
 * @param ran the SQL the run has run
 * @returns the hash of the new baseline and the drift that remains
 */
export async function recordBaseline(client: Client, records: Records, folder: MigrationFolder, before: Catalog, ran: readonly string[]): Promise<{ readonly hash: string; readonly drift: readonly CatalogChange[] }> {
  const after = await readCatalog(client);
  const recorded = recordedSchema(records);
  const strict = explainedBy(ran);
  const loose = explainedBy(ranSince(records, folder), true);
  const next = recorded === undefined ? after : rebaseCatalog(recorded.catalog, before, after, (change) => strict(change) || loose(change));
  return { hash: await write(client, next, recorded?.definitions ?? {}), drift: diffCatalog(next, after) };
}

/** Records a schema with the definitions it names: those that are known, and the rest from the database. Returns its hash. */
async function write(client: Client, catalog: Catalog, known: Definitions): Promise<string> {
  const hashes = new Set(hashesOf(catalog));
  const live = await readDefinitions(client, [...hashes].filter((one) => known[one] === undefined));
  const definitions = Object.fromEntries(Object.entries({ ...live, ...known }).filter(([one]) => hashes.has(one)));
  const hash = catalogHash(catalog);
  await writeBaseline(client, hash, packCatalog(catalog, definitions));
  return hash;
}

/** Makes the live schema the recorded one: what was changed by hand counts as wanted. Returns what was accepted. */
export async function acceptLive(client: Client, records: Records, folder: MigrationFolder): Promise<readonly string[]> {
  const live = await readCatalog(client);
  const drift = unexplainedDrift(records, folder, live);
  await write(client, live, recordedSchema(records)?.definitions ?? {});
  return drift.map((change) => change.line);
}
