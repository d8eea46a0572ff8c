/** `hybrid version`: what an environment runs. */
import { InvalidArgumentError, type Command } from "commander";
import { openEnvironment } from "../control/environment";
import { isCurrent, versionOf } from "../control/version";
import { versionData, versionText } from "../control/version-text";
import { EXIT, UserError } from "../provider/errors";
import { addCommonOptions, show, targetOf, tell, wholeNumber, type CommonOptions } from "./options";

/** Deployments that `--history` lists where no number is given. */
const HISTORY = 20;

interface Arguments extends CommonOptions {
  readonly history?: number | true;
}

/** Declares `hybrid version`. */
export function register(program: Command): void {
  addCommonOptions(program.command("version").description(`What an environment runs: commit, migrations and bundle, when and by whom, from meta.deployments; and whether Git and the live state are still so (else it ends with ${EXIT.difference}). Writes nothing.`).argument("[env]", "environment"))
    .option("--history [number]", `also the deployments before, newest first (default: ${HISTORY})`, historyLength)
    .addHelpText("after", "\nExample:\n  $ hybrid version prod\n  $ hybrid version --env staging --history 5 --json\n")
    .action(async (env: string | undefined, options: Arguments) => {
      const { root, environment } = targetOf(options, env);
      const { history } = options;
      const report = await versionOf(openEnvironment(root, environment, { log: tell }), history === undefined ? 0 : history === true ? HISTORY : history);
      show(options, versionData(report), versionText(report, history !== undefined));
      process.exitCode = report.live instanceof UserError ? report.live.exitCode : isCurrent(report) ? EXIT.done : EXIT.difference;
    });
}

function historyLength(text: string): number {
  const value = wholeNumber(text);
  if (value > 10_000) throw new InvalidArgumentError("It is at most 10000.");
  return value;
}
