/** Tables of what is noise and what is an edit, for the unit tests of the rules. */
import { changedPaths, type FieldChange } from "../../provider/canonical";
import type { CanonicalContext, ExportDocument } from "../../provider/kinds/define";
import { rulesOf, type Plural } from "./rules";

/** A context that knows nothing, unless told. */
export const knowing = (known: Partial<CanonicalContext> = {}): CanonicalContext => ({ database: () => undefined, chartUuid: () => undefined, ...known });

/** Two documents of one asset, and the fields in which their canonical forms differ (none: noise). */
export type Case = readonly [name: string, left: ExportDocument, right: ExportDocument, changes?: readonly FieldChange[]];

/** Declares one test per case; `base` is what every document of the table has. */
export function compareCases(plural: Plural, base: ExportDocument, cases: readonly Case[], context = knowing()): void {
  const rules = rulesOf[plural];
  test.each(cases.map((row) => [row[0], row] as const))("%s", (_, [, left, right, changes = []]) => {
    const [before, after] = [left, right].map((document) => rules.canonical({ ...base, ...document }, context));
    expect(changedPaths(before, after)).toEqual(changes);
  });
}

/** Fields in which `live` differs from `reference` when noise next to it is left out. */
export function drift(plural: Plural, base: ExportDocument, reference: ExportDocument, live: ExportDocument, context = knowing()): FieldChange[] {
  const rules = rulesOf[plural];
  const [desired, found] = [reference, live].map((document) => rules.canonical({ ...base, ...document }, context));
  return changedPaths(desired, rules.relevant(found!, desired!));
}
