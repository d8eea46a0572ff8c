/** A position tree as people export it: its charts known, numbered, and every child there. */
import { isObject, type Json, type JsonObject } from "../../json";
import type { ExpandContext } from "../define";
import { SYNTHETIC as UNPLACED } from "./position";
import { unique } from "./unique";

/** An empty dashboard, as Superset makes it. */
const EMPTY: JsonObject = {
  DASHBOARD_VERSION_KEY: "v2",
  ROOT_ID: { type: "ROOT", id: "ROOT_ID", children: ["GRID_ID"] },
  GRID_ID: { type: "GRID", id: "GRID_ID", children: [], parents: ["ROOT_ID"] },
};

/**
 * Checks the tree's charts against the repository, and gives every chart a number of its own: Superset needs `meta.chartId`
 * wherever there is `meta.uuid` (commands/dashboard/importers/v1/utils.py), and an unknown uuid silently costs other charts their link.
 */
export function numberCharts(position: JsonObject, context: ExpandContext): JsonObject {
  if (Object.keys(position).length === 0) {
    return EMPTY;
  }
  const numbers = new Map<string, number>();
  const taken = new Set<number>();
  const charts = Object.entries(position).filter((entry): entry is [string, JsonObject] => isObject(entry[1]) && entry[1].type === "CHART");
  for (const [, node] of charts) {
    const meta = isObject(node.meta) ? node.meta : {};
    if (typeof meta.uuid === "string" && typeof meta.chartId === "number" && !taken.has(meta.chartId) && !numbers.has(meta.uuid)) {
      numbers.set(meta.uuid, meta.chartId);
      taken.add(meta.chartId);
    }
  }
  const numbered: Record<string, Json> = { ...position };
  for (const [id, node] of charts) {
    const meta = isObject(node.meta) ? node.meta : {};
    const reference = meta.uuid ?? meta.sliceName;
    const path = ["position", id, "meta", ...(meta.uuid === undefined ? [] : ["uuid"])];
    if (typeof reference !== "string") {
      context.problem(path, `the chart item '${id}' names no chart; add 'uuid: <uuid of the chart>' to its meta`);
      continue;
    }
    const uuid = context.resolve("chart", reference, path);
    if (uuid !== undefined) {
      let chartId = numbers.get(uuid);
      for (let next = 1; chartId === undefined; next += 1) {
        chartId = taken.has(next) ? undefined : next;
      }
      numbers.set(uuid, chartId);
      taken.add(chartId);
      numbered[id] = { ...node, meta: { ...meta, chartId, uuid } };
    }
  }
  for (const [id, node] of Object.entries(position)) {
    const missing = isObject(node) && Array.isArray(node.children) ? (node.children as readonly Json[]).find((child) => typeof child !== "string" || position[child] === undefined) : undefined;
    if (missing !== undefined) {
      context.problem(["position", id, "children"], `'${id}' contains '${String(missing)}', which the position tree does not have`);
    }
  }
  return numbered;
}

/** The tree with charts that stand nowhere in it: items which nothing holds. Superset's import links every chart item. */
export function withUnplaced(position: JsonObject, charts: Json | undefined, context: ExpandContext): JsonObject {
  const tree: Record<string, Json> = { ...position };
  const numbers = chartNumbers(position);
  (Array.isArray(charts) ? (charts as readonly Json[]) : []).forEach((chart, index) => {
    const uuid = typeof chart === "string" ? context.resolve("chart", chart, ["unplaced", index]) : undefined;
    if (uuid !== undefined) {
      const id = unique(`CHART-unplaced-${index + 1}`, { has: (taken) => Object.hasOwn(tree, taken) });
      const chartId = numbers.get(uuid) ?? Math.max(0, ...numbers.values()) + 1;
      numbers.set(uuid, chartId);
      tree[id] = { type: "CHART", id, children: [], meta: { chartId, uuid, width: UNPLACED.width, height: UNPLACED.height } };
    }
  });
  return tree;
}

/** Chart numbers of a numbered tree, by uuid. */
export function chartNumbers(position: JsonObject): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const node of Object.values(position)) {
    if (isObject(node) && node.type === "CHART" && isObject(node.meta) && typeof node.meta.uuid === "string" && typeof node.meta.chartId === "number") {
      numbers.set(node.meta.uuid, node.meta.chartId);
    }
  }
  return numbers;
}
