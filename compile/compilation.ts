/** The work of a compilation: from a repository's templates to its assets, with everything that is wrong in them. */
import type { Problem } from "../provider/errors";
import { formContext } from "../provider/forms";
import { assetUuid, isUuid } from "../provider/identity";
import type { JsonObject } from "../provider/json";
import type { Canonical, ExpandContext, ExportDocument } from "../provider/kinds/define";
import { kinds } from "../provider/kinds/registry";
import type { Environment } from "./environment";
import type { CompiledAsset } from "./index";
import { loadMapping, retargetDocuments } from "./mapping";
import { didYouMean } from "./nearest";
import { References } from "./references";
import { Renderer } from "./render";
import { schemaDump } from "./schema-dump";
import { secretProblems } from "./secret-check";
import { type Overlay, readTemplates, rereadTemplate, type Template } from "./templates";
import { schemaProblems } from "./validate";
import type { Path } from "./yaml";

/** An asset that a template names. */
export interface Reference {
  readonly kind: string;
  /** As it is written: a name, key or uuid. */
  readonly text: string;
  /** Where: of a mapping's key, the path down to that key. */
  readonly path: Path;
  readonly uuid: string;
}

/** A template on its way to an asset. */
export interface Draft {
  readonly template: Template;
  readonly value: JsonObject;
  readonly uuid: string;
  readonly key: string;
  /** It fits its schema. */
  readonly valid: boolean;
  /** What is wrong with this template alone. */
  readonly problems: Problem[];
  readonly references: Reference[];
  /** Before the mapping. */
  expanded?: ExportDocument;
  /** Export form; its secrets are still inside. */
  document?: ExportDocument;
  /** Undefined where something is wrong with it. */
  asset?: CompiledAsset;
}

/** One environment's templates, compiled. Nothing is thrown for what is wrong in them: see `problems`. */
export class Compilation {
  readonly #problems: Problem[] = [];
  readonly #references = new References();
  readonly #documents = new Map<string, ExportDocument>();
  readonly #drafts = new Map<string, Draft>();
  readonly #tableColumns;
  readonly #renderer: Renderer;
  readonly #mapping;
  #ordered: readonly CompiledAsset[] = [];
  /** Number of template files. */
  readonly templates: number;

  /**
   * @param mapping a mapping file (`mappings/*.yaml`), from the root
   * @param overlay other contents of files than those on the disk
   */
  constructor(readonly environment: Environment, mapping?: string, overlay: Overlay = new Map()) {
    this.#tableColumns = schemaDump(environment.root);
    this.#mapping = mapping === undefined ? undefined : loadMapping(environment.root, mapping);
    this.#renderer = new Renderer({ root: environment.root, variables: environment.variables, undefinedReason: (name) => this.#undefinedReason(name), overlay });
    const templates = readTemplates(environment.root, kinds, this.#renderer, this.#problems, overlay);
    this.templates = templates.length;
    for (const template of templates) {
      const draft = this.#draft(template);
      if (draft === undefined) {
        this.#references.addUnreadable(template.kind.name);
      } else {
        this.#drafts.set(template.file, draft);
      }
    }
    this.#compile();
  }

  #compile(): void {
    const drafts = [...this.#drafts.values()];
    this.#unique(drafts, (draft) => draft.uuid, "uuid", (draft, other) => `the uuid ${draft.uuid} is also that of ${other.template.file}; every asset needs one of its own`);
    this.#unique(drafts, (draft) => `${draft.template.kind.name}\0${draft.key}`, "key", (draft, other) =>
      `the key '${draft.key}' is also that of ${other.template.file}; write another 'key:' in one of them`);
    for (const kind of kinds) {
      const ofKind = drafts.filter((draft) => draft.template.kind === kind);
      // All names first: an asset may refer to another of its kind.
      for (const draft of ofKind) {
        this.#addName(draft);
      }
      for (const draft of ofKind) {
        this.#expand(draft);
      }
    }
    this.#problems.push(...this.#retarget(drafts));
    this.#uniqueNaturalKeys(drafts);
    for (const draft of drafts) {
      this.#finish(draft);
    }
    this.#ordered = this.#inOrder(drafts.flatMap((draft) => draft.asset ?? []));
    for (const draft of drafts) {
      this.#check(draft);
    }
  }

