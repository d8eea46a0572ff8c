/** Compilation: templates and variables to a bundle. Pure: the same files and variables give the same bytes, and nothing is asked of a network. */
import { type Problem, ProblemsError } from "../provider/errors";
import { assetUuid, isUuid } from "../provider/identity";
import type { JsonObject } from "../provider/json";
import type { ExpandContext, ExportDocument, Kind, Secrets } from "../provider/kinds/define";
import { kindNamed, kinds } from "../provider/kinds/registry";
import { bundleFiles, bundleHash } from "./bundle";
import { type Environment, loadEnvironment } from "./environment";
import { loadMapping, retargetDocuments } from "./mapping";
import { didYouMean } from "./nearest";
import { References } from "./references";
import { Renderer } from "./render";
import { schemaDump } from "./schema-dump";
import { secretProblems } from "./secret-check";
import { readTemplates, type Template } from "./templates";
import { schemaProblems } from "./validate";
import type { Path } from "./yaml";

export { revealSecrets } from "../provider/placeholders";
export { type Environment, environmentNames, loadEnvironment, secretValues } from "./environment";
export { parseExport, stringifyExport } from "./export-yaml";

/** One asset, compiled. */
export interface CompiledAsset {
  /** Name of its kind (`kindNamed`). */
  readonly kind: string;
  /** Unique within the kind. */
  readonly key: string;
  readonly uuid: string;
  /** The template writes `key:` itself, so that the file may be renamed. */
  readonly explicitKey: boolean;
  readonly explicitUuid: boolean;
  /** What people know it by in Superset. */
  readonly name: string;
  /** Template file, from the repository's root. */
  readonly source: string;
  /** Export form, secrets masked. */
  readonly document: ExportDocument;
  /** With placeholders: see `revealSecrets`. */
  readonly secrets: Secrets;
  readonly options: { readonly protect: boolean; readonly retain: boolean };
  /** Uuids of the assets it needs. */
  readonly dependsOn: readonly string[];
}

/** What a compilation gives. */
export interface Compiled {
  readonly environment: string;
  readonly project: string;
  /** Each after the assets it needs. */
  readonly assets: readonly CompiledAsset[];
  /** The bundle's files by path. */
  readonly files: ReadonlyMap<string, string>;
  /** Of the bundle: SHA-256, hex. */
  readonly hash: string;
  readonly warnings: readonly Problem[];
}

interface CompileOptions {
  /** The repository's root; may be left out where `environment` is a loaded one. */
  readonly root?: string;
  readonly environment: string | Environment;
  /** A mapping file (`mappings/*.yaml`), from the root. Default: the setting `superset:mapping`. */
  readonly mapping?: string;
}

/** A template on its way: validated, named, expanded. */
interface Draft {
  readonly template: Template;
  readonly value: JsonObject;
  readonly uuid: string;
  readonly key: string;
  /** Fits its schema. */
  readonly valid: boolean;
  document?: ExportDocument;
}

/** Compiles an environment. Throws a `ProblemsError` with everything that is wrong in all files. */
export function compile(options: CompileOptions): Compiled {
  const environment = typeof options.environment === "string" ? loadEnvironment(options.root ?? process.cwd(), options.environment) : options.environment;
  const configured = environment.config["superset:mapping"];
  return new Compilation(environment, options.mapping ?? (typeof configured === "string" ? configured : undefined)).run();
}

class Compilation {
  readonly #problems: Problem[] = [];
  readonly #references = new References();
  readonly #documents = new Map<string, ExportDocument>();
  readonly #tableColumns;

  constructor(private readonly environment: Environment, private readonly mapping: string | undefined) {
    this.#tableColumns = schemaDump(environment.root);
  }

