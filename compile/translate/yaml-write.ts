/** New values as YAML, in the style of the text they go into. */
import { isObject, type Json, type JsonObject } from "../../provider/json";
import { inlineText, keyText, literalText, quotedText, scalarText } from "../export-yaml";
import { hasMarks } from "./marks";

/** How a text is written. */
export interface Style {
  /** Columns by which a mapping stands further in than its key. */
  readonly step: number;
  /** Columns by which the dashes of a list stand further in than its key. */
  readonly dash: number;
  /** How an equal value is already written somewhere: a list or mapping in block style as its lines with their indentation, others as one line without any. */
  known?(value: Json): readonly string[] | undefined;
}

/** Columns up to which a list or mapping of scalars stays on one line. */
const WIDTH = 120;

/** A value on one line. */
export function flowText(value: Json): string {
  if (typeof value === "string") {
    return markedText(value);
  }
  if (Array.isArray(value)) {
    return `[${(value as readonly Json[]).map(flowText).join(", ")}]`;
  }
  if (isObject(value)) {
    return `{${Object.entries(value).map(([key, item]) => `${keyText(key)}: ${flowText(item)}`).join(", ")}}`;
  }
  return scalarText(value) ?? "null";
}

/** A text on one line. One that has template source in it is quoted, as nobody knows what that gives elsewhere. */
export function markedText(value: string): string {
  return hasMarks(value) ? quotedText(value).replace(/\uF8E0[^\uF8E1]*\uF8E1/g, (mark) => JSON.parse(`"${mark}"`) as string) : inlineText(value);
}

/** `key: value`, its lines at that indentation. @param prefer how its neighbours are written. Default: on one line what is short */
export function entryLines(key: string, value: Json, indent: number, style: Style, prefer?: "flow" | "block"): string[] {
  const pad = " ".repeat(indent);
  const head = `${pad}${keyText(key)}:`;
  const known = style.known?.(value);
  if (known !== undefined) {
    return isBlock(value, known) ? [head, ...shifted(known, indent + (Array.isArray(value) ? style.dash : style.step))] : [`${head} ${known[0] ?? ""}`];
  }
  return value === null ? [`${head} null`] : valueLines(head, value, indent, style, prefer);
}

/** What follows a key at that indentation; `head` is the key's line. */
export function valueLines(head: string, value: Json, indent: number, style: Style, prefer?: "flow" | "block"): string[] {
  const simple = scalarLines(value, " ".repeat(indent + style.step));
  if (simple !== undefined) {
    const [first = "", ...rest] = simple;
    return [`${head} ${first}`, ...rest];
  }
  if (onOneLine(value, head.length, prefer)) {
    return [`${head} ${flowText(value)}`];
  }
  return [head, ...(Array.isArray(value) ? (value as readonly Json[]).flatMap((item) => itemLines(item, indent + style.dash, style)) : membersLines(value as JsonObject, indent + style.step, style))];
}

/** `- value`, its lines at that indentation. */
export function itemLines(value: Json, indent: number, style: Style, prefer?: "flow" | "block"): string[] {
  const pad = " ".repeat(indent);
  const known = style.known?.(value);
  const lines = known !== undefined
    ? (isBlock(value, known) ? shifted(known, indent + 2) : [`${pad}  ${known[0] ?? ""}`])
    : (scalarLines(value, `${pad}  `) ?? (onOneLine(value, indent + 2, prefer) ? [flowText(value)] : undefined))?.map((line, index) => (index === 0 ? `${pad}  ${line}` : line));
  const [first = "", ...rest] = lines
    ?? (Array.isArray(value) ? (value as readonly Json[]).flatMap((item) => itemLines(item, indent + 2, style)) : membersLines(value as JsonObject, indent + 2, style));
  return [`${pad}- ${first.slice(indent + 2)}`, ...rest];
}

function membersLines(value: JsonObject, indent: number, style: Style): string[] {
  return Object.entries(value).flatMap(([key, item]) => entryLines(key, item, indent, style));
}

/** Whether known lines are a list or mapping in block style. */
function isBlock(value: Json, lines: readonly string[]): boolean {
  return typeof value === "object" && value !== null && !/^\s*[[{&*!]/.test(lines[0] ?? "");
}

function shifted(lines: readonly string[], indent: number): string[] {
  const [first = ""] = lines;
  const from = first.length - first.trimStart().length;
  return lines.map((line) => (line.trim() === "" ? "" : `${" ".repeat(indent)}${line.slice(Math.min(from, line.length - line.trimStart().length))}`));
}

function scalarLines(value: Json, indent: string): string[] | undefined {
  if (typeof value === "string") {
    return blockText(value, indent)?.split("\n") ?? [markedText(value)];
  }
  return typeof value !== "object" || value === null || Object.keys(value).length === 0 ? [scalarText(value) ?? "null"] : undefined;
}

/** A literal block, also of what bundles have in quotes for older readers: lines that end with blanks, several line ends at the end. */
function blockText(value: string, indent: string): string | undefined {
  const end = /\n*$/.exec(value)?.[0].length ?? 0;
  const bare = value.slice(0, value.length - end).replace(/[ \t]+$/gm, "");
  if (!value.includes("\n") || literalText(`${bare}\n`, indent) === undefined) {
    return undefined;
  }
  const lines = (end === 0 ? value : value.slice(0, -1)).split("\n").map((line) => (line === "" ? "" : `${indent}${line}`));
  return [end === 0 ? "|-" : end === 1 ? "|" : "|+", ...lines].join("\n");
}

/** Lists of scalars, and mappings of such: as people write them. */
function onOneLine(value: Json, column: number, prefer?: "flow" | "block"): boolean {
  const items = Array.isArray(value) ? (value as readonly Json[]) : Object.values(value as JsonObject);
  const flat = items.every((item) => typeof item !== "object" || item === null || Object.keys(item).length === 0 || (Array.isArray(item) && item.every((inner) => typeof inner !== "object" || inner === null)));
  const short = column + flowText(value).length + 1 <= WIDTH && !items.some((item) => typeof item === "string" && item.includes("\n"));
  return prefer === "flow" ? !containsLines(value) : prefer !== "block" && flat && short && (Array.isArray(value) || items.length <= 8);
}

function containsLines(value: Json): boolean {
  return typeof value === "string" ? value.includes("\n") : typeof value === "object" && value !== null && Object.values(value as JsonObject).some(containsLines);
}
