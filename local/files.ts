/** Private files (mode 600) in private folders (mode 700), replaced as a whole so that a crash leaves the old or the new text. */
import { chmodSync, mkdirSync, openSync, closeSync, readFileSync, renameSync, writeFileSync, fstatSync, readSync } from "node:fs";
import { dirname } from "node:path";

import { UserError } from "../provider/errors";
import { isObject, type JsonObject } from "../provider/json";

/** Makes the folder and its parents; mode 700 also where the folder was there before. */
export function privateFolder(path: string, mode = 0o700): string {
  mkdirSync(path, { recursive: true, mode });
  chmodSync(path, mode);
  return path;
}

/** Writes through a temporary file beside it and a rename. */
export function writePrivate(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode: 0o600 });
  renameSync(temporary, path);
}

/** As `writePrivate`, indented. */
export function writeJson(path: string, value: unknown): void {
  writePrivate(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** The text, or undefined where there is no such file. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** The object in a JSON file, or undefined where there is no such file. @throws UserError where it is not a JSON object. */
export function readJsonObject(path: string): JsonObject | undefined {
  const text = readText(path);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw damaged(path, cause);
  }
  if (!isObject(value)) throw damaged(path);
  return value;
}

/** Our own file holds something else than we write. */
export function damaged(path: string, cause?: unknown): UserError {
  return new UserError(`${path}: not as \`hybrid local\` writes it. Run \`hybrid local reset\`, or delete the file and run \`hybrid local up\`.`, { cause });
}

/** True where the system gave this error code. (Not asked by `instanceof`: jest's test files have an `Error` of their own.) */
export function hasCode(error: unknown, code: string): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === code;
}

/** The last `lines` lines of a file (at most its last 64 kB); "" where there is no such file. */
export function tail(path: string, lines: number): string {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "";
    throw error;
  }
  try {
    const size = fstatSync(file).size;
    const length = Math.min(size, 65536);
    const buffer = Buffer.alloc(length);
    readSync(file, buffer, 0, length, size - length);
    return buffer.toString("utf8").replace(/\n$/, "").split("\n").slice(-lines).join("\n");
  } finally {
    closeSync(file);
  }
}
