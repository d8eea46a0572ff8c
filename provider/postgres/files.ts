/**
 * The migrations folder: which layout it has, its files in the order they run, and everything wrong with it that needs neither a
 * parser nor a database. Three layouts are known:
 *
 * - `dbmate`: `20260101120000_name.sql` or `001_name.sql` with `-- migrate:up` / `-- migrate:down` (the down part is never run);
 * - `plain`: the same names, no markers: the whole file is run;
 * - `flyway`: `V4__orders.sql`, `R__view.sql`, callbacks such as `beforeMigrate.sql`; undo files (`U4__orders.sql`) are never run.
 *
 * Files run in the order of their names (dbmate's rule; Flyway: of their version numbers). Two layouts in one folder are an error.
 */
import { isUtf8 } from "node:buffer";
import { readdirSync, readFileSync, type Dirent } from "node:fs";
import { join, posix } from "node:path";
import type { Problem } from "../errors";
import { isCallbackEvent, parseFlywayName, flywayNearMiss, type FlywayName } from "./flyway";
import { dbmateSection, hasMarker } from "./markers";
import { sqlChecksum, tokens } from "./tokens";

type Layout = "dbmate" | "plain" | "flyway";

/** One piece of SQL that is run as a whole. */
export interface SqlScript {
  /** Path from the repository's root, with `/`. */
  readonly file: string;
  /** Path inside its folder: what the tracking table and Pulumi's diff call it. */
  readonly name: string;
  /** The text that is run, with `\n` line ends and without a byte order mark. */
  readonly sql: string;
  /** 1-based line of the file at which `sql` begins. */
  readonly line: number;
  /** See `sqlChecksum`. */
  readonly checksum: string;
  /** Whether it runs inside a transaction. Default: true; `transaction:false` on the marker (dbmate) or in the first comment (plain, Flyway). */
  readonly transaction: boolean;
}

/** A script that runs once, recorded by its version. */
export interface Migration extends SqlScript {
  /** As written for dbmate and plain names (`0003`); normalised for Flyway (`1.2`, without leading and trailing zeros). */
  readonly version: string;
}

/** A Flyway callback. */
export interface Callback extends SqlScript {
  readonly event: string;
}

/** A migrations folder, read. Where `problems` has an error nothing of it may run. */
export interface MigrationFolder {
  /** From the repository's root, with `/`. */
  readonly directory: string;
  /** Undefined where there is no migration in it. */
  readonly layout: Layout | undefined;
  /** In the order they run. */
  readonly migrations: readonly Migration[];
  /** `R__` files, by description: run again when their checksum changes. */
  readonly repeatables: readonly SqlScript[];
  /** By name. */
  readonly callbacks: readonly Callback[];
  readonly problems: readonly Problem[];
}

interface RawFile {
  readonly name: string;
  readonly file: string;
  readonly text: string;
}

const NUMBERED = /^(\d+).*\.sql$/;
const NO_TRANSACTION = /^(?:\s*--[^\n]*\n)*?\s*--\s*transaction:\s*false\s*(?:\n|$)/;
const utf8 = new TextDecoder();

/** Sorts as dbmate does: by bytes, not by locale. */
function byText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function listSql(directory: string, recursive: boolean, below = ""): string[] {
  const entries: Dirent[] = readdirSync(join(directory, below), { withFileTypes: true });
  return entries
    .flatMap((entry) => {
      const name = posix.join(below, entry.name);
      if (entry.isDirectory()) {
        return recursive ? listSql(directory, recursive, name) : [];
      }
      return /\.sql(\.conf)?$/i.test(entry.name) ? [name] : [];
    })
    .sort(byText);
}

/** The line of the first byte that is not UTF-8 (or a zero byte, which PostgreSQL refuses). */
function badLine(bytes: Buffer): number {
  let line = 1;
  for (const piece of bytes.toString("latin1").split("\n")) {
    const part = Buffer.from(piece, "latin1");
    if (part.includes(0) || !isUtf8(part)) {
      return line;
    }
    line += 1;
  }
  return 1;
}

/** The text of an SQL file with `\n` line ends and without byte order mark; adds a problem and returns undefined where it is not UTF-8. */
function readText(path: string, file: string, problems: Problem[]): string | undefined {
  const bytes = readFileSync(path);
  if (!isUtf8(bytes) || bytes.includes(0)) {
    problems.push({ file, line: badLine(bytes), message: "is not UTF-8 text; save the file in UTF-8" });
    return undefined;
  }
  const text = utf8.decode(bytes);
  return text.includes("\r") ? text.replaceAll("\r\n", "\n") : text;
}

