/** Edits of canonical forms as people make them in Superset, any of them on any asset: what a property is tried with. */
import * as fc from "fast-check";
import type { Form } from "./repository";

/** One edit, told by numbers, so that it can be shrunk. */
export interface Mutation {
  /** Which asset. */
  readonly asset: number;
  /** Which sort of edit. */
  readonly sort: number;
  /** Which of several things, and what it becomes. */
  readonly which: number;
  readonly value: number;
}

export const mutations = (most: number): fc.Arbitrary<readonly Mutation[]> =>
  fc.array(fc.record({ asset: fc.nat(500), sort: fc.nat(60), which: fc.nat(60), value: fc.nat(60) }), { minLength: 1, maxLength: most });

const TEXTS = [
  "Turnover", "10 %", "yes", "it's", 'say "so"', "a: b", "# no comment", "- no item", "{{ not_ours }}", "{% if x %}", "{# nor this #}", "two\nlines\n", " blanks ", "[x]", "null", "1e5", "2026-01-01", "ä€😀", "a\\b", "trailing:", "",
  "dev", "Sales (dev)", "SELECT 1 -- {{ current_username() }}", "a,b", "%Y-%m-%d", "*star", "&and", "!bang", "|pipe", ">more", "@at", "`tick`", "true", "0x1F", "~", "multi\n\n  indented\n\ttab\n", "no end\nof line", "x".repeat(200),
];
const pick = <T>(list: readonly T[], index: number): T => list[index % list.length] as T;
const text = (value: number): string => pick(TEXTS, value);
const scalar = (value: number): unknown => pick([text(value), value, value * 1.5, value % 2 === 0, -value, `${text(value + 1)} ${value}`], value);
const keys = (map: unknown): string[] => Object.keys((map ?? {}) as Form);

type Sort = (form: Form, which: number, value: number) => void;

const FILTER = (which: number, value: number): Form => ({ expressionType: "SIMPLE", clause: "WHERE", subject: "brand", operator: pick(["==", "IN", ">"], which), comparator: pick([text(value), [text(value), "x"], value], which) });

