/** JSON text in the layout of another one. */
import { isObject, type Json } from "./json";

/** `value` as JSON text, with the indentation and the spaces that `text` has. */
export function jsonTextLike(text: string, value: Json): string {
  const indent = /^[{[]\s*\n([ \t]+)/.exec(text)?.[1];
  if (indent !== undefined) {
    return JSON.stringify(value, null, indent) + (text.endsWith("\n") ? "\n" : "");
  }
  // Python's json.dumps puts a space after ':' and ','.
  return /^[{[]\s*(?:"[^"\\]*":|[^{[]*,) /.test(text) ? spaced(value) : JSON.stringify(value);
}

function spaced(value: Json): string {
  if (Array.isArray(value)) {
    return `[${(value as readonly Json[]).map(spaced).join(", ")}]`;
  }
  return isObject(value) ? `{${Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${spaced(item)}`).join(", ")}}` : JSON.stringify(value);
}
