/** Edits one template until it renders to the mapping that is wanted: in place, change by change, each of them tried before it is kept. */
import { stableText } from "../../provider/canonical";
import { isObject, type Json, type JsonObject } from "../../provider/json";
import type { Reference } from "../compilation";
import type { Path } from "../yaml";
import { type Candidate, CandidateMaker, Known, type Spelling } from "./candidates";
import { type Change, changed, changesBetween } from "./changes";
import type { Session } from "./session";
import { type Lost, SourceMap } from "./source-map";
import type { Substituted } from "./substitute";

/** What became of a template. */
export interface Edited {
  /** Tags that the edits took out of templates, and the value that was written in their place. */
  readonly lost: readonly (Lost & { readonly change: Change })[];
  /** Changes that no way of writing them could make. */
  readonly failed: readonly Change[];
}

/** A template that needs more changes than this, one by one, is another template. */
const MAX_STEPS = 1000;

/** How what is new is written. */
export interface Writing {
  /** Ways to name an asset that is named by the reference's text. */
  spellings(reference: Reference): readonly Spelling[];
  /** A text of a template with the environment's values as variables; undefined where it has none. */
  variables(path: Path, text: string): Substituted["pieces"] | undefined;
}

/**
 * Makes a template of the session render to `wanted`, as far as that goes.
 * @param references of `wanted`: texts that name assets
 */
export function editTemplate(session: Session, file: string, wanted: JsonObject, references: readonly Reference[], writing: Writing): Edited {
  return new TemplateEditor(session, file, wanted, references, writing).run();
}

class TemplateEditor {
  readonly #known = new Known();
  readonly #lost: Edited["lost"][number][] = [];
  readonly #failed = new Map<string, Change>();
  readonly #references: ReadonlyMap<string, Reference>;

  constructor(private readonly session: Session, private readonly file: string, private goal: JsonObject, references: readonly Reference[], private readonly writing: Writing) {
    this.#references = new Map(references.map((reference) => [placeOf(reference.path, reference.text), reference]));
  }

  run(): Edited {
    for (let step = 0; step < MAX_STEPS; step += 1) {
      const value = this.session.main.drafts.get(this.file)?.value;
      const rendered = this.session.main.drafts.get(this.file)?.template.rendered;
      const changes = value === undefined ? [] : changesBetween(value, this.goal).filter((change) => !this.#failed.has(stableText(change as unknown as Json)));
      if (value === undefined || rendered === undefined || changes.length === 0) {
        break;
      }
      const maker = new CandidateMaker(new SourceMap(rendered, this.session.main.environment.variables), value, { names: (path, text) => this.#names(path, text), variables: (path, text) => this.writing.variables(path, text) }, this.#known);
      changes.forEach((change) => maker.remember(change));
      if (!(step === 0 && changes.length > 1 && this.#all(maker, value, changes)) && !changes.some((change) => this.#one(maker, value, change))) {
        break;
      }
    }
    return { lost: this.#lost, failed: [...this.#failed.values()] };
  }

  /** Makes all changes at once, each in its best way. */
  #all(maker: CandidateMaker, value: JsonObject, changes: readonly Change[]): boolean {
    const candidates = changes.map((change) => maker.candidates(change)[0]);
    if (candidates.some((candidate) => candidate === undefined)) {
      return false;
    }
    const made = candidates as readonly Candidate[];
    // From the end of every list on, so that no change moves what another one is about.
    const wanted = made.reduce((result, candidate) => changed(result, candidate.change), value);
    return this.#kept(made, wanted, changes);
  }

  /** Makes one change in the first way that does it, at last by writing anew what it is in. */
  #one(maker: CandidateMaker, value: JsonObject, change: Change): boolean {
    for (const candidate of maker.candidates(change)) {
      if (this.#kept([candidate], changed(value, candidate.change), [change])) {
        return true;
      }
    }
    const wanted = changed(value, change);
    for (let depth = change.path.length - 1; depth > 0; depth -= 1) {
      const path = change.path.slice(0, depth);
      const [before, after] = [memberAt(value, path), memberAt(wanted, path)];
      if (before !== undefined && after !== undefined) {
        for (const candidate of maker.candidates({ op: "set", path, before, after })) {
          if (this.#kept([candidate], changed(value, candidate.change), [change])) {
            return true;
          }
        }
      }
    }
    this.#failed.set(stableText(change as unknown as Json), change);
    return false;
  }

  #kept(candidates: readonly Candidate[], wanted: JsonObject, changes: readonly Change[]): boolean {
    const edits = candidates.flatMap((candidate) => candidate.edits);
    const trial = this.session.trial(this.file, edits);
    if (trial === undefined || !this.session.holds(trial, this.file, wanted, changes)) {
      return false;
    }
    this.session.accept(trial);
    for (const [index, { change, lost }] of candidates.entries()) {
      this.#lost.push(...lost.map((tag) => ({ ...tag, change })));
      this.#adapt(changes[index], change);
    }
    return true;
  }

  /** An asset that was named otherwise than wanted is wanted by that name from then on. */
  #adapt(change: Change | undefined, made: Change): void {
    if (change === undefined || !("after" in change) || !("after" in made)) {
      return;
    }
    const others = new Map<string, string>();
    const walk = (before: Json | undefined, after: Json | undefined): void => {
      if (typeof before === "string" && typeof after === "string" && before !== after) {
        others.set(before, after);
      } else if (typeof before === "object" && before !== null && typeof after === "object" && after !== null) {
        Object.entries(before as JsonObject).forEach(([key, inner]) => walk(inner, (after as JsonObject)[key]));
      }
    };
    walk(change.after, made.after);
    if (others.size > 0) {
      const adapted = (value: Json, path: Path): Json => {
        if (typeof value === "string") {
          return this.#references.has(placeOf(path, value)) ? (others.get(value) ?? value) : value;
        }
        if (Array.isArray(value)) {
          return (value as readonly Json[]).map((item, index) => adapted(item, [...path, index]));
        }
        return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, adapted(item, [...path, key])])) : value;
      };
      this.goal = adapted(this.goal, []) as JsonObject;
    }
  }

  #names(path: Path, text: string): readonly Spelling[] {
    const reference = this.#references.get(placeOf(path, text));
    return reference === undefined ? [] : this.writing.spellings(reference);
  }
}

/** A text and the members it stands below: indices of lists change while a template is edited. */
function placeOf(path: Path, text: string): string {
  return JSON.stringify([path.filter((step) => typeof step === "string"), text]);
}

function memberAt(value: JsonObject, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((inner, step) => (Array.isArray(inner) ? (inner as readonly Json[])[Number(step)] : isObject(inner) ? inner[String(step)] : undefined), value);
}
