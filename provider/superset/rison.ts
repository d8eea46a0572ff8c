import type { Json } from "../json";

/** A value in Rison, the query language of Superset's list and bulk calls (`?q=`). Strings are always quoted. */
export function rison(value: Json): string {
  if (value === null) {
    return "!n";
  }
  if (typeof value === "boolean") {
    return value ? "!t" : "!f";
  }
  if (typeof value === "number") {
    return String(value).replace("e+", "e");
  }
  if (typeof value === "string") {
    return `'${value.replace(/[!']/g, "!$&")}'`;
  }
  if (Array.isArray(value)) {
    return `!(${value.map(rison).join(",")})`;
  }
  const entries = Object.entries(value as Readonly<Record<string, Json>>);
  return `(${entries.map(([key, item]) => `${/^[a-z_][a-z0-9_]*$/i.test(key) ? key : rison(key)}:${rison(item)}`).join(",")})`;
}

/** `q=…` for a URL; the characters Rison lives on stay readable, as servers limit the length of the request line. */
export function risonQuery(value: Json): string {
  return `q=${encodeURIComponent(rison(value)).replace(/%3A/g, ":").replace(/%2C/g, ",")}`;
}
