/**
 * Speed beside the tool most people have: `superset-cli sync native` (PyPI package preset-cli), on the same machine, the same server
 * settings and the same workspace, in one run. Prints one line per measure with both times and their ratio.
 *
 *   npm run bench:superset -- [--charts 100,500] [--repeat 3]
 *
 * Every side begins with an empty Superset of the local runtime (own folder and ports) which has answered one export already.
 */
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, request as httpRequest, type Server } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs, promisify } from "node:util";
import { Client } from "pg";
import { cacheFolder } from "../local/paths";
import { terminalProgress } from "../local/progress";
import { pulumiBinary } from "../local/pulumi-cli";

import { ensurePython } from "../local/python";
import { down, up } from "../local/runtime";
import type { LocalState } from "../local/state";
import { generate, dataSourceSql, writeWorkspace } from "./generate";

const PEER = "preset-cli==0.3.13";
const REPOSITORY = resolve(__dirname, "../..");
const run = promisify(execFile);

interface Measure {
  readonly seconds: number;
  /** Largest sum of the processes' proportional set sizes, in MB. Linux only; 0 elsewhere. */
  readonly peakMb: number;
  readonly output: string;
}

interface Measures {
  readonly first: Measure;
  readonly noop: Measure;
  readonly edit: Measure;
}

interface OurMeasures extends Measures {
  readonly compile: Measure;
  /** `hybrid drift-plan` with nothing to tell. */
  readonly drift: Measure;
  readonly peakMb: number;
  readonly stateBytes: number;
  /** `METHOD path` of every request of one no-op. */
  readonly requests: readonly string[];
}

/** Looking at memory takes a few per cent of a processor at this interval. */
const RARELY_MS = 1000;
const OFTEN_MS = 100;

/** Runs a command to its end and measures it with all its children; its memory once in so many milliseconds. */
async function measure(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}, everyMs = RARELY_MS): Promise<Measure> {
  const started = process.hrtime.bigint();
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  let peakMb = 0;
  const sampler = setInterval(() => {
    peakMb = Math.max(peakMb, treeMegabytes(child.pid ?? 0));
  }, everyMs);
  const code = await new Promise<number | null>((done, fail) => child.on("error", fail).on("close", done));
  clearInterval(sampler);
  if (code !== 0) {
    throw new Error(`${command} ${args.filter((arg) => !arg.includes("password")).join(" ")} ended with ${code}:\n${output}`);
  }
  return { seconds: Number(process.hrtime.bigint() - started) / 1e9, peakMb, output };
}

function treeMegabytes(root: number): number {
  if (!existsSync("/proc/self/smaps_rollup")) {
    return 0;
  }
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const parent = /\) \S+ (\d+) /.exec(readIfThere(`/proc/${name}/stat`))?.[1];
    if (parent !== undefined) {
      children.set(Number(parent), [...(children.get(Number(parent)) ?? []), Number(name)]);
    }
  }
  const sum = (pid: number): number => {
    const own = /^Pss:\s+(\d+) kB/m.exec(readIfThere(`/proc/${pid}/smaps_rollup`))?.[1] ?? "0";
    return Number(own) / 1024 + (children.get(pid) ?? []).reduce((total, child) => total + sum(child), 0);
  };
  return sum(root);
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The process has ended between the listing and the reading.
    return "";
  }
}

/** The peer in an environment of its own, made once. */
async function installPeer(): Promise<string> {
  const folder = join(cacheFolder(), `bench-${PEER.replace("==", "-")}`);
  const program = join(folder, "bin/superset-cli");
  if (!existsSync(program)) {
    const { python } = await ensurePython(terminalProgress());
    rmSync(folder, { recursive: true, force: true });
    await run(python, ["-m", "venv", folder]);
    await run(join(folder, "bin/pip"), ["install", "--quiet", PEER], { maxBuffer: 1 << 26 });
  }
  return program;
}

