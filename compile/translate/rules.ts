/** `translate.yaml`: which values of a repository's own become variables when exports are made templates, beside the built-in rules. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Problem, ProblemsError } from "../../provider/errors";
import { kinds } from "../../provider/kinds/registry";
import type { Environment } from "../environment";
import { didYouMean } from "../nearest";
import { NOT_TEXT, readTextFile } from "../text-file";
import { schemaProblems } from "../validate";
import { type Path, readYaml } from "../yaml";

/** The rules file, at the repository's root. */
export const RULES_FILE = "translate.yaml";

const PATTERN = /^[^.\s]+(?:\.[^.\s]+)*$/;
const pattern = z.string().refine((text) => PATTERN.test(text), { error: "must be keys joined by dots, such as columns.*.expression: '*' is any key or number, '**' any number of them" })
  .meta({ pattern: PATTERN.source, description: "A field of templates: keys joined by dots; `*` is any key or list item, `**` any number of them." });
const variable = z.string().describe("A variable of superset:vars; of a mapping in it `map.name`.");
const kind = z.string().describe("A kind of asset: database, dataset, chart, dashboard.");

/** What `translate.yaml` may hold. */
export const rulesSchema = z.strictObject({
  rules: z.array(z.strictObject({
    variable,
    fields: z.array(pattern).min(1).describe("Where its value is looked for."),
    kinds: z.array(kind).min(1).optional().describe("Only in templates of these kinds. Default: all."),
    tokens: z.enum(["whole", "words", "identifiers"]).optional()
      .describe("`whole`: the field is the value. `words`: the value stands in it between characters that are no letters or digits. `identifiers`: it is a name in SQL, not in its texts and comments. Default: whole."),
  })).optional().describe("In their order; each before the built-in rules."),
  ignore: z.strictObject({
    variables: z.array(variable).optional().describe("Never used."),
    fields: z.array(pattern).optional().describe("Stay as they are exported."),
    values: z.array(z.string()).optional().describe("Texts and words that are never an environment's, though a variable has that value."),
  }).optional().describe("What the rules leave alone."),
});

/** One rule of `translate.yaml`. */
export interface Rule {
  readonly variable: string;
  readonly fields: readonly string[];
  /** Undefined: all. */
  readonly kinds: readonly string[] | undefined;
  readonly tokens: "whole" | "words" | "identifiers";
}

/** `translate.yaml`, read. */
export interface Rules {
  readonly rules: readonly Rule[];
  readonly ignore: { readonly variables: ReadonlySet<string>; readonly fields: readonly string[]; readonly values: ReadonlySet<string> };
}

/** What holds where there is no file. */
export const NO_RULES: Rules = { rules: [], ignore: { variables: new Set(), fields: [], values: new Set() } };

/**
 * Reads `translate.yaml`; `NO_RULES` where there is none.
 * @throws ProblemsError for what is wrong in it, a variable among it that no template of the environment can use
 */
export function loadRules(environment: Environment): Rules {
  const path = join(environment.root, RULES_FILE);
  if (!existsSync(path)) {
    return NO_RULES;
  }
  const text = readTextFile(path);
  const yaml = text === undefined ? undefined : readYaml(text);
  if (yaml?.empty === true) {
    return NO_RULES;
  }
  const problems: Problem[] = [];
  const problem = (at: Path, message: string, key = false): void => void problems.push({ file: RULES_FILE, ...yaml?.position(at, key), message });
  if (yaml === undefined) {
    problem([], NOT_TEXT);
  } else if (yaml.value === undefined) {
    problems.push(...yaml.problems.map((found) => ({ file: RULES_FILE, ...found })));
  } else {
    schemaProblems(rulesSchema, yaml.value).forEach((found) => problem(found.path, found.message, found.key));
  }
  const parsed = problems.length > 0 ? undefined : rulesSchema.parse(yaml?.value);
  parsed?.rules?.forEach((rule, index) => {
    const wrong = variableProblem(environment, rule.variable);
    if (wrong !== undefined) {
      problem(["rules", index, "variable"], wrong);
    }
    rule.kinds?.forEach((name, place) => {
      const names = kinds.map((one) => one.name);
      if (!names.includes(name)) {
        problem(["rules", index, "kinds", place], `'${name}' is no kind of asset${didYouMean(name, names) || `; there are ${names.join(", ")}`}`);
      }
    });
  });
  if (parsed === undefined || problems.length > 0) {
    throw new ProblemsError(problems, `${RULES_FILE} cannot be used.`);
  }
  return {
    rules: (parsed.rules ?? []).map((rule) => ({ variable: rule.variable, fields: rule.fields, kinds: rule.kinds, tokens: rule.tokens ?? "whole" })),
    ignore: { variables: new Set(parsed.ignore?.variables), fields: parsed.ignore?.fields ?? [], values: new Set(parsed.ignore?.values) },
  };
}

function variableProblem({ variables, secrets, unset, variablesFile }: Environment, name: string): string | undefined {
  if (secrets.has(name)) {
    return `'${name}' is a secret: it never stands for a value that an export shows`;
  }
  const found = name.split(".").reduce<unknown>((at, step) => (typeof at === "object" && at !== null && Object.hasOwn(at, step) ? (at as Readonly<Record<string, unknown>>)[step] : undefined), variables);
  if (found === undefined && !unset.has(name)) {
    return `there is no variable '${name}'${didYouMean(name, Object.keys(variables))}: set it under superset:vars in ${variablesFile}, and in the other environments`;
  }
  return typeof found === "object" ? `'${name}' is no single value; name one inside it: ${name}.<name>` : undefined;
}

/** Whether a path fits a pattern of `fields`: keys and indices joined by dots, `*` for any one of them, `**` for any number. */
export function matches(at: string, path: Path): boolean {
  return fits(at.split("."), path.map(String));
}

function fits(pattern: readonly string[], path: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) {
    return path.length === 0;
  }
  if (first === "**") {
    return path.some((_, index) => fits(rest, path.slice(index))) || fits(rest, []);
  }
  return path.length > 0 && (first === "*" || first === path[0]) && fits(rest, path.slice(1));
}
