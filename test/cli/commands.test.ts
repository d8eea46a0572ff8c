import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { wholeProgram } from "../../cli/main";
import { helpOf, reference, REFERENCE_FILE } from "../../cli/reference";

const ROOT = join(__dirname, "../..");

/** Commands as they are typed: `compile`, `local up`. */
function commands(): Set<string> {
  return new Set(wholeProgram().commands.flatMap((command) => [command.name(), ...command.commands.map((inner) => `${command.name()} ${inner.name()}`)]));
}

function texts(): { readonly file: string; readonly text: string }[] {
  const sources = ["cli", "compile", "control", "docs", "local", "provider", "stacks"].flatMap((folder) =>
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

/** Every command that does something: leaves of the tree. */
function leaves(command: Command, path: readonly string[] = []): { readonly path: string; readonly command: Command }[] {
  return command.commands.flatMap((inner) => {
    const name = [...path, inner.name()];
    return inner.commands.length > 0 ? leaves(inner, name) : [{ path: name.join(" "), command: inner }];
  });
}

test.each(leaves(wholeProgram()).map(({ path, command }) => [path, command] as const))("hybrid %s --help has an example, and --json for scripts", (path, command) => {
  const text = helpOf(command);
  expect(text).toContain(`Example:\n  $ hybrid ${path}`);
  expect(command.options.map(({ long }) => long)).toContain("--json");
  expect(command.description()).toMatch(/^[A-Z].*\.$/s);
});

test("docs/commands.md is what the commands say of themselves (npm run docs:commands)", () => {
  expect(readFileSync(join(ROOT, REFERENCE_FILE), "utf8")).toBe(reference());
});
