/**
 * Migrator against dbmate, in the same run on the same server: 1,000 small migrations on an empty database, and none pending. Prints
 * seconds (best of the rounds) and ratios.
 *
 * `node dist/bench/migrations.js`. Environment: DATABASE_URL (a server and a user that may create databases; default: a server of the
 * local runtime, made for this run), BENCH_MIGRATIONS (1000), BENCH_ROUNDS (3). Both migrators are processes of their own
 * (dbmate's as its npm package starts it), so that starting Node is part of both.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const COUNT = Number(process.env["BENCH_MIGRATIONS"] ?? 1000);
const ROUNDS = Number(process.env["BENCH_ROUNDS"] ?? 3);

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

function best(rounds: readonly Measured[]): Measured {
  return { all: Math.min(...rounds.map((round) => round.all)), none: Math.min(...rounds.map((round) => round.none)) };
}

function main(url: string): void {
  const root = mkdtempSync(join(tmpdir(), "bench-migrations-"));
  try {
    writeMigrations(root);
    const ours: Measured[] = [];
    const theirs: Measured[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      theirs.push(withDatabase(url, "bench_dbmate", (target) => measure(process.execPath, dbmateCommand(), root, target)));
      ours.push(withDatabase(url, "bench_hybrid", (target) => measure(process.execPath, [__filename, "run"], root, target)));
    }
    const [us, them] = [best(ours), best(theirs)];
    const line = (what: string, own: number, other: number): string =>
      `${what.padEnd(34)} ours ${own.toFixed(2).padStart(6)} s   dbmate ${other.toFixed(2).padStart(6)} s   ratio ${(own / other).toFixed(2)}\n`;
    process.stdout.write(line(`${COUNT} migrations, empty database`, us.all, them.all));
    process.stdout.write(line("none pending", us.none, them.none));
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
