/** Which assets of a Superset belong together. Pure. */
import { ConfigError } from "../provider/errors";
import { kindNamed, kinds, pages } from "../provider/kinds/registry";
import type { LiveAsset, Snapshot } from "../provider/superset/gateway";

/** The page of that slug or uuid. @throws ConfigError naming the slugs there are */
export function pageNamed(snapshot: Snapshot, wanted: string, url: string): LiveAsset {
  const slugs: string[] = [];
  for (const asset of kinds.flatMap((kind) => snapshot.all(kind.name))) {
    const { page, naturalKey } = kindNamed(asset.kind);
    const key = page === true ? naturalKey(asset.document) : undefined;
    if (page === true && (asset.uuid === wanted || (key !== undefined && key === naturalKey({ ...asset.document, slug: wanted })))) {
      return asset;
    }
    slugs.push(...(key === undefined ? [] : [key]));
  }
  throw new ConfigError(`${url} has no ${pages.map(({ name }) => name).join(" or ")} with the slug or uuid '${wanted}'; there are: ${slugs.sort().join(", ") || "none with a slug"}`);
}

/** Assets and everything they name that the snapshot has, each once. */
export function withNeeds(snapshot: Snapshot, first: readonly LiveAsset[]): readonly LiveAsset[] {
  const found = new Map(first.map((asset) => [asset.uuid, asset]));
  for (const asset of found.values()) {
    for (const { kind, uuid } of kindNamed(asset.kind).references(asset.document)) {
      const needed = snapshot.asset(kind, uuid);
      if (needed !== undefined) {
        found.set(uuid, needed);
      }
    }
  }
  return [...found.values()];
}
