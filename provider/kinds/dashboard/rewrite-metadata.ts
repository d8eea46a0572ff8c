/** Edits of a dashboard's metadata, carried over to the words of its template: filters by name, charts and datasets by what they are called. */
import { stableText } from "../../canonical";
import { isObject, type Json, type JsonObject } from "../../json";
import { jsonTextLike } from "../../json-text";
import { transplant, transplantFields } from "../../transplant";
import type { RewriteContext } from "../define";
import { ROOT } from "./position";

/** Lists that the canonical form has as maps by id, and the order apart. */
const LISTS = [["native_filter_configuration", "native_filter_order"], ["chart_customization_config", "chart_customization_order"]] as const;
/** Mappings by chart. */
const BY_CHART = ["expanded_slices", "chart_configuration"] as const;
/** What a native filter is where nobody says otherwise (`metadata.ts`). */
const FILTER_DEFAULTS: JsonObject = { type: "NATIVE_FILTER", filterType: "filter_select", scope: { rootPath: [ROOT] } };

/** What the metadata needs to know of the dashboard. */
export interface Charts {
  /** Uuid of a chart by its number in the template. */
  byNumber(number: number): string | undefined;
  /** Uuids of all charts, before and now. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** @param written as in the template: a mapping or JSON text @param before and @param after canonical */
export function rewriteMetadata(written: Json | undefined, before: JsonObject, after: JsonObject, charts: Charts, context: RewriteContext): Json | undefined {
  if (typeof written === "string") {
    let parsed: unknown;
    try {
      parsed = written === "" ? {} : JSON.parse(written);
    } catch (error) {
      if (!(error instanceof SyntaxError)) {
        throw error;
      }
      return after;
    }
    return isObject(parsed) ? jsonTextLike(written, new MetadataWriter(charts, context).metadata(parsed, before, after)) : after;
  }
  const result = new MetadataWriter(charts, context).metadata(isObject(written) ? written : {}, before, after);
  return Object.keys(result).length === 0 && written === undefined ? undefined : result;
}

class MetadataWriter {
  constructor(private readonly charts: Charts, private readonly context: RewriteContext) {}

  metadata(written: JsonObject, before: JsonObject, after: JsonObject): JsonObject {
    const carried: Record<string, Json | undefined> = {};
    for (const [field, order] of LISTS) {
      carried[field] = this.#list(written[field], [before[field], before[order]], [after[field], after[order]], field === "native_filter_configuration");
    }
    for (const field of BY_CHART) {
      carried[field] = this.#byChart(written[field], mapOf(before[field]), mapOf(after[field]));
    }
    carried["timed_refresh_immune_slices"] = this.#chartList(written["timed_refresh_immune_slices"], listOf(before["timed_refresh_immune_slices"]), listOf(after["timed_refresh_immune_slices"]));
    const everywhere = this.#scoped(written["global_chart_configuration"], before["global_chart_configuration"], after["global_chart_configuration"]);
    carried["global_chart_configuration"] = everywhere;
    return transplantFields(written, before, after, carried, [...Object.keys(carried), ...LISTS.map(([, order]) => order)]);
  }

  #list(written: Json | undefined, [before, order]: readonly (Json | undefined)[], [after, wanted]: readonly (Json | undefined)[], native: boolean): Json | undefined {
    const items = listOf(written);
    const ids = listOf(order).map(String);
    const known = new Map(ids.map((id, index) => [id, items[index]]));
    const result = listOf(wanted).map(String).map((id): Json => {
      const [old, now] = [mapOf(before)[id], mapOf(after)[id]];
      const item = known.get(id);
      return isObject(item) && isObject(now) ? this.#filter(item, isObject(old) ? old : {}, now, id) : this.#newFilter(mapOf(now), id, native);
    });
    return result.length === 0 && items.length === 0 ? written : result.length === 0 ? undefined : result;
  }

