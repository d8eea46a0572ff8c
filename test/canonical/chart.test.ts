import { changedPaths } from "../../provider/canonical";
import { compareCases, drift, knowing } from "../helpers/forms";
import { rulesOf } from "../helpers/rules";

const base = { slice_name: "c", uuid: "u", dataset_uuid: "d", viz_type: "table", params: {}, version: "1.0.0" };
const params = (form: object) => ({ params: form as Record<string, never> });
const sum = { expressionType: "SIMPLE", aggregate: "SUM", column: { column_name: "a" }, label: "A" };
const filter = { expressionType: "SIMPLE", clause: "WHERE", subject: "a", operator: "IN", comparator: ["x"] };

compareCases("charts", base, [
  ["query_context, tags and ids are noise", {}, { query_context: '{"a":1}', tags: ["t"], datasource_id: 3, datasource_type: "table", is_managed_externally: true }],
  ["'' and null say the same", { description: "", certified_by: "" }, { description: null, cache_timeout: null }],
  ["params as JSON text", params({ row_limit: 5 }), { params: '{"row_limit":5}' }],
  ["no params", params({}), { params: null }],
  ["where it was saved", params({ a: 1 }), params({ a: 1, datasource: "3__table", slice_id: 4, dashboards: [1], dashboardId: 1, url_params: { x: "y" }, slice_name: "c", extra_form_data: {} })],
  ["its viz_type once more", params({}), params({ viz_type: "table" })],
  ["untouched controls", params({}), params({ a: null, b: "", c: [], d: {}, annotation_layers: [] })],
  ["a control that is off or 0 is not untouched", params({}), params({ a: false, b: 0 }), [{ path: "params.a", after: false }, { path: "params.b", after: 0 }]],
  ["made-up names of filters, and what they say without saying it", params({ adhoc_filters: [filter] }), params({ adhoc_filters: [{ ...filter, filterOptionName: "filter_1", isExtra: false, isNew: false, sqlExpression: null, datasourceWarning: false }] })],
  ["the same of metrics, and the id of their column", params({ metric: sum, metrics: [sum, "n"] }), params({ metric: { ...sum, optionName: "metric_1", hasCustomLabel: false, sqlExpression: null, column: { column_name: "a", id: 33 } }, metrics: [{ ...sum, optionName: "metric_2" }, "n"] })],
  ["a custom label is an edit", params({ metric: sum }), params({ metric: { ...sum, hasCustomLabel: true, label: "B" } }), [{ path: "params.metric.hasCustomLabel", after: true }, { path: "params.metric.label", before: "A", after: "B" }]],
  ["the order of filters and dimensions is an edit", params({ groupby: ["a", "b"] }), params({ groupby: ["b", "a"] }), [{ path: "params.groupby", before: ["a", "b"], after: ["b", "a"] }]],
  ["the dataset is an edit", {}, { dataset_uuid: "e" }, [{ path: "dataset_uuid", before: "d", after: "e" }]],
]);

describe("visualisations that Superset replaced", () => {
  compareCases("charts", base, [
    ["are their successors", { viz_type: "sankey", params: { viz_type: "sankey", groupby: ["a", "b"], metric: "m" } }, { viz_type: "sankey_v2", params: { source: "a", target: "b", metric: "m" } }],
    ["also without the name in params", { viz_type: "sunburst", params: { groupby: ["a"], granularity_sqla: "t", time_range: "Last week" } },
      { viz_type: "sunburst_v2", params: { columns: ["a"], adhoc_filters: [{ clause: "WHERE", subject: "t", operator: "TEMPORAL_RANGE", comparator: "Last week", expressionType: "SIMPLE" }] } }],
    ["with a time range over an expression left out", { viz_type: "line", params: { granularity_sqla: { label: "x", sqlExpression: "y" }, time_range: "Last week", metrics: ["m"] } },
      { viz_type: "echarts_timeseries_line", params: { metrics: ["m"], x_axis: { label: "x", sqlExpression: "y" }, time_grain_sqla: "P1D", zoomable: false, markerEnabled: false, truncateYAxis: true, comparison_type: "values" } }],
  ]);
});

const map = { viz_type: "deck_multi", params: { deck_slices: ["one", "two"] } };
const ids = knowing({ chartUuid: (id) => ({ 11: "one", 12: "two" })[id] });

