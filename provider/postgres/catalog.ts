/**
 * The live schema as data: what manual DDL is found by. Two levels, object → part → value, all text:
 * `{"table public.orders": {"": "", "column id": "bigint not null", "index orders_day": "CREATE INDEX …"}}`. The part `""` stands
 * for the object's existence; long definitions (views, functions) are hashes. Owners, grants and comments are not part of it.
 */
import { createHash } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { Client, QueryArrayResult } from "pg";
import { CATALOG_QUERY, definitionsQuery } from "./catalog-query";
import { wordsOf } from "./tokens";

/** Object → part → value. */
export type Catalog = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** By the hash that stands in a catalog: the definition of a view, rule or function. */
export type Definitions = Readonly<Record<string, string>>;

/** One difference between two catalogs. */
export interface CatalogChange {
  /** As people call it: `table public.orders`. */
  readonly object: string;
  /** `""` where the object itself came or went. */
  readonly part: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** For people: `table public.orders: column region added (text)`. */
  readonly line: string;
}

/** Version of the packed form and of the rows behind it. A baseline of another version is not compared but renewed. */
const FORMAT = 1;

function rowsOf(result: unknown): readonly (readonly unknown[])[] {
  const results = result as readonly QueryArrayResult<unknown[]>[];
  return results[3]?.rows ?? [];
}

/** Reads the catalog of the connected database, in one message, in a transaction of its own. */
export async function readCatalog(client: Client): Promise<Catalog> {
  const catalog: Record<string, Record<string, string>> = {};
  for (const [object, part, value] of rowsOf(await client.query({ text: CATALOG_QUERY, rowMode: "array" }))) {
    (catalog[String(object)] ??= {})[String(part)] = String(value);
  }
  return catalog;
}

/** Whether a value of a catalog stands for a longer text. */
export function isHash(value: string): boolean {
  return value.startsWith("sha256:");
}

/** The texts behind those hashes in the connected database; one that is not there (any more) is left out. */
export async function readDefinitions(client: Client, hashes: readonly string[]): Promise<Definitions> {
  return hashes.length === 0 ? {} : Object.fromEntries(rowsOf(await client.query({ text: definitionsQuery(hashes), rowMode: "array" })) as readonly [string, string][]);
}

/** All hashes of a catalog. */
export function hashesOf(catalog: Catalog): string[] {
  return [...new Set(Object.values(catalog).flatMap((parts) => Object.values(parts).filter(isHash)))];
}

function sorted(catalog: Catalog): Catalog {
  const byName = <T>(value: Readonly<Record<string, T>>): [string, T][] => Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(byName(catalog).map(([object, parts]) => [object, Object.fromEntries(byName(parts))]));
}

/** Hex SHA-256 of the catalog, whatever the order of its keys. */
export function catalogHash(catalog: Catalog): string {
  return createHash("sha256").update(JSON.stringify(sorted(catalog))).digest("hex");
}

interface Packed {
  readonly v: number;
  readonly objects: Catalog;
  readonly definitions?: Definitions;
}

/** Text form: base64 of raw deflate of `{"v":1,"objects":catalog,"definitions":{hash:text}}`. Persisted in `hybrid_migrations`. */
export function packCatalog(catalog: Catalog, definitions: Definitions = {}): string {
  const packed: Packed = { v: FORMAT, objects: sorted(catalog), definitions };
  return deflateRawSync(JSON.stringify(packed)).toString("base64");
}

/** Inverse of `packCatalog`; undefined for the text of another version. Without `definitions` where an earlier release has written it. */
export function unpackCatalog(packed: string): { readonly catalog: Catalog; readonly definitions: Definitions } | undefined {
  const { v, objects, definitions = {} } = JSON.parse(inflateRawSync(Buffer.from(packed, "base64")).toString("utf8")) as Packed;
  return v === FORMAT ? { catalog: objects, definitions } : undefined;
}