  #filter(written: JsonObject, before: JsonObject, after: JsonObject, id: string): JsonObject {
    const scoped = this.#scope(written["scope"], before["scope"], after["scope"]);
    const named = written["id"] === undefined && before["name"] !== after["name"];
    const result = transplantFields(written, before, after, { targets: this.#targets(written["targets"], listOf(before["targets"]), listOf(after["targets"])), scope: scoped }, ["targets", "scope"]);
    // Without an id it has one that is made from its name.
    return named ? { id, ...result } : result;
  }

  #newFilter(after: JsonObject, id: string, native: boolean): JsonObject {
    const { targets, ...rest } = after;
    const plain = Object.entries(rest).filter(([key, value]) => !native || stableText(value) !== stableText(FILTER_DEFAULTS[key] ?? null));
    const { scope, ...others } = Object.fromEntries(plain);
    const named = this.#targets(undefined, [], listOf(targets));
    return { id, ...others, ...(named === undefined ? {} : { targets: named }), ...(scope === undefined ? {} : { scope: this.#scope(undefined, undefined, scope) ?? scope }) };
  }

  /** Datasets by what they are called, columns by their name alone. */
  #targets(written: Json | undefined, before: readonly Json[], after: readonly Json[]): Json | undefined {
    if (written !== undefined && stableText(before) === stableText(after)) {
      return written;
    }
    if (after.length === 0) {
      return undefined;
    }
    const items = listOf(written);
    const like = items.map((item) => (isObject(item) ? item["dataset"] : undefined)).find((text) => typeof text === "string");
    return after.map((target, index): Json => {
      const [item, old] = [items[index], before[index]];
      if (!isObject(target)) {
        return target;
      }
      if (isObject(item) && isObject(old) && (typeof item["column"] === "string" || item["dataset"] !== undefined)) {
        const { datasetUuid, column, ...rest } = target;
        const plain = (value: JsonObject): JsonObject => Object.fromEntries(Object.entries(value).filter(([key]) => key !== "datasetUuid" && key !== "column" && key !== "dataset"));
        const carried: Record<string, Json | undefined> = {
          ...(item["datasetUuid"] === undefined ? { dataset: this.#dataset(item["dataset"], old["datasetUuid"], datasetUuid) } : { datasetUuid }),
          column: typeof item["column"] === "string" ? nameOf(column) : (transplant(item["column"], old["column"], column) ?? undefined),
        };
        return transplantFields(item, plain(old), rest, carried, ["datasetUuid", "column"]);
      }
      if (isObject(item) && isObject(old)) {
        return transplant(item, old, target) as Json;
      }
      const { datasetUuid, column, ...rest } = target;
      return {
        ...(typeof datasetUuid === "string" && this.context.resolve("dataset", datasetUuid) !== undefined ? { dataset: this.context.name("dataset", datasetUuid, typeof like === "string" ? like : undefined) } : datasetUuid === undefined ? {} : { datasetUuid }),
        ...(column === undefined ? {} : { column: isObject(column) && Object.keys(column).length === 1 && typeof column["name"] === "string" ? column["name"] : column }),
        ...rest,
      };
    });
  }

  #dataset(written: Json | undefined, before: Json | undefined, after: Json | undefined): Json | undefined {
    if (before === after) {
      return written;
    }
    return typeof after === "string" ? this.context.name("dataset", after, typeof written === "string" ? written : undefined) : after;
  }

  /** `{…, scope: …}`. */
  #scoped(written: Json | undefined, before: Json | undefined, after: Json | undefined): Json | undefined {
    if (stableText(before ?? null) === stableText(after ?? null) && !usesCharts(written)) {
      return written;
    }
    if (!isObject(after)) {
      return after === undefined ? undefined : transplant(written, before, after);
    }
    const holder = isObject(written) ? written : {};
    return transplantFields(holder, mapOf(before), after, { scope: this.#scope(holder["scope"], mapOf(before)["scope"], after["scope"]) }, ["scope"]);
  }

  /** A scope names the charts that are excluded, or in a template those that are not. */
  #scope(written: Json | undefined, before: Json | undefined, after: Json | undefined): Json | undefined {
    const moved = usesCharts({ scope: written ?? null }) && stableText([...this.charts.before]) !== stableText([...this.charts.after]);
    if (stableText(before ?? null) === stableText(after ?? null) && !moved) {
      return written;
    }
    if (!isObject(after)) {
      return written === undefined || after === undefined ? undefined : after;
    }
    const excluded = listOf(after["excluded"]).map(String);
    if (!isObject(written)) {
      return excluded.length === 0 ? after : { ...after, excluded: excluded.map((uuid) => this.#chart(uuid, [])) };
    }
    const carried: Record<string, Json | undefined> = {};
    const charts = written["charts"];
    if (Array.isArray(charts)) {
      carried["charts"] = this.#names(charts as readonly Json[], this.charts.after.filter((uuid) => !excluded.includes(uuid)));
    } else if (excluded.length > 0 || written["excluded"] !== undefined) {
      carried["excluded"] = this.#names(listOf(written["excluded"]), excluded);
    }
    // Everywhere, which nobody has to write.
    const plain = (scope: JsonObject): JsonObject => (written["rootPath"] === undefined && stableText(scope["rootPath"] ?? null) === stableText([ROOT]) ? Object.fromEntries(Object.entries(scope).filter(([key]) => key !== "rootPath")) : scope);
    return transplantFields(written, plain(mapOf(before)), plain(after), carried, ["excluded"]);
  }

  #byChart(written: Json | undefined, before: JsonObject, after: JsonObject): Json | undefined {
    const known = mapOf(written);
    const uuids = new Map(Object.keys(known).map((key) => [key, this.#uuid(key)]));
    const result: Record<string, Json> = {};
    for (const [key, value] of Object.entries(known)) {
      const uuid = uuids.get(key);
      const [old, now] = uuid === undefined ? [undefined, undefined] : [before[uuid], after[uuid]];
      const carried = old === undefined && now === undefined ? value : isObject(value) && isObject(now) ? this.#chartValue(value, mapOf(old), now) : transplant(value, old, now);
      if (carried !== undefined) {
        result[key] = carried;
      }
    }
    for (const [uuid, value] of Object.entries(after)) {
      if (![...uuids.values()].includes(uuid)) {
        result[this.#chart(uuid, Object.keys(known))] = isObject(value) ? this.#chartValue({}, {}, value) : value;
      }
    }
    return Object.keys(result).length === 0 ? (Object.keys(known).length === 0 ? written : undefined) : result;
  }

  #chartValue(written: JsonObject, before: JsonObject, after: JsonObject): JsonObject {
    const cross = this.#scoped(written["crossFilters"], before["crossFilters"], after["crossFilters"]);
    return transplantFields(written, before, after, { crossFilters: isObject(after["crossFilters"]) && isObject(after["crossFilters"]["scope"]) ? cross : transplant(written["crossFilters"], before["crossFilters"], after["crossFilters"]) }, ["crossFilters"]);
  }

  #chartList(written: Json | undefined, before: readonly Json[], after: readonly Json[]): Json | undefined {
    if (stableText([...before]) === stableText([...after])) {
      return written;
    }
    return after.length === 0 ? undefined : this.#names(listOf(written), after.map(String));
  }

  /** Charts as the list named them, in its order; others come last. */
  #names(written: readonly Json[], uuids: readonly string[]): readonly Json[] {
    const kept = written.filter((text) => uuids.includes(this.#uuid(text) ?? ""));
    const known = kept.map((text) => this.#uuid(text));
    return [...kept, ...uuids.filter((uuid) => !known.includes(uuid)).map((uuid) => this.#chart(uuid, written))];
  }

  #chart(uuid: string, others: readonly Json[]): string {
    const like = others.find((text) => typeof text === "string" && !/^\d+$/.test(text));
    return this.context.resolve("chart", uuid) === undefined ? uuid : this.context.name("chart", uuid, typeof like === "string" ? like : undefined);
  }

  #uuid(chart: Json): string | undefined {
    return typeof chart === "number" || /^\d+$/.test(String(chart)) ? this.charts.byNumber(Number(chart)) : typeof chart === "string" ? this.context.resolve("chart", chart) : undefined;
  }
}

function usesCharts(holder: Json | undefined): boolean {
  const scope = isObject(holder) ? holder["scope"] : undefined;
  return isObject(scope) && Array.isArray(scope["charts"]);
}

function nameOf(column: Json | undefined): Json | undefined {
  return isObject(column) && Object.keys(column).length === 1 && typeof column["name"] === "string" ? column["name"] : column;
}

function mapOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}
