/** `hybrid comment`: what a job found, as a comment of a pull request. */
import { type Command, InvalidArgumentError } from "commander";
import { publishComment } from "../control/publish";
import { addForgeOptions, publishTarget, type ForgeOptions } from "./forge-options";
import { show } from "./options";
import { inputText } from "./text-input";

interface Arguments extends ForgeOptions {
  readonly id: string;
}

/** Declares `hybrid comment`. */
export function register(program: Command): void {
  addForgeOptions(
    program
      .command("comment")
      .description("Write a text as a comment of a pull request or issue on GitHub, or bring the comment of the same --id up to date. The token: GITHUB_TOKEN or GH_TOKEN.")
      .argument("<number>", "of the pull request or issue", numberOf)
      .requiredOption("--id <id>", "what the comment is about: the one of this id is replaced"),
  )
    .addHelpText("after", "\nExample:\n  $ hybrid comment 12 --id plan-prod --file plan.md\n  $ hybrid plan --env prod --markdown | hybrid comment 12 --id plan-prod\n")
    .action(async (number: number, options: Arguments) => {
      const written = await publishComment(publishTarget(options), number, options.id, await inputText(options.file));
      show(options, { ...written }, `${written.change === "none" ? "unchanged" : written.change}: ${written.url}`);
    });
}

function numberOf(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) {
    throw new InvalidArgumentError("Write the number of a pull request or issue.");
  }
  return Number(text);
}
