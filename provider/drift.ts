/**
 * Three-way comparison of one asset: what Git wants now (desired), what the last apply wrote (applied), what Superset holds (live).
 * Pure. Everything that reports or decides on drift goes through `assess`: preview, apply, the gate, `hybrid`.
 */
import { changedPaths, hash, type FieldChange } from "./canonical";
import type { Canonical, KindRules } from "./kinds/define";

/** `hash` of an asset that is not in Superset. */
export const ABSENT = "absent";

/** What the stack's state remembers of an asset between runs. Persisted: see FORMATS.md. */
export interface Memory {
  /** `hash` of the live form as last seen (after an apply: the applied form), or `ABSENT`. */
  readonly hash: string;
  /** The form the last apply wrote (or found equal to Git's). */
  readonly applied: Canonical;
  /**
   * `hash` of a live form other than `applied` that a refresh saw since the last apply. It stays when the live form goes back to
   * `applied`: Git may have taken the edit over meanwhile, and then going back is an edit of its own.
   */
  readonly seen?: string;
}

interface Versions {
  /** Undefined: Git no longer has the asset. */
  readonly desired?: Canonical;
  /** Undefined: never applied from here (a first apply, or an adoption). */
  readonly memory?: Memory;
  /** Undefined: not in Superset. */
  readonly live?: Canonical;
}

/** What differs between the three versions, and what follows from it. */
export interface Assessment {
  /** applied → live: what somebody changed in Superset. Empty for an asset never applied. */
  readonly drift: readonly FieldChange[];
  /** live → desired: what an apply would write. Empty when there is nothing to write. */
  readonly pending: readonly FieldChange[];
  /** Somebody deleted the asset in Superset. */
  readonly deleted: boolean;
  /**
   * An apply would overwrite what somebody made in Superset: live is neither what was applied nor what Git wants. Also true for an
   * asset that lives in Superset in another form and was never applied from here.
   */
  readonly conflict: boolean;
}

const whole = (before: Canonical | undefined, after: Canonical | undefined): readonly FieldChange[] =>
  changedPaths(before ?? {}, after ?? {});

/** Compares the three versions of one asset. `rules` says what is noise next to another version. */
export function assess(rules: KindRules, { desired, memory, live }: Versions): Assessment {
  const applied = memory?.applied;
  const liveToApplied = live === undefined || applied === undefined ? live : rules.relevant(live, applied);
  const liveToDesired = live === undefined || desired === undefined ? live : rules.relevant(live, desired);
  const deleted = applied !== undefined && live === undefined;
  const drift = applied === undefined || deleted ? [] : whole(applied, liveToApplied);
  const pending = desired === undefined || live === undefined ? whole(live, desired) : whole(liveToDesired, desired);
  const edited = deleted || drift.length > 0 || memory?.seen !== undefined || (applied === undefined && live !== undefined);
  const differs = desired === undefined ? live !== undefined : pending.length > 0;
  return { drift, pending, deleted, conflict: edited && differs };
}

/** The memory after a refresh that found `live`; `memory` is what the state held before. */
export function remember(rules: KindRules, memory: Memory, live: Canonical | undefined): Memory {
  const current = live === undefined ? ABSENT : hash(rules.relevant(live, memory.applied));
  if (memory.seen === undefined && current === memory.hash) {
    // Nothing was ever seen but what was applied, and nothing else is seen now: `hash` is that of `applied`.
    return memory;
  }
  const seen = current === hash(memory.applied) ? memory.seen : current;
  return { hash: current, applied: memory.applied, ...(seen === undefined ? {} : { seen }) };
}

/** Whether the live form that the memory saw last is another than the applied one: `remember` keeps such a form as `seen`. */
export function isEdited({ hash: current, seen }: Memory): boolean {
  return seen === current;
}
