/**
 * What a program written by hand gives of an asset, made canonical, with the checks that templates go through. What differs from a
 * template: others are named by uuid only, some values are known only after an apply, and the engine may have put values of the last run
 * (canonical ones) in the place of new ones (`ignoreChanges`). Pure.
 */
import { pathText, schemaProblems } from "../compile/validate";
import { stableText } from "./canonical";
import { isUuid, uuidV5 } from "./identity";
import { hasUnknown } from "./inputs";
import { isObject, type Json, type JsonObject } from "./json";
import type { Canonical, CanonicalContext, ExpandContext, ExportDocument, Kind } from "./kinds/define";
import { UNKNOWN } from "./resource";

type Path = readonly (string | number)[];

interface Found {
  readonly path: Path;
  readonly message: string;
  readonly severity: "error" | "warning";
}

/** What was made of the fields. */
interface Written {
  /** Canonical where everything is known and nothing is wrong; else as given. */
  readonly form: Canonical;
  readonly known: boolean;
  readonly problems: readonly Found[];
}

/** Fields of templates that a resource has elsewhere. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  key: "is for templates; in a program the resource's name is the key",
  protect: "is for templates; in a program it is the resource option 'protect'",
  retain: "is for templates; in a program it is the resource option 'retainOnDelete'",
};

/** Those of the given values that are the last run's, unchanged, as they stand in its form. `olds`: the last inputs, `before`: the form they hold. */
export function keptValues(given: JsonObject, olds: JsonObject, before: Canonical): JsonObject {
  return Object.fromEntries(Object.keys(given).filter((key) => same(given, olds, key)).map((key) => [key, before[key] as Json]));
}

/** @param before the last run's form; empty where there was none */
export function readWritten(kind: Kind, given: JsonObject, before: Canonical, context: CanonicalContext): Written {
  const known = !hasUnknown(given);
  const found: Found[] = [];
  const problem = (path: Path, message: string, severity: "error" | "warning" = "error"): void => void found.push({ path, message: located(path, message), severity });
  for (const { path, message, key } of schemaProblems(kind.template, given)) {
    // What only canonical forms have (columns by name, a field the schema does not know) is the last run's.
    const [field] = path;
    if (!(typeof field === "string" && same(given, before, field) && (isNestedValue(given[field]) || (key && path.length === 1))) && !isUnknownAt(given, path)) {
      problem(path, message);
    }
  }
  for (const [field, advice] of Object.entries(ELSEWHERE)) {
    if (Object.hasOwn(given, field)) {
      problem([field], `'${field}' ${advice}`);
    }
  }
  if (found.length > 0) {
    return { form: given, known, problems: found };
  }
  const document = expanded(kind, known ? given : withDistinctUnknowns(given), before, problem);
  if (known) {
    const failed = found.some(({ severity }) => severity === "error");
    return { form: failed ? given : kind.rules.canonical(document, context), known, problems: found };
  }
  // One finding about a value that is not known yet, and no other can be relied on: the tree, say, that the charts of a filter are looked up in.
  return { form: given, known, problems: found.some(({ path }) => isUnknownAt(given, path)) ? [] : found };
}

function expanded(kind: Kind, given: JsonObject, before: Canonical, problem: ExpandContext["problem"]): ExportDocument {
  const isKept = (field: string | number | undefined): boolean => typeof field === "string" && isNestedValue(given[field]) && same(given, before, field);
  const context: ExpandContext = {
    resolve(kindName, reference, path) {
      if (isUuid(reference)) {
        return reference;
      }
      context.problem(path, `'${pathText(path)}' cannot name a ${kindName} by '${reference}': in a program, write its uuid: ${kindName}.uuid`);
      return undefined;
    },
    // Other resources' fields are not known here.
    document: () => undefined,
    problem(path, message, severity) {
      if (!isKept(path[0])) {
        problem(path, message, severity);
      }
    },
  };
  const document: Record<string, Json> = { ...kind.expand(given, String(given["uuid"]), context) };
  for (const field of Object.keys(given).filter(isKept)) {
    if (isObject(given[field]) && !isObject(document[field])) {
      document[field] = given[field];
    }
  }
  // Problems of the document as it will be, so also of what was kept: secrets in plain text are among them.
  kind.check?.(document, { ...context, problem });
  return document;
}

function same(given: JsonObject, before: JsonObject, key: string): boolean {
  return Object.hasOwn(given, key) && Object.hasOwn(before, key) && stableText(given[key] as Json) === stableText(before[key] as Json);
}

function isNestedValue(value: Json | undefined): boolean {
  return typeof value === "object" && value !== null;
}

/** The message with its place, where it does not say it. */
function located(path: Path, message: string): string {
  const place = pathText(path);
  return place === "" || message.includes(`'${place}`) ? message : `'${place}': ${message}`;
}

/** Whether the value at the path, one that it is part of, or a part of it is not known yet. */
function isUnknownAt(value: Json, path: Path): boolean {
  if (path.length === 0) {
    return false;
  }
  let at: Json | undefined = value;
  for (const step of path) {
    if (at === UNKNOWN) {
      return true;
    }
    at = typeof at === "object" && at !== null ? (at as Readonly<Record<string | number, Json>>)[step] : undefined;
  }
  return at !== undefined && hasUnknown(at);
}

/** Each unknown value as one of its own: two of them are not the same chart or column. They read as uuids, which most of them are. */
function withDistinctUnknowns(given: JsonObject): JsonObject {
  let count = 0;
  const distinct = (value: Json): Json => {
    if (value === UNKNOWN) {
      count += 1;
      return uuidV5(`unknown ${count}`);
    }
    if (Array.isArray(value)) {
      return (value as readonly Json[]).map(distinct);
    }
    return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, distinct(item)])) : value;
  };
  return distinct(given) as JsonObject;
}
