/**
 * Pulumi's engine, through its Automation API: `hybrid apply` is `pulumi up`, with a result that a program can use. The only file of the command
 * line that loads Pulumi, which takes half a second: load it when an apply begins.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ConcurrentUpdateError, LocalWorkspace, PulumiCommand, Stack, StackNotFoundError } from "@pulumi/pulumi/automation";
import { pulumiBinary } from "../local/pulumi-cli";
import { EXIT } from "../provider/errors";
import type { Policy } from "../provider/policy";
import { RUN_LOG_VARIABLE, type RunMessage } from "../provider/run-log";
import { engineVariables } from "./engine-variables";
import { EngineError, InterruptedError, StackLockedError } from "./run-errors";
import { RunReport, type SortOfChange } from "./run-report";
import { createStack } from "./stack-creation";

/** What a run of the engine is about. */
export interface EngineOptions {
  /** Absolute path of the folder with Pulumi.yaml. */
  readonly root: string;
  /** The stack; made where there is none of that name. */
  readonly environment: string;
  readonly policy: Pick<Policy, "file">;
  /** What our resources say, as it comes: drift, retries, what was migrated. Without secrets. */
  readonly onMessage: (message: RunMessage) => void;
  /** What is going on, for a line that is overwritten. */
  readonly onProgress?: (text: string) => void;
  /** Ends the run cleanly, as Ctrl-C does: what is under way is finished, nothing more is begun. */
  readonly signal?: AbortSignal;
}

/** A run that came to its end. */
export interface EngineResult {
  readonly changes: readonly SortOfChange[];
  readonly messages: readonly RunMessage[];
}

/**
 * Applies the environment: as `pulumi up --yes --skip-preview`, or with `preview` as `pulumi preview`.
 * @throws EngineError, StackLockedError, InterruptedError, ConfigError
 */
export async function runEngine(operation: "up" | "preview", options: EngineOptions): Promise<EngineResult> {
  const folder = mkdtempSync(join(tmpdir(), "hybrid-run-"));
  try {
    const log = join(folder, "messages.jsonl");
    writeFileSync(log, "", { mode: 0o600 });
    return await runIn(operation, options, log);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runIn(operation: "up" | "preview", options: EngineOptions, log: string): Promise<EngineResult> {
  const { root, environment, onProgress = () => undefined } = options;
  const binary = pulumiBinary();
  const variables = { ...engineVariables(root, environment, options.policy), [RUN_LOG_VARIABLE]: log };
  const report = new RunReport(log, options.onMessage);
  const stack = await openStack(root, environment, binary, variables);
  const cli = new CliOutput();
  const interruption = passOn(options.signal, cli);
  const attempt = (): Promise<unknown> =>
    stack[operation]({
      color: "never",
      signal: interruption.signal,
      onOutput: (text) => cli.take(text),
      onError: (text) => cli.takeError(text),
      onEvent: (event) => {
        report.take(event);
        const name = event.resourcePreEvent?.metadata.urn.split("::").at(-1);
        if (name !== undefined) {
          onProgress(`${report.finished} done, ${name}`);
        }
      },
    });
  try {
    await attempt().catch(async (error: unknown) => {
      if (!(error instanceof StackNotFoundError)) {
        throw error;
      }
      await createStack(root, environment, variables);
      cli.forget();
      await attempt();
    });
  } catch (error) {
    report.readLog();
    throw explained(error, { environment, report, cli, interrupted: options.signal?.aborted === true });
  } finally {
    interruption.end();
  }
  report.readLog();
  return { changes: report.changes, messages: report.messages };
}

async function openStack(root: string, environment: string, binary: string, envVars: Record<string, string>): Promise<Stack> {
  const pulumiCommand = await PulumiCommand.get({ root: dirname(dirname(binary)) });
  const workspace = await LocalWorkspace.create({ workDir: root, pulumiCommand, envVars });
  // It would make this stack the one that the user's next `pulumi up` without --stack is about. Every command names its stack anyway.
  workspace.selectStack = () => Promise.resolve();
  // Asked of the CLI after every run, twice; nobody here looks at them.
  workspace.stackOutputs = () => Promise.resolve({});
  return Stack.select(environment, workspace);
}

/** What the CLI has said on its own outputs: all there is to go by where the engine did not begin. */
class CliOutput {
  #errors = "";
  /** Whether the CLI has got the interruption. */
  interrupted = false;

  take(text: string): void {
    this.interrupted ||= /\^C received/i.test(text);
  }

  takeError(text: string): void {
    this.take(text);
    this.#errors += text;
  }

  /** What it said so far was about something that has been put right. */
  forget(): void {
    this.#errors = "";
  }

  get errors(): string {
    return this.#errors.trim().replace(/^error: /gm, "");
  }
}

/** How long the CLI gets to say that the terminal has told it already, in milliseconds. */
const HEARD_WITHIN = 500;

/**
 * Ctrl-C at a terminal reaches the CLI as well as us, and the second one it gets makes it drop everything: so it is passed on only where the CLI
 * does not say by itself that it has got it, as when a CI job signals one process.
 */
function passOn(asked: AbortSignal | undefined, cli: CliOutput): { readonly signal: AbortSignal; end(): void } {
  const passed = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onAsked = (): void => {
    timer ??= setTimeout(() => {
      if (!cli.interrupted) passed.abort();
    }, HEARD_WITHIN);
  };
  asked?.addEventListener("abort", onAsked);
  return {
    signal: passed.signal,
    end() {
      clearTimeout(timer);
      asked?.removeEventListener("abort", onAsked);
    },
  };
}

interface FailedRun {
  readonly environment: string;
  readonly report: RunReport;
  readonly cli: CliOutput;
  readonly interrupted: boolean;
}

function explained(error: unknown, { environment, report, cli, interrupted }: FailedRun): unknown {
  if (interrupted || cli.interrupted) {
    return new InterruptedError(`interrupted: what was under way in '${environment}' was finished, and nothing further begun. Run it again to go on`, { cause: error });
  }
  if (error instanceof ConcurrentUpdateError) {
    return new StackLockedError(lockedText(environment, cli.errors), { cause: error });
  }
  const { failures } = report;
  if (failures.length > 0) {
    return new EngineError(failures.map(({ message }) => message).join("\n"), failures.map(({ failure }) => failure), report.changes, { cause: error });
  }
  if (cli.errors !== "") {
    return new EngineError(`stack '${environment}': ${cli.errors}`, [{ exitCode: EXIT.error }], report.changes, { cause: error });
  }
  return error;
}

function lockedText(environment: string, said: string): string {
  const holders = said.split("\n").map((line) => line.trim()).filter((line) => /created by|in progress/.test(line));
  return [
    `stack '${environment}' is locked: another run is at work on it, or one was killed at it. Nothing was done.`,
    ...holders.map((line) => `  ${line}`),
    `Run it again when the other one is done; where none is, 'npx pulumi cancel --yes --stack ${environment}' takes the lock away.`,
  ].join("\n");
}