  run(): Compiled {
    const { environment } = this;
    const mapping = this.mapping === undefined ? undefined : loadMapping(environment.root, this.mapping);
    const renderer = new Renderer({ root: environment.root, variables: environment.variables, undefinedReason: (name) => this.#undefinedReason(name) });
    const templates = readTemplates(environment.root, kinds, renderer, this.#problems);
    const drafts = templates.flatMap((template) => this.#draft(template) ?? []);
    this.#unique(drafts, (draft) => draft.uuid, "uuid", (draft, other) => `the uuid ${draft.uuid} is also that of ${other.template.file}; every asset needs one of its own`);
    this.#unique(drafts, (draft) => `${draft.template.kind.name}\0${draft.key}`, "key", (draft, other) =>
      `the key '${draft.key}' is also that of ${other.template.file}; write another 'key:' in one of them`);
    for (const kind of kinds) {
      this.#expand(kind, drafts.filter((draft) => draft.template.kind === kind));
    }
    if (mapping !== undefined) {
      const subjects = drafts.flatMap((draft) => (draft.document === undefined ? [] : [{ kind: draft.template.kind, uuid: draft.uuid, document: draft.document }]));
      const retargeted = retargetDocuments(subjects, mapping);
      this.#problems.push(...retargeted.problems);
      for (const draft of drafts) {
        const document = retargeted.documents.get(draft.uuid);
        if (document !== undefined) {
          draft.document = document;
          this.#documents.set(documentId(draft.template.kind.name, draft.uuid), document);
        }
      }
    }
    this.#uniqueNaturalKeys(drafts);
    const assets = this.#inOrder(drafts.flatMap((draft) => this.#finish(draft) ?? []));
    for (const draft of drafts) {
      if (draft.document !== undefined) {
        draft.template.kind.check?.(draft.document, this.#context(draft.template));
      }
    }
    return this.#result(assets, templates.length);
  }

  #result(assets: readonly CompiledAsset[], templates: number): Compiled {
    const sorted = sortProblems(this.#problems);
    const errors = sorted.filter((problem) => problem.severity !== "warning");
    if (errors.length > 0) {
      const files = new Set(errors.map((problem) => problem.file)).size;
      throw new ProblemsError(sorted, `${errors.length} ${errors.length === 1 ? "problem" : "problems"} in ${files} ${files === 1 ? "file" : "files"} of ${templates}, environment ${this.environment.name}.`);
    }
    const bundle = assets.map((asset) => ({ kind: kindNamed(asset.kind), uuid: asset.uuid, document: asset.document }));
    const files = bundleFiles(bundle, { document: (kind, uuid) => this.#documents.get(documentId(kind, uuid)) });
    return { environment: this.environment.name, project: this.environment.project, assets, files, hash: bundleHash(files), warnings: sorted };
  }

  #undefinedReason(name: string): string {
    const { unset, variablesFile, variables } = this.environment;
    const known = Object.keys(variables);
    return unset.get(name) ?? `set it under superset:vars in ${variablesFile}${didYouMean(name, known)}, or guard it with the default filter`;
  }

  #draft(template: Template): Draft | undefined {
    const { kind, value } = template;
    if (value === undefined) {
      this.#references.addUnreadable(kind.name);
      return undefined;
    }
    const found = schemaProblems(kind.template, value);
    for (const problem of found) {
      this.#problems.push({ ...template.locate(problem.path, problem.key), message: problem.message });
    }
    const key = typeof value.key === "string" && value.key !== "" ? value.key : template.defaultKey;
    const { project, identity, name } = this.environment;
    const uuid = typeof value.uuid === "string" && isUuid(value.uuid) ? value.uuid : assetUuid(project, kind.name, key, identity === "per-environment" ? name : undefined);
    return { template, value, uuid, key, valid: found.length === 0 };
  }

  #expand(kind: Kind, drafts: readonly Draft[]): void {
    // All names first: an asset may refer to another of its kind.
    for (const draft of drafts) {
      const name = draft.value[kind.nameField];
      this.#references.add({ kind: kind.name, uuid: draft.uuid, key: draft.key, name: typeof name === "string" ? name : undefined, file: draft.template.file });
      if (typeof name !== "string") {
        this.#references.addUnreadable(kind.name);
      }
    }
    for (const draft of drafts) {
      if (draft.valid) {
        draft.document = kind.expand(draft.value, draft.uuid, this.#context(draft.template));
        this.#documents.set(documentId(kind.name, draft.uuid), draft.document);
        const aliases = kind.names?.(draft.document, { document: (other, uuid) => this.#documents.get(documentId(other, uuid)) }) ?? [];
        this.#references.addAliases(kind.name, draft.uuid, aliases);
      }
    }
  }

  #context(template: Template): ExpandContext {
    const problem = (path: Path, message: string, severity?: "error" | "warning"): void => {
      this.#problems.push({ ...template.locate(path), message, ...(severity === undefined ? {} : { severity }) });
    };
    return {
      resolve: (kind, reference, path) => {
        const found = this.#references.resolve(kind, reference);
        if ("uuid" in found) {
          return found.uuid;
        }
        if ("problem" in found) {
          problem(path, found.problem);
        }
        return undefined;
      },
      document: (kind, uuid) => this.#documents.get(documentId(kind, uuid)),
      tableColumns: (schema, table) => this.#tableColumns(schema, table),
      problem,
    };
  }

  #unique(drafts: readonly Draft[], id: (draft: Draft) => string, field: string, message: (draft: Draft, other: Draft) => string): void {
    const first = new Map<string, Draft>();
    for (const draft of drafts) {
      const other = first.get(id(draft));
      if (other === undefined) {
        first.set(id(draft), draft);
      } else {
        this.#problems.push({ ...draft.template.locate(draft.value[field] === undefined ? [] : [field], true), message: message(draft, other) });
      }
    }
  }

  /** Superset silently gives an asset with a known natural key to whoever comes last. */
  #uniqueNaturalKeys(drafts: readonly Draft[]): void {
    const first = new Map<string, Draft>();
    for (const draft of drafts) {
      const { kind, file } = draft.template;
      const key = draft.document === undefined ? undefined : kind.naturalKey(draft.document);
      if (key === undefined) {
        continue;
      }
      const other = first.get(`${kind.name}\0${key}`);
      if (other === undefined) {
        first.set(`${kind.name}\0${key}`, draft);
      } else if (other.uuid !== draft.uuid && file !== other.template.file) {
        const [word] = key.split(" ");
        const field = word !== undefined && draft.value[word] !== undefined ? word : kind.nameField;
        this.#problems.push({ ...draft.template.locate([field], true), message: `the ${kind.name} in ${other.template.file} has the same ${key}; Superset holds it only once` });
      }
    }
  }

  /** Each asset after those it needs. */
  #inOrder(assets: readonly CompiledAsset[]): readonly CompiledAsset[] {
    const byUuid = new Map(assets.map((asset) => [asset.uuid, asset]));
    const ordered = new Set<CompiledAsset>();
    const visit = (asset: CompiledAsset, path: readonly CompiledAsset[]): void => {
      if (path.includes(asset)) {
        const circle = [...path.slice(path.indexOf(asset)), asset].map(({ name, source }) => `'${name}' (${source})`);
        this.#problems.push({ file: asset.source, message: `${asset.kind}s refer to each other in a circle: ${circle.join(" → ")}` });
        return;
      }
      if (!ordered.has(asset)) {
        for (const uuid of asset.dependsOn) {
          const needed = byUuid.get(uuid);
          if (needed !== undefined) {
            visit(needed, [...path, asset]);
          }
        }
        ordered.add(asset);
      }
    };
    for (const asset of assets) {
      visit(asset, []);
    }
    return [...ordered];
  }

  #finish(draft: Draft): CompiledAsset | undefined {
    const { template, value, document } = draft;
    if (document === undefined) {
      return undefined;
    }
    const { kind } = template;
    const split = kind.splitSecrets?.(document) ?? { document, secrets: {} };
    this.#problems.push(...secretProblems(template, split.document, split.secrets, this.environment.variablesFile));
    this.#documents.set(documentId(kind.name, draft.uuid), split.document);
    const needs = kind.references(split.document).map((reference) => reference.uuid);
    return {
      kind: kind.name,
      key: draft.key,
      uuid: draft.uuid,
      explicitKey: value.key !== undefined,
      explicitUuid: value.uuid !== undefined,
      name: String(document[kind.nameField] ?? draft.key),
      source: template.file,
      document: split.document,
      secrets: split.secrets,
      options: { protect: value.protect === true, retain: value.retain === true },
      dependsOn: [...new Set(needs)].filter((uuid) => uuid !== ""),
    };
  }
}

function documentId(kind: string, uuid: string): string {
  return `${kind}\0${uuid}`;
}

/** By file and line, each problem once. */
function sortProblems(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems
    .filter((problem) => {
      const id = JSON.stringify([problem.file, problem.line, problem.message]);
      return seen.has(id) ? false : seen.add(id);
    })
    .sort((left, right) => compareText(left.file, right.file) || (left.line ?? 0) - (right.line ?? 0) || (left.column ?? 0) - (right.column ?? 0) || compareText(left.message, right.message));
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
