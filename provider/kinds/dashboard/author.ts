import { stableText } from "../../canonical";
import { isObject, type Json, type JsonObject } from "../../json";
import type { AuthorContext, ExportDocument, TextField } from "../define";
import { ordered } from "../fields";
import { layoutOf } from "./layout-of";
import { filterId } from "./metadata";
import { METADATA_DEFAULTS, rules } from "./rules";

type Fields = Record<string, Json>;

const ORDER = ["uuid", "dashboard_title", "slug", "description", "published", "certified_by", "certification_details", "css", "theme_uuid", "metadata"];
const METADATA = ["color_scheme", "cross_filters_enabled", "refresh_frequency", "filter_bar_orientation"];
const ITEM = ["type", "children", "meta"];
const META = ["uuid", "sliceName", "sliceNameOverride", "text", "code", "width", "height"];
const FILTER = ["id", "name", "description", "type", "filterType", "targets"];
/** What `expandMetadata` gives a filter that does not say otherwise. */
const FILTER_DEFAULTS = { type: "NATIVE_FILTER", filterType: "filter_select", scope: { rootPath: ["ROOT_ID"] } };
/** Maps by id of the canonical form, and the order of each. */
const LISTS = { native_filter_configuration: "native_filter_order", chart_customization_config: "chart_customization_order" } as const;

/** What stands in the fields of the authoring form. */
export const texts: readonly TextField[] = [
  "dashboard_title", "slug", "layout.**.title", "layout.**.tab", "layout.**.header", "position.*.meta.sliceNameOverride", "position.*.meta.text",
].map((at) => ({ at, role: "name" }));

/** Export form → authoring form: `layout:` where it can say the tree, charts and datasets by name. */
export function author(document: ExportDocument, context: AuthorContext): JsonObject {
  const { position, metadata, unplaced, ...form } = rules.canonical(document, context) as Fields;
  if (form.theme_uuid !== undefined) {
    context.note(["theme_uuid"], "the dashboard has a theme, which stays as it is in this Superset; it cannot be set from here in another one");
  }
  const tree = withoutLost(isObject(position) ? position : {}, context);
  const settings = metadataOf(isObject(metadata) ? metadata : {}, context);
  return {
    ...ordered({ ...form, ...(Object.keys(settings).length === 0 ? {} : { metadata: settings }) }, ORDER, { published: false }),
    ...placesOf(tree, Array.isArray(unplaced) ? (unplaced as readonly Json[]) : [], context),
  };
}

/** The tree without chart items whose chart was deleted: no template can name it. */
function withoutLost(position: JsonObject, context: AuthorContext): JsonObject {
  const lost = Object.entries(position).flatMap(([id, item]) => (isObject(item) && item.type === "CHART" && !(isObject(item.meta) && typeof item.meta.uuid === "string") ? [id] : []));
  for (const id of lost) {
    context.note(["position", id], `the dashboard shows '${id}', whose chart was deleted; it was left out`);
  }
  const kept = Object.entries(position).filter(([id]) => !lost.includes(id));
  return Object.fromEntries(kept.map(([id, item]) => [id, isObject(item) && Array.isArray(item.children) ? { ...item, children: (item.children as readonly Json[]).filter((child) => !lost.includes(String(child))) } : item]));
}

function placesOf(position: JsonObject, unplaced: readonly Json[], context: AuthorContext): JsonObject {
  const nameOf = (uuid: Json): string => context.reference("chart", String(uuid)) ?? String(uuid);
  const linked = unplaced.length === 0 ? {} : { unplaced: unplaced.map(nameOf) };
  const layout = layoutOf(position, nameOf);
  if (layout !== undefined) {
    return Array.isArray(layout) && layout.length === 0 ? linked : { layout, ...linked };
  }
  const ids = new Set<string>();
  const visit = (id: string): void => {
    const item = position[id];
    if (item !== undefined && !ids.has(id)) {
      ids.add(id);
      (isObject(item) && Array.isArray(item.children) ? (item.children as readonly Json[]) : []).map(String).forEach(visit);
    }
  };
  ["ROOT_ID", ...Object.keys(position)].forEach(visit);
  return { position: Object.fromEntries([...ids].map((id) => [id, itemOf(position[id] ?? null, context)])), ...linked };
}

function itemOf(item: Json, context: AuthorContext): Json {
  if (!isObject(item)) {
    return item;
  }
  const meta = isObject(item.meta) ? { meta: ordered(item.type === "CHART" ? chartMeta(item.meta, context) : item.meta, META) } : {};
  return ordered({ ...item, ...meta }, ITEM);
}

