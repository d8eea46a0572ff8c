/** `docs/commands.md`: the reference of all commands, made of their own help. `npm run docs:commands` writes it. */
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { EXIT } from "../provider/errors";
import { wholeProgram } from "./main";

/** The file, from the repository's root. */
export const REFERENCE_FILE = "docs/commands.md";

const CODES: readonly (readonly [code: number, meaning: string])[] = [
  [EXIT.done, "done; what was looked for was not there"],
  [EXIT.error, "error: the message says what, where and what to do; nothing is half-written"],
  [EXIT.difference, "drift or another difference was found, by a command that looks for it"],
  [EXIT.refused, "refused by policy: going on would overwrite or break what others made"],
];

/** The text of the reference. Deterministic: width and colours of the terminal play no part. */
export function reference(): string {
  const intro = [
    "# Commands",
    "",
    "Made from `hybrid --help` by `npm run docs:commands`. Every command takes `--env <name>` where it is about an environment; without it: `HYBRID_ENV`, else `default_env` of",
    "`policy.yaml`, else `dev`. With `--json`, standard output is one JSON object, also where the command fails (`ok: false`, `exit_code`, `error`); progress, warnings and",
    "errors in words go to standard error. Colours and questions appear on a terminal only.",
    "",
    "Exit codes, the same for every command:",
    "",
    "| code | meaning |",
    "|---|---|",
    ...CODES.map(([code, meaning]) => `| ${code} | ${meaning} |`),
  ];
  return `${[...intro, ...sections(wholeProgram(), [])].join("\n")}\n`;
}

function sections(command: Command, path: readonly string[]): string[] {
  return command.commands.flatMap((inner) => {
    const name = [...path, inner.name()];
    return inner.commands.length > 0 ? sections(inner, name) : ["", `## hybrid ${name.join(" ")}`, "", "```", helpOf(inner).trim(), "```"];
  });
}

/** A command's help as on a terminal of 120 columns. */
export function helpOf(command: Command): string {
  let text = "";
  command.configureHelp({ helpWidth: 120 }).configureOutput({ writeOut: (part) => (text += part), getOutHasColors: () => false });
  command.outputHelp();
  return text;
}

if (require.main === module) {
  writeFileSync(join(resolve(__dirname, "../.."), REFERENCE_FILE), reference());
}
