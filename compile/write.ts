/** Puts a bundle on the disk: whole or not at all, and without files of the one before. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ConfigError } from "../provider/errors";
import { hasCode } from "./has-code";

/**
 * Writes the files of a bundle as the folder `out`, which is replaced. Throws a `ConfigError` where `out` is something else than a
 * bundle, so that a mistyped path loses nothing.
 */
export function writeBundle(files: ReadonlyMap<string, string>, out: string): void {
  if (existsSync(out) && !isBundle(out)) {
    throw new ConfigError(`${out} holds something else than a bundle (no metadata.yaml) and is not replaced; name another folder with --out`);
  }
  mkdirSync(dirname(out), { recursive: true });
  // Beside `out`, so that the rename stays on one file system.
  const work = mkdtempSync(join(dirname(out), `.${basename(out)}-`));
  try {
    const fresh = join(work, "new");
    for (const [path, content] of files) {
      const file = join(fresh, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
    const before = join(work, "old");
    if (existsSync(out)) {
      renameSync(out, before);
    }
    try {
      renameSync(fresh, out);
    } catch (error) {
      if (existsSync(before)) {
        renameSync(before, out);
      }
      throw error;
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function isBundle(out: string): boolean {
  try {
    const entries = readdirSync(out);
    return entries.length === 0 || entries.includes("metadata.yaml");
  } catch (error) {
    if (hasCode(error, "ENOTDIR")) {
      return false;
    }
    throw error;
  }
}
