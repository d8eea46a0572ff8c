#!/usr/bin/env node
/**
 * Runs jest projects one after the other (all of them, also after a failure) and closes with one line for all:
 * `N passed, N failed, N skipped`. The line is also written to dist/test-summary.txt.
 *
 *   node scripts/test.mjs unit db e2e
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const jest = createRequire(import.meta.url).resolve("jest/bin/jest");
const projects = process.argv.slice(2);
if (projects.length === 0) {
  process.stderr.write("usage: node scripts/test.mjs unit|db|e2e ...\n");
  process.exit(1);
}

mkdirSync(join(root, "dist"), { recursive: true });
const summary = join(root, "dist", "test-summary.txt");
rmSync(summary, { force: true });

const total = { passed: 0, failed: 0, skipped: 0 };
for (const project of projects) {
  const output = join(root, "dist", `test-${project}.json`);
  rmSync(output, { force: true });
  // Servers are shared by the files of a run: only unit tests run side by side. A handle a test forgot must not hang the run.
  const serial = project === "unit" ? [] : ["--runInBand"];
  const { status, signal, pid } = spawnSync(process.execPath, [jest, "--selectProjects", project, "--forceExit", "--json", `--outputFile=${output}`, ...serial], {
    cwd: root,
    // With --json jest prints its result to stdout; people read what goes to stderr.
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, FORCE_COLOR: process.stderr.isTTY ? "1" : "0" },
  });
  // test/helpers/reaper.js is ending the run's servers: nothing of a run is left when we say that it is over.
  for (let wait = 0; wait < 150 && readdirSync(tmpdir()).some((name) => name.startsWith(`pulumi-superset-test-${pid}-`)); wait++) await sleep(100);
  let result;
  try {
    result = JSON.parse(readFileSync(output, "utf8"));
  } catch {
    process.stderr.write(`jest ended without a result for ${project} (${signal ?? `status ${status}`})\n`);
    total.failed += 1;
    continue;
  }
  // A file that does not even load has no tests to fail.
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  total.passed += result.numPassedTests;
  total.failed += failed;
  total.skipped += result.numPendingTests + result.numTodoTests;
  if (status !== 0 && failed === 0) {
    process.stderr.write(`jest ended with ${signal ?? `status ${status}`} for ${project} although no test failed\n`);
    total.failed += 1;
  }
}
const line = `${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`;
writeFileSync(summary, `${line}\n`);
process.stdout.write(`${line}\n`);
process.exitCode = total.failed > 0 ? 1 : 0;
