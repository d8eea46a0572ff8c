/** Migrations and seeds of an older layout: found where they usually are, else anywhere. */
import { posix } from "node:path";
import { parseFlywayName } from "../../../provider/postgres/flyway";
import { hasMarker } from "../../../provider/postgres/markers";
import type { Content } from "../repository";
import { MIGRATIONS, SEEDS } from "./folders";
import type { OlderFolder } from "./source";

/** Where migrations usually are: ours and dbmate's, then Flyway's and others'. */
const USUAL = ["db/migrations", "migrations", "sql", "db/migration", "db/sql", "sql/migrations", "flyway/sql", "database/migrations", "src/main/resources/db/migration"];
const USUAL_SEEDS = ["db/seed", "db/seeds", "seed", "seeds"];
/** Not looked into where the folder is searched as a whole. */
const NO_MIGRATIONS = /^(?:node_modules|bundles|ui_exports|docs?|tests?|fixtures|seeds?|schema_dump|build|dist|target|venv)$/;
const DEEPEST = 6;
const NUMBERED = /^\d+.*\.sql$/;

/** What was found. */
export interface OlderSql {
  /** Folder of the migrations; undefined where there are none. */
  readonly migrations: string | undefined;
  /** Folder of the seeds; undefined where there are none. */
  readonly seeds: string | undefined;
  /** By their paths in the new repository. */
  readonly files: ReadonlyMap<string, Content>;
}

/** Where policy.yaml says that they are. */
export interface NamedFolders {
  readonly migrations: string | undefined;
  readonly seeds: string | undefined;
}

/** Finds both. What is in their folders and was not taken over is noted. @param assets the folder of the templates, which has no migrations */
export function readOlderSql(folder: OlderFolder, named: NamedFolders, assets: string): OlderSql {
  const migrations = findMigrations(folder, named.migrations, assets);
  const seeds = [named.seeds, ...USUAL_SEEDS].find((candidate) => candidate !== undefined && candidate !== migrations && directSql(folder, candidate).length > 0);
  const files = new Map<string, Content>();
  const take = (from: string | undefined, to: string, recursive: boolean): void => {
    for (const file of from === undefined ? [] : folder.filesBelow(from)) {
      const below = posix.relative(from ?? "", file);
      if (/\.sql(?:\.conf)?$/i.test(below) && (recursive || !below.includes("/"))) {
        files.set(`${to}/${below}`, { copyOf: folder.path(file) });
      } else if (!file.startsWith(`${seeds ?? ""}/`) || to === SEEDS) {
        folder.notes.push({ file, message: "was not taken over: it is no migration or seed" });
      }
    }
  };
  const flyway = migrations !== undefined && hasFlywayNames(folder, migrations);
  if (migrations !== undefined && (flyway || !directSql(folder, migrations).some((file) => hasMarker(folder.text(file) ?? "")))) {
    folder.notes.push({ file: migrations, message: `a database that has these migrations is told so once, before its first apply, by 'hybrid db baseline --env <env>'${flyway ? ": Flyway's own table is not read" : ""}` });
  }
  take(migrations, MIGRATIONS, flyway);
  take(seeds, SEEDS, false);
  return { migrations, seeds, files };
}

function findMigrations(folder: OlderFolder, named: string | undefined, assets: string): string | undefined {
  const usual = [...new Set([...(named === undefined ? [] : [named]), ...USUAL])].filter((candidate) => hasFlywayNames(folder, candidate) || directSql(folder, candidate).some((file) => NUMBERED.test(posix.basename(file))));
  const found = usual.length > 0 ? usual : search(folder, ".", assets);
  const [first, ...others] = found.filter((directory) => !found.some((other) => directory.startsWith(`${other}/`)));
  for (const file of others) {
    folder.notes.push({ file, message: `was not taken over: it holds migrations as ${first ?? ""} does, and a repository has one folder of them` });
  }
  return first;
}

/** Folders of which the files themselves say that they are migrations: numbers in front of names alone have others, too. */
function search(folder: OlderFolder, below: string, assets: string, depth = 0): string[] {
  if (depth === DEEPEST) {
    return [];
  }
  return folder.names(below).flatMap((name) => {
    const directory = posix.join(below, name);
    if (name.startsWith(".") || NO_MIGRATIONS.test(name) || directory === assets || !folder.isOwnFolder(directory)) {
      return [];
    }
    const direct = directSql(folder, directory);
    const isOne = direct.some((file) => parseFlywayName(file) !== undefined || (NUMBERED.test(posix.basename(file)) && hasMarker(folder.text(file) ?? "")));
    return isOne ? [directory] : search(folder, directory, assets, depth + 1);
  });
}

function directSql(folder: OlderFolder, directory: string): string[] {
  return folder.names(directory).filter((name) => name.endsWith(".sql")).map((name) => posix.join(directory, name));
}

function hasFlywayNames(folder: OlderFolder, directory: string): boolean {
  return folder.filesBelow(directory).some((file) => file.endsWith(".sql") && parseFlywayName(file) !== undefined);
}
