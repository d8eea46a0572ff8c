/** Which columns and metrics of its dataset a chart's query names. */
import type { JsonObject } from "../../provider/json";
import { retarget } from "../../provider/kinds/chart/retarget";
import { queryNames } from "../../provider/kinds/chart/query";

const place = { type: "latlong", latCol: "lat", lonCol: "lon", lonlatCol: "unused" };
const adhoc = { expressionType: "SIMPLE", column: { column_name: "a" }, aggregate: "SUM", label: "SUM(a)" };

test.each<[string, string, JsonObject, string[]]>([
  ["both columns of a place", "deck_scatter", { spatial: place }, ["column lat spatial.latCol", "column lon spatial.lonCol"]],
  ["one column with both numbers", "deck_hex", { spatial: { type: "delimited", lonlatCol: "ll", latCol: "unused" }, size: "m" }, ["metric m size", "column ll spatial.lonlatCol"]],
  ["a geohash", "deck_grid", { spatial: { type: "geohash", geohashCol: "g" } }, ["column g spatial.geohashCol"]],
  ["no place of another visualisation", "pie", { spatial: place, groupby: ["a"] }, ["column a groupby.0"]],
  ["both ends of an arc", "deck_arc", { start_spatial: place, end_spatial: { type: "geohash", geohashCol: "g" } }, ["column lat start_spatial.latCol", "column lon start_spatial.lonCol", "column g end_spatial.geohashCol"]],
  ["a metric as size", "deck_scatter", { point_radius_fixed: { type: "metric", value: "m" } }, ["metric m point_radius_fixed.value"]],
  ["a made metric as size", "deck_polygon", { point_radius_fixed: { type: "metric", value: adhoc } }, ["column a point_radius_fixed.value.column.column_name"]],
  ["no fixed size", "deck_polygon", { point_radius_fixed: { type: "fix", value: "1000" }, line_column: "shape" }, ["column shape line_column"]],
  ["what bars are sorted by", "echarts_timeseries_bar", { x_axis: "a", metrics: ["m"], x_axis_sort: "n" }, ["column a x_axis", "metric m metrics.0", "either n x_axis_sort (warning)"]],
  ["no label of the chart itself", "echarts_timeseries_bar", { metrics: [adhoc], x_axis_sort: "SUM(a)" }, ["column a metrics.0.column.column_name"]],
  ["the second metric of older visualisations", "partition", { metrics: ["m"], secondary_metric: "n" }, ["metric m metrics.0", "metric n secondary_metric"]],
  ["the time column of a visualisation that has one", "cal_heatmap", { granularity_sqla: "t" }, ["column t granularity_sqla"]],
  ["a time column that is left over", "pie", { granularity_sqla: "t" }, ["column t granularity_sqla (warning)"]],
  ["rows, where the columns say so", "handlebars", { all_columns: ["a"], groupby: ["b"] }, ["column a all_columns.0"]],
])("%s", (_, vizType, params, expected) => {
  const found = queryNames(vizType, params).map(({ kind, name, path, severity }) => `${kind} ${name} ${path.join(".")}${severity === "warning" ? " (warning)" : ""}`);
  expect(found).toEqual(expected);
});

test("a mapping renames them all", () => {
  const renames = { columns: new Map([["lat", "latitude"], ["lon", "longitude"], ["t", "time"]]), metrics: new Map([["m", "total"]]) };
  const to = { source: {}, target: {}, databaseUuid: undefined, tables: new Map(), ...renames, applies: () => true, sql: (text: string) => text };
  const params = { spatial: place, point_radius_fixed: { type: "metric", value: "m" }, x_axis_sort: "m", secondary_metric: "m", granularity_sqla: "t", tooltip_contents: [{ item_type: "metric", metric_name: "m" }] };
  expect(retarget({ dataset_uuid: "d", params }, to)["params"]).toEqual({
    spatial: { ...place, latCol: "latitude", lonCol: "longitude" }, point_radius_fixed: { type: "metric", value: "total" }, x_axis_sort: "total", secondary_metric: "total", granularity_sqla: "time",
    tooltip_contents: [{ item_type: "metric", metric_name: "total" }],
  });
});
