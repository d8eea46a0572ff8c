/** Edits of a dashboard, carried over to its template. */
import { changedPaths, stableText } from "../../canonical";
import { isObject, type Json, type JsonObject } from "../../json";
import { NO_SERVER } from "../fields";
import { transplant, transplantFields } from "../../transplant";
import type { Canonical, ExpandContext, RewriteContext } from "../define";
import { placesOf } from "./layout";
import { layoutLike } from "./layout-of";
import { rewriteMetadata } from "./rewrite-metadata";
import { rules } from "./rules";

/** The layout stays one where it can say where everything is now; filters and charts are named as the template names them. */
export function rewrite(written: JsonObject, before: Canonical, after: Canonical, context: RewriteContext): JsonObject {
  const places = { ...treeOf(written, before, after, context), ...unplacedOf(written, before, after, context) };
  const tree = transplantFields(written, {}, {}, places, []);
  // A layout makes ids of its own: what names items in the metadata follows them.
  const drawn = formOf(context.expand({ ...tree, metadata: {} }));
  const wanted = drawn === undefined ? after : rules.relevant(after, drawn);
  const metadata = rewriteMetadata(written["metadata"], mapOf(before["metadata"]), mapOf(wanted["metadata"]), {
    byNumber: numbersOf(context.expand({ ...written, metadata: {} })),
    before: chartsOf(before),
    after: chartsOf(wanted),
  }, context);
  return withFilterIds(transplantFields(written, before, wanted, { ...places, metadata }, ["position", "metadata", "unplaced"]), wanted, context);
}

/** `layout` or `position`, as the template has it. */
function treeOf(written: JsonObject, before: Canonical, after: Canonical, context: RewriteContext): Record<string, Json | undefined> {
  const { layout, position } = written;
  if (stableText(before["position"] ?? null) === stableText(after["position"] ?? null)) {
    return { ...(layout === undefined ? {} : { layout }), ...(position === undefined ? {} : { position }) };
  }
  if (layout === undefined || (position !== undefined && position !== null)) {
    return { position: positionOf(position, mapOf(before["position"]), mapOf(after["position"]), after) };
  }
  const places = placesOf(layout, String(written["dashboard_title"]), quiet(context));
  const resolve = (text: string): string | undefined => context.resolve("chart", text);
  const like = [...places.values()].map((place) => textAt(written, place)).find((text) => text !== undefined && resolve(text) !== undefined);
  const drawn = layoutLike({ layout, places, resolve, named: idsIn(after["metadata"] ?? null) }, mapOf(after["position"]), (uuid) => context.name("chart", uuid, like));
  const form = drawn === undefined ? undefined : formOf(context.expand({ ...written, layout: drawn, metadata: {} }));
  const says = form !== undefined && changedPaths(form["position"], rules.relevant(after, form)["position"]).length === 0;
  if (!says) {
    context.tell(["layout"], "a layout cannot say where everything is now: 'position' is written instead");
  }
  return says ? { layout: drawn } : { layout: undefined, position: mapOf(rules.wire(after, NO_SERVER)["position"]) };
}

/** A tree by ids. What it says twice is kept up where it was written. */
function positionOf(written: Json | undefined, before: JsonObject, after: JsonObject, form: Canonical): Json | undefined {
  const carried = transplant(written, before, after);
  const known = isObject(written) ? written : {};
  if (!isObject(carried) || !Object.values(known).some((item) => isObject(item) && item["parents"] !== undefined)) {
    return carried;
  }
  const whole = mapOf(rules.wire(form, NO_SERVER)["position"]);
  return Object.fromEntries(Object.entries(carried).map(([id, item]) => {
    const complete = whole[id];
    if (!isObject(item) || !isObject(complete) || !Object.hasOwn(after, id)) {
      return [id, item];
    }
    if (!Object.hasOwn(known, id)) {
      const { chartId: _, ...meta } = mapOf(complete["meta"]);
      return [id, { ...complete, ...(complete["meta"] === undefined ? {} : { meta }) }];
    }
    const moved = item["parents"] !== undefined && complete["parents"] !== undefined;
    const emptied = Object.hasOwn(mapOf(known[id]), "children") && item["children"] === undefined;
    return [id, { ...item, ...(moved ? { parents: complete["parents"] } : {}), ...(emptied ? { children: [] } : {}) }];
  }));
}

