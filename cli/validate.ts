/** `hybrid validate`: everything `hybrid compile` checks, without writing. */
import type { Command } from "commander";
import { findRoot } from "../provider/settings";
import { addCompileOptions, compileFor, type CompileArguments, summary } from "./compiled";

/** Declares `hybrid validate`. */
export function register(program: Command): void {
  addCompileOptions(program.command("validate").description("Check all templates of an environment: variables, YAML, fields, references, columns and metrics. Writes nothing, needs no server."))
    .addHelpText("after", "\nExample:\n  $ hybrid validate --env prod\n")
    .action((options: CompileArguments) => {
      const compiled = compileFor(findRoot(process.cwd()), options);
      if (compiled !== undefined) {
        process.stdout.write(options.json === true ? `${JSON.stringify({ ok: true, ...summary(compiled).data, problems: compiled.warnings })}\n` : `${summary(compiled).text}\n`);
      }
    });
}
