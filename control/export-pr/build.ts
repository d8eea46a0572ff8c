/** Makes the commits of an export, in the scratch: nothing leaves this machine. */
import { environmentNames } from "../../compile";
import { translate } from "../../compile/translate";
import { changedPaths } from "../../provider/canonical";
import { ConfigError, ProblemsError, UserError, type Problem } from "../../provider/errors";
import type { Canonical } from "../../provider/kinds/define";
import { kindNamed, kinds } from "../../provider/kinds/registry";
import type { Editor } from "../../provider/report";
import { openEnvironment, type ControlEnvironment } from "../environment";
import { diffText } from "../git/history";
import type { Scratch } from "../git/scratch";
import { exportedForms, sameForm } from "./branch";
import type { Connection, ExportOptions } from "./connection";
import { findEdits, type Edit, type Found } from "./edits";
import type { Start } from "./start";
import { commitMessage, type AssetChange, type OtherEnvironment } from "./texts";

/** An export, ready to be pushed. */
export interface Built {
  /** The last commit; that of `Start.parent` where no file changes. */
  readonly commit: string;
  /** What the branch then changes in Git besides the base. */
  readonly changes: readonly AssetChange[];
  readonly others: readonly OtherEnvironment[];
  /** Number of assets that could not be taken over, or only in part. */
  readonly remaining: number;
  /** Why, and what else there is to say of the templates. */
  readonly notes: readonly Problem[];
  /** Base → the last commit, as a unified diff. */
  readonly diff: string;
}

/** The assets of one environment at one commit. */
interface Compilation {
  readonly forms: ReadonlyMap<string, Canonical>;
  readonly sources: ReadonlyMap<string, string>;
  readonly kinds: ReadonlyMap<string, string>;
}

/** Why assets are changed by the export. */
interface Known {
  readonly edits: ReadonlyMap<string, Edit>;
  /** Assets that earlier exports changed. */
  readonly exported: ReadonlySet<string>;
}

/** Compilations of all environments by name; a text where one does not compile. */
type Everywhere = ReadonlyMap<string, Compilation | string>;

/**
 * Compares Superset with the commit the export is made on, and commits the edits.
 * @throws ConfigError where the environment is not in the base, ProblemsError where its templates do not compile there, what reading Superset and the state throws
 */
export async function build(scratch: Scratch, connection: Connection, start: Start, options: ExportOptions): Promise<Built> {
  const builder = new Builder(scratch, connection, start, options);
  return builder.run();
}

class Builder {
  constructor(private readonly scratch: Scratch, private readonly connection: Connection, private readonly start: Start, private readonly options: ExportOptions) {}

  async run(): Promise<Built> {
    const { scratch, start, options } = this;
    const { parent, base, adds } = start;
    const env = await this.#open();
    const exported = adds && start.branch !== undefined ? await this.#exported(env, start.branch) : new Map<string, Canonical | undefined>();
    const taken = !adds && start.branch !== undefined ? await this.#made(env, start.branch.tip) : new Set<string>();
    const { edits, used } = await options.progress.step(`Comparing Superset with ${adds ? this.connection.branch : start.baseName}`, () => findEdits(env, { dashboard: options.dashboard, unmanaged: options.unmanaged, taken, exported }));
    if (edits.length === 0 && !adds) {
      return { commit: parent, changes: [], others: [], remaining: 0, notes: [], diff: "" };
    }
    const before = await this.#everywhereAt(base);
    const atParent = adds ? await this.#everywhereAt(parent) : before;
    const written = await this.#write(env, { edits, used }, atParent);
    const left = leftOver(edits, compiledAt(written.after, options.environment));
    const known: Known = { edits: new Map(edits.map((edit) => [edit.uuid, edit])), exported: new Set(exported.keys()) };
    const changes = await this.#changes(env, known, before, written.after);
    // On a branch that is added to, a commit is about less than the pull request.
    const fresh = adds ? await this.#changes(env, known, atParent, written.after) : changes;
    const commit = written.files.size === 0 ? parent : await this.#commit(written.files, fresh);
    return {
      commit,
      changes,
      others: othersOf(options.environment, before, written.after),
      remaining: left.length,
      notes: [...written.notes, ...left.filter(({ file }) => written.notes.every((note) => note.file !== file))],
      diff: await diffText(scratch, base, commit),
    };
  }

