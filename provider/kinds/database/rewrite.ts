/** Edits of a database, carried over to its template. */
import type { Json, JsonObject } from "../../json";
import { transplantFields } from "../../transplant";
import type { Canonical } from "../define";
import { withPasswordOf } from "./secrets";

/** The address keeps its password, which Superset shows masked. */
export function rewrite(written: JsonObject, before: Canonical, after: Canonical): JsonObject {
  const { sqlalchemy_uri: uri } = after;
  const changed = uri !== before["sqlalchemy_uri"] && typeof uri === "string";
  const address: Json | undefined = changed ? withPasswordOf(String(written["sqlalchemy_uri"]), uri) : written["sqlalchemy_uri"];
  // Two spellings of one field.
  const upload = written["allow_file_upload"] !== undefined && written["allow_csv_upload"] === undefined ? { allow_file_upload: after["allow_csv_upload"] } : {};
  return transplantFields(written, before, after, { sqlalchemy_uri: address, ...upload }, ["sqlalchemy_uri", ...Object.keys(upload).map(() => "allow_csv_upload")]);
}
