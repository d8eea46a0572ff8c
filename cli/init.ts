/** `hybrid init`: a repository of one's own. */
import { relative } from "node:path";
import type { Command } from "commander";
import type { FoundProblem } from "../control/init/check";
import { init, type InitResult } from "../control/init/init";
import { terminalProgress } from "../local/progress";
import { formatProblem } from "../provider/errors";
import { addJsonOption, show, type CommonOptions } from "./options";

interface Arguments extends Pick<CommonOptions, "json"> {
  readonly name?: string;
  readonly from?: string;
  readonly package?: string;
  readonly keep?: true;
}

/** Declares `hybrid init`. */
export function register(program: Command): void {
  addJsonOption(
    program
      .command("init")
      .description("Make a repository of your own that works: Pulumi.yaml, three environments, policy.yaml, example assets, migrations, Makefile, workflows. Replaces no file.")
      .argument("[dir]", "its folder; made where it is missing", "."),
  )
    .option("--name <project>", "the project's name (default: the folder's)")
    .option("--from <folder>", "take over an older layout instead of the example: hybrid.yaml, env/*.yaml, assets/, mappings/, policy.yaml, migrations of dbmate, Flyway or plain SQL")
    .option("--package <spec>", "what package.json depends on: a version, a tarball, a folder (default: the version that is running)")
    .option("--keep", "where files of the same names are there: leave them as they are, and write the others")
    .addHelpText("after", "\nExample:\n  $ hybrid init my-bi && cd my-bi && make local-up\n  $ hybrid init ../bi-new --from .\n")
    .action(async (folder: string, options: Arguments) => {
      const result = await init({ folder, name: options.name, from: options.from, packageSpec: options.package, keep: options.keep, progress: terminalProgress() });
      show(options, { ok: true, ...result }, text(result, options.from));
    });
}

function text(result: InitResult, from: string | undefined): string {
  const { folder, project, environments, local, files, kept, git, taken, notes, problems } = result;
  const path = relative(process.cwd(), folder) || ".";
  const steps = [
    ...(path === "." ? [] : [[`cd ${path}`, ""]]),
    ["make local-up", `environment ${local} on this machine: installs everything, applies, prints a dashboard's address`],
    ["git add . && git commit", "deployments and pull requests need a commit"],
  ];
  const remarks = [
    ...(kept.length === 0 ? [] : [`Files that were there and stayed: ${kept.join(", ")}.`]),
    ...(git.state === "none" ? [`There is no Git repository: ${git.why}`] : []),
    ...(git.state === "inside" ? ["The folder is inside a Git repository: GitHub reads workflows only from .github/ in that one's top folder."] : []),
  ];
  return [
    `${project}: ${files.length} files in ${path}, environments ${environments.join(", ")}`,
    ...section(`Taken over from ${from}`, taken.map((one) => `${one.from} → ${one.to}${one.files === undefined ? "" : `   (${one.files} ${one.files === 1 ? "file" : "files"})`}`)),
    ...section(`Not taken over, or not as it was (files of ${from})`, notes.map(formatProblem)),
    ...section("To put right in the new repository", problems.map(inEnvironments)),
    ...(remarks.length === 0 ? [] : ["", ...remarks]),
    ...section("Next", steps.map(([command, why]) => (why === "" ? `${command}` : `${command?.padEnd(24)} # ${why}`))),
  ].join("\n");
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", `${title}:`, ...lines.map((line) => `  ${line.replaceAll("\n", "\n    ")}`)];
}

function inEnvironments(problem: FoundProblem): string {
  return `${formatProblem(problem)}${problem.environments.length === 0 ? "" : ` [${problem.environments.join(", ")}]`}`;
}
