/** Canonical form of a chart: what counts as a difference, and why the rest does not. */
import type { Canonical, KindRules } from "../define";
import { stableText } from "../../canonical";
import { child, draftOf, isDraft, items, omit, own, parse, prune, toCanonical, toWire, type Draft, type DraftValue, type Rule } from "../../rule";
import { markEmpty, undoExplore } from "./explore";
import { migrate } from "./legacy";

const NULLABLE = ["description", "certified_by", "certification_details", "cache_timeout", "query_context"] as const;

const NOT_OURS = ["version", "id", "query_context", "tags", "is_managed_externally", "external_url", "datasource_id", "datasource_type", "datasource_name", "url_params"];

/** Keys of `params` that say where the chart was opened or saved, by numeric ids of one server. */
const PARAMS_NOT_OURS = ["datasource", "slice_id", "slice_name", "dashboards", "dashboardId", "url_params", "viz_type", "form_data_bak", "queries_bak"];

/** Keys of an adhoc metric or filter which explore makes up, or writes although they say nothing. */
const ADHOC_NOT_OURS = ["filterOptionName", "optionName"];
const ADHOC_FALSE = ["isExtra", "isNew", "datasourceWarning", "hasCustomLabel"];

/** The table. */
const table: readonly Rule[] = [
  {
    at: "*",
    why: "An absent key keeps the server's old value on import, so every key is written, null to clear it; here null, '', {} and [] all mean 'not set' (the properties dialog saves '' where an import stores null).",
    source: "models/helpers.py: import_from_dict; charts/schemas.py: ChartPutSchema",
    canonical: prune,
    wire: (draft) => {
      for (const key of NULLABLE) draft[key] ??= null;
      draft["version"] = "1.0.0";
    },
  },
  {
    at: NOT_OURS.join(", "),
    why: "query_context is derived from params and re-made on every save; tags cannot be written by the assets import; the rest belongs to the file format or the server.",
    source: "commands/chart/export.py: REMOVE_KEYS; commands/importers/v1/assets.py (no tags); commands/utils.py: update_chart_config_dataset",
    canonical: (draft) => omit(draft, NOT_OURS),
  },
  {
    at: "params",
    why: "Stored as JSON text, exported decoded, listed by the API as text.",
    source: "commands/chart/export.py: _file_content; models/slice.py: params",
    canonical: (draft) => {
      parse(draft, "params");
      if (child(draft, "params") === undefined) draft["params"] = {};
    },
    wire: (draft) => {
      draft["params"] = { viz_type: own(draft, "viz_type") ?? "", ...child(draft, "params") };
    },
  },
  {
    at: "viz_type, params",
    why: "Visualisations that were replaced are rewritten by the import. Doing the same here makes the template and what is stored equal, and nothing old is ever written.",
    source: "commands/chart/importers/v1/utils.py: migrate_chart; migrations/shared/migrate_viz/processors.py",
    canonical: migrate,
  },
  {
    at: PARAMS_NOT_OURS.map((key) => `params.${key}`).join(", "),
    why: "Explore saves where the chart was opened, by numeric ids; the import rewrites `datasource` only. The chart's own viz_type overrides the one in params. *_bak are left-overs of upgrades.",
    source: "models/slice.py: Slice.form_data; commands/utils.py: update_chart_config_dataset; migrations/shared/migrate_viz/base.py",
    canonical: (draft) => params(draft, (form) => omit(form, PARAMS_NOT_OURS)),
  },
  {
    at: "params.*",
    why: "Explore saves every control of the visualisation, untouched ones as null, '', [] or {}; an import adds `annotation_layers: []`. Of a live chart they stay, all as null: `relevant` asks whether a control that Git sets was emptied or left out, and takes them off.",
    source: "superset-frontend/src/explore: getFormDataFromControls; commands/chart/importers/v1/utils.py: filter_chart_annotations",
    canonical: (draft, context) => params(draft, context.live === true ? markEmpty : prune),
  },
  {
    at: "params.**{expressionType}",
    why: "Explore gives each adhoc filter and metric a random name, and writes members that say nothing (null, isExtra: false, …). The numeric id of a metric's column is one server's.",
    source: "superset-frontend/src/explore/components/controls: AdhocFilter, AdhocMetric",
    canonical: (draft) => params(draft, (form) => Object.values(form).forEach(plainAdhoc)),
  },
  {
    at: "params.deck_slices, params.annotation_layers.*.value",
    why: "Numeric ids of charts, different on every server and not rewritten by an import: here by uuid. An id nobody knows stays as it is; one that the server does not have yet is left out of the write, which the next comparison shows.",
    source: "viz.py: DeckGLMultiLayer (form_data deck_slices); commands/chart/importers/v1/utils.py (no mapping)",
    canonical: (draft, context) =>
      params(draft, (form) => {
        mapList(form, "deck_slices", (id) => (typeof id === "number" ? (context.chartUuid(id) ?? id) : id));
        for (const layer of chartLayers(form)) if (typeof layer["value"] === "number") layer["value"] = context.chartUuid(layer["value"]) ?? layer["value"];
      }),
    wire: (draft, context) =>
      params(draft, (form) => {
        mapList(form, "deck_slices", (uuid) => (typeof uuid === "string" ? (context.chartId(uuid) ?? (context.keepsUuids === true ? uuid : undefined)) : uuid));
        for (const layer of chartLayers(form)) if (typeof layer["value"] === "string") layer["value"] = context.chartId(layer["value"]) ?? layer["value"];
      }),
  },
];

