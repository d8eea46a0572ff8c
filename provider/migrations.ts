/**
 * Resource `Migrations`: the SQL migrations and seeds of the warehouse.
 *
 * Its inputs hold every file by name with the first characters of its checksum, so that the engine's preview lists what is pending
 * (`+ 0003_orders.sql: "5be4…"`). `read` gives the same from the database's own records, so that a refresh shows a version that was rolled
 * back, applied by dbmate or forgotten; and manual DDL as `schema_drift`, a list of readable lines that Git never asks for.
 *
 * Manual DDL is never lost silently: `diff` has changes as long as there is any, so that `preview` (and `preview --expect-no-changes`)
 * reports it; an `up` runs what is pending, reports it again and keeps it in the outputs. It ends when it is undone by hand, when a later
 * migration names what was changed, or when a person accepts it (see postgres/baseline.ts). With `onDrift: fail` nothing is migrated
 * before that. The recorded schema is kept in the database, only its hash in the state.
 */
import { createHash } from "node:crypto";
import { formatProblem, type Problem } from "./errors";
import { isObject, type Json, type JsonObject } from "./json";
import { compareVersions, readMigrations, readSeeds, type MigrationFolder, type SqlScript } from "./postgres/files";
import { checkScripts } from "./postgres/parser";
import { planRun, sameChecksum, shortChecksum, type KnownRecords } from "./postgres/plan";
import { migrate, migrationStatus, type MigrateOptions, type MigrationStatus } from "./postgres/runner";
import { UNKNOWN, type CheckFailure, type ResourceContext, type ResourceHandler } from "./resource";

/** In `files`, instead of a checksum, for a version of which the database holds no checksum. */
const NOT_OURS = "applied by dbmate or by hand";

/** Lines of drift kept in the state. */
const DRIFT_LINES = 100;

/** Settings a program may write, with the check of each. */
const SETTINGS: Readonly<Record<string, { readonly valid: (value: Json) => boolean; readonly expected: string }>> = {
  environment: { valid: (value) => typeof value === "string", expected: "the environment's name" },
  directory: { valid: isFolder, expected: "a folder from the project's root, as 'db/migrations'" },
  seedDirectory: { valid: isFolder, expected: "a folder from the project's root, as 'db/seed'" },
  allowOutOfOrder: { valid: (value) => typeof value === "boolean", expected: "true or false" },
  lockTimeout: { valid: isDuration, expected: "a duration, as '5s' or '500ms'" },
  statementTimeout: { valid: isDuration, expected: "a duration, as '10min' or '30s'" },
  onDrift: { valid: (value) => value === "warn" || value === "fail", expected: "'warn' or 'fail'" },
  ignoreDrift: { valid: (value) => Array.isArray(value) && value.every((entry: Json) => typeof entry === "string"), expected: "a list of names as 'staging.*'" },
};

/** Keys `check` adds; ignored in what a program passes. */
const MADE = ["files", "repeatables", "seeds", "callbacks", "schema_drift", "version"];

function isFolder(value: Json): boolean {
  return typeof value === "string" && value !== "" && !value.startsWith("/") && !value.split("/").includes("..");
}

function isDuration(value: Json): boolean {
  return (typeof value === "number" && Number.isInteger(value) && value >= 0) || (typeof value === "string" && /^\d+\s*(ms|s|min|h|d)?$/.test(value));
}

type Checksums = Readonly<Record<string, string>>;

function shortChecksums(scripts: readonly SqlScript[]): Checksums {
  return Object.fromEntries(scripts.map((script) => [script.name, shortChecksum(script.checksum)]));
}

function textMap(value: Json | undefined): ReadonlyMap<string, string> {
  return new Map(isObject(value) ? Object.entries(value).flatMap(([name, text]) => (typeof text === "string" ? [[name, text] as const] : [])) : []);
}

/** The settings among inputs or outputs. */
function settingsOf(props: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(props).filter(([key, value]) => key in SETTINGS && value !== null));
}

/** Lists of files, without the empty ones: inputs from Git and from the database must come out the same. */
function withLists(settings: JsonObject, lists: Readonly<Record<string, Checksums>>): JsonObject {
  return { ...settings, ...Object.fromEntries(Object.entries(lists).filter(([name, list]) => name === "files" || Object.keys(list).length > 0)) };
}

