/** `.runtime/<env>/state.json`: addresses and logins of a local environment, for our own commands and for scripts. A contract: see FORMATS.md. */
import { damaged, readJsonObject, writeJson } from "./files";
import { environmentPaths, runtimeFolder } from "./paths";
import { DEFAULT_POSTGRES_PORT } from "./ports";

/** One environment of the local runtime. */
export interface LocalState {
  readonly environment: string;
  readonly superset: {
    /** Without a slash at the end. */
    readonly url: string;
    readonly port: number;
    readonly username: string;
    readonly password: string;
  };
  readonly postgres: {
    /** The warehouse, as its owner. Holds the password. */
    readonly url: string;
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly username: string;
    readonly password: string;
    /** Read-only login for Superset's database connection. */
    readonly bi_username: string;
    readonly bi_password: string;
  };
}

/** Name of an environment's warehouse database. */
export function warehouseName(environment: string): string {
  return `warehouse_${environment}`;
}

/** The environment's state, or undefined where it was never started. Being written does not mean being up. */
export function readLocalState(root: string, environment: string): LocalState | undefined {
  return readStateFile(environmentPaths(runtimeFolder(root), environment).state);
}

/** @throws UserError where the file is not one of ours. */
export function readStateFile(path: string): LocalState | undefined {
  const value = readJsonObject(path);
  if (!value) return undefined;
  const field = (section: unknown, name: string, type: "string" | "number"): unknown => {
    const found = typeof section === "object" && section !== null ? (section as Record<string, unknown>)[name] : undefined;
    if (typeof found !== type) throw damaged(path, `${name} is not a ${type}`);
    return found;
  };
  const text = (section: unknown, name: string): string => field(section, name, "string") as string;
  const number = (section: unknown, name: string): number => field(section, name, "number") as number;
  const { superset, postgres } = value;
  return {
    environment: text(value, "environment"),
    superset: { url: text(superset, "url"), port: number(superset, "port"), username: text(superset, "username"), password: text(superset, "password") },
    postgres: {
      url: text(postgres, "url"),
      host: text(postgres, "host"),
      port: number(postgres, "port"),
      database: text(postgres, "database"),
      username: text(postgres, "username"),
      password: text(postgres, "password"),
      bi_username: text(postgres, "bi_username"),
      bi_password: text(postgres, "bi_password"),
    },
  };
}

/** Replaces the file as a whole; mode 600, as it holds passwords. */
export function writeLocalState(runtime: string, state: LocalState): void {
  writeJson(environmentPaths(runtime, state.environment).state, state);
}

/** What `{local: postgres.…}` variables mean where the environment was never started, so that compiling needs no server. There is no password then. */
export function localDefaults(environment: string): Omit<LocalState["postgres"], "url" | "username" | "password" | "bi_password"> {
  return { host: "127.0.0.1", port: DEFAULT_POSTGRES_PORT, database: warehouseName(environment), bi_username: "bi_reader" };
}
