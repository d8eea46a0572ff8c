/** What the commands share: options, the choice of the environment, how results are shown. */
import { InvalidArgumentError, type Command } from "commander";
import { createColors } from "picocolors";
import { ConfigError } from "../provider/errors";
import { kinds } from "../provider/kinds/registry";
import { defaultEnvironment } from "../provider/policy";
import { findRoot } from "../provider/settings";
import { answer } from "./answer";

/** The options every command with an environment has, as commander gives them. */
export interface CommonOptions {
  readonly env?: string;
  readonly json?: true;
}

/** Declares what `CommonOptions` holds. */
export function addCommonOptions(command: Command): Command {
  return addJsonOption(command.option("--env <name>", "environment (default: HYBRID_ENV, else default_env of policy.yaml, else dev)"));
}

/** Declares `--json` alone, for commands without an environment. */
export function addJsonOption(command: Command): Command {
  return command.option("--json", "for scripts: one JSON object on stdout");
}

/** The repository around the working directory, and the environment a command is about. */
export interface Target {
  /** Absolute path of the folder with Pulumi.yaml. */
  readonly root: string;
  readonly environment: string;
}

/**
 * @param positional the environment as an argument, in commands that take one
 * @throws ConfigError outside a repository, and where argument and option name different environments
 */
export function targetOf(options: CommonOptions, positional?: string): Target {
  if (positional !== undefined && options.env !== undefined && positional !== options.env) {
    throw new ConfigError(`two environments are named: '${positional}' and --env ${options.env}; name one`);
  }
  const root = findRoot(process.cwd());
  return { root, environment: positional ?? options.env ?? defaultEnvironment(root) };
}

/** Reads an option's value. @throws InvalidArgumentError where it is no whole number from 1 */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("It is a whole number from 1.");
  return value;
}

/** Prints a result: with `--json` one JSON object on one line, else the text. */
export function show(options: Pick<CommonOptions, "json">, data: Readonly<Record<string, unknown>>, text: string): void {
  answer(options.json === true ? `${JSON.stringify(data)}\n` : text === "" || text.endsWith("\n") ? text : `${text}\n`);
}

/** A line for people that is no result: warnings, what is waited for. */
export function tell(message: string): void {
  process.stderr.write(`${message}\n`);
}

/** `1 database, 0 datasets, 12 charts, 2 dashboards`. @param counts by kind's plural */
export function assetCounts(counts: Readonly<Record<string, number>>): string {
  return kinds.map(({ name, plural }) => `${counts[plural] ?? 0} ${counts[plural] === 1 ? name : plural}`).join(", ");
}

/** Colours of what goes to standard output: none where it is no terminal, or NO_COLOR is set. */
export const colors = createColors(process.stdout.isTTY === true && (process.env["NO_COLOR"] ?? "") === "" && process.env["TERM"] !== "dumb");

/** A text with unified diffs in it, in colours where standard output has any. */
export function colored(text: string): string {
  if (!colors.isColorSupported) {
    return text;
  }
  const paint = (line: string): string => {
    if (/^(?:---|\+\+\+) /.test(line)) return colors.bold(line);
    if (line.startsWith("@@")) return colors.cyan(line);
    if (line.startsWith("+")) return colors.green(line);
    if (line.startsWith("-")) return colors.red(line);
    return /^(?:NO_DRIFT|DRIFT_FOUND|conflict:)/.test(line) ? colors.bold(line) : line;
  };
  return text.split("\n").map(paint).join("\n");
}
