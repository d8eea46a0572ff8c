/** `docs/bi/ASSETS.md`: every page with what is under it, and every dataset with its metrics. Pure. */
import type { Compiled, CompiledAsset } from "../../compile";
import type { RelationItem } from "../../provider/kinds/define";
import { kindNamed, kinds } from "../../provider/kinds/registry";
import type { RelationAsset } from "../lineage";
import { block, code, fileLink, plain, sections, table } from "./markdown";
import { lineageDiagram, type LineageNode } from "./mermaid";
import type { Owners } from "./owners";

/** From the repository's root. */
export const ASSETS_FILE = "docs/bi/ASSETS.md";

/** What the document is made of: files of Git alone, no server. */
export interface AssetsSource {
  readonly compiled: Compiled;
  readonly relations: readonly RelationAsset[];
  /** By CODEOWNERS. Who owns an asset in Superset is another list on every server, and not in Git. */
  readonly owners: Owners;
}

/** The document. Nothing in it depends on when or where it is made: only on the templates, the environment's variables and CODEOWNERS. */
export function assetsDocument(source: AssetsSource): string {
  return new AssetsDocument(source).text();
}

class AssetsDocument {
  readonly #byUuid: ReadonlyMap<string, CompiledAsset>;
  readonly #relations: ReadonlyMap<string, RelationAsset>;
  readonly #pages: readonly CompiledAsset[];

  constructor(private readonly source: AssetsSource) {
    const { assets } = source.compiled;
    this.#byUuid = new Map(assets.map((asset) => [asset.uuid, asset]));
    this.#relations = new Map(source.relations.map((relation) => [relation.asset.uuid, relation]));
    this.#pages = sorted(assets.filter(({ kind }) => kindNamed(kind).page === true));
  }

