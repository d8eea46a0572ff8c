/** Where a database is, read from its SQLAlchemy address. */
import { hasPlaceholder } from "../../placeholders";
import type { AddressPart, DatabaseAddress, ExportDocument } from "../define";

/** `dialect+driver://user:password@host:port/database?…` (SQLAlchemy's engine/url.py: _parse_url). */
const ADDRESS = /^(?<dialect>[\w]+)(?:\+(?<driver>[\w+]+))?:\/\/(?:(?<username>[^:/@]*)(?::[^@]*)?@)?(?:(?:\[(?<v6>[^\]]+)\]|(?<host>[^/:?]+))?(?::(?<port>\d+))?)?(?:\/(?<database>[^?]*))?(?:\?.*)?$/d;

/** Undefined where the address is none, or where a secret stands in the place of one of its parts. */
export function address(document: ExportDocument): DatabaseAddress | undefined {
  const groups = ADDRESS.exec(String(document.sqlalchemy_uri ?? ""))?.groups;
  if (groups === undefined) {
    return undefined;
  }
  const { dialect = "", driver, username, v6, host, port, database } = groups;
  const parts = [username, v6 ?? host, database].map(decoded);
  if (parts.some((part) => part !== undefined && hasPlaceholder(part))) {
    return undefined;
  }
  const [user, at, name] = parts;
  return { dialect, driver, username: user, host: at, port: port === undefined ? undefined : Number(port), database: name };
}

/** Groups of `ADDRESS` by the part of an address they are. */
const GROUPS = [["user", "username"], ["host", "v6"], ["host", "host"], ["port", "port"], ["database", "database"]] as const;

/** Where the parts of an address stand, of a path its first step; none of what is no address. */
export function addressParts(uri: string): readonly AddressPart[] {
  const groups = ADDRESS.exec(uri)?.indices?.groups ?? {};
  return GROUPS.flatMap(([name, group]) => {
    const [start, end] = groups[group] ?? [0, 0];
    const length = uri.slice(start, end).split("/")[0]?.length ?? 0;
    return length === 0 ? [] : [{ name, start, end: start + length }];
  });
}

function decoded(text: string | undefined): string | undefined {
  if (text === undefined || text === "") {
    return undefined;
  }
  try {
    return decodeURIComponent(text);
  } catch {
    // A bare percent sign, which SQLAlchemy takes as it is.
    return text;
  }
}

/** What a list of databases says besides the name: nothing of where it is, which differs between environments. */
export function facts(document: ExportDocument): readonly (readonly [string, string])[] {
  const found = address(document);
  return found === undefined ? [] : [["dialect", found.dialect]];
}
