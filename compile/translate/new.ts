/** Assets that no template knows, written down as templates. Pure, but for reading the repository. */
import { join, posix } from "node:path";
import { changedPaths } from "../../provider/canonical";
import { formatProblem, type Problem } from "../../provider/errors";
import type { JsonObject } from "../../provider/json";
import type { Kind } from "../../provider/kinds/define";
import { kinds } from "../../provider/kinds/registry";
import { Compilation } from "../compilation";
import { type Environment, environmentNames, loadEnvironment } from "../environment";
import { mappingOf } from "../index";
import { listed } from "../nearest";
import type { Overlay } from "../templates";
import { readTextFile } from "../text-file";
import { type ExportedAsset, type Exports, hasReserved, markedPieces, type Note, TemplateAuthor } from "./authored";
import { NewNames } from "./new-names";
import { NewPaths } from "./new-paths";
import { loadRules, type Rules } from "./rules";
import { Substitution } from "./substitute";
import { templateText } from "./template-text";
import { Variables } from "./variables";

export type { ExportedAsset, Exports } from "./authored";

interface NewTemplatesRequest extends Exports {
  /** The one that was exported. */
  readonly environment: Environment;
  /** Contents of files that are about to be written, by path from the root: templates that were edited. */
  readonly overlay?: Overlay;
  /** Exports of other environments, by the environment's name: a variable is used only where it gives what is there. */
  readonly others?: ReadonlyMap<string, Exports>;
  /** Default: `translate.yaml`. */
  readonly rules?: Rules;
  /**
   * Keeps assets whose templates do not compile yet: templates that name them, or that they need something of, are edited with these in
   * their overlay, and then this is asked again with what they became. Default: false.
   */
  readonly tentative?: boolean;
}

/** New templates. */
interface NewTemplates {
  /** Contents by path from the root. */
  readonly files: ReadonlyMap<string, string>;
  /** What they do not say, or not as one might expect, and which assets have none. Warnings, but where a template that was there has an error now. */
  readonly notes: readonly Problem[];
}

/** A template on its way. */
interface Draft extends ExportedAsset {
  readonly file: string;
  readonly text: string;
  readonly notes: readonly Note[];
}

/**
 * Templates for those of the exported assets that no template of the repository declares. In every environment the repository compiles with
 * them as it did without; in the exported one they give what was exported. An asset of which no such template can be made is left
 * out, with those that need it, and noted.
 * @throws ProblemsError, ConfigError for stack files and a `translate.yaml` that cannot be read
 */
export function newTemplates({ environment, overlay = new Map(), rules = loadRules(environment), others = new Map(), tentative = false, ...exported }: NewTemplatesRequest): NewTemplates {
  const compilation = compiled(environment, overlay);
  const known = new Set([...compilation.drafts.values()].map(({ uuid }) => uuid));
  const fresh = exported.assets.filter(({ uuid }) => !known.has(uuid)).sort((left, right) => kinds.indexOf(left.kind) - kinds.indexOf(right.kind) || (left.uuid < right.uuid ? -1 : 1));
  const notes: Problem[] = [];
  const writable = fresh.filter(({ document }) => !hasReserved(document));
  for (const asset of fresh.filter((one) => !writable.includes(one))) {
    notes.push(leftOut(asset, "it has one of the characters U+F8E0, U+F8E1, U+F8F0 and U+F8F1, which are reserved; remove them in Superset"));
  }
  if (writable.length === 0) {
    return { files: new Map(), notes };
  }
  const environments = [environment, ...environmentNames(environment.root).filter((name) => name !== environment.name).map((name) => loadEnvironment(environment.root, name, { runtime: environment.runtime }))];
  const variables = new Variables(environment, environments, rules.ignore.variables);
  const author = new TemplateAuthor(new Substitution(variables, rules), environments, exported.context, others);
  const drafts = write(writable, { author, variables, compilation, overlay }, notes);
  const kept = tentative ? drafts : environments.reduce<readonly Draft[]>((left, one) => compiling(left, one, overlay, notes), drafts);
  const result = compiled(environment, withFiles(overlay, kept));
  return { files: new Map(kept.map(({ file, text }) => [file, text])), notes: [...notes, ...kept.flatMap((draft) => located(draft, result, exported))] };
}

