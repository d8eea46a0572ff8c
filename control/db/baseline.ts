/** Taking over a warehouse that already has tables. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Progress } from "../../local/progress";
import { ConfigError } from "../../provider/errors";
import { adoptVersions, refuseEmpty, type AdoptResult } from "../../provider/postgres/adopt";
import { readMigrations, type Layout } from "../../provider/postgres/files";
import { newMigration } from "../../provider/postgres/new-file";
import type { MigrateOptions } from "../../provider/postgres/runner";
import type { ControlEnvironment } from "../environment";
import { warehouseDump, warehouseOptions } from "./warehouse";

interface BaselineOptions extends Pick<MigrateOptions, "signal" | "log"> {
  /** The last version the database has. Default: the last one of the folder. */
  readonly version?: string;
  /** Name of a first migration that is written from the database's schema. */
  readonly dump?: string;
  /** Layout of that migration's folder. Default: dbmate's. */
  readonly layout?: Layout;
  readonly progress: Progress;
}

/** What was recorded, and the migration that was written, from the repository's root. */
export type BaselineResult = AdoptResult & { readonly written?: string };

/**
 * Records versions as applied without running them. With `dump`, writes the live schema as the folder's first migration before that.
 * @throws ConfigError where `dump` is asked for and the folder has migrations; everything `adoptVersions` throws. The written file is removed again then
 */
export async function baselineWarehouse(environment: ControlEnvironment, { version, dump, layout, progress, ...run }: BaselineOptions): Promise<BaselineResult> {
  const options = await warehouseOptions(environment);
  const upTo = version === undefined ? {} : { upTo: version };
  if (dump === undefined) {
    return adoptVersions({ ...options, ...run, ...upTo });
  }
  const { root, directory } = options;
  const existing = readMigrations(root, directory).migrations;
  if (existing[0] !== undefined || version !== undefined) {
    throw new ConfigError(existing[0] === undefined ? "--dump writes the first migration, whose version is new; leave --version out" : `${directory} has migrations (${existing[0].name}, …), and a dump is the first one; leave --dump out, and say with --version which of them the database has`);
  }
  await refuseEmpty(options.url);
  // Names in it are qualified, and another migrator would go on without a search path.
  const sql = (await warehouseDump(environment, progress, run.signal)).replace(/^SELECT pg_catalog\.set_config\('search_path', '', false\);\n/m, "");
  const written = newMigration({ root, directory, name: dump, sql, ...(layout === undefined ? {} : { layout }) });
  try {
    return { ...(await adoptVersions({ ...options, ...run })), written };
  } catch (error) {
    rmSync(join(root, written), { force: true });
    throw error;
  }
}
