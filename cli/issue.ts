/** `hybrid issue`: what a job found, as an issue. */
import type { Command } from "commander";
import { closePublished, publishIssue } from "../control/publish";
import { ConfigError } from "../provider/errors";
import { addForgeOptions, publishTarget, type ForgeOptions } from "./forge-options";
import { show } from "./options";
import { inputText } from "./text-input";

interface Arguments extends ForgeOptions {
  readonly id: string;
  readonly title?: string;
  readonly label?: string;
  readonly close?: string;
}

/** Declares `hybrid issue`. */
export function register(program: Command): void {
  addForgeOptions(
    program
      .command("issue")
      .description("Open an issue on GitHub with a text, or bring the open one of the same --id up to date; or close it. The token: GITHUB_TOKEN or GH_TOKEN.")
      .requiredOption("--id <id>", "what the issue is about: there is one open issue of each id")
      .option("--title <title>", "its title")
      .option("--label <label>", "its label, by which it is found again")
      .option("--close <why>", "close the open one, with this comment, instead of writing a text"),
  )
    .addHelpText("after", "\nExample:\n  $ hybrid issue --id drift-prod --title 'Drift in prod' --label drift --file drift.md\n  $ hybrid issue --id drift-prod --close 'No drift any more.'\n")
    .action(async (options: Arguments) => {
      const { id, title, label, close, file } = options;
      const target = publishTarget(options);
      if (close !== undefined) {
        const closed = await closePublished(target, id, close, label);
        show(options, { url: closed?.url ?? null, change: closed === undefined ? "none" : "closed" }, closed === undefined ? "no such issue is open" : `closed: ${closed.url}`);
        return;
      }
      if (title === undefined) {
        throw new ConfigError("an issue needs a title: --title <title>; or close the open one with --close <why>");
      }
      const written = await publishIssue(target, { id, title, body: await inputText(file), ...(label === undefined ? {} : { label }) });
      show(options, { ...written }, `${written.change === "none" ? "unchanged" : written.change}: ${written.url}`);
    });
}
