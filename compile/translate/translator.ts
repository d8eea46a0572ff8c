/** The course of a translation: asset by asset, each after those it needs, each as far as it can be carried over. */
import { changedPaths } from "../../provider/canonical";
import type { Problem } from "../../provider/errors";
import { isObject } from "../../provider/json";
import type { Canonical } from "../../provider/kinds/define";
import { NO_SERVER } from "../../provider/kinds/fields";
import { kindNamed, kinds } from "../../provider/kinds/registry";
import type { Draft } from "../compilation";
import { AssetEditor } from "./asset-editor";
import type { Environments } from "./environments";
import type { Remaining, Translation, TranslateTarget } from "./index";
import { Naming } from "./naming";
import { remainingIn, rewrite } from "./rewriting";
import { errorsOf, type Session } from "./session";

/** Carries a repository's targets over. */
export class Translator {
  readonly #notes: Problem[] = [];
  readonly #session: Session;
  readonly #naming: Naming;
  readonly #editor: AssetEditor;
  readonly #targets: Map<string, TranslateTarget>;
  readonly #remaining = new Map<string, Remaining>();

  /** @param fresh uuids of assets that have no template yet: what names them waits for it */
  constructor(private readonly environments: Environments, targets: ReadonlyMap<string, TranslateTarget>, private readonly fresh: ReadonlySet<string>) {
    this.#session = environments.session;
    this.#naming = new Naming(this.#session.main);
    this.#targets = new Map(targets);
    this.#editor = new AssetEditor(this.#session, this.#naming, environments.substitution, (draft) => this.#isOpen(draft));
  }

  /** The targets, with what others use of them. */
  get targets(): ReadonlyMap<string, TranslateTarget> {
    return this.#targets;
  }

  run(): Translation {
    const { main } = this.#session;
    const known = new Set([...main.drafts.values()].map(({ uuid }) => uuid));
    this.#listWhatIsUsed();
    for (const kind of kinds) {
      for (const { template: { file } } of [...main.drafts.values()].filter(({ template }) => template.kind === kind)) {
        this.#edit(file);
      }
    }
    this.#remove();
    const files = this.#verified();
    for (const [uuid, { kind, form }] of this.#targets) {
      if (form !== undefined && !known.has(uuid)) {
        this.#remaining.set(uuid, { uuid, kind, file: undefined, changes: changedPaths({}, form) });
      }
    }
    const done = [...this.#targets.keys()].filter((uuid) => !this.#remaining.has(uuid));
    return { files, notes: [...this.#notes, ...this.environments.unchecked(files)], done, remaining: [...this.#remaining.values()] };
  }

  /** What assets use of others that Git does not list (a column of a dataset's table) becomes a part of those, if only that makes them compile. */
  #listWhatIsUsed(): void {
    const { main } = this.#session;
    for (const [uuid, { kind: name, form }] of [...this.#targets]) {
      const kind = kindNamed(name);
      const draft = draftOf(this.#session, uuid);
      if (form === undefined || kind.uses === undefined || (draft !== undefined && remainingIn(draft, main, form).length === 0)) {
        continue;
      }
      const wanted = draft && rewrite(main, this.#naming, draft, form).draft;
      const document = wanted === undefined ? kind.rules.wire(form, NO_SERVER) : errorsOf(wanted).length === 0 ? undefined : wanted.document;
      for (const { relation, names } of document === undefined ? [] : kind.uses(document)) {
        names.forEach((used) => this.#list(relation, used.name));
      }
    }
  }

  #list(uuid: string, name: string): void {
    const target = this.#targets.get(uuid);
    const draft = draftOf(this.#session, uuid);
    const form = target?.form ?? (draft && this.#session.main.form(draft));
    const live = target?.live;
    for (const [field, listed] of Object.entries(live ?? {})) {
      const said = form?.[field];
      if (isObject(listed) && isObject(said) && isObject(listed[name]) && said[name] === undefined && target !== undefined && form !== undefined && isListOf(live, target.kind, field, name)) {
        this.#targets.set(uuid, { ...target, form: { ...form, [field]: { ...said, [name]: listed[name] } } });
        return;
      }
    }
  }

  #edit(file: string): void {
    const { main } = this.#session;
    const draft = main.drafts.get(file);
    const form = draft && this.#targets.get(draft.uuid)?.form;
    if (draft === undefined || form === undefined || !this.#isOpen(draft) || this.#waits(draft, form)) {
      return;
    }
    const notes = this.#editor.edit(draft, form);
    const now = main.drafts.get(file) ?? draft;
    const changes = remainingIn(now, main, form);
    this.#notes.push(...notes);
    if (changes.length > 0) {
      this.#remaining.set(draft.uuid, { uuid: draft.uuid, kind: draft.template.kind.name, file, changes });
      if (notes.every(({ severity }) => severity === "warning")) {
        this.#notes.push({ ...now.template.locate([]), severity: "error", message: `templates cannot say ${changes.map(({ path }) => `'${path}'`).join(", ")} as Superset has it; it is left as Git has it` });
      }
    }
  }

  /** Whether a template is to say something else than it does. */
  #isOpen(draft: Draft): boolean {
    const target = this.#targets.get(draft.uuid);
    const form = this.#session.main.form(draft);
    return target?.form !== undefined && form !== undefined && changedPaths(form, target.form).length > 0;
  }

  #waits({ template: { kind } }: Draft, form: Canonical): boolean {
    return this.fresh.size > 0 && kind.references(kind.rules.wire(form, NO_SERVER)).some(({ uuid }) => this.fresh.has(uuid));
  }

  #remove(): void {
    const gone = new Map([...this.#targets].flatMap(([uuid, { form }]) => {
      const draft = form === undefined ? draftOf(this.#session, uuid) : undefined;
      return draft === undefined ? [] : [[draft.template.file, draft] as const];
    }));
    // What stays keeps what it needs.
    for (let users = this.#usersOf(gone); users.size > 0; users = this.#usersOf(gone)) {
      for (const [file, { draft: user, path }] of users) {
        const { uuid, template: { kind } } = gone.get(file) as Draft;
        gone.delete(file);
        this.#remaining.set(uuid, { uuid, kind: kind.name, file, changes: [] });
        this.#notes.push({ ...user.template.locate(path), severity: "error", message: `the ${kind.name} of ${file} is gone from Superset, and used here; its template stays. Remove it here first` });
      }
    }
    for (const file of gone.keys()) {
      this.#session.texts.set(file, undefined);
    }
  }

  /** By the file of what is gone, a template that stays and names it. */
  #usersOf(gone: ReadonlyMap<string, Draft>): ReadonlyMap<string, { readonly draft: Draft; readonly path: readonly (string | number)[] }> {
    return new Map([...gone.keys()].flatMap((file) => this.#session.compilations.flatMap((compilation) => {
      const uuid = compilation.drafts.get(file)?.uuid;
      return [...compilation.drafts.values()].flatMap((draft) => {
        const reference = gone.has(draft.template.file) ? undefined : draft.references.find((one) => one.uuid === uuid);
        return reference === undefined ? [] : [[file, { draft, path: reference.path }] as const];
      });
    })));
  }