  text(): string {
    const { environment } = this.source.compiled;
    const shown = new Set(this.#pages.flatMap((page) => this.#needed(page).map(({ uuid }) => uuid)));
    const rest = sorted(this.source.compiled.assets.filter(({ uuid, kind }) => !shown.has(uuid) && !this.#pages.some((page) => page.uuid === uuid) && kindNamed(kind).address === undefined));
    return sections([
      ["# Assets"],
      [`Made by \`hybrid docs\` from the templates, with the names of environment \`${environment}\`. Owners are those of CODEOWNERS for the template. Do not edit: the next run writes it anew.`],
      this.#overview(),
      ...this.#pages.flatMap((page) => this.#page(page)),
      ...(rest.length === 0 ? [] : [["## On no page"], this.#list(rest)]),
      ...this.source.relations.length === 0 ? [] : [["## Data"]],
      ...sorted(this.source.relations.map(({ asset }) => asset)).flatMap((asset) => this.#relation(asset)),
    ]);
  }

  #overview(): string[] {
    return table(
      ["name", ...this.#between().map(({ plural }) => plural), "tables", "owners"],
      this.#pages.map((page) => {
        const needed = this.#needed(page);
        return [plain(page.name), ...this.#between().map(({ name }) => String(needed.filter(({ kind }) => kind === name).length)), this.#tables(needed).map(code).join(", "), this.#owners(page)];
      }),
    );
  }

  #page(page: CompiledAsset): string[][] {
    const needed = this.#needed(page);
    const diagram = this.#lineage(page, needed);
    const details = [
      ...(kindNamed(page.kind).facts?.(page.document) ?? []).map(([label, text]) => `- ${label}: ${code(text)}`),
      `- template: ${fileLink(ASSETS_FILE, page.source)}`,
      ...(this.#owners(page) === "" ? [] : [`- owners: ${this.#owners(page)}`]),
      ...(this.#tables(needed).length === 0 ? [] : [`- tables: ${this.#tables(needed).map(code).join(", ")}`]),
    ];
    return [
      [`## ${plain(page.name)}`],
      description(page),
      details,
      ...this.#between().flatMap(({ name, plural }) => {
        const list = needed.filter(({ kind }) => kind === name);
        return list.length === 0 ? [] : [[`### ${capital(plural)} of ${plain(page.name)}`], this.#list(list)];
      }),
      diagram === undefined ? [] : block("mermaid", diagram),
    ];
  }

  #list(assets: readonly CompiledAsset[]): string[] {
    return table(
      ["name", "details", "reads", "description", "owners", "template"],
      assets.map((asset) => {
        const facts = (kindNamed(asset.kind).facts?.(asset.document) ?? []).map(([label, text]) => `${label} ${code(text)}`);
        const reads = this.#relations.get(asset.uuid)?.tables.map(code) ?? this.#direct(asset).map(({ name }) => plain(name));
        return [plain(asset.name), facts.join(", "), reads.join(", "), description(asset).join(" "), this.#owners(asset), fileLink(ASSETS_FILE, asset.source)];
      }),
    );
  }

  #relation(asset: CompiledAsset): string[][] {
    const found = this.#relations.get(asset.uuid);
    if (found === undefined) {
      return [];
    }
    const { relation, tables, unknown } = found;
    const used = sorted(this.source.compiled.assets.filter(({ dependsOn }) => dependsOn.includes(asset.uuid)));
    const item = ({ name, title, expression, description: text }: RelationItem): string[] => [code(name), plain(title ?? ""), code(expression ?? ""), plain(text ?? "")];
    const calculated = relation.columns.filter(({ expression }) => expression !== undefined);
    const columns = relation.columns.filter(({ expression }) => expression === undefined);
    return [
      [`### ${plain(relation.schema === undefined ? asset.name : `${relation.schema}.${asset.name}`)}`],
      description(asset),
      [
        `- ${"table" in relation.source ? "table" : "query over"}: ${tables.length === 0 ? "no table" : tables.map(code).join(", ")}`,
        ...(unknown === undefined ? [] : [`- its Jinja cannot be rendered without Superset, so that tables may be missing here: ${plain(unknown)}`]),
        `- used by: ${used.length === 0 ? "nothing in Git" : used.map(({ name }) => plain(name)).join(", ")}`,
        ...(this.#owners(asset) === "" ? [] : [`- owners: ${this.#owners(asset)}`]),
        `- template: ${fileLink(ASSETS_FILE, asset.source)}`,
      ],
      ...titled("Metrics", table(["metric", "title", "SQL", "description"], [...relation.metrics].sort(byName).map(item))),
      ...titled("Calculated columns", table(["column", "title", "SQL", "description"], [...calculated].sort(byName).map(item))),
      ...titled("Columns", table(["column", "title", "SQL", "description"], [...columns].sort(byName).map(item))),
    ];
  }

  /** Tables, then the assets between them and the page, by kind, then the page. Lines that a longer way says already are left out. */
  #lineage(page: CompiledAsset, needed: readonly CompiledAsset[]): string | undefined {
    const drawn = [...needed.filter(({ kind }) => kindNamed(kind).address === undefined), page];
    const uuids = new Set(drawn.map(({ uuid }) => uuid));
    const tables = this.#tables(drawn);
    const nodes: LineageNode[] = [
      ...tables.map((name) => ({ id: `table ${name}`, label: name, group: "Tables" })),
      ...kinds.flatMap((kind) => sorted(drawn.filter((asset) => asset.kind === kind.name)).map(({ uuid, name }) => ({ id: uuid, label: name, group: capital(kind.plural) }))),
    ];
    const edges = [
      ...drawn.flatMap(({ uuid }) => (this.#relations.get(uuid)?.tables ?? []).map((name) => [`table ${name}`, uuid] as const)),
      ...drawn.flatMap((asset) => this.#direct(asset).filter(({ uuid }) => uuids.has(uuid) && !this.#isLongWay(asset, uuid)).map(({ uuid }) => [uuid, asset.uuid] as const)),
    ];
    return lineageDiagram({ nodes, edges });
  }

  /** Whether another asset that `asset` needs leads to `uuid` too. */
  #isLongWay(asset: CompiledAsset, uuid: string): boolean {
    return this.#direct(asset).some((other) => other.uuid !== uuid && this.#needed(other).some((needed) => needed.uuid === uuid));
  }

  /** Everything an asset needs, by kind from the page down, then by name. */
  #needed(asset: CompiledAsset): readonly CompiledAsset[] {
    const found = new Set<CompiledAsset>();
    const visit = (one: CompiledAsset): void => {
      for (const next of this.#direct(one)) {
        if (!found.has(next)) {
          found.add(next);
          visit(next);
        }
      }
    };
    visit(asset);
    return sorted([...found]);
  }

  #direct(asset: CompiledAsset): readonly CompiledAsset[] {
    return sorted(asset.dependsOn.flatMap((uuid) => this.#byUuid.get(uuid) ?? []));
  }

  #tables(assets: readonly CompiledAsset[]): string[] {
    return [...new Set(assets.flatMap(({ uuid }) => this.#relations.get(uuid)?.tables ?? []))].sort();
  }

  #owners({ source }: CompiledAsset): string {
    return this.source.owners(source).map(plain).join(", ");
  }

  /** Kinds that are neither a page nor a database. */
  #between(): readonly (typeof kinds)[number][] {
    return [...kinds].reverse().filter(({ page, address }) => page !== true && address === undefined);
  }
}

/** By kind from the page down, then by name: an order that does not change with the uuids of another environment. */
function sorted(assets: readonly CompiledAsset[]): CompiledAsset[] {
  const place = ({ kind }: CompiledAsset): number => -kinds.findIndex(({ name }) => name === kind);
  return [...assets].sort((a, b) => place(a) - place(b) || compare(a.name, b.name) || compare(a.source, b.source));
}

function byName(left: RelationItem, right: RelationItem): number {
  return compare(left.name, right.name);
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function description({ document }: CompiledAsset): string[] {
  return typeof document["description"] === "string" && document["description"].trim() !== "" ? [plain(document["description"])] : [];
}

function titled(title: string, lines: readonly string[]): string[][] {
  return lines.length === 0 ? [] : [[`${title}:`], [...lines]];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