  /** Everything that is wrong, in no order. */
  get problems(): readonly Problem[] {
    return [...this.#problems, ...[...this.#drafts.values()].flatMap((draft) => draft.problems)];
  }

  /** Each after the assets it needs. */
  get assets(): readonly CompiledAsset[] {
    return this.#ordered;
  }

  /** Export form of an asset, secrets masked. */
  document(kind: string, uuid: string): ExportDocument | undefined {
    return this.#documents.get(documentId(kind, uuid));
  }

  /** By the template's file. */
  get drafts(): ReadonlyMap<string, Draft> {
    return this.#drafts;
  }

  /** Canonical form of what a template declares; undefined where it has none. */
  form({ template, asset }: Draft): Canonical | undefined {
    return asset === undefined ? undefined : template.kind.rules.canonical(asset.document, formContext((uuid) => this.documentOf(uuid)));
  }

  /** Uuid of the asset that a text names, as in a template; nothing is reported. */
  resolve(kind: string, text: string): string | undefined {
    const found = this.#references.resolve(kind, text);
    return "uuid" in found ? found.uuid : undefined;
  }

  /** The key and the names of an asset: each resolves to it, unless another asset has it too. */
  namesOf(kind: string, uuid: string): { readonly key: string; readonly names: readonly string[] } | undefined {
    return this.#references.namesOf(kind, uuid);
  }

  /**
   * What a template of this compilation would be with other contents; nothing changes here. Undefined where it cannot be read: then
   * `problems` says why.
   */
  attempt(file: string, overlay: Overlay, problems: Problem[] = []): Draft | undefined {
    const known = this.#drafts.get(file);
    const template = known && rereadTemplate(known.template, this.environment.root, this.#renderer, overlay, problems);
    const draft = template && this.#draft(template);
    return draft === undefined ? undefined : this.#completed(draft);
  }

  /** What a template of this compilation would be if it rendered to that mapping; nothing changes here. */
  attemptValue(template: Template, value: JsonObject): Draft {
    return this.#completed(this.#draftOf(template, value));
  }

  /** Puts a draft that `attempt` made in the place of the one there was: others then refer to it by its new names. */
  adopt(draft: Draft): void {
    const { kind, file } = draft.template;
    this.#drafts.set(file, draft);
    this.#references.remove(kind.name, draft.uuid);
    this.#addName(draft);
    if (draft.asset !== undefined) {
      this.#documents.set(documentId(kind.name, draft.uuid), draft.asset.document);
      this.#addAliases(draft, draft.asset.document);
    }
  }

  #completed(draft: Draft): Draft {
    if (draft.valid) {
      draft.expanded = draft.template.kind.expand(draft.value, draft.uuid, this.#context(draft));
      draft.document = draft.expanded;
      this.#retarget([...[...this.#drafts.values()].filter(({ uuid }) => uuid !== draft.uuid), draft], draft);
      this.#finish(draft, false);
      this.#check(draft);
    }
    return draft;
  }

  /** Export form of an asset of any kind, secrets masked. */
  documentOf(uuid: string): ExportDocument | undefined {
    for (const kind of kinds) {
      const found = this.#documents.get(documentId(kind.name, uuid));
      if (found !== undefined) {
        return found;
      }
    }
    return undefined;
  }

  #undefinedReason(name: string): string {
    const { unset, variablesFile, variables } = this.environment;
    const known = Object.keys(variables);
    return unset.get(name) ?? `set it under superset:vars in ${variablesFile}${didYouMean(name, known)}, or guard it with the default filter`;
  }

  #draft(template: Template): Draft | undefined {
    return template.value === undefined ? undefined : this.#draftOf(template, template.value);
  }

