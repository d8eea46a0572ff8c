/** `hybrid validate`: everything `hybrid compile` checks, without writing; and whether the warehouse has what the bundle asks of it. */
import type { Command } from "commander";
import type { Compiled } from "../compile";
import type { ImpactReport } from "../control/impact/report";
import { impactMarkdown, impactText } from "../control/impact/text";
import type { LiveReport } from "../control/live-check";
import { terminalProgress } from "../local/progress";
import { ConfigError, EXIT, formatProblem } from "../provider/errors";
import { addCompileOptions, compileFor, type CompileArguments, summary } from "./compiled";
import { findImpact, SCRATCH_VARIABLE } from "./impact";
import { show, targetOf, tell, type Target } from "./options";

interface Arguments extends CompileArguments {
  readonly live?: true;
  readonly db?: true;
  readonly since?: string;
  readonly scratchUrl?: string;
  readonly markdown?: true;
}

/** Declares `hybrid validate`. */
export function register(program: Command): void {
  addCompileOptions(program.command("validate").description("Check all templates of an environment: variables, YAML, fields, references, columns and metrics. Writes nothing, needs no server; with --live also what the target lacks, with --db what pending migrations would break."))
    .option("--live", "also what the target lacks: names that others hold in Superset, drivers, tables that its connections do not see, rights of their logins")
    .option("--db", "copy the warehouse's schema into a scratch database, run the pending migrations there, and let PostgreSQL plan every dataset, column, metric and SQL of the bundle; shows what each migration breaks, down to the dashboards")
    .option("--since <commit>", "with --db: the migrations of that commit, run on an empty database, stand for the warehouse, which is then not asked")
    .option("--scratch-url <url>", `with --db: server for the scratch database (default: ${SCRATCH_VARIABLE}, else the PostgreSQL of the local runtime, started for it)`)
    .option("--markdown", "with --db: the impact report as a comment of a pull request")
    .addHelpText("after", "\nExample:\n  $ hybrid validate --env prod\n  $ hybrid validate --env prod --live --db\n  $ hybrid validate --db --since origin/main --markdown\n")
    .action(run);
}

async function run(options: Arguments): Promise<void> {
  const target = targetOf(options);
  if (options.db !== true && (options.since ?? options.scratchUrl ?? options.markdown) !== undefined) {
    throw new ConfigError("--since, --scratch-url and --markdown are about the warehouse; add --db");
  }
  const compiled = compileFor(target, options);
  if (compiled === undefined) {
    return;
  }
  const { data, text } = summary(compiled);
  const { live, impact } = options.db === true || options.live === true ? await asked(target, compiled, options) : {};
  const ok = (impact?.ok ?? true) && (live?.ok ?? true);
  const parts = [...(options.markdown === true ? [] : [text]), ...(live === undefined ? [] : [liveText(live)]), ...(impact === undefined ? [] : [options.markdown === true ? impactMarkdown(impact) : impactText(impact)])];
  show(options, { ok, ...data, problems: compiled.warnings, ...(live === undefined ? {} : { live }), ...(impact === undefined ? {} : { impact }) }, parts.join("\n\n"));
  process.exitCode = ok ? EXIT.done : EXIT.error;
}

/** What servers say. */
async function asked(target: Target, compiled: Compiled, options: Arguments): Promise<{ readonly live?: LiveReport; readonly impact?: ImpactReport }> {
  const { openEnvironment } = require("../control/environment") as typeof import("../control/environment");
  const environment = openEnvironment(target.root, target.environment, { log: tell });
  const { liveReport } = require("../control/live-check") as typeof import("../control/live-check");
  const live = options.live === true ? await terminalProgress().step(`Looking at ${target.environment}`, () => liveReport(environment)) : undefined;
  const impact = options.db === true ? await findImpact(environment, compiled, options) : undefined;
  return { ...(live === undefined ? {} : { live }), ...(impact === undefined ? {} : { impact }) };
}

function liveText({ url, problems, unchecked }: LiveReport): string {
  const count = problems.length === 0 ? "nothing is missing there" : `${problems.length} ${problems.length === 1 ? "problem" : "problems"}`;
  return [`${url}: ${count}`, ...problems.map((problem) => `  ${formatProblem(problem)}`), ...(unchecked.length === 0 ? [] : ["not checked:", ...unchecked.map((line) => `  ${line}`)])].join("\n");
}
