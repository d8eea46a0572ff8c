/** What an export says: the messages of its commits and the text of its pull request. Pure and deterministic: the same edits give the same text. */
import type { FieldChange } from "../../provider/canonical";
import { formatProblem, type Problem } from "../../provider/errors";
import type { Kind } from "../../provider/kinds/define";
import type { MergeConflict } from "../../provider/merge";
import { fieldLines, shown, type Editor } from "../../provider/report";
import { counted } from "../drift-plan";
import { marker } from "../forge/issues";
import { code, plain, TEXT_LIMIT } from "../markdown";
import { trailers } from "./branch";

/** What an export changes in Git of one asset. */
export interface AssetChange {
  readonly kind: Kind;
  readonly uuid: string;
  readonly name: string;
  /** Its template, from the root: where it is, or was. */
  readonly source: string | undefined;
  /** `used`: nobody edited it, but an edited one uses something of it that Git did not list. */
  readonly change: "edited" | "new" | "deleted" | "used";
  /** Git → Superset, where both have it. */
  readonly fields: readonly FieldChange[];
  /** Fields that Git has changed too since the last apply. */
  readonly conflicts: readonly MergeConflict[];
  /** Git has changed an asset that was deleted in Superset, or removed one that was edited there. */
  readonly contradicts: boolean;
  /** Nobody knows what was applied last: changes of Git that were never applied look like edits. */
  readonly unapplied: boolean;
  readonly editor: Editor | undefined;
}

/** What the export does to one of the other environments. */
export interface OtherEnvironment {
  readonly name: string;
  /** Assets whose form changes there too. */
  readonly changed: number;
  /** Why it could not be looked at; undefined where it could. */
  readonly unknown?: string;
}

/** Fields that are listed of one asset. */
const FIELDS = 40;

const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();
const by = (editor: Editor | undefined): string => (editor === undefined ? "" : ` by ${oneLine(editor.name)}`);

/** The message of a commit with the edits of one person. @param base commit of the base branch that the export is made on */
export function commitMessage(environment: string, changes: readonly AssetChange[], base: string): string {
  const [first] = changes;
  const what = changes.length === 1 && first !== undefined ? `${first.kind.name} '${oneLine(first.name)}'` : counted(changes.length, "asset");
  const subject = `${changes.length === 1 ? "UI edit" : "UI edits"} of ${environment}${by(first?.editor)}: ${what}`;
  const assets = changes.map((change) => {
    const where = change.source === undefined ? "" : ` (${change.source})`;
    const more = change.fields.length > FIELDS ? [`  and ${change.fields.length - FIELDS} more`] : [];
    const fields = change.fields.length === 0 ? [] : [fieldLines(change.fields.slice(0, FIELDS)), ...more];
    return [`${change.kind.name} '${oneLine(change.name)}'${where} ${happened(change)}`, ...fields].join("\n");
  });
  return `${[subject, ...assets, trailers(environment, base)].join("\n\n")}\n`;
}

function happened({ change, editor }: Pick<AssetChange, "change" | "editor">): string {
  const who = editor === undefined ? "" : `${by(editor)} at ${editor.at}`;
  switch (change) {
    case "edited":
      return `was edited in Superset${who}`;
    case "new":
      return `is new${who === "" ? "" : `, last changed${who}`}`;
    case "deleted":
      return "was deleted in Superset";
    case "used":
      return "has what an edited one uses";
  }
}

/** Title of the pull request, at its opening: people may give it another. @param page slug or uuid, where only that is exported */
export function pullTitle(environment: string, page?: string): string {
  return `UI edits of ${environment}${page === undefined ? "" : `: ${page}`}`;
}

/** What the text of a pull request is made of. */
export interface PullText {
  readonly environment: string;
  readonly changes: readonly AssetChange[];
  readonly others: readonly OtherEnvironment[];
  /** What could not be taken over, or only in part. */
  readonly notes: readonly Problem[];
}

const END = "<!-- hybrid: end -->";
const begin = (environment: string): string => marker(`ui-edits ${environment}`);

