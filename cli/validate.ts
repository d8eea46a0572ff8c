/** `hybrid validate`: everything `hybrid compile` checks, without writing; and whether the warehouse has what the bundle asks of it. */
import type { Command } from "commander";
import type { Compiled } from "../compile";
import type { ImpactReport } from "../control/impact/report";
import { terminalProgress } from "../local/progress";
import { ConfigError, EXIT } from "../provider/errors";
import { addCompileOptions, compileFor, type CompileArguments, summary } from "./compiled";
import { interruptible } from "./interrupt";
import { show, targetOf, tell } from "./options";

interface Arguments extends CompileArguments {
  readonly db?: true;
  readonly since?: string;
  readonly scratchUrl?: string;
  readonly markdown?: true;
}

/** Environment variable for the scratch server's address, which may hold a password. */
const SCRATCH_VARIABLE = "HYBRID_SCRATCH_URL";

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
  const report = await impact(target, compiled, options);
  const { impactMarkdown, impactText } = require("../control/impact/text") as typeof import("../control/impact/text");
  show(options, { ok: report.ok, ...data, problems: compiled.warnings, impact: report }, options.markdown === true ? impactMarkdown(report) : `${text}\n\n${impactText(report)}`);
  process.exitCode = report.ok ? EXIT.done : EXIT.error;
}

function impact({ root, environment }: ReturnType<typeof targetOf>, compiled: Compiled, options: Arguments): Promise<ImpactReport> {
  const { openEnvironment } = require("../control/environment") as typeof import("../control/environment");
  const { warehouseImpact } = require("../control/impact") as typeof import("../control/impact");
  const scratchUrl = options.scratchUrl ?? (process.env[SCRATCH_VARIABLE] || undefined);
  return interruptible("the scratch database is removed", (signal) =>
    warehouseImpact(openEnvironment(root, environment, { log: tell }), { compiled, progress: terminalProgress(), signal, scratchUrl, since: options.since }));
}