  #draftOf(template: Template, value: JsonObject): Draft {
    const { kind } = template;
    const found = schemaProblems(kind.template, value);
    const problems = found.map((problem) => ({ ...template.locate(problem.path, problem.key), message: problem.message }));
    const key = typeof value.key === "string" && value.key !== "" ? value.key : template.defaultKey;
    const { project, identity, name } = this.environment;
    const uuid = typeof value.uuid === "string" && isUuid(value.uuid) ? value.uuid : assetUuid(project, kind.name, key, identity === "per-environment" ? name : undefined);
    return { template, value, uuid, key, valid: found.length === 0, problems, references: [] };
  }

  #addName({ template: { kind, file }, value, uuid, key }: Draft): void {
    const name = value[kind.nameField];
    this.#references.add({ kind: kind.name, uuid, key, name: typeof name === "string" ? name : undefined, file });
    if (typeof name !== "string") {
      this.#references.addUnreadable(kind.name);
    }
  }

  #addAliases({ template: { kind }, uuid }: Draft, document: ExportDocument): void {
    const aliases = kind.names?.(document, { document: (other, otherUuid) => this.document(other, otherUuid) }) ?? [];
    this.#references.addAliases(kind.name, uuid, aliases);
  }

  #expand(draft: Draft): void {
    if (draft.valid) {
      const { kind } = draft.template;
      draft.expanded = kind.expand(draft.value, draft.uuid, this.#context(draft));
      draft.document = draft.expanded;
      this.#documents.set(documentId(kind.name, draft.uuid), draft.document);
      this.#addAliases(draft, draft.document);
    }
  }

  /** Applies the mapping. @param only the one whose document is replaced. Default: all */
  #retarget(drafts: readonly Draft[], only?: Draft): readonly Problem[] {
    if (this.#mapping === undefined) {
      return [];
    }
    const subjects = drafts.flatMap(({ template, uuid, expanded }) => (expanded === undefined ? [] : [{ kind: template.kind, uuid, document: expanded }]));
    const { documents, problems } = retargetDocuments(subjects, this.#mapping);
    for (const draft of only === undefined ? drafts : [only]) {
      const document = documents.get(draft.uuid);
      if (document !== undefined) {
        draft.document = document;
        if (only === undefined) {
          this.#documents.set(documentId(draft.template.kind.name, draft.uuid), document);
        }
      }
    }
    return problems;
  }

  #context({ template, problems, references }: Draft): ExpandContext {
    const problem = (path: Path, message: string, severity?: "error" | "warning"): void => {
      problems.push({ ...template.locate(path), message, ...(severity === undefined ? {} : { severity }) });
    };
    return {
      resolve: (kind, reference, path) => {
        const found = this.#references.resolve(kind, reference);
        if ("uuid" in found) {
          references.push({ kind, text: reference, path, uuid: found.uuid });
          return found.uuid;
        }
        if ("problem" in found) {
          problem(path, found.problem);
        }
        return undefined;
      },
      document: (kind, uuid) => this.document(kind, uuid),
      tableColumns: (schema, table) => this.#tableColumns(schema, table),
      problem,
    };
  }

  #check(draft: Draft): void {
    if (draft.document !== undefined) {
      draft.template.kind.check?.(draft.document, this.#context(draft));
    }
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

  /** @param keep others see the document. Default: true */
  #finish(draft: Draft, keep = true): void {
    const { template, value, document } = draft;
    if (document === undefined) {
      return;
    }
    const { kind } = template;
    const split = kind.splitSecrets?.(document) ?? { document, secrets: {} };
    draft.problems.push(...secretProblems(template, split.document, split.secrets, this.environment.variablesFile));
    if (keep) {
      this.#documents.set(documentId(kind.name, draft.uuid), split.document);
    }
    const needs = kind.references(split.document).map((reference) => reference.uuid);
    draft.asset = {
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