function compiled(environment: Environment, overlay: Overlay): Compilation {
  return new Compilation(environment, mappingOf(environment), overlay);
}

function withFiles(overlay: Overlay, drafts: readonly Draft[]): Overlay {
  return new Map([...overlay, ...drafts.map(({ file, text }) => [file, text] as const)]);
}

function leftOut({ kind, uuid, document }: ExportedAsset, reason: string): Problem {
  return { file: `assets/${kind.plural}`, severity: "warning", message: `the ${kind.name} '${String(document[kind.nameField] ?? uuid)}' (${uuid}) is not taken over: ${reason}` };
}

interface Means {
  readonly author: TemplateAuthor;
  readonly variables: Variables;
  readonly compilation: Compilation;
  readonly overlay: Overlay;
}

function write(assets: readonly ExportedAsset[], { author, variables, compilation, overlay }: Means, notes: Problem[]): Draft[] {
  const paths = new NewPaths(compilation, overlay);
  const named = assets.map((asset) => {
    const { kind, uuid, document } = asset;
    const substituted = (field: string): ReturnType<TemplateAuthor["substitute"]> => author.substitute(asset, [field], String(document[field]));
    // What a file is called after: without what differs between environments.
    const plain = Object.fromEntries(Object.entries(document).map(([field, value]) => [field, typeof value === "string" ? substituted(field).filter((piece) => typeof piece === "string").join("") : value]));
    return { ...asset, ...paths.take(kind, uuid, plain), name: String(document[kind.nameField] ?? ""), written: markedPieces(substituted(kind.nameField)) };
  });
  const names = new NewNames(compilation, named, (kind, name) => author.substitute({ kind, uuid: "", document: {} }, [kind.nameField], name).every((piece) => typeof piece === "string"));
  return named.flatMap(({ key, file, ...asset }): Draft[] => {
    const { value, notes: found } = author.write(asset, (kind, uuid) => names.reference(kind, uuid));
    const identity = identityOf(value, key, variables);
    if (identity === undefined) {
      notes.push(leftOut(asset, "its uuid is of this environment alone ('superset:identity' is per-environment), and no variable tells the environments apart; add one with another value in each, such as ENV, to superset:vars"));
      return [];
    }
    const schema = schemaLine(asset.kind, file, compilation, overlay);
    return [{ ...asset, file, text: templateText(identity.value, [...schema, ...identity.head]), notes: found }];
  });
}

/** Where the uuid is another in each environment, only the exported one has that of the export; the others make theirs from the key. */
function identityOf({ uuid = "", ...fields }: JsonObject, key: string, { environment, environments, telling, markers }: Variables): { readonly value: JsonObject; readonly head: readonly string[] } | undefined {
  if (environment.identity === "shared") {
    return { value: { uuid, ...fields }, head: [] };
  }
  if (environments.length === 1) {
    return { value: { key, uuid, ...fields }, head: [] };
  }
  const [variable] = [...markers, ...telling].filter(({ name }) => typeof environment.variables[name] === "string");
  // In comments, so that the file is YAML before it is rendered, too.
  return variable && { value: fields, head: [`key: ${key}`, `# {% if ${variable.name} == "${variable.value}" %}`, `uuid: ${String(uuid)}`, "# {% endif %}"] };
}

const SCHEMA_LINE = /^# yaml-language-server: \$schema=(\S+)$/m;

