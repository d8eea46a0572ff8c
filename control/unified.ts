/** Two forms of an asset as a unified diff of YAML. Pure. */
import { createTwoFilesPatch } from "diff";
import { stringify } from "yaml";
import type { Canonical } from "../provider/kinds/define";

/** Lines around each change. */
const CONTEXT = 3;

/**
 * A unified diff, `---` and `+++` lines included; empty for equal forms.
 * @param names of the two sides (`applied/charts/revenue.yaml`)
 * @param forms undefined: there is none on that side
 */
export function unifiedDiff(names: readonly [string, string], forms: readonly [Canonical | undefined, Canonical | undefined]): string {
  const [before, after] = forms.map((form) => (form === undefined ? "" : yamlText(form)));
  if (before === after) {
    return "";
  }
  const sides = names.map((name, side) => (forms[side] === undefined ? "/dev/null" : name));
  return createTwoFilesPatch(sides[0] ?? "", sides[1] ?? "", before ?? "", after ?? "", undefined, undefined, { context: CONTEXT }).replace(/^=+\n/, "");
}

function yamlText(form: Canonical): string {
  return stringify(form, { sortMapEntries: true, lineWidth: 0, aliasDuplicateObjects: false });
}
