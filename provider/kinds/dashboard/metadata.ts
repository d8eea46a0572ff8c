/** The names in a dashboard's metadata: datasets of native filters, charts in scopes. Numbers (as exports have them) are left as they are. */
import { createHash } from "node:crypto";
import { isObject, type Json, type JsonObject } from "../../json";
import type { ExpandContext } from "../define";
import { chartNumbers } from "./tree";
import { unique } from "./unique";

type Path = readonly (string | number)[];
type Fields = Record<string, Json>;

/** The metadata with uuids of datasets and numbers of charts in place of names. */
export function expandMetadata(metadata: JsonObject, position: JsonObject, context: ExpandContext): JsonObject {
  const expander = new MetadataExpander(chartNumbers(position), context);
  const expanded: Fields = { ...metadata };
  const at: Path = ["metadata"];
  if (Array.isArray(metadata.native_filter_configuration)) {
    const filters = metadata.native_filter_configuration as readonly Json[];
    const ids = filterIds(filters);
    expanded.native_filter_configuration = filters.map((filter, index) =>
      isObject(filter) ? expander.filter(filter, ids[index] ?? "", [...at, "native_filter_configuration", index]) : filter);
  }
  if (Array.isArray(metadata.timed_refresh_immune_slices)) {
    expanded.timed_refresh_immune_slices = expander.charts(metadata.timed_refresh_immune_slices as readonly Json[], [...at, "timed_refresh_immune_slices"], true);
  }
  if (isObject(metadata.expanded_slices)) {
    expanded.expanded_slices = expander.keys(metadata.expanded_slices, [...at, "expanded_slices"], true);
  }
  if (isObject(metadata.chart_configuration)) {
    const named = expander.keys(metadata.chart_configuration, [...at, "chart_configuration"], false);
    expanded.chart_configuration = Object.fromEntries(Object.entries(named).map(([chart, value]) =>
      [chart, isObject(value) && isObject(value.crossFilters) ? { ...value, crossFilters: expander.scoped(value.crossFilters, [...at, "chart_configuration", chart, "crossFilters"]) } : value]));
  }
  if (isObject(metadata.global_chart_configuration)) {
    expanded.global_chart_configuration = expander.scoped(metadata.global_chart_configuration, [...at, "global_chart_configuration"]);
  }
  return expanded;
}

/** The id of a filter that has none of its own. */
export function filterId(name: string): string {
  return `NATIVE_FILTER-${createHash("sha256").update(name).digest("hex").slice(0, 10)}`;
}

/** The id of every filter: the written one, else one made from its name, with -2, -3, … where another filter has that. */
function filterIds(filters: readonly Json[]): string[] {
  const written = filters.map((filter) => (isObject(filter) && typeof filter.id === "string" ? filter.id : ""));
  const taken = new Set(written);
  return filters.map((filter, index) => {
    const name = isObject(filter) ? String(filter.name ?? "") : "";
    const id = written[index] || unique(filterId(name), taken);
    taken.add(id);
    return id;
  });
}

class MetadataExpander {
  constructor(private readonly numbers: ReadonlyMap<string, number>, private readonly context: ExpandContext) {}

  /** A native filter, with the members Superset's frontend expects filled in. */
  filter(filter: JsonObject, id: string, path: Path): JsonObject {
    if (filter.type === "DIVIDER") {
      return filter;
    }
    const targets = Array.isArray(filter.targets) ? (filter.targets as readonly Json[]) : [];
    return this.scoped({
      id,
      type: "NATIVE_FILTER",
      filterType: "filter_select",
      cascadeParentIds: [],
      controlValues: {},
      defaultDataMask: { extraFormData: {}, filterState: {}, ownState: {} },
      scope: { rootPath: ["ROOT_ID"], excluded: [] },
      ...filter,
      ...(filter.id === undefined ? {} : { id }),
      targets: targets.map((target, index) => (isObject(target) ? this.#target(target, [...path, "targets", index]) : target)),
    }, path);
  }

  #target(target: JsonObject, path: Path): JsonObject {
    const { dataset, datasetUuid, column, ...rest } = target as Fields;
    if (target.datasetId !== undefined) {
      this.context.problem([...path, "datasetId"], "'datasetId' is a number of one server; write 'dataset: <table name>'");
    }
    const field = dataset === undefined ? "datasetUuid" : "dataset";
    const reference = dataset ?? datasetUuid;
    const uuid = typeof reference === "string" ? this.context.resolve("dataset", reference, [...path, field]) : undefined;
    return {
      ...rest,
      ...(uuid === undefined ? {} : { datasetUuid: uuid }),
      ...(column === undefined ? {} : { column: typeof column === "string" ? { name: column } : column }),
    };
  }

  /** An object with `scope: {rootPath, excluded}`; `scope.charts` (all others are excluded) is our short form. */
  scoped(holder: JsonObject, path: Path): JsonObject {
    const { scope } = holder;
    if (!isObject(scope)) {
      return holder;
    }
    const { charts, excluded, ...rest } = scope as Fields;
    const at = [...path, "scope"];
    if (Array.isArray(charts)) {
      const included = new Set(this.charts(charts as readonly Json[], [...at, "charts"], true));
      const others = [...this.numbers.values()].filter((number) => !included.has(number));
      return { ...holder, scope: { rootPath: ["ROOT_ID"], ...rest, excluded: [...new Set(others)] } };
    }
    if (!Array.isArray(excluded)) {
      return holder;
    }
    return { ...holder, scope: { ...rest, excluded: this.charts(excluded as readonly Json[], [...at, "excluded"], false) } };
  }

  charts(list: readonly Json[], path: Path, onDashboard: boolean): Json[] {
    return list.map((chart, index) => this.#number(chart, [...path, index], onDashboard) ?? chart);
  }

  /** A mapping whose keys are charts: numbers as text. */
  keys(mapping: JsonObject, path: Path, onDashboard: boolean): JsonObject {
    const result: Fields = {};
    const names = new Map<string, string>();
    for (const [chart, value] of Object.entries(mapping)) {
      const number = this.#number(/^\d+$/.test(chart) ? Number(chart) : chart, [...path, chart], onDashboard);
      const key = number === undefined ? chart : String(number);
      const other = names.get(key);
      if (other !== undefined) {
        this.context.problem([...path, chart], `'${chart}' and '${other}' are the same chart; remove one`);
      }
      names.set(key, chart);
      result[key] = isObject(value) && value.id !== undefined && number !== undefined ? { ...value, id: number } : value;
    }
    return result;
  }

  /** `onDashboard`: a number that is no chart of the position tree makes Superset's import fail (KeyError in update_id_refs). */
  #number(chart: Json, path: Path, onDashboard: boolean): number | undefined {
    if (typeof chart === "number") {
      if (onDashboard && ![...this.numbers.values()].includes(chart)) {
        this.context.problem(path, `${chart} is not the chartId of a chart of this dashboard; remove it, or name the chart`);
      }
      return chart;
    }
    if (typeof chart !== "string") {
      return undefined;
    }
    const uuid = this.context.resolve("chart", chart, path);
    const number = uuid === undefined ? undefined : this.numbers.get(uuid);
    if (uuid !== undefined && number === undefined) {
      this.context.problem(path, `the chart '${chart}' is not on this dashboard`);
    }
    return number;
  }
}