  /** The texts, without those of templates that do something they must not. */
  #verified(): ReadonlyMap<string, string | undefined> {
    const files = new Map([...this.#session.texts].sort(([left], [right]) => (left < right ? -1 : 1)));
    for (;;) {
      const violations = files.size === 0 ? [] : this.environments.violations(files);
      const [first] = violations;
      if (first === undefined) {
        return files;
      }
      const guilty = new Set(violations.map(({ file }) => file).filter((file) => files.has(file)));
      // Where the fault shows in a template that nobody edited, any of the others may be what it comes from.
      for (const file of guilty.size > 0 ? guilty : [...files.keys()]) {
        const message = violations.find((violation) => violation.file === file)?.message ?? `${first.file}: ${first.message}`;
        this.#notes.push({ file, severity: "error", message: `the edit is not carried over: ${message}` });
        files.delete(file);
        this.#leave(file);
      }
    }
  }

  /** The template's new text is not kept. */
  #leave(file: string): void {
    const draft = this.#session.main.drafts.get(file);
    const target = draft && this.#targets.get(draft.uuid);
    const before = this.environments.original(file);
    if (draft !== undefined && target !== undefined) {
      const changes = target.form === undefined || before === undefined ? [] : changedPaths(before, draft.template.kind.rules.relevant(target.form, before));
      this.#remaining.set(draft.uuid, { uuid: draft.uuid, kind: draft.template.kind.name, file, changes });
    }
  }
}

function draftOf(session: Session, uuid: string): Draft | undefined {
  return [...session.main.drafts.values()].find((draft) => draft.uuid === uuid);
}

/** Whether a field of a form lists columns or metrics by which others use the asset. */
function isListOf(form: Canonical | undefined, kind: string, field: string, name: string): boolean {
  const { rules, relation } = kindNamed(kind);
  const found = form && relation?.(rules.wire(form, NO_SERVER));
  return [...(found?.columns ?? []), ...(found?.metrics ?? [])].some((item) => item.name === name && item.path[0] === field);
}
