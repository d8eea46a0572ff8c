/**
 * The machinery of the canonical form: a kind is ONE table of rules, run top-down to make the canonical form of an export document
 * and bottom-up (`wire`) to make the complete export document again. Every rule says why it exists and where in Superset it comes from.
 */
import { isObject, type Json, type JsonObject } from "./json";
import type { CanonicalContext, WireContext } from "./kinds/define";

/** A JSON value that a rule may change. Never shared with the caller's document. */
export type DraftValue = null | boolean | number | string | DraftValue[] | Draft;
/** A JSON object that a rule may change. */
export interface Draft {
  [key: string]: DraftValue;
}

/** One row of a kind's table. */
export interface Rule {
  /** Path(s) the rule is about; `*` for every element. Documentation, and what tests name the rule by. */
  readonly at: string;
  /** Why the two sides would differ without it. */
  readonly why: string;
  /** Where in Superset 6.1 (file: symbol) the behaviour comes from. */
  readonly source: string;
  /** Export document → canonical form; changes the draft in place. Must leave its own output alone. */
  readonly canonical?: (draft: Draft, context: CanonicalContext) => void;
  /** Canonical form → export document; changes the draft in place. Runs in the reverse order of the table. */
  readonly wire?: (draft: Draft, context: WireContext) => void;
}

/** The canonical form by a table of rules. The document itself is not changed. */
export function toCanonical(rules: readonly Rule[], document: JsonObject, context: CanonicalContext): JsonObject {
  const draft = draftOf(document);
  for (const rule of rules) rule.canonical?.(draft, context);
  return draft;
}

/** The export document of a canonical form by the same table, from its end to its start. */
export function toWire(rules: readonly Rule[], canonical: JsonObject, context: WireContext): JsonObject {
  const draft = draftOf(canonical);
  for (const rule of [...rules].reverse()) rule.wire?.(draft, context);
  return draft;
}

/** A deep copy that may be changed. `-0` becomes `0`, as YAML and Python's JSON do not keep it apart. */
export function draftOf(value: JsonObject): Draft {
  return copy(value) as Draft;
}

/** A deep copy of any JSON value that may be changed. */
export function copy(value: Json): DraftValue {
  if (Array.isArray(value)) return value.map((item: Json) => copy(item));
  if (isObject(value)) {
    const result: Draft = {};
    for (const [key, item] of Object.entries(value)) {
      if (item !== undefined) put(result, key, copy(item));
    }
    return result;
  }
  return Object.is(value, -0) ? 0 : (value as DraftValue);
}

/** Sets a key that comes from outside: `__proto__` becomes an ordinary key. */
export function put(draft: Draft, key: string, value: DraftValue): void {
  if (key === "__proto__") Object.defineProperty(draft, key, { value, enumerable: true, configurable: true, writable: true });
  else draft[key] = value;
}

/** The value of an own key; undefined where there is none (also for `constructor` and its like). */
export function own(object: Draft, key: string): DraftValue | undefined;
export function own(object: JsonObject, key: string): Json | undefined;
export function own(object: JsonObject | Draft, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? (object[key] as Json) : undefined;
}

/** An object that may be changed. */
export function isDraft(value: unknown): value is Draft {
  return isObject(value);
}

/** The object below a key; undefined where there is none. */
export function child(draft: Draft, key: string): Draft | undefined {
  const value = own(draft, key);
  return isDraft(value) ? value : undefined;
}

/** The objects of the list below a key. */
export function items(draft: Draft, key: string): Draft[] {
  const value = own(draft, key);
  return Array.isArray(value) ? value.filter(isDraft) : [];
}

/** null, "", [] and {}: all mean "not set" in Superset's columns, and which one is stored depends on who saved last. */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

/** Removes the keys whose value is empty. */
export function prune(draft: Draft): void {
  for (const [key, value] of Object.entries(draft)) {
    if (isEmpty(value)) delete draft[key];
  }
}

/** Removes the keys whose value is empty, at every depth. Elements of lists stay: their number and place mean something. */
export function pruneDeep(value: DraftValue | undefined): void {
  if (Array.isArray(value)) value.forEach(pruneDeep);
  if (!isDraft(value)) return;
  for (const [key, item] of Object.entries(value)) {
    pruneDeep(item);
    if (isEmpty(item)) delete value[key];
  }
}

/** Sets each key that is absent or null. */
export function fill(draft: Draft, defaults: Readonly<Record<string, boolean | number | string>>): void {
  for (const [key, value] of Object.entries(defaults)) {
    if ((own(draft, key) ?? null) === null) draft[key] = value;
  }
}

/** Replaces a JSON text by what it says; leaves what is not JSON text of an object or list as it is. */
export function parse(draft: Draft, key: string): void {
  const text = own(draft, key);
  if (typeof text !== "string") return;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object") draft[key] = copy(value as Json);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
}

/** Removes keys. */
export function omit(draft: Draft, keys: readonly string[]): void {
  for (const key of keys) delete draft[key];
}
