/**
 * What pending migrations do to the assets of a bundle, found out before anything is applied: the target's schema is copied into a scratch
 * database, the migrations are run there, and PostgreSQL's own planner says which queries of the bundle it can still plan.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Compiled, CompiledAsset } from "../../compile";
import { withLocalPostgres } from "../../local/lend";
import { runtimeFolder } from "../../local/paths";
import type { Progress } from "../../local/progress";
import { hash } from "../../provider/canonical";
import type { Memory } from "../../provider/drift";
import { ConfigError, UserError } from "../../provider/errors";
import { canonicalForms } from "../../provider/forms";
import { folderSettings } from "../../provider/migration-settings";
import { cloneSchema, removeRoles } from "../../provider/postgres/clone";
import { normaliseUrl } from "../../provider/postgres/connection";
import { migrate, migrationStatus } from "../../provider/postgres/runner";
import { openScratch, type Scratch } from "../../provider/postgres/scratch";
import { dumpPrograms, hasMigrations, warehouseOptions } from "../db/warehouse";
import { openEnvironment, type ControlEnvironment } from "../environment";
import { commitNamed } from "../git/checkout";
import { openRepository } from "../git/repository";
import { Scratch as Checkout } from "../git/scratch";
import { relationAssets, type RelationAsset } from "../lineage";
import { bundleDatabases, type BundleDatabase } from "./databases";
import type { PathOf } from "./evaluate";
import { checksOf, type Unchecked } from "./queries";
import { impactReport, type ImpactReport } from "./report";
import { traceChecks, type Trace } from "./trace";

/** How the impact is found out. */
export interface ImpactOptions {
  readonly compiled: Compiled;
  readonly progress: Progress;
  /** A server for the scratch database, by a user that may create databases. Default: the local runtime's PostgreSQL, started where it does not run. */
  readonly scratchUrl?: string | undefined;
  /** A commit of Git: its migrations, from an empty database, stand for the target, which is then not asked. Default: the target. */
  readonly since?: string | undefined;
  readonly signal?: AbortSignal;
}

/** Schema and bundle before the change. */
interface Base {
  readonly searchPathOf: (user: string | undefined) => string;
  readonly notes: readonly string[];
  /** Whether the scratch database is as the target, but for the data. */
  readonly copy: "exact" | "incomplete";
  /** What has to be removed from the scratch server besides the database. */
  readonly roles: readonly string[];
  /** Whether an asset is as it was before the change. */
  isOld(): Promise<{ readonly isOld: (asset: CompiledAsset) => boolean; readonly notes: readonly string[] }>;
}

/** @throws ConfigError, ConnectionError, UserError where target, scratch server or Git cannot be used. What is wrong in bundle and migrations is in the report */
export async function warehouseImpact(environment: ControlEnvironment, options: ImpactOptions): Promise<ImpactReport> {
  const { compiled, progress } = options;
  const url = await targetUrl(environment, options.since !== undefined);
  const databases = new Map(bundleDatabases(compiled, url).map((database) => [database.asset.uuid, database]));
  const relations = await relationAssets(compiled);
  const inWarehouse = relations.filter(({ relation }) => databases.get(relation.database)?.warehouse === true);
  const elsewhere = relations.filter((one) => !inWarehouse.includes(one)).map((one) => notChecked(one, databases));
  const { checks, unchecked } = checksOf(inWarehouse, compiled.assets);
  return withScratch(environment, options, async (scratch) => {
    const base = options.since === undefined ? await fromTarget(environment, scratch, options) : await fromCommit(environment, scratch, options.since, options);
    try {
      const pathOf: PathOf = ({ relation }) => (relation.schema === undefined ? base.searchPathOf(databases.get(relation.database)?.address?.username) : `"${relation.schema.replaceAll('"', '""')}"`);
      const settings = hasMigrations(environment) ? { ...folderSettings(environment.policy), root: environment.root, ...(options.signal === undefined ? {} : { signal: options.signal }) } : undefined;
      const trace = await progress.step(`Checking ${checks.length} queries along the pending migrations`, () => traceChecks(scratch.url, settings, checks, pathOf, base.copy));
      const { isOld, notes } = hasOldErrors(trace) ? await base.isOld() : { isOld: () => false, notes: [] };
      const choices = [...databases.values()].flatMap(({ note }) => (note === undefined ? [] : [note]));
      return impactReport({ compiled, trace, checked: checks.length, unchecked: [...unchecked, ...trace.doubtful.map(doubted), ...elsewhere], notes: [...base.notes, ...choices, ...notes], isOld });
    } finally {
      await scratch.close();
      await removeRoles(scratch.server, base.roles);
    }
  });
}

/** Undefined only where it is not configured and not needed. */
async function targetUrl({ settings }: ControlEnvironment, optional: boolean): Promise<string | undefined> {
  try {
    return normaliseUrl(await settings.warehouseUrl());
  } catch (error) {
    if (optional && error instanceof ConfigError) return undefined;
    throw error;
  }
}