test("charts in a multi-layer map are named by uuid; one that the server does not have yet is not written", () => {
  const { canonical, wire } = rulesOf.charts;
  expect(canonical({ ...base, params: { deck_slices: [11, 12, 13] } }, ids)["params"]).toEqual({ deck_slices: ["one", "two", 13] });
  const form = canonical({ ...base, ...map }, knowing());
  const known = new Map([["one", 11], ["two", 12]]);
  expect(wire(form, { chartId: (uuid) => known.get(uuid) })["params"]).toEqual({ viz_type: "deck_multi", deck_slices: [11, 12] });
  expect(wire(form, { chartId: (uuid) => (uuid === "two" ? 12 : undefined) })["params"]).toEqual({ viz_type: "deck_multi", deck_slices: [12] });
});

describe("annotation layers", () => {
  const event = { name: "e", annotationType: "EVENT", sourceType: "NATIVE", value: 1 };
  const formula = { name: "f", annotationType: "FORMULA", value: "1" };
  const layers = (...list: object[]) => params({ annotation_layers: list });
  test.each([
    ["a formula in the UI is an edit", layers(), layers(formula), [{ path: "params.annotation_layers", after: [formula] }]],
    ["so is an event", layers(formula), layers(formula, event), [{ path: "params.annotation_layers[1]", after: event }]],
    ["and one that is gone", layers(event, formula), layers(formula), [{ path: "params.annotation_layers[0]", before: event }]],
    ["a formula that only Git has is drift", layers(formula), layers(), [{ path: "params.annotation_layers", before: [formula] }]],
    ["both have it", layers(event), layers(event), []],
  ])("%s", (_, reference, live, expected) => expect(drift("charts", base, reference, live)).toEqual(expected));
  test("take their chart's uuid", () => {
    const line = { name: "l", annotationType: "TIME_SERIES", sourceType: "line", value: 11 };
    expect(rulesOf.charts.canonical({ ...base, ...layers(line) }, ids)["params"]).toEqual({ annotation_layers: [{ ...line, value: "one" }] });
  });
});