/** Our part of the text of a pull request. What does not fit is counted. */
export function pullText({ environment, changes, others, notes }: PullText): string {
  const head = [
    begin(environment),
    `What was made in the Superset of ${code(environment)} and is not in Git: ${counted(changes.length, "asset")}.`,
    ...(changes.some(isConflict) ? ["", "**Conflicts**: Git has changed some of the same since the last apply. Superset's version is in the diff; the fields are marked below."] : []),
  ];
  const foot = [
    ...(others.length === 0 ? [] : ["", ...others.map(otherLine)]),
    ...(notes.length === 0 ? [] : ["", "### Not taken over, or only in part", "", ...notes.map((note) => `- ${code(formatProblem(note))}`)]),
    "",
    "### How to go on",
    "",
    `- **Merge** it: the next apply of ${code(environment)} finds Git and Superset equal.`,
    "- **Change** it: push commits to this branch. Later exports add to them and do not touch them.",
    `- **Reject** it: close it, and undo the edits in Superset, or write Git's version over them (${code(`HYBRID_APPLY_MODE=overwrite_git_wins pulumi up --stack ${environment}`)}).`,
    END,
  ];
  const room = TEXT_LIMIT - 2_000 - [...head, ...foot].join("\n").length;
  const sections: string[] = [];
  let used = 0;
  for (const change of changes) {
    const section = changeSection(change).join("\n");
    used += section.length + 1;
    if (used > room) {
      const left = changes.length - sections.length;
      return [...head, ...sections, "", `${counted(left, "more asset")} did not fit here: see the diff.`, ...foot].join("\n");
    }
    sections.push(section);
  }
  return [...head, ...sections, ...foot].join("\n");
}

const isConflict = ({ conflicts, contradicts }: AssetChange): boolean => contradicts || conflicts.length > 0;

function changeSection(change: AssetChange): string[] {
  const { kind, name, source, fields, conflicts, contradicts, unapplied } = change;
  const title = `### ${kind.name} ${plain(name)}${source === undefined ? "" : ` · ${code(source)}`}`;
  const words = happened(change);
  const lines = ["", title, "", `${plain(words.charAt(0).toUpperCase() + words.slice(1))}.`];
  if (unapplied) {
    lines.push("", "It was never applied from here, so all of Superset's version is taken: what Git has changed and not applied yet is undone by it.");
  }
  if (contradicts) {
    lines.push("", change.change === "deleted" ? "**Conflict**: Git has changed it since the last apply." : "**Conflict**: its template was removed in Git.");
  }
  if (fields.length > 0) {
    lines.push("", "| field | Git | Superset | |", "|---|---|---|---|", ...fields.slice(0, FIELDS).map((field) => fieldRow(field, conflicts)));
  }
  if (fields.length > FIELDS) {
    lines.push("", `${fields.length - FIELDS} more fields: see the diff.`);
  }
  return lines;
}

function fieldRow({ path, before, after }: FieldChange, conflicts: readonly MergeConflict[]): string {
  // A conflict may lie above or below the field that is shown.
  const conflict = conflicts.find((one) => one.path === path || isWithin(one.path, path) || isWithin(path, one.path));
  const mark = conflict === undefined ? "" : `**conflict**: was ${code(shown(conflict.base))} at the last apply`;
  return `| ${code(path)} | ${code(shown(before))} | ${code(shown(after))} | ${mark} |`;
}

function isWithin(path: string, outer: string): boolean {
  return path.startsWith(outer) && /^[.[]/.test(path.slice(outer.length));
}

function otherLine({ name, changed, unknown }: OtherEnvironment): string {
  if (unknown !== undefined) {
    return `- ${code(name)} was not checked here: ${plain(unknown)}`;
  }
  return changed === 0 ? `- ${code(name)} stays as it is.` : `- ${code(name)} changes too, in ${counted(changed, "asset")}.`;
}

/** The text of a pull request with our part replaced; what people wrote around it stays. Without our part, it comes first. */
export function withPullText(body: string, environment: string, text: string): string {
  const existing = body.replace(/\r\n/g, "\n");
  const from = existing.indexOf(begin(environment));
  const to = existing.indexOf(END, from);
  if (from >= 0 && to >= 0) {
    return `${existing.slice(0, from)}${text}${existing.slice(to + END.length)}`;
  }
  return existing.trim() === "" ? text : `${text}\n\n${existing}`;
}
