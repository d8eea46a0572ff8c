/**
 * The secrets of a database: the password of its URI, `encrypted_extra` and the SSH tunnel's. Superset takes a new password for
 * an existing database only inside the URI (commands/database/importers/v1/utils.py), so that is where `joinSecrets` puts it.
 */
import { isObject, type Json, type JsonObject } from "../../json";
import { hasPlaceholder, urlEncodePlaceholders } from "../../placeholders";
import type { ExportDocument, Secrets } from "../define";
import { isCredential } from "./credentials";

/** What Superset's export shows in place of a password (superset/constants.py: PASSWORD_MASK). */
export const MASK = "XXXXXXXXXX";

/**
 * SQLAlchemy's own idea of a URI (engine/url.py): scheme, user, password, rest. The password ends at the last `@` before a slash, and where
 * there is none, at the first one after it: SQLAlchemy takes a slash for a part of the password.
 */
const URI = /^([\w+.-]+:\/\/)([^:/@]*):([^/]*(?=@)|[^@]*)@(.*)$/s;
const URI_WITHOUT_PASSWORD = /^([\w+.-]+:\/\/)([^:/@]*)@(.*)$/s;
const URI_WITHOUT_USER = /^([\w+.-]+:\/\/)()(.*)$/s;
const TUNNEL = ["password", "private_key", "private_key_password"] as const;

type Path = readonly (string | number)[];

/** Fields that hold secrets, or show them masked. */
export const secretFields: readonly string[] = ["sqlalchemy_uri", "password", "encrypted_extra", "ssh_tunnel"];

/**
 * The document with masks, and its secrets: `password` (as it stands in the URI: percent-encoded where it was written so),
 * `encrypted_extra`, `ssh_tunnel.password`, … A password that is masked already is no secret. What is of no shape that could be one stays, for
 * the schema to refuse.
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
  if (typeof password !== "string") {
    keep(masked, "password", password);
  }
  const text = isObject(extra) ? JSON.stringify(extra) : extra;
  if (typeof text !== "string") {
    keep(masked, "encrypted_extra", text);
  } else if (text !== "" && text !== "{}") {
    secrets.encrypted_extra = text;
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

function keep(document: Record<string, Json>, field: string, value: Json | undefined): void {
  if (value !== undefined && value !== null) {
    document[field] = value;
  }
}

/** Members of `extra`, at any depth, that hold credentials: Superset does not encrypt it. A secret variable is left: it is reported where it stands. */
export function secretMembers(extra: Json | undefined, path: Path = []): readonly Path[] {
  if (Array.isArray(extra)) {
    return (extra as readonly Json[]).flatMap((item, index) => secretMembers(item, [...path, index]));
  }
  if (!isObject(extra)) {
    return [];
  }
  return Object.entries(extra).flatMap(([name, value]) => {
    const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
    return isCredential(name, text) && !hasPlaceholder(text) ? [[...path, name]] : secretMembers(value, [...path, name]);
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

/** The URI with that password; one without a user gets an empty one. What is no URI stays as it is. */
export function withPassword(uri: string, password: string): string {
  const [, scheme, user, , rest] = URI.exec(uri) ?? [];
  if (scheme !== undefined) {
    return `${scheme}${user}:${password}@${rest}`;
  }
  const [, bareScheme, bareUser, bareRest] = URI_WITHOUT_PASSWORD.exec(uri) ?? URI_WITHOUT_USER.exec(uri) ?? [];
  return bareScheme === undefined ? uri : `${bareScheme}${bareUser}:${password}@${bareRest}`;
}

/** An address that Superset shows, with the password that another one has: as it is written there, or none. */
export function withPasswordOf(written: string, uri: string): string {
  const [, scheme, user, , rest] = URI.exec(uri) ?? [];
  if (scheme === undefined) {
    return uri;
  }
  const password = URI.exec(written)?.[3];
  return password === undefined ? `${scheme}${user}@${rest}` : `${scheme}${user}:${password}@${rest}`;
}

/** A password put into a URI as it is would end the authority early at these characters; `%` is left, as it may be encoded already. */
function safePassword(password: string): string {
  return password.replace(/[@:/?#[\]\s]/g, (character) => encodeURIComponent(character));
}
