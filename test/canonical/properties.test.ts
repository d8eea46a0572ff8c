/** For whatever documents: the canonical form is its own canonical form, and writing it loses nothing. */
import * as fc from "fast-check";
import { changedPaths } from "../../provider/canonical";
import { isObject, type Json, type JsonObject } from "../../provider/json";
import { knowing } from "../helpers/forms";
import { PLURALS, rulesOf, type Plural } from "../helpers/rules";

jest.setTimeout(60_000);

const word = fc.constantFrom("a", "b", "region", "x.y", "constructor", "__proto__", "Größe", "");
const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;
const anything = fc.jsonValue({ maxDepth: 3 }).map(plain);
const object = fc.dictionary(word, anything, { maxKeys: 4 }).map(plain);
const text = fc.oneof(fc.constantFrom("", "{}", '{"a":null}', "{broken", "public"), fc.string());
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const record = (model: Record<string, fc.Arbitrary<unknown>>) => fc.record(Object.fromEntries(Object.entries(model).map(([key, value]) => [key, maybe(value)]))).map(plain);
const flag = fc.constantFrom(true, false, null);
const id = fc.constantFrom("one", "two", "three");

const column = record({ column_name: word, type: fc.constantFrom("TEXT", "TIMESTAMP", null, ""), expression: text, extra: fc.oneof(text, object), is_dttm: flag, groupby: flag, verbose_name: text, uuid: text, id: fc.nat() });
const metric = record({ metric_name: word, expression: text, currency: fc.oneof(text, object), extra: fc.oneof(text, object), d3format: text });
const adhoc = record({ expressionType: fc.constantFrom("SIMPLE", "SQL"), filterOptionName: text, isExtra: flag, comparator: anything, column: object });
const params = fc.tuple(object, record({ viz_type: fc.constantFrom("table", "line", "bar"), datasource: text, adhoc_filters: fc.array(adhoc), metrics: fc.array(fc.oneof(word, adhoc)), metric: adhoc, deck_slices: fc.array(fc.oneof(id, fc.constantFrom(1, 2, 3))), annotation_layers: fc.array(record({ annotationType: word, sourceType: fc.constantFrom("line", "NATIVE"), value: fc.nat(3) })), groupby: fc.oneof(fc.array(word), object), time_compare: fc.oneof(text, fc.array(text)), granularity_sqla: word }))
  .map(([a, b]) => ({ ...(a as JsonObject), ...(b as JsonObject) }));
const item = (type: string) => record({ type: fc.constant(type), children: fc.array(fc.constantFrom("CHART-1", "CHART-2", "ROW-1", "nowhere")), id: text, parents: fc.array(word), meta: record({ uuid: id, chartId: fc.nat(9), width: fc.nat(12), sliceName: text, text }) })
  .map((value) => ({ ...(value as JsonObject), type }));
const scope = record({ rootPath: fc.constantFrom(["ROOT_ID"], [], ["TAB-1"]), excluded: fc.array(fc.oneof(fc.nat(9), id)), selectedLayers: fc.array(fc.constantFrom("chart-1-layer-0", "chart-x-layer-1", "other")) });
const filter = record({ id: fc.constantFrom("F-1", "F-2", "F-3"), name: text, scope, targets: fc.array(object), defaultDataMask: object, chartsInScope: fc.array(fc.nat(9)) });
const unique = (list: Json[]): Json[] => [...new Map(list.map((value, index) => [isObject(value) ? (value["id"] ?? index) : index, value])).values()];
const metadata = fc.tuple(object, record({ native_filter_configuration: fc.array(filter).map(unique), chart_customization_config: fc.array(filter).map(unique), timed_refresh_immune_slices: fc.array(fc.oneof(fc.nat(9), id)), expanded_slices: fc.dictionary(fc.constantFrom("1", "2", "one"), flag), chart_configuration: fc.dictionary(fc.constantFrom("1", "2", "one"), record({ id: fc.nat(9), crossFilters: record({ scope: fc.oneof(fc.constant("global"), scope) }) })), global_chart_configuration: record({ scope }), label_colors: object, refresh_frequency: fc.constantFrom(0, 60, null), color_scheme: text }))
  .map(([a, b]) => ({ ...(a as JsonObject), ...(b as JsonObject) }));