/** In a tree a chart is named by `sliceName` where it has no uuid. */
function chartMeta({ uuid, ...meta }: JsonObject, context: AuthorContext): JsonObject {
  const name = context.reference("chart", String(uuid));
  return name === undefined ? { uuid: uuid ?? null, ...meta } : { sliceName: name, ...meta };
}

function metadataOf(metadata: JsonObject, context: AuthorContext): JsonObject {
  const fields: Fields = { ...metadata };
  const chart = (uuid: Json): Json => (typeof uuid === "string" ? chartName(uuid, context) : uuid);
  const keys = (map: JsonObject): JsonObject => Object.fromEntries(Object.entries(map).map(([uuid, value]) => [chart(uuid), value]));
  const { timed_refresh_immune_slices: immune, expanded_slices: expanded, chart_configuration: charts, global_chart_configuration: everywhere } = metadata;
  if (Array.isArray(immune)) {
    fields.timed_refresh_immune_slices = immune.map(chart);
  }
  if (isObject(expanded)) {
    fields.expanded_slices = keys(expanded);
  }
  if (isObject(charts)) {
    fields.chart_configuration = keys(Object.fromEntries(Object.entries(charts).map(([uuid, value]) =>
      [uuid, isObject(value) && isObject(value.crossFilters) ? { ...value, crossFilters: scoped(value.crossFilters, chart) } : value])));
  }
  if (isObject(everywhere)) {
    fields.global_chart_configuration = scoped(everywhere, chart);
  }
  const lists = Object.entries(LISTS).flatMap(([field, order]): [string, Json][] => {
    const list = listOf(metadata[field], metadata[order]);
    delete fields[field];
    delete fields[order];
    return list.length === 0 ? [] : [[field, field === "native_filter_configuration" ? filters(list, chart, context) : list.map((item) => ordered(item, FILTER, { scope: FILTER_DEFAULTS.scope }))]];
  });
  return { ...ordered(fields, METADATA, METADATA_DEFAULTS), ...Object.fromEntries(lists) };
}

/** A name of digits alone would be taken for a chart's number. */
function chartName(uuid: string, context: AuthorContext): string {
  const name = context.reference("chart", uuid);
  return name === undefined || /^\d+$/.test(name) ? uuid : name;
}

function scoped(holder: JsonObject, chart: (uuid: Json) => Json): JsonObject {
  const { scope } = holder;
  return isObject(scope) && Array.isArray(scope.excluded) ? { ...holder, scope: { ...scope, excluded: scope.excluded.map(chart) } } : holder;
}

/** A canonical map by id, in its order, as the list it was. */
function listOf(map: Json | undefined, order: Json | undefined): JsonObject[] {
  const items = isObject(map) ? map : {};
  const ids = Array.isArray(order) ? (order as readonly Json[]).map(String) : [];
  return [...new Set([...ids, ...Object.keys(items).sort()])].flatMap((id) => {
    const item = items[id];
    return isObject(item) ? [{ ...item, id }] : [];
  });
}

function filters(list: readonly JsonObject[], chart: (uuid: Json) => Json, context: AuthorContext): JsonObject[] {
  return list.map((filter) => {
    if (filter.type === "DIVIDER") {
      return ordered(filter, FILTER, { scope: FILTER_DEFAULTS.scope });
    }
    const alone = list.filter(({ name }) => stableText(name ?? "") === stableText(filter.name ?? "")).length === 1;
    const { id, targets, ...rest } = scoped(filter, chart) as Fields;
    return ordered({
      // Older filters say neither, and get both where nothing stands in their place.
      type: null,
      filterType: null,
      ...rest,
      ...(alone && id === filterId(String(filter.name ?? "")) ? {} : { id: id ?? "" }),
      ...(Array.isArray(targets) ? { targets: targets.map((target: Json) => (isObject(target) ? targetOf(target, context) : target)) } : {}),
    }, FILTER, FILTER_DEFAULTS);
  });
}

function targetOf({ datasetUuid: uuid, column, ...rest }: JsonObject, context: AuthorContext): JsonObject {
  const dataset = typeof uuid === "string" ? context.reference("dataset", uuid) : undefined;
  const isPlain = isObject(column) && Object.keys(column).length === 1 && typeof column.name === "string";
  return {
    ...(dataset !== undefined ? { dataset } : uuid === undefined ? {} : { datasetUuid: uuid }),
    ...(column === undefined ? {} : { column: isPlain ? (column.name ?? null) : column }),
    ...rest,
  };
}
