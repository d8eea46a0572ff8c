/**
 * Migrator against dbmate, in the same run on the same server: 1,000 small migrations on an empty database, and none pending. Prints
 * the medians of the rounds in seconds and their ratios, and ends with 2 where a target is missed.
 *
 * `node dist/bench/migrations.js`. Environment: DATABASE_URL (a server and a user that may create databases; default: a server of the
 * local runtime, made for this run), BENCH_MIGRATIONS (1000), BENCH_ROUNDS (6). Both migrators are processes of their own
 * (dbmate's as its npm package starts it), so that starting Node is part of both.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const COUNT = Number(process.env["BENCH_MIGRATIONS"] ?? 1000);
const ROUNDS = Number(process.env["BENCH_ROUNDS"] ?? 6);

interface Measured {
  readonly all: number;
  readonly none: number;
}

function writeMigrations(root: string): void {
  mkdirSync(join(root, "db/migrations"), { recursive: true });
  for (let number = 1; number <= COUNT; number += 1) {
    const version = String(number).padStart(6, "0");
    const up = `create table t_${version} (id bigint primary key, name text not null, amount numeric(12, 2));\ncreate index t_${version}_name on t_${version} (name);`;
    writeFileSync(join(root, `db/migrations/${version}_t.sql`), `-- migrate:up\n${up}\n\n-- migrate:down\ndrop table t_${version};\n`);
  }
}

function seconds(work: () => void): number {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

function dbmateBinary(): string {
  return require.resolve(`@dbmate/${process.platform}-${process.arch}/bin/dbmate${process.platform === "win32" ? ".exe" : ""}`, { paths: [require.resolve("dbmate/package.json")] });
}

function withDatabase(url: string, name: string, work: (url: string) => Measured): Measured {
  const target = new URL(url);
  target.pathname = `/${name}`;
  target.searchParams.set("sslmode", target.searchParams.get("sslmode") ?? "disable");
  const env = { ...process.env, DATABASE_URL: target.href };
  execFileSync(dbmateBinary(), ["drop"], { env, stdio: "pipe" });
  execFileSync(dbmateBinary(), ["create"], { env, stdio: "pipe" });
  try {
    return work(target.href);
  } finally {
    execFileSync(dbmateBinary(), ["drop"], { env, stdio: "pipe" });
  }
}

function measure(command: string, args: readonly string[], root: string, url: string): Measured {
  const run = (): void => void execFileSync(command, args, { cwd: root, env: { ...process.env, DATABASE_URL: url, BENCH_ROOT: root }, stdio: "pipe" });
  return { all: seconds(run), none: Math.min(seconds(run), seconds(run), seconds(run)) };
}

/** dbmate as its npm package starts it. */
function dbmateCommand(): readonly string[] {
  return [join(dirname(require.resolve("dbmate/package.json")), "dist/cli.js"), "--no-dump-schema", "up"];
}

/** The measured process: our migrator alone. */
async function runOurs(url: string, root: string): Promise<void> {
  const { migrate } = require("../provider/postgres/runner") as typeof import("../provider/postgres/runner");
  const result = await migrate({ url, root, directory: "db/migrations" });
  process.stdout.write(`${result.applied.length}\n`);
}

/** Each server sync of a new index waits for the disk: single rounds differ by half. */
function median(rounds: readonly Measured[]): Measured {
  const middle = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
  return { all: middle(rounds.map((round) => round.all)), none: middle(rounds.map((round) => round.none)) };
}

function main(url: string): void {
  const root = mkdtempSync(join(tmpdir(), "bench-migrations-"));
  try {
    writeMigrations(root);
    const ours: Measured[] = [];
    const theirs: Measured[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const dbmate = (): void => void theirs.push(withDatabase(url, "bench_dbmate", (target) => measure(process.execPath, dbmateCommand(), root, target)));
      const hybrid = (): void => void ours.push(withDatabase(url, "bench_hybrid", (target) => measure(process.execPath, [__filename, "run"], root, target)));
      // In turn who is first: the disk is still busy with what the one before has left.
      (round % 2 === 0 ? [dbmate, hybrid] : [hybrid, dbmate]).forEach((run) => run());
    }
    const [us, them] = [median(ours), median(theirs)];
    const line = (what: string, own: number, other: number, target: number): string => {
      const missed = own / other > target;
      process.exitCode = missed ? 2 : process.exitCode;
      return `${what.padEnd(34)} ours ${own.toFixed(2).padStart(6)} s   dbmate ${other.toFixed(2).padStart(6)} s   ratio ${(own / other).toFixed(2)} (target ${target})${missed ? "  MISSED" : ""}\n`;
    };
    process.stdout.write(`rounds, ours: ${ours.map((round) => round.all.toFixed(2)).join(" ")}   dbmate: ${theirs.map((round) => round.all.toFixed(2)).join(" ")}\n`);
    process.stdout.write(line(`${COUNT} migrations, empty database`, us.all, them.all, 1));
    process.stdout.write(line("none pending", us.none, them.none, 2));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Runs `work` on DATABASE_URL, or on a PostgreSQL of the local runtime that lives for this run. */
async function withServer(work: (url: string) => void): Promise<void> {
  const given = process.env["DATABASE_URL"];
  if (given !== undefined && given !== "") {
    work(given);
    return;
  }
  // Loaded here, as the measured process is this file too.
  const { ensurePostgres, postgresUrl, removePostgres, stopPostgres } = require("../local/postgres") as typeof import("../local/postgres");
  const { ensurePython } = require("../local/python") as typeof import("../local/python");
  const { terminalProgress } = require("../local/progress") as typeof import("../local/progress");
  const runtime = mkdtempSync(join(tmpdir(), "bench-postgres-"));
  chmodSync(runtime, 0o711);
  try {
    const progress = terminalProgress();
    const server = await ensurePostgres({ runtime, python: await ensurePython(progress), progress, port: 10_000 + (process.pid % 9_000) });
    work(postgresUrl(server.superuser, server.port, "postgres"));
  } finally {
    await stopPostgres(runtime);
    removePostgres(runtime);
    rmSync(runtime, { recursive: true, force: true });
  }
}

const measured = process.argv[2] === "run" ? runOurs(process.env["DATABASE_URL"] ?? "", process.env["BENCH_ROOT"] ?? process.cwd()) : withServer(main);
measured.catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
