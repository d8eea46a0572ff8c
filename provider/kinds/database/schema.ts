import { z } from "zod";
import { common, flag, mapping, name, seconds, text } from "../fields";

/** Keys Superset accepts in `extra`; it refuses others (databases/schemas.py: ImportV1DatabaseExtraSchema). */
const extra = z.strictObject({
  metadata_params: mapping.optional(),
  engine_params: mapping.optional(),
  metadata_cache_timeout: mapping.optional(),
  schemas_allowed_for_csv_upload: z.union([z.array(z.string()), z.string()]).optional(),
  schemas_allowed_for_file_upload: z.union([z.array(z.string()), z.string()]).optional(),
  cost_estimate_enabled: flag,
  allows_virtual_table_explore: flag,
  cancel_query_on_windows_unload: flag,
  disable_data_preview: flag,
  disable_drill_to_detail: flag,
  allow_multi_catalog: flag,
  per_user_caching: flag,
  version: text,
  schema_options: mapping.optional(),
});

const sshTunnel = z.strictObject({
  id: z.int().nullable().optional(),
  server_address: z.string(),
  server_port: z.int().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  private_key: z.string().optional(),
  private_key_password: z.string().optional(),
});

/** A database as people write it (`assets/databases/*.yaml`): Superset's export form, short or complete. */
export const template = z.strictObject({
  database_name: name,
  /** SQLAlchemy URI. Its password: a secret variable, or `XXXXXXXXXX` to leave the live one alone. */
  sqlalchemy_uri: name,
  /** The password, where it is not part of the URI. */
  password: text,
  encrypted_extra: z.union([mapping, z.string()]).nullable().optional(),
  masked_encrypted_extra: z.union([mapping, z.string()]).nullable().optional(),
  ssh_tunnel: sshTunnel.nullable().optional(),
  cache_timeout: seconds,
  expose_in_sqllab: flag,
  allow_run_async: flag,
  allow_ctas: flag,
  allow_cvas: flag,
  allow_dml: flag,
  allow_csv_upload: flag,
  /** The same as `allow_csv_upload`, as exports of single datasets spell it. */
  allow_file_upload: flag,
  impersonate_user: flag,
  configuration_method: z.enum(["sqlalchemy_form", "dynamic_form"]).nullable().optional(),
  extra: z.union([extra, z.string()]).nullable().optional(),
  ...common,
});