/** Hash of everything that makes work for `update`. In the outputs, because `diff` is given no old inputs. */
function digestOf(inputs: JsonObject): string {
  const sorted = (value: Json | undefined): Json => (isObject(value) ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)) as unknown as Json : value ?? null);
  const parts = ["directory", "seedDirectory", "files", "repeatables", "seeds", "callbacks"].map((key) => sorted(inputs[key]));
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}

function settingFailures(news: JsonObject): CheckFailure[] {
  return Object.entries(news).flatMap(([property, value]) => {
    if (value === null || value === UNKNOWN || MADE.includes(property)) {
      return [];
    }
    const setting = SETTINGS[property];
    if (setting === undefined) {
      return [{ property, reason: `'${property}' is no setting of Migrations; known: ${Object.keys(SETTINGS).join(", ")}` }];
    }
    return setting.valid(value) ? [] : [{ property, reason: `'${property}' is ${JSON.stringify(value)}; expected ${setting.expected}` }];
  });
}

/** What the last inputs say of the database: a refresh has made them from its records. */
function recordsOf(olds: JsonObject, folder: MigrationFolder): KnownRecords {
  const versionOf = new Map(folder.migrations.map((migration) => [migration.name, migration.version]));
  const versions = [...textMap(olds["files"])].map(([name, checksum]) => ({
    version: versionOf.get(name) ?? (checksum === NOT_OURS ? name : versionIn(name, folder)),
    file: checksum === NOT_OURS ? undefined : name,
    checksum: checksum === NOT_OURS ? undefined : checksum,
  }));
  return { versions, files: { repeatable: textMap(olds["repeatables"]), seed: textMap(olds["seeds"]), callback: textMap(olds["callbacks"]) } };
}

/** The version in a file name that is no longer in the folder. */
function versionIn(name: string, folder: MigrationFolder): string {
  const digits = /(?:^|\/)V?(\d+(?:[._]\d+)*)/.exec(name)?.[1] ?? name;
  const parts = digits.replaceAll("_", ".").split(".").map((part) => part.replace(/^0+(?=\d)/, ""));
  return folder.layout === "flyway" ? parts.join(".").replace(/(\.0)+$/, "") : (/^\d+/.exec(digits)?.[0] ?? name);
}

function failureOf(property: string, problem: Problem): CheckFailure {
  return { property, reason: formatProblem(problem) };
}

async function check(olds: JsonObject, news: JsonObject, context: ResourceContext): ReturnType<ResourceHandler["check"]> {
  const settings = settingsOf({ directory: "db/migrations", ...Object.fromEntries(Object.entries(news).filter(([, value]) => value !== null)) });
  const wrong = settingFailures(news);
  if (wrong.length > 0 || settings["directory"] === UNKNOWN || settings["seedDirectory"] === UNKNOWN) {
    return { inputs: settings, failures: wrong };
  }
  const { directory, seedDirectory, allowOutOfOrder } = optionsOf(settings, context);
  const folder = readMigrations(context.root, directory);
  const { seeds, problems } = seedDirectory === undefined ? { seeds: [], problems: [] } : readSeeds(context.root, seedDirectory);
  const plan = planRun(folder, seeds, recordsOf(olds, folder), allowOutOfOrder === undefined ? {} : { allowOutOfOrder });
  const known = new Map(["files", "repeatables", "seeds", "callbacks"].flatMap((key) => [...textMap(olds[key])]));
  const fresh = [...folder.migrations, ...folder.repeatables, ...folder.callbacks, ...seeds].filter((script) => !sameChecksum(known.get(script.name) ?? "none", script.checksum));
  const all = [...folder.problems, ...plan.problems, ...problems, ...(await checkScripts(fresh))];
  all.filter((problem) => problem.severity === "warning").forEach((problem) => context.log(formatProblem(problem), "warn"));
  const failures = all.filter((problem) => problem.severity !== "warning");
  return {
    inputs: withLists(settings, {
      files: shortChecksums(folder.migrations),
      repeatables: shortChecksums(folder.repeatables),
      seeds: shortChecksums(seeds),
      callbacks: shortChecksums(folder.callbacks),
    }),
    failures: failures.map((problem) => failureOf(seedDirectory !== undefined && problem.file.startsWith(`${seedDirectory}/`) ? "seedDirectory" : "directory", problem)),
  };
}

