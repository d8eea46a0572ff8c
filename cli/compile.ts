/** `hybrid compile`: templates to a bundle in Superset's export layout. */
import { join, relative, resolve } from "node:path";
import type { Command } from "commander";
import { writeBundle } from "../compile/write";
import { addCompileOptions, compileFor, type CompileArguments, summary } from "./compiled";
import { show, targetOf } from "./options";

interface Arguments extends CompileArguments {
  readonly out?: string;
}

/** Declares `hybrid compile`. */
export function register(program: Command): void {
  addCompileOptions(program.command("compile").description("Render, check and write an environment's bundle, which Superset's UI and superset-cli import as it is. Needs no server."))
    .option("--out <folder>", "where to write the bundle, which is replaced (default: bundles/<env>)")
    .addHelpText("after", "\nExample:\n  $ hybrid compile --env staging\n  $ hybrid compile --env prod --mapping mappings/eu.yaml --out /tmp/eu\n")
    .action((options: Arguments) => {
      const target = targetOf(options);
      const compiled = compileFor(target, options);
      if (compiled === undefined) {
        return;
      }
      const out = options.out === undefined ? join(target.root, "bundles", target.environment) : resolve(options.out);
      writeBundle(compiled.files, out);
      const path = relative(process.cwd(), out);
      const shown = path === "" || path.startsWith("..") ? out : path;
      show(options, { ok: true, ...summary(compiled).data, path: out, problems: compiled.warnings }, `${summary(compiled).text}
${shown}`);
    });
}
