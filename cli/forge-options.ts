/** What the commands that write to GitHub share. */
import { type Command, InvalidArgumentError } from "commander";
import type { PublishTarget } from "../control/publish";
import { addJsonOption, tell, type CommonOptions } from "./options";

/** The options of a command that writes a text to GitHub. */
export interface ForgeOptions extends Pick<CommonOptions, "json"> {
  readonly file?: string;
  readonly repository?: string;
  readonly remote?: string;
}

/** Declares what `ForgeOptions` holds. */
export function addForgeOptions(command: Command): Command {
  return addJsonOption(command)
    .option("--file <path>", "the text, in Markdown (default: standard input)")
    .option("--repository <owner/name>", "on GitHub (default: the remote's)", repositoryOf)
    .option("--remote <name>", "of the Git repository (default: that of the branch, else origin)");
}

/** Reads `owner/name`. @throws InvalidArgumentError for anything else */
export function repositoryOf(text: string): string {
  if (!/^[\w.-]+\/[\w.-]+$/.test(text)) {
    throw new InvalidArgumentError("Write owner/name.");
  }
  return text;
}

/** Where such a command writes. */
export function publishTarget({ repository, remote }: ForgeOptions): PublishTarget {
  return { root: process.cwd(), repository, remote, log: tell };
}