/** Charts that belong to the dashboard and stand nowhere. */
function unplacedOf(written: JsonObject, before: Canonical, after: Canonical, context: RewriteContext): Record<string, Json | undefined> {
  const { unplaced } = written;
  const now = listOf(after["unplaced"]).map(String);
  if (stableText(listOf(before["unplaced"])) === stableText(now)) {
    return unplaced === undefined ? {} : { unplaced };
  }
  const kept = listOf(unplaced).filter((text) => typeof text === "string" && now.includes(context.resolve("chart", text) ?? ""));
  const known = kept.map((text) => context.resolve("chart", String(text)));
  const names = [...kept, ...now.filter((uuid) => !known.includes(uuid)).map((uuid) => (context.resolve("chart", uuid) === undefined ? uuid : context.name("chart", uuid)))];
  return { unplaced: names.length === 0 ? undefined : names };
}

/** Filters without an id have one that is made from their name and those before them: where that is another one now, it is written. */
function withFilterIds(template: JsonObject, wanted: Canonical, context: RewriteContext): JsonObject {
  const { metadata } = template;
  const order = listOf(mapOf(wanted["metadata"])["native_filter_order"]);
  const made = listOf(mapOf(context.expand(template)?.["metadata"])["native_filter_configuration"]);
  if (!isObject(metadata) || made.length !== order.length || made.every((filter, index) => mapOf(filter)["id"] === order[index])) {
    return template;
  }
  const filters = listOf(metadata["native_filter_configuration"]).map((filter, index) => (isObject(filter) && mapOf(made[index])["id"] !== order[index] ? { id: order[index] as Json, ...filter } : filter));
  return { ...template, metadata: { ...metadata, native_filter_configuration: filters } };
}

/** Ids of items that the metadata names: the places that a filter is for. */
function idsIn(metadata: Json): ReadonlySet<string> {
  if (Array.isArray(metadata)) {
    return new Set((metadata as readonly Json[]).flatMap((item) => [...idsIn(item)]));
  }
  return new Set(isObject(metadata) ? Object.entries(metadata).flatMap(([key, value]) => (key === "rootPath" ? listOf(value).map(String) : [...idsIn(value)])) : []);
}

function textAt(template: JsonObject, path: readonly (string | number)[]): string | undefined {
  const item = path.reduce<Json | undefined>((value, step) => (Array.isArray(value) ? (value as readonly Json[])[Number(step)] : isObject(value) ? value[String(step)] : undefined), template);
  const text = isObject(item) ? item["chart"] : item;
  return typeof text === "string" ? text : undefined;
}

function formOf(document: JsonObject | undefined): Canonical | undefined {
  return document && rules.canonical(document, { database: () => undefined, chartUuid: () => undefined });
}

function chartsOf(form: Canonical): readonly string[] {
  const placed = Object.values(mapOf(form["position"])).flatMap((item) => {
    const uuid = isObject(item) && item["type"] === "CHART" ? mapOf(item["meta"])["uuid"] : undefined;
    return typeof uuid === "string" ? [uuid] : [];
  });
  return [...new Set([...placed, ...listOf(form["unplaced"]).map(String)])].sort();
}

function numbersOf(document: JsonObject | undefined): (number: number) => string | undefined {
  const numbers = new Map(Object.values(mapOf(document?.["position"])).flatMap((item) => {
    const { chartId, uuid } = isObject(item) ? mapOf(item["meta"]) : {};
    return typeof chartId === "number" && typeof uuid === "string" ? [[chartId, uuid] as const] : [];
  }));
  return (number) => numbers.get(number);
}

function quiet(context: RewriteContext): ExpandContext {
  return { resolve: (kind, text) => context.resolve(kind, text), document: (kind, uuid) => context.document(kind, uuid), problem: () => undefined };
}

function mapOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}