function notChecked({ asset, relation }: RelationAsset, databases: ReadonlyMap<string, BundleDatabase>): Unchecked {
  const database = databases.get(relation.database);
  const why = database === undefined ? "its database is not in the bundle" : `its database '${database.asset.name}' is not the warehouse: ${String(database.warehouse)}`;
  return { asset, label: "all of it, and what uses it", path: relation.source.path, reason: why };
}

function doubted({ check: { asset, label, path }, failure }: Trace["doubtful"][number]): Unchecked {
  return { asset, label, path, reason: `it fails in the scratch database, which is not quite the target: ${failure.message} (${failure.code})` };
}

function hasOldErrors({ broken }: Trace): boolean {
  return broken.some(({ since, failure }) => since === undefined && failure.severity === "error");
}

async function withScratch<T>(environment: ControlEnvironment, { scratchUrl, progress }: ImpactOptions, work: (scratch: Scratch) => Promise<T>): Promise<T> {
  if (scratchUrl !== undefined) {
    const scratch = await openScratch(scratchUrl);
    try {
      return await work(scratch);
    } finally {
      await scratch.close();
    }
  }
  return withLocalPostgres(
    { runtime: runtimeFolder(environment.root), progress },
    { open: openScratch, work, close: (scratch) => scratch.close() },
  );
}

/** The target's schema, and what the last apply wrote. */
async function fromTarget(environment: ControlEnvironment, scratch: Scratch, { compiled, progress, signal }: ImpactOptions): Promise<Base> {
  const source = await warehouseOptions(environment);
  const clone = await progress.step(`Copying the schema of ${environment.name}`, async () => {
    const { plan } = await migrationStatus(source);
    const scripts = [...plan.pending, ...plan.repeatables, ...plan.seeds];
    const bin = await dumpPrograms(environment, source.url, progress);
    return cloneSchema({ source: source.url, target: scratch.url, scripts, ...(bin === undefined ? {} : { bin }), ...(signal === undefined ? {} : { signal }) });
  });
  return {
    searchPathOf: (user) => clone.searchPathOf(user),
    roles: clone.roles,
    copy: clone.missing.length + clone.standIns.length === 0 ? "exact" : "incomplete",
    notes: [
      ...(clone.standIns.length === 0 ? [] : [`the scratch server does not have the ${clone.standIns.length === 1 ? "extension" : "extensions"} ${clone.standIns.join(", ")}, and stand-ins take their place; a server that has, given with --scratch-url, makes the checks complete`]),
      ...clone.missing.map((what) => `the scratch database lacks what the target has: ${what}`),
    ],
    async isOld() {
      try {
        const memories = await environment.memories();
        const now = formHashes(compiled);
        return { isOld: ({ uuid }) => appliedHash(memories.get(uuid)) === now.get(uuid), notes: [] };
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        return { isOld: () => false, notes: [`what the last apply wrote is not known, so that whatever is broken counts: ${error.message}`] };
      }
    },
  };
}

/** The schema that a commit's migrations make of nothing, and that commit's assets. */
async function fromCommit(environment: ControlEnvironment, scratch: Scratch, name: string, { compiled, progress, signal }: ImpactOptions): Promise<Base> {
  const repository = await openRepository(environment.root);
  const commit = await commitNamed(environment.root, name);
  if (commit === undefined) {
    throw new ConfigError(`--since ${name}: this repository has no such commit; name another one, or fetch it first (git fetch origin; in CI, a checkout with all commits)`);
  }
  const settings = folderSettings(environment.policy);
  let old: ReadonlyMap<string, string> | undefined;
  const notes = await progress.step(`Making the schema of ${name}`, () =>
    Checkout.use(repository, async (checkout) => {
      await checkout.checkout(commit);
      if (hasMigrations(environment) && existsSync(join(checkout.folder, settings.directory))) {
        await migrate({ ...settings, onDrift: "warn", root: checkout.folder, url: scratch.url, ...(signal === undefined ? {} : { signal }) });
      }
      try {
        old = formHashes(openEnvironment(environment.root, environment.name, { log: environment.log, templates: checkout.folder }).compiled);
        return [];
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        return [`the assets of ${name} do not compile, so that whatever is broken counts`];
      }
    }));
  return {
    searchPathOf: () => "public",
    copy: "exact",
    roles: [],
    notes,
    isOld: () => {
      const now = formHashes(compiled);
      return Promise.resolve({ isOld: ({ uuid }: CompiledAsset) => old !== undefined && old.get(uuid) === now.get(uuid), notes: [] });
    },
  };
}

function formHashes({ assets }: Compiled): ReadonlyMap<string, string> {
  return new Map([...canonicalForms(assets)].map(([uuid, form]) => [uuid, hash(form)]));
}

function appliedHash(remembered: { readonly memory: Memory } | undefined): string | undefined {
  return remembered === undefined ? undefined : hash(remembered.memory.applied);
}
