/** Who is called what in a repository: from a name, key or uuid to an asset. */
import { didYouMean, listed } from "./nearest";

/** An asset as others may refer to it. */
interface Named {
  readonly kind: string;
  readonly uuid: string;
  readonly key: string;
  /** Undefined where the template does not say (it has problems of its own). */
  readonly name: string | undefined;
  readonly file: string;
}

type Found = { readonly uuid: string } | { readonly problem: string } | { readonly unknown: true };

/** The assets of one kind by what a reference may say. */
interface Index {
  readonly all: Named[];
  readonly byUuid: Map<string, Set<Named>>;
  readonly byKey: Map<string, Set<Named>>;
  /** Also by alias. */
  readonly byName: Map<string, Set<Named>>;
}

/** All assets of a repository by uuid, key and name, per kind. A uuid or key wins over a name. */
export class References {
  readonly #indexes = new Map<string, Index>();
  readonly #unreadable = new Set<string>();

  add(asset: Named): void {
    const index: Index = this.#indexes.get(asset.kind) ?? { all: [], byUuid: new Map(), byKey: new Map(), byName: new Map() };
    this.#indexes.set(asset.kind, index);
    index.all.push(asset);
    put(index.byUuid, asset.uuid, asset);
    put(index.byKey, asset.key, asset);
    if (asset.name !== undefined) {
      put(index.byName, asset.name, asset);
    }
  }

  /** Other names (`schema.table`) of an asset that was added. */
  addAliases(kind: string, uuid: string, aliases: readonly string[]): void {
    const index = this.#indexes.get(kind);
    for (const asset of index?.byUuid.get(uuid) ?? []) {
      aliases.forEach((alias) => index && put(index.byName, alias, asset));
    }
  }

  /** Forgets an asset under all its names. */
  remove(kind: string, uuid: string): void {
    const index = this.#indexes.get(kind);
    if (index !== undefined) {
      index.all.splice(0, index.all.length, ...index.all.filter((asset) => asset.uuid !== uuid));
      for (const names of [index.byUuid, index.byKey, index.byName]) {
        names.forEach((assets, name) => {
          const others = new Set([...assets].filter((asset) => asset.uuid !== uuid));
          if (others.size === 0) {
            names.delete(name);
          } else {
            names.set(name, others);
          }
        });
      }
    }
  }

  /** All texts that name an asset, by what sort of name they are: its uuid, its key, its names (each of which may name others too). */
  namesOf(kind: string, uuid: string): { readonly key: string; readonly names: readonly string[] } | undefined {
    const index = this.#indexes.get(kind);
    const [asset] = index?.byUuid.get(uuid) ?? [];
    return asset && { key: asset.key, names: [...(index?.byName ?? [])].flatMap(([name, assets]) => (assets.has(asset) ? [name] : [])) };
  }

  /** A file of that kind could not be read: it may be the one that a reference means. */
  addUnreadable(kind: string): void {
    this.#unreadable.add(kind);
  }

  /** The asset a reference names: by uuid, else key, else name. `unknown`: it may be in a file that could not be read. */
  resolve(kind: string, reference: string): Found {
    const index = this.#indexes.get(kind);
    const found = [...(index?.byUuid.get(reference) ?? index?.byKey.get(reference) ?? index?.byName.get(reference) ?? [])];
    const [only, ...others] = found;
    if (only !== undefined && others.length === 0) {
      return { uuid: only.uuid };
    }
    if (only !== undefined) {
      const candidates = found.map((asset) => `'${asset.key}' (${asset.file})`).sort();
      return { problem: `'${reference}' names ${found.length} ${kind}s: ${listed(candidates)}; write the key or uuid of the one that is meant` };
    }
    if (this.#unreadable.has(kind)) {
      return { unknown: true };
    }
    const names = (index?.all ?? []).flatMap((asset) => [asset.name ?? asset.key, asset.key]);
    const known = [...new Set(names)].sort();
    const meant = didYouMean(reference, known);
    const rest = meant !== "" ? meant : known.length === 0 ? `; there are no ${kind}s in assets/` : `; known are ${listed(known)}`;
    return { problem: `no ${kind} is called '${reference}'${rest}` };
  }
}

function put(map: Map<string, Set<Named>>, name: string, asset: Named): void {
  const set = map.get(name) ?? new Set<Named>();
  map.set(name, set.add(asset));
}
