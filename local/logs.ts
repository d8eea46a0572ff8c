/** What the local servers wrote. */
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { ConfigError } from "../provider/errors";
import { environmentPaths, postgresFolder } from "./paths";

/** A local server with a log of its own. */
export type LogServer = "superset" | "postgres";

/** Path of a server's log. @throws ConfigError where it never ran. */
export function logFile(runtime: string, environment: string, server: LogServer): string {
  const path = server === "superset" ? environmentPaths(runtime, environment).log : join(postgresFolder(runtime), "server.log");
  if (!statSync(path, { throwIfNoEntry: false })) {
    throw new ConfigError(`no log of ${server} in ${runtime}: it never ran${server === "superset" ? ` in environment ${environment}` : ""}. Run \`hybrid local up --env ${environment}\`.`);
  }
  return path;
}

/** Hands over what is appended to the file from now on; begins again where the file was made anew. Ends when `signal` does. */
export async function followLogs(path: string, onText: (text: Buffer) => void, signal?: AbortSignal): Promise<void> {
  let position = statSync(path).size;
  while (!signal?.aborted) {
    const file = openSync(path, "r");
    try {
      const size = fstatSync(file).size;
      if (size < position) position = 0;
      const buffer = Buffer.alloc(Math.min(size - position, 1 << 20));
      const read = readSync(file, buffer, 0, buffer.length, position);
      position += read;
      if (read > 0) onText(buffer.subarray(0, read));
    } finally {
      closeSync(file);
    }
    await sleep(250);
  }
}
