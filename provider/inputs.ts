/**
 * An asset's form as inputs of its resource. From templates, a nested value is one JSON text: the engine copies, marshals and logs every
 * property of every resource many times over (and shows the difference of two JSON texts field by field all the same), so that 500
 * charts with nested inputs take twice the time. From a program written by hand it stays nested, with a mark beside it: there the
 * engine puts old inputs, or parts of them, in the place of new ones (`ignoreChanges`). Persisted: see FORMATS.md.
 */
import { stableText } from "./canonical";
import { isObject, type Json, type JsonObject } from "./json";
import { UNKNOWN } from "./resource";

/** Input and output that says `true` where nested values are kept as they are. Absent: they are JSON text. */
export const NESTED_MARK = "nested";

/** A text that reads as the start of a nested value is quoted, so that reading is never a guess. */
const NESTED = /^[[{"]/;

/** Whether any value below is known only after an apply. */
export function hasUnknown(value: Json): boolean {
  if (value === UNKNOWN) {
    return true;
  }
  if (typeof value !== "object" || value === null) {
    return false;
  }
  return Object.values(value).some(hasUnknown);
}

/** Nested values as JSON text with sorted keys, other values as they are; what is not all known yet stays nested. */
export function encodeInputs(form: JsonObject): JsonObject {
  const encode = (value: Json): Json => {
    const nested = Array.isArray(value) || isObject(value) || (typeof value === "string" && NESTED.test(value));
    return nested && !hasUnknown(value) ? stableText(value) : value;
  };
  return Object.fromEntries(Object.entries(form).map(([key, value]) => [key, encode(value)]));
}

/** What `encodeInputs` encoded. Values that are nested already, as what is not all known yet, stay. */
export function decodeInputs(inputs: JsonObject): JsonObject {
  const decode = (value: Json): Json => (typeof value === "string" && NESTED.test(value) ? (JSON.parse(value) as Json) : value);
  return Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, decode(value)]));
}

/** Whether inputs or outputs say that nested values are kept as they are. */
export function isNested(props: JsonObject): boolean {
  return props[NESTED_MARK] === true;
}

/** The form as inputs: nested, with the mark, or encoded. */
export function inputsOf(form: JsonObject, nested: boolean): JsonObject {
  return nested ? { ...form, [NESTED_MARK]: true } : encodeInputs(form);
}
