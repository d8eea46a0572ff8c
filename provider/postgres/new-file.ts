/** The next migration's file: named and begun as the folder's others are. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { ConfigError, ProblemsError } from "../errors";
import { compareVersions, readMigrations, type Layout } from "./files";
import { parseFlywayName } from "./flyway";
import { listFiles } from "./scripts";

interface NewOptions {
  /** Absolute path of the repository. */
  readonly root: string;
  /** From the root, with `/`; made where it is missing. */
  readonly directory: string;
  /** What people call it: `add region`. */
  readonly name: string;
  /** Layout of a folder that has no migration yet. Default: dbmate's. */
  readonly layout?: Layout;
  /** SQL of the file. Default: a line that says where it goes. */
  readonly sql?: string;
  /** Now, for versions that are times. */
  readonly now?: Date;
}

/** Digits of a version that is a time: 20260131120000. */
const TIME = 14;

/**
 * Writes an empty migration and gives its path from the root. Never writes over a file.
 * @throws ConfigError for a name without letters and a layout the folder does not have, ProblemsError for a folder with two layouts
 */
export function newMigration(options: NewOptions): string {
  const { root, directory, layout: wished, now = new Date() } = options;
  const folder = readMigrations(root, directory);
  const names = listFiles(join(root, directory), true);
  const mixed = folder.problems.filter(({ file }) => file === directory);
  if (names !== undefined && mixed.length > 0) {
    throw new ProblemsError(mixed, "no file was written");
  }
  if (wished !== undefined && folder.layout !== undefined && folder.layout !== wished) {
    throw new ConfigError(`${directory} has ${folder.layout}'s layout, and a second one cannot be mixed in; leave --layout out`);
  }
  const layout = folder.layout ?? wished ?? "dbmate";
  const file = posix.join(directory, fileName(layout, nextVersion(versionsOf(names ?? [], layout), layout, now), slug(options.name)));
  mkdirSync(join(root, directory), { recursive: true });
  // `wx`: a file of that name is somebody's work.
  writeFileSync(join(root, file), text(layout, options.sql), { flag: "wx" });
  return file;
}

function slug(name: string): string {
  const words = name.normalize("NFKD").replace(/\p{M}/gu, "").replace(/\.sql$/i, "").toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "");
  if (words === "") {
    throw new ConfigError(`'${name}' cannot be a migration's name: use letters and digits, such as 'add region to orders'`);
  }
  return words.slice(0, 100);
}

function fileName(layout: Layout, version: string, name: string): string {
  return layout === "flyway" ? `V${version}__${name}.sql` : `${version}_${name}.sql`;
}

/** The versions in the names, in the order they run: also of files that cannot be read yet. */
function versionsOf(names: readonly string[], layout: Layout): string[] {
  const versions = names.flatMap((name) => {
    const flyway = parseFlywayName(name);
    return layout === "flyway" ? (flyway?.kind === "versioned" ? [flyway.version] : []) : (/^\d+/.exec(name) ?? []).slice(0, 1);
  });
  return versions.sort((a, b) => compareVersions(layout, a, b));
}

/** After the last one: a time where that is one (or there is none), else the next number, as wide as the others. */
function nextVersion(versions: readonly string[], layout: Layout, now: Date): string {
  const whole = versions.map((version) => version.split(".")[0] ?? version);
  const last = whole.at(-1);
  if (last === undefined && layout === "flyway") {
    return "1";
  }
  if (last === undefined || last.length >= TIME) {
    const later = whole.filter((version) => version.length >= TIME).map((version) => timeVersion(new Date(timeOf(version) + 1000)));
    return [timeVersion(now), ...later].sort().at(-1) as string;
  }
  const numbers = whole.filter((version) => version.length < TIME);
  const highest = numbers.map(BigInt).reduce((best, number) => (number > best ? number : best), 0n);
  return String(highest + 1n).padStart(layout === "flyway" ? 0 : Math.max(...numbers.map(({ length }) => length)), "0");
}

/** 20260131120000 as milliseconds; what is no time of the calendar counts as the epoch. */
function timeOf(version: string): number {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/.exec(version) ?? [];
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? 0 : time;
}

function timeVersion(time: Date): string {
  return time.toISOString().replace(/\D/g, "").slice(0, TIME);
}

function text(layout: Layout, sql: string | undefined): string {
  if (layout !== "dbmate") {
    return sql === undefined ? "-- Write the SQL of this migration here.\n" : `${sql.trimEnd()}\n`;
  }
  const [up, down] = sql === undefined ? ["\n", "\n"] : [`${sql.trimEnd()}\n`, ""];
  // dbmate itself refuses a file without the second marker.
  return `-- migrate:up\n${up}\n-- migrate:down\n${down}`;
}