const position = record({ DASHBOARD_VERSION_KEY: fc.constant("v2"), ROOT_ID: item("ROOT"), GRID_ID: item("GRID"), HEADER_ID: item("HEADER"), "CHART-1": item("CHART"), "CHART-2": item("CHART"), "CHART-ABCDEFGH": item("CHART"), "ROW-1": item("ROW"), "ROW-N-ABCDEFGH": item("ROW"), "TAB-1": item("TAB") });

const documents: Readonly<Record<Plural, fc.Arbitrary<Json>>> = {
  databases: record({ database_name: text, uuid: id, sqlalchemy_uri: fc.oneof(fc.webUrl({ withQueryParameters: true }), fc.constantFrom("postgresql://u:p@h/d?b=1&a=%20", "postgresql://u:a@b:c@h/d", "sqlite:///x"), text), extra: fc.oneof(text, object), cache_timeout: fc.constantFrom(0, 5, null), allow_dml: flag, allow_file_upload: flag, allow_csv_upload: flag, ssh_tunnel: object }),
  datasets: record({ table_name: text, uuid: id, database_uuid: id, columns: fc.array(column), metrics: fc.array(metric), extra: fc.oneof(text, object), params: fc.oneof(text, object), template_params: fc.oneof(text, object), catalog: text, cache_timeout: fc.constantFrom(60, 0, null), folders: fc.array(object), main_dttm_col: word }),
  charts: record({ slice_name: text, uuid: id, dataset_uuid: id, viz_type: fc.constantFrom("table", "line", "bar", "dist_bar", "area", "heatmap", "sankey", "dual_line", "pivot_table", "histogram", "treemap", "bubble"), params: fc.oneof(params, params.map((value) => JSON.stringify(value)), fc.constant(null)), description: text, certified_by: text, query_context: text }),
  dashboards: record({ dashboard_title: text, uuid: id, position: fc.oneof(position, position.map((value) => JSON.stringify(value)), fc.constant(null)), metadata: fc.oneof(metadata, metadata.map((value) => JSON.stringify(value)), fc.constant(null)), slug: text, published: flag, theme_uuid: fc.constantFrom("t", null), unplaced: fc.array(id) }),
};

const ids = new Map([["one", 1], ["two", 2], ["three", 3]]);
const context = knowing({ database: () => ({ cache_timeout: 60, allow_multi_catalog: false }), chartUuid: (number) => [...ids].find(([, known]) => known === number)?.[0] });
const server = { chartId: (uuid: string) => ids.get(uuid) };

describe.each(PLURALS)("%s", (plural) => {
  const { canonical, wire, relevant, merge } = rulesOf[plural];
  const each = (check: (form: JsonObject) => void): void =>
    fc.assert(fc.property(documents[plural], (document) => check(canonical(document as JsonObject, context))), { numRuns: 100 });

  test("a canonical form is its own canonical form", () => each((form) => expect(changedPaths(form, canonical(form, context))).toEqual([])));
  test("what is written has the same canonical form", () => each((form) => expect(changedPaths(form, canonical(wire(form, server), context))).toEqual([])));
  test("writing twice writes the same", () => each((form) => expect(wire(canonical(wire(form, server), context), server)).toEqual(wire(form, server))));
  test("nothing differs from itself, and merging with itself changes nothing that counts", () => each((form) => {
    expect(changedPaths(form, relevant(form, form))).toEqual([]);
    expect(changedPaths(form, relevant(merge(form, form), form))).toEqual([]);
  }));
  test("Git's version is in force after a write, whatever was live", () => {
    fc.assert(fc.property(documents[plural], documents[plural], (desired, live) => {
      const [wanted, found] = [desired, live].map((document) => canonical(document as JsonObject, context));
      expect(changedPaths(wanted, relevant(merge(wanted!, found), wanted!))).toEqual([]);
    }), { numRuns: 100 });
  });
  test("the document itself is not changed", () => {
    fc.assert(fc.property(documents[plural], (document) => {
      const before = JSON.stringify(document);
      wire(canonical(document as JsonObject, context), server);
      expect(JSON.stringify(document)).toBe(before);
    }));
  });
});
