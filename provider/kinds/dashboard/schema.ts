import { z } from "zod";
import { common, flag, mappingOrJson, name, text, uuid } from "../fields";

const width = z.int().min(1).max(12).optional();
/** In Superset's grid units of 8 pixels. */
const height = z.int().min(1).optional();
const background = z.enum(["transparent", "white"]).optional();

/** One thing in a row: a chart by name, key or uuid, or one of the mappings below. */
const item: z.ZodType = z.lazy(() => z.union([
  name,
  z.strictObject({ chart: name, width, height, title: z.string().optional() }),
  z.strictObject({ markdown: z.string(), width, height }),
  z.strictObject({ header: z.string(), size: z.enum(["small", "medium", "large"]).optional(), background }),
  z.strictObject({ divider: z.literal(true) }),
  z.strictObject({ column: z.array(item).min(1), width, background }),
  z.strictObject({ row: z.array(item).min(1), background }),
  z.strictObject({ tabs: z.array(tab).min(1) }),
]));

/** A line of the layout: a row (a list of items), or one item that takes the whole width. */
const block: z.ZodType = z.lazy(() => z.union([z.array(item).min(1), item]));

const tab: z.ZodType = z.lazy(() => z.union([
  z.strictObject({ tab: name, rows: z.array(block) }),
  z.strictObject({ title: name, rows: z.array(block) }),
]));

/** A list of rows, or `{rows: […]}`, or `{tabs: [{tab: title, rows: […]}]}`. */
const layout = z.union([
  z.array(block),
  z.strictObject({ rows: z.array(block) }),
  z.strictObject({ tabs: z.array(tab).min(1) }),
]);

/** A dashboard as people write it (`assets/dashboards/*.yaml`): with a short `layout:`, or Superset's export form with `position:`. */
export const template = z.strictObject({
  dashboard_title: name,
  slug: text,
  description: text,
  css: text,
  certified_by: text,
  certification_details: text,
  published: flag.nullable(),
  /** The position tree as Superset exports it. */
  position: mappingOrJson.nullable().optional(),
  /** The short way to say where charts are; a position tree is made from it. */
  layout: layout.optional(),
  /** Superset's `json_metadata`; native filters may name datasets (`dataset:`) and charts by name. */
  metadata: mappingOrJson.nullable().optional(),
  theme_uuid: uuid.nullable().optional(),
  theme_id: z.int().nullable().optional(),
  tags: z.array(z.string()).nullable().optional(),
  ...common,
});
