import type { ExportDocument } from "../../provider/kinds/define";
import { compareCases, drift, knowing } from "../helpers/forms";
import { rulesOf } from "../helpers/rules";

const base = { table_name: "t", uuid: "u", database_uuid: "d", version: "1.0.0" };
const flags = { is_dttm: false, is_active: true, groupby: true, filterable: true };
const database = (cache: number | null, catalogs: boolean) => knowing({ database: () => ({ cache_timeout: cache, allow_multi_catalog: catalogs }) });

compareCases("datasets", base, [
  ["filled defaults are noise", {}, { offset: 0, filter_select_enabled: true, normalize_columns: false, always_filter_main_dttm: false, sql: null, folders: null, columns: [], metrics: [] }],
  ["'' and null and {} say the same", { description: "", extra: {}, template_params: "" }, { description: null, extra: "{}", template_params: null }],
  ["JSON texts", { extra: '{"warning_markdown":"x"}', template_params: '{"a":1}', params: '{"b":2}' }, { extra: { warning_markdown: "x" }, template_params: { a: 1 }, params: { b: 2 } }],
  ["a text that is no JSON stays a text", { template_params: "{a" }, {}, [{ path: "template_params", before: "{a" }]],
  ["the order of columns and metrics is noise", { columns: [{ column_name: "a" }, { column_name: "b" }], metrics: [{ metric_name: "m", expression: "1" }, { metric_name: "n", expression: "2" }] },
    { columns: [{ column_name: "b" }, { column_name: "a" }], metrics: [{ metric_name: "n", expression: "2" }, { metric_name: "m", expression: "1" }] }],
  ["a column's filled defaults are noise", { columns: [{ column_name: "a" }] }, { columns: [{ column_name: "a", ...flags, verbose_name: "", expression: "", extra: "{\"warning_markdown\":null}", type: null }] }],
  ["a metric's empty currency is noise", { metrics: [{ metric_name: "m", expression: "1", currency: "" }] }, { metrics: [{ metric_name: "m", expression: "1", currency: {}, extra: {} }] }],
  ["a metric's currency as text", { metrics: [{ metric_name: "m", expression: "1", currency: '{"symbol":"EUR"}' }] }, { metrics: [{ metric_name: "m", expression: "1", currency: { symbol: "EUR" } }] }],
  ["a column's flag is an edit", { columns: [{ column_name: "a.b" }] }, { columns: [{ column_name: "a.b", groupby: false }] }, [{ path: 'columns["a.b"].groupby', before: true, after: false }]],
  ["a calculated column's type is an edit", { columns: [{ column_name: "a", expression: "1", type: "INT" }] }, { columns: [{ column_name: "a", expression: "1", type: "TEXT" }] }, [{ path: "columns.a.type", before: "INT", after: "TEXT" }]],
  ["a catalog of a database with one is noise", { catalog: "c" }, {}],
]);

describe("next to the database", () => {
  compareCases("datasets", base, [["its cache timeout is none of the dataset's", { cache_timeout: 60 }, {}], ["another is", { cache_timeout: 61 }, {}, [{ path: "cache_timeout", before: 61 }]]], database(60, false));
  compareCases("datasets", base, [["catalogs count where there are several", { catalog: "c" }, {}, [{ path: "catalog", before: "c" }]]], database(null, true));
});

