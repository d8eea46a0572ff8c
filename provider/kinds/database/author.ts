import { isObject, type JsonObject } from "../../json";
import type { AddressPart, AuthorContext, ExportDocument, TextField } from "../define";
import { ordered } from "../fields";
import { addressParts } from "./address";
import { DEFAULTS, rules } from "./rules";
import { MASK, withPassword } from "./secrets";

const ORDER = ["uuid", "database_name", "sqlalchemy_uri", "expose_in_sqllab", "allow_dml", "allow_ctas", "allow_cvas", "allow_csv_upload", "allow_run_async", "impersonate_user", "cache_timeout"];

const whole = (name: AddressPart["name"]) => (text: string): AddressPart[] => [{ name, start: 0, end: text.length }];

/** What stands in the fields of the authoring form. */
export const texts: readonly TextField[] = [
  { at: "database_name", role: "name" },
  { at: "sqlalchemy_uri", role: "address", parts: addressParts },
  { at: "ssh_tunnel.server_address", role: "address", parts: whole("host") },
  { at: "ssh_tunnel.username", role: "address", parts: whole("user") },
  { at: "extra.schemas_allowed_for_csv_upload.*", role: "schema" },
];

/** Export form → authoring form. Of secrets only that they are there is known: no export shows them. */
export function author(document: ExportDocument, context: AuthorContext): JsonObject {
  const form = rules.canonical(document, context);
  const uri = String(form.sqlalchemy_uri ?? "");
  const hasPassword = uri.includes(`:${MASK}@`);
  for (const field of hidden(document)) {
    context.note(field.split("."), `'${field}' is set in Superset, and no export shows it; write it with a secret variable, or the database has none wherever it is made anew`);
  }
  return ordered({ ...form, ...(hasPassword ? { sqlalchemy_uri: withPassword(uri, context.secret(["sqlalchemy_uri"], MASK)) } : {}) }, ORDER, DEFAULTS);
}

/** Secrets beside the URI's password that Superset says it has. */
function hidden(document: ExportDocument): string[] {
  const { masked_encrypted_extra: extra, ssh_tunnel: tunnel } = document;
  const text = isObject(extra) ? JSON.stringify(extra) : extra;
  const tunnelSecrets = isObject(tunnel) ? ["password", "private_key", "private_key_password"].filter((field) => (tunnel[field] ?? "") !== "") : [];
  return [...(typeof text === "string" && text !== "" && text !== "{}" ? ["encrypted_extra"] : []), ...tunnelSecrets.map((field) => `ssh_tunnel.${field}`)];
}
