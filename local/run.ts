/** Short-lived programs: output collected, failure explained. */
import { spawn } from "node:child_process";

import { UserError } from "../provider/errors";

interface RunOptions {
  /** Whole environment of the program. Default: ours. */
  readonly env?: NodeJS.ProcessEnv;
  /** Standard input; the way secrets go in, as arguments are visible to everybody. */
  readonly input?: string;
  readonly cwd?: string;
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** Milliseconds until it is killed. Default: 30 minutes. */
  readonly timeout?: number;
  /** What the program does, for the error: "install the Python packages". */
  readonly task: string;
  /** What to do about a failure, one sentence. */
  readonly advice?: string;
  /** Called with each line of both outputs. */
  readonly onLine?: (line: string) => void;
}

/** A program ended with an error. `output` is the end of what it wrote. */
export class RunError extends UserError {
  constructor(message: string, readonly output: string, readonly status: number | undefined, cause?: unknown) {
    super(message, { cause });
  }
}

/** Standard output of the program. @throws RunError where it cannot be started, is killed, or ends with another status than 0. */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  const fail = (what: string, output: string, status?: number, cause?: unknown): RunError =>
    new RunError(
      [`cannot ${options.task}: ${what}.`, ...(output ? [indent(output)] : []), ...(options.advice ? [options.advice] : [])].join("\n"),
      output,
      status,
      cause,
    );
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: options.env ?? process.env,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.user ?? {}),
    });
    // Not spawn's own `timeout`: its timer outlives a program that cannot be started, and keeps us from ending.
    const timer = setTimeout(() => child.kill("SIGKILL"), options.timeout ?? 30 * 60_000);
    const out: Buffer[] = [];
    const all: Buffer[] = [];
    let line = "";
    const onData = (chunk: Buffer): void => {
      all.push(chunk);
      if (!options.onLine) return;
      const lines = (line + chunk.toString("utf8")).split(/[\r\n]+/);
      line = lines.pop() ?? "";
      for (const full of lines) if (full.trim()) options.onLine(full.trim());
    };
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk)).on("data", onData);
    child.stderr.on("data", onData);
    // A program that ends without reading its input is reported by its status.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
    child.once("error", (cause) => {
      clearTimeout(timer);
      reject(fail(`${command} does not start (${cause.message})`, "", undefined, cause));
    });
    child.once("close", (status, signal) => {
      clearTimeout(timer);
      if (status === 0) return resolve(Buffer.concat(out).toString("utf8"));
      const output = Buffer.concat(all).toString("utf8").trim().split("\n").slice(-20).join("\n");
      reject(fail(`${command} ended with ${signal ?? `status ${status}`}`, output, status ?? undefined));
    });
  });
}

/** Our environment without what would change the behaviour of a Python or PostgreSQL that is not the user's own. */
export function cleanEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(PG[A-Z]+|PYTHON(HOME|PATH|STARTUP)|VIRTUAL_ENV|FLASK_\w+|SUPERSET_\w+|GUNICORN_CMD_ARGS|WEB_CONCURRENCY|DATABASE_URL|POSTGRES_URL)$/.test(name),
  );
  return { ...Object.fromEntries(kept), ...extra };
}

function indent(text: string): string {
  return text.replace(/^/gm, "  | ");
}
