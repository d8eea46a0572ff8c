/** A new template's text. */
import { isObject, type Json, type JsonObject } from "../../provider/json";
import { protectedText, unmarked } from "./marks";
import { entryLines } from "./yaml-write";

const STYLE = { step: 2, dash: 2 } as const;

/**
 * The text of a template that renders to a value, with what is marked in its texts as it is.
 * @param head lines before its fields, as they are
 */
export function templateText(value: JsonObject, head: readonly string[]): string {
  const fields = Object.entries(protectedValue(value)).flatMap(([key, item]) => entryLines(key, item, 0, STYLE, isObject(item) ? "block" : undefined));
  return `${[...head, ...fields.map(unmarked)].join("\n")}\n`;
}

function protectedValue(value: JsonObject): JsonObject;
function protectedValue(value: Json): Json;
function protectedValue(value: Json): Json {
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map((item) => protectedValue(item));
  }
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [protectedText(key), protectedValue(item)]));
  }
  return typeof value === "string" ? protectedText(value) : value;
}
