/** Canonical form of a dashboard: what counts as a difference, and why the rest does not. */
import type { KindRules } from "../define";
import { stableText } from "../../canonical";
import { child, fill, isDraft, isEmpty, items, omit, own, parse, prune, pruneDeep, put, toCanonical, toWire, type Draft, type DraftValue, type Rule } from "../../rule";
import { withIdsOf } from "./align";
import { fillTree, fullTree, plainTree, putUnplaced, ROOT, takeUnplaced } from "./position";
import { byUuid, checkCharts, datasetsById, datasetsByUuid, mapCharts, mapLayers, numberCharts } from "./references";
import { unique } from "./unique";

const NULLABLE = ["description", "css", "slug", "certified_by", "certification_details", "theme_uuid"] as const;

const NOT_OURS = ["version", "id", "tags", "theme_id", "is_managed_externally", "external_url"];

/** Settings a dashboard's metadata has when nobody says otherwise. */
export const METADATA_DEFAULTS = { cross_filters_enabled: true, refresh_frequency: 0, filter_bar_orientation: "VERTICAL" } as const;

/** Members of metadata that Superset derives, or dropped long ago and still carries along. */
const METADATA_NOT_OURS = [
  "show_native_filters", "default_filters", "filter_scopes", "positions", "chartsInScope", "shared_label_colors", "map_label_colors",
  "color_scheme_domain", "color_namespace", "remote_id", "import_time",
];

/** Lists of metadata whose elements have ids: here maps by id, and the order apart. */
const LISTS = [
  ["native_filter_configuration", "native_filter_order"],
  ["chart_customization_config", "chart_customization_order"],
] as const;

/** Members that the filter bar expects of every filter. */
const FILTER_MEMBERS = {
  cascadeParentIds: [], targets: [{}], controlValues: {}, description: "",
} as const;

