import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineEvent, OpType } from "@pulumi/pulumi/automation";
import { changeData, changeLines } from "../../control/change-text";
import { RunReport } from "../../control/run-report";
import { EXIT } from "../../provider/errors";
import { RUN_LOG_VARIABLE, tellRun, type RunMessage } from "../../provider/run-log";

let folder: string;
let log: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "run-report-"));
  log = join(folder, "messages.jsonl");
  writeFileSync(log, "");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const tell = (message: RunMessage): void => tellRun(message, { [RUN_LOG_VARIABLE]: log });
const metadata = (op: OpType, type: string) => ({ op, type, urn: `urn:pulumi:dev::workspace::${type}::name`, provider: "" });
const outputs = (op: OpType, type: string): EngineEvent => ({ sequence: 1, timestamp: 1, resOutputsEvent: { metadata: metadata(op, type) } });
const errorEvent = (message: string): EngineEvent => ({ sequence: 1, timestamp: 1, diagnosticEvent: { message, severity: "error", color: "never" } });
const ours = (type: string): string => `pulumi-nodejs:dynamic/superset:${type}`;

test("resources are counted by kind, in the order they are applied; what only looks, and the engine's own, is not", () => {
  const report = new RunReport(log, () => undefined);
  for (const [op, type] of [
    ["refresh", ours("Chart")], ["create", "pulumi:pulumi:Stack"], ["create", ours("Workspace")], ["create", ours("Deployment")], ["update", ours("Chart")], ["same", ours("Chart")],
    ["same", ours("Chart")], ["create", ours("Database")], ["create-replacement", ours("Dataset")], ["replace", ours("Dataset")], ["delete-replaced", ours("Dataset")], ["delete", ours("Dashboard")],
    ["update", ours("Migrations")], ["create", "command:local:Command"],
  ] as [OpType, string][]) {
    report.take(outputs(op, type));
  }
  report.take({ sequence: 1, timestamp: 1, resOpFailedEvent: { metadata: metadata("update", ours("Chart")), status: 1, steps: 1 } });
  expect(changeLines(report.changes)).toEqual([
    "migrations: run", "databases: 1 created", "datasets: 1 updated", "charts: 1 updated, 2 unchanged, 1 failed", "dashboards: 1 deleted", "deployment: recorded", "command:local:Command: 1 created",
  ]);
  expect(changeLines(report.changes, true).slice(0, 5)).toEqual([
    "migrations: to be run", "databases: 1 to be created", "datasets: 1 to be updated", "charts: 1 to be updated, 2 unchanged, 1 failed", "dashboards: 1 to be deleted",
  ]);
  expect(changeData(report.changes)["charts"]).toEqual({ created: 0, updated: 1, deleted: 0, unchanged: 2, failed: 1 });
});

test("messages of our processes are handed on once and whole, however they arrive", () => {
  const seen: string[] = [];
  const report = new RunReport(log, ({ message }) => seen.push(message));
  tell({ severity: "info", message: "applied 1_a.sql" });
  const half = JSON.stringify({ severity: "warn", message: "drift: chart 'Größe'\n  x: 1 → 2" });
  appendFileSync(log, half.slice(0, 30));
  report.readLog();
  expect(seen).toEqual(["applied 1_a.sql"]);
  appendFileSync(log, `${half.slice(30)}\n`);
  report.readLog();
  report.readLog();
  expect(seen).toEqual(["applied 1_a.sql", "drift: chart 'Größe'\n  x: 1 → 2"]);
  expect(report.failures).toEqual([]);
});

test("a failure told by our processes is not told again in the engine's words", () => {
  const report = new RunReport(log, () => undefined);
  tell({ severity: "error", message: "refused: …\nchart 'A':\n  x: 1 → 2", failure: { exitCode: EXIT.refused } });
  report.take(errorEvent("pulumi-nodejs:dynamic/superset:Workspace resource 'dev' has a problem: refused: …\n    chart 'A':\n      x: 1 → 2\n"));
  report.take(errorEvent("not done, for the same reason as another resource of this run: see its message"));
  report.take(errorEvent("<{%fg 13%}>update failed<{%reset%}>"));
  expect(report.failures).toEqual([{ message: "refused: …\nchart 'A':\n  x: 1 → 2", failure: { exitCode: EXIT.refused } }]);
});

test("what only the engine knows is told, once", () => {
  const report = new RunReport(log, () => undefined);
  tell({ severity: "error", message: "Superset is away", failure: { exitCode: EXIT.error, retryCode: "503" } });
  const protectedText = 'resource "urn:…" cannot be deleted because it is protected';
  report.take(errorEvent(protectedText));
  report.take(errorEvent(protectedText));
  report.take(errorEvent("update failed"));
  expect(report.failures).toEqual([{ message: "Superset is away", failure: { exitCode: EXIT.error, retryCode: "503" } }, { message: protectedText, failure: { exitCode: EXIT.error } }]);
});

test("where there is nothing but the engine's own sentence, it is told", () => {
  const report = new RunReport(log, () => undefined);
  report.take(errorEvent("update failed"));
  expect(report.failures).toEqual([{ message: "update failed", failure: { exitCode: EXIT.error } }]);
});

test("a run whose hybrid was killed goes on", () => {
  rmSync(folder, { recursive: true });
  expect(() => tell({ severity: "info", message: "x" })).not.toThrow();
  expect(() => tellRun({ severity: "info", message: "x" }, {})).not.toThrow();
});
