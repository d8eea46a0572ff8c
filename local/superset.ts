/** The Superset server of one environment: gunicorn on a loopback port. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { ConnectionError } from "../provider/errors";
import { privateFolder, tail } from "./files";
import { supersetEnvironment } from "./metadata";
import type { EnvironmentPaths } from "./paths";
import { choosePort, isFree } from "./ports";
import { forgetRecord, isAlive, readRecord, startDetached, stop, writeRecord, type ProcessRecord } from "./process";
import type { Progress } from "./progress";
import type { PythonRuntime } from "./python";

const STOP_PLAN = { signals: [["SIGTERM", 10_000], ["SIGKILL", 5_000]] } as const;
/** How long the port of a server that was ended may stay taken. */
const PORT_PATIENCE_MS = 5_000;

interface SupersetOptions {
  readonly paths: EnvironmentPaths;
  readonly python: PythonRuntime;
  readonly progress: Progress;
  /** Wished port; the next free one is taken where it is not. */
  readonly port: number;
  readonly reserved?: ReadonlySet<number>;
  /** Processes, 300 MB each. Default: 2. */
  readonly workers?: number | undefined;
  /** Requests at a time in each process. Default: 4. */
  readonly threads?: number | undefined;
  /** Seconds to wait for the first answer. Default: 180. */
  readonly patience?: number;
}

/** Starts the server and waits until it answers. Gives the port it listens on. `settings.json` must be there. */
export async function startSuperset(options: SupersetOptions): Promise<number> {
  const { paths, progress } = options;
  const ranBefore = readRecord(paths.process) !== undefined;
  await stopSuperset(paths);
  privateFolder(paths.home);
  // The port of a server that was just ended may be held for a moment more: it is not another program's.
  for (let waited = 0; ranBefore && waited < PORT_PATIENCE_MS && !(await isFree(options.port)); waited += 50) await sleep(50);
  return progress.step("Starting Superset", async () => {
    let port = await choosePort(options.port, options.reserved);
    for (let attempt = 1; ; attempt++) {
      if (port !== options.port) progress.note(`port ${options.port} is taken: Superset listens on ${port}`);
      const started = await startDetached(options.python.python, gunicornArguments(options, port), {
        env: supersetEnvironment(paths.settings, paths.home),
        log: paths.log,
        cwd: paths.home,
      });
      writeRecord(paths.process, started);
      if (await waitHealthy(port, started, options.patience ?? 180)) return port;
      await stop(started, STOP_PLAN);
      forgetRecord(paths.process);
      // Somebody took the port between the look and the start.
      if (attempt < 3 && !(await isFree(port))) port = await choosePort(port + 1, options.reserved);
      else throw new ConnectionError(`Superset does not start on 127.0.0.1:${port}. The end of ${paths.log}:\n${tail(paths.log, 30)}`);
    }
  });
}

/** Ends the server. Returns false where none ran. */
export async function stopSuperset(paths: EnvironmentPaths): Promise<boolean> {
  const record = readRecord(paths.process);
  const ran = isAlive(record);
  await stop(record, STOP_PLAN);
  forgetRecord(paths.process);
  return ran;
}

/** Whether its process lives; whether it answers, `isHealthy` says. */
export function isSupersetRunning(paths: EnvironmentPaths): boolean {
  return isAlive(readRecord(paths.process));
}

/** True where `/health` says OK within the time (milliseconds). */
export async function isHealthy(port: number, timeout = 5000): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(timeout), redirect: "manual" });
    return answer.status === 200 && (await answer.text()) === "OK";
  } catch {
    return false; // not listening yet, or hanging: both mean "not healthy"
  }
}

function gunicornArguments(options: SupersetOptions, port: number): readonly string[] {
  return [
    ...["-m", "gunicorn", "--bind", `127.0.0.1:${port}`, "--worker-class", "gthread"],
    ...["--workers", String(options.workers ?? 2), "--threads", String(options.threads ?? 4)],
    // A query of a chart may take its time; a worker is not killed for it.
    ...["--timeout", "300", "--graceful-timeout", "5", "--keep-alive", "30", "--no-control-socket", "--log-level", "warning"],
    ...["--worker-tmp-dir", options.paths.home, "--chdir", join(options.paths.home), "superset.app:create_app()"],
  ];
}

async function waitHealthy(port: number, started: ProcessRecord, patience: number): Promise<boolean> {
  for (const end = Date.now() + patience * 1000; Date.now() < end; await sleep(150)) {
    if (!isAlive(started)) return false;
    if (await isHealthy(port)) return isAlive(started);
  }
  return false;
}
