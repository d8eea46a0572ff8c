/** How templates name assets. */
import type { Compilation, Reference } from "../compilation";
import type { Spelling } from "./candidates";
import { markedValue } from "./marked-value";
import { SourceMap } from "./source-map";
import { YamlTree } from "./yaml-tree";

/** Names of assets in one environment, also those that they had before they were translated. */
export class Naming {
  /** What sort of name a text is, of the assets that were there at first: `key`, `uuid`, or the place among the names. */
  readonly #sorts = new Map<string, string | number>();

  constructor(private readonly main: Compilation) {
    for (const { template: { kind }, uuid } of main.drafts.values()) {
      const known = main.namesOf(kind.name, uuid);
      known?.names.forEach((name, index) => this.#learn(kind.name, name, index));
      this.#learn(kind.name, known?.key ?? uuid, "key");
      this.#learn(kind.name, uuid, "uuid");
    }
  }

  #learn(kind: string, text: string, sort: string | number): void {
    const id = `${kind}\0${text}`;
    this.#sorts.set(id, this.#sorts.get(id) ?? sort);
  }

  /** A text that names the asset, of the sort of `like` where it can be; the uuid where nothing else is its alone. */
  name(kind: string, uuid: string, like?: string): string {
    const known = this.main.namesOf(kind, uuid);
    const sort = like === undefined ? 0 : this.#sorts.get(`${kind}\0${like}`) ?? 0;
    const wanted = sort === "uuid" ? uuid : sort === "key" ? known?.key : known?.names[Number(sort)];
    return [wanted, ...(known?.names ?? []), known?.key].find((text) => text !== undefined && this.main.resolve(kind, text) === uuid) ?? uuid;
  }

  /** Whether a reference of a template still names what it did. */
  isCurrent({ kind, text, uuid }: Reference): boolean {
    return this.main.resolve(kind, text) === uuid;
  }

  /**
   * Ways to write a name so that it is right in every environment: with the expressions that the asset's own template makes its name of, as it
   * is, by the key, by the uuid.
   */
  spellings({ kind, text, uuid }: Reference): readonly Spelling[] {
    const key = this.main.namesOf(kind, uuid)?.key;
    const own = this.#ownSpelling(uuid, text);
    return [
      ...(own === undefined ? [] : [{ text: own, value: text }]),
      { text, value: text },
      ...(key === undefined || key === text || this.main.resolve(kind, key) !== uuid ? [] : [{ text: key, value: key }]),
      ...(uuid === text ? [] : [{ text: uuid, value: uuid }]),
    ];
  }

  #ownSpelling(uuid: string, text: string): string | undefined {
    const draft = [...this.main.drafts.values()].find((one) => one.uuid === uuid);
    if (draft?.template.rendered === undefined || draft.value[draft.template.kind.nameField] !== text) {
      return undefined;
    }
    const tree = new YamlTree(draft.template.rendered.text);
    const node = tree.at([draft.template.kind.nameField])?.node;
    return node === undefined ? undefined : markedValue(tree, new SourceMap(draft.template.rendered, this.main.environment.variables), node);
  }
}
