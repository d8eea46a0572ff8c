/** The position tree of a dashboard between Superset's form (ids, parents, numeric chart ids) and the canonical one. */
import { child, isDraft, isEmpty, omit, own, prune, type Draft, type DraftValue } from "../../rule";

/** Ids that Superset gives to the fixed items of a tree (superset-frontend: dashboard/util/constants.ts). */
export const ROOT = "ROOT_ID";
const GRID = "GRID_ID";
const HEADER = "HEADER_ID";
const VERSION = "DASHBOARD_VERSION_KEY";

/** Size and names Superset's export gives to charts that are linked to a dashboard but not placed (commands/dashboard/export.py). */
export const SYNTHETIC = { row: /^ROW-N-[A-Z0-9]{8}$/u, chart: /^CHART-[A-Z0-9]{8}$/u, width: 4, height: 50 } as const;

/** Items of the tree by id, without the version marker. */
function itemsOf(position: Draft): [string, Draft][] {
  return Object.entries(position).filter((entry): entry is [string, Draft] => isDraft(entry[1]));
}

/** Chart items by id. */
export function chartItems(position: Draft): [string, Draft][] {
  return itemsOf(position).filter(([, item]) => own(item, "type") === "CHART");
}

/** The uuid of a chart item's chart; undefined where it lost its chart. */
export function uuidOf(item: Draft): string | undefined {
  const uuid = own(child(item, "meta") ?? {}, "uuid");
  return typeof uuid === "string" && uuid !== "" ? uuid : undefined;
}

/**
 * The empty tree that Superset's export makes up for a dashboard without one. The page's header is no part of it: it is made from the
 * title, and has the type of the headers that people put between the charts (superset-frontend: dashboard/util/componentTypes.ts).
 */
export function fillTree(draft: Draft): void {
  const position = child(draft, "position");
  const held = new Set(itemsOf(position ?? {}).flatMap(([id]) => children(position as Draft, id)));
  for (const [id, item] of itemsOf(position ?? {})) {
    if (own(item, "type") === "HEADER" && (id === HEADER || !held.has(id))) delete (position as Draft)[id];
  }
  if (position !== undefined && itemsOf(position).length > 0) return;
  draft["position"] = { [ROOT]: { type: "ROOT", children: [GRID] }, [GRID]: { type: "GRID" } };
}

/**
 * Takes charts that are linked but not placed out of the tree and returns their uuids with the `known` ones, sorted. These are chart items which no other
 * item holds, and the last row of the grid where it looks as the export makes it up (with new random ids every time).
 */
export function takeUnplaced(position: Draft, known: readonly string[]): string[] {
  for (let row = syntheticRow(position); row !== undefined; row = syntheticRow(position)) {
    const gone = row;
    delete position[gone];
    (child(position, GRID) as Draft)["children"] = children(position, GRID).filter((id) => id !== gone);
  }
  const held = new Set(itemsOf(position).flatMap(([id]) => children(position, id)));
  const uuids = new Set(known);
  for (const [id, item] of chartItems(position)) {
    const uuid = uuidOf(item);
    if (held.has(id)) continue;
    if (uuid !== undefined) uuids.add(uuid);
    delete position[id];
  }
  const placed = new Set(chartItems(position).map(([, item]) => uuidOf(item)));
  return [...uuids].filter((uuid) => !placed.has(uuid)).sort();
}

function syntheticRow(position: Draft): string | undefined {
  const last = children(position, GRID).at(-1);
  if (last === undefined || !SYNTHETIC.row.test(last)) return undefined;
  const charts = children(position, last).map((id) => [id, child(position, id)] as const);
  const made = charts.every(([id, item]) => {
    const meta = child(item ?? {}, "meta") ?? {};
    return SYNTHETIC.chart.test(id) && own(meta, "width") === SYNTHETIC.width && own(meta, "height") === SYNTHETIC.height;
  });
  return made && charts.length > 0 ? last : undefined;
}

/** Unplaced charts as chart items which no other item holds: the import links every chart item of the tree. */
export function putUnplaced(position: Draft, uuids: readonly DraftValue[]): void {
  uuids.forEach((uuid, index) => {
    const id = `CHART-unplaced-${index + 1}`;
    position[id] = { type: "CHART", id, children: [], meta: { uuid, width: SYNTHETIC.width, height: SYNTHETIC.height } };
  });
}

/** Drops what the tree says twice (ids, parents) or what the dashboard makes up (names, an unused grid). */
export function plainTree(position: Draft): void {
  for (const [id, value] of Object.entries(position)) {
    if (!isDraft(value)) {
      delete position[id];
      continue;
    }
    delete value["id"];
    delete value["parents"];
    const meta = child(value, "meta");
    if (own(value, "type") === "CHART") {
      delete value["children"];
      if (meta !== undefined) omit(meta, ["chartId", "sliceName"]);
    }
    // What the editor shows of a tab that has no name yet.
    if (meta !== undefined && own(value, "type") === "TAB" && !isEmpty(own(meta, "text"))) omit(meta, ["defaultText", "placeholder"]);
    if (meta !== undefined) prune(meta);
    prune(value);
  }
  const held = new Set(itemsOf(position).flatMap(([id]) => children(position, id)));
  if (child(position, GRID) !== undefined && !held.has(GRID) && children(position, GRID).length === 0) delete position[GRID];
}

/** The complete tree: ids, parents, empty members, header, grid and version, as the editor saves it. */
export function fullTree(position: Draft, title: DraftValue): void {
  position[GRID] ??= { type: "GRID" };
  const parents = new Map<string, string>();
  for (const [id] of itemsOf(position)) for (const held of children(position, id)) parents.set(held, id);
  for (const [id, item] of itemsOf(position)) {
    item["id"] = id;
    item["children"] ??= [];
    if (id !== ROOT && id !== GRID) item["meta"] ??= {};
    const above = ancestors(id, parents);
    if (above.length > 0) item["parents"] = above;
  }
  position[HEADER] = { id: HEADER, type: "HEADER", meta: { text: title } };
  position[VERSION] = "v2";
}

function ancestors(id: string, parents: ReadonlyMap<string, string>): string[] {
  const above: string[] = [];
  for (let at = parents.get(id); at !== undefined && !above.includes(at); at = parents.get(at)) above.unshift(at);
  return above;
}

/** What an item holds. A chart holds nothing, whatever it says. */
function children(position: Draft, id: string): string[] {
  const item = child(position, id) ?? {};
  const list = own(item, "type") === "CHART" ? undefined : own(item, "children");
  return isEmpty(list) || !Array.isArray(list) ? [] : list.filter((item): item is string => typeof item === "string");
}
