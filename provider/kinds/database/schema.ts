import { z } from "zod";
import { common, flag, mapping, mappingOrJson, name, seconds, text } from "../fields";

/** Keys Superset accepts in `extra`; it refuses others (databases/schemas.py: ImportV1DatabaseExtraSchema). */
const extra = z.strictObject({
  metadata_params: mapping.optional().describe("Arguments of SQLAlchemy's MetaData."),
  engine_params: mapping.optional().describe("Arguments of SQLAlchemy's create_engine, as connect_args."),
  metadata_cache_timeout: mapping.optional().describe("Seconds the lists of schemas and tables are cached: schema_cache_timeout, table_cache_timeout, catalog_cache_timeout."),
  schemas_allowed_for_csv_upload: z.union([z.array(z.string()), z.string()]).optional().describe("The same as `schemas_allowed_for_file_upload`, as older exports spell it."),
  schemas_allowed_for_file_upload: z.union([z.array(z.string()), z.string()]).optional().describe("Schemas that files may be uploaded to."),
  cost_estimate_enabled: flag.describe("Estimate what a query costs, where the database can."),
  allows_virtual_table_explore: flag.describe("Let people explore the result of a query in SQL Lab. Default: true."),
  cancel_query_on_windows_unload: flag.describe("End a query when its page is left."),
  disable_data_preview: flag.describe("No preview of tables in SQL Lab."),
  disable_drill_to_detail: flag.describe("No rows behind a chart's value."),
  allow_multi_catalog: flag.describe("Catalogs other than the default one may be used."),
  per_user_caching: flag.describe("Cached results are each user's own."),
  version: text.describe("Version of the database."),
  schema_options: mapping.optional().describe("Options of SQL Lab's lists of tables, as expand_rows."),
});

const sshTunnel = z.strictObject({
  id: z.int().nullable().optional().describe("A number of one server; not written."),
  server_address: z.string().describe("Host of the SSH server."),
  server_port: z.int().optional().describe("Its port. Default: 22."),
  username: z.string().optional().describe("Who logs in there."),
  password: z.string().optional().describe("A secret variable."),
  private_key: z.string().optional().describe("A secret variable."),
  private_key_password: z.string().optional().describe("A secret variable."),
});

/** A database as people write it (`assets/databases/*.yaml`): Superset's export form, short or complete. */
export const template = z.strictObject({
  database_name: name.describe("The database's name in Superset; datasets refer to it."),
  sqlalchemy_uri: name.describe("SQLAlchemy URI. Its password: a secret variable, or XXXXXXXXXX to leave the live one alone."),
  password: text.describe("The password, where it is not part of the URI: a secret variable."),
  encrypted_extra: mappingOrJson.nullable().optional().describe("Settings with credentials: secret variables. A mapping, or the same as JSON text."),
  masked_encrypted_extra: mappingOrJson.nullable().optional().describe("The same as exports have it, with masks."),
  ssh_tunnel: sshTunnel.nullable().optional().describe("The SSH server the connection goes through."),
  cache_timeout: seconds.describe("Seconds its charts' results are cached; null: Superset's default."),
  expose_in_sqllab: flag.describe("Whether SQL Lab offers it. Default: true."),
  allow_run_async: flag.describe("Run queries of SQL Lab in the background. Default: false."),
  allow_ctas: flag.describe("Allow CREATE TABLE AS in SQL Lab. Default: false."),
  allow_cvas: flag.describe("Allow CREATE VIEW AS in SQL Lab. Default: false."),
  allow_dml: flag.describe("Allow statements other than SELECT in SQL Lab. Default: false."),
  allow_csv_upload: flag.describe("Allow uploads of files into tables. Default: true."),
  allow_file_upload: flag.describe("The same as `allow_csv_upload`, as exports of single datasets spell it."),
  impersonate_user: flag.describe("Connect as the user who is logged in, where the database can. Default: false."),
  configuration_method: z.enum(["sqlalchemy_form", "dynamic_form"]).nullable().optional().describe("The form Superset shows for it. Default: sqlalchemy_form."),
  extra: z.union([extra, z.string()]).nullable().optional().describe("Further settings; a mapping, or the same as JSON text. No credentials: Superset shows them."),
  ...common,
});