describe("after a column sync", () => {
  const listed = { columns: [{ column_name: "a", type: "BIGINT" }] };
  const found = (...more: ExportDocument[]) => ({ columns: [{ column_name: "a", type: "INTEGER", advanced_data_type: "x", ...flags }, ...more] });
  test.each<[string, ExportDocument, ExportDocument, unknown[]]>([
    ["types of listed columns are the database's", listed, found(), []],
    ["unlisted columns with default settings are noise", listed, found({ column_name: "b", type: "TEXT", ...flags }, { column_name: "c", type: "TIMESTAMP", ...flags, is_dttm: true }), []],
    ["so are those with a comment only", listed, found({ column_name: "b", type: "TEXT", description: "comment", ...flags }), []],
    ["an unlisted labelled column is an edit", listed, found({ column_name: "b", type: "TEXT", verbose_name: "B" }), [{ path: "columns.b", after: { type: "TEXT", verbose_name: "B", ...flags } }]],
    ["an unlisted column whose time flag is not its type's is an edit", listed, found({ column_name: "b", type: "TEXT", is_dttm: true }), [{ path: "columns.b", after: { ...flags, type: "TEXT", is_dttm: true } }]],
    ["an unlisted time column without its flag is an edit", listed, found({ column_name: "b", type: "TIMESTAMP", is_dttm: false }), [{ path: "columns.b", after: { ...flags, type: "TIMESTAMP" } }]],
    ["an unlisted calculated column is an edit", listed, found({ column_name: "b", expression: "1" }), [{ path: "columns.b", after: { expression: "1", ...flags } }]],
    ["a listed column that is gone is one too", listed, { columns: [] }, [{ path: "columns.a", before: { type: "BIGINT", ...flags } }]],
    ["a template without columns lists none", {}, found(), []],
    ["the metric of every sync", {}, { metrics: [{ metric_name: "count", verbose_name: "COUNT(*)", metric_type: "count", expression: "COUNT(*)" }] }, []],
    ["a metric of that name that says something else", {}, { metrics: [{ metric_name: "count", expression: "COUNT(1)" }] }, [{ path: "metrics.count", after: { expression: "COUNT(1)" } }]],
  ])("%s", (_, reference, live, expected) => expect(drift("datasets", base, reference, live)).toEqual(expected));

  const time = (name: string, rest: ExportDocument = {}) => ({ column_name: name, type: "TIMESTAMP", is_dttm: true, ...rest });
  test.each<[string, ExportDocument, ExportDocument, unknown[]]>([
    ["filled where it is the only one", { columns: [time("t")] }, { main_dttm_col: "t", columns: [time("t")] }, []],
    ["filled with one of several by a sync that left traces", { columns: [time("t"), time("s", { type: "DATETIME" })] }, { main_dttm_col: "t", columns: [time("t"), time("s")] }, []],
    ["chosen by a person from several", { columns: [time("t"), time("s")] }, { main_dttm_col: "s", columns: [time("t"), time("s")] }, [{ path: "main_dttm_col", after: "s" }]],
    ["changed by a person", { main_dttm_col: "t", columns: [time("t"), time("s")] }, { main_dttm_col: "s", columns: [time("t"), time("s")] }, [{ path: "main_dttm_col", before: "t", after: "s" }]],
    ["a calculated column is never a sync's choice", { columns: [time("t", { expression: "now()" })] }, { main_dttm_col: "t", columns: [time("t", { expression: "now()" })] }, [{ path: "main_dttm_col", after: "t" }]],
  ])("default time column: %s", (_, reference, live, expected) => expect(drift("datasets", base, reference, live)).toEqual(expected));
});

test("a write keeps what Git does not list, with default settings, and takes calculated columns away", () => {
  const { canonical, merge, relevant } = rulesOf.datasets;
  const context = knowing();
  const desired = canonical({ ...base, columns: [{ column_name: "a" }, { column_name: "t", is_dttm: true, type: "TIMESTAMP" }] }, context);
  const live = canonical({
    ...base, main_dttm_col: "t",
    columns: [{ column_name: "a", type: "BIGINT" }, { column_name: "t", type: "TIMESTAMP", is_dttm: true }, { column_name: "b", type: "TEXT", verbose_name: "B", groupby: false, description: "kept" }, { column_name: "c", expression: "1" }],
    metrics: [{ metric_name: "count", verbose_name: "COUNT(*)", metric_type: "count", expression: "COUNT(*)" }, { metric_name: "mine", expression: "1" }],
  }, context);
  const merged = merge(desired, live);
  expect(merged).toEqual({
    ...desired, main_dttm_col: "t",
    columns: { a: { type: "BIGINT", ...flags }, t: { ...flags, type: "TIMESTAMP", is_dttm: true }, b: { type: "TEXT", description: "kept", ...flags } },
    metrics: { count: { verbose_name: "COUNT(*)", metric_type: "count", expression: "COUNT(*)" } },
  });
  expect(relevant(merged, desired)).toEqual(desired);
  expect(merge(desired, undefined)).toBe(desired);
});

test("every key of the dataset, its columns and metrics is written", () => {
  const { canonical, wire } = rulesOf.datasets;
  const document = wire(canonical({ ...base, columns: [{ column_name: "b" }, { column_name: "a" }], metrics: [{ metric_name: "m", expression: "1" }] }, knowing()), { chartId: () => undefined });
  expect(document).toEqual({
    ...base, main_dttm_col: null, currency_code_column: null, description: null, default_endpoint: null, offset: 0, cache_timeout: null, catalog: null, schema: null, sql: null, params: null,
    template_params: null, filter_select_enabled: true, fetch_values_predicate: null, extra: null, normalize_columns: false, always_filter_main_dttm: false, folders: null,
    columns: ["a", "b"].map((name) => ({ column_name: name, verbose_name: null, type: null, advanced_data_type: null, expression: null, description: null, python_date_format: null, datetime_format: null, extra: null, ...flags })),
    metrics: [{ metric_name: "m", expression: "1", verbose_name: null, metric_type: null, description: null, d3format: null, currency: null, extra: null, warning_text: null }],
  });
  expect(wire(canonical(base, knowing()), { chartId: () => undefined })).toMatchObject({ columns: [], metrics: [] });
});