/** The table. */
const table: readonly Rule[] = [
  {
    at: "*",
    why: "An absent key keeps the server's old value on import, so every key is written, null to clear it; here null, '', {} and [] all mean 'not set' (the properties dialog saves '' where an import stores null).",
    source: "models/helpers.py: import_from_dict; dashboards/schemas.py: DashboardPutSchema",
    canonical: prune,
    wire: (draft) => {
      for (const key of NULLABLE) draft[key] ??= null;
      draft["version"] = "1.0.0";
    },
  },
  {
    at: NOT_OURS.join(", "),
    why: "Tags cannot be written by the assets import; the rest belongs to the file format or the server.",
    source: "commands/importers/v1/assets.py (no tags); models/dashboard.py: export_fields",
    canonical: (draft) => omit(draft, NOT_OURS),
  },
  {
    at: "theme_uuid",
    why: "A theme chosen in the UI is an edit. The assets import cannot set one by uuid, but clears it by theme_id: null; without that key it keeps the live one.",
    source: "models/dashboard.py: extra_import_fields (theme_id); commands/dashboard/export.py: theme_uuid",
    wire: (draft) => {
      if (isEmpty(own(draft, "theme_uuid"))) draft["theme_id"] = null;
    },
  },
  {
    at: "published",
    why: "The server fills what a template leaves out.",
    source: "models/dashboard.py: published",
    canonical: (draft) => fill(draft, { published: false }),
  },
  {
    at: "position, metadata",
    why: "Stored as JSON text; a dashboard without a tree is exported with an empty one.",
    source: "commands/dashboard/export.py: JSON_KEYS, get_default_position",
    canonical: (draft) => {
      for (const key of ["position", "metadata"]) parse(draft, key);
      fillTree(draft);
      if (child(draft, "metadata") === undefined) draft["metadata"] = {};
    },
  },
  {
    at: "position.*.meta.uuid",
    why: "The tree keeps the id and uuid of a chart that was deleted: on a server only a chart whose id still is that chart's counts as shown.",
    source: "commands/chart/delete.py (dashboards are left alone); daos/dashboard.py: set_dash_metadata (uuid_map)",
    canonical: (draft, context) => checkCharts(position(draft), context),
  },
  {
    at: "metadata.timed_refresh_immune_slices, metadata.expanded_slices, metadata.chart_configuration, metadata.**.scope.excluded",
    why: "Charts by numeric ids, different on every server: here by uuid, in no order. Charts which are not on the dashboard have no effect and an import drops them.",
    source: "commands/dashboard/importers/v1/utils.py: update_id_refs, update_cross_filter_scoping",
    canonical: (draft) => {
      const unplaced = own(draft, "unplaced");
      mapCharts(metadata(draft), byUuid(position(draft), Array.isArray(unplaced) ? unplaced : []));
    },
    wire: (draft) => {
      mapCharts(metadata(draft), numberCharts(position(draft)));
      for (const [id, chart] of Object.entries(child(metadata(draft), "chart_configuration") ?? {})) if (isDraft(chart)) chart["id"] = Number(id);
    },
  },
  {
    at: "metadata.**.scope.selectedLayers, metadata.chart_customization_config.*.targets.*.datasetId",
    why: "Numeric ids which neither export nor import rewrite: here by uuid, written by the ids of the server they go to.",
    source: "commands/dashboard/importers/v1/utils.py: update_id_refs (not handled); superset-frontend: getSelectedLayers, ChartCustomization",
    canonical: (draft, context) => {
      mapLayers(metadata(draft), (id) => (/^\d+$/u.test(id) ? context.chartUuid(Number(id)) : undefined));
      datasetsByUuid(metadata(draft), context);
    },
    wire: (draft, context) => {
      mapLayers(metadata(draft), (uuid) => context.chartId(uuid));
      datasetsById(metadata(draft), context);
    },
  },
  {
    at: "unplaced",
    why: "A chart that was added to the dashboard from explore but never placed is exported in a made-up row with new random ids every time.",
    source: "commands/dashboard/export.py: append_charts",
    canonical: (draft) => {
      const known = own(draft, "unplaced");
      const found = takeUnplaced(position(draft), Array.isArray(known) ? known.filter((uuid) => typeof uuid === "string") : []);
      delete draft["unplaced"];
      if (found.length > 0) draft["unplaced"] = found;
    },
    wire: (draft) => {
      const unplaced = own(draft, "unplaced");
      delete draft["unplaced"];
      if (Array.isArray(unplaced)) putUnplaced(position(draft), unplaced);
    },
  },
  {
    at: "position.*.id, position.*.parents, position.*.meta.chartId, position.*.meta.sliceName, position.*.meta.defaultText, position.*.meta.placeholder, position.HEADER_ID, position.DASHBOARD_VERSION_KEY",
    why: "Said twice (an item's id is its key, its parents follow from the children), rewritten by the import, or copies of the dashboard's title and the charts' names, or what the editor calls a tab without a name. `sliceNameOverride` is an edit and stays.",
    source: "commands/dashboard/importers/v1/utils.py: update_id_refs; superset-frontend/src/dashboard: hydrate, updateComponentParentsList",
    canonical: (draft) => {
      plainTree(position(draft));
      fillTree(draft);
    },
    wire: (draft) => fullTree(position(draft), own(draft, "dashboard_title") ?? ""),
  },
  {
    at: METADATA_NOT_OURS.map((key) => `metadata.${key}`).join(", "),
    why: "Derived from the charts shown when somebody opens the dashboard, or left-overs which an import removes.",
    source: "daos/dashboard.py: set_dash_metadata, update_colors_config; migrations/shared/native_filters.py: migrate_dashboard",
    canonical: (draft) => omit(metadata(draft), METADATA_NOT_OURS),
    wire: (draft) => Object.assign(metadata(draft), { shared_label_colors: [], map_label_colors: {}, color_scheme_domain: [] }),
  },
  {
    at: "metadata.**.chartsInScope, metadata.**.tabsInScope",
    why: "Derived from the scope and the tree when the dashboard is opened; full of ids that an import does not rewrite.",
    source: "superset-frontend/src/dashboard/util: calculateScopes; commands/dashboard/importers/v1/utils.py (not handled)",
    canonical: (draft) => dropKeys(metadata(draft), ["chartsInScope", "tabsInScope", "__cache"]),
  },
  {
    at: "metadata.chart_configuration.*, metadata.global_chart_configuration",
    why: "Opening a dashboard adds an entry for every chart that says 'as the dashboard', and a dashboard-wide one that says 'everywhere'.",
    source: "superset-frontend/src/dashboard/util/crossFilters.ts: getCrossFiltersConfiguration",
    canonical: (draft) => {
      const charts = child(metadata(draft), "chart_configuration") ?? {};
      for (const [uuid, chart] of Object.entries(charts)) {
        if (isDraft(chart)) delete chart["id"];
        pruneDeep(chart);
        if (isEmpty(chart) || stableText(chart) === stableText({ crossFilters: { scope: "global" } })) delete charts[uuid];
      }
      const everywhere = own(metadata(draft), "global_chart_configuration");
      pruneDeep(everywhere);
      if (everywhere !== undefined && stableText(everywhere) === stableText({ scope: { rootPath: [ROOT] } })) {
        delete metadata(draft)["global_chart_configuration"];
      }
    },
    wire: (draft) => {
      metadata(draft)["chart_configuration"] ??= {};
      metadata(draft)["global_chart_configuration"] ??= { scope: { rootPath: [ROOT], excluded: [] } };
    },
  },
  {
    at: "metadata.native_filter_configuration, metadata.chart_customization_config",
    why: "Lists of things with ids: here maps by id, so that an edit names the filter, and their order apart. Empty members come and go with every save of the filter dialog.",
    source: "daos/dashboard.py: update_native_filters_config, update_chart_customizations_config",
    canonical: (draft) => LISTS.forEach(([key, order]) => byId(metadata(draft), key, order)),
    wire: (draft) => LISTS.forEach(([key, order]) => asList(metadata(draft), key, order)),
  },
  {
    at: Object.keys(METADATA_DEFAULTS)
      .map((key) => `metadata.${key}`)
      .join(", "),
    why: "Every save fills them; empty members mean 'not set'.",
    source: "daos/dashboard.py: set_dash_metadata",
    canonical: (draft) => {
      prune(metadata(draft));
      fill(metadata(draft), METADATA_DEFAULTS);
    },
    wire: (draft) => {
      const meta = metadata(draft);
      Object.assign(meta, { color_scheme: "", label_colors: {}, expanded_slices: {}, timed_refresh_immune_slices: [], ...meta });
    },
  },
];

