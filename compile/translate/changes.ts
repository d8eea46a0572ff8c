/** The single changes that make one mapping into another. */
import { stableText } from "../../provider/canonical";
import { isObject, type Json, type JsonObject } from "../../provider/json";
import { pairElements } from "../../provider/likeness";
import { copy, put, type Draft, type DraftValue } from "../../provider/rule";
import type { Path } from "../yaml";

/** One change of a mapping. Indices are those before it. */
export type Change =
  | { readonly op: "set"; readonly path: Path; readonly before: Json; readonly after: Json }
  | { readonly op: "remove"; readonly path: Path; readonly before: Json }
  /** `path` ends with the new key, or with the index of the item it comes before. */
  | { readonly op: "insert"; readonly path: Path; readonly after: Json }
  | { readonly op: "rename"; readonly path: Path; readonly to: string };

/**
 * The changes. What is new, and everything in a list, comes from the end to the start, so that each one's indices hold after the ones before it
 * were made.
 */
export function changesBetween(before: JsonObject, after: JsonObject): readonly Change[] {
  const changes: Change[] = [];
  compare([], before, after, changes);
  return changes;
}

function compare(path: Path, before: Json, after: Json, changes: Change[]): void {
  if (stableText(before) === stableText(after)) {
    return;
  }
  if (isObject(before) && isObject(after) && Object.keys(after).length > 0 && Object.keys(before).length > 0) {
    const added = new Map(Object.entries(after).filter(([key]) => own(before, key) === undefined));
    const gone = Object.keys(before).filter((key) => own(after, key) === undefined);
    for (const [key, value] of Object.entries(before)) {
      const wanted = own(after, key);
      // Fields of a template are no names; of several equal values nobody knows which one got which name.
      const renamed = gone.includes(key) && path.length > 0 && (isObject(value) || (gone.length === 1 && added.size === 1)) ? [...added].find(([, item]) => stableText(item) === stableText(value))?.[0] : undefined;
      if (wanted !== undefined) {
        compare([...path, key], value, wanted, changes);
      } else if (renamed === undefined) {
        changes.push({ op: "remove", path: [...path, key], before: value });
      } else {
        added.delete(renamed);
        changes.push({ op: "rename", path: [...path, key], to: renamed });
      }
    }
    // Lists and mappings come last in the text.
    const inText = [...added].filter(([, value]) => !isStructured(value)).concat([...added].filter(([, value]) => isStructured(value)));
    for (const [key, value] of inText.reverse()) {
      changes.push({ op: "insert", path: [...path, key], after: value });
    }
  } else if (Array.isArray(before) && Array.isArray(after) && before.length > 0 && after.length > 0) {
    compareLists(path, before as readonly Json[], after as readonly Json[], changes);
  } else {
    changes.push({ op: "set", path, before, after });
  }
}

function compareLists(path: Path, before: readonly Json[], after: readonly Json[], changes: Change[]): void {
  let next = before.length;
  for (const { before: index, after: place } of [...pairElements(before, after)].reverse()) {
    if (index === undefined && place !== undefined) {
      changes.push({ op: "insert", path: [...path, next], after: after[place] as Json });
    } else if (index !== undefined) {
      next = index;
      if (place === undefined) {
        changes.push({ op: "remove", path: [...path, index], before: before[index] as Json });
      } else {
        compare([...path, index], before[index] as Json, after[place] as Json, changes);
      }
    }
  }
}

function isStructured(value: Json): boolean {
  return typeof value === "object" && value !== null;
}

/** The mapping after a change. */
export function changed(value: JsonObject, change: Change): JsonObject {
  return at(value, change.path, change) as JsonObject;
}

function at(value: Json, [step, ...rest]: Path, change: Change): Json {
  if (step === undefined) {
    return change.op === "set" ? change.after : value;
  }
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    const index = Number(step);
    if (rest.length > 0 || change.op === "set") {
      return items.map((item, place) => (place === index ? at(item, rest, change) : item));
    }
    return [...items.slice(0, index), ...(change.op === "insert" ? [change.after] : []), ...items.slice(change.op === "remove" ? index + 1 : index)];
  }
  const result: Draft = {};
  const key = String(step);
  for (const [name, item] of Object.entries(isObject(value) ? value : {})) {
    if (name !== key) {
      put(result, name, copy(item));
    } else if (rest.length > 0 || change.op === "set") {
      put(result, name, copy(at(item, rest, change)));
    } else if (change.op === "rename") {
      put(result, change.to, copy(item));
    }
  }
  if (rest.length === 0 && change.op === "insert") {
    put(result, key, copy(change.after) as DraftValue);
  }
  return result;
}

function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/**
 * Whether everything in which `after` differs from `before` is one of the changes, seen in another environment: lists may have other items before
 * the one that is meant, and a key may go by another name there.
 */
export function onlyChanges(changes: readonly Change[], before: JsonObject, after: JsonObject, edited: JsonObject): boolean {
  const open = [...changes];
  return changesBetween(before, after).every((found) => {
    const index = open.findIndex((change) => fits(change, found, before, edited));
    if (index < 0) {
      return false;
    }
    // A value that is new or gone as a whole may be many changes elsewhere.
    if (open[index]?.op !== "set" || !isStructure(open[index])) {
      open.splice(index, open[index]?.path.length === found.path.length ? 1 : 0);
    }
    return true;
  });
}

function isStructure(change: Change | undefined): boolean {
  return change?.op === "set" && (typeof change.after === "object" || typeof change.before === "object");
}

/** @param elsewhere the other environment's mapping @param edited the one the change was made for */
function fits(change: Change, found: Change, elsewhere: JsonObject, edited: JsonObject): boolean {
  const shorter = Math.min(change.path.length, found.path.length);
  // Below a value that is new or gone everything may differ; above it only where it was alone.
  if (found.path.length < shorter || (found.path.length < change.path.length && !isAlone(found))) {
    return false;
  }
  let [here, there]: [Json | undefined, Json | undefined] = [edited, elsewhere];
  for (let index = 0; index < shorter; index += 1) {
    const [step, other] = [change.path[index] as string | number, found.path[index] as string | number];
    const numbers = typeof step === "number" && typeof other === "number";
    const renamed = typeof step === "string" && typeof other === "string" && isObject(here) && isObject(there) && !Object.hasOwn(there, step) && !Object.hasOwn(here, other);
    if (step !== other && !numbers && !renamed) {
      return false;
    }
    [here, there] = [member(here, step), member(there, other)];
  }
  return true;
}

/** A list or mapping of one member that came or went with it. */
function isAlone(change: Change): boolean {
  const value = change.op === "insert" ? change.after : change.op === "remove" ? change.before : undefined;
  return typeof value === "object" && value !== null && Object.keys(value).length <= 1;
}

function member(value: Json | undefined, step: string | number): Json | undefined {
  return Array.isArray(value) ? (value as readonly Json[])[Number(step)] : isObject(value) ? own(value, String(step)) : undefined;
}
