import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const hybrid = join(__dirname, "../../bin/hybrid.js");
const project = mkdtempSync(join(tmpdir(), "logs-"));
const log = join(project, ".runtime/dev/superset.log");

beforeAll(() => {
  mkdirSync(join(project, ".runtime/dev"), { recursive: true });
  writeFileSync(join(project, "Pulumi.yaml"), "name: p\nruntime: nodejs\n");
  writeFileSync(log, "one\ntwo\nthree\n");
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

const logs = (...args: string[]): { stdout: string; stderr: string; status: number | null } => spawnSync(process.execPath, [hybrid, "local", "logs", ...args], { cwd: project, encoding: "utf8" });

test("the last lines of a server's log", () => {
  expect(logs()).toMatchObject({ stdout: "one\ntwo\nthree\n", stderr: "", status: 0 });
  expect(logs("-n", "2").stdout).toBe("two\nthree\n");
});

test("a server that never ran, and an environment that is none", () => {
  expect(logs("--server", "postgres")).toMatchObject({ stdout: "", status: 1 });
  expect(logs("--env", "staging").stderr).toMatch(/^no log of superset in .*: it never ran in environment staging\. Run `hybrid local up --env staging`\.\n$/);
  expect(logs("-n", "0").status).toBe(1);
});

test("what is written next, until nobody reads it", async () => {
  const child = spawn("sh", ["-c", `"${process.execPath}" "${hybrid}" local logs -n 1 -f | head -2`], { cwd: project });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const writing = setInterval(() => appendFileSync(log, "next\n"), 100);
  try {
    expect(await new Promise((ended) => child.on("close", ended))).toBe(0);
  } finally {
    clearInterval(writing);
    child.kill();
  }
  expect(text.split("\n").slice(0, 2)).toEqual([expect.stringMatching(/three|next/), "next"]);
}, 30_000);
