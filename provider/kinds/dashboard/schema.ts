import { z } from "zod";
import { common, flag, mappingOrJson, name, text, uuid } from "../fields";

const width = z.int().min(1).max(12).optional().describe("Of twelve. Default: what the others of the row leave, in equal parts.");
const height = z.int().min(1).optional().describe("In units of 8 pixels. The first one given in a row is the height of the whole row.");
const background = z.enum(["transparent", "white"]).optional().describe("Default: transparent.");
const id = name.optional().describe("The item's id in the position tree. Default: one made from what the item is; Superset gives its own to what is made in its editor.");

/** One thing in a row: a chart by name, key or uuid, or one of the mappings below. */
const item: z.ZodType = z.lazy(() => z.union([
  name,
  z.strictObject({ chart: name.describe("The chart's name, key or uuid."), width, height, title: z.string().optional().describe("Shown on this dashboard instead of the chart's name."), id }),
  z.strictObject({ markdown: z.string().describe("The text."), width, height, id }),
  z.strictObject({ header: z.string().describe("The text."), size: z.enum(["small", "medium", "large"]).optional().describe("Default: medium."), background, id }),
  z.strictObject({ divider: z.literal(true).describe("A line."), id }),
  z.strictObject({ column: z.array(item).min(1).describe("What stands one below the other."), width, background, id }),
  z.strictObject({ row: z.array(item).min(1).describe("What stands side by side."), background, id }),
  z.strictObject({ tabs: z.array(tab).min(1).describe("Tabs, where rows are otherwise."), id }),
])).meta({ id: "item", description: "A chart by name, key or uuid, or a mapping: chart, markdown, header, divider, column, row or tabs." });

/** A line of the layout: a row (a list of items), or one item that takes the whole width. */
const block: z.ZodType = z.lazy(() => z.union([z.array(item).min(1), item])).meta({ id: "block", description: "A row (a list of what stands side by side), or one thing that takes the whole width." });

const rows = z.array(block).describe("From top to bottom.");

const tab: z.ZodType = z.lazy(() => z.union([
  z.strictObject({ tab: name.describe("The tab's title."), rows, id }),
  z.strictObject({ title: name.describe("The tab's title."), rows, id }),
])).meta({ id: "tab", description: "A tab and its rows." });

/**
 * A list of rows, or `{rows: […]}`, or `{tabs: [{tab: title, rows: […]}]}`. Tabs alone stand above the grid; in `{grid: […]}` also they
 * stand in it.
 */
export const layout = z.union([
  z.array(block),
  z.strictObject({ rows }),
  z.strictObject({ grid: rows.describe("As rows, but tabs that stand alone do not become the page's own.") }),
  z.strictObject({ tabs: z.array(tab).min(1).describe("From left to right."), id }),
]);

/** A dashboard as people write it (`assets/dashboards/*.yaml`): with a short `layout:`, or Superset's export form with `position:`. */
export const template = z.strictObject({
  dashboard_title: name.describe("The dashboard's name."),
  slug: text.describe("Last part of its address: /superset/dashboard/<slug>/."),
  description: text.describe("Shown with the dashboard."),
  css: text.describe("CSS of its own."),
  certified_by: text.describe("Who certifies it; shows a badge."),
  certification_details: text.describe("What the badge says."),
  published: flag.nullable().describe("Whether others find it in the list. Default: false."),
  layout: layout.optional().describe("Where the charts are: a list of rows, or {rows: […]}, or {tabs: [{tab: title, rows: […]}]}. Instead of `position`."),
  position: mappingOrJson.nullable().optional().describe("Where the charts are, as Superset exports it. Instead of `layout`."),
  unplaced: z.array(name).optional().describe("Charts, by name, key or uuid, that belong to the dashboard and stand nowhere in it: saving a chart to a dashboard in explore makes such."),
  metadata: mappingOrJson.nullable().optional().describe("Superset's json_metadata: color_scheme, refresh_frequency, cross_filters_enabled, native_filter_configuration and others. Native filters may name datasets (`dataset:`) and charts by name."),
  theme_uuid: uuid.nullable().optional().describe("The theme, as exports name it. Git cannot set one."),
  theme_id: z.int().nullable().optional().describe("A number of one server; not written."),
  tags: z.array(z.string()).nullable().optional().describe("Taken, because exports have them, and not written."),
  ...common,
});