function params(draft: Draft, change: (form: Draft) => void): void {
  const form = child(draft, "params");
  if (form !== undefined) change(form);
}

function plainAdhoc(value: DraftValue): void {
  if (Array.isArray(value)) value.forEach(plainAdhoc);
  if (!isDraft(value) || typeof own(value, "expressionType") !== "string") return;
  omit(value, ADHOC_NOT_OURS);
  for (const [key, item] of Object.entries(value)) {
    if (item === null || (item === false && ADHOC_FALSE.includes(key))) delete value[key];
  }
  const column = child(value, "column");
  if (column !== undefined) omit(column, ["id", "uuid"]);
}

function mapList(form: Draft, key: string, change: (item: DraftValue) => DraftValue | undefined): void {
  const list = own(form, key);
  if (!Array.isArray(list)) return;
  form[key] = list.map(change).filter((item) => item !== undefined);
}

function layers(form: Draft): Draft[] {
  return items(form, "annotation_layers");
}

/** Layers that take their data from another chart. */
function chartLayers(form: Draft): Draft[] {
  return layers(form).filter((layer) => layer["sourceType"] === "line" || layer["sourceType"] === "table");
}

/**
 * `live` without what is noise only next to `reference`:
 * - what explore derives from the dataset: the lookup of time columns, and filters by time that filter nothing,
 * - controls that explore filled with their default, or left empty, and the reference does not name, or dropped at their default,
 * - keys of the reference that are no controls of the visualisation, or hidden ones (explore drops them on every save; they come back
 *   with a write). A key that is there and empty was emptied: that is an edit.
 */
function relevant(live: Canonical, reference: Canonical): Canonical {
  const result = draftOf(live);
  const form = child(result, "params");
  const wanted = own(reference, "params");
  if (form === undefined || !isDraft(wanted)) return result;
  const vizType = String(own(result, "viz_type"));
  undoExplore(form, wanted, vizType, own(reference, "viz_type") === vizType);
  return result;
}

/** Whether what a query is made of is as it was. */
function sameQuery(live: Canonical | undefined, canonical: Canonical): boolean {
  if (live === undefined) return false;
  const now = relevant(live, canonical);
  return ["viz_type", "dataset_uuid", "params"].every((key) => stableText(own(now, key) ?? null) === stableText(own(canonical, key) ?? null));
}

/**
 * Rules of charts. Not an asset's property here: owners, tags (the import API cannot write them), favourites, thumbnails, and
 * `query_context`, the query that the browser made of `params` at the last save: it stays as long as `params`, visualisation and dataset
 * are what they were, and is cleared where a write changes them. A report that needs it lets Superset make it anew
 * (commands/report/execute.py, _update_query_context), so no report ever sends what an older chart showed.
 */
export const rules: KindRules = {
  canonical: (document, context) => toCanonical(table, document, context),
  wire(canonical, context, live) {
    const { query_context: query, ...document } = toWire(table, canonical, context);
    return sameQuery(live, canonical) ? document : { ...document, query_context: query ?? null };
  },
  relevant,
  merge: (desired) => desired,
};
