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
 * scalars is one value; in a list of objects the elements are compared one by one (`alignLists`), so that one inserted element is one
 * change. An index is that in `after`, for a removed element that in `before`.
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
    for (const pair of alignLists(before, after)) {
      const [left, right] = [pair.before, pair.after];
      compare(`${path}[${right ?? left}]`, left === undefined ? undefined : before[left], right === undefined ? undefined : after[right], changes);
    }
    return;
  }
  if (stableText(before) !== stableText(after)) changes.push({ path, before, after });
}

/** Whether a value is an object or a list. */
export function isStructure(value: Json): boolean {
  return typeof value === "object" && value !== null;
}

/** `path.key`; a key that would not read as one word is quoted: `path["a.b"]`. */
export function joinPath(path: string, key: string): string {
  if (!/^[\p{L}\p{N}_-]+$/u.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** One element in two lists, by its index in each; absent where a list has not got it. */
export interface AlignedPair {
  readonly before?: number;
  readonly after?: number;
}

/**
 * Which elements of two lists are the same ones, in the order of both: the equal ones at the start and end, between them those of one
 * identity (`identityOf`) that kept their order, and between those the new ones in the place of others that are gone. One that moved is
 * gone from one place and new at another.
 */
export function alignLists(before: readonly Json[], after: readonly Json[]): AlignedPair[] {
  const left = before.map((item) => stableText(item));
  const right = after.map((item) => stableText(item));
  const shorter = Math.min(left.length, right.length);
  let start = 0;
  while (start < shorter && left[start] === right[start]) start += 1;
  let end = 0;
  while (end < shorter - start && left[left.length - 1 - end] === right[right.length - 1 - end]) end += 1;
  const pairs: AlignedPair[] = left.slice(0, start).map((_, index) => ({ before: index, after: index }));
  const ends = [left.length - end, right.length - end] as const;
  const identity = start === ends[0] || start === ends[1] ? undefined : identityOf(before, after);
  const [ours, theirs] = [before, after].map((list) => new Set(identity === undefined ? [] : list.map(identity))) as [Set<string>, Set<string>];
  const moved = (item: Json | undefined, others: Set<string>): boolean => identity !== undefined && item !== undefined && others.has(identity(item));
  let [i, j] = [start, start];
  const until = (anchor: readonly [number, number]): void => {
    while (i < anchor[0] || j < anchor[1]) {
      const [gone, added] = [i < anchor[0] && moved(before[i], theirs), j < anchor[1] && moved(after[j], ours)];
      const pair = { ...(i < anchor[0] && (gone || !added) ? { before: i } : {}), ...(j < anchor[1] && !gone ? { after: j } : {}) };
      pairs.push(pair);
      if (pair.before !== undefined) i += 1;
      if (pair.after !== undefined) j += 1;
    }
  };
  for (const anchor of identity === undefined ? [] : anchors(before.slice(0, ends[0]), after.slice(0, ends[1]), start, identity)) {
    until(anchor);
    pairs.push({ before: i, after: j });
    [i, j] = [i + 1, j + 1];
  }
  until(ends);
  for (let index = 0; index < end; index += 1) pairs.push({ before: ends[0] + index, after: ends[1] + index });
  return pairs;
}

/** Members by which Superset tells the elements of a list apart: filters, columns, metrics, layers, folders, formatting rules. */
const IDENTITY = ["uuid", "id", "name", "column_name", "metric_name", "label", "subject", "column"] as const;

/**
 * What tells the elements of these lists apart: a scalar is itself, an object the first member of `IDENTITY` that all objects have, each
 * list every value once. Undefined where nothing does.
 */
export function identityOf(...lists: readonly (readonly Json[])[]): ((item: Json) => string) | undefined {
  const objects = lists.flat().filter(isObject);
  const keys: readonly (string | undefined)[] = objects.length === 0 ? [undefined] : IDENTITY.filter((key) => objects.every((item) => Object.hasOwn(item, key) && !isStructure(item[key] ?? null)));
  if (lists.flat().some((item) => Array.isArray(item))) return undefined;
  return keys
    .map((key) => (item: Json): string => (isObject(item) ? `{${stableText(item[key ?? ""] ?? null)}` : stableText(item)))
    .find((identity) => lists.every((list) => new Set(list.map(identity)).size === list.length));
}

/** The longest run of pairs of one identity, in the order of both lists, from `start` on. */
function anchors(before: readonly Json[], after: readonly Json[], start: number, identity: (item: Json) => string): [number, number][] {
  const places = new Map(after.slice(start).map((item, index) => [identity(item), start + index]));
  /** By the length of a run: the pair that the best run of that length ends with, and the one before it. */
  interface Run { readonly pair: [number, number]; readonly above: Run | undefined }
  const runs: Run[] = [];
  before.slice(start).forEach((item, index) => {
    const place = places.get(identity(item));
    if (place === undefined) return;
    const longer = runs.findIndex(({ pair }) => pair[1] > place);
    const length = longer < 0 ? runs.length : longer;
    runs[length] = { pair: [start + index, place], above: runs[length - 1] };
  });
  const found: [number, number][] = [];
  for (let run = runs.at(-1); run !== undefined; run = run.above) found.unshift(run.pair);
  return found;
}
