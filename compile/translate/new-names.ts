/** What new templates call other assets. */
import type { Kind } from "../../provider/kinds/define";
import type { Compilation } from "../compilation";
import { References } from "../references";

/** A new asset, as others may name it. */
interface NewName {
  readonly kind: Kind;
  readonly uuid: string;
  readonly key: string;
  readonly file: string;
  /** In the exported environment. */
  readonly name: string;
  /** As its template writes it, marked. */
  readonly written: string;
}

/** Names of a repository's assets and of new ones. */
export class NewNames {
  readonly #references = new References();
  readonly #fresh: ReadonlyMap<string, NewName>;

  /** @param isFixed whether a text has nothing of an environment in it */
  constructor(private readonly compilation: Compilation, fresh: readonly NewName[], private readonly isFixed: (kind: Kind, name: string) => boolean) {
    this.#fresh = new Map(fresh.map((asset) => [asset.uuid, asset]));
    for (const { template: { kind, file }, uuid, key, value } of compilation.drafts.values()) {
      const name = value[kind.nameField];
      this.#references.add({ kind: kind.name, uuid, key, file, name: typeof name === "string" ? name : undefined });
    }
    for (const { kind, uuid, key, file, name } of fresh) {
      this.#references.add({ kind: kind.name, uuid, key, file, name });
    }
  }

  /**
   * What names an asset in every environment, marked: its name where that is one asset's alone, else its key. The name of a template that is
   * there already may be made of variables in a way of its own: its key is not. Undefined for an asset that has no template.
   */
  reference(kind: string, uuid: string): string | undefined {
    const fresh = this.#fresh.get(uuid);
    if (fresh !== undefined) {
      return this.#names(kind, fresh.name, uuid) ? fresh.written : fresh.key;
    }
    const draft = [...this.compilation.drafts.values()].find((one) => one.uuid === uuid && one.template.kind.name === kind);
    if (draft === undefined) {
      return undefined;
    }
    const name = draft.value[draft.template.kind.nameField];
    const isUsual = draft.value["key"] === undefined && typeof name === "string" && this.#names(kind, name, uuid) && this.isFixed(draft.template.kind, name);
    return isUsual ? name : draft.key;
  }

  #names(kind: string, name: string, uuid: string): boolean {
    const found = this.#references.resolve(kind, name);
    return name !== "" && "uuid" in found && found.uuid === uuid;
  }
}
