/** What `compile` and `validate` share: options, the report of problems, the summary. */
import type { Command } from "commander";
import { compile, type Compiled } from "../compile";
import { EXIT, formatProblem, ProblemsError } from "../provider/errors";
import { kinds } from "../provider/kinds/registry";

/** The shared options, as commander gives them. */
export interface CompileArguments {
  readonly env: string;
  readonly mapping?: string;
  readonly json?: true;
}

/** Environment of a command that names none: HYBRID_ENV, else dev. */
export function defaultEnvironment(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return env.HYBRID_ENV ?? "dev";
}

/** Declares what `CompileArguments` holds. */
export function addCompileOptions(command: Command): Command {
  return command
    .option("--env <name>", "environment (default from HYBRID_ENV)", defaultEnvironment())
    .option("--mapping <file>", "retarget database, schema, tables, columns and metrics (mappings/*.yaml)")
    .option("--json", "for scripts: one JSON object on stdout");
}

/** The compiled environment; warnings go to stderr. With `--json`, problems go to stdout and the answer is undefined. */
export function compileFor(root: string, options: CompileArguments): Compiled | undefined {
  let compiled: Compiled;
  try {
    compiled = compile({ root, environment: options.env, ...(options.mapping === undefined ? {} : { mapping: options.mapping }) });
  } catch (error) {
    if (options.json !== true || !(error instanceof ProblemsError)) {
      throw error;
    }
    process.stdout.write(`${JSON.stringify({ ok: false, environment: options.env, problems: error.problems })}\n`);
    process.exitCode = EXIT.error;
    return undefined;
  }
  if (options.json !== true) {
    for (const warning of compiled.warnings) {
      process.stderr.write(`${formatProblem(warning)}\n`);
    }
  }
  return compiled;
}

/** Counts per kind and the bundle's hash, for people and for scripts. */
export function summary(compiled: Compiled): { readonly text: string; readonly data: Readonly<Record<string, unknown>> } {
  const counts = Object.fromEntries(kinds.map((kind) => [kind.plural, compiled.assets.filter((asset) => asset.kind === kind.name).length]));
  const warnings = compiled.warnings.length === 0 ? "" : `, ${compiled.warnings.length} ${compiled.warnings.length === 1 ? "warning" : "warnings"}`;
  const text = `${compiled.environment}: ${kinds.map((kind) => `${counts[kind.plural] ?? 0} ${counts[kind.plural] === 1 ? kind.name : kind.plural}`).join(", ")}${warnings}\nsha256 ${compiled.hash}`;
  return { text, data: { environment: compiled.environment, project: compiled.project, assets: counts, hash: compiled.hash } };
}
