/** `hybrid export-to-pr`: what was edited in Superset's UI, as a pull request. */
import type { Command } from "commander";
import { exportToPullRequest, type ExportResult } from "../control/export-to-pr";
import type { AssetChange } from "../control/export-pr/texts";
import { terminalProgress } from "../local/progress";
import { EXIT, formatProblem } from "../provider/errors";
import { repositoryOf } from "./forge-options";
import { addCommonOptions, colored, show, targetOf, tell, type CommonOptions } from "./options";

interface Arguments extends CommonOptions {
  readonly base?: string;
  readonly branch?: string;
  readonly remote?: string;
  readonly repository?: string;
  readonly author?: string;
  readonly dashboard?: string;
  readonly unmanaged?: true;
  readonly label?: readonly string[];
  readonly draft?: true;
  readonly pr: boolean;
  readonly dryRun?: true;
}

/** Declares `hybrid export-to-pr`. */
export function register(program: Command): void {
  addCommonOptions(
    program
      .command("export-to-pr [env]")
      .description(
        "Take what was edited in Superset into Git: write it into the templates of the base branch, push a branch, and open the environment's one pull request or bring it up to date (GitHub, with GITHUB_TOKEN or GH_TOKEN; elsewhere: push, and print the link). " +
          `Does not touch the checkout; may be repeated. Ends with ${EXIT.difference} where an edit could not be taken over.`,
      ),
  )
    .option("--base <branch>", "branch to merge into (default: the remote's default branch)")
    .option("--branch <name>", "branch to push (default: hybrid/ui-<env>, with --dashboard hybrid/ui-<env>-<slug>)")
    .option("--remote <name>", "of the Git repository (default: that of the branch, else origin)")
    .option("--repository <owner/name>", "on GitHub (default: the remote's)", repositoryOf)
    .option("--author <identity>", "'Name <email>' of the commits (default: GIT_AUTHOR_NAME and GIT_AUTHOR_EMAIL, else git's user.name and user.email)")
    .option("--dashboard <slug>", "only this dashboard (slug or uuid) and what it needs")
    .option("--unmanaged", "also assets that Git does not know; without it, only those that an edited one needs")
    .option("--label <label>", "of a new pull request; may be repeated", (label: string, before: readonly string[] | undefined) => [...(before ?? []), label])
    .option("--draft", "open the pull request as a draft")
    .option("--no-pr", "only push the branch")
    .option("--dry-run", "only show what would be changed")
    .addHelpText("after", "\nExample:\n  $ hybrid export-to-pr dev\n  $ hybrid export-to-pr --env prod --dashboard overview --dry-run\n")
    .action(async (positional: string | undefined, options: Arguments) => {
      const { base, branch, remote, repository, author, dashboard, unmanaged = false, label = [], draft = false, pr, dryRun = false } = options;
      const target = targetOf(options, positional);
      const result = await exportToPullRequest({
        ...target, base, branch, remote, repository, author, dashboard, unmanaged, labels: label, draft, pullRequest: pr, dryRun, log: tell, progress: terminalProgress(),
      });
      show(options, resultData(result), resultText(result));
      process.exitCode = result.remaining > 0 ? EXIT.difference : EXIT.done;
    });
}

/** What the first line says; its first word is for scripts. */
function headline({ outcome, environment, branch, base, pull, compare }: ExportResult): string {
  const page = pull?.url ?? "";
  switch (outcome) {
    case "none":
      return `NO_CHANGES: Superset holds nothing of ${environment} that Git has not`;
    case "stuck":
      return `NOT_EXPORTED: no template can take over what was edited in the Superset of ${environment}`;
    case "planned":
      return `WOULD_EXPORT to ${branch}`;
    case "opened":
      return `PR_OPENED ${page}`;
    case "updated":
      return `PR_UPDATED ${page}`;
    case "unchanged":
      return `PR_UNCHANGED ${page}`;
    case "pushed":
      return `PUSHED ${branch}${compare === undefined ? "" : `; open a merge request: ${compare}`}`;
    case "kept":
      return `UNCHANGED ${branch}${compare === undefined ? "" : `; open a merge request: ${compare}`}`;
    case "declined":
      return `PR_DECLINED ${page} has these edits and was closed without being merged: open it again, or undo the edits in Superset`;
    case "closed":
      return `PR_CLOSED ${page}: all of it is in ${base}`;
    case "left":
      return `PR_LEFT ${page}: Superset holds none of its edits any more; merge it to have them back, or close it`;
  }
}

function resultText(result: ExportResult): string {
  const notes = result.notes.length === 0 ? [] : ["notes:", ...result.notes.map((note) => `  ${formatProblem(note)}`)];
  const diff = result.outcome === "planned" ? ["", colored(result.diff)] : [];
  return [headline(result), ...result.changes.map(changeLine), ...notes, ...diff].join("\n");
}

function changeLine({ kind, name, source, change, fields, conflicts, contradicts, editor }: AssetChange): string {
  const where = source === undefined ? "" : ` (${source})`;
  const what = change === "edited" || change === "used" ? fields.map(({ path }) => path).join(", ") : change;
  const conflict = contradicts || conflicts.length > 0 ? "CONFLICT " : "";
  return `  ${conflict}${kind.name} '${name}'${where}: ${what}${editor === undefined ? "" : `; ${editor.name}, ${editor.at}`}`;
}

function resultData({ environment, outcome, base, branch, pull, compare, changes, remaining, notes, diff }: ExportResult): Readonly<Record<string, unknown>> {
  return {
    environment, outcome, base, branch,
    pull_request: pull === undefined ? null : { number: pull.number, url: pull.url },
    compare: compare ?? null,
    assets: changes.map(({ kind, uuid, name, source, change, fields, conflicts, contradicts, unapplied, editor }) => ({ kind: kind.name, uuid, name, source, change, fields, conflicts, contradicts, unapplied, editor })),
    remaining, notes, diff,
  };
}
