/**
 * The Pulumi CLI, so that `npx pulumi` works: the npm package `pulumi` is only a starter, which runs
 * `$PULUMI_HOME/versions/<its version>/bin/pulumi` and downloads it where it is missing. Where that download is blocked
 * and Go is there, the CLI is built from its Go modules.
 */
import { accessSync, chmodSync, constants, copyFileSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";

import { ConfigError, UserError } from "../provider/errors";
import { withLock } from "./lock";
import { packageFile } from "./paths";
import type { Progress } from "./progress";
import { run, RunError } from "./run";

/** The oldest CLI that passes on the `inputs` a dynamic provider's `read` returns. */
const MINIMUM_VERSION = "3.216.0";

/** How the CLI came to be where `npx pulumi` looks. */
type PulumiSource = "present" | "linked" | "downloaded" | "built";

interface PulumiOptions {
  readonly progress: Progress;
  /** Default: `$PULUMI_HOME`, else `~/.pulumi`. */
  readonly home?: string;
  /** Default: our environment. */
  readonly env?: NodeJS.ProcessEnv;
}

/** The CLI that `npx pulumi` starts, to start it without npm's half second. @throws ConfigError where it is not there yet */
export function pulumiBinary(env: NodeJS.ProcessEnv = process.env): string {
  const path = join(pulumiHome(env), "versions", starterVersion(), "bin", "pulumi");
  if (!isExecutable(path)) throw new ConfigError(`no Pulumi CLI in ${dirname(path)}. Run \`make setup\` or \`hybrid local setup\`.`);
  return path;
}

/** Makes `npx pulumi` work. Costs a millisecond where it does already. */
export async function ensurePulumi(options: PulumiOptions): Promise<PulumiSource> {
  const env = options.env ?? process.env;
  const home = options.home ?? pulumiHome(env);
  const version = starterVersion();
  const target = join(home, "versions", version);
  if (isExecutable(join(target, "bin", "pulumi"))) return "present";
  mkdirSync(dirname(target), { recursive: true });
  return withLock(
    join(home, "versions", `.${version}.lock`),
    async () => {
      if (isExecutable(join(target, "bin", "pulumi"))) return "present";
      rmSync(target, { recursive: true, force: true });
      if (await link(target, env)) return "linked";
      const refused = await download(options, home, env);
      if (refused === undefined) return "downloaded";
      await build(options, target, version, env, refused);
      return "built";
    },
    (holder) => options.progress.note(`waiting for process ${holder}, which is getting the Pulumi CLI`),
  );
}

function pulumiHome(env: NodeJS.ProcessEnv): string {
  return resolve(env["PULUMI_HOME"] || join(homedir(), ".pulumi"));
}

/** Version of the npm package `pulumi`, which is the version of the CLI it looks for. */
export function starterVersion(): string {
  return (JSON.parse(readFileSync(starterFile("package.json"), "utf8")) as { readonly version: string }).version;
}

/** True where `version` ("v3.250.0", "3.250.0-dev.1") is `minimum` or later. */
export function isRecent(version: string, minimum: string = MINIMUM_VERSION): boolean {
  const numbers = (text: string): readonly number[] => (/(\d+)\.(\d+)\.(\d+)/.exec(text) ?? []).slice(1).map(Number);
  const [have, want] = [numbers(version), numbers(minimum)];
  if (have.length === 0) return false;
  const index = have.findIndex((number, position) => number !== want[position]);
  return index === -1 || (have[index] ?? 0) > (want[index] ?? 0);
}

/** A CLI on PATH that is no npm starter, or undefined. */
export function findOnPath(env: NodeJS.ProcessEnv): string | undefined {
  for (const folder of (env["PATH"] ?? "").split(delimiter)) {
    const path = join(folder, "pulumi");
    // npm puts its starters on PATH while it runs a script: they would be found as themselves.
    if (folder && isExecutable(path) && !realpathSync(path).includes("node_modules")) return path;
  }
  return undefined;
}

async function link(target: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const found = findOnPath(env);
  if (!found) return false;
  let version: string;
  try {
    version = await run(found, ["version"], { task: "ask the Pulumi CLI on PATH for its version", env: quiet(env), timeout: 30_000 });
  } catch (error) {
    if (error instanceof RunError) return false;
    throw error;
  }
  if (!isRecent(version)) return false;
  const bin = join(target, "bin");
  mkdirSync(bin, { recursive: true });
  const home = dirname(realpathSync(found));
  // The language host and the dynamic provider are looked for beside the CLI and on PATH.
  for (const name of ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"]) {
    const from = join(home, name);
    if (existsSync(from) && !lstatSync(join(bin, name), { throwIfNoEntry: false })) symlinkSync(from, join(bin, name));
  }
  addDynamicProvider(bin);
  return true;
}

/** Undefined where the starter's own download worked, else why it did not. */
async function download(options: PulumiOptions, home: string, env: NodeJS.ProcessEnv): Promise<RunError | undefined> {
  try {
    await options.progress.step("Downloading the Pulumi CLI", () =>
      run(process.execPath, [starterFile("run.js"), "version"], {
        task: "download the Pulumi CLI",
        env: quiet({ ...env, PULUMI_HOME: home, PULUMI_VERSION: "" }),
        timeout: 10 * 60_000,
      }),
    );
    return undefined;
  } catch (error) {
    if (error instanceof RunError) {
      options.progress.note("the download is not possible here: building the Pulumi CLI from its Go modules");
      return error;
    }
    throw error;
  }
}

async function build(options: PulumiOptions, target: string, version: string, env: NodeJS.ProcessEnv, refused: RunError): Promise<void> {
  const pinned = /pulumi\/pkg\/v3 v(\S+)/.exec(readFileSync(packageFile("pulumi-cli/cli/go.mod"), "utf8"))?.[1];
  if (pinned !== version) throw new Error(`local/pulumi-cli/cli/go.mod pins ${pinned ?? "nothing"}, package.json pulumi ${version}`);
  try {
    await run("go", ["version"], { task: "look for Go", env, timeout: 60_000 });
  } catch (cause) {
    throw new ConfigError(
      `no Pulumi CLI: there is none from ${MINIMUM_VERSION} on PATH, its download failed, and there is no Go to build it with.\n` +
        "Install it from https://www.pulumi.com/docs/install/ , or install Go (1.25 or later), and run the command again.\n" +
        refused.message,
      { cause },
    );
  }
  // What an interrupted build has left; nobody else is at work, as we hold the lock.
  for (const name of readdirSync(dirname(target))) {
    if (name.startsWith(`.${version}.build-`)) rmSync(join(dirname(target), name), { recursive: true, force: true });
  }
  const building = mkdtempSync(join(dirname(target), `.${version}.build-`));
  try {
    chmodSync(building, 0o755);
    const bin = join(building, "bin");
    mkdirSync(bin);
    const programs = [
      // Without its version the CLI calls itself 0.0.0 and the Automation API refuses it.
      { module: "cli", name: "pulumi", from: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", flags: `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}` },
      { module: "nodejs", name: "pulumi-language-nodejs", from: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs", flags: "-s -w" },
    ];
    for (const { module, name, from, flags } of programs) {
      let packages = 0;
      await options.progress.step(`Building ${name} from its Go modules (several minutes)`, (detail) =>
        run("go", ["build", "-v", "-trimpath", "-ldflags", flags, "-o", join(bin, name), from], {
          task: `build ${name}`,
          advice: "Is the Go module proxy reachable? Its address is set by GOPROXY. What was built is kept: a second try goes on from there.",
          cwd: packageFile(`pulumi-cli/${module}`),
          env,
          timeout: 60 * 60_000,
          onLine: (line) => detail(`${(packages += 1)} packages, ${line}`),
        }),
      );
    }
    addDynamicProvider(bin);
    renameSync(building, target);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

/** `pulumi-resource-pulumi-nodejs` runs dynamic providers. It is a script of the SDK that finds the SDK from the working directory, so any copy serves every project. */
function addDynamicProvider(bin: string): void {
  const name = "pulumi-resource-pulumi-nodejs";
  if (existsSync(join(bin, name))) return;
  const from = join(dirname(require.resolve("@pulumi/pulumi/package.json")), name);
  if (!existsSync(from)) throw new UserError(`${from} is missing: the npm package @pulumi/pulumi is incomplete. Run \`npm ci\`.`);
  copyFileSync(from, join(bin, name));
  chmodSync(join(bin, name), 0o755);
}

function starterFile(name: string): string {
  return join(dirname(require.resolve("pulumi/package.json")), name);
}

function quiet(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, PULUMI_SKIP_UPDATE_CHECK: "1" };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
