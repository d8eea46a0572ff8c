/** The variables of a repository's environments, as what may stand in a template instead of a value of one of them. */
import { isObject } from "../../provider/json";
import { hasPlaceholder } from "../../provider/placeholders";
import type { Environment } from "../environment";

/** A variable that has a value in every environment. */
export interface Variable {
  /** As templates write it: `ENV`, `db.host`. */
  readonly name: string;
  /** In the exported environment. */
  readonly value: string;
  /** By environment. */
  readonly values: ReadonlyMap<string, string>;
}

/** A variable whose value in the exported environment is known, and that must not stand for it. */
export interface Unusable {
  readonly name: string;
  readonly value: string;
  /** `has no value in prod`. */
  readonly reason: string;
}

/** What environments are called, where it is not the stack's name. */
const ENVIRONMENTS = new Set([
  "dev", "devel", "develop", "development", "local", "test", "testing", "tst", "qa", "ci", "int", "integration", "stage", "staging", "stg", "uat", "acc", "acceptance",
  "pre", "preprod", "pre-prod", "preview", "prod", "prd", "production", "live", "sandbox", "demo", "nightly", "canary",
]);
const MARKER_WORDS = new Set(["env", "environment", "stage", "tier"]);

/** Would end the quotes or the line that a value stands in, wherever that is in a template. */
const UNSAFE = /["'`\\\]\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ud800-\udfff]|^\s|\s$/;

/** The variables of all environments, seen from the exported one. */
export class Variables {
  /** Sorted by name. */
  readonly all: readonly Variable[];
  readonly unusable: readonly Unusable[];
  readonly environments: readonly string[];

  /**
   * @param environments all of the repository, the exported one among them
   * @param never names of variables that are not to be used
   */
  constructor(readonly environment: Environment, environments: readonly Environment[], never: ReadonlySet<string> = new Set()) {
    this.environments = environments.map(({ name }) => name);
    const all: Variable[] = [];
    const unusable: Unusable[] = [];
    const texts = new Map(environments.map((other) => [other.name, textsOf(other.variables)]));
    for (const [name, value] of texts.get(environment.name) ?? []) {
      const values = new Map(environments.flatMap((other) => {
        const found = texts.get(other.name)?.get(name);
        return found === undefined ? [] : [[other.name, found] as const];
      }));
      const missing = environments.filter((other) => !values.has(other.name)).map((other) => `${other.name}${isSecret(other, name) ? ", where it is a secret" : ""}`);
      const unsafe = [...values].filter(([, text]) => text === "" || UNSAFE.test(text)).map(([other]) => other);
      if (never.has(name)) {
        continue;
      }
      if (missing.length > 0) {
        unusable.push({ name, value, reason: `has no value in ${missing.join(" and ")}` });
      } else if (unsafe.length > 0) {
        unusable.push({ name, value, reason: `has a value in ${unsafe.join(" and ")} that cannot stand inside a text` });
      } else {
        all.push({ name, value, values });
      }
    }
    const byName = (left: { readonly name: string }, right: { readonly name: string }): number => (left.name < right.name ? -1 : 1);
    this.all = all.sort(byName);
    this.unusable = unusable.sort(byName);
  }

  /** Variables by which people tell environments apart: another value in each, and one that an environment may be called by. */
  get markers(): readonly Variable[] {
    const markers = this.telling.filter(({ values }) => [...values].every(([environment, value]) => isEnvironment(value, environment)));
    const named = markers.filter(isMarkerName);
    return named.length > 0 ? named : markers;
  }

  /** Variables that would be markers, had they a value in every environment. */
  get unusableMarkers(): readonly Unusable[] {
    return this.unusable.filter((variable) => isMarkerName(variable) && isEnvironment(variable.value, this.environment.name));
  }

  /** Variables with another value in each environment. */
  get telling(): readonly Variable[] {
    return this.all.filter(({ values }) => new Set(values.values()).size === values.size);
  }
}

function isMarkerName({ name }: { readonly name: string }): boolean {
  return wordsOf(name).some((word) => MARKER_WORDS.has(word));
}

function isEnvironment(value: string, environment: string): boolean {
  return value.toLowerCase() === environment.toLowerCase() || ENVIRONMENTS.has(value.toLowerCase());
}

/** `DB_HOST`, `dbHost` and `db.host` as words in lower case. */
export function wordsOf(name: string): readonly string[] {
  return name.replace(/([a-z\d])([A-Z])/g, "$1_$2").toLowerCase().split(/[^a-z\d]+/).filter((word) => word !== "");
}

/** Values as templates print them, without secrets; those inside mappings under their dotted names. */
function textsOf(variables: Readonly<Record<string, unknown>>, above = ""): ReadonlyMap<string, string> {
  return new Map(Object.entries(variables).flatMap(([key, value]): [string, string][] => {
    const name = `${above}${key}`;
    if (isObject(value)) {
      return /^[A-Za-z_]\w*$/.test(key) ? [...textsOf(value, `${name}.`)] : [];
    }
    const text = typeof value === "string" || typeof value === "number" ? String(value) : undefined;
    return text === undefined || hasPlaceholder(text) || !/^[A-Za-z_]\w*$/.test(key) ? [] : [[name, text]];
  }));
}

function isSecret(environment: Environment, name: string): boolean {
  return environment.secrets.has(name);
}
