/**
 * An asset's form as inputs of its resource. A nested value is one JSON text: the engine copies, marshals and logs every property of
 * every resource many times over (and shows the difference of two JSON texts field by field all the same), so that 500 charts with
 * nested inputs take twice the time. Persisted: see FORMATS.md.
 */
import { stableText } from "./canonical";
import { isObject, type Json, type JsonObject } from "./json";
import { UNKNOWN } from "./resource";

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

/** What `encodeInputs` encoded. Values that are nested already, as programs written by hand give them, stay. */
export function decodeInputs(inputs: JsonObject): JsonObject {
  const decode = (value: Json): Json => (typeof value === "string" && NESTED.test(value) ? (JSON.parse(value) as Json) : value);
  return Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, decode(value)]));
}
