/** An environment: `Pulumi.yaml` (the project) and `Pulumi.<env>.yaml` (its settings and template variables), read without Pulumi. */
import { localDefaults, readLocalState } from "../local/state";
import { environmentNames, MODE_PROBLEM, modeOf, readConfiguration } from "../provider/configuration";
import { ConfigError, type Problem, ProblemsError } from "../provider/errors";
import { isObject, type Json, type JsonObject } from "../provider/json";
import { didYouMean } from "./nearest";
import { placeholder } from "../provider/placeholders";
import { isTextSetting } from "../provider/pulumi-files";
import { described } from "./validate";
import type { Path } from "./yaml";

export { environmentNames };

/** `shared`: an asset's uuid is the same in every environment. `per-environment`: for environments that share one Superset. */
type Identity = "shared" | "per-environment";

/** Where the clear text of a secret variable comes from when it is needed. */
type SecretSource =
  | { readonly from: "pulumi"; readonly path: readonly (string | number)[] }
  | { readonly from: "env"; readonly name: string }
  | { readonly from: "local"; readonly field: string };

/** One environment as its files declare it. No value of a secret is in it. */
export interface Environment {
  /** The repository's root, absolute. */
  readonly root: string;
  /** Root of the repository whose local runtime `{local: …}` variables are about; `root`, but where templates are read from beside a checkout. */
  readonly runtime: string;
  /** The Pulumi stack's name. */
  readonly name: string;
  /** The Pulumi project's name. */
  readonly project: string;
  readonly identity: Identity;
  /** `Pulumi.<env>.yaml`, from the root. */
  readonly file: string;
  /** The file that has `superset:vars`; `file` where none has. */
  readonly variablesFile: string;
  /** Template variables; a secret one is a token (`placeholders.ts`). */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Secret variables by name (`DB_PASSWORD`, `db.password` inside a map). */
  readonly secrets: ReadonlyMap<string, SecretSource>;
  /** Variables that are declared but have no value, and why (`environment variable X is not set`). */
  readonly unset: ReadonlyMap<string, string>;
  /** The settings in force by their full names, undecrypted. */
  readonly config: JsonObject;
}

interface LoadOptions {
  /** Process environment, for `{env: NAME}` variables. Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** See `Environment.runtime`. Default: the root. */
  readonly runtime?: string;
}

/** Settings by namespace: a misspelt one would be ignored, and `superset:identity` decides which assets are written. */
const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  superset: ["url", "mode", "username", "password", "token", "apiToken", "apiSecret", "presetApi", "identity", "vars", "mapping"],
  warehouse: ["url", "provision", "database", "owner", "schemas", "reader", "readerPassword"],
};

/** Settings that are one text (or a number, or encrypted). */
const TEXTS = [...["url", "mode", "username", "password", "token", "apiToken", "apiSecret", "presetApi", "mapping"].map((name) => `superset:${name}`), "warehouse:url"];

/** Reads an environment. Throws a `ConfigError` for one that does not exist, a `ProblemsError` for settings that are wrong. */
export function loadEnvironment(root: string, name: string, options: LoadOptions = {}): Environment {
  const { runtime = root } = options;
  const { project, file, settings } = readConfiguration(root, name);
  if (project === undefined) {
    throw new ConfigError(`no Pulumi.yaml in ${root}: run this in a repository that has one, or name its root`);
  }
  if (file === undefined) {
    const names = environmentNames(root);
    const existing = names.length === 0 ? "there is no Pulumi.<env>.yaml" : `there are ${names.join(", ")} (Pulumi.<env>.yaml)`;
    throw new ConfigError(`no environment '${name}' in ${root}: ${existing}${didYouMean(name, names)}. Make one with: pulumi stack init ${name}`);
  }
  const found: Problem[] = [];
  for (const [setting, { at }] of settings) {
    const [namespace = "", key = ""] = setting.split(":");
    const known = Object.hasOwn(SETTINGS, namespace) ? (SETTINGS[namespace] ?? []) : [key];
    if (!known.includes(key)) {
      const meant = didYouMean(key, known).replace(/'(.*)'/, `'${namespace}:$1'`) || `; known are ${known.map((one) => `${namespace}:${one}`).join(", ")}`;
      found.push({ ...at(), message: `unknown setting '${setting}'${meant}` });
    }
  }
  for (const setting of TEXTS) {
    const written = settings.get(setting);
    if (written !== undefined && !isTextSetting(written.value)) {
      found.push({ ...written.at(), message: `'${setting}' must be text, not ${described(written.value)}` });
    }
  }
  const config = Object.fromEntries([...settings].map(([setting, { value }]) => [setting, value]));
  const identity = config["superset:identity"] ?? "shared";
  if (identity !== "shared" && identity !== "per-environment") {
    found.push({ file, ...settings.get("superset:identity")?.at(), message: `'superset:identity' must be 'shared' or 'per-environment', not '${String(identity)}'` });
  }
  if (modeOf(config["superset:mode"]) === undefined) {
    found.push({ file, ...settings.get("superset:mode")?.at(), message: MODE_PROBLEM });
  }
  const vars = settings.get("superset:vars");
  const variablesFile = vars?.file ?? file;
  const reader = new VariableReader(runtime, name, variablesFile, options.env ?? process.env, (path, message) => found.push({ file, ...vars?.at(path), message }));
  const variables = reader.variables(vars?.value ?? {});
  if (found.length > 0) {
    const files = [...new Set(found.map((problem) => problem.file))].join(", ");
    throw new ProblemsError(found, `${files}: ${found.length} ${found.length === 1 ? "setting is" : "settings are"} wrong.`);
  }
  return { root, runtime, name, project, identity: identity as Identity, file, variablesFile, variables, secrets: reader.secrets, unset: reader.unset, config };
}

