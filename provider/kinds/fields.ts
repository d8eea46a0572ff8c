/** Pieces of the authoring schemas that several kinds share. Descriptions are what editors show; `meta` says in JSON Schema what `refine` checks here. Types are what a YAML reader delivers; JSON text is also taken where Superset's own API has it. */
import { z } from "zod";
import { stableText } from "../canonical";
import { isUuid, UUID } from "../identity";
import { isObject, type Json, type JsonObject } from "../json";
import type { ExpandContext, WireContext } from "./define";

/** Superset's import answers 500 to any other spelling (facts of commands/importers: compared as text). */
export const uuid = z.string().refine(isUuid, { error: "must be a uuid in lower case with dashes, such as 0b8f6b1e-5f3c-4d5e-9c1a-2f6f0a4d7e11" }).meta({ pattern: UUID.source });
/** What people call something: not blank. */
export const name = z.string().refine((text) => text.trim() !== "", { error: "must not be empty" }).meta({ pattern: "\\S" });
/** Text that null clears. */
export const text = z.string().nullable().optional();
/** Left out, its default holds. */
export const flag = z.boolean().optional();
/** As `flag`, where Superset also stores null. */
export const nullableFlag = z.boolean().nullable().optional();
const whole = z.number().refine(Number.isInteger, { error: "must be a whole number" }).meta({ type: "integer" });
/** Whole seconds; null: what holds above it (the database's, else Superset's default). */
export const seconds = whole.nullable().optional();
/** A mapping whose contents are not checked here. */
export const mapping = z.record(z.string(), z.unknown());
/** A mapping, or the same as JSON text. */
export const mappingOrJson = z.union([mapping, z.string()]);

/** What every kind's template may carry. */
export const common = {
  uuid: uuid.optional().describe("Identity of the asset; without it one is made from project, kind and key."),
  key: name.optional().describe("Name inside the repository, for references and for the identity. Default: the path below the kind's folder, without extension."),
  protect: flag.describe("Refuse to delete or replace the live asset. Default: false."),
  retain: flag.describe("Leave the live asset alone when the template is removed. Default: false."),
  version: z.literal("1.0.0").optional().describe("Superset's export format, always 1.0.0."),
  is_managed_externally: nullableFlag.describe("Taken, because exports have it, and not written."),
  external_url: text.describe("Taken, because exports have it, and not written."),
};

/** Fields of a template that are ours, not Superset's. */
const OURS = new Set(["key", "protect", "retain"]);

/** The template's fields that belong to the export form, with `uuid` and `version` as the last ones. */
export function exportFields(template: JsonObject, omit: readonly string[]): Record<string, Json> {
  const fields: Record<string, Json> = {};
  for (const [field, value] of Object.entries(template)) {
    if (!OURS.has(field) && !omit.includes(field) && field !== "uuid" && field !== "version") {
      fields[field] = value;
    }
  }
  return fields;
}

/** The mapping in a field that may hold JSON text; a located problem and `{}` when it is no JSON mapping. */
export function mappingOf(value: Json | undefined, path: readonly (string | number)[], context: ExpandContext): JsonObject {
  if (value === undefined || value === null || value === "") {
    return {};
  }
  if (typeof value !== "string") {
    return isObject(value) ? value : {};
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch (error) {
    context.problem(path, `'${path.join(".")}' is text but not JSON: ${error instanceof Error ? error.message : String(error)}; write it as a mapping`);
    return {};
  }
  if (!isObject(parsed)) {
    context.problem(path, `'${path.join(".")}' must be a mapping`);
    return {};
  }
  return parsed;
}

/** As `mappingOf`, but keeps null and absence, for fields that Superset clears with null. */
export function nullableMappingOf(value: Json | undefined, path: readonly (string | number)[], context: ExpandContext): JsonObject | null | undefined {
  return value === undefined || value === null ? value : value === "" ? null : mappingOf(value, path, context);
}

/** The fields in the order people write them, the others after them by name, without those that have their default. */
export function ordered(fields: JsonObject, order: readonly string[], defaults: JsonObject = {}): Record<string, Json> {
  const known = order.filter((field) => Object.hasOwn(fields, field));
  const others = Object.keys(fields).filter((field) => !order.includes(field)).sort();
  const written = [...known, ...others].filter((field) => !Object.hasOwn(defaults, field) || stableText(defaults[field] ?? null) !== stableText(fields[field] ?? null));
  return Object.fromEntries(written.map((field) => [field, fields[field] ?? null]));
}

/** Superset's `secure_filename` (werkzeug): what its own export makes of a name. `fallback` where nothing is left. */
export function fileName(text: string, fallback: string): string {
  const ascii = text.normalize("NFKD").replace(/[^\x20-\x7e]/g, "").replace(/[/\\]/g, " ");
  const safe = ascii.split(/\s+/).join("_").replace(/[^A-Za-z0-9_.-]/g, "").replace(/^[._]+|[._]+$/g, "");
  return safe === "" ? fallback : safe;
}

/** Of a document that is for no server. */
export const NO_SERVER: WireContext = { chartId: () => undefined, keepsUuids: true };
