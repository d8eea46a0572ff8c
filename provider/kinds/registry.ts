import { chart } from "./chart";
import { dashboard } from "./dashboard";
import { database } from "./database";
import { dataset } from "./dataset";
import type { Kind } from "./define";

/** All asset kinds, each after the kinds it needs. */
export const kinds: readonly Kind[] = [database, dataset, chart, dashboard];

/** The kinds that are pages people open. */
export const pages: readonly Kind[] = kinds.filter((kind) => kind.page === true);

const byName = new Map(kinds.map((kind) => [kind.name, kind]));

/** The kind of that singular name; throws for a name that is none (a bug, or state of a newer version). */
export function kindNamed(name: string): Kind {
  const kind = byName.get(name);
  if (kind === undefined) {
    throw new Error(`unknown asset kind '${name}'; known: ${[...byName.keys()].join(", ")}`);
  }
  return kind;
}