type FolderOptions = Omit<MigrateOptions, "url">;

/** Checked settings as options of the migrator. */
function optionsOf(settings: JsonObject, context: ResourceContext): FolderOptions {
  const text = (key: string): string | undefined => {
    const value = settings[key];
    return typeof value === "string" ? value : typeof value === "number" ? `${value}ms` : undefined;
  };
  const ignore = settings["ignoreDrift"];
  const optional = {
    seedDirectory: text("seedDirectory"),
    lockTimeout: text("lockTimeout"),
    statementTimeout: text("statementTimeout"),
    onDrift: settings["onDrift"] === "fail" ? ("fail" as const) : undefined,
    allowOutOfOrder: settings["allowOutOfOrder"] === true ? true : undefined,
    ignoreDrift: Array.isArray(ignore) ? ignore.map(String) : undefined,
    signal: context.signal,
  };
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) as Partial<FolderOptions>;
  return { ...given, root: context.root, directory: text("directory") ?? "db/migrations", log: (message, severity) => context.log(message, severity) };
}

function outputs(inputs: JsonObject, result: { readonly version: string | null; readonly applied: number; readonly schema: string; readonly drift: readonly string[] }): JsonObject {
  return {
    ...settingsOf(inputs),
    version: result.version,
    applied: result.applied,
    digest: digestOf(inputs),
    schema: shortChecksum(result.schema),
    ...driftList(result.drift),
  };
}

function driftList(drift: readonly string[]): JsonObject {
  const more = drift.length - DRIFT_LINES;
  return drift.length === 0 ? {} : { schema_drift: more > 0 ? [...drift.slice(0, DRIFT_LINES), `… and ${more} more`] : [...drift] };
}

async function apply(inputs: JsonObject, context: ResourceContext): Promise<JsonObject> {
  const result = await migrate({ ...optionsOf(inputs, context), url: await context.warehouseUrl(), checkDrift: true });
  if (result.drift.length > 0) {
    context.log(
      `the database was changed by hand, and that is not undone by migrating:\n${result.drift.map((line) => `  ${line}`).join("\n")}\nUndo it, write it as a migration, or accept it with 'hybrid db drift --env <env> --accept'`,
      "warn",
    );
  }
  return outputs(inputs, { ...result, version: result.version ?? null, applied: textMap(inputs["files"]).size });
}

/** Inputs as the database's records have them. */
function liveInputs(props: JsonObject, { records, drift }: MigrationStatus): JsonObject {
  const files = Object.fromEntries(records.versions.map((record) => [
    record.file ?? record.version,
    record.checksum === undefined ? NOT_OURS : shortChecksum(record.checksum),
  ]));
  const short = (map: ReadonlyMap<string, string>): Checksums => Object.fromEntries([...map].map(([name, checksum]) => [name, shortChecksum(checksum)]));
  return {
    ...withLists(settingsOf(props), {
      files,
      repeatables: short(records.files.repeatable),
      seeds: short(records.files.seed),
      callbacks: short(records.files.callback),
    }),
    ...driftList(drift),
  };
}

/** See the module's comment. */
export const migrations: ResourceHandler = {
  check,

  async diff(_id, olds, news) {
    const drifted = Array.isArray(olds["schema_drift"]) && olds["schema_drift"].length > 0;
    return { changes: drifted || olds["digest"] !== digestOf(news) };
  },

  async create(inputs, context) {
    return { id: `migrations-${context.environment}`, outs: await apply(inputs, context) };
  },

  async read(id, props, context) {
    const { signal: _signal, ...options } = optionsOf(props, context);
    const status = await migrationStatus({ ...options, url: await context.warehouseUrl() });
    const inputs = liveInputs(props, status);
    const { versions, baseline } = status.records;
    const highest = versions.map((record) => record.version).sort((a, b) => compareVersions(status.folder.layout, a, b)).at(-1);
    return { id, inputs, props: outputs(inputs, { version: highest ?? null, applied: versions.length, schema: baseline?.hash ?? "", drift: status.drift }) };
  },

  async update(_id, _olds, news, context) {
    return { outs: await apply(news, context) };
  },

  async delete(_id, _props, context) {
    context.log("the tables and data of the warehouse stay as they are; only Pulumi forgets its migrations", "info");
  },
};
