/** Carries a change of an asset's canonical form over to a template that says the same in other words. Pure. */
import { stableText } from "./canonical";
import { isObject, type Json, type JsonObject } from "./json";
import { likeness, pairElements } from "./likeness";
import { jsonTextLike } from "./json-text";
import { isEmpty, put, type Draft, type DraftValue } from "./rule";

const same = (left: Json | undefined, right: Json | undefined): boolean => (left === undefined || right === undefined ? left === right : stableText(left) === stableText(right));

/**
 * `written` with what changed from `before` to `after`, and nothing else: members and elements that did not change stay as they are
 * written, in their order, with what they have beyond the canonical form. New members come last. Undefined: there is nothing left to write.
 */
export function transplant(written: Json | undefined, before: Json | undefined, after: Json | undefined): Json | undefined {
  if (same(before, after)) {
    return written;
  }
  if (after === undefined || written === undefined) {
    return after;
  }
  if (typeof written === "string" && typeof after === "object" && after !== null) {
    return transplantJsonText(written, before, after);
  }
  if (isObject(written) && isObject(after) && (before === undefined || isObject(before))) {
    return transplantMembers(written, before ?? {}, after);
  }
  if (Array.isArray(written) && Array.isArray(before) && Array.isArray(after) && written.length === before.length) {
    return transplantElements(written as readonly Json[], before as readonly Json[], after as readonly Json[]);
  }
  return after;
}

/** Text stays text, in its own layout. */
function transplantJsonText(written: string, before: Json | undefined, after: Json): Json {
  let parsed: unknown;
  try {
    parsed = JSON.parse(written);
  } catch (error) {
    if (!(error instanceof SyntaxError)) {
      throw error;
    }
    return after;
  }
  return jsonTextLike(written, transplant(parsed as Json, before, after) ?? after);
}

function transplantMembers(written: JsonObject, before: JsonObject, after: JsonObject): Json {
  const result: Draft = {};
  for (const [key, value] of Object.entries(written)) {
    const [old, wanted] = [member(before, key), member(after, key)];
    const kept = transplant(value, old, wanted);
    // What is empty is not in a canonical form, and means the same as its absence.
    if (kept !== undefined && !(isEmpty(kept) && !isEmpty(value) && wanted === undefined)) {
      put(result, key, kept as DraftValue);
    }
  }
  for (const [key, value] of Object.entries(after)) {
    if (!Object.hasOwn(written, key) && !same(member(before, key), value)) {
      put(result, key, value as DraftValue);
    }
  }
  return result;
}

/** The elements of `written` are those of `before`, one for one. */
function transplantElements(written: readonly Json[], before: readonly Json[], after: readonly Json[]): Json {
  const gone = new Map<string, Json[]>();
  const pairs = pairElements(before, after);
  for (const { before: index, after: place } of pairs) {
    if (index !== undefined && place === undefined) {
      const text = stableText(before[index] as Json);
      gone.set(text, [...(gone.get(text) ?? []), written[index] as Json]);
    }
  }
  return pairs.flatMap(({ before: index, after: place }) => {
    if (place === undefined) {
      return [];
    }
    const wanted = after[place] as Json;
    // One that only moved is written as it was.
    return [index === undefined ? (gone.get(stableText(wanted))?.shift() ?? wanted) : (transplant(written[index], before[index], wanted) as Json)];
  });
}

function member(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/**
 * As `transplant`, of a whole template: `carried` are the fields that a kind writes in words of its own, undefined where there is nothing to write.
 * @param omitted fields of the canonical form that `carried` speaks for
 */
export function transplantFields(written: JsonObject, before: JsonObject, after: JsonObject, carried: Readonly<Record<string, Json | undefined>>, omitted: readonly string[]): JsonObject {
  const without = (object: JsonObject, fields: readonly string[]): JsonObject => Object.fromEntries(Object.entries(object).filter(([field]) => !fields.includes(field)));
  const others = transplantMembers(without(written, Object.keys(carried)), without(before, omitted), without(after, omitted)) as JsonObject;
  const all = { ...others, ...carried };
  const fields = [...Object.keys(written), ...Object.keys(all).filter((field) => !Object.hasOwn(written, field))];
  return Object.fromEntries(fields.flatMap((field) => {
    const value = all[field];
    return value === undefined ? [] : [[field, value]];
  }));
}

/**
 * A list of elements with names, of which the canonical form has a map by name. New ones come last, or where the names are in the order of the
 * alphabet, in it; one that only got another name keeps its place.
 * @param fresh how a new element is written
 */
export function transplantNamed(written: Json | undefined, before: JsonObject, after: JsonObject, nameField: string, fresh: (element: JsonObject) => JsonObject): Json | undefined {
  const elements = Array.isArray(written) ? (written as readonly Json[]).filter(isObject) : [];
  const nameOf = (element: JsonObject): string => String(element[nameField]);
  const gone = Object.keys(before).filter((name) => !Object.hasOwn(after, name));
  const added = Object.keys(after).filter((name) => !Object.hasOwn(before, name));
  const renamed = new Map(gone.flatMap((name) => {
    const index = added.findIndex((other) => likeness(before[name] as Json, after[other] as Json) >= RENAMED);
    return index < 0 ? [] : [[name, ...added.splice(index, 1)] as [string, string]];
  }));
  const kept = elements.flatMap((element) => {
    const name = nameOf(element);
    const now = renamed.get(name) ?? name;
    if (!Object.hasOwn(after, now)) {
      return Object.hasOwn(before, name) ? [] : [element];
    }
    const { [nameField]: _, ...rest } = element;
    const members = transplant(rest, before[name], after[now]) as JsonObject;
    return [Object.fromEntries([...Object.keys(element), ...Object.keys(members).filter((key) => !Object.hasOwn(element, key))].flatMap((key) => (key === nameField ? [[key, now]] : members[key] === undefined ? [] : [[key, members[key]]])))];
  });
  const sorted = kept.length > 2 && kept.every((element, index) => index === 0 || nameOf(kept[index - 1] as JsonObject) < nameOf(element));
  const list = [...kept, ...added.map((name) => ({ [nameField]: name, ...fresh(after[name] as JsonObject) }))];
  const ordered = sorted ? list.sort((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1)) : list;
  return ordered.length === 0 && !(Array.isArray(written) && written.length === 0) ? undefined : ordered;
}

/** From this likeness on, one element that is gone and one that is new are the same one under another name. */
const RENAMED = 0.85;
