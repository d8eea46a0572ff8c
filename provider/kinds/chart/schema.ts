import { z } from "zod";
import { common, mappingOrJson, name, seconds, text, uuid } from "../fields";

/** A chart as people write it (`assets/charts/*.yaml`): short (`datasource: fact_sales`) or Superset's export form. */
export const template = z.strictObject({
  slice_name: name,
  viz_type: name,
  /** Table name, `schema.table`, key or uuid of the dataset. */
  datasource: name.optional(),
  dataset_uuid: uuid.optional(),
  /** The form data of Explore. A mapping; JSON text is taken too. */
  params: mappingOrJson.nullable().optional(),
  /** What the browser made of `params` at the last save. Taken, because exports have it, and not written: see rules.ts. JSON text or a mapping. */
  query_context: mappingOrJson.nullable().optional(),
  description: text,
  certified_by: text,
  certification_details: text,
  cache_timeout: seconds,
  tags: z.array(z.string()).nullable().optional(),
  ...common,
});