function describe(object: string, part: string, before: string | undefined, after: string | undefined): string {
  if (part === "") {
    return `${object} ${before === undefined ? "added" : "dropped"}`;
  }
  const hashed = isHash(before ?? after ?? "");
  if (before === undefined || after === undefined) {
    return `${object}: ${part} ${before === undefined ? "added" : "dropped"}${hashed ? "" : ` (${before ?? after ?? ""})`}`;
  }
  return `${object}: ${part} changed${hashed ? "" : ` from ${before} to ${after}`}`;
}

type Place = Pick<CatalogChange, "object" | "part">;

/** The column that owns a sequence which came or went together with it: said once is enough. */
function ownerOf(object: string, before: Catalog, after: Catalog): Place | undefined {
  const [side, other] = before[object] === undefined ? [after, before] : [before, after];
  const owner = side[object]?.["owner"];
  const at = owner?.indexOf(" column ") ?? -1;
  if (owner === undefined || at <= 0) {
    return undefined;
  }
  const table = owner.slice(0, at);
  if (other[table] === undefined) {
    return { object: table, part: "" };
  }
  const part = owner.slice(at + 1);
  return other[table][part] === undefined ? { object: table, part } : undefined;
}

function keysOf(left: object | undefined, right: object | undefined): string[] {
  return [...new Set([...Object.keys(left ?? {}), ...Object.keys(right ?? {})])].sort();
}

/** Where two catalogs differ. Of an object that came or went only that is told. */
function differences(before: Catalog, after: Catalog): Place[] {
  return keysOf(before, after).flatMap((object) => {
    const old = before[object];
    const current = after[object];
    if (old === undefined || current === undefined) {
      return [{ object, part: "" }];
    }
    return keysOf(old, current).filter((part) => old[part] !== current[part]).map((part) => ({ object, part }));
  });
}

/** The differences of two catalogs, by object and part. */
export function diffCatalog(before: Catalog, after: Catalog): CatalogChange[] {
  return differences(before, after)
    .filter(({ object, part }) => part !== "" || ownerOf(object, before, after) === undefined)
    .map(({ object, part }) => {
      const was = before[object]?.[part];
      const is = after[object]?.[part];
      return { object, part, before: was, after: is, line: describe(object, part, was, is) };
    });
}

/**
 * The next baseline: `baseline` with what the run itself changed (`before` → `after`), and with those changes made by hand that the run's
 * migrations explain (`accept`). What was changed by hand and is explained by nothing stays different, and so stays reported.
 */
export function rebaseCatalog(baseline: Catalog, before: Catalog, after: Catalog, accept: (place: Place) => boolean): Catalog {
  const next: Record<string, Readonly<Record<string, string>>> = { ...baseline };
  const take = ({ object, part }: Place): void => {
    const live = after[object];
    if (live === undefined) {
      delete next[object];
    } else if (part === "" || next[object] === undefined) {
      next[object] = live;
    } else {
      const value = live[part];
      next[object] = Object.fromEntries(Object.entries({ ...next[object], [part]: value ?? "" }).filter(([key]) => key !== part || value !== undefined));
    }
  };
  differences(before, after).forEach(take);
  const manual = { ...next };
  differences(manual, after).filter((place) => accept((place.part === "" ? ownerOf(place.object, manual, after) : undefined) ?? place)).forEach(take);
  return next;
}

/** `table public."Order Lines"` → `Order Lines`; the arguments of functions are left out. */
function lastName(text: string): string {
  const name = /(?:"((?:[^"]|"")+)"|([^."\s(]+))(?:\([^]*\))?$/.exec(text);
  return (name?.[1]?.replaceAll('""', '"') ?? name?.[2] ?? text).toLowerCase();
}

/**
 * Whether migrations explain a change: their SQL names the object and, where a named part of it changed (a column, an index), the part.
 * @param loose the object's name is enough (for migrations that were applied where we could not look before and after)
 */
export function explainedBy(sqls: readonly string[], loose = false): (place: Place) => boolean {
  const words = new Set<string>();
  for (const sql of sqls) {
    for (const word of wordsOf(sql)) {
      words.add(word);
    }
  }
  const named = (name: string): boolean => name.split(/[^\w\u0080-\uffff]+/).every((word) => word === "" || words.has(word));
  return ({ object, part }) => named(lastName(object)) && (loose || !part.includes(" ") || named(lastName(part)));
}
