/**
 * Three-way merge of canonical forms: what somebody changed in Superset, carried onto what Git holds meanwhile. Pure. Lists are taken
 * apart as `changedPaths` does it, so that two edits it reports at different places do not meet.
 */
import { alignLists, identityOf, isStructure, joinPath, stableText } from "./canonical";
import { isObject, type Json, type JsonObject } from "./json";
import { own, put, type Draft, type DraftValue } from "./rule";

/** A place that Git and Superset changed, each in its own way. What is absent there is left out. */
export interface MergeConflict {
  /** As in `FieldChange`; an index is that in the live list, else in Git's, else in the base's. */
  readonly path: string;
  /** What both started from. */
  readonly base?: Json;
  readonly git?: Json;
  /** What the merged form has. */
  readonly live?: Json;
}

/** A merged form, and where the live value replaced another change. */
interface Merged {
  readonly merged: Json;
  readonly conflicts: readonly MergeConflict[];
}

/**
 * Git's form with every change from `base` to `live`. Where Git changed the same place differently the live value is taken, and the
 * place is a conflict. In lists of objects that is element by element; a list of scalars is one value, but for elements that one side
 * only added or only took away.
 * @param base what both started from (the form last applied); undefined where nobody knows: then everything only one side has stays
 */
export function mergeForms(base: Json | undefined, git: Json, live: Json): Merged {
  const merger = new Merger();
  const merged = merger.merge("", base, git, live);
  return { merged: merged as Json, conflicts: merger.conflicts };
}

const same = (a: Json | undefined, b: Json | undefined): boolean => (a === undefined || b === undefined ? a === b : stableText(a) === stableText(b));

class Merger {
  readonly conflicts: MergeConflict[] = [];

  /** Undefined: the place is gone. */
  merge(path: string, base: Json | undefined, git: Json | undefined, live: Json | undefined): Json | undefined {
    if (same(base, live)) return git;
    if (same(base, git) || same(git, live)) return live;
    if (isObject(git) && isObject(live) && (base === undefined || isObject(base))) return this.#objects(path, base ?? {}, git, live);
    if (Array.isArray(base) && Array.isArray(git) && Array.isArray(live) && isMergeable(base, git, live)) return this.#lists(path, base, git, live);
    return this.#conflict(path, base, git, live);
  }

  #conflict(path: string, base: Json | undefined, git: Json | undefined, live: Json | undefined): Json | undefined {
    this.conflicts.push({ path, ...(base === undefined ? {} : { base }), ...(git === undefined ? {} : { git }), ...(live === undefined ? {} : { live }) });
    return live;
  }

  #objects(path: string, base: JsonObject, git: JsonObject, live: JsonObject): Json {
    const merged: Draft = {};
    for (const key of new Set([...Object.keys(git), ...Object.keys(live)])) {
      const value = this.merge(joinPath(path, key), own(base, key), own(git, key), own(live, key));
      if (value !== undefined) put(merged, key, value as DraftValue);
    }
    return merged;
  }

  #lists(path: string, base: readonly Json[], git: readonly Json[], live: readonly Json[]): Json {
    const identity = identityOf(base, git, live) ?? stableText;
    const [ours, theirs] = [git, live].map((list) => new Side(base, list, identity)) as [Side, Side];
    const merged: Json[] = [];
    const add = (i: number | undefined, g: number | undefined, l: number | undefined): void => {
      const value = this.merge(`${path}[${l ?? g ?? i}]`, at(base, i), at(git, g), at(live, l));
      if (value !== undefined) merged.push(value);
    };
    for (let index = 0; index <= base.length; index += 1) {
      for (const g of ours.inserted(index)) {
        const from = ours.movedFrom(g);
        // What both sides moved or added stands where the live list has it.
        if (from === undefined ? theirs.added(identity(git[g] as Json)) === undefined : !theirs.isMoved(from)) add(from, g, from === undefined ? undefined : theirs.place(from));
      }
      for (const l of theirs.inserted(index)) {
        const from = theirs.movedFrom(l);
        add(from, from === undefined ? ours.added(identity(live[l] as Json)) : ours.place(from), l);
      }
      if (index < base.length && !ours.isMoved(index) && !theirs.isMoved(index)) add(index, ours.place(index), theirs.place(index));
    }
    const shared = [...base.keys()].filter((index) => ours.place(index) !== undefined && theirs.place(index) !== undefined);
    const [gitOrder, liveOrder] = [ours, theirs].map((side) => [...shared].sort((a, b) => (side.place(a) ?? 0) - (side.place(b) ?? 0)));
    if (shared.some((index) => ours.isMoved(index) && theirs.isMoved(index)) && !same(gitOrder, liveOrder)) this.#conflict(path, base, git, live);
    return merged;
  }
}

const at = (list: readonly Json[], index: number | undefined): Json | undefined => (index === undefined ? undefined : list[index]);

/** Whether lists can be merged element by element: of scalars only where each says a set, to which one side only added or from which it only took. */
function isMergeable(base: readonly Json[], git: readonly Json[], live: readonly Json[]): boolean {
  if ([...base, ...git, ...live].some(isStructure)) return true;
  if (identityOf(base, git, live) === undefined) return false;
  return [git, live].some((list) => isPart(base, list) || isPart(list, base));
}

/** Whether all elements of `part` are in `whole`, in its order. Of lists in which nothing repeats. */
function isPart(part: readonly Json[], whole: readonly Json[]): boolean {
  const kept = new Set(part.map((item) => stableText(item)));
  return same([...part], whole.filter((item) => kept.has(stableText(item))));
}

/** What one side made of the base's list. */
class Side {
  readonly #places: (number | undefined)[];
  /** By where it stands now. */
  readonly #movedFrom = new Map<number, number>();
  readonly #moved = new Set<number>();
  readonly #added = new Map<string, number>();
  readonly #inserted: number[][];

  constructor(base: readonly Json[], list: readonly Json[], identity: (item: Json) => string) {
    this.#places = base.map(() => undefined);
    this.#inserted = [...base, null].map(() => []);
    let next = 0;
    for (const { before, after } of alignLists(base, list)) {
      // A scalar in another's place is no change of it: one is gone, the other new.
      const changed = before !== undefined && after !== undefined && (isStructure(base[before] as Json) || same(base[before], list[after]));
      if (before !== undefined) next = before + 1;
      if (changed) this.#places[before] = after;
      else if (after !== undefined) this.#inserted[next]?.push(after);
    }
    const gone = new Map(base.flatMap((item, index) => (this.#places[index] === undefined ? [[identity(item), index]] : [])));
    for (const index of this.#inserted.flat()) {
      const name = identity(list[index] as Json);
      const from = gone.get(name);
      if (from === undefined) {
        this.#added.set(name, index);
      } else {
        gone.delete(name);
        this.#places[from] = index;
        this.#movedFrom.set(index, from);
        this.#moved.add(from);
      }
    }
  }

  /** Where the base's element is now; undefined: it is gone. */
  place(index: number): number | undefined {
    return this.#places[index];
  }

  /** Whether the base's element stands at another place among the others. */
  isMoved(index: number): boolean {
    return this.#moved.has(index);
  }

  /** What stands before the base's element `index` (its length: at the end) and did not before. */
  inserted(index: number): readonly number[] {
    return this.#inserted[index] ?? [];
  }

  /** The base's element that an inserted one was. */
  movedFrom(index: number): number | undefined {
    return this.#movedFrom.get(index);
  }

  /** Where an element stands that the base does not have. */
  added(name: string): number | undefined {
    return this.#added.get(name);
  }
}
