/** `hybrid validate`: everything `hybrid compile` checks, without writing; and whether the warehouse has what the bundle asks of it. */
import type { Command } from "commander";
import { impactMarkdown, impactText } from "../control/impact/text";
import { ConfigError, EXIT } from "../provider/errors";
import { addCompileOptions, compileFor, type CompileArguments, summary } from "./compiled";
import { findImpact, SCRATCH_VARIABLE } from "./impact";
import { show, targetOf, tell } from "./options";

interface Arguments extends CompileArguments {
  readonly db?: true;
  readonly since?: string;
  readonly scratchUrl?: string;
  readonly markdown?: true;
}

/** Declares `hybrid validate`. */
export function register(program: Command): void {
  addCompileOptions(program.command("validate").description("Check all templates of an environment: variables, YAML, fields, references, columns and metrics. Writes nothing, needs no server; with --db also what pending migrations would break."))
    .option("--db", "copy the warehouse's schema into a scratch database, run the pending migrations there, and let PostgreSQL plan every dataset, column, metric and SQL of the bundle; shows what each migration breaks, down to the dashboards")
    .option("--since <commit>", "with --db: the migrations of that commit, run on an empty database, stand for the warehouse, which is then not asked")
    .option("--scratch-url <url>", `with --db: server for the scratch database (default: ${SCRATCH_VARIABLE}, else the PostgreSQL of the local runtime, started for it)`)
    .option("--markdown", "with --db: the impact report as a comment of a pull request")
    .addHelpText("after", "\nExample:\n  $ hybrid validate --env prod\n  $ hybrid validate --env prod --db\n  $ hybrid validate --db --since origin/main --markdown\n")
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
  if (options.db !== true) {
    show(options, { ok: true, ...data, problems: compiled.warnings }, text);
    return;
  }
  const { openEnvironment } = require("../control/environment") as typeof import("../control/environment");
  const report = await findImpact(openEnvironment(target.root, target.environment, { log: tell }), compiled, options);
  show(options, { ok: report.ok, ...data, problems: compiled.warnings, impact: report }, options.markdown === true ? impactMarkdown(report) : `${text}\n\n${impactText(report)}`);
  process.exitCode = report.ok ? EXIT.done : EXIT.error;
}
