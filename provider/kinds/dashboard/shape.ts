/** What Superset takes without a word and only fails on when the dashboard is opened: metadata and a position tree of another shape. */
import { described } from "../../../compile/validate";
import { isObject, type Json, type JsonObject } from "../../json";
import type { ExpandContext } from "../define";

type Path = readonly (string | number)[];

/** Members of `metadata` by the shape the frontend reads; null and absence are fine. */
const LISTS = ["native_filter_configuration", "chart_customization_config", "timed_refresh_immune_slices"];
/** Those whose items have ids. */
const WITH_IDS = ["native_filter_configuration", "chart_customization_config"];
const MAPPINGS = ["chart_configuration", "global_chart_configuration", "expanded_slices", "label_colors"];

const FILTER = "{name: <title>, filterType: filter_select, targets: [{dataset: <table name>, column: <column>}]}";
const ADVICE: Readonly<Record<string, string>> = { native_filter_configuration: `a list of filters such as ${FILTER}`, chart_customization_config: "a list of customisations" };
const TARGET = "{dataset: <table name>, column: <column>}";

/** Reports members of `metadata` that are no lists or mappings, and native filters that are none. */
export function checkMetadata(metadata: JsonObject, context: ExpandContext): void {
  for (const field of LISTS) {
    const value = metadata[field] ?? [];
    if (!Array.isArray(value)) {
      const advice = ADVICE[field] ?? "a list of charts";
      context.problem(["metadata", field], `'metadata.${field}' must be ${advice}, not ${described(value)}`);
    }
  }
  for (const field of MAPPINGS) {
    const value = metadata[field] ?? {};
    if (!isObject(value)) {
      context.problem(["metadata", field], `'metadata.${field}' must be a mapping, not ${described(value)}`);
    }
  }
  const filters = metadata.native_filter_configuration;
  if (Array.isArray(filters)) {
    (filters as readonly Json[]).forEach((filter, index) => checkFilter(filter, ["metadata", "native_filter_configuration", index], context));
  }
  for (const field of WITH_IDS) {
    checkIds(metadata[field], field, context);
  }
}

/** An id stands for one thing: Superset shows only the last of two that share it. */
function checkIds(list: Json | undefined, field: string, context: ExpandContext): void {
  const first = new Map<string, number>();
  (Array.isArray(list) ? (list as readonly Json[]) : []).forEach((item, index) => {
    if (!isObject(item) && field === "chart_customization_config") {
      context.problem(["metadata", field, index], `'metadata.${field}[${index}]' must be a mapping, not ${described(item)}`);
    }
    const id = (isObject(item) ? item.id : undefined) ?? "";
    const path = ["metadata", field, index, "id"];
    if (typeof id !== "string") {
      context.problem(path, `'metadata.${field}[${index}].id' must be text, not ${described(id)}; leave it out to have one made from the name`);
    } else if (id !== "" && first.has(id)) {
      context.problem(path, `the id '${id}' is also that of item ${(first.get(id) ?? 0) + 1} of 'metadata.${field}'; write another one, or none`);
    } else {
      first.set(id, index);
    }
  });
}

function checkFilter(filter: Json, path: Path, context: ExpandContext): void {
  const name = `'metadata.native_filter_configuration[${path.at(-1)}]`;
  if (!isObject(filter)) {
    context.problem(path, `${name}' must be a filter, not ${described(filter)}; write ${FILTER}`);
    return;
  }
  const targets = filter.targets ?? [];
  if (!Array.isArray(targets)) {
    context.problem([...path, "targets"], `${name}.targets' must be a list, not ${described(targets)}; write [${TARGET}]`);
    return;
  }
  (targets as readonly Json[]).forEach((target, index) => {
    const at = [...path, "targets", index];
    if (!isObject(target)) {
      context.problem(at, `${name}.targets[${index}]' must be a mapping, not ${described(target)}; write ${TARGET}`);
      return;
    }
    const column = target.column ?? "";
    if (typeof column !== "string" && !(isObject(column) && (column.name === undefined || column.name === null || typeof column.name === "string"))) {
      context.problem([...at, "column"], `${name}.targets[${index}].column' must be the name of a column, not ${described(column)}`);
    }
  });
  const scope = filter.scope ?? {};
  if (!isObject(scope)) {
    context.problem([...path, "scope"], `${name}.scope' must be a mapping, not ${described(scope)}; write {charts: [<chart>]}, or leave it out for all charts`);
  }
}

/** Reports items of a position tree that are none: everything but the version marker is a mapping with a type. False where there is one. */
export function checkPosition(position: JsonObject, context: ExpandContext): boolean {
  let fine = true;
  const problem = (path: Path, message: string): void => {
    fine = false;
    context.problem(path, message);
  };
  for (const [id, item] of Object.entries(position)) {
    if (id === "DASHBOARD_VERSION_KEY") {
      continue;
    }
    if (!isObject(item)) {
      problem(["position", id], `'position.${id}' must be a mapping with a 'type' (ROOT, GRID, ROW, CHART, …), not ${described(item)}; write 'layout:' instead of 'position:' to have the tree made`);
    } else if (typeof item.type !== "string" || item.type === "") {
      problem(["position", id], `'position.${id}' has no 'type'; write one of ROOT, GRID, HEADER, TABS, TAB, ROW, COLUMN, CHART, MARKDOWN, DIVIDER`);
    } else if (!Array.isArray(item.children ?? [])) {
      problem(["position", id, "children"], `'position.${id}.children' must be a list of ids, not ${described(item.children)}`);
    } else if (!isObject(item.meta ?? {})) {
      problem(["position", id, "meta"], `'position.${id}.meta' must be a mapping, not ${described(item.meta)}`);
    }
  }
  return fine;
}
