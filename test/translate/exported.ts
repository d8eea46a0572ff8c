/** Exports made templates, and what the repository compiles to with them. */
import { compile, loadEnvironment } from "../../compile";
import { type Exports, newTemplates } from "../../compile/translate/new";
import { changedPaths } from "../../provider/canonical";
import { formatProblem } from "../../provider/errors";
import { formContext, canonicalForms } from "../../provider/forms";
import type { CanonicalContext, ExportDocument } from "../../provider/kinds/define";
import { kinds } from "../../provider/kinds/registry";
import { PLURALS, type Plural } from "../helpers/rules";

export type Documents = Partial<Readonly<Record<Plural, readonly ExportDocument[]>>>;

/** As a server's export. */
export function exportsOf(documents: Documents, context?: CanonicalContext): Exports {
  const assets = PLURALS.flatMap((plural) => (documents[plural] ?? []).map((document) => ({ kind: kinds.find((kind) => kind.plural === plural)!, uuid: String(document["uuid"]), document })));
  const byUuid = new Map(assets.map(({ uuid, document }) => [uuid, document]));
  return { assets, context: context ?? formContext((uuid) => byUuid.get(uuid)) };
}

interface Translated {
  readonly root: string;
  readonly files: ReadonlyMap<string, string>;
  /** As people read them. */
  readonly notes: readonly string[];
  /** Compiles an environment with the new files. */
  compiled(environment: string): ReturnType<typeof compile>;
}

/** New templates of what `environment` holds; `others` by environment. `context`: of the server it comes from. */
export function translated(root: string, environment: string, documents: Documents, others: Readonly<Record<string, Documents>> = {}, context?: CanonicalContext): Translated {
  const { files, notes } = newTemplates({
    environment: loadEnvironment(root, environment, { env: {} }), ...exportsOf(documents, context), others: new Map(Object.entries(others).map(([name, theirs]) => [name, exportsOf(theirs)])),
  });
  return { root, files, notes: notes.map(formatProblem), compiled: (name) => compile({ root, environment: loadEnvironment(root, name, { env: {} }), overlay: files }) };
}

/** Where the repository with the new files says something else than what was exported; nothing for an asset without a file. */
export function differences({ compiled }: Translated, environment: string, documents: Documents, server?: CanonicalContext): string[] {
  const { assets, context } = exportsOf(documents, server);
  const forms = canonicalForms(compiled(environment).assets);
  return assets.flatMap(({ kind, uuid, document }) => {
    const desired = forms.get(uuid);
    const live = kind.rules.canonical(document, context);
    return desired === undefined ? [] : changedPaths(kind.rules.relevant(live, desired), desired).map(({ path }) => `${kind.name} ${uuid}: ${path}`);
  });
}
