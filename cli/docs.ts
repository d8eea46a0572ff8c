/** `hybrid docs`: documents made of the repository and the warehouse. */
import { Option, type Command } from "commander";
import { makeDocuments, staleDocuments, writeDocuments, type DocumentName } from "../control/docs";
import { ASSETS_FILE } from "../control/docs/assets";
import { SCHEMA_FILE } from "../control/docs/schema";
import { openEnvironment } from "../control/environment";
import { EXIT } from "../provider/errors";
import { addCommonOptions, show, targetOf, tell, type CommonOptions } from "./options";

interface Arguments extends CommonOptions {
  readonly check?: true;
  readonly only?: DocumentName;
}

/** Declares `hybrid docs`. */
export function register(program: Command): void {
  addCommonOptions(program.command("docs").description(`Write ${SCHEMA_FILE} (tables, keys, comments and a diagram of the warehouse) and ${ASSETS_FILE} (dashboards with their charts, datasets, tables and owners). The same repository and schema give the same bytes. Prints DOCS_OK.`))
    .option("--check", `write nothing; ends with ${EXIT.difference} where a committed document is stale`)
    .addOption(new Option("--only <name>", "one of the two; assets needs no server").choices(["schema", "assets"]))
    .addHelpText("after", "\nExample:\n  $ hybrid docs --env prod\n  $ hybrid docs --check\n")
    .action(async ({ check, only, ...options }: Arguments) => {
      const { root, environment } = targetOf(options);
      const documents = await makeDocuments(openEnvironment(root, environment, { log: tell }), only);
      if (check === true) {
        const stale = staleDocuments(root, documents);
        show(options, { environment, stale }, stale.length === 0 ? "DOCS_OK" : [`stale; 'hybrid docs --env ${environment}' writes ${stale.length === 1 ? "it" : "them"} anew`, ...stale.map((path) => `  ${path}`)].join("\n"));
        process.exitCode = stale.length === 0 ? EXIT.done : EXIT.difference;
        return;
      }
      const written = writeDocuments(root, documents);
      show(options, { environment, written, unchanged: documents.map(({ path }) => path).filter((path) => !written.includes(path)) }, ["DOCS_OK", ...written.map((path) => `  ${path}`)].join("\n"));
    });
}
