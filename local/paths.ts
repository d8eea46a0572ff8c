/** Where the local runtime keeps things: per repository (`.runtime/`) and per user (`~/.cache/pulumi-superset/`). */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";

import { ConfigError } from "../provider/errors";
import { projectFile } from "../provider/pulumi-files";

/** Folder of this package (holds `package.json`, `local/*.py`, `local/*.lock`), from the sources as well as from `dist/`. */
export function packageRoot(): string {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (folder === dirname(folder)) throw new Error(`no package.json above ${__dirname}`);
  }
}

/** A file of `local/` that is not TypeScript: the lock file, `superset_config.py`, the Go modules. */
export function packageFile(name: string): string {
  return join(packageRoot(), "local", name);
}

/** The nearest folder at or above `from` (default: the working directory) that has a `Pulumi.yaml`, else `from` itself. */
export function projectRoot(from: string = process.cwd()): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (projectFile(folder) !== undefined) return folder;
    if (folder === dirname(folder)) return resolve(from);
  }
}

/** Folder of the local servers of a repository: `HYBRID_RUNTIME_DIR`, else `<root>/.runtime`. */
export function runtimeFolder(root: string): string {
  const set = process.env["HYBRID_RUNTIME_DIR"];
  return set ? resolve(root, set) : join(root, ".runtime");
}

/**
 * Folder of what every clone of the repository shares: the Python environment and the prepared Superset metadata.
 * `$XDG_CACHE_HOME/pulumi-superset`, default `~/.cache/pulumi-superset`. May be deleted at any time while no server runs.
 */
export function cacheFolder(): string {
  const base = process.env["XDG_CACHE_HOME"];
  return join(base ? resolve(base) : join(homedir(), ".cache"), "pulumi-superset");
}

/** Files of one environment inside a runtime folder. */
export interface EnvironmentPaths {
  readonly folder: string;
  /** The contract with other programs: addresses and logins. See `state.ts`. */
  readonly state: string;
  /** What `superset_config.py` reads: keys and the metadata database. */
  readonly settings: string;
  /** Process record of gunicorn's master. */
  readonly process: string;
  readonly log: string;
  /** `SUPERSET_HOME`. */
  readonly home: string;
}

/** @throws ConfigError where the name could not be a folder and a part of a database name. */
export function environmentPaths(runtime: string, environment: string): EnvironmentPaths {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,39}$/.test(environment)) {
    throw new ConfigError(
      `environment ${JSON.stringify(environment)}: a name has 1 to 40 letters, digits, "-", "_" or "." and begins with a letter or digit; choose such a stack name.`,
    );
  }
  const folder = join(runtime, environment);
  return {
    folder,
    state: join(folder, "state.json"),
    settings: join(folder, "settings.json"),
    process: join(folder, "superset.process.json"),
    log: join(folder, "superset.log"),
    home: join(folder, "home"),
  };
}

/** Folder of the PostgreSQL server of a runtime folder; no environment can have this name. */
export function postgresFolder(runtime: string): string {
  return join(runtime, "_postgres");
}
