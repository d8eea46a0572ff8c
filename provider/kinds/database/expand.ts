import { pathText } from "../../../compile/validate";
import type { Json, JsonObject } from "../../json";
import type { ExpandContext, ExportDocument } from "../define";
import { exportFields, fileName, mappingOf } from "../fields";
import { hasPlaceholder } from "../../placeholders";
import { secretParameters } from "./credentials";
import { secretMembers } from "./secrets";

/** How SQLAlchemy begins to read an address (engine/url.py: _parse_url). */
const SCHEME = /^[\w+]+:\/\//;

/** Authoring form → export form. `extra` is always there: Superset's import fails without it. Secrets are still inside. */
export function expand(template: JsonObject, uuid: string, context: ExpandContext): ExportDocument {
  const fields = exportFields(template, ["allow_file_upload", "masked_encrypted_extra", "encrypted_extra", "extra", "ssh_tunnel"]);
  if (template.allow_file_upload !== undefined && fields.allow_csv_upload === undefined) {
    fields.allow_csv_upload = template.allow_file_upload;
  }
  const secretExtra = template.encrypted_extra;
  return {
    ...fields,
    ...(template.ssh_tunnel === undefined || template.ssh_tunnel === null ? {} : { ssh_tunnel: template.ssh_tunnel }),
    ...(secretExtra === undefined || secretExtra === null ? {} : { encrypted_extra: typeof secretExtra === "string" ? secretExtra : JSON.stringify(secretExtra) }),
    extra: extraOf(mappingOf(template.extra, ["extra"], context)),
    uuid,
    version: "1.0.0",
  };
}

/** One spelling of the upload schemas: the one Superset's import takes. */
function extraOf(extra: JsonObject): JsonObject {
  const { schemas_allowed_for_file_upload: alias, ...rest } = extra as Record<string, Json>;
  return alias === undefined ? rest : { ...rest, schemas_allowed_for_csv_upload: rest.schemas_allowed_for_csv_upload ?? alias };
}

/** A database refers to nothing; its address and `extra` may hold a password only where Superset keeps it secret. */
export function check(document: ExportDocument, context: ExpandContext): void {
  const uri = String(document.sqlalchemy_uri ?? "");
  if (!SCHEME.test(uri) && !hasPlaceholder(uri)) {
    // Not quoted: what was meant for another field may be a secret.
    context.problem(["sqlalchemy_uri"], "'sqlalchemy_uri' is no address of SQLAlchemy: it must begin with the dialect and '://', such as postgresql+psycopg2://user@host:5432/database");
  }
  for (const name of secretParameters(uri)) {
    context.problem(["sqlalchemy_uri"], `'sqlalchemy_uri' holds '${name}' in its query, where Superset shows it to everybody; write it as the password (user:password@host), or into 'encrypted_extra'`);
  }
  for (const path of secretMembers(document.extra)) {
    context.problem(["extra", ...path], `'${pathText(["extra", ...path])}' is a secret in plain text, where Superset shows it; write it as the password (user:password@host), or into 'encrypted_extra'`);
  }
}

/** Superset holds names of databases unique. */
export function naturalKey(document: ExportDocument): string | undefined {
  return typeof document.database_name === "string" ? `database name '${document.database_name}'` : undefined;
}

/** None: a database needs no other asset. */
export function references(): readonly { readonly kind: string; readonly uuid: string }[] {
  return [];
}

/** By name, in one folder. */
export function bundlePath(document: ExportDocument): string {
  return fileName(String(document.database_name), String(document.uuid));
}
