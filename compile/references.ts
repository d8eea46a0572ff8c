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

/** All assets of a repository by uuid, key and name, per kind. A uuid or key wins over a name. */
export class References {
  readonly #byKind = new Map<string, Named[]>();
  readonly #index = new Map<string, Map<string, Set<Named>>>();
  readonly #unreadable = new Set<string>();

  add(asset: Named): void {
    const all = this.#byKind.get(asset.kind) ?? [];
    this.#byKind.set(asset.kind, all);
    all.push(asset);
    if (asset.name !== undefined) {
      this.#put(asset.kind, asset.name, asset);
    }
    this.#put(asset.kind, `key:${asset.key}`, asset);
    this.#put(asset.kind, `uuid:${asset.uuid}`, asset);
  }

  /** Other names (`schema.table`) of an asset that was added. */
  addAliases(kind: string, uuid: string, aliases: readonly string[]): void {
    for (const asset of this.#index.get(kind)?.get(`uuid:${uuid}`) ?? []) {
      aliases.forEach((alias) => this.#put(kind, alias, asset));
    }
  }

  /** A file of that kind could not be read: it may be the one that a reference means. */
  addUnreadable(kind: string): void {
    this.#unreadable.add(kind);
  }

  /** The asset a reference names: by uuid, else key, else name. `unknown`: it may be in a file that could not be read. */
  resolve(kind: string, reference: string): Found {
    const index = this.#index.get(kind);
    const exact = index?.get(`uuid:${reference}`) ?? index?.get(`key:${reference}`);
    const found = [...(exact ?? index?.get(reference) ?? [])];
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
    const names = (this.#byKind.get(kind) ?? []).flatMap((asset) => [asset.name ?? asset.key, asset.key]);
    const known = [...new Set(names)].sort();
    const meant = didYouMean(reference, known);
    const rest = meant !== "" ? meant : known.length === 0 ? `; there are no ${kind}s in assets/` : `; known are ${listed(known)}`;
    return { problem: `no ${kind} is called '${reference}'${rest}` };
  }

  #put(kind: string, name: string, asset: Named): void {
    const index = this.#index.get(kind) ?? new Map<string, Set<Named>>();
    this.#index.set(kind, index);
    const set = index.get(name) ?? new Set<Named>();
    index.set(name, set.add(asset));
  }
}
