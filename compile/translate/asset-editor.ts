/** Edits the template of one asset, and those that name it, so that the asset has another form: all of it, or as much as other templates can live with. */
import { formatProblem, type Problem } from "../../provider/errors";
import { isObject, type Json, type JsonObject } from "../../provider/json";
import type { Canonical } from "../../provider/kinds/define";
import type { Draft, Reference } from "../compilation";
import { pathText } from "../validate";
import type { Path } from "../yaml";
import { type Change, changed, changesBetween } from "./changes";
import { type Edited, editTemplate, type Writing } from "./editor";
import type { Naming } from "./naming";
import { rewrite } from "./rewriting";
import { errorsOf, type Session } from "./session";
import type { Substitution } from "./substitute";

/** Runs of the editor at most, for one template: after each, what failed is left out. */
const MAX_RUNS = 4;
/** Parts of an edit at most that are tried one by one. */
const MAX_PARTS = 40;

/** Edits assets of a session. */
export class AssetEditor {
  /** @param expected whether a template is going to be edited itself: what another edit breaks in it may be mended then */
  constructor(private readonly session: Session, private readonly naming: Naming, private readonly substitution: Substitution, private readonly expected: (draft: Draft) => boolean) {}

  /** Gives the asset of a template that form, as far as that goes. Returns what people should know of it; what is an error there was left out. */
  edit(draft: Draft, form: Canonical): readonly Problem[] {
    const back = this.session.checkpoint();
    const notes: Problem[] = [];
    const problem = this.#whole(draft, form, notes);
    if (problem === undefined) {
      return notes;
    }
    back();
    const before = this.session.main.form(draft);
    const parts = before === undefined ? [] : partsOf(changesBetween(before, form), before, form);
    if (before === undefined || parts.length < 2 || parts.length > MAX_PARTS) {
      return [refused("the edit", problem, draft)];
    }
    // Perhaps it is a part of the edit that others cannot live with.
    const told: Problem[] = [];
    let kept: JsonObject = before;
    for (const part of parts) {
      const tried = part.reduce(changed, kept);
      const wrong = this.#whole(draft, tried, []);
      back();
      if (wrong === undefined) {
        kept = tried;
      } else {
        told.push(refused(`the edit of '${pathText(part[0]?.path ?? [])}'`, wrong, draft));
      }
    }
    const rest: Problem[] = [];
    const wrong = told.length === parts.length ? undefined : this.#whole(draft, kept, rest);
    if (wrong !== undefined) {
      back();
      return [refused("the edit", problem, draft)];
    }
    return [...told, ...rest];
  }

  /** Returns why it cannot be; then the session is to be put back. */
  #whole(draft: Draft, form: Canonical, notes: Problem[]): Problem | undefined {
    this.#template(draft, form, notes);
    return this.session.newError(draft.template.file) ?? this.#follow(draft, notes) ?? this.#broken(draft);
  }

  /** Edits the template. What fails is left out, with everything in the same list, so that nothing is half done. */
  #template(draft: Draft, form: Canonical, notes: Problem[]): void {
    const { file } = draft.template;
    const back = this.session.checkpoint();
    const { draft: wanted, notes: found } = rewrite(this.session.main, this.naming, draft, form);
    let goal = this.#compiling(draft, wanted, notes);
    for (let run = 0; run < MAX_RUNS; run += 1) {
      const edited = editTemplate(this.session, file, goal, wanted.references, this.#writing(draft));
      if (edited.failed.length === 0) {
        notes.push(...found, ...edited.lost.map(lostNote));
        return;
      }
      back();
      notes.push(...edited.failed.map((change) => failedNote(draft, change)));
      goal = edited.failed.map(groupOf).reduce((value, path) => restored(value, draft.value, path), goal);
    }
  }

  /** What a template is to say, without changes with which it would not compile. */
  #compiling(draft: Draft, wanted: Draft, notes: Problem[]): JsonObject {
    if (errorsOf(wanted).length === 0) {
      return wanted.value;
    }
    const changes = changesBetween(draft.value, wanted.value);
    const wrong = new Set<string>();
    for (const change of changes) {
      const [problem] = errorsOf(this.session.main.attemptValue(draft.template, changed(draft.value, change)));
      if (problem !== undefined) {
        wrong.add(groupId(change));
        notes.push(refused(`the edit of '${pathText(change.path)}'`, problem, draft));
      }
    }
    return changes.filter((change) => !wrong.has(groupId(change))).reduce(changed, draft.value);
  }

  #writing({ template: { kind } }: Draft): Writing {
    return {
      spellings: (reference) => this.naming.spellings(reference),
      variables: (path, text) => {
        const { pieces } = this.substitution.substitute(kind, path, text);
        return pieces.every((piece) => typeof piece === "string") ? undefined : pieces;
      },
    };
  }

  /** Other templates name an asset as it was called before: they follow. Returns what is wrong where one cannot. */
  #follow({ uuid }: Draft, notes: Problem[]): Problem | undefined {
    const { main } = this.session;
    for (const { template: { file } } of [...main.drafts.values()]) {
      const draft = main.drafts.get(file);
      const stale = draft?.references.filter((reference) => reference.uuid === uuid && !this.naming.isCurrent(reference)) ?? [];
      if (draft === undefined || stale.length === 0) {
        continue;
      }
      this.session.refresh(file);
      const renamed = stale.map((reference) => ({ ...reference, text: this.naming.name(reference.kind, uuid, reference.text) }));
      const wanted = stale.reduce((value, reference, index) => withText(value, reference, renamed[index]?.text ?? reference.text), draft.value);
      const edited = editTemplate(this.session, file, wanted, renamed, this.#writing(draft));
      const problem = this.session.newError(file);
      if (edited.failed.length > 0 || problem !== undefined) {
        const [first] = stale;
        return { ...draft.template.locate(first?.path ?? []), message: `this names it '${first?.text ?? ""}', and cannot follow${problem === undefined ? "" : `: ${problem.message}`}` };
      }
      notes.push(...edited.lost.map(lostNote));
    }
    return undefined;
  }

  /** What another template cannot live with, unless that one is going to be edited as well. */
  #broken({ uuid }: Draft): Problem | undefined {
    const users = [...this.session.main.drafts.values()].filter((draft) => draft.uuid !== uuid && !this.expected(draft) && draft.references.some((reference) => reference.uuid === uuid));
    for (const { template: { file } } of users) {
      this.session.refresh(file);
      const problem = this.session.newError(file);
      if (problem !== undefined) {
        return problem;
      }
    }
    return undefined;
  }
}

