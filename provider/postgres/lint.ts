/** Lint of dangerous DDL: squawk over the part of each file that is run. */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ConfigError, UserError, type Problem } from "../errors";
import { isObject, type Json } from "../json";
import type { SqlScript } from "./files";

interface LintOptions {
  /** Absolute path of the repository; its `.squawk.toml` is used where there is one. */
  readonly root: string;
  /** Path of the squawk program. Default: that of the npm package `squawk-cli`. */
  readonly binary?: string;
  /** Rules to leave out. */
  readonly exclude?: readonly string[];
  /** The migrator sets lock and statement timeouts: do not ask the files to. */
  readonly timeouts?: { readonly lock: boolean; readonly statement: boolean };
}

/** The program in the npm package for this platform. */
function squawkBinary(): string {
  const name = `@squawk-cli/${process.platform}-${process.arch}/bin/squawk${process.platform === "win32" ? ".exe" : ""}`;
  try {
    return require.resolve(name, { paths: [dirname(require.resolve("squawk-cli/package.json"))] });
  } catch (error) {
    throw new ConfigError(`the linter squawk is not installed for ${process.platform}-${process.arch}: npm left out the optional package of squawk-cli; run 'npm install --include=optional', or leave the lint out`, { cause: error });
  }
}

function run(binary: string, cwd: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(binary, args, { cwd, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      // Exit code 1 means that there is something to report.
      if (error === null || error.code === 1) {
        resolve(stdout);
      } else if (error.code === "ENOENT") {
        reject(new ConfigError(`the linter squawk is not at ${binary}; run 'npm install --include=optional', or leave the lint out`, { cause: error }));
      } else {
        reject(new UserError(`the linter squawk failed: ${stderr.trim() === "" ? error.message : stderr.trim()}; check .squawk.toml`, { cause: error }));
      }
    });
  });
}

function toProblem(entry: Json, scripts: ReadonlyMap<string, SqlScript>): Problem[] {
  const script = isObject(entry) && typeof entry["file"] === "string" ? scripts.get(entry["file"].replaceAll("\\", "/")) : undefined;
  if (!isObject(entry) || script === undefined) {
    return [];
  }
  const help = typeof entry["help"] === "string" ? ` ${entry["help"]}` : "";
  return [{
    file: script.file,
    line: Number(entry["line"]) + 1,
    column: Number(entry["column"]) + 1,
    severity: entry["level"] === "Error" ? "error" : "warning",
    message: `${String(entry["message"])}${help} (${String(entry["rule_name"])})`,
  }];
}

async function lintGroup(scripts: readonly SqlScript[], extra: readonly string[], options: LintOptions): Promise<Problem[]> {
  if (scripts.length === 0) {
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), "squawk-"));
  try {
    for (const script of scripts) {
      mkdirSync(dirname(join(folder, script.file)), { recursive: true });
      // Blank lines above keep the line numbers of the file.
      writeFileSync(join(folder, script.file), "\n".repeat(script.line - 1) + script.sql);
    }
    const config = join(options.root, ".squawk.toml");
    const timeouts = [...(options.timeouts?.lock === true ? ["require-lock-timeout"] : []), ...(options.timeouts?.statement === true ? ["require-statement-timeout"] : [])];
    const exclude = [...timeouts, ...(options.exclude ?? [])].map((rule) => `--exclude=${rule}`);
    const args = ["--reporter", "json", ...(existsSync(config) ? ["--config", config] : []), ...extra, ...exclude, ...scripts.map((script) => script.file)];
    const output = await run(options.binary ?? squawkBinary(), folder, args);
    const entries: unknown = output.trim() === "" ? [] : JSON.parse(output);
    const byFile = new Map(scripts.map((script) => [script.file, script]));
    return Array.isArray(entries) ? entries.flatMap((entry: Json) => toProblem(entry, byFile)) : [];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What squawk says about the files, in their order: warnings, with rule names. A rule is silenced in a file with `-- squawk-ignore rule`. */
export async function lintScripts(scripts: readonly SqlScript[], options: LintOptions): Promise<Problem[]> {
  const inside = scripts.filter((script) => script.transaction);
  const found = [
    ...(await lintGroup(inside, ["--assume-in-transaction"], options)),
    ...(await lintGroup(scripts.filter((script) => !script.transaction), [], options)),
  ];
  const order = new Map(scripts.map((script, index) => [script.file, index]));
  return found.sort((a, b) => (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) || (a.line ?? 0) - (b.line ?? 0));
}
