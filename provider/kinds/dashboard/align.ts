/**
 * Ids of a dashboard's items are made up: by Superset's editor for what is new there, by `layout.ts` from what an item holds. Two trees that differ
 * in them alone are the same tree.
 */
import { stableText } from "../../canonical";
import { isObject, type Json, type JsonObject } from "../../json";
import { put, type Draft, type DraftValue } from "../../rule";
import type { Canonical } from "../define";
import { ROOT } from "./position";

/** The live form with the ids that its items have in the reference, wherever the two trees tell which ones are the same. */
export function withIdsOf(live: Canonical, reference: Canonical): Canonical {
  const [tree, wanted] = [live["position"], reference["position"]];
  if (!isObject(tree) || !isObject(wanted) || stableText(tree) === stableText(wanted)) {
    return live;
  }
  const names = pairedIds(tree, wanted);
  if (names.size === 0) {
    return live;
  }
  const position: Draft = {};
  for (const [id, item] of Object.entries(tree)) {
    put(position, names.get(id) ?? id, withNames(item, names, "children") as DraftValue);
  }
  return { ...live, position, ...(live["metadata"] === undefined ? {} : { metadata: withNames(live["metadata"], names, "rootPath") }) };
}

/** By the id in `tree`, the id of the same item in `wanted`, where that is another one. */
function pairedIds(tree: JsonObject, wanted: JsonObject): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const [contents, others] = [contentsOf(tree), contentsOf(wanted)];
  const visited = new Set<string>();
  const visit = (id: string, other: string): void => {
    // A broken tree may go in circles.
    if (visited.has(id)) {
      return;
    }
    visited.add(id);
    const free = childrenOf(wanted, other);
    const open = childrenOf(tree, id);
    const pair = (fits: (child: string, candidate: string) => boolean): void => {
      for (const child of [...open]) {
        const found = free.findIndex((candidate) => fits(child, candidate));
        const [candidate] = found < 0 ? [] : free.splice(found, 1);
        if (candidate !== undefined) {
          open.splice(open.indexOf(child), 1);
          if (child !== candidate && !names.has(child)) {
            names.set(child, candidate);
          }
          visit(child, candidate);
        }
      }
    };
    pair((child, candidate) => child === candidate);
    pair((child, candidate) => contents(child) === others(candidate));
    // What holds other things than before, and is the only one of its type that does.
    pair((child, candidate) => typeOf(tree, child) === typeOf(wanted, candidate) && typeOf(tree, child) !== "CHART" && !Object.hasOwn(wanted, child)
      && open.filter((one) => typeOf(tree, one) === typeOf(tree, child)).length === 1 && free.filter((one) => typeOf(wanted, one) === typeOf(tree, child)).length === 1);
  };
  visit(ROOT, ROOT);
  // No two items get one id, and none the id of an item that keeps it.
  for (let taken = takenTwice(tree, names); taken.length > 0; taken = takenTwice(tree, names)) {
    taken.forEach((id) => names.delete(id));
  }
  return names;
}

function takenTwice(tree: JsonObject, names: ReadonlyMap<string, string>): readonly string[] {
  const counts = new Map<string, number>();
  for (const id of Object.keys(tree)) {
    const name = names.get(id) ?? id;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...names].flatMap(([id, name]) => ((counts.get(name) ?? 0) > 1 ? [id] : []));
}

/** What an item is and holds, without ids. */
function contentsOf(tree: JsonObject): (id: string) => string {
  const known = new Map<string, string>();
  const contents = (id: string, above: readonly string[]): string => {
    const item = tree[id];
    const text = known.get(id) ?? (above.includes(id) || !isObject(item) ? "" : stableText([item["type"] ?? null, item["meta"] ?? null, childrenOf(tree, id).map((child) => contents(child, [...above, id]))]));
    known.set(id, text);
    return text;
  };
  return (id) => contents(id, []);
}

function childrenOf(tree: JsonObject, id: string): string[] {
  const item = tree[id];
  const children = isObject(item) ? item["children"] : undefined;
  return Array.isArray(children) ? (children as readonly Json[]).filter((child): child is string => typeof child === "string") : [];
}

function typeOf(tree: JsonObject, id: string): Json | undefined {
  const item = tree[id];
  return isObject(item) ? item["type"] : undefined;
}

/** A value whose lists of ids below `key`, at any depth, have the other names. */
function withNames(value: Json, names: ReadonlyMap<string, string>, key: string): Json {
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map((item) => withNames(item, names, key));
  }
  if (!isObject(value)) {
    return value;
  }
  const result: Draft = {};
  for (const [name, item] of Object.entries(value)) {
    const ids = name === key && Array.isArray(item);
    put(result, name, (ids ? (item as readonly Json[]).map((id) => (typeof id === "string" ? (names.get(id) ?? id) : id)) : withNames(item, names, key)) as DraftValue);
  }
  return result;
}
