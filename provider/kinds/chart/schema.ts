import { z } from "zod";
import { common, mappingOrJson, name, seconds, text, uuid } from "../fields";

/** A chart as people write it (`assets/charts/*.yaml`): short (`datasource: fact_sales`) or Superset's export form. */
export const template = z.strictObject({
  slice_name: name.describe("The chart's name."),
  viz_type: name.describe("How it draws: echarts_timeseries_line, big_number, table, pie and others, as Superset's exports name them."),
  datasource: name.optional().describe("The dataset: its table name, schema.table, key or uuid."),
  dataset_uuid: uuid.optional().describe("The dataset by its uuid, as exports have it, instead of `datasource`."),
  params: mappingOrJson.nullable().optional().describe("The settings of Explore: metrics, groupby, adhoc_filters and all other controls. A mapping, or the same as JSON text. What is left out has the control's default."),
  query_context: mappingOrJson.nullable().optional().describe("What the browser made of `params` at the last save. Taken, because exports have it, and not written: see rules.ts."),
  description: text.describe("Shown with the chart."),
  certified_by: text.describe("Who certifies it; shows a badge."),
  certification_details: text.describe("What the badge says."),
  cache_timeout: seconds.describe("Seconds its results are cached; null: as its dataset says."),
  tags: z.array(z.string()).nullable().optional().describe("Taken, because exports have them, and not written."),
  ...common,
});
