/**
 * The checks of a bundle along the pending migrations: against the schema as it is now, and again after each migration that may matter.
 * Everything happens in a scratch database.
 */
import { diffCatalog, readCatalog, type Catalog, type CatalogChange } from "../../provider/postgres/catalog";
import { withClient } from "../../provider/postgres/connection";
import { Planner } from "../../provider/postgres/explain";
import { migrate, type MigrateOptions } from "../../provider/postgres/runner";
import { ConnectionError, UserError } from "../../provider/errors";
import { CancelledError, FailedMigrationError } from "../../provider/postgres/failure";
import type { Check } from "./queries";
import { failuresOf, type Failure, type PathOf } from "./evaluate";

/** What one migration does to the schema. */
export interface MigrationStep {
  /** File, from the repository's root. */
  readonly file: string;
  readonly name: string;
  readonly changes: readonly CatalogChange[];
}

/** A check that fails after all pending migrations. */
export interface BrokenCheck {
  readonly check: Check;
  readonly failure: Failure;
  /** The migration after which it failed; undefined where it failed before the first one. */
  readonly since: MigrationStep | undefined;
}

/** What was found. */
export interface Trace {
  /** The migrations that ran, in order. */
  readonly steps: readonly MigrationStep[];
  readonly broken: readonly BrokenCheck[];
  /** Checks that fail now and work after the migrations. */
  readonly repaired: readonly Check[];
  /** Checks that fail in a copy that is not quite the target, before any migration: whether they fail in the target is not known. */
  readonly doubtful: readonly { readonly check: Check; readonly failure: Failure }[];
  /** Why the migrations did not get through, in a database with the target's schema and no data. The checks are then those before the failing one. */
  readonly failed?: string;
}

/**
 * @param url of the scratch database, with its password
 * @param options of the migrator; undefined: no migrations are run
 * @param copy whether the database is as the target, but for the data
 */
export function traceChecks(url: string, options: Omit<MigrateOptions, "url"> | undefined, all: readonly Check[], pathOf: PathOf, copy: "exact" | "incomplete"): Promise<Trace> {
  return withClient(url, async (looking) =>
    withClient(url, async (planning) => {
      const planner = await Planner.on(planning);
      const steps: MigrationStep[] = [];
      const first = await failuresOf(planner, pathOf, all);
      const doubtful = copy === "exact" ? [] : [...first].map(([check, failure]) => ({ check, failure }));
      const unsure = new Set(doubtful.map(({ check }) => (check.subject === "source" ? check.relation : check)));
      const checks = all.filter((check) => !unsure.has(check) && !unsure.has(check.relation));
      const before = copy === "exact" ? first : new Map<Check, Failure>();
      const failing = new Map<Check, MigrationStep | undefined>([...before.keys()].map((check) => [check, undefined]));
      let catalog = await readCatalog(looking);
      const failed = options === undefined ? undefined : await attempt(() =>
        migrate({
          ...options,
          url,
          onDrift: "warn",
          afterEach: async ({ file, name }) => {
            const next = await readCatalog(looking);
            const step = { file, name, changes: diffCatalog(catalog, next) };
            steps.push(step);
            const wanted = concerned(step.changes, catalog, next);
            catalog = next;
            const now = await failuresOf(planner, pathOf, checks, wanted);
            for (const check of checks.filter(wanted)) {
              if (now.has(check)) {
                if (!failing.has(check)) failing.set(check, step);
              } else {
                failing.delete(check);
              }
            }
          },
        }));
      const after = await failuresOf(planner, pathOf, checks);
      const broken = [...after].map(([check, failure]) => ({ check, failure, since: failing.has(check) ? failing.get(check) : steps.at(-1) }));
      return { steps, broken, repaired: [...before.keys()].filter((check) => !after.has(check)), doubtful, ...(failed === undefined ? {} : { failed }) };
    }));
}

async function attempt(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    // What the files say, or the database without data.
    if (error instanceof UserError && !(error instanceof CancelledError) && !(error instanceof ConnectionError)) {
      return error instanceof FailedMigrationError && NO_EXTENSION.includes(error.code ?? "") ? `${error.message}\nThe scratch server has not all extensions: name one that has, with --scratch-url` : error.message;
    }
    throw error;
  }
}

/** What PostgreSQL answers to CREATE EXTENSION where it has no such file. */
const NO_EXTENSION = ["0A000", "58P01"];

/** Objects whose change may break any query. */
const FAR_REACHING = /^(?:schema|extension|function|procedure|aggregate|type|domain) /;

/** Which checks a migration may have broken or repaired. */
function concerned(changes: readonly CatalogChange[], before: Catalog, after: Catalog): (check: Check) => boolean {
  if (changes.some(({ object }) => FAR_REACHING.test(object)) || changes.some(({ object }) => object.startsWith("view ") && (before[object] === undefined || after[object] === undefined))) {
    return () => true;
  }
  const names = new Set(changes.map(({ object }) => nameOf(object)));
  const touched = ({ relation }: Check): boolean => relation.unknown !== undefined || relation.tables.some((table) => names.has(table) || [...names].some((name) => name.endsWith(`.${table}`)));
  return touched;
}

/** `table public."Order Lines"` → `public.Order Lines`: as lineage names tables. */
export function nameOf(object: string): string {
  return object.replace(/^(?:materialized |foreign )?\w+ /, "").replace(/"((?:[^"]|"")*)"/g, (_, name: string) => name.replaceAll('""', '"'));
}
