/** The sentences people read about drift. Pure: the same ones in preview, apply, the gate and `hybrid`. */
import { stableText, type FieldChange } from "./canonical";
import type { Assessment } from "./drift";
import type { Json } from "./json";
import { MODE_VARIABLE } from "./policy";

/** Who changed an asset last, and when (ISO 8601, UTC). */
export interface Editor {
  readonly name: string;
  readonly at: string;
}

const by = (editor: Editor | undefined): string => (editor === undefined ? "" : ` by ${editor.name} at ${editor.at}`);

/** What a refresh found: `drift: chart 'Revenue' was edited in Superset by … at …` and one line per field. */
export function driftReport(found: {
  readonly label: string;
  readonly uuid: string;
  readonly drift: readonly FieldChange[];
  readonly deleted: boolean;
  readonly editor?: Editor | undefined;
}): string {
  if (found.deleted) {
    return `drift: ${found.label} [${found.uuid}] was deleted in Superset`;
  }
  if (found.drift.length === 0) {
    return `drift: ${found.label} [${found.uuid}] was edited in Superset since the last apply and is as it was again`;
  }
  return `drift: ${found.label} [${found.uuid}] was edited in Superset${by(found.editor)}:\n${fieldLines(found.drift)}`;
}

/** What a run says that writes Git's version over an asset it finds in Superset and has never applied. */
export function adoptionReport(label: string, { pending }: Assessment, editor: Editor | undefined): string {
  return `adopted: ${label} is in Superset in another form${editor === undefined ? "" : `, last changed${by(editor)}`}, and was never applied from here; Git's version is written over it (Superset → Git):\n${fieldLines(pending)}`;
}

/** What a refused run says: every asset with its fields, then the two ways out. */
export function conflictReport(
  conflicts: readonly { readonly label: string; readonly assessment: Assessment; readonly editor?: Editor | undefined }[],
  environment = "<env>",
): string {
  const blocks = conflicts.map(({ label, assessment, editor }) => {
    if (assessment.deleted) {
      return `${label} was deleted in Superset`;
    }
    const adopted = assessment.drift.length === 0;
    const changes = adopted ? assessment.pending : assessment.drift;
    const how = adopted ? "is in Superset in another form, and was never applied from here (Superset → Git)" : `was edited in Superset${by(editor)} (applied → now)`;
    return `${label} ${how}:\n${fieldLines(changes)}`;
  });
  return [
    `refused: the policy of this environment is strict_fail_on_drift, and applying would overwrite what was made in Superset. Nothing was written.`,
    ...blocks,
    `Ways out: take the edits into Git ('hybrid export-to-pr ${environment}' makes a pull request of them), ` +
      `or write Git's version over them, for one run: ${MODE_VARIABLE}=overwrite_git_wins pulumi up --stack ${environment}`,
  ].join("\n");
}

/** One line per changed field: `  params.row_limit: 100 → 50`. */
export function fieldLines(changes: readonly FieldChange[]): string {
  return changes.map((change) => `  ${change.path}: ${shown(change.before)} → ${shown(change.after)}`).join("\n");
}

/** A value as people read it in one line; long ones are cut in the middle. */
export function shown(value: Json | undefined): string {
  if (value === undefined) {
    return "(none)";
  }
  const text = stableText(value);
  return text.length <= 160 ? text : `${text.slice(0, 100)} … ${text.slice(-50)}`;
}
