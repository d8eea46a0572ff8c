/** SQL files as scripts: found, read as text, with the line and the checksum of what is run. */
import { isUtf8 } from "node:buffer";
import { readdirSync, readFileSync, type Dirent } from "node:fs";
import { join, posix } from "node:path";
import type { Problem } from "../errors";
import { sqlChecksum, tokens } from "./tokens";

/** One piece of SQL that is run as a whole. */
export interface SqlScript {
  /** Path from the repository's root, with `/`. */
  readonly file: string;
  /** Path inside its folder: what the tracking table and Pulumi's diff call it. */
  readonly name: string;
  /** The text that is run, with `\n` line ends and without a byte order mark. */
  readonly sql: string;
  /** 1-based line of the file at which `sql` begins. */
  readonly line: number;
  /** See `sqlChecksum`. */
  readonly checksum: string;
  /** Whether it runs inside a transaction. Default: true; `transaction:false` on the marker (dbmate) or in the first comment (plain, Flyway). */
  readonly transaction: boolean;
}

/** A file of the folder, read. */
export interface RawFile {
  readonly name: string;
  readonly file: string;
  readonly text: string;
}

/** How the files of a folder are named and what is in them. */
export type Layout = "dbmate" | "plain" | "flyway";

/** A script that runs once, recorded by its version. */
export interface Migration extends SqlScript {
  /** As written for dbmate and plain names (`0003`); normalised for Flyway (`1.2`, without leading and trailing zeros). */
  readonly version: string;
  /** What takes it back: dbmate's down part, Flyway's undo file. Absent where there is none, or no statement in it. */
  readonly undo?: SqlScript;
}

/** A Flyway callback. */
export interface Callback extends SqlScript {
  readonly event: string;
}

const NO_TRANSACTION = /^(?:\s*--[^\n]*\n)*?\s*--\s*transaction:\s*false\s*(?:\n|$)/;
const utf8 = new TextDecoder();

/** Sorts as dbmate does: by bytes, not by locale. */
export function byText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function listSql(directory: string, recursive: boolean, below = ""): string[] {
  const entries: Dirent[] = readdirSync(join(directory, below), { withFileTypes: true });
  return entries
    .flatMap((entry) => {
      const name = posix.join(below, entry.name);
      if (entry.isDirectory()) {
        return recursive ? listSql(directory, recursive, name) : [];
      }
      return /\.sql(\.conf)?$/i.test(entry.name) ? [name] : [];
    })
    .sort(byText);
}

/** The line of the first byte that is not UTF-8 (or a zero byte, which PostgreSQL refuses). */
function badLine(bytes: Buffer): number {
  let line = 1;
  for (const piece of bytes.toString("latin1").split("\n")) {
    const part = Buffer.from(piece, "latin1");
    if (part.includes(0) || !isUtf8(part)) {
      return line;
    }
    line += 1;
  }
  return 1;
}

/** The text of an SQL file with `\n` line ends and without byte order mark; adds a problem and returns undefined where it is not UTF-8. */
function readText(path: string, file: string, problems: Problem[]): string | undefined {
  const bytes = readFileSync(path);
  if (!isUtf8(bytes) || bytes.includes(0)) {
    problems.push({ file, line: badLine(bytes), message: "is not UTF-8 text; save the file in UTF-8" });
    return undefined;
  }
  const text = utf8.decode(bytes);
  return text.includes("\r") ? text.replaceAll("\r\n", "\n") : text;
}

/** Whether a text has anything but space, comments and semicolons. */
export function hasStatement(sql: string): boolean {
  for (const { kind, start } of tokens(sql)) {
    if (kind !== "space" && sql[start] !== ";") {
      return true;
    }
  }
  return false;
}

/** A file whose whole text is run. Adds a problem and returns undefined where there is nothing to run in it. */
export function wholeScript(raw: RawFile, problems: Problem[], conf?: string): SqlScript | undefined {
  if (!hasStatement(raw.text)) {
    problems.push({ file: raw.file, message: "holds no SQL statement; write one or delete the file" });
    return undefined;
  }
  const transaction = !NO_TRANSACTION.test(raw.text) && !(conf !== undefined && /^\s*executeInTransaction\s*=\s*false\s*$/im.test(conf));
  return { file: raw.file, name: raw.name, sql: raw.text, line: 1, checksum: sqlChecksum(raw.text), transaction };
}

/** Order of two versions: as text for dbmate and plain names, part by part as numbers for Flyway. */
export function compareVersions(layout: Layout | undefined, left: string, right: string): number {
  if (layout !== "flyway") {
    return byText(left, right);
  }
  const a = left.split(".");
  const b = right.split(".");
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = BigInt(a[index] ?? 0) - BigInt(b[index] ?? 0);
    if (difference !== 0n) {
      return difference < 0n ? -1 : 1;
    }
  }
  return 0;
}

function isMissing(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}

/** SQL files and their `.conf` files by path below the folder, sorted; undefined where there is no such folder. */
export function listFiles(path: string, recursive: boolean): string[] | undefined {
  try {
    return listSql(path, recursive);
  } catch (error) {
    if (isMissing(error)) {
      return undefined;
    }
    throw error;
  }
}

/** The texts of those files; what is not UTF-8 is a problem and left out. */
export function readAll(root: string, directory: string, names: readonly string[], problems: Problem[]): RawFile[] {
  return names.flatMap((name) => {
    const file = posix.join(directory, name);
    const text = readText(join(root, directory, name), file, problems);
    return text === undefined ? [] : [{ name, file, text }];
  });
}
