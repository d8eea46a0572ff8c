/**
 * Pulumi's engine, through its Automation API: `hybrid apply` is `pulumi up`, with a result that a program can use. The only file of the command
 * line that loads Pulumi, which takes half a second: load it when an apply begins.
 */
import { mkdtempSync, realpathSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { ConcurrentUpdateError, LocalWorkspace, PulumiCommand, Stack, StackNotFoundError } from "@pulumi/pulumi/automation";
import { run } from "../local/run";
import { pulumiBinary } from "../local/pulumi-cli";
import { readConfiguration } from "../provider/configuration";
import { EXIT } from "../provider/errors";
import { isObject } from "../provider/json";
import type { Policy } from "../provider/policy";
import { projectFile } from "../provider/pulumi-files";
import { RUN_LOG_VARIABLE, type RunMessage } from "../provider/run-log";
import { readYaml } from "../compile/yaml";
import { passphraseVariables } from "./passphrase";
import { EngineError, InterruptedError, StackLockedError } from "./run-errors";
import { RunReport, type SortOfChange } from "./run-report";

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
  const variables = { ...variablesFor(options), [RUN_LOG_VARIABLE]: log };
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
      await createStack(root, environment, binary, variables);
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
  return Stack.select(environment, workspace);
}

async function createStack(root: string, environment: string, binary: string, variables: Readonly<Record<string, string>>): Promise<void> {
  await run(binary, ["stack", "init", environment, "--no-select", "--non-interactive"], {
    task: `create stack '${environment}'`,
    advice: "PULUMI_CONFIG_PASSPHRASE chooses the passphrase of its secrets; it may be empty where the stack is to hold none.",
    cwd: root,
    env: { ...process.env, ...variables },
    timeout: 120_000,
  });
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

/** What we set in the CLI's environment. What the user has set, stays. */
function variablesFor({ root, environment, policy }: EngineOptions): Record<string, string> {
  const { passphraseSalt, settings } = readConfiguration(root, environment);
  const plugins = (policy.file.deploy?.hooks ?? []).length > 0 || String(settings.get("warehouse:provision")?.value) === "true";
  const wanted = {
    // A look at Pulumi's site.
    PULUMI_SKIP_UPDATE_CHECK: "1",
    ...(isOurProgram(root)
      ? {
          // Assets that may be read or written at the same time go out in one batch; the gateway bounds what is sent at once.
          PULUMI_PARALLEL: "256",
          // The engine would fetch the plugins of all packages it finds; without provisioning and hooks none of them is used.
          ...(plugins ? {} : { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" }),
        }
      : {}),
  };
  const set = Object.fromEntries(Object.entries(wanted).filter(([name]) => process.env[name] === undefined));
  return { ...set, ...passphraseVariables(environment, passphraseSalt) };
}

/** Whether the project runs this package's stack program and nothing besides: of another program nobody knows what it needs. */
function isOurProgram(root: string): boolean {
  try {
    const main = realpathSync(require.resolve(resolve(root, mainOf(root))));
    const text = readFileSync(main, "utf8");
    return main === realpathSync(join(__dirname, "../stacks/index.js")) || /^\s*(?:["']use strict["'];?\s*)?require\(\s*["']pulumi-superset\/stack["']\s*\);?\s*$/.test(text);
  } catch {
    // The CLI says better what is wrong with the project.
    return false;
  }
}

function mainOf(root: string): string {
  const file = projectFile(root);
  const main = file === undefined ? undefined : readYaml(readFileSync(join(root, file), "utf8"), { lenient: true }).value?.["main"];
  if (typeof main === "string") {
    return main;
  }
  const manifest: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return isObject(manifest) && typeof manifest["main"] === "string" ? manifest["main"] : "index.js";
}
