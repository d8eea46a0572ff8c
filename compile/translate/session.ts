/** The repository while it is translated: its environments compiled, and what has been rewritten so far. Nothing is written to the disk. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stableText } from "../../provider/canonical";
import type { Problem } from "../../provider/errors";
import type { JsonObject } from "../../provider/json";
import type { Compilation, Draft } from "../compilation";
import type { Overlay } from "../templates";
import { type Change, onlyChanges } from "./changes";
import { hasMarks } from "./marks";
import type { Edit } from "./source-map";
import { areApart, withEdits } from "./text-edits";

/** Texts, and what the templates they change become by them. */
export interface Trial {
  readonly texts: ReadonlyMap<string, string>;
  readonly drafts: ReadonlyMap<Compilation, readonly Draft[]>;
}

/** The environments of a repository, and the texts that are to be written. */
export class Session {
  /** New texts by file; undefined: the file is removed. */
  readonly texts: Map<string, string | undefined>;

  /** Templates that had errors before anything was translated, by environment. */
  readonly #broken: ReadonlyMap<Compilation, ReadonlySet<string>>;

  /**
   * @param main the environment that is translated
   * @param others those that may change only in the same fields
   * @param texts with which they were compiled, other than those on the disk
   */
  constructor(readonly main: Compilation, readonly others: readonly Compilation[], texts: Overlay) {
    this.texts = new Map(texts);
    this.#broken = new Map([main, ...others].map((compilation) => [compilation, new Set([...compilation.drafts.values()].filter((draft) => errorsOf(draft).length > 0).map(({ template }) => template.file))]));
  }

  /** An error that a template has now, in an environment where it had none. */
  newError(file: string): Problem | undefined {
    return this.compilations.flatMap((compilation) => (this.#broken.get(compilation)?.has(file) === true ? [] : errorsOf(compilation.drafts.get(file)).map((problem) => (compilation === this.main ? problem : { ...problem, message: `in ${compilation.environment.name}: ${problem.message}` }))))[0];
  }

  /** All of them. */
  get compilations(): readonly Compilation[] {
    return [this.main, ...this.others];
  }

  /** A file's text as it stands now. */
  text(file: string): string {
    return this.texts.get(file) ?? readFileSync(join(this.main.environment.root, file), "utf8");
  }

  /** What edits of one template, and of the files it includes, make of it in every environment; undefined where that cannot be read, or edits meet. */
  trial(file: string, edits: readonly Edit[]): Trial | undefined {
    if (!areApart(edits)) {
      return undefined;
    }
    const texts = new Map<string, string>();
    for (const changed of new Set(edits.map((edit) => edit.file))) {
      const own = edits.filter((edit) => edit.file === changed);
      if (!changed.endsWith(".j2") && own.some((edit) => hasMarks(edit.text))) {
        return undefined;
      }
      texts.set(changed, withEdits(this.text(changed), own, changed.endsWith(".j2")));
    }
    const overlay = new Map([...this.texts, ...texts]);
    const drafts = new Map<Compilation, readonly Draft[]>();
    for (const compilation of this.compilations) {
      const touched = [...compilation.drafts.values()].filter(({ template }) => template.file === file || [...texts.keys()].some((changed) => changed !== file && template.includes.has(changed)));
      const attempts = touched.flatMap(({ template }) => compilation.attempt(template.file, overlay) ?? []);
      if (attempts.length < touched.length) {
        return undefined;
      }
      drafts.set(compilation, attempts);
    }
    return { texts, drafts };
  }

  /**
   * Whether a trial makes of the template what is wanted, changes nothing of any other, and nothing of the template in other environments but
   * what the changes are about.
   */
  holds(trial: Trial, file: string, wanted: JsonObject, changes: readonly Change[]): boolean {
    const edited = this.main.drafts.get(file)?.value ?? {};
    return [...trial.drafts].every(([compilation, drafts]) => drafts.every((draft) => {
      const known = compilation.drafts.get(draft.template.file);
      if (known === undefined) {
        return false;
      }
      if (draft.template.file !== file) {
        return stableText(draft.value) === stableText(known.value);
      }
      if (compilation === this.main) {
        return stableText(draft.value) === stableText(wanted);
      }
      return onlyChanges(changes, known.value, draft.value, edited) && (errorsOf(draft).length === 0 || errorsOf(draft).length < errorsOf(known).length || this.#broken.get(compilation)?.has(file) === true);
    }));
  }

  /** Compiles a template anew as it stands, where others that it names have changed. */
  refresh(file: string): void {
    for (const compilation of this.compilations) {
      const draft = compilation.drafts.has(file) ? compilation.attempt(file, this.texts) : undefined;
      if (draft !== undefined) {
        compilation.adopt(draft);
      }
    }
  }

  /** Takes a trial's texts over. */
  accept(trial: Trial): void {
    trial.texts.forEach((text, file) => this.texts.set(file, text));
    trial.drafts.forEach((drafts, compilation) => drafts.forEach((draft) => compilation.adopt(draft)));
  }

  /** Remembers how everything stands; calling what it gives goes back to that. */
  checkpoint(): () => void {
    const texts = new Map(this.texts);
    const drafts = this.compilations.map((compilation) => [compilation, [...compilation.drafts.values()]] as const);
    return () => {
      this.texts.clear();
      texts.forEach((text, name) => this.texts.set(name, text));
      drafts.forEach(([compilation, known]) => known.filter((draft) => compilation.drafts.get(draft.template.file) !== draft).forEach((draft) => compilation.adopt(draft)));
    };
  }
}

/** What stops an environment with that template. */
export function errorsOf(draft: Draft | undefined): readonly Problem[] {
  return (draft?.problems ?? []).filter(({ severity }) => severity !== "warning");
}