/** Whether a text has anything but space, comments and semicolons. */
function hasStatement(sql: string): boolean {
  for (const { kind, start } of tokens(sql)) {
    if (kind !== "space" && sql[start] !== ";") {
      return true;
    }
  }
  return false;
}

function wholeScript(raw: RawFile, problems: Problem[], conf?: string): SqlScript | undefined {
  if (!hasStatement(raw.text)) {
    problems.push({ file: raw.file, message: "holds no SQL statement; write one or delete the file" });
    return undefined;
  }
  const transaction = !NO_TRANSACTION.test(raw.text) && !(conf !== undefined && /^\s*executeInTransaction\s*=\s*false\s*$/im.test(conf));
  return { file: raw.file, name: raw.name, sql: raw.text, line: 1, checksum: sqlChecksum(raw.text), transaction };
}

function dbmateScript(raw: RawFile, problems: Problem[]): SqlScript | undefined {
  const section = dbmateSection(raw.file, raw.text, problems);
  if (section === undefined) {
    return undefined;
  }
  if (!hasStatement(section.sql)) {
    problems.push({ file: raw.file, line: section.line, message: "has no SQL statement below '-- migrate:up'; write one or delete the file" });
    return undefined;
  }
  return { file: raw.file, name: raw.name, ...section, checksum: sqlChecksum(section.sql) };
}

function numberedFolder(files: readonly RawFile[], layout: "dbmate" | "plain", problems: Problem[]): Migration[] {
  const migrations: Migration[] = [];
  for (const raw of files) {
    const version = NUMBERED.exec(raw.name)?.[1];
    if (version === undefined) {
      const suggestion = /^\d+.*\.sql$/i.test(raw.name) ? raw.name.replace(/\.sql$/i, ".sql") : `20260101120000_${raw.name.replace(/\.sql$/i, "")}.sql`;
      problems.push({ file: raw.file, message: `'${raw.name}' is no migration's name: it begins with the version in digits and ends in .sql, as '${suggestion}'; rename the file` });
      continue;
    }
    const script = layout === "dbmate" ? dbmateScript(raw, problems) : wholeScript(raw, problems);
    if (script !== undefined) {
      migrations.push({ ...script, version });
    }
  }
  warnOfTextOrder(migrations, problems);
  return migrations;
}

/** dbmate runs 10_x.sql before 9_x.sql. Not an error, as versions that are applied cannot be renamed. */
function warnOfTextOrder(migrations: readonly Migration[], problems: Problem[]): void {
  migrations.forEach((migration, index) => {
    const previous = migrations[index - 1];
    if (previous !== undefined && BigInt(previous.version) > BigInt(migration.version)) {
      problems.push({
        file: migration.file,
        severity: "warning",
        message: `runs after '${previous.name}', as names are sorted as text; pad the versions with zeros to the same width`,
      });
    }
  });
}

function reportDuplicates(migrations: readonly Migration[], key: (version: string) => string, problems: Problem[]): void {
  const first = new Map<string, Migration>();
  for (const migration of migrations) {
    const earlier = first.get(key(migration.version));
    if (earlier === undefined) {
      first.set(key(migration.version), migration);
    } else {
      problems.push({ file: migration.file, message: `has the same version ${migration.version} as '${earlier.name}'; give the one that is not applied yet a higher version` });
    }
  }
}

function flywayFolder(files: readonly RawFile[], confs: ReadonlyMap<string, string>, problems: Problem[]): Pick<MigrationFolder, "migrations" | "repeatables" | "callbacks"> {
  const versioned: { readonly migration: Migration; readonly parsed: FlywayName }[] = [];
  const repeatables: { readonly script: SqlScript; readonly parsed: FlywayName }[] = [];
  const callbacks: Callback[] = [];
  for (const raw of files) {
    const parsed = parseFlywayName(raw.name);
    if (parsed === undefined) {
      problems.push({ file: raw.file, message: flywayNearMiss(raw.name) });
    } else if (parsed.kind === "baseline") {
      problems.push({ file: raw.file, message: "is a Flyway baseline migration, which is not supported; write it as a V migration" });
    } else if (parsed.kind === "callback" && !isCallbackEvent(parsed.event)) {
      problems.push({ file: raw.file, severity: "warning", message: `is never run: '${parsed.event}' belongs to a Flyway command or moment that does not exist here` });
    } else if (parsed.kind !== "undo") {
      const script = wholeScript(raw, problems, confs.get(`${raw.name}.conf`));
      const placeholder = script === undefined ? undefined : /\$\{[\w:.]+\}/.exec(script.sql);
      if (script === undefined) {
        continue;
      }
      if (placeholder !== null && placeholder !== undefined) {
        const line = script.sql.slice(0, placeholder.index).split("\n").length;
        problems.push({ file: raw.file, line, message: `uses the Flyway placeholder ${placeholder[0]}, and placeholders are not replaced here; write the value` });
      }
      if (parsed.kind === "versioned") {
        versioned.push({ migration: { ...script, version: parsed.version }, parsed });
      } else if (parsed.kind === "repeatable") {
        repeatables.push({ script, parsed });
      } else if (parsed.kind === "callback") {
        callbacks.push({ ...script, event: parsed.event });
      }
    }
  }
  return {
    migrations: versioned.map((entry) => entry.migration).sort((a, b) => compareVersions("flyway", a.version, b.version) || byText(a.name, b.name)),
    repeatables: repeatables.sort((a, b) => byText(a.parsed.description, b.parsed.description)).map((entry) => entry.script),
    callbacks,
  };
}