function position(draft: Draft): Draft {
  return child(draft, "position") as Draft;
}

function metadata(draft: Draft): Draft {
  return child(draft, "metadata") as Draft;
}

function dropKeys(value: DraftValue, keys: readonly string[]): void {
  if (Array.isArray(value)) value.forEach((item) => dropKeys(item, keys));
  if (!isDraft(value)) return;
  omit(value, keys);
  Object.values(value).forEach((item) => dropKeys(item, keys));
}

function byId(meta: Draft, key: string, order: string): void {
  if (!Array.isArray(own(meta, key))) return;
  const map: Draft = {};
  const ids: string[] = [];
  const written = items(meta, key).map((item) => own(item, "id")).map((id) => (typeof id === "string" ? id : ""));
  items(meta, key).forEach((item, index) => {
    const id = written[index] ?? "";
    // Of two with one id none is lost: the first one keeps it.
    const name = id !== "" && !ids.includes(id) ? id : unique(id || `${key}-${index + 1}`, new Set([...written, ...ids]));
    delete item["id"];
    pruneDeep(item);
    const targets = own(item, "targets");
    if (Array.isArray(targets) && targets.every(isEmpty)) delete item["targets"];
    const scope = child(item, "scope") ?? {};
    item["scope"] = isEmpty(own(scope, "rootPath")) ? { ...scope, rootPath: [ROOT] } : scope;
    put(map, name, item);
    ids.push(name);
  });
  meta[key] = map;
  meta[order] = ids;
}

function asList(meta: Draft, key: string, order: string): void {
  const map = child(meta, key) ?? {};
  const listed = own(meta, order);
  delete meta[order];
  const ids = [...new Set([...(Array.isArray(listed) ? listed.map(String) : []), ...Object.keys(map).sort()])];
  meta[key] = ids.flatMap((id) => {
    const item = own(map, id);
    if (!isDraft(item)) return [];
    const scope = child(item, "scope") ?? {};
    const mask = child(item, "defaultDataMask") ?? {};
    return [{
      ...structuredClone(FILTER_MEMBERS as unknown as Draft), ...item, id,
      scope: { rootPath: [ROOT], excluded: [], ...scope },
      defaultDataMask: { extraFormData: {}, filterState: {}, ownState: {}, ...mask },
    }];
  });
}

/**
 * Rules of dashboards. `relevant` leaves out what made-up ids alone say (`align.ts`). Not an asset's property here: owners, roles, tags, the embedding configuration, favourites. A link between
 * dashboard and chart that Superset keeps beside the tree shows only where the tree says something else: as `unplaced`.
 */
export const rules: KindRules = {
  canonical: (document, context) => toCanonical(table, document, context),
  wire: (canonical, context) => toWire(table, canonical, context),
  relevant: withIdsOf,
  merge: (desired) => desired,
};
