/** A text that a command is given: standard input, or a file. */
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { ConfigError } from "../provider/errors";

/** @throws ConfigError where neither is there */
export async function inputText(file: string | undefined): Promise<string> {
  if (file !== undefined) {
    return readFileSync(file, "utf8");
  }
  if (process.stdin.isTTY) {
    throw new ConfigError("the text comes from standard input ('hybrid plan --markdown | hybrid comment …'), or from a file: --file <path>");
  }
  return text(process.stdin);
}
