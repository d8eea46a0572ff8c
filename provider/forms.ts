/** Canonical forms of a compiled bundle: what the resources' inputs are, and what everything is compared by. Pure. */
import { isObject, type JsonObject } from "./json";
import type { CanonicalContext, ExportDocument } from "./kinds/define";
import { kindNamed } from "./kinds/registry";

/** What datasets' exports show of their database: the effective cache timeout, and the catalog only where there are several. */
export function databaseSettings(form: JsonObject | undefined): ReturnType<CanonicalContext["database"]> {
  if (form === undefined) {
    return undefined;
  }
  const extra = form["extra"];
  return { cache_timeout: form["cache_timeout"] ?? null, allow_multi_catalog: isObject(extra) && extra["allow_multi_catalog"] === true };
}

/** What canonical forms of a repository's assets know of each other. */
export function formContext(document: (uuid: string) => ExportDocument | undefined): CanonicalContext {
  return { database: (uuid) => databaseSettings(document(uuid)), chartUuid: () => undefined };
}

/** The canonical form of every asset of a bundle, by uuid. */
export function canonicalForms(
  assets: readonly { readonly kind: string; readonly uuid: string; readonly document: ExportDocument }[],
): ReadonlyMap<string, JsonObject> {
  const documents = new Map(assets.map((asset) => [asset.uuid, asset.document]));
  const context = formContext((uuid) => documents.get(uuid));
  return new Map(assets.map((asset) => [asset.uuid, kindNamed(asset.kind).rules.canonical(asset.document, context)]));
}
