/** A plan as people read it: at a terminal, and as a comment of a pull request. Pure. */
import type { FieldChange } from "../provider/canonical";
import { fieldLines } from "../provider/report";
import { counted, whatHappened } from "./drift-plan";
import { escaped, fenced, TEXT_LIMIT } from "./markdown";
import type { Action, MigrationPlan, Plan, PlannedAsset, PlanGroup } from "./plan";

/** How an action is marked: as in Pulumi's own previews, and `!` for what would be written over. */
const MARKS: Readonly<Record<Action, string>> = { create: "+", update: "~", delete: "-", overwrite: "!" };

/** What an apply would do in total, in one line. */
export function planHeadline({ environment, assets, migrations, allowed, mode }: Plan): string {
  const many = (action: Action): number => assets.filter((asset) => asset.action === action).length;
  const parts = [
    ...(migrations === undefined || migrations.pending.length === 0 ? [] : [`${counted(migrations.pending.length, "migration")} to run`]),
    ...([["create", "to create"], ["update", "to update"], ["delete", "to delete"]] as const).flatMap(([action, words]) => (many(action) === 0 ? [] : [`${many(action)} ${words}`])),
    ...(many("overwrite") === 0 ? [] : [`${counted(many("overwrite"), "edit")} in Superset ${mode === "strict_fail_on_drift" ? "that stop the apply" : "that Git's version replaces"}`]),
    ...(migrations === undefined || migrations.drift.length === 0 ? [] : ["schema changed by hand"]),
    ...(migrations === undefined || migrations.problems.length === 0 ? [] : [`${counted(migrations.problems.length, "problem")} in the migrations`]),
  ];
  const refused = allowed ? "" : "; refused by policy as it is";
  return `${environment}: ${parts.length === 0 ? "nothing to do" : parts.join(", ")}${refused}`;
}

/** The whole plan for a terminal. */
export function planText(plan: Plan): string {
  const sections = [planHeadline(plan), ...migrationLines(plan.migrations), ...groupLines(plan.groups), ...waysOut(plan)];
  return sections.join("\n");
}

/** Characters of a comment, less what is around the plan. */
const COMMENT_LIMIT = TEXT_LIMIT - 5_536;

/** The plan as Markdown: what happens in one line, the fields per page. Deterministic; what a comment cannot hold is counted instead. */
export function planMarkdown(plan: Plan): string {
  const lines = [`### Plan for \`${plan.environment}\``, "", `${planHeadline(plan).replace(/^[^:]*: /, "").replace(/^./, (first) => first.toUpperCase())}.`];
  const migrations = migrationLines(plan.migrations);
  if (migrations.length > 0) {
    lines.push("", ...fenced("", migrations));
  }
  let length = lines.join("\n").length;
  let left = 0;
  for (const { page, assets } of plan.groups) {
    const block = ["", `<details open><summary><b>${escaped(page ?? "on no page")}</b>: ${counted(assets.length, "change")}</summary>`, "", ...fenced("diff", assets.flatMap((asset) => assetLines(asset, true))), "", "</details>"];
    length += block.join("\n").length;
    if (length > COMMENT_LIMIT) {
      left += 1;
    } else {
      lines.push(...block);
    }
  }
  if (left > 0) {
    lines.push("", `${counted(left, "more page")} did not fit here: \`hybrid plan --env ${plan.environment}\` shows all.`);
  }
  const conflicts = plan.assets.filter(({ standing }) => standing === "conflict");
  if (conflicts.length > 0) {
    lines.push("", `**${counted(conflicts.length, "conflict")}**: ${conflicts.map(({ name, editor }) => `${escaped(name)}${editor === undefined ? "" : ` (${escaped(editor.name)}, ${editor.at})`}`).join(", ")}. Git and Superset have both changed since the last apply.`);
  }
  return `${[...lines, ...waysOut(plan).flatMap((line) => ["", line])].join("\n")}\n`;
}

function migrationLines(migrations: MigrationPlan | undefined): string[] {
  if (migrations === undefined) {
    return [];
  }
  const list = (title: string, names: readonly string[], mark: string): string[] => (names.length === 0 ? [] : [title, ...names.map((name) => `  ${mark} ${name}`)]);
  return [
    ...list("migrations to run", migrations.pending, "+"),
    ...list("repeatable migrations that changed", migrations.repeatables, "~"),
    ...list("seeds to run", migrations.seeds, "~"),
    ...list("applied by another tool, to be recorded", migrations.adopted, "="),
    ...list("problems in the migrations: nothing runs", migrations.problems, "!"),
    ...list("the schema was changed by hand", migrations.drift, "!"),
  ];
}

function groupLines(groups: readonly PlanGroup[]): string[] {
  const shown = new Set<string>();
  return groups.flatMap(({ page, assets }) => [
    "",
    page ?? "on no page",
    ...assets.flatMap((asset) => {
      const again = shown.has(asset.uuid);
      shown.add(asset.uuid);
      return again ? [`${MARKS[asset.action]} ${asset.label}: see above`] : assetLines(asset, false);
    }),
  ]);
}

/** One asset: what happens to it, then its fields. */
function assetLines(asset: PlannedAsset, markdown: boolean): string[] {
  const { action, standing, assessment, inGit, label, desired } = asset;
  const indented = (changes: readonly FieldChange[]): string[] => (changes.length === 0 ? [] : fieldLines(changes).split("\n").map((line) => `  ${line}`));
  const mark = MARKS[action];
  switch (action) {
    case "create":
      return [`${mark} ${label} is new`];
    case "delete":
      return [`${mark} ${label} is deleted in Superset: its template was removed`];
    case "update":
      return [`${markdown ? "!" : mark} ${label}`, ...indented(assessment.pending)];
    case "overwrite": {
      const conflict = standing === "conflict" ? "CONFLICT: " : "";
      const changes = standing === "foreign" ? assessment.pending : assessment.drift;
      const meanwhile = standing === "conflict" ? ["    meanwhile in Git:", ...(desired === undefined ? ["    the template was removed"] : indented(inGit))] : [];
      const direction = assessment.deleted ? [] : [standing === "foreign" ? "    Superset → Git:" : "    last apply → Superset:"];
      return [`${mark} ${conflict}${whatHappened(asset)}`, ...direction, ...(assessment.deleted ? [] : indented(changes)), ...meanwhile];
    }
  }
}

function waysOut({ allowed, environment, assets }: Plan): string[] {
  if (allowed || assets.length === 0) {
    return [];
  }
  return [`The policy of ${environment} is strict_fail_on_drift: take the edits into Git (hybrid export-to-pr ${environment}), or write Git's version over them for one run (HYBRID_APPLY_MODE=overwrite_git_wins).`];
}