  /** The environment with the templates of the commit the export is made on. */
  async #open(): Promise<ControlEnvironment> {
    const { scratch, start, connection, options } = this;
    await scratch.checkout(start.parent);
    const where = `${start.adds ? connection.branch : start.baseName} of ${connection.remote.name}`;
    if (!environmentNames(scratch.folder).includes(options.environment)) {
      throw new ConfigError(`environment '${options.environment}' is not in ${where}: push its Pulumi.${options.environment}.yaml there first, or name another branch with --base`);
    }
    const env = openEnvironment(options.root, options.environment, { templates: scratch.folder, log: options.log });
    try {
      // Now, while these files are there.
      void env.forms;
    } catch (error) {
      throw error instanceof ProblemsError ? new ProblemsError(error.problems, `${where} does not compile, so nothing can be exported to it.`) : error;
    }
    return env;
  }

  async #exported(env: ControlEnvironment, branch: NonNullable<Start["branch"]>): Promise<ReadonlyMap<string, Canonical | undefined>> {
    const memories = await env.memories();
    const formsAt = async (commit: string): Promise<ReadonlyMap<string, Canonical> | undefined> => {
      const compiled = (await this.#everywhereAt(commit, [env.name])).get(env.name);
      return typeof compiled === "object" ? compiled.forms : undefined;
    };
    return exportedForms(branch, formsAt, (uuid) => memories.get(uuid)?.memory.applied);
  }

  /** Assets that the branch has and the base has not. */
  async #made(env: ControlEnvironment, tip: string): Promise<ReadonlySet<string>> {
    const there = compiledAt(await this.#everywhereAt(tip, [env.name]), env.name);
    return new Set([...there.forms.keys()].filter((uuid) => !env.forms.has(uuid)));
  }

  async #everywhereAt(commit: string, only?: readonly string[]): Promise<Everywhere> {
    await this.scratch.checkout(commit);
    return this.#everywhere(only);
  }

  /** All environments with the files that are in the scratch. */
  #everywhere(only: readonly string[] = environmentNames(this.scratch.folder)): Everywhere {
    return new Map(only.map((name) => [name, this.#compilation(name)]));
  }

  #compilation(name: string): Compilation | string {
    try {
      const { compiled, forms } = openEnvironment(this.options.root, name, { templates: this.scratch.folder, log: this.options.log });
      return {
        forms,
        sources: new Map(compiled.assets.map(({ uuid, source }) => [uuid, source])),
        kinds: new Map(compiled.assets.map(({ uuid, kind }) => [uuid, kind])),
      };
    } catch (error) {
      if (error instanceof UserError) {
        return error.message;
      }
      throw error;
    }
  }

  /** Translates the edits and writes the files; they are there afterwards. */
  async #write(env: ControlEnvironment, { edits, used }: Found, before: Everywhere): Promise<{ readonly files: ReadonlyMap<string, string | undefined>; readonly notes: readonly Problem[]; readonly after: Everywhere }> {
    const { scratch, options } = this;
    await scratch.checkout(this.start.parent);
    const targets = new Map([
      ...edits.map(({ uuid, kind, target, live }) => [uuid, { kind: kind.name, form: target, ...(live === undefined ? {} : { live }) }] as const),
      ...[...used].map(([uuid, { kind, form, live }]) => [uuid, { kind: kind.name, form, live }] as const),
    ]);
    const { files, notes } = edits.length === 0 ? { files: new Map<string, string | undefined>(), notes: [] } : translate({ root: scratch.folder, environment: env.files, targets });
    await scratch.writeTree(files);
    const after = this.#everywhere();
    for (const [name, now] of after) {
      if (typeof now === "string" && typeof before.get(name) === "object") {
        throw new UserError(`the edits of ${options.environment} cannot be exported: with them, ${name} does not compile any more:\n${now}`);
      }
    }
    return { files, notes, after };
  }

  /** What differs between two compilations, by kind and name. */
  async #changes(env: ControlEnvironment, { edits, exported }: Known, before: Everywhere, after: Everywhere): Promise<AssetChange[]> {
    const [was, is] = [compiledAt(before, env.name), compiledAt(after, env.name)];
    const changes = [...new Set([...was.forms.keys(), ...is.forms.keys()])].map(async (uuid): Promise<AssetChange[]> => {
      const [old, now] = [was.forms.get(uuid), is.forms.get(uuid)];
      const form = now ?? old;
      if (form === undefined || sameForm(old, now)) {
        return [];
      }
      const kind = kindNamed(is.kinds.get(uuid) ?? was.kinds.get(uuid) ?? "");
      const edit = edits.get(uuid);
      const isEdited = edit !== undefined || exported.has(uuid);
      return [{
        kind,
        uuid,
        name: String(form[kind.nameField] ?? uuid),
        source: is.sources.get(uuid) ?? was.sources.get(uuid),
        change: old === undefined ? "new" : now === undefined ? "deleted" : isEdited ? "edited" : "used",
        fields: old === undefined || now === undefined ? [] : changedPaths(old, now),
        conflicts: edit?.conflicts ?? [],
        contradicts: edit?.contradicts ?? false,
        unapplied: edit?.unapplied ?? false,
        editor: edit === undefined && exported.has(uuid) ? await editorOf(env, kind.name, uuid) : edit?.editor,
      }];
    });
    return (await Promise.all(changes)).flat().sort((left, right) => kinds.indexOf(left.kind) - kinds.indexOf(right.kind) || compareText(left.name, right.name) || compareText(left.uuid, right.uuid));
  }

  /** One commit per person, the latest edit last. */
  async #commit(files: ReadonlyMap<string, string | undefined>, changes: readonly AssetChange[]): Promise<string> {
    const { scratch, start, options } = this;
    const edited = changes.filter(({ change }) => change !== "used");
    const people = [...new Set(edited.map(({ editor }) => editor?.name))]
      .map((name) => edited.filter(({ editor }) => editor?.name === name))
      .sort((left, right) => compareText(latest(left), latest(right)) || compareText(left[0]?.editor?.name ?? "", right[0]?.editor?.name ?? ""));
    await scratch.checkout(start.parent);
    const rest = new Map(files);
    let commit = start.parent;
    for (const [index, mine] of people.entries()) {
      const isLast = index === people.length - 1;
      const paths = isLast ? [...rest.keys()] : mine.flatMap(({ source }) => (source !== undefined && rest.has(source) ? [source] : []));
      const tree = await scratch.writeTree(new Map(paths.map((path) => [path, files.get(path)])));
      paths.forEach((path) => rest.delete(path));
      if (paths.length > 0) {
        commit = await scratch.commit({ tree, parents: [commit], message: commitMessage(options.environment, isLast ? [...mine, ...changes.filter(({ change }) => change === "used")] : mine, start.base), author: this.connection.author });
      }
    }
    return commit;
  }
}