/** Order of two versions: as text for dbmate and plain names, part by part as numbers for Flyway. */
export function compareVersions(layout: Layout | undefined, left: string, right: string): number {
  if (layout !== "flyway") {
    return byText(left, right);
  }
  const a = left.split(".");
  const b = right.split(".");
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = BigInt(a[index] ?? 0) - BigInt(b[index] ?? 0);
    if (difference !== 0n) {
      return difference < 0n ? -1 : 1;
    }
  }
  return 0;
}

function isMissing(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}

function listOrUndefined(path: string, recursive: boolean): string[] | undefined {
  try {
    return listSql(path, recursive);
  } catch (error) {
    if (isMissing(error)) {
      return undefined;
    }
    throw error;
  }
}

function readAll(root: string, directory: string, names: readonly string[], problems: Problem[]): RawFile[] {
  return names.flatMap((name) => {
    const file = posix.join(directory, name);
    const text = readText(join(root, directory, name), file, problems);
    return text === undefined ? [] : [{ name, file, text }];
  });
}

/**
 * Reads and checks a migrations folder. Never throws for what is wrong in it: see `problems`.
 * @param directory from the repository's root, with `/`
 */
export function readMigrations(root: string, directory: string): MigrationFolder {
  const problems: Problem[] = [];
  const nothing = { directory, layout: undefined, migrations: [], repeatables: [], callbacks: [], problems };
  const names = listOrUndefined(join(root, directory), true);
  if (names === undefined) {
    problems.push({ file: directory, message: "is not there; create the folder of the migrations, or name the right one in policy.yaml (db.migrations_dir)" });
    return nothing;
  }
  const sqlNames = names.filter((name) => /\.sql$/i.test(name));
  const flyway = sqlNames.filter((name) => parseFlywayName(name) !== undefined);
  const numbered = sqlNames.filter((name) => !name.includes("/") && NUMBERED.test(name));
  if (flyway[0] !== undefined && numbered[0] !== undefined) {
    problems.push({ file: directory, message: `mixes two layouts: '${flyway[0]}' is named as Flyway does, '${numbered[0]}' as dbmate does; keep one of them` });
    return nothing;
  }
  if (flyway.length > 0) {
    const raws = readAll(root, directory, names, problems);
    const confs = new Map(raws.filter((raw) => raw.name.endsWith(".conf")).map((raw) => [raw.name, raw.text]));
    const parts = flywayFolder(raws.filter((raw) => !raw.name.endsWith(".conf")), confs, problems);
    reportDuplicates(parts.migrations, (version) => version, problems);
    return { directory, layout: "flyway", ...parts, problems };
  }
  for (const name of sqlNames.filter((candidate) => candidate.includes("/"))) {
    problems.push({ file: posix.join(directory, name), severity: "warning", message: "is not read: only Flyway's layout has subfolders" });
  }
  const raws = readAll(root, directory, sqlNames.filter((name) => !name.includes("/")), problems);
  const layout = raws.some((raw) => hasMarker(raw.text)) ? "dbmate" : "plain";
  const migrations = numberedFolder(raws, layout, problems);
  reportDuplicates(migrations, (version) => version.replace(/^0+(?=\d)/, ""), problems);
  return { directory, layout: migrations.length === 0 ? undefined : layout, migrations, repeatables: [], callbacks: [], problems };
}

/**
 * Seeds: every `*.sql` of the folder, by name, run again when its checksum changes (so they are written to be repeatable). A folder
 * that does not exist holds none.
 */
export function readSeeds(root: string, directory: string): { readonly seeds: readonly SqlScript[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const names = (listOrUndefined(join(root, directory), false) ?? []).filter((name) => name.endsWith(".sql"));
  const seeds = readAll(root, directory, names, problems).flatMap((raw) => wholeScript(raw, problems) ?? []);
  return { seeds, problems };
}
