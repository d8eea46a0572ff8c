/**
 * Comparing assets: one deterministic text, one hash, one packed text for the state, and the list of fields in which two canonical
 * forms differ. The canonical form itself is made by the tables of rules in `kinds/<kind>/rules.ts`.
 */
import { createHash } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { isObject, type Json } from "./json";

/** JSON text with sorted keys and no spaces: equal for deep-equal values, whatever the order of their keys. */
export function stableText(value: Json): string {
  if (Array.isArray(value)) {
    let text = "[";
    for (const item of value as readonly Json[]) text += text === "[" ? stableText(item) : `,${stableText(item)}`;
    return `${text}]`;
  }
  if (isObject(value)) {
    let text = "{";
    for (const key of Object.keys(value).sort()) {
      const member = value[key];
      if (member !== undefined) text += `${text === "{" ? "" : ","}${JSON.stringify(key)}:${stableText(member)}`;
    }
    return `${text}}`;
  }
  return JSON.stringify(Object.is(value, -0) ? 0 : value);
}

/** SHA-256 of the stable text, the first 16 bytes as 32 hex digits. */
export function hash(value: Json): string {
  return createHash("sha256").update(stableText(value)).digest("hex").slice(0, 32);
}

/** The stable text, deflated, as base64: about a fifth of the JSON text. Equal for deep-equal values. */
export function pack(value: Json): string {
  return deflateRawSync(stableText(value), { level: 9 }).toString("base64");
}

/** As `pack`, quicker, for what is not compared and not kept. */
export function packForNow(value: Json): string {
  return deflateRawSync(JSON.stringify(value), { level: 1 }).toString("base64");
}

/** What `pack` or `packForNow` packed. */
export function unpack(text: string): Json {
  return JSON.parse(inflateRawSync(Buffer.from(text, "base64")).toString("utf8")) as Json;
}

/** One field that differs. */
export interface FieldChange {
  /** Readable path: `params.adhoc_filters[0].comparator`, `metrics["Total revenue"].expression`. Empty for the whole value. */
  readonly path: string;
  /** Absent where the field is new. */
  readonly before?: Json;
  /** Absent where the field is gone. */
  readonly after?: Json;
}

/**
 * The fields in which two values differ, sorted by path. What exists on one side only is one change with its whole value; a list of
 * scalars is one value; in a list of objects the elements are compared one by one, after the equal ones at its start and end were
 * taken off, so that one inserted element is one change. An index is that in `after`, for a removed element that in `before`.
 */
export function changedPaths(before: Json | undefined, after: Json | undefined): FieldChange[] {
  const changes: FieldChange[] = [];
  compare("", before, after, changes);
  return changes;
}

function compare(path: string, before: Json | undefined, after: Json | undefined, changes: FieldChange[]): void {
  if (before === undefined || after === undefined) {
    if (before !== after) changes.push({ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) });
    return;
  }
  if (isObject(before) && isObject(after)) {
    for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
      const [left, right] = [before, after].map((side) => (Object.hasOwn(side, key) ? side[key] : undefined));
      compare(joinPath(path, key), left, right, changes);
    }
    return;
  }
  if (Array.isArray(before) && Array.isArray(after) && [...before, ...after].some(isStructure)) {
    compareLists(path, before, after, changes);
    return;
  }
  if (stableText(before) !== stableText(after)) changes.push({ path, before, after });
}

function compareLists(path: string, before: readonly Json[], after: readonly Json[], changes: FieldChange[]): void {
  const left = before.map((item) => stableText(item));
  const right = after.map((item) => stableText(item));
  const shorter = Math.min(left.length, right.length);
  let start = 0;
  while (start < shorter && left[start] === right[start]) start += 1;
  let end = 0;
  while (end < shorter - start && left[left.length - 1 - end] === right[right.length - 1 - end]) end += 1;
  const leftEnd = left.length - end;
  const rightEnd = right.length - end;
  for (let index = start; index < Math.max(leftEnd, rightEnd); index += 1) {
    compare(`${path}[${index}]`, index < leftEnd ? before[index] : undefined, index < rightEnd ? after[index] : undefined, changes);
  }
}

function isStructure(value: Json): boolean {
  return typeof value === "object" && value !== null;
}

/** `path.key`; a key that would not read as one word is quoted: `path["a.b"]`. */
function joinPath(path: string, key: string): string {
  if (!/^[\p{L}\p{N}_-]+$/u.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}