/** The line that tells an editor how such a file is checked, as the repository's other templates have it. */
function schemaLine(kind: Kind, file: string, { drafts, environment }: Compilation, overlay: Overlay): string[] {
  const templates = [...drafts.values()].map(({ template }) => template).sort((left, right) => Number(right.kind === kind) - Number(left.kind === kind));
  for (const template of templates) {
    const [, schema = ""] = SCHEMA_LINE.exec(overlay.get(template.file) ?? readTextFile(join(environment.root, template.file)) ?? "") ?? [];
    if (schema.startsWith(".") && schema.endsWith(`/${template.kind.name}.schema.json`)) {
      const folder = posix.relative(posix.dirname(file), posix.join(posix.dirname(template.file), posix.dirname(schema)));
      return [`# yaml-language-server: $schema=${folder}/${kind.name}.schema.json`];
    }
  }
  return [];
}

/** The drafts without those that an environment cannot have, and those that need such a one. */
function compiling(drafts: readonly Draft[], environment: Environment, overlay: Overlay, notes: Problem[]): readonly Draft[] {
  const before = compiled(environment, overlay);
  const rivals = new Rivals(before);
  let left = drafts;
  for (;;) {
    const compilation = compiled(environment, withFiles(overlay, left));
    const errors = compilation.problems.filter(({ severity }) => severity !== "warning");
    const failed = left.flatMap((draft) => {
      const own = [...new Set(errors.filter(({ file }) => file === draft.file).map(({ message }) => message))];
      const reason = rivals.reason(draft, compilation) ?? (own.length === 0 ? undefined : listed(own, 3));
      return reason === undefined ? [] : [{ draft, reason }];
    });
    notes.push(...failed.map(({ draft, reason }) => leftOut(draft, `in ${environment.name}, ${reason}`)));
    if (failed.length === 0) {
      const known = new Set(before.problems.map(formatProblem));
      notes.push(...errors.filter((error) => !known.has(formatProblem(error))));
      return left;
    }
    left = left.filter((draft) => failed.every((one) => one.draft !== draft));
  }
}

/** What a repository's templates are called, and what Superset holds only once. */
class Rivals {
  readonly #references = new Map<string, string>();
  readonly #naturalKeys = new Map<string, string>();

  constructor({ drafts }: Compilation) {
    for (const { template: { kind, file }, references, document } of drafts.values()) {
      references.forEach((reference) => this.#references.set(`${reference.kind}\0${reference.text}`, file));
      const key = document && kind.naturalKey(document);
      if (key !== undefined) {
        this.#naturalKeys.set(`${kind.name}\0${key}`, file);
      }
    }
  }

  /** Why there can be no such template beside them. */
  reason({ kind, file }: Draft, { drafts }: Compilation): string | undefined {
    const { value = {}, document } = drafts.get(file) ?? {};
    const naming = this.#references.get(`${kind.name}\0${String(value[kind.nameField])}`);
    if (naming !== undefined) {
      return `${naming} means another ${kind.name} by that name, and with a second one of it nobody could tell which; write a 'key:' into the other's template and name it by that`;
    }
    const key = document && kind.naturalKey(document);
    const holder = key === undefined ? undefined : this.#naturalKeys.get(`${kind.name}\0${key}`);
    return holder === undefined ? undefined : `the ${kind.name} in ${holder} has the same ${key}; Superset holds it only once`;
  }
}

function located(draft: Draft, compilation: Compilation, { context }: Exports): readonly Problem[] {
  const { kind, document, file, notes } = draft;
  const result = compilation.drafts.get(file);
  const found = notes.map(({ path, message }): Problem => ({ ...(result?.template.locate(path, true) ?? { file }), severity: "warning", message }));
  const desired = result && compilation.form(result);
  if (desired === undefined) {
    return found;
  }
  const live = kind.rules.canonical(document, context);
  const changes = changedPaths(kind.rules.relevant(live, desired), desired).map(({ path }) => path);
  return changes.length === 0 ? found : [...found, { file, severity: "warning", message: `does not say all that Superset holds; different are ${listed(changes)}` }];
}
