/** What a schema found wrong, in words people can act on. */
import type { z } from "zod";
import { didYouMean, listed } from "./nearest";
import type { Path } from "./yaml";

interface SchemaProblem {
  readonly path: Path;
  /** The problem is the key at the end of the path, not its value. */
  readonly key: boolean;
  readonly message: string;
}

type Issue = z.core.$ZodIssue;

/** Problems of a value that does not fit a schema; none where it fits. `fields`: all keys the schema's top level knows, for suggestions. */
export function schemaProblems(schema: z.ZodType, value: unknown): SchemaProblem[] {
  const result = schema.safeParse(value);
  return result.success ? [] : result.error.issues.flatMap((issue) => explain(issue, value, schema, []));
}

function explain(issue: Issue, value: unknown, schema: z.ZodType | undefined, base: Path): SchemaProblem[] {
  const path = [...base, ...(issue.path as (string | number)[])];
  const found = at(value, issue.path as (string | number)[]);
  const name = path.length === 0 ? "the file" : `'${pathText(path)}'`;
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = knownKeys(schema, issue.path as (string | number)[]);
      return issue.keys.map((key) => ({
        path: [...path, key],
        key: true,
        message: `unknown field '${pathText([...path, key])}'${suggestion(key, known)}`,
      }));
    }
    case "invalid_type":
      if (found === undefined) {
        return [{ path, key: true, message: `'${pathText(path)}' is missing` }];
      }
      return [{ path, key: false, message: `${name} must be ${typeName(issue.expected)}, not ${described(found)}${quoteHint(issue.expected, found)}` }];
    case "invalid_value":
      return [{ path, key: false, message: `${name} must be ${issue.values.map((allowed) => String(allowed)).join(" or ")}, not ${described(found)}` }];
    case "invalid_union":
      return explainUnion(issue, found, path, name);
    case "too_small":
      return [{ path, key: false, message: issue.origin === "array" ? `${name} must not be empty` : `${name} must be at least ${String(issue.minimum)}, not ${described(found)}` }];
    case "too_big":
      return [{ path, key: false, message: `${name} must be at most ${String(issue.maximum)}, not ${described(found)}` }];
    case "custom":
      return [{ path, key: false, message: `${name} ${issue.message}` }];
    case "invalid_format":
    case "invalid_key":
    case "invalid_element":
    case "not_multiple_of":
      return [{ path, key: false, message: `${name}: ${issue.message}` }];
  }
}

/** The alternative that came closest says best what is wrong: the one whose problems lie deepest and are fewest. */
function explainUnion(issue: Extract<Issue, { code: "invalid_union" }>, found: unknown, path: Path, name: string): SchemaProblem[] {
  const alternatives = issue.errors.map((issues) => issues as Issue[]);
  const fitting = alternatives.filter((issues) => !issues.some((inner) => inner.code === "invalid_type" && inner.path.length === 0));
  const score = (issues: Issue[]): number =>
    issues.reduce((sum, inner) => sum + (inner.code === "unrecognized_keys" ? inner.keys.length * 2 : inner.code === "invalid_type" && at(found, inner.path as (string | number)[]) === undefined ? 2 : 1), 0);
  const [best] = fitting.sort((left, right) => score(left) - score(right));
  if (best === undefined) {
    const types = [...new Set(alternatives.flatMap((issues) => issues.flatMap((inner) => (inner.code === "invalid_type" ? [typeName(inner.expected)] : []))))];
    return [{ path, key: false, message: `${name} must be ${types.join(" or ")}, not ${described(found)}` }];
  }
  return best.flatMap((inner) => explain(inner, found, undefined, path));
}

function suggestion(key: string, known: readonly string[]): string {
  const meant = didYouMean(key, known);
  return meant !== "" ? meant : known.length === 0 ? "; remove it or look for a misspelling" : `; known are ${listed([...known].sort(), 30)}`;
}

interface SchemaInternals {
  readonly _zod?: { readonly def?: { readonly shape?: Record<string, z.ZodType>; readonly element?: z.ZodType; readonly innerType?: z.ZodType; readonly options?: readonly z.ZodType[] } };
}

function knownKeys(schema: z.ZodType | undefined, path: Path): string[] {
  const def = (schema as unknown as SchemaInternals | undefined)?._zod?.def;
  if (def === undefined) {
    return [];
  }
  if (def.innerType !== undefined) {
    return knownKeys(def.innerType, path);
  }
  if (def.options !== undefined) {
    return def.options.flatMap((option) => knownKeys(option, path));
  }
  const [step, ...rest] = path;
  if (step === undefined) {
    return Object.keys(def.shape ?? {});
  }
  return typeof step === "number" ? knownKeys(def.element, rest) : knownKeys(def.shape?.[step], rest);
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, step) => (typeof inner === "object" && inner !== null ? (inner as Record<string | number, unknown>)[step] : undefined), value);
}

/** `columns[2].type`. */
export function pathText(path: Path): string {
  return path.map((step, index) => (typeof step === "number" ? `[${step}]` : index === 0 ? step : `.${step}`)).join("");
}

const TYPES: Readonly<Record<string, string>> = {
  string: "text", number: "a number", int: "a whole number", boolean: "true or false", object: "a mapping", record: "a mapping", array: "a list", null: "null",
};
function typeName(expected: string): string {
  return TYPES[expected] ?? expected;
}

/** A value in a message: `the number 5`, `a list`. */
export function described(value: unknown): string {
  if (value === null || value === undefined) {
    return value === null ? "null" : "nothing";
  }
  if (Array.isArray(value)) {
    return "a list";
  }
  if (typeof value === "object") {
    return "a mapping";
  }
  const text = String(value);
  return typeof value === "string" ? `the text '${text.length > 40 ? `${text.slice(0, 40)}…` : text}'` : `${typeof value === "number" ? "the number " : ""}${text}`;
}

function quoteHint(expected: string, found: unknown): string {
  return expected === "string" && (typeof found === "number" || typeof found === "boolean") ? `; quote it: "${String(found)}"` : "";
}
