import { z } from "zod";
import { common, flag, mappingOrJson, name, nullableFlag, seconds, text, uuid } from "../fields";

const column = z.strictObject({
  column_name: name.describe("As the table or the query names it."),
  verbose_name: text.describe("Shown instead of the name."),
  is_dttm: nullableFlag.describe("A date or time, offered as the time axis. Default: false."),
  is_active: nullableFlag.describe("Default: true."),
  type: text.describe("As the database names it."),
  advanced_data_type: text.describe("One of Superset's advanced data types, as internet_address."),
  groupby: nullableFlag.describe("Offered as a dimension. Default: true."),
  filterable: nullableFlag.describe("Offered in filters. Default: true."),
  expression: text.describe("SQL of a calculated column; absent for a column of the table."),
  description: text.describe("Shown with the column."),
  python_date_format: text.describe("How a date is written in the column: epoch_s, epoch_ms, or Python's format."),
  datetime_format: text.describe("How a date is written in the column, for reading it back."),
  extra: mappingOrJson.nullable().optional().describe("Further settings: certification, warning_markdown."),
});

const metric = z.strictObject({
  metric_name: name.describe("Its name, for charts' `metrics`."),
  verbose_name: text.describe("Shown instead of the name."),
  metric_type: text.describe("As exports have it: count, sum and others."),
  expression: name.describe("SQL of the aggregate, as SUM(amount)."),
  description: text.describe("Shown with the metric."),
  d3format: text.describe("How its numbers are written, in D3's format language, as ',.2f'."),
  currency: mappingOrJson.nullable().optional().describe("{symbol: USD, symbolPosition: prefix}."),
  extra: mappingOrJson.nullable().optional().describe("Further settings: certification, warning_markdown."),
  warning_text: text.describe("A warning shown with the metric."),
});

const folder = z.looseObject({ uuid: uuid.describe("The folder's uuid.") });

/** A dataset as people write it (`assets/datasets/*.yaml`): short (`database: name`) or Superset's export form. */
export const template = z.strictObject({
  table_name: name.describe("The table; of a virtual dataset, its name."),
  database: name.optional().describe("The database: its name, key or uuid."),
  database_uuid: uuid.optional().describe("The database by its uuid, as exports have it, instead of `database`."),
  catalog: text.describe("The table's catalog, where the database allows more than one."),
  schema: text.describe("The table's schema."),
  sql: text.describe("SQL of a virtual dataset. Superset's own Jinja in it stands between {% raw %} and {% endraw %}."),
  description: text.describe("Shown with the dataset."),
  main_dttm_col: text.describe("The time column that charts take where they name none."),
  default_endpoint: text.describe("Page to open instead of Explore."),
  offset: z.int().optional().describe("Hours added to the times of the table. Default: 0."),
  cache_timeout: seconds.describe("Seconds its charts' results are cached; null: as its database says."),
  currency_code_column: text.describe("The column that holds each row's currency."),
  params: mappingOrJson.nullable().optional().describe("Settings of Superset's own; most datasets have none."),
  template_params: mappingOrJson.nullable().optional().describe("Values of the Jinja that Superset renders in its SQL."),
  filter_select_enabled: flag.describe("Filters list the values of its columns. Default: true."),
  fetch_values_predicate: text.describe("SQL condition for that list."),
  extra: mappingOrJson.nullable().optional().describe("Further settings: certification, warning_markdown."),
  normalize_columns: flag.describe("Names of columns in the case the database has by default. Default: false."),
  always_filter_main_dttm: flag.describe("Also filter by the main time column where a chart filters by another. Default: false."),
  folders: z.array(folder).nullable().optional().describe("Folders of columns and metrics in Explore, as exports have them."),
  columns: z.array(column).nullable().optional().describe("The columns Git cares about; those of the table that are not listed are taken as they are."),
  metrics: z.array(metric).nullable().optional().describe("The metrics."),
  data_file: text.describe("In Superset's own examples; not kept."),
  data: text.describe("In Superset's own examples; not kept."),
  source_db_engine: text.describe("In exports for other engines; not kept."),
  ...common,
});
