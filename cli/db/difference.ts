/** Differences of two schemas as text: objects, below them their parts, and definitions line by line. */
import type { ChangeKind, ObjectDifference, PartDifference } from "../../provider/postgres/schema-diff";
import { colors } from "../options";

const MARKS: Readonly<Record<ChangeKind, string>> = { added: "+", dropped: "-", changed: "~" };

/** Lines of context around a changed line of a definition. */
const CONTEXT = 2;

/** One block per object, indented by two. */
export function differenceText(objects: readonly ObjectDifference[]): string {
  return objects.flatMap(({ object, change, parts }) => [`  ${mark(change, object)}`, ...parts.flatMap((part) => partLines(part).map((line) => `    ${line}`))]).join("\n");
}

function mark(change: ChangeKind, text: string): string {
  const color = { added: colors.green, dropped: colors.red, changed: colors.yellow }[change];
  return color(`${MARKS[change]} ${text}`);
}

function partLines({ part, change, before, after }: PartDifference): string[] {
  const isDefinition = part === "definition" || part.startsWith("rule ");
  if (isDefinition) {
    const unknown = change === "changed" && before === undefined ? " (its text before was not recorded; now)" : change === "dropped" && before === undefined ? " (its text was not recorded)" : "";
    return [mark(change, `${part}${unknown}`), ...definitionLines(change, before, after).map((line) => `    ${line}`)];
  }
  return [mark(change, change === "changed" ? `${part}: ${before ?? ""} → ${after ?? ""}` : `${part}: ${after ?? before ?? ""}`)];
}

function definitionLines(change: ChangeKind, before: string | undefined, after: string | undefined): string[] {
  if (change !== "changed" || before === undefined || after === undefined) {
    return (after ?? before ?? "").split("\n").filter((line) => line.trim() !== "");
  }
  const { structuredPatch } = require("diff") as typeof import("diff");
  const hunks = structuredPatch("", "", before, after, "", "", { context: CONTEXT }).hunks;
  return hunks.flatMap((hunk, index) => [...(index === 0 ? [] : ["…"]), ...hunk.lines.filter((line) => !line.startsWith("\\"))])
    .map((line) => (line.startsWith("+") ? colors.green(line) : line.startsWith("-") ? colors.red(line) : line));
}
