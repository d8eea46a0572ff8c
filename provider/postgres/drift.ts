/** What somebody changed in the schema by hand, with everything a person needs to see it. */
import { recordedSchema, unexplainedDrift } from "./baseline";
import { isHash, readCatalog, readDefinitions } from "./catalog";
import { withClient } from "./connection";
import { readFiles, relevantDrift } from "./preparation";
import type { MigrateOptions } from "./runner";
import { objectDifferences, type ObjectDifference } from "./schema-diff";
import { readRecords } from "./tracking";

/** Drift of the schema since the last run. */
export interface SchemaDrift {
  /** ISO time at which a run has recorded the schema; undefined where none has, and there is nothing to compare with. */
  readonly recordedAt: string | undefined;
  /** One line for each difference: `table public.orders: column region added (text)`. */
  readonly lines: readonly string[];
  /** The same by object. */
  readonly objects: readonly ObjectDifference[];
}

/** Compares the live schema with the recorded one. Changes nothing, waits for nobody. */
export function schemaDrift(options: Pick<MigrateOptions, "url" | "root" | "directory" | "ignoreDrift">): Promise<SchemaDrift> {
  const { folder } = readFiles({ root: options.root, directory: options.directory });
  return withClient(options.url, async (client) => {
    const records = await readRecords(client);
    const recorded = recordedSchema(records);
    if (recorded === undefined) {
      return { recordedAt: undefined, lines: [], objects: [] };
    }
    const catalog = await readCatalog(client);
    const changes = relevantDrift(unexplainedDrift(records, folder, catalog), options);
    const hashes = changes.flatMap(({ object }) => Object.values(catalog[object] ?? {}).filter(isHash));
    const live = { catalog, definitions: await readDefinitions(client, hashes) };
    return { recordedAt: records.baseline?.recordedAt, lines: changes.map(({ line }) => line), objects: objectDifferences(changes, recorded, live) };
  });
}