/** The part of `.runtime/<env>/state.json` that variables may name, as `postgres.host`. */
const LOCAL_PREFIX = "postgres.";
const LOCAL_SECRET = "postgres.bi_password";

type LocalFields = ReturnType<typeof localDefaults>;

class VariableReader {
  readonly secrets = new Map<string, SecretSource>();
  readonly unset = new Map<string, string>();
  #local: LocalFields | undefined;

  constructor(
    private readonly runtime: string,
    private readonly environment: string,
    private readonly file: string,
    private readonly env: Readonly<Record<string, string | undefined>>,
    private readonly problem: (path: Path, message: string) => void,
  ) {}

  variables(declared: Json): Record<string, unknown> {
    if (!isObject(declared) || "secure" in declared) {
      this.problem([], "'superset:vars' must be a mapping of variable names to values; make single values secret: pulumi config set --secret --path superset:vars.NAME");
      return {};
    }
    return this.#map(declared, [], []);
  }

  #map(map: JsonObject, names: readonly (string | number)[], at: Path): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(map)) {
      if (names.length === 0 && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
        this.problem([...at, name], `'${name}' cannot be a variable: use letters, digits and '_'`);
        continue;
      }
      const read = this.#value(value, [...names, name], [...at, name]);
      if (read !== undefined) {
        values[name] = read;
      }
    }
    return values;
  }

  #value(value: Json, names: readonly (string | number)[], at: Path): unknown {
    if (Array.isArray(value)) {
      return value.map((item: Json, index) => this.#value(item, [...names, index], [...at, index]) ?? null);
    }
    if (!isObject(value)) {
      return value;
    }
    const keys = Object.keys(value);
    if (keys.length === 1 && keys[0] === "secure") {
      return this.#secret(names, { from: "pulumi", path: names });
    }
    if ("env" in value && keys.every((key) => key === "env" || key === "secret")) {
      return this.#fromEnv(value, names, at);
    }
    if (keys.length === 1 && keys[0] === "local") {
      return this.#fromLocal(value.local, names, at);
    }
    return this.#map(value, names, at);
  }

  #secret(names: readonly (string | number)[], source: SecretSource): string {
    const name = names.join(".");
    this.secrets.set(name, source);
    return placeholder(name);
  }

  #fromEnv(value: JsonObject, names: readonly (string | number)[], at: Path): unknown {
    const name = value.env;
    if (typeof name !== "string" || name === "" || (value.secret !== undefined && typeof value.secret !== "boolean")) {
      this.problem(at, `'${names.join(".")}': write {env: NAME} or {env: NAME, secret: true}`);
      return undefined;
    }
    if (value.secret === true) {
      return this.#secret(names, { from: "env", name });
    }
    const found = this.env[name];
    if (found === undefined) {
      this.unset.set(names.join("."), `${this.file} takes it from the environment variable ${name}, which is not set`);
    }
    return found;
  }

  #fromLocal(field: Json | undefined, names: readonly (string | number)[], at: Path): unknown {
    const defaults = localDefaults(this.environment);
    const known = [...Object.keys(defaults).map((name) => `${LOCAL_PREFIX}${name}`), LOCAL_SECRET];
    if (typeof field !== "string" || !known.includes(field)) {
      this.problem(at, `'${names.join(".")}': local: must be one of ${known.join(", ")}`);
      return undefined;
    }
    if (field === LOCAL_SECRET) {
      return this.#secret(names, { from: "local", field });
    }
    this.#local ??= readLocalState(this.runtime, this.environment)?.postgres ?? defaults;
    return this.#local[field.slice(LOCAL_PREFIX.length) as keyof LocalFields];
  }
}

/**
 * Gives the clear text of secret variables, for `revealSecrets`. Throws a `ConfigError` where there is none.
 * @param sources `vars`: the decrypted `superset:vars` (Pulumi's `requireSecretObject`), needed for values that Pulumi encrypts
 */
export function secretValues(environment: Environment, sources: { readonly vars?: unknown; readonly env?: Readonly<Record<string, string | undefined>> } = {}): (variable: string) => string {
  const env = sources.env ?? process.env;
  return (variable) => {
    const source = environment.secrets.get(variable);
    switch (source?.from) {
      case "env": {
        const value = env[source.name];
        if (value === undefined) {
          throw new ConfigError(`the secret variable '${variable}' is read from the environment variable ${source.name}, which is not set (${environment.variablesFile})`);
        }
        return value;
      }
      case "local": {
        const local = readLocalState(environment.runtime, environment.name)?.postgres;
        if (local === undefined) {
          throw new ConfigError(`the secret variable '${variable}' is the local runtime's ${source.field}, and that was never started: run 'hybrid local up --env ${environment.name}'`);
        }
        return local.bi_password;
      }
      case "pulumi": {
        let value: unknown = sources.vars;
        for (const step of source.path) {
          value = typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[String(step)] : undefined;
        }
        if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
          return String(value);
        }
        throw new ConfigError(`the secret variable '${variable}' of ${environment.variablesFile} was not decrypted; run this through Pulumi ('pulumi preview', 'pulumi up')`);
      }
      case undefined:
        throw new ConfigError(`there is no secret variable '${variable}' in ${environment.variablesFile}`);
    }
  };
}
