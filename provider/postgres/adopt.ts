/** Taking over a database that already has what the migrations make: versions are recorded as applied, and nothing of them is run. */
import type { Client } from "pg";
import { ConfigError, MigrationError } from "../errors";
import { acceptLive } from "./baseline";
import { readCatalog } from "./catalog";
import { describeUrl, withClient } from "./connection";
import { Execution } from "./execution";
import { compareVersions, type Migration, type MigrationFolder } from "./files";
import { normaliseVersion } from "./flyway";
import { readFiles, refuse } from "./preparation";
import { WAIT_FOR_LOCK, type MigrateOptions } from "./runner";
import { takeLock } from "./session";
import { ensureTracking, readRecords, recordVersion, type Records } from "./tracking";

type Options = Pick<MigrateOptions, "url" | "root" | "directory" | "waitForLock" | "signal" | "log"> & {
  /** The last version the database has. Default: the last one of the folder. */
  readonly upTo?: string;
};

/** What was recorded. */
export interface AdoptResult {
  /** File names that were recorded as applied; empty where all of them were before. */
  readonly adopted: readonly string[];
  /** Highest version that is now applied. */
  readonly version: string | undefined;
  /** Number of tables, views and other objects in the database's own schemas: what the recorded schema holds. */
  readonly objects: number;
}

/**
 * Records every migration up to `upTo` as applied, without running it, and the live schema as the recorded one.
 * @throws ProblemsError for files that are wrong, ConfigError for an unknown version, MigrationError for a database that has nothing in it
 */
export function adoptVersions(options: Options): Promise<AdoptResult> {
  const { folder, problems } = readFiles({ root: options.root, directory: options.directory });
  refuse(problems, options.log);
  const wanted = upTo(folder, options.upTo);
  return withClient(options.url, async (client) => {
    await takeLock(client, options.url, options.waitForLock ?? WAIT_FOR_LOCK, options.signal, () => options.log?.("waiting for another run to finish migrating", "info"));
    const records = await readRecords(client);
    const objects = await countObjects(client, options.url);
    const adopt = missingFrom(records, wanted);
    if (!records.tables) {
      await ensureTracking(client);
    }
    await new Execution(client, options.url, [], options.signal, () => undefined).book(adopt.flatMap((migration) => recordVersion(migration, true)));
    await acceptLive(client, await readRecords(client), folder);
    const versions = [...records.versions, ...adopt].map(({ version }) => version);
    return { adopted: adopt.map(({ name }) => name), version: versions.sort((a, b) => compareVersions(folder.layout, a, b)).at(-1), objects };
  });
}

/** @throws MigrationError for a database that has nothing in it */
export async function refuseEmpty(url: string): Promise<void> {
  await withClient(url, (client) => countObjects(client, url));
}

async function countObjects(client: Client, url: string): Promise<number> {
  const objects = Object.keys(await readCatalog(client)).filter((object) => !/^(?:schema public|extension plpgsql)$/.test(object)).length;
  if (objects === 0) {
    throw new MigrationError(`the database at ${describeUrl(url)} is empty: there is nothing the migrations could have made. Nothing was recorded; run them with 'hybrid db sync'`);
  }
  return objects;
}

/** What has no record, or none of ours. */
function missingFrom(records: Records, migrations: readonly Migration[]): readonly Migration[] {
  const known = new Set(records.versions.filter(({ checksum }) => checksum !== undefined).map(({ version }) => version));
  return migrations.filter(({ version }) => !known.has(version));
}

function upTo(folder: MigrationFolder, version: string | undefined): readonly Migration[] {
  if (version === undefined) {
    return folder.migrations;
  }
  const wanted = folder.layout === "flyway" ? normaliseVersion(version.replace(/^V/, "")) : version;
  const index = folder.migrations.findIndex((migration) => migration.version === wanted);
  if (index < 0) {
    const known = folder.migrations.map((migration) => migration.version);
    throw new ConfigError(`no migration of ${folder.directory} has version '${version}'; ${known.length === 0 ? "there are none" : `it has ${known.length <= 6 ? known.join(", ") : `${known.slice(0, 3).join(", ")}, … ${known.slice(-2).join(", ")}`}`}`);
  }
  return folder.migrations.slice(0, index + 1);
}
