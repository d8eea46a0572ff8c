/** What `compile` and `validate` share: options, the report of problems, the summary. */
import type { Command } from "commander";
import { compile, type Compiled } from "../compile";
import { formatProblem, ProblemsError } from "../provider/errors";
import { kinds } from "../provider/kinds/registry";
import { addCommonOptions, assetCounts, show, tell, type CommonOptions, type Target } from "./options";

/** The shared options, as commander gives them. */
export interface CompileArguments extends CommonOptions {
  readonly mapping?: string;
}

/** Declares what `CompileArguments` holds. */
export function addCompileOptions(command: Command): Command {
  return addCommonOptions(command).option("--mapping <file>", "retarget database, schema, tables, columns and metrics (mappings/*.yaml; default: superset:mapping of the stack file)");
}

/** The compiled environment; warnings go to stderr. With `--json`, problems go to stdout and the answer is undefined. */
export function compileFor({ root, environment }: Target, options: CompileArguments): Compiled | undefined {
  let compiled: Compiled;
  try {
    compiled = compile({ root, environment, ...(options.mapping === undefined ? {} : { mapping: options.mapping }) });
  } catch (error) {
    if (options.json !== true || !(error instanceof ProblemsError)) {
      throw error;
    }
    show(options, { ok: false, exit_code: error.exitCode, error: error.message, environment, problems: error.problems }, "");
    process.exitCode = error.exitCode;
    return undefined;
  }
  if (options.json !== true) {
    for (const warning of compiled.warnings) {
      tell(formatProblem(warning));
    }
  }
  return compiled;
}

/** Counts per kind and the bundle's hash, for people and for scripts. */
export function summary(compiled: Compiled): { readonly text: string; readonly data: Readonly<Record<string, unknown>> } {
  const counts = Object.fromEntries(kinds.map((kind) => [kind.plural, compiled.assets.filter((asset) => asset.kind === kind.name).length]));
  const warnings = compiled.warnings.length === 0 ? "" : `, ${compiled.warnings.length} ${compiled.warnings.length === 1 ? "warning" : "warnings"}`;
  const text = `${compiled.environment}: ${assetCounts(counts)}${warnings}\nsha256 ${compiled.hash}`;
  return { text, data: { environment: compiled.environment, project: compiled.project, assets: counts, hash: compiled.hash } };
}
