/** `hybrid validate`: everything `hybrid compile` checks, without writing. */
import type { Command } from "commander";
import { addCompileOptions, compileFor, type CompileArguments, summary } from "./compiled";
import { show, targetOf } from "./options";

/** Declares `hybrid validate`. */
export function register(program: Command): void {
  addCompileOptions(program.command("validate").description("Check all templates of an environment: variables, YAML, fields, references, columns and metrics. Writes nothing, needs no server."))
    .addHelpText("after", "\nExample:\n  $ hybrid validate --env prod\n")
    .action((options: CompileArguments) => {
      const compiled = compileFor(targetOf(options), options);
      if (compiled !== undefined) {
        show(options, { ok: true, ...summary(compiled).data, problems: compiled.warnings }, summary(compiled).text);
      }
    });
}
