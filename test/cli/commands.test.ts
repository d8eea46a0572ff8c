import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { register as compile } from "../../cli/compile";
import { register as db } from "../../cli/db";
import { register as local } from "../../cli/local";
import { register as validate } from "../../cli/validate";

const ROOT = join(__dirname, "../..");

/** Commands as they are typed: `compile`, `local up`. */
function commands(): Set<string> {
  const program = new Command("hybrid");
  for (const register of [compile, db, local, validate]) {
    register(program);
  }
  return new Set(program.commands.flatMap((command) => [command.name(), ...command.commands.map((inner) => `${command.name()} ${inner.name()}`)]));
}

function texts(): { readonly file: string; readonly text: string }[] {
  const sources = ["cli", "compile", "docs", "local", "provider", "stacks"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).filter((name) => /\.(?:ts|md)$/.test(name)).map((name) => join(folder, name)));
  return ["README.md", ...sources].map((file) => ({ file, text: readFileSync(join(ROOT, file), "utf8") }));
}

test("messages and documentation name commands that exist", () => {
  const known = commands();
  const named = texts().flatMap(({ file, text }) => [...text.matchAll(/['`$ ]hybrid ([a-z][a-z-]+)(?: ([a-z][a-z-]+))?/g)].map(([, command = "", inner]) => ({ file, command, inner })));
  // Words after a command that takes none are prose.
  const unknown = named.filter(({ command, inner }) => !known.has(command) || (inner !== undefined && [...known].some((one) => one.startsWith(`${command} `)) && !known.has(`${command} ${inner}`)));
  expect(named.length).toBeGreaterThan(20);
  expect(unknown).toEqual([]);
});
