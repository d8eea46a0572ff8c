/** Questions before something is lost. */
import { createInterface } from "node:readline/promises";
import { ConfigError } from "../provider/errors";

/**
 * Asks at the terminal, on stderr.
 * @param texts `without`: what to say where there is no terminal to ask at; `refused`: after another answer than yes
 * @throws ConfigError with one of the two
 */
export async function confirm(question: string, texts: { readonly without: string; readonly refused: string }): Promise<void> {
  if (!process.stdin.isTTY) throw new ConfigError(texts.without);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    if (!/^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim())) throw new ConfigError(texts.refused);
  } finally {
    terminal.close();
  }
}
