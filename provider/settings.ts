/**
 * Where the servers of an environment are, and with which credentials: by its stack file, else by `config:` of Pulumi.yaml, else by
 * environment variables. Read anew by every operation: the stack's state keeps the
 * configuration of the last `up`, and a refresh would otherwise go on with an address or a password that was changed since.
 */
import { dirname, resolve } from "node:path";
import { described } from "../compile/validate";
import { readLocalState, type LocalState } from "../local/state";
import { MODE_PROBLEM, modeOf, readConfiguration, type Mode } from "./configuration";
import { ConfigError, formatProblem } from "./errors";
import { isEncrypted, isTextSetting, projectFile } from "./pulumi-files";
import type { Connection, Renewed } from "./superset/gateway";

/** `url: local`: the servers that `hybrid local up` runs for the environment. */
const LOCAL = "local";

/** Preset Manager's own. */
const PRESET_API = "https://api.app.preset.io";

/** Settings that may be set anew while a run still has the old ones: names below `superset:`. */
const CREDENTIALS: readonly (keyof Renewed)[] = ["password", "token", "apiToken", "apiSecret"];

/** The servers of one environment. What both calls give holds credentials. */
export interface Settings {
  /** Absolute path of the folder that holds Pulumi.yaml. */
  readonly root: string;
  readonly environment: string;
  /** @throws ConfigError naming the setting that is missing */
  connection(): Connection;
  /** PostgreSQL URL of the warehouse (contains the password). @throws ConfigError */
  warehouseUrl(): Promise<string>;
}

/** The value of a setting that is encrypted in the stack file, as it is there now; undefined where it cannot be had. */
export type Latest = (key: string) => Promise<string | undefined>;

/** The nearest folder at or above `start` with a Pulumi.yaml. @throws ConfigError where there is none */
export function findRoot(start: string): string {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    if (projectFile(folder) !== undefined) {
      return folder;
    }
    if (dirname(folder) === folder) {
      throw new ConfigError(`no Pulumi.yaml in ${resolve(start)} or a folder above it; run this in the repository, or make one with 'hybrid init'`);
    }
  }
}

/**
 * @param secrets the decrypted configuration (`superset:password`, …): used for the settings whose value in the stack file is encrypted. The
 *   engine's; in a refresh and a destroy it is that of the last `up`
 * @param latest gives what is encrypted in the stack file now. Slow (it starts a program), so it is asked for an address that may be another one
 *   by now, and for credentials that were refused
 */
export function settingsFor(root: string, environment: string, secrets: Readonly<Record<string, string>> | ((key: string) => string | undefined), latest: Latest = () => Promise.resolve(undefined), env: NodeJS.ProcessEnv = process.env): Settings {
  const { settings: configured, file = `Pulumi.${environment}.yaml` } = readConfiguration(root, environment);
  const decrypted = typeof secrets === "function" ? secrets : (key: string): string | undefined => secrets[key];
  const isSecret = (key: string): boolean => isEncrypted(configured.get(key)?.value);
  const renewed = async (): Promise<Renewed> => {
    const asked = await Promise.all(CREDENTIALS.map(async (name) => [name, isSecret(`superset:${name}`) ? await latest(`superset:${name}`) : undefined] as const));
    return Object.fromEntries(asked.filter(([, value]) => value !== undefined));
  };
  const setting = (key: string, ...variables: readonly string[]): string | undefined => {
    const written = configured.get(key);
    if (isSecret(key)) {
      const value = decrypted(key);
      if (value !== undefined) {
        return value;
      }
    } else if (written !== undefined) {
      if (!isTextSetting(written.value)) {
        throw new ConfigError(formatProblem({ ...written.at(), message: `'${key}' must be text, not ${described(written.value)}` }));
      }
      return String(written.value);
    }
    return variables.map((name) => env[name]).find((value) => value !== undefined && value !== "");
  };
  const local = (what: string): LocalState => {
    const state = readLocalState(root, environment);
    if (state === undefined) {
      throw new ConfigError(`${what} is '${LOCAL}' in ${configured.get(what)?.file ?? file}, but no local runtime was started for '${environment}'; run 'hybrid local up --env ${environment}', or write the address there`);
    }
    return state;
  };
  const credential = (url: string, key: string, variable: string, secret: string): string => {
    const value = setting(key, variable);
    if (value === undefined) {
      throw new ConfigError(`no credentials for ${url}: set ${key} (or ${variable}) for '${environment}': 'pulumi config set --secret ${secret}' keeps it encrypted in ${file}`);
    }
    return value;
  };
  /** How to be let in at the address. */
  const logins: Readonly<Record<Mode, (url: string) => Connection>> = {
    superset(url) {
      if (url === LOCAL) {
        const { superset } = local("superset:url");
        return { url: superset.url, username: superset.username, password: superset.password };
      }
      const token = setting("superset:token", "SUPERSET_TOKEN");
      if (token !== undefined) {
        return { url, token, renewed };
      }
      const username = credential(url, "superset:username", "SUPERSET_ADMIN_USER", "superset:password");
      return { url, username, password: credential(url, "superset:password", "SUPERSET_ADMIN_PASS", "superset:password"), renewed };
    },
    preset(url) {
      if (url === LOCAL) {
        throw new ConfigError(`superset:url is '${LOCAL}' in ${configured.get("superset:url")?.file ?? file}, and no workspace of Preset's is: write its address there (https://<name>.<region>.app.preset.io), or remove superset:mode`);
      }
      const token = credential(url, "superset:apiToken", "PRESET_API_TOKEN", "superset:apiToken");
      return { url, preset: { api: setting("superset:presetApi") ?? PRESET_API, token, secret: credential(url, "superset:apiSecret", "PRESET_API_SECRET", "superset:apiSecret") }, renewed };
    },
  };
  return {
    root,
    environment,
    connection() {
      const mode = modeOf(setting("superset:mode"));
      if (mode === undefined) {
        throw new ConfigError(formatProblem({ file, ...configured.get("superset:mode")?.at(), message: MODE_PROBLEM }));
      }
      const url = setting("superset:url", "SUPERSET_URL", "BASE_URL");
      if (url === undefined) {
        throw new ConfigError(`no Superset to talk to: set superset:url in ${file} (an address, or '${LOCAL}'), or the environment variable SUPERSET_URL`);
      }
      return logins[mode](url);
    },
    async warehouseUrl() {
      const encrypted = isSecret("warehouse:url");
      const now = encrypted ? await latest("warehouse:url") : undefined;
      if (encrypted && now === undefined && decrypted("warehouse:url") === undefined) {
        // Migrating whatever DATABASE_URL names instead would be another database than the one that is written down.
        throw new ConfigError(`warehouse:url in ${file} is encrypted and could not be decrypted: give the stack's passphrase (PULUMI_CONFIG_PASSPHRASE), or access to its key`);
      }
      const url = now ?? setting("warehouse:url", "DATABASE_URL", "POSTGRES_URL");
      if (url === undefined) {
        throw new ConfigError(`no database to migrate: set warehouse:url in ${file} ('pulumi config set --secret warehouse:url postgresql://…', or '${LOCAL}'), or the environment variable DATABASE_URL`);
      }
      return url === LOCAL ? local("warehouse:url").postgres.url : url;
    },
  };
}
