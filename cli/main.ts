/** `hybrid`: the commands, and what becomes of their errors. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";

import { EXIT, isRefusedByTheSystem, refusalText, UserError } from "../provider/errors";
import { answerError } from "./answer";

/** A module of this folder: declares its commands. */
interface CommandModule {
  register(program: Command): void;
}

/**
 * Which module declares which command. A module is loaded when its command is called, or when the list of all is asked for:
 * Pulumi and zod cost more to load than most commands to run.
 */
const COMMANDS: readonly { readonly name: string; readonly load: () => CommandModule }[] = [
  { name: "init", load: () => require("./init") as CommandModule },
  { name: "local", load: () => require("./local") as CommandModule },
  { name: "compile", load: () => require("./compile") as CommandModule },
  { name: "validate", load: () => require("./validate") as CommandModule },
  { name: "plan", load: () => require("./plan") as CommandModule },
  { name: "drift-plan", load: () => require("./drift-plan") as CommandModule },
  { name: "export", load: () => require("./export") as CommandModule },
  { name: "translate", load: () => require("./translate") as CommandModule },
  { name: "export-to-pr", load: () => require("./export-to-pr") as CommandModule },
  { name: "apply", load: () => require("./apply") as CommandModule },
  { name: "deploy", load: () => require("./deploy") as CommandModule },
  { name: "sync", load: () => require("./sync") as CommandModule },
  { name: "promote", load: () => require("./promote") as CommandModule },
  { name: "version", load: () => require("./version") as CommandModule },
  { name: "db", load: () => require("./db") as CommandModule },
  { name: "comment", load: () => require("./comment") as CommandModule },
  { name: "issue", load: () => require("./issue") as CommandModule },
  { name: "docs", load: () => require("./docs") as CommandModule },
];

/** The program with every command, as `hybrid --help` lists them: for tests and the reference in docs/. */
export function wholeProgram(): Command {
  const program = newProgram();
  for (const { load } of COMMANDS) load().register(program);
  return program;
}

function newProgram(): Command {
  return new Command("hybrid")
    .description("A Superset workspace declared in Git: the control plane around `pulumi preview` and `pulumi up`.")
    .version(version())
    .exitOverride()
    // `--version` after a command is that command's own option.
    .enablePositionalOptions()
    .showHelpAfterError("(--help shows the options)")
    .showSuggestionAfterError()
    .addHelpText("after", EXIT_CODES);
}

/** Shown below every list of commands; docs/commands.md has the same. */
const EXIT_CODES = `
Exit codes, the same for every command: ${EXIT.done} done, ${EXIT.error} error, ${EXIT.difference} drift or difference found, ${EXIT.refused} refused by policy.

Example:
  $ hybrid local up && hybrid validate --env dev
`;

/** Runs the command line (`process.argv`) and gives the exit code; every error is shown once, on stderr, and with `--json` as the answer too. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = newProgram();
  for (const stream of [process.stdout, process.stderr]) stream.on("error", withoutReader);
  const wanted = argv.slice(2).find((word) => !word.startsWith("-"));
  const one = COMMANDS.find(({ name }) => name === wanted);
  try {
    for (const { load } of one ? [one] : COMMANDS) load().register(program);
    await program.parseAsync(argv);
    return typeof process.exitCode === "number" ? process.exitCode : EXIT.done;
  } catch (error) {
    return report(error, argv.includes("--json"));
  }
}

/** Whoever reads the output may have seen enough (`| head`): what is under way is finished all the same. */
function withoutReader(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

/** Shows the error, to programs that asked for JSON as the answer too, and gives its exit code. */
function report(error: unknown, json: boolean): number {
  // Help and version are no errors.
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
  const known = understood(error);
  // Commander has shown its text itself.
  if (!(error instanceof CommanderError)) process.stderr.write(`${known.message}\n`);
  if (json) answerError(known);
  return known.exitCode;
}

function understood(error: unknown): Pick<UserError, "message" | "exitCode"> {
  if (error instanceof UserError) return error;
  if (error instanceof CommanderError) return { message: error.message.replace(/^error: /, ""), exitCode: EXIT.error };
  if (isRefusedByTheSystem(error)) return { message: refusalText(error), exitCode: EXIT.error };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { message: `${text}\nhybrid ${version()}: this is a bug. Please report it with the text above.`, exitCode: EXIT.error };
}

function version(): string {
  const text = readFileSync(join(__dirname, __dirname.endsWith(join("dist", "cli")) ? "../.." : "..", "package.json"), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}
