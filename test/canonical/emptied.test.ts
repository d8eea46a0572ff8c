/**
 * Every control that somebody empties in explore is told, in each of Superset's example charts: explore leaves the key with nothing in it
 * (lists, texts, mappings), or leaves it out (a choice that was cleared).
 */
import { changedPaths } from "../../provider/canonical";
import { CONTROL_DEFAULTS, CONTROL_NAMES } from "../../provider/kinds/chart/controls";
import type { Canonical } from "../../provider/kinds/define";
import { isObject, type Json, type JsonObject } from "../../provider/json";
import { supersetPackage } from "../compile/python";
import { readExamples } from "../helpers/examples";
import { knowing } from "../helpers/forms";
import { rulesOf } from "../helpers/rules";

const { canonical, relevant } = rulesOf.charts;
const folder = supersetPackage();
const withExamples = folder === undefined ? describe.skip : describe;
if (folder === undefined) process.stdout.write("skipped: emptied controls of Superset's examples (no Python with Superset: set SUPERSET_PYTHON, or run hybrid local up)\n");

/** What explore saves of an emptied control of that value. */
const emptied = (value: Json): Json => (Array.isArray(value) ? [] : isObject(value) ? {} : typeof value === "string" ? "" : null);

/** Keys whose emptying is not told, with the reason. */
const NOT_TOLD: readonly (readonly [reason: string, applies: (key: string, value: Json, vizType: string) => boolean])[] = [
  ["explore writes it anew from the dataset on every save", (key) => key === "temporal_columns_lookup"],
  ["an upgrade renamed the choice by mistake, and explore clears it on every save", (key, value) => (key.startsWith("seriesType") && String(value).startsWith("echarts_timeseries_")) || (key === "normalize_across" && value === "heatmap_v2")],
  ["None as text is the older spelling of no choice", (key, value) => key === "rolling_type" && value === "None"],
  ["no control, and explore drops it on every save: it filters by `time_range` beside it, and that is told", (key, _, vizType) => key === "granularity_sqla" && !has(vizType, key)],
];

/** The same where the key itself is gone, as of a choice that was cleared. */
const NOT_TOLD_GONE: typeof NOT_TOLD = [
  ...NOT_TOLD,
  ["no control of the visualisation: explore drops it on every save", (key, _, vizType) => !has(vizType, key)],
  ["explore shows and applies the default where a chart does not say", (key, value, vizType) => [vizType, "*"].some((group) => JSON.stringify(CONTROL_DEFAULTS[group]?.[key]) === JSON.stringify(value))],
  ["explore shows and applies the default, which follows from the columns", (key) => key === "query_mode"],
  ["hidden beside `color_scheme_type`; shown, a colour always has a value", (key) => key === "color_picker" || key === "fill_color_picker"],
  ["hidden where `truncateYAxis` is off", (key) => key === "y_axis_bounds"],
  ["hidden where the chart has no time range; a switch always has a value", (key) => key === "time_range_fixed"],
  ["hidden where the chart is no matrix of charts", (key) => key.startsWith("matrixify_topn_order_")],
  ["hidden where no dimension is a time, as in these", (key, _, vizType) => key === "time_grain_sqla" && ["heatmap_v2", "pivot_table_v2", "table"].includes(vizType)],
];

const has = (vizType: string, key: string): boolean => [vizType, "*"].some((group) => CONTROL_NAMES[group]?.has(key) === true);

withExamples("controls of Superset's examples", () => {
  const examples = folder === undefined ? undefined : readExamples(folder, "postgresql://u@h/d");
  const forms = (examples?.charts ?? []).map((document) => canonical(document, knowing()));
  const timeColumns = new Map((examples?.datasets ?? []).map((document) => [document["uuid"], document["main_dttm_col"] ?? null]));

  const live = (form: Canonical, params: JsonObject): Canonical => relevant(canonical({ ...form, params }, knowing({ live: true })), form);

  /** With what explore gives every chart that it saves: a filter by time. */
  function withFilter(form: Canonical, params: JsonObject): JsonObject {
    const filters = (Array.isArray(params["adhoc_filters"]) ? params["adhoc_filters"] : []) as readonly Json[];
    const column = timeColumns.get(form["dataset_uuid"]) ?? null;
    const idle = { clause: "WHERE", subject: column, operator: "TEMPORAL_RANGE", comparator: "No filter", expressionType: "SIMPLE" };
    return column === null || filters.some((filter) => isObject(filter) && filter["operator"] === "TEMPORAL_RANGE") ? params : { ...params, adhoc_filters: [...filters, idle] };
  }

  /** Keys whose change is not told although nothing says why. */
  function missed(change: (params: JsonObject, key: string, form: Canonical) => JsonObject, reasons: typeof NOT_TOLD): { readonly found: string[]; readonly tried: number } {
    const found = new Set<string>();
    let tried = 0;
    for (const form of forms) {
      const params = form["params"] as JsonObject;
      const vizType = String(form["viz_type"]);
      for (const [key, value] of Object.entries(params)) {
        if (reasons.some(([, applies]) => applies(key, value as Json, vizType))) continue;
        tried += 1;
        const told = changedPaths(form, live(form, change(params, key, form)));
        if (!told.some(({ path }) => path === `params.${key}`)) found.add(`${vizType} ${key} ${JSON.stringify(value).slice(0, 60)}`);
      }
    }
    return { found: [...found].sort(), tried };
  }

  test("unchanged, nothing is told", () => {
    expect(forms.length).toBe(103);
    for (const form of forms) expect(changedPaths(form, live(form, withFilter(form, form["params"] as JsonObject)))).toEqual([]);
  });

  test("present but empty is told", () => {
    const { found, tried } = missed((params, key) => ({ ...params, [key]: emptied(params[key] ?? null) }), NOT_TOLD);
    expect(found).toEqual([]);
    expect(tried).toBeGreaterThan(1300);
  });

  test("left out is told, where it is a control that is shown and not at its default", () => {
    const { found, tried } = missed((params, key, form) => {
      const left = Object.fromEntries(Object.entries(params).filter(([name]) => name !== key));
      return key === "adhoc_filters" ? left : withFilter(form, left);
    }, NOT_TOLD_GONE);
    expect(found).toEqual([]);
    expect(tried).toBeGreaterThan(500);
  });

  test("set to another value than its default is told, where Git does not name it", () => {
    const missed = forms.flatMap((form) => {
      const params = form["params"] as JsonObject;
      const free = [...(CONTROL_NAMES[String(form["viz_type"])] ?? [])].filter((key) => params[key] === undefined && key !== "adhoc_filters");
      return free.filter((key) => !changedPaths(form, live(form, { ...params, [key]: "set by somebody" })).some(({ path }) => path === `params.${key}`));
    });
    expect(missed).toEqual([]);
  });
});