describe("a chart of few params, opened in explore and saved", () => {
  const bar = { viz_type: "echarts_timeseries_bar" };
  const few = { ...bar, params: { metrics: ["m"], groupby: ["a"], show_brush: "yes" } };
  /** What a real Superset 6.1 made of it, shortened. */
  const saved = {
    metrics: ["m"], groupby: ["a"], datasource: "1__table", slice_id: 5, matrixify_enable: false, matrixify_mode_columns: "disabled", matrixify_dimension_columns: { dimension: "", values: [] }, matrixify_charts_per_row: 4,
    adhoc_filters: [{ clause: "WHERE", subject: "t", operator: "TEMPORAL_RANGE", comparator: "No filter", expressionType: "SIMPLE" }], temporal_columns_lookup: { t: true }, row_limit: 10000, show_legend: true,
    legendType: "scroll", x_axis_title_margin: 0, y_axis_title_margin: 15, y_axis_bounds: [null, null], truncateYAxis: false, annotation_layers: [], time_compare: null, dashboards: [],
  };
  const open = { clause: "WHERE", subject: "t", operator: "TEMPORAL_RANGE", comparator: "Last week", expressionType: "SIMPLE" };
  test.each<[string, object, object, unknown[]]>([
    ["unchanged", few, { ...bar, params: saved }, []],
    ["with another row limit", few, { ...bar, params: { ...saved, row_limit: 100 } }, [{ path: "params.row_limit", after: 100 }]],
    ["with a default of another visualisation", few, { ...bar, params: { ...saved, y_axis_title_margin: 0 } }, [{ path: "params.y_axis_title_margin", after: 0 }]],
    ["with the filter by time in use", few, { ...bar, params: { ...saved, adhoc_filters: [open] } }, [{ path: "params.adhoc_filters", after: [open] }]],
    ["without a control that Git sets", { ...bar, params: { ...few.params, color_scheme: "x" } }, { ...bar, params: saved }, [{ path: "params.color_scheme", before: "x" }]],
    ["with a control that Git sets back at its default", { ...bar, params: { ...few.params, row_limit: 5 } }, { ...bar, params: saved }, [{ path: "params.row_limit", before: 5, after: 10000 }]],
    ["as another visualisation", few, { viz_type: "table", params: { metrics: ["m"], groupby: ["a"], query_mode: "aggregate" } }, [{ path: "params.show_brush", before: "yes" }, { path: "viz_type", before: "echarts_timeseries_bar", after: "table" }]],
    ["with an older time range turned into a filter and an axis", { ...bar, params: { metrics: ["m"], granularity_sqla: "t", time_range: "Last week" } }, { ...bar, params: { metrics: ["m"], x_axis: "t", adhoc_filters: [open] } }, []],
    ["with another time range in that filter", { ...bar, params: { metrics: ["m"], granularity_sqla: "t", since: "2020", until: "2021" } }, { ...bar, params: { metrics: ["m"], x_axis: "t", adhoc_filters: [open] } }, [{ path: "params.adhoc_filters", after: [open] }, { path: "params.since", before: "2020" }, { path: "params.until", before: "2021" }]],
    ["with that filter emptied of its range", { ...bar, params: { metrics: ["m"], granularity_sqla: "t", time_range: "Last week" } }, { ...bar, params: { metrics: ["m"], x_axis: "t", adhoc_filters: [{ ...open, comparator: "No filter" }] } }, [{ path: "params.time_range", before: "Last week" }]],
    ["with that filter removed", { ...bar, params: { metrics: ["m"], granularity_sqla: "t", time_range: "Last week" } }, { ...bar, params: { metrics: ["m"], x_axis: "t", adhoc_filters: [] } }, [{ path: "params.time_range", before: "Last week" }]],
    ["with an older time range that filters nothing", { ...bar, params: { metrics: ["m"], granularity_sqla: "t", time_range: "No filter" } }, { ...bar, params: { metrics: ["m"], x_axis: "t", adhoc_filters: [] } }, []],
    ["with an older time range beside a filter by time, of which explore makes none", { ...bar, params: { metrics: ["m"], granularity_sqla: "t", time_range: "Last week", adhoc_filters: [{ ...open, subject: "s" }] } }, { ...bar, params: { metrics: ["m"], x_axis: "t", adhoc_filters: [{ ...open, subject: "s" }] } }, []],
    ["with the time range of one query of two removed", { viz_type: "mixed_timeseries", params: { granularity_sqla: "t", time_range: "Last week" } }, { viz_type: "mixed_timeseries", params: { x_axis: "t", adhoc_filters: [open], adhoc_filters_b: [] } }, [{ path: "params.time_range", before: "Last week" }]],
    ["with a time column that is a control", { viz_type: "horizon", params: { granularity_sqla: "t" } }, { viz_type: "horizon", params: { granularity_sqla: null } }, [{ path: "params.granularity_sqla", before: "t" }]],
    ["with a choice that an upgrade renamed by mistake", { viz_type: "heatmap_v2", params: { metric: "m", normalize_across: "heatmap_v2" } }, { viz_type: "heatmap_v2", params: { metric: "m" } }, []],
    ["of a visualisation nobody knows", { viz_type: "mine", params: { a: 1 } }, { viz_type: "mine", params: { b: 2 } }, [{ path: "params.a", before: 1 }, { path: "params.b", after: 2 }]],
    ["with the time grain hidden", { viz_type: "table", params: { groupby: ["a"], time_grain_sqla: "P1D" } }, { viz_type: "table", params: { groupby: ["a"], temporal_columns_lookup: { t: true } } }, []],
    ["with the time grain cleared", { viz_type: "table", params: { groupby: ["t"], time_grain_sqla: "P1D" } }, { viz_type: "table", params: { groupby: ["t"], temporal_columns_lookup: { t: true } } }, [{ path: "params.time_grain_sqla", before: "P1D" }]],
    ["with the axis' time grain cleared", { ...bar, params: { x_axis: "t", time_grain_sqla: "P1D" } }, { ...bar, params: { x_axis: "t", adhoc_filters: [{ ...open, comparator: "No filter" }] } }, [{ path: "params.time_grain_sqla", before: "P1D" }]],
    ["with the time grain of an axis that is no time", { ...bar, params: { x_axis: "a", time_grain_sqla: "P1D" } }, { ...bar, params: { x_axis: "a", adhoc_filters: [{ ...open, comparator: "No filter" }] } }, []],
    ["with the sort of its axis cleared", { ...bar, params: { x_axis: "a", x_axis_sort: "m", x_axis_sort_asc: false } }, { ...bar, params: { x_axis: "a" } }, [{ path: "params.x_axis_sort", before: "m" }]],
    ["with the sort of a time axis, which explore hides", { ...bar, params: { x_axis: "t", time_grain_sqla: "P1D", x_axis_sort: "m" } }, { ...bar, params: { x_axis: "t", time_grain_sqla: "P1D" } }, []],
    ["with controls hidden beside others", { viz_type: "pie", params: { show_legend: false, legendOrientation: "left", donut: false, innerRadius: 50 } }, { viz_type: "pie", params: { show_legend: false, donut: false } }, []],
    ["with a subheader turned into a subtitle", { viz_type: "big_number_total", params: { subheader: "all", subheader_font_size: 0.3 } }, { viz_type: "big_number_total", params: { subtitle: "all", subtitle_font_size: 0.3 } }, []],
    ["with that subtitle changed", { viz_type: "big_number_total", params: { subheader: "all" } }, { viz_type: "big_number_total", params: { subtitle: "none" } }, [{ path: "params.subheader", before: "all" }, { path: "params.subtitle", after: "none" }]],
    ["with that subtitle emptied", { viz_type: "big_number_total", params: { subheader: "all" } }, { viz_type: "big_number_total", params: { subtitle: "" } }, [{ path: "params.subheader", before: "all" }]],
    ["with a subtitle added", { viz_type: "big_number_total", params: {} }, { viz_type: "big_number_total", params: { subtitle: "Slack Members" } }, [{ path: "params.subtitle", after: "Slack Members" }]],
    ["as rows, which its columns say", { viz_type: "table", params: { all_columns: ["a"] } }, { viz_type: "table", params: { all_columns: ["a"], query_mode: "raw" } }, []],
    ["switched to rows", { viz_type: "table", params: { groupby: ["a"] } }, { viz_type: "table", params: { groupby: ["a"], query_mode: "raw" } }, [{ path: "params.query_mode", after: "raw" }]],
    ["switched to aggregates", { viz_type: "table", params: { all_columns: ["a"], query_mode: "raw" } }, { viz_type: "table", params: { all_columns: ["a"], query_mode: "aggregate" } }, [{ path: "params.query_mode", before: "raw", after: "aggregate" }]],
    ["sorted by a control that is off by default there", { viz_type: "sankey_v2", params: {} }, { viz_type: "sankey_v2", params: { sort_by_metric: true } }, [{ path: "params.sort_by_metric", after: true }]],
  ])("%s", (_, reference, live, expected) => expect(drift("charts", base, reference as never, live as never)).toEqual(expected));
});

