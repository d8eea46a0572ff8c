/** Where new templates go: a file and key that nothing in the repository has, the same whenever the same assets are new. */
import { readdirSync } from "node:fs";
import { join, posix } from "node:path";
import type { ExportDocument, Kind } from "../../provider/kinds/define";
import type { Compilation } from "../compilation";
import { hasCode } from "../has-code";
import type { Overlay } from "../templates";

/** A place for a template. */
interface NewPath {
  /** From the repository's root. */
  readonly file: string;
  /** What it has without a `key:` of its own. */
  readonly key: string;
}

/** Gives each asset a place of its own. */
export class NewPaths {
  readonly #taken = new Map<string, Set<string>>();
  readonly #files = new Map<Kind, ReadonlySet<string>>();

  /** @param overlay files that are about to be written */
  constructor(private readonly compilation: Compilation, private readonly overlay: Overlay) {
    for (const { template, key, value, references } of compilation.drafts.values()) {
      const { kind } = template;
      // A key goes before a name: one that somebody names an asset by must not become another's key.
      this.#of(kind.name).add(key.toLowerCase()).add(String(value[kind.nameField] ?? "").toLowerCase());
      references.forEach((reference) => this.#of(reference.kind).add(reference.text.toLowerCase()));
    }
  }

  /** @param document with the texts that name it as they are in every environment */
  take(kind: Kind, uuid: string, document: ExportDocument): NewPath {
    const title = posix.basename(kind.bundlePath({ ...document, uuid }, { document: () => undefined }));
    const slug = title.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "") || kind.name;
    const short = `${slug}_${uuid.slice(0, 8)}`;
    const key = [slug, short].find((candidate) => this.#isFree(kind, candidate)) ?? `${slug}_${uuid}`;
    this.#of(kind.name).add(key);
    return { key, file: `assets/${kind.plural}/${key}.yaml.j2` };
  }

  #isFree(kind: Kind, key: string): boolean {
    return !this.#of(kind.name).has(key) && !this.#filesOf(kind).has(key);
  }

  #of(kind: string): Set<string> {
    const taken = this.#taken.get(kind) ?? new Set<string>();
    this.#taken.set(kind, taken);
    return taken;
  }

  /** Names in the kind's folder without their extensions, in lower case: some disks do not tell `A` from `a`. Whatever they are. */
  #filesOf(kind: Kind): ReadonlySet<string> {
    const folder = `assets/${kind.plural}`;
    const planned = (): string[] => [...this.overlay.keys()].filter((file) => posix.dirname(file) === folder).map((file) => posix.basename(file));
    const files = this.#files.get(kind) ?? new Set([...namesIn(join(this.compilation.environment.root, folder)), ...planned()].map((name) => name.toLowerCase().replace(/\..*$/, "")));
    this.#files.set(kind, files);
    return files;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (hasCode(error, "ENOENT")) {
      return [];
    }
    throw error;
  }
}
