/**
 * The migrations folder: which layout it has, its files in the order they run, and everything wrong with it that needs neither a
 * parser nor a database. Three layouts are known:
 *
 * - `dbmate`: `20260101120000_name.sql` or `001_name.sql` with `-- migrate:up` / `-- migrate:down` (the down part is run by a rollback only);
 * - `plain`: the same names, no markers: the whole file is run;
 * - `flyway`: `V4__orders.sql`, `R__view.sql`, callbacks such as `beforeMigrate.sql`; undo files (`U4__orders.sql`) are run by a rollback only.
 *
 * Files run in the order of their names (dbmate's rule; Flyway: of their version numbers). Two layouts in one folder are an error.
 */
import { join, posix } from "node:path";
import type { Problem } from "../errors";
import { parseFlywayName } from "./flyway";
import { flywayFolder } from "./flyway-files";
import { dbmateSections, hasMarker } from "./markers";
import { hasStatement, listFiles, readAll, wholeScript, type Callback, type Layout, type Migration, type RawFile, type SqlScript } from "./scripts";
import { sqlChecksum } from "./tokens";

export { compareVersions, type Callback, type Layout, type Migration, type SqlScript } from "./scripts";

/** A migrations folder, read. Where `problems` has an error nothing of it may run. */
export interface MigrationFolder {
  /** From the repository's root, with `/`. */
  readonly directory: string;
  /** Undefined where there is no file in it. */
  readonly layout: Layout | undefined;
  /** In the order they run. */
  readonly migrations: readonly Migration[];
  /** `R__` files, by description: run again when their checksum changes. */
  readonly repeatables: readonly SqlScript[];
  /** By name. */
  readonly callbacks: readonly Callback[];
  readonly problems: readonly Problem[];
}

const NUMBERED = /^(\d+).*\.sql$/;

function dbmateScript(raw: RawFile, problems: Problem[]): Omit<Migration, "version"> | undefined {
  const sections = dbmateSections(raw.file, raw.text, problems);
  if (sections === undefined) {
    return undefined;
  }
  const { up, down } = sections;
  if (!hasStatement(up.sql)) {
    problems.push({ file: raw.file, line: up.line, message: "has no SQL statement below '-- migrate:up'; write one or delete the file" });
    return undefined;
  }
  const script = (section: typeof up): SqlScript => ({ file: raw.file, name: raw.name, ...section, checksum: sqlChecksum(section.sql) });
  return { ...script(up), ...(down !== undefined && hasStatement(down.sql) ? { undo: script(down) } : {}) };
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

/**
 * Reads and checks a migrations folder. Never throws for what is wrong in it: see `problems`.
 * @param directory from the repository's root, with `/`
 */
export function readMigrations(root: string, directory: string): MigrationFolder {
  const problems: Problem[] = [];
  const nothing = { directory, layout: undefined, migrations: [], repeatables: [], callbacks: [], problems };
  const names = listFiles(join(root, directory), true);
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
  return { directory, layout: raws.length === 0 ? undefined : layout, migrations, repeatables: [], callbacks: [], problems };
}

/**
 * Seeds: every `*.sql` of the folder, by name, run again when its checksum changes (so they are written to be repeatable). A folder
 * that does not exist holds none.
 */
export function readSeeds(root: string, directory: string): { readonly seeds: readonly SqlScript[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const names = (listFiles(join(root, directory), false) ?? []).filter((name) => name.endsWith(".sql"));
  const seeds = readAll(root, directory, names, problems).flatMap((raw) => wholeScript(raw, problems) ?? []);
  return { seeds, problems };
}
