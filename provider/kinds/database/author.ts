import { isObject, type JsonObject } from "../../json";
import type { AuthorContext, ExportDocument } from "../define";
import { ordered } from "../fields";
import { DEFAULTS, rules } from "./rules";
import { MASK, withPassword } from "./secrets";

const ORDER = ["uuid", "database_name", "sqlalchemy_uri", "expose_in_sqllab", "allow_dml", "allow_ctas", "allow_cvas", "allow_csv_upload", "allow_run_async", "impersonate_user", "cache_timeout"];

/** Export form → authoring form. Of secrets only that they are there is known: no export shows them. */
export function author(document: ExportDocument, context: AuthorContext): JsonObject {
  const form = rules.canonical(document, context);
  const uri = String(form.sqlalchemy_uri ?? "");
  const masked = uri !== withPassword(uri, MASK) ? undefined : context.secret(["sqlalchemy_uri"]);
  for (const field of hidden(document)) {
    context.note(field.split("."), `'${field}' is set in Superset, and no export shows it; write it with a secret variable, or the database has none wherever it is made anew`);
  }
  return ordered({ ...form, ...(masked === undefined ? {} : { sqlalchemy_uri: withPassword(uri, masked) }) }, ORDER, DEFAULTS);
}

/** Secrets beside the URI's password that Superset says it has. */
function hidden(document: ExportDocument): string[] {
  const { masked_encrypted_extra: extra, ssh_tunnel: tunnel } = document;
  const text = isObject(extra) ? JSON.stringify(extra) : extra;
  const tunnelSecrets = isObject(tunnel) ? ["password", "private_key", "private_key_password"].filter((field) => (tunnel[field] ?? "") !== "") : [];
  return [...(typeof text === "string" && text !== "" && text !== "{}" ? ["encrypted_extra"] : []), ...tunnelSecrets.map((field) => `ssh_tunnel.${field}`)];
}