async function editorOf({ workspace }: ControlEnvironment, kind: string, uuid: string): Promise<Editor | undefined> {
  return (await workspace.gateway.editors(kind, [uuid])).get(uuid);
}

const NOTHING: Compilation = { forms: new Map(), sources: new Map(), kinds: new Map() };

function compiledAt(everywhere: Everywhere, name: string): Compilation {
  const found = everywhere.get(name);
  return typeof found === "object" ? found : NOTHING;
}

/** What the export does to the other environments. */
function othersOf(environment: string, before: Everywhere, after: Everywhere): OtherEnvironment[] {
  return [...after].filter(([name]) => name !== environment).map(([name, now]) => {
    if (typeof now === "string") {
      return { name, changed: 0, unknown: now.split("\n", 1)[0] ?? "" };
    }
    const old = compiledAt(before, name).forms;
    const uuids = new Set([...old.keys(), ...now.forms.keys()]);
    return { name, changed: [...uuids].filter((uuid) => !sameForm(old.get(uuid), now.forms.get(uuid))).length };
  });
}

/** Edits that the templates do not have, or not wholly: what they are like now. */
function leftOver(edits: readonly Edit[], { forms }: Compilation): Problem[] {
  return edits.flatMap(({ kind, uuid, name, source, target }): Problem[] => {
    const now = forms.get(uuid);
    const wanted = target === undefined || now === undefined ? target : kind.rules.relevant(target, now);
    if (sameForm(wanted, now)) {
      return [];
    }
    const fields = changedPaths(now, wanted).map(({ path }) => path);
    const what = wanted === undefined ? "was deleted in Superset, and its template could not be removed" : now === undefined ? "is new in Superset and could not be written as a template" : `keeps Git's version of ${fields.join(", ")}`;
    return [{ file: source ?? `assets/${kind.plural}`, message: `${kind.name} '${name}' ${what}`, severity: "warning" }];
  });
}

function latest(changes: readonly AssetChange[]): string {
  return changes.map(({ editor }) => editor?.at ?? "").sort().at(-1) ?? "";
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