describe("controls emptied in explore, which saves them with nothing in them", () => {
  const live = knowing({ live: true });
  const pie = { ...base, viz_type: "pie" };
  const form = (values: object, context = live) => rulesOf.charts.canonical({ ...pie, params: values as never }, context);
  test.each<[string, object, object, unknown[]]>([
    ["the only filter", { adhoc_filters: [filter] }, { adhoc_filters: [] }, [{ path: "params.adhoc_filters", before: [filter] }]],
    ["formatting", { conditional_formatting: [{ column: "a" }] }, { conditional_formatting: [] }, [{ path: "params.conditional_formatting", before: [{ column: "a" }] }]],
    ["a mapping", { currency_format: { symbol: "EUR" } }, { currency_format: {} }, [{ path: "params.currency_format", before: { symbol: "EUR" } }]],
    ["a text", { label_template: "x" }, { label_template: "" }, [{ path: "params.label_template", before: "x" }]],
    ["a number at its default", { row_limit: 100 }, { row_limit: null }, [{ path: "params.row_limit", before: 100 }]],
    ["a key that is no control", { mine: 1 }, { mine: null }, [{ path: "params.mine", before: 1 }]],
    ["what Git leaves empty too", { groupby: ["a"] }, { groupby: ["a"], adhoc_filters: [], label_template: "", currency_format: {}, conditional_formatting: null }, []],
    ["a key that is no control left out", { mine: 1 }, {}, []],
  ])("%s", (_, reference, values, expected) => {
    const wanted = form(reference, knowing());
    const found = form(values);
    expect(rulesOf.charts.canonical(found, live)).toEqual(found);
    const seen = rulesOf.charts.relevant(found, wanted);
    expect(changedPaths(wanted, seen)).toEqual(expected);
    // What the state remembers holds no trace of the emptiness, and is compared like any form.
    expect(JSON.stringify(seen)).not.toContain("null");
    expect(rulesOf.charts.relevant(found, seen)).toEqual(seen);
    expect(rulesOf.charts.relevant(found, found)).toEqual(found);
  });
});

test("the stored query stays as long as what it is made of is as it was", () => {
  const { canonical, wire } = rulesOf.charts;
  const form = canonical({ ...base, params: { a: 1 } }, knowing());
  const written = (live: object): boolean => "query_context" in wire(form, { chartId: () => undefined }, canonical({ ...base, params: { a: 1 }, ...live } as never, knowing()));
  expect(written({ slice_name: "Another name" })).toBe(false);
  expect([{ params: { a: 2 } }, { viz_type: "pie" }, { dataset_uuid: "another" }].map(written)).toEqual([true, true, true]);
});

test("every key is written", () => {
  const { canonical, wire } = rulesOf.charts;
  expect(wire(canonical({ ...base, params: { a: 1 } }, knowing()), { chartId: () => undefined })).toEqual({
    ...base, params: { viz_type: "table", a: 1 }, description: null, certified_by: null, certification_details: null, cache_timeout: null, query_context: null,
  });
});
