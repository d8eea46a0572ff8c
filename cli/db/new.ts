/** `hybrid db new` */
import { Option, type Command } from "commander";
import { folderSettings } from "../../provider/migration-settings";
import { loadPolicy } from "../../provider/policy";
import type { Layout } from "../../provider/postgres/files";
import { newMigration } from "../../provider/postgres/new-file";
import { addCommonOptions, show, targetOf, type CommonOptions } from "../options";

/** `--layout`, for folders that have none yet. */
export function layoutOption(): Option {
  return new Option("--layout <name>", "layout of a folder without migrations (default: dbmate); another folder keeps its own").choices(["dbmate", "plain", "flyway"]);
}

/** Declares the command. */
export function register(db: Command): void {
  addCommonOptions(db.command("new").argument("<name...>", "what it does: 'add region to orders'").description("Write the next migration's file, named and begun as the others of the folder are. Never writes over a file."))
    .addOption(layoutOption())
    .addHelpText("after", "\nExample:\n  $ hybrid db new add region to orders\n  db/migrations/20260201120000_add_region_to_orders.sql\n")
    .action(run);
}

function run(words: readonly string[], options: CommonOptions & { readonly layout?: Layout }): void {
  const { root, environment } = targetOf(options);
  const { directory } = folderSettings(loadPolicy(root, environment));
  const file = newMigration({ root, directory, name: words.join(" "), ...(options.layout === undefined ? {} : { layout: options.layout }) });
  show(options, { file }, file);
}
