/** The differences of two schemas as people read them: by object, each with its columns, indexes, constraints and definitions. Pure. */
import { isHash, type Catalog, type CatalogChange, type Definitions } from "./catalog";

/** What became of something. */
export type ChangeKind = "added" | "dropped" | "changed";

/** One part of an object that differs. */
export interface PartDifference {
  /** `column region`, `index orders_day`, `definition`. */
  readonly part: string;
  readonly change: ChangeKind;
  /** As PostgreSQL writes it; absent where the part is new, or where its text is not known. */
  readonly before?: string;
  /** As `before`; absent where the part is gone. */
  readonly after?: string;
}

/** One object that differs. */
export interface ObjectDifference {
  /** `table public.orders`. */
  readonly object: string;
  readonly change: ChangeKind;
  /** Of an object that came or went: all it has, or had. */
  readonly parts: readonly PartDifference[];
}

interface Side {
  readonly catalog: Catalog;
  readonly definitions: Definitions;
}

function changeOf(before: string | undefined, after: string | undefined): ChangeKind {
  return before === undefined ? "added" : after === undefined ? "dropped" : "changed";
}

function text(value: string | undefined, side: Side): string | undefined {
  return value === undefined || !isHash(value) ? value : side.definitions[value];
}

/**
 * Changes by object, in their order.
 * @param before the schema the changes begin at; `after`: the one they lead to. Each with the definitions of the hashes in its catalog
 */
export function objectDifferences(changes: readonly CatalogChange[], before: Side, after: Side): ObjectDifference[] {
  const part = (name: string, was: string | undefined, is: string | undefined): PartDifference => {
    const [left, right] = [text(was, before), text(is, after)];
    return { part: name, change: changeOf(was, is), ...(left === undefined ? {} : { before: left }), ...(right === undefined ? {} : { after: right }) };
  };
  const objects = [...new Set(changes.map(({ object }) => object))];
  return objects.map((object) => {
    const own = changes.filter((change) => change.object === object);
    const whole = own.find((change) => change.part === "");
    if (whole === undefined) {
      return { object, change: "changed", parts: own.map((change) => part(change.part, change.before, change.after)) };
    }
    const change = changeOf(whole.before, whole.after);
    const [side, other] = change === "added" ? [after, before] : [before, after];
    const parts = Object.entries(side.catalog[object] ?? {}).filter(([name]) => name !== "" && other.catalog[object]?.[name] === undefined).sort(([a], [b]) => (a < b ? -1 : 1));
    return { object, change, parts: parts.map(([name, value]) => (change === "added" ? part(name, undefined, value) : part(name, value, undefined))) };
  });
}
