import { z } from "zod";
import { common, flag, mappingOrJson, name, nullableFlag, seconds, text, uuid } from "../fields";

const column = z.strictObject({
  column_name: name,
  verbose_name: text,
  is_dttm: nullableFlag,
  is_active: nullableFlag,
  type: text,
  advanced_data_type: text,
  groupby: nullableFlag,
  filterable: nullableFlag,
  /** SQL of a calculated column; absent for a column of the table. */
  expression: text,
  description: text,
  python_date_format: text,
  datetime_format: text,
  extra: mappingOrJson.nullable().optional(),
});

const metric = z.strictObject({
  metric_name: name,
  verbose_name: text,
  metric_type: text,
  expression: name,
  description: text,
  d3format: text,
  currency: mappingOrJson.nullable().optional(),
  extra: mappingOrJson.nullable().optional(),
  warning_text: text,
});

const folder = z.looseObject({ uuid });

/** A dataset as people write it (`assets/datasets/*.yaml`): short (`database: name`) or Superset's export form. */
export const template = z.strictObject({
  table_name: name,
  /** Name, key or uuid of the database. */
  database: name.optional(),
  database_uuid: uuid.optional(),
  catalog: text,
  schema: text,
  /** SQL of a virtual dataset. Superset's own Jinja in it: between `{% raw %}` and `{% endraw %}`. */
  sql: text,
  description: text,
  main_dttm_col: text,
  default_endpoint: text,
  offset: z.int().optional(),
  cache_timeout: seconds,
  currency_code_column: text,
  params: mappingOrJson.nullable().optional(),
  template_params: mappingOrJson.nullable().optional(),
  filter_select_enabled: flag,
  fetch_values_predicate: text,
  extra: mappingOrJson.nullable().optional(),
  normalize_columns: flag,
  always_filter_main_dttm: flag,
  folders: z.array(folder).nullable().optional(),
  columns: z.array(column).nullable().optional(),
  metrics: z.array(metric).nullable().optional(),
  /** In Superset's own examples and exports for other engines; not kept. */
  data_file: text,
  data: text,
  source_db_engine: text,
  ...common,
});
