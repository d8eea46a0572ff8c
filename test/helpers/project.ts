/** A repository of its own in a temporary folder, driven by the real Pulumi CLI: what a user of the package has. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { stringify } from "yaml";
import type { JsonObject } from "../../provider/json";
import { pulumiBinary } from "../../local/pulumi-cli";
import { runFolder } from "./runtime";

const REPOSITORY = resolve(__dirname, "../..");

export interface ProjectOptions {
  /** Config of each stack, by stack name. `superset:url` and the like. */
  readonly stacks: Readonly<Record<string, JsonObject>>;
  /** `policy.yaml`. Default: Git wins everywhere, no migrations. */
  readonly policy?: JsonObject;
  /** Environment variables of every command. */
  readonly env?: Readonly<Record<string, string>>;
  /** The program. Default: the package's own stack program. */
  readonly program?: string;
}

export interface CommandResult {
  readonly code: number | null;
  /** Standard output and error, as they came. */
  readonly output: string;
}

export interface HybridResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

interface Started {
  readonly child: ChildProcess;
  readonly done: Promise<HybridResult>;
}

export class Project {
  readonly root: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(options: ProjectOptions) {
    this.root = mkdtempSync(join(runFolder(), "project-"));
    this.#env = {
      ...process.env,
      PATH: `${dirname(pulumiBinary())}:${process.env["PATH"] ?? ""}`,
      PULUMI_CONFIG_PASSPHRASE: "a passphrase of the test",
      PULUMI_SKIP_UPDATE_CHECK: "1",
      // The packages @pulumi/postgresql and @pulumi/command make the engine look for plugins that no test uses.
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      NO_COLOR: "1",
      ...options.env,
    };
    const modules = join(this.root, "node_modules");
    mkdirSync(modules);
    symlinkSync(REPOSITORY, join(modules, "pulumi-superset"));
    symlinkSync(join(REPOSITORY, "node_modules/@pulumi"), join(modules, "@pulumi"));
    this.write("package.json", JSON.stringify({ name: "workspace", private: true, main: "index.js" }));
    this.write("index.js", options.program ?? 'require("pulumi-superset/stack");\n');
    this.write("Pulumi.yaml", stringify({ name: "workspace", runtime: { name: "nodejs", options: { typescript: false } }, backend: { url: "file://." }, options: { refresh: "always" } }));
    for (const [stack, config] of Object.entries(options.stacks)) {
      this.write(`Pulumi.${stack}.yaml`, stringify({ config }));
    }
    this.write(
      "policy.yaml",
      stringify(options.policy ?? { apply: Object.fromEntries(Object.keys(options.stacks).map((stack) => [stack, { mode: "overwrite_git_wins", drift_gate: "warn" }])) }),
    );
  }

  /** Creates the stacks in the project's own backend. */
  async initStacks(...stacks: readonly string[]): Promise<void> {
    for (const stack of stacks) {
      await this.mustRun("stack", "init", stack);
    }
  }

  write(path: string, text: string): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), "utf8");
  }

  exists(path: string): boolean {
    return existsSync(join(this.root, path));
  }

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true, force: true });
  }

  rename(from: string, to: string): void {
    mkdirSync(dirname(join(this.root, to)), { recursive: true });
    renameSync(join(this.root, from), join(this.root, to));
  }

  /** Starts `pulumi …` without waiting. `ownGroup`: in a process group of its own, so that a Ctrl-C can be sent to all its processes. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}, ownGroup = false): { readonly child: ChildProcess; readonly done: Promise<CommandResult> } {
    const child = spawn(pulumiBinary(), [...args, "--non-interactive"], { cwd: this.root, env: { ...this.#env, ...env }, stdio: ["ignore", "pipe", "pipe"], detached: ownGroup });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
    const done = new Promise<CommandResult>((finish, fail) => {
      child.on("error", fail);
      child.on("close", (code) => finish({ code, output }));
    });
    return { child, done };
  }

  /** Runs `pulumi …`. */
  run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
    return this.start(args, env).done;
  }

  /** Runs `pulumi …`, which must succeed; its output. */
  async mustRun(...args: readonly string[]): Promise<string> {
    const { code, output } = await this.run(args);
    if (code !== 0) {
      throw new Error(`pulumi ${args.join(" ")} ended with ${code}:\n${output}`);
    }
    return output;
  }

  /** Runs `hybrid …` in the project, or in `cwd` inside it. */
  hybrid(args: readonly string[], options: ProgramOptions = {}): Promise<HybridResult> {
    return this.startHybrid(args, options).done;
  }

  /** Starts `hybrid …` without waiting. */
  startHybrid(args: readonly string[], options: ProgramOptions = {}): Started {
    return this.#start(process.execPath, [join(REPOSITORY, "bin/hybrid.js"), ...args], options);
  }

  /** Runs any program in the project, or in `cwd` inside it. */
  program(file: string, args: readonly string[], options: ProgramOptions = {}): Promise<HybridResult> {
    return this.#start(file, args, options).done;
  }

  #start(file: string, args: readonly string[], options: ProgramOptions): Started {
    const child = spawn(file, args, { cwd: options.cwd ?? this.root, env: { ...this.#env, ...options.env }, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString("utf8")));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
    const done = new Promise<HybridResult>((finish, fail) => {
      child.on("error", fail);
      child.on("close", (code) => finish({ code, stdout, stderr }));
    });
    return { child, done };
  }

  up(stack: string, env: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
    return this.run(["up", "--yes", "--skip-preview", "--stack", stack], env);
  }

  preview(stack: string, ...more: readonly string[]): Promise<CommandResult> {
    return this.run(["preview", "--diff", "--stack", stack, ...more]);
  }

  /** The stored state, as text: for looking for secrets and for its size. */
  stateText(stack: string): string {
    return this.read(`.pulumi/stacks/workspace/${stack}.json`);
  }
}
