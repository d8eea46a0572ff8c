/**
 * The secrets of a database: the password of its URI, `encrypted_extra` and the SSH tunnel's. Superset takes a new password for
 * an existing database only inside the URI (commands/database/importers/v1/utils.py), so that is where `joinSecrets` puts it.
 */
import { isObject, type Json, type JsonObject } from "../../json";
import { urlEncodePlaceholders } from "../../placeholders";
import type { ExportDocument, Secrets } from "../define";

/** What Superset's export shows in place of a password (superset/constants.py: PASSWORD_MASK). */
const MASK = "XXXXXXXXXX";

/**
 * SQLAlchemy's own idea of a URI (engine/url.py): scheme, user, password, rest. The password ends at the last `@` before a slash, and where
 * there is none, at the first one after it: SQLAlchemy takes a slash for a part of the password.
 */
const URI = /^([\w+.-]+:\/\/)([^:/@]*):([^/]*(?=@)|[^@]*)@(.*)$/s;
const URI_WITHOUT_PASSWORD = /^([\w+.-]+:\/\/)([^:/@]*)@(.*)$/s;
/** Parameters of drivers that are credentials. Superset masks nothing in a URI's query. */
const SECRET_PARAMETER = /^(?:\w*password|passwd|pwd|\w*passphrase|\w*secret\w*|access_token|credentials_base64)$/i;
const TUNNEL = ["password", "private_key", "private_key_password"] as const;

/**
 * The document with masks, and its secrets: `password` (as it stands in the URI: percent-encoded where it was written so),
 * `encrypted_extra`, `ssh_tunnel.password`, … A password that is masked already is no secret.
 */
export function splitSecrets(document: ExportDocument): { readonly document: ExportDocument; readonly secrets: Secrets } {
  const secrets: Record<string, string> = {};
  const { password, encrypted_extra: extra, ...rest } = document as Record<string, Json>;
  const masked: Record<string, Json> = rest;
  const uri = String(document.sqlalchemy_uri ?? "");
  const written = URI.exec(uri);
  if (typeof password === "string" && password !== "" && password !== MASK) {
    secrets.password = urlEncodePlaceholders(password);
    masked.sqlalchemy_uri = withPassword(uri, MASK);
  } else if (written !== null && written[3] !== MASK && written[3] !== "") {
    secrets.password = written[3] ?? "";
    masked.sqlalchemy_uri = `${written[1]}${written[2]}:${MASK}@${written[4]}`;
  }
  if (typeof extra === "string" && extra !== "" && extra !== "{}") {
    secrets.encrypted_extra = extra;
  }
  if (isObject(document.ssh_tunnel)) {
    const tunnel: Record<string, Json> = { ...document.ssh_tunnel };
    for (const field of TUNNEL) {
      const value = tunnel[field];
      if (typeof value === "string" && value !== "" && value !== MASK) {
        secrets[`ssh_tunnel.${field}`] = value;
        tunnel[field] = MASK;
      }
    }
    masked.ssh_tunnel = tunnel;
  }
  return { document: masked, secrets };
}

/** Names of the parameters in a URI's query that hold credentials: everybody who may see the database would read them. */
export function secretParameters(uri: string): readonly string[] {
  const query = /^[^?]*\?(.*)$/s.exec(uri)?.[1] ?? "";
  return query.split("&").flatMap((part) => {
    const [name = "", value = ""] = part.split("=");
    return value !== "" && SECRET_PARAMETER.test(name) ? [name] : [];
  });
}

/** The document with its secrets in the places Superset reads them from. Secrets in clear text. */
export function joinSecrets(document: ExportDocument, secrets: Secrets): ExportDocument {
  const joined: Record<string, Json> = { ...document };
  if (secrets.password !== undefined) {
    joined.sqlalchemy_uri = withPassword(String(document.sqlalchemy_uri ?? ""), safePassword(secrets.password));
  }
  if (secrets.encrypted_extra !== undefined) {
    joined.encrypted_extra = secrets.encrypted_extra;
  }
  const tunnel = joined.ssh_tunnel;
  if (isObject(tunnel)) {
    joined.ssh_tunnel = { ...tunnel, ...tunnelSecrets(secrets) };
  }
  return joined;
}

function tunnelSecrets(secrets: Secrets): JsonObject {
  return Object.fromEntries(TUNNEL.flatMap((field) => {
    const value = secrets[`ssh_tunnel.${field}`];
    return value === undefined ? [] : [[field, value]];
  }));
}

function withPassword(uri: string, password: string): string {
  const [, scheme, user, , rest] = URI.exec(uri) ?? [];
  if (scheme !== undefined) {
    return `${scheme}${user}:${password}@${rest}`;
  }
  const [, bareScheme, bareUser, bareRest] = URI_WITHOUT_PASSWORD.exec(uri) ?? [];
  return bareScheme === undefined ? uri : `${bareScheme}${bareUser}:${password}@${bareRest}`;
}

/** A password put into a URI as it is would end the authority early at these characters; `%` is left, as it may be encoded already. */
function safePassword(password: string): string {
  return password.replace(/[@:/?#[\]\s]/g, (character) => encodeURIComponent(character));
}
