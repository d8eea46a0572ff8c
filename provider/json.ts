/** JSON values, as YAML and Superset's API give them. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
/** A JSON object. Its keys may be any text, `__proto__` too: see `own` and `put` in `rule.ts`. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Neither null nor a list. Looks at no key: meant for what a JSON or YAML reader gave. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