/** Counts the requests that pass through to Superset. */
async function countingProxy(target: string): Promise<{ readonly url: string; readonly seen: string[]; readonly server: Server }> {
  const seen: string[] = [];
  const server = createServer((incoming, outgoing) => {
    seen.push(`${incoming.method} ${(incoming.url ?? "").split("?")[0]}`);
    const forwarded = httpRequest(new URL(incoming.url ?? "/", target), { method: incoming.method, headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`, seen, server };
}

class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), "superset-bench-"));
  readonly runtime = join(this.folder, "runtime");

  constructor(
    readonly peer: string,
    readonly repeat: number,
  ) {}

  /** An empty Superset with the data source's tables; one export warms its processes. */
  async server(environment: string, prefix: string): Promise<LocalState> {
    const state = await up({ runtime: this.runtime, environment, progress: terminalProgress() });
    const client = new Client({ connectionString: state.postgres.url });
    await client.connect();
    await client.query(dataSourceSql(prefix));
    await client.end();
    const login = await fetch(`${state.superset.url}/api/v1/security/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username: state.superset.username, password: state.superset.password, provider: "db", refresh: true }),
    });
    const { access_token: token } = (await login.json()) as { access_token: string };
    for (let request = 0; request < 4; request += 1) {
      await (await fetch(`${state.superset.url}/api/v1/assets/export/`, { headers: { authorization: `Bearer ${token}` } })).arrayBuffer();
    }
    return state;
  }

  uri(state: LocalState): string {
    const { bi_username, bi_password, host, port, database } = state.postgres;
    return `postgresql+psycopg2://${bi_username}:${bi_password}@${host}:${port}/${database}`;
  }

  /** First, no-op and one-edit run of the peer. */
  async measurePeer(charts: number): Promise<Measures> {
    const prefix = "bench";
    const state = await this.server(`peer${charts}`, prefix);
    const folder = join(this.folder, `peer-${charts}`);
    writeWorkspace(folder, { charts, prefix, uri: this.uri(state) });
    const sync = (): Promise<Measure> =>
      measure(this.peer, ["-u", state.superset.username, "-p", state.superset.password, state.superset.url, "sync", "native", folder, "--overwrite"], this.folder);
    const first = await sync();
    const noop = await median(this.repeat, sync);
    editOneChart(join(folder, "charts"));
    const edit = await sync();
    await down({ runtime: this.runtime, environment: `peer${charts}` });
    return { first, noop, edit };
  }

  /** The same with the stack program and the Pulumi CLI. */
  async measureOurs(charts: number): Promise<OurMeasures> {
    const prefix = "bench";
    const state = await this.server(`ours${charts}`, prefix);
    const project = join(this.folder, `ours-${charts}`);
    writeWorkspace(join(project, "assets"), { charts, prefix, uri: this.uri(state) });
    const env = {
      PATH: `${dirname(pulumiBinary())}:${process.env["PATH"] ?? ""}`,
      PULUMI_CONFIG_PASSPHRASE: "bench",
      PULUMI_SKIP_UPDATE_CHECK: "1",
      // Otherwise the engine downloads plugins of packages that this stack does not use, in whichever run comes first.
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_EXPERIMENTAL: "1",
      PULUMI_SKIP_CHECKPOINTS: "1",
      PULUMI_PARALLEL: "256",
      SUPERSET_ADMIN_USER: state.superset.username,
      SUPERSET_ADMIN_PASS: state.superset.password,
      SUPERSET_URL: state.superset.url,
    };
    makeProject(project);
    const pulumi = (args: readonly string[], more: NodeJS.ProcessEnv = {}, everyMs = RARELY_MS): Promise<Measure> =>
      measure(pulumiBinary(), [...args, "--non-interactive"], project, { ...env, ...more }, everyMs);
    await pulumi(["stack", "init", "bench"]);
    const apply = ["up", "--yes", "--skip-preview", "--stack", "bench"];
    const first = await pulumi(apply);
    const stateBytes = statSync(join(project, ".pulumi/stacks/bench/bench.json")).size;
    const noop = await median(this.repeat, () => pulumi(["preview", "--expect-no-changes", "--stack", "bench"]));
    const drift = await median(this.repeat, () => measure(process.execPath, [join(REPOSITORY, "bin/hybrid.js"), "drift-plan", "--env", "bench"], project, env));
    const proxy = await countingProxy(state.superset.url);
    const watched = await pulumi(["preview", "--expect-no-changes", "--stack", "bench"], { SUPERSET_URL: proxy.url }, OFTEN_MS);
    proxy.server.close();
    editOneChart(join(project, "assets/charts"));
    const edit = await pulumi(apply);
    const compile = await measure(process.execPath, [join(REPOSITORY, "bin/hybrid.js"), "compile", "--env", "bench"], project, env);
    await down({ runtime: this.runtime, environment: `ours${charts}` });
    return { first, noop, edit, compile, drift, stateBytes, peakMb: Math.max(...[first, noop, watched, edit].map((run) => run.peakMb)), requests: proxy.seen };
  }

  async close(): Promise<void> {
    await down({ runtime: this.runtime });
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function median(times: number, work: () => Promise<Measure>): Promise<Measure> {
  const all: Measure[] = [];
  for (let time = 0; time < times; time += 1) {
    all.push(await work());
  }
  all.sort((a, b) => a.seconds - b.seconds);
  const middle = all[Math.floor(all.length / 2)];
  if (middle === undefined) {
    throw new Error("nothing was measured");
  }
  return middle;
}

function editOneChart(folder: string): void {
  const file = join(folder, readdirSync(folder).sort()[0] ?? "");
  writeFileSync(file, readFileSync(file, "utf8").replace(/row_limit"?: \d+/, (found) => `${found.split(":")[0]}: 77`));
}

function makeProject(folder: string): void {
  const modules = join(folder, "node_modules");
  mkdirSync(modules, { recursive: true });
  symlinkSync(REPOSITORY, join(modules, "pulumi-superset"));
  symlinkSync(join(REPOSITORY, "node_modules/@pulumi"), join(modules, "@pulumi"));
  const files: Readonly<Record<string, string>> = {
    "package.json": JSON.stringify({ name: "bench", private: true, main: "index.js" }),
    "index.js": 'require("pulumi-superset/stack");\n',
    "Pulumi.yaml": "name: bench\nruntime: {name: nodejs, options: {typescript: false}}\nbackend: {url: 'file://.'}\noptions: {refresh: always}\n",
    "Pulumi.bench.yaml": "config: {}\n",
    "policy.yaml": "apply: {bench: {mode: overwrite_git_wins, drift_gate: warn}}\n",
  };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
  }
}

/** The size that the targets are for; the others show the growth. */
const TARGET_CHARTS = 500;

/** Ends the run with 2 where a target was missed. */
let missed = false;

/** What is printed behind a figure. `target`: the largest value that will do; undefined for a size without targets. */
function verdict(value: number, target: number | undefined, unit: string): string {
  if (target === undefined) {
    return "";
  }
  missed ||= value > target;
  return ` (target ${target} ${unit})${value > target ? "  MISSED" : ""}`;
}

function line(name: string, ours: Measure, peer: Measure, target: number | undefined): string {
  const ratio = ours.seconds / peer.seconds;
  return `${name.padEnd(36)} ${ours.seconds.toFixed(1).padStart(7)} s ${peer.seconds.toFixed(1).padStart(7)} s   ${ratio.toFixed(2)} x${verdict(ratio, target, "x")}`;
}

function figure(name: string, value: number, unit: string, target: number | undefined): string {
  return `${name.padEnd(36)} ${value.toFixed(1).padStart(7)} ${unit}${verdict(value, target, unit)}`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { charts: { type: "string", default: "100,500,2000" }, repeat: { type: "string", default: "3" } } });
  const bench = new Bench(await installPeer(), Number(values.repeat));
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  let smaller: { readonly charts: number; readonly ours: OurMeasures } | undefined;
  try {
    for (const charts of values.charts.split(",").map(Number)) {
      const peer = await bench.measurePeer(charts);
      const ours = await bench.measureOurs(charts);
      const assets = generate({ charts, prefix: "bench", uri: "" }).length;
      print(`\n1 database, 5 datasets, 5 dashboards, ${charts} charts${" ".repeat(8)}ours      peer   ratio`);
      const at = (target: number): number | undefined => (charts === TARGET_CHARTS ? target : undefined);
      print(line("first apply into an empty Superset", ours.first, peer.first, at(1.5)));
      print(line("no-op (preview with refresh)", ours.noop, peer.noop, at(0.75)));
      print(line("one chart edited in Git, apply", ours.edit, peer.edit, at(0.9)));
      print(line("hybrid drift-plan (peer: no-op)", ours.drift, peer.noop, at(0.4)));
      print(figure("hybrid compile", ours.compile.seconds, "s", at(3)));
      print(figure("state, per asset", ours.stateBytes / assets / 1000, "kB", at(8)));
      print(figure("peak memory of our processes", ours.peakMb, "MB", at(700)));
      print(`requests of a no-op: ${ours.requests.length} (${tally(ours.requests)})`);
      if (smaller !== undefined) {
        const grown = (measure: "first" | "noop" | "edit"): string => `${measure} ${(ours[measure].seconds / (smaller?.ours[measure].seconds ?? 1)).toFixed(1)} x`;
        print(`from ${smaller.charts} to ${charts} charts (${(charts / smaller.charts).toFixed(0)} x): ${grown("first")}, ${grown("noop")}, ${grown("edit")}`);
      }
      smaller = { charts, ours };
    }
  } finally {
    await bench.close();
  }
  if (missed) {
    process.exitCode = 2;
  }
}

function tally(requests: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const request of requests) {
    counts.set(request, (counts.get(request) ?? 0) + 1);
  }
  return [...counts].map(([request, count]) => `${count} ${request}`).join(", ");
}

if (require.main === module) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  });
}