/** Sorts of edits by kind; one that does not fit changes nothing. */
const SORTS: Readonly<Record<string, readonly Sort[]>> = {
  chart: [
    (form, _, value) => { form["slice_name"] = text(value) || "x"; },
    (form, _, value) => { form["description"] = text(value) || "x"; },
    (form) => { delete form["description"]; },
    (form, _, value) => { form["cache_timeout"] = value; },
    (form, _, value) => { form["certified_by"] = text(value) || "x"; },
    (form, which, value) => { const key = pick(keys(form["params"]), which); if (key !== undefined && typeof form["params"][key] !== "object" && !/metric|column|x_axis|groupby|entity|series|source|all/.test(key)) form["params"][key] = scalar(value) === "" ? "x" : scalar(value); },
    (form, which) => { const key = pick(keys(form["params"]), which); if (key !== undefined) delete form["params"][key]; },
    (form, which, value) => { form["params"][pick(["show_legend", "number_format", "zz_new", "aa_new", "page_length"], which)] = scalar(value) === "" ? 1 : scalar(value); },
    (form, which, value) => { form["params"]["adhoc_filters"] = [...(form["params"]["adhoc_filters"] ?? []), FILTER(which, value)]; },
    (form, which) => { const list = form["params"]["adhoc_filters"]; if (list?.length > 1) list.splice(which % list.length, 1); else delete form["params"]["adhoc_filters"]; },
    (form, which, value) => { const list = form["params"]["adhoc_filters"]; if (list?.length > 0) pick(list as Form[], which)["comparator"] = pick(["Last week", ["a", "b"], text(value)], value); },
    (form, which, value) => { form["params"]["metrics"] = [...(form["params"]["metrics"] ?? []), { expressionType: "SQL", sqlExpression: `SUM(x) /* ${text(value)} */`, label: `m${which}` }]; },
    (form, which) => { const list = form["params"]["groupby"]; if (Array.isArray(list) && list.length > 1) list.splice(which % list.length, 1); },
    (form) => { const list = form["params"]["metrics"]; if (Array.isArray(list)) list.reverse(); },
    (form, _, value) => { form["params"]["column_config"] = { ...form["params"]["column_config"], [`c${value}`]: { d3NumberFormat: text(value) || "x", nested: { list: [1, { a: text(value) }] } } }; },
  ],
  dataset: [
    (form, _, value) => { form["description"] = text(value) || "x"; },
    (form, which, value) => { const name = pick(keys(form["columns"]), which); if (name !== undefined) form["columns"][name]["verbose_name"] = text(value) || "x"; },
    (form, which, value) => { const name = pick(keys(form["columns"]), which); if (name !== undefined) form["columns"][name]["filterable"] = value % 2 === 0; },
    (form, which, value) => { form["columns"][`calc_${which}`] = { expression: text(value) || "1", type: "TEXT", is_dttm: false, is_active: true, groupby: true, filterable: true }; },
    (form, which, value) => { form["metrics"][`metric_${which}`] = { expression: `SUM(1) + ${value}`, verbose_name: text(value) || "x" }; },
    (form, which, value) => { const name = pick(keys(form["metrics"]), which); if (name !== undefined) form["metrics"][name]["expression"] = `SUM(${value}) -- ${text(value)}`; },
    (form, which) => { const name = pick(keys(form["metrics"]), which); if (name !== undefined) delete form["metrics"][name]; },
    (form, which) => { const name = pick(keys(form["columns"]), which); if (name !== undefined) delete form["columns"][name]["description"]; },
    (form, which, value) => { if (typeof form["sql"] === "string") { const lines = form["sql"].split("\n"); lines.splice(which % (lines.length + 1), 0, pick(["-- note", "AND a = {{ filter_values('b')[0] }}", "{% if x %}", text(value)], value)); form["sql"] = lines.join("\n"); } },
    (form, which) => { if (typeof form["sql"] === "string") form["sql"] = form["sql"].split("\n").filter((_: string, index: number) => index !== which % 7).join("\n") || "SELECT 1"; },
    (form, _, value) => { form["cache_timeout"] = value; },
    (form, _, value) => { form["extra"] = { warning_markdown: text(value) || "x" }; },
  ],
  database: [
    (form, _, value) => { form["cache_timeout"] = value; },
    (form) => { form["expose_in_sqllab"] = form["expose_in_sqllab"] !== true; },
    (form, _, value) => { form["extra"] = { ...form["extra"], metadata_cache_timeout: { table_cache_timeout: value } }; },
    (form) => { form["sqlalchemy_uri"] = `${String(form["sqlalchemy_uri"]).split("?")[0]}?application_name=x`; },
  ],
  dashboard: [
    (form, _, value) => { form["dashboard_title"] = text(value).trim() || "x"; },
    (form, _, value) => { form["description"] = text(value) || "x"; },
    (form, _, value) => { form["css"] = `.a {\n  color: #${value};\n}\n${text(value)}`; },
    (form) => { form["published"] = form["published"] !== true; },
    (form, _, value) => { form["metadata"]["color_scheme"] = text(value) || "x"; },
    (form, _, value) => { form["metadata"]["label_colors"] = { ...form["metadata"]["label_colors"], [text(value) || "x"]: "#123456" }; },
    (form, which, value) => filters(form, (map, order) => { const id = pick(order, which); if (id !== undefined) map[id]["name"] = text(value) || "x"; }),
    (form, which) => filters(form, (map, order) => { const [id] = order.splice(which % Math.max(1, order.length), 1); if (id !== undefined) delete map[id]; }),
    (form) => filters(form, (_, order) => { order.reverse(); }),
    (form, which, value) => filters(form, (map, order) => { const id = `NATIVE_FILTER-new${which}`; if (map[id] === undefined) order.splice(value % (order.length + 1), 0, id); map[id] = { name: text(value) || "x", type: "NATIVE_FILTER", filterType: "filter_time", scope: { rootPath: ["ROOT_ID"] } }; }),
    (form, which, value) => { const item = pick(items(form, "CHART"), which); if (item !== undefined) item["meta"]["height"] = 10 + value; },
    (form, which, value) => { const item = pick(items(form, "CHART"), which); if (item !== undefined) item["meta"]["sliceNameOverride"] = text(value) || "x"; },
    (form, which, value) => { const item = pick(items(form, "MARKDOWN"), which); if (item !== undefined) item["meta"]["code"] = `${String(item["meta"]["code"])}${text(value)}` || "x"; },
    (form, which, value) => { const item = pick(items(form, "TAB"), which); if (item !== undefined) item["meta"]["text"] = text(value).trim() || "x"; },
    (form, which) => { const row = pick(items(form, "ROW").filter((one) => one["children"]?.length > 1), which); row?.["children"].reverse(); },
    (form, which) => { const holder = pick([...items(form, "GRID"), ...items(form, "TAB")].filter((one) => one["children"]?.length > 1), which); holder?.["children"].reverse(); },
    (form, which, value) => {
      const holder = pick([...items(form, "GRID"), ...items(form, "TAB")].filter((one) => one["children"]?.length > 0), which);
      if (holder === undefined) return;
      form["position"][`ROW-new${which}`] = { type: "ROW", meta: { background: "BACKGROUND_TRANSPARENT" }, children: [`MARKDOWN-new${which}`] };
      form["position"][`MARKDOWN-new${which}`] = { type: "MARKDOWN", meta: { code: text(value) || "x", width: 12, height: 20 + value } };
      if (!holder["children"].includes(`ROW-new${which}`)) holder["children"].splice(value % (holder["children"].length + 1), 0, `ROW-new${which}`);
    },
    (form, which) => {
      const rows = items(form, "ROW").filter((one) => one["children"]?.length > 1);
      const [from, to] = [pick(rows, which), pick(rows, which + 1)];
      if (from === undefined || to === undefined || from === to) return;
      const moved = from["children"].pop();
      to["children"].push(moved);
      for (const row of [from, to]) row["children"].forEach((id: string) => { const meta = form["position"][id]["meta"]; if (meta?.["width"] !== undefined) meta["width"] = Math.max(1, Math.floor(12 / row["children"].length)); });
    },
  ],
};

function items(form: Form, type: string): Form[] {
  return Object.values(form["position"] as Form).filter((item) => item["type"] === type);
}

function filters(form: Form, change: (map: Form, order: string[]) => void): void {
  const metadata = form["metadata"];
  const [map, order] = [metadata["native_filter_configuration"] ?? {}, metadata["native_filter_order"] ?? []];
  change(map, order);
  if (order.length === 0) {
    delete metadata["native_filter_configuration"];
    delete metadata["native_filter_order"];
  } else {
    Object.assign(metadata, { native_filter_configuration: map, native_filter_order: order });
  }
}

/** Makes an edit. */
export function mutate(kind: string, form: Form, { sort, which, value }: Mutation): void {
  pick(SORTS[kind] ?? [], sort)(form, which, value);
}
