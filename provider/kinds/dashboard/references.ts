/** Numeric chart ids in a dashboard's metadata, and the uuids that stand for them in the canonical form. */
import type { CanonicalContext, WireContext } from "../define";
import { child, isDraft, items, own, put, type Draft, type DraftValue } from "../../rule";
import { chartItems, uuidOf } from "./position";

/** Names a chart in place of what the document has; undefined takes the reference out. */
type Lookup = (reference: DraftValue) => DraftValue | undefined;

/** Every chart item gets its uuid from the server's id where it has none, and on a server loses one whose id is not that chart's (any more). */
export function checkCharts(position: Draft, context: CanonicalContext): void {
  for (const [, item] of chartItems(position)) {
    const meta = child(item, "meta");
    if (meta === undefined) continue;
    const id = own(meta, "chartId");
    const known = typeof id === "number" ? context.chartUuid(id) : undefined;
    if (uuidOf(item) === undefined && known !== undefined) meta["uuid"] = known;
    if (context.live === true && typeof id === "number" && known !== uuidOf(item)) delete meta["uuid"];
  }
}

/** By numeric id (as number or text) or uuid: the uuid of a chart of this dashboard; of others nothing. */
export function byUuid(position: Draft, unplaced: readonly DraftValue[]): Lookup {
  const uuids = new Map<string, string>();
  for (const [, item] of chartItems(position)) {
    const uuid = uuidOf(item);
    if (uuid === undefined) continue;
    uuids.set(uuid, uuid);
    const id = own(child(item, "meta") ?? {}, "chartId");
    if (typeof id === "number") uuids.set(String(id), uuid);
  }
  for (const uuid of unplaced) if (typeof uuid === "string") uuids.set(uuid, uuid);
  return (reference) => uuids.get(String(reference));
}

/** Numbers the charts of the tree 1…n in the order of their items' ids, and gives the number by uuid. */
export function numberCharts(position: Draft): Lookup {
  const numbers = new Map<string, number>();
  for (const [, item] of chartItems(position).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const uuid = uuidOf(item);
    if (uuid === undefined) continue;
    if (!numbers.has(uuid)) numbers.set(uuid, numbers.size + 1);
    (child(item, "meta") as Draft)["chartId"] = numbers.get(uuid) as number;
  }
  return (uuid) => numbers.get(String(uuid));
}

/** Replaces the charts named in metadata: immune and expanded charts, cross filters, scopes of filters and customisations. */
export function mapCharts(metadata: Draft, lookup: Lookup): void {
  mapList(metadata, "timed_refresh_immune_slices", lookup);
  mapKeys(metadata, "expanded_slices", lookup);
  mapKeys(metadata, "chart_configuration", lookup);
  for (const chart of Object.values(child(metadata, "chart_configuration") ?? {})) {
    if (isDraft(chart)) mapScope(child(chart, "crossFilters"), lookup);
  }
  mapScope(child(metadata, "global_chart_configuration"), lookup);
  for (const key of ["native_filter_configuration", "chart_customization_config"]) {
    for (const filter of items(metadata, key)) mapScope(filter, lookup);
  }
}

function mapScope(holder: Draft | undefined, lookup: Lookup): void {
  const scope = child(holder ?? {}, "scope");
  if (scope !== undefined) mapList(scope, "excluded", lookup);
}

/** Layers of multi-layer maps inside filter scopes: `chart-12-layer-0`, not rewritten by an import. */
export function mapLayers(metadata: Draft, name: (chart: string) => string | number | undefined): void {
  for (const key of ["native_filter_configuration", "chart_customization_config"]) {
    for (const filter of items(metadata, key)) {
      const scope = child(filter, "scope");
      const layers = own(scope ?? {}, "selectedLayers");
      if (scope === undefined || !Array.isArray(layers)) continue;
      scope["selectedLayers"] = layers.map((layer) =>
        typeof layer === "string" ? layer.replace(/^chart-(.+)-layer-(\d+)$/u, (text, chart: string, index: string) => {
          const found = name(chart);
          return found === undefined ? text : `chart-${found}-layer-${index}`;
        }) : layer,
      );
    }
  }
}

/** Datasets of chart customisations, which (unlike those of native filters) the export leaves as numeric ids. */
export function datasetsByUuid(metadata: Draft, context: CanonicalContext): void {
  for (const target of targets(metadata)) {
    const id = own(target, "datasetId");
    const uuid = typeof id === "number" ? context.datasetUuid?.(id) : undefined;
    if (uuid === undefined) continue;
    delete target["datasetId"];
    target["datasetUuid"] = uuid;
  }
}

/** The inverse of `datasetsByUuid`; a dataset the server does not know keeps its uuid. */
export function datasetsById(metadata: Draft, context: WireContext): void {
  for (const target of targets(metadata)) {
    const uuid = own(target, "datasetUuid");
    const id = typeof uuid === "string" ? context.datasetId?.(uuid) : undefined;
    if (id === undefined) continue;
    delete target["datasetUuid"];
    target["datasetId"] = id;
  }
}

function targets(metadata: Draft): Draft[] {
  return items(metadata, "chart_customization_config").flatMap((customisation) => items(customisation, "targets"));
}

function mapList(holder: Draft, key: string, lookup: Lookup): void {
  const list = own(holder, key);
  if (!Array.isArray(list)) return;
  const mapped = list.map(lookup).filter((item) => item !== undefined);
  holder[key] = [...new Set(mapped)].sort((a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a) < String(b) ? -1 : 1));
}

function mapKeys(holder: Draft, key: string, lookup: Lookup): void {
  const map = child(holder, key);
  if (map === undefined) return;
  const result: Draft = {};
  for (const [reference, value] of Object.entries(map)) {
    const name = lookup(reference);
    if (name !== undefined) put(result, String(name), value);
  }
  holder[key] = result;
}
