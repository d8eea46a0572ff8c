/** An exported asset as the value of its template: what `author` makes of it, with variables and secrets as marks. */
import { isObject, type Json, type JsonObject } from "../../provider/json";
import type { AuthorContext, CanonicalContext, ExportDocument, Kind } from "../../provider/kinds/define";
import { put, type Draft, type DraftValue } from "../../provider/rule";
import type { Environment } from "../environment";
import { pathText, schemaProblems } from "../validate";
import type { Path } from "../yaml";
import { hasMarks, marked } from "./marks";
import { matches } from "./rules";
import { renderedPieces, type Substituted, type Substitution } from "./substitute";
import { wordsOf } from "./variables";

/** An asset as an environment's Superset holds it. */
export interface ExportedAsset {
  readonly kind: Kind;
  readonly uuid: string;
  /** Export form, or canonical. */
  readonly document: ExportDocument;
}

/** What an environment's Superset holds. */
export interface Exports {
  readonly assets: readonly ExportedAsset[];
  readonly context: CanonicalContext;
}

/** Something to say of a template. */
export interface Note {
  /** In its value. */
  readonly path: Path;
  readonly message: string;
}

/** Writes assets of one environment down. */
export class TemplateAuthor {
  readonly #elsewhere = new Map<string, ReadonlyMap<string, JsonObject>>();

  /**
   * @param environments all of the repository
   * @param others what is known of other environments, by name
   */
  constructor(
    private readonly substitution: Substitution,
    private readonly environments: readonly Environment[],
    private readonly context: CanonicalContext,
    private readonly others: ReadonlyMap<string, Exports>,
  ) {}

  /** @param reference what names another asset, marked */
  write(asset: ExportedAsset, reference: AuthorContext["reference"]): { readonly value: JsonObject; readonly notes: readonly Note[] } {
    const { kind, document } = asset;
    const notes: Note[] = [];
    const note = (path: Path, message: string): void => void notes.push({ path, message });
    const authored = kind.author(document, { ...this.context, reference, note, secret: (path, mask) => this.#secret(asset, path, mask, note) });
    const unknown = schemaProblems(kind.template, authored).filter(({ path, key }) => key && at(authored, path) !== undefined);
    for (const { path } of unknown) {
      note(path.slice(0, -1), `templates do not know '${pathText(path)}': it was left out, and stays as it is in Superset`);
    }
    return { value: this.#marked(asset, without(authored, unknown.map(({ path }) => path)), [], note) as JsonObject, notes };
  }

  /** A text of an asset with its environment's values replaced, as far as the other environments have theirs in the same place. */
  substitute(asset: ExportedAsset, path: Path, text: string, note: (path: Path, message: string) => void = () => undefined): Substituted["pieces"] {
    const { pieces, notes } = this.substitution.substitute(asset.kind, path, text);
    notes.forEach((message) => note(path, message));
    if (pieces.every((piece) => typeof piece === "string")) {
      return pieces;
    }
    for (const environment of this.others.keys()) {
      const there = at(this.#authoredIn(environment, asset), path);
      const expected = renderedPieces(pieces, environment);
      if (typeof there === "string" && there !== expected) {
        const variables = [...new Set(pieces.flatMap((piece) => (typeof piece === "string" ? [] : [piece.name])))];
        note(path, `'${text}' is '${there}' in ${environment}, and not '${expected}' as ${variables.join(" and ")} would make it: it stays as it is`);
        return [text];
      }
    }
    return pieces;
  }

  #marked(asset: ExportedAsset, value: Json, path: Path, note: (path: Path, message: string) => void): Json {
    if (Array.isArray(value)) {
      return (value as readonly Json[]).map((item, index) => this.#marked(asset, item, [...path, index], note));
    }
    if (isObject(value)) {
      const result: Draft = {};
      for (const [key, item] of Object.entries(value)) {
        put(result, key, this.#marked(asset, item, [...path, key], note) as DraftValue);
      }
      return result;
    }
    return typeof value === "string" ? markedPieces(this.substitute(asset, path, value, note)) : value;
  }

  /** What stands for a password: the secret variable beside those of its address, else one called after the asset. */
  #secret(asset: ExportedAsset, path: Path, mask: string, note: (path: Path, message: string) => void): string {
    const { kind, document } = asset;
    const field = kind.texts.find((one) => matches(one.at, path));
    const text = at(document, path);
    const label = `${kind.name} '${String(document[kind.nameField])}'`;
    const related = field !== undefined && typeof text === "string" ? this.substitution.passwordOf(field, text) : undefined;
    const own = this.substitute(asset, [kind.nameField], String(document[kind.nameField] ?? "")).filter((piece) => typeof piece === "string").join("");
    const name = related ?? `${wordsOf(own).join("_").toUpperCase() || kind.name.toUpperCase()}_PASSWORD`;
    const missing = this.environments.filter(({ secrets }) => !secrets.has(name)).map((environment) => environment.name);
    if (missing.length === 0) {
      note(path, `no export shows the password of the ${label}; it is taken from the secret variable ${name}`);
      return marked(`{{ ${name} }}`);
    }
    const commands = missing.map((environment) => `npx pulumi config set --secret --path 'superset:vars.${name}' --stack ${environment}`);
    note(path, `no export shows the password of the ${label}, and ${missing.join(", ")} ${missing.length === 1 ? "has" : "have"} no secret variable ${name}: without it the one in Superset stays, and a new database has none. Set it: ${commands.join("; ")}`);
    return marked(`{{ ${name} | default('${mask}') }}`);
  }

  /** The asset's template as it would be written in another environment, with names as they are there. */
  #authoredIn(environment: string, { kind, uuid }: ExportedAsset): JsonObject {
    let known = this.#elsewhere.get(environment);
    if (known === undefined) {
      const { assets = [], context } = this.others.get(environment) ?? {};
      known = new Map(assets.map((asset) => [`${asset.kind.name} ${asset.uuid}`, asset.kind.author(asset.document, { ...(context ?? this.context), reference: () => undefined, secret: (_, mask) => mask, note: () => undefined })]));
      this.#elsewhere.set(environment, known);
    }
    return known.get(`${kind.name} ${uuid}`) ?? {};
  }
}

/** The pieces as a text in which what is not to be taken literally is marked. */
export function markedPieces(pieces: Substituted["pieces"]): string {
  return pieces.map((piece) => (typeof piece === "string" ? piece : marked(`{{ ${piece.name} }}`))).join("");
}

/** Whether a text of the asset could be taken for a mark of ours. */
export function hasReserved(value: Json): boolean {
  return /[\uF8E0\uF8E1\uF8F0\uF8F1]/.test(JSON.stringify(value)) || hasMarks(JSON.stringify(value));
}

function at(value: Json, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((found, step) => (typeof found === "object" && found !== null && Object.hasOwn(found, step) ? (found as Readonly<Record<string | number, Json>>)[step] : undefined), value);
}

function without(value: Json, paths: readonly Path[], above: Path = []): JsonObject {
  const isGone = (path: Path): boolean => paths.some((gone) => gone.length === path.length && gone.every((step, index) => String(step) === String(path[index])));
  const walk = (item: Json, path: Path): Json => {
    if (Array.isArray(item)) {
      return (item as readonly Json[]).map((one, index) => walk(one, [...path, index]));
    }
    return isObject(item) ? Object.fromEntries(Object.entries(item).filter(([key]) => !isGone([...path, key])).map(([key, one]) => [key, walk(one, [...path, key])])) : item;
  };
  return (paths.length === 0 ? value : walk(value, above)) as JsonObject;
}
