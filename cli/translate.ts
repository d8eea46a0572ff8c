/** `hybrid translate`: what an export of Superset holds, put into the templates. */
import { join, relative, resolve } from "node:path";
import type { Command } from "commander";
import { openEnvironment } from "../control/environment";
import { replaceFiles } from "../control/files";
import { translateExport, translationDiff, type TranslatedExport } from "../control/translate";
import { EXIT, formatProblem } from "../provider/errors";
import { addCommonOptions, colored, show, targetOf, tell, type CommonOptions } from "./options";

interface Arguments extends CommonOptions {
  readonly from?: string;
  readonly dryRun?: true;
}

/** Declares `hybrid translate`. */
export function register(program: Command): void {
  addCommonOptions(program.command("translate [env]").description("Put what an export holds into the templates: only the edited fields change, and variables, conditions, loops, comments and formatting stay. Other environments change in these fields only; what would break that is left as it is and told."))
    .option("--from <folder>", "the export: of 'hybrid export', of Superset's UI (unpacked), of superset-cli (default: ui_exports/<env>)")
    .option("--dry-run", "show the changes as a unified diff, and write nothing")
    .addHelpText("after", "\nExample:\n  $ hybrid translate --env dev --dry-run\n  $ hybrid translate dev --from ~/Downloads/dashboard_export_20260101T120000\n")
    .action((positional: string | undefined, options: Arguments) => {
      const { root, environment } = targetOf(options, positional);
      const folder = options.from === undefined ? join(root, "ui_exports", environment) : resolve(options.from);
      const translation = translateExport(openEnvironment(root, environment, { log: tell }), folder);
      const dry = options.dryRun === true;
      if (!dry) {
        replaceFiles(root, translation.files);
      }
      const failed = translation.notes.some(({ severity }) => severity !== "warning") || translation.remaining.length > 0;
      if (options.json !== true) {
        translation.notes.forEach((note) => tell(formatProblem(note)));
      }
      show(options, { ok: !failed, environment, from: folder, dry_run: dry, ...translationData(translation) }, dry ? colored(translationDiff(root, translation)) || "nothing to change" : translationText(environment, relative(process.cwd(), root), translation));
      process.exitCode = failed ? EXIT.error : EXIT.done;
    });
}

function translationData({ files, notes, done, remaining, assets }: TranslatedExport): Readonly<Record<string, unknown>> {
  const paths = [...files];
  return {
    assets,
    files: paths.flatMap(([path, text]) => (text === undefined ? [] : [path])),
    removed: paths.flatMap(([path, text]) => (text === undefined ? [path] : [])),
    carried_over: done.length,
    remaining: remaining.map(({ uuid, kind, file, changes }) => ({ uuid, kind, file: file ?? null, changes })),
    problems: notes,
  };
}

function translationText(environment: string, folder: string, { files, remaining, assets }: TranslatedExport): string {
  const said = files.size === 0 ? "nothing to change" : `${files.size} ${files.size === 1 ? "file" : "files"} written`;
  const left = remaining.length === 0 ? "" : `, ${remaining.length} not carried over completely`;
  return [`${environment}: ${assets} ${assets === 1 ? "asset" : "assets"} in the export, ${said}${left}`, ...[...files].map(([path, text]) => `${text === undefined ? "removed " : ""}${join(folder, path)}`)].join("\n");
}