/** @param problem where that shows, perhaps in another template */
function refused(what: string, problem: Problem, { template }: Draft): Problem {
  const own = problem.file === template.file;
  const reason = own ? problem.message : formatProblem({ ...problem, severity: "error" });
  return { ...(own ? problem : template.locate([])), severity: "error", message: `${what} is not carried over: ${reason}` };
}

function lostNote({ file, line, source, kind, change }: Edited["lost"][number]): Problem {
  const what = `'${pathText(change.path)}'`;
  const message = kind === "block"
    ? `${source} is written out: the edit of ${what} falls on a part of what it gives`
    : `${source} is replaced by text, in every environment: it does not give what ${what} is now`;
  return { file, line, severity: "warning", message };
}

function failedNote(draft: Draft, change: Change): Problem {
  const what = `'${pathText(change.path)}'`;
  const said = change.op === "insert" ? `the new ${what}` : change.op === "remove" ? `the removal of ${what}` : `the edit of ${what}`;
  return { ...draft.template.locate(change.path), severity: "error", message: `${said} cannot be carried over without changing more than that, here or in another environment; edit the template by hand` };
}

/** What belongs together: the outermost list that a change is in, else the change alone. */
function groupOf({ path }: Change): Path {
  const list = path.findIndex((step) => typeof step === "number");
  return list > 0 ? path.slice(0, list) : path;
}

/** What goes together or not at all; fields that come and go may be two ways to say one thing. */
function groupId(change: Change): string {
  return JSON.stringify(change.path.length === 1 && change.op !== "set" ? [] : groupOf(change));
}

/** The parts of a form's edit that may do without each other: its fields, the members of mappings; a tree of items is one. */
function partsOf(changes: readonly Change[], before: Canonical, after: Canonical): readonly (readonly Change[])[] {
  const isTree = (value: Json | undefined): boolean => isObject(value) && Object.values(value).some((item) => isObject(item) && Array.isArray(item["children"]));
  const parts = new Map<string, Change[]>();
  for (const change of changes) {
    const field = String(change.path[0]);
    const id = JSON.stringify(change.path.slice(0, isTree(before[field]) || isTree(after[field]) ? 1 : 2));
    parts.set(id, [...(parts.get(id) ?? []), change]);
  }
  return [...parts.values()];
}

/** A mapping with a member as another one has it. */
function restored(value: JsonObject, before: JsonObject, path: Path): JsonObject {
  const old = memberAt(before, path);
  const now = memberAt(value, path);
  if (old === undefined && now === undefined) {
    return value;
  }
  return changed(value, old === undefined ? { op: "remove", path, before: now as Json } : now === undefined ? { op: "insert", path, after: old } : { op: "set", path, before: now, after: old });
}

function memberAt(value: JsonObject, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((inner, step) => (Array.isArray(inner) ? (inner as readonly Json[])[Number(step)] : isObject(inner) ? inner[String(step)] : undefined), value);
}

/** A template's value in which a reference is another text: a value, or a key. */
function withText(value: JsonObject, { path, text }: Reference, wanted: string): JsonObject {
  return memberAt(value, path) === text ? changed(value, { op: "set", path, before: text, after: wanted }) : changed(value, { op: "rename", path, to: wanted });
}
