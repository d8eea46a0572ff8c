import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Journal, RUNS_FOLDER, type Subject } from "../../control/journal";
import { EngineError, InterruptedError } from "../../control/run-errors";
import { runSteps, StepFailedError, type Step, type StepOutcome } from "../../control/steps";
import { ConnectionError, DriftRefusedError, EXIT, UserError } from "../../provider/errors";
import { FailedMigrationError } from "../../provider/postgres/failure";

const busy = new ConnectionError("Superset is away", { retryCode: "503" });
const sql = new FailedMigrationError("db/migrations/2.sql:1:1: no such type", { file: "db/migrations/2.sql", line: 1, column: 1 }, "42704", { cause: undefined, retryCode: "42704" });

/** A step that fails with the errors in turn, then does its work. */
function step(name: string, errors: readonly unknown[] = [], lasting = true): Step & { runs: number } {
  const made = {
    name,
    lasting,
    runs: 0,
    run: async () => {
      const error = errors[made.runs++];
      if (error !== undefined) throw error;
      return `${name} is done`;
    },
  };
  return made;
}

/** Runs steps without waiting; what was said, and how long would have been waited. */
async function run(steps: readonly Step[], options: { readonly attempts?: number; readonly backoffSeconds?: number; readonly journal?: Journal; readonly random?: number; readonly signal?: AbortSignal; readonly onWait?: () => void } = {}) {
  const notes: string[] = [];
  const waits: number[] = [];
  const outcomes = runSteps(steps, {
    attempts: options.attempts ?? 3,
    backoffSeconds: options.backoffSeconds ?? 2,
    ...(options.journal === undefined ? {} : { journal: options.journal }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    progress: { step: (_text, work) => work(() => undefined), note: (text) => void notes.push(text) },
    wait: async (milliseconds) => {
      waits.push(milliseconds);
      options.onWait?.();
    },
    random: () => options.random ?? 0,
  });
  const result = await outcomes.then((done) => ({ done }), (error: unknown) => ({ error }));
  return { ...result, notes, waits };
}

const kept = (outcomes: readonly StepOutcome[] | undefined): readonly (readonly [string, string, number])[] => (outcomes ?? []).map(({ name, status, attempts }) => [name, status, attempts]);

describe("attempts", () => {
  test("what passes by itself is tried again, after pauses that double, and said", async () => {
    const apply = step("apply", [busy, busy]);
    const result = await run([step("compile"), apply]);
    expect(kept("done" in result ? result.done : undefined)).toEqual([["compile", "done", 1], ["apply", "done", 3]]);
    expect(result.waits).toEqual([2000, 4000]);
    expect(result.notes).toEqual([
      "apply: attempt 1 of 3 failed (Superset, or a proxy before it, was busy or away); the next begins in 2.0 s\n  Superset is away",
      "apply: attempt 2 of 3 failed (Superset, or a proxy before it, was busy or away); the next begins in 4.0 s\n  Superset is away",
    ]);
  });

  test("pauses have jitter, and an end", async () => {
    expect((await run([step("apply", [busy, busy])], { random: 0.999, backoffSeconds: 100 })).waits.map(Math.round)).toEqual([124_975, 249_950]);
    expect((await run([step("apply", Array<unknown>(9).fill(busy))], { attempts: 10, backoffSeconds: 60 })).waits).toEqual([60, 120, 240, 300, 300, 300, 300, 300, 300].map((seconds) => seconds * 1000));
  });

  test("after the last one its error ends the run", async () => {
    const later = step("record");
    const { error } = (await run([step("compile"), step("apply", [busy, busy, busy]), later])) as { error: StepFailedError };
    expect(error).toBeInstanceOf(StepFailedError);
    expect(error.message).toBe("Superset is away\nStopped at apply, after 3 attempts.");
    expect([error.step, error.attempts, error.exitCode, error.outcomes.map(({ name }) => name), later.runs]).toEqual(["apply", 3, EXIT.error, ["compile"], 0]);
  });

  test.each([["an error in SQL", sql, EXIT.error], ["a refusal", new DriftRefusedError("refused: x"), EXIT.refused], ["an error without a code", new UserError("x"), EXIT.error]])("%s is not tried again", async (_what, failure, exitCode) => {
    const failing = step("apply", [failure]);
    const { error, waits } = (await run([failing])) as { error: StepFailedError; waits: readonly number[] };
    expect([failing.runs, waits, error.exitCode, error.message]).toEqual([1, [], exitCode, `${failure.message}\nStopped at apply.`]);
  });

  test("of several failures of the engine all must pass by themselves", async () => {
    const passing = new EngineError("a\nb", [{ exitCode: EXIT.error, retryCode: "503" }, { exitCode: EXIT.error, retryCode: "ECONNRESET" }]);
    const staying = new EngineError("a\nb", [{ exitCode: EXIT.error, retryCode: "503" }, { exitCode: EXIT.refused }]);
    const twice = step("apply", [passing, staying]);
    const { error } = (await run([twice])) as { error: StepFailedError };
    expect([twice.runs, error.exitCode]).toEqual([2, EXIT.error]);
  });

  test("a bug is no step that failed", async () => {
    const { error } = (await run([step("apply", [new TypeError("x is undefined")])])) as { error: unknown };
    expect(error).toBeInstanceOf(TypeError);
  });

  test("an interruption ends the run between two steps, and a pause", async () => {
    const abort = new AbortController();
    const apply = step("apply", [busy]);
    const { error } = (await run([apply], { signal: abort.signal, onWait: () => abort.abort() })) as { error: StepFailedError };
    expect([error.cause instanceof InterruptedError, apply.runs, error.message]).toEqual([true, 1, "interrupted: what was done stays. Run it again to go on\nStopped at apply."]);
    const first = step("compile");
    const second = step("apply");
    await run([{ ...first, run: async () => (abort.abort(), "x") }, second], { signal: abort.signal });
    expect(second.runs).toBe(0);
  });

  test("the pause itself ends with the signal", async () => {
    const abort = new AbortController();
    const running = runSteps([step("apply", [busy])], { attempts: 2, backoffSeconds: 250, signal: abort.signal, progress: { step: (_text, work) => work(() => undefined), note: () => abort.abort() } });
    await expect(running).rejects.toThrow("interrupted: what was done stays.");
  });
});

describe("the journal", () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), "journal-"))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const subject: Subject = { commit: "c0ffee", bundle: "b", migrations: "m", configuration: "c", servers: "s" };
  const open = (of: Partial<Subject> = {}, options: { readonly restart?: boolean; readonly now?: Date } = {}): Journal => Journal.open(root, "deploy", "prod", { ...subject, ...of }, options);
  const file = (): string => join(root, RUNS_FOLDER, "deploy-prod.json");
  /** Migrates, looks, and stops at the apply. */
  const stopped = (journal = open()) => run([step("db_sync"), step("drift_gate", [], false), step("apply", [sql])], { journal });

  test("a run goes on at the step that failed: what lasts is kept, looks are repeated", async () => {
    await stopped();
    const journal = open();
    expect(journal.note).toMatch(/^going on with the deploy of \d{4}-\S+Z, which stopped at apply; --restart begins anew$/);
    const [sync, gate, apply, check] = [step("db_sync"), step("drift_gate", [], false), step("apply"), step("drift_check", [], false)];
    const result = await run([sync, gate, apply, check], { journal });
    expect(kept("done" in result ? result.done : undefined)).toEqual([["db_sync", "kept", 0], ["drift_gate", "done", 1], ["apply", "done", 1], ["drift_check", "done", 1]]);
    expect([sync.runs, gate.runs, apply.runs, check.runs]).toEqual([0, 1, 1, 1]);
  });

  test("a run that came to its end leaves nothing to go on with", async () => {
    await run([step("db_sync"), step("apply")], { journal: open() });
    expect(existsSync(file())).toBe(false);
    expect(open().note).toBeUndefined();
  });

  test("one that was killed is gone on with like one that failed", async () => {
    const journal = open();
    journal.begin("db_sync");
    journal.done("db_sync");
    journal.begin("apply");
    const again = open();
    expect([again.doneAt("db_sync"), again.doneAt("apply")]).toEqual([expect.stringMatching(/Z$/), undefined]);
  });

  test.each([["commit", "the commit"], ["bundle", "the compiled assets"], ["migrations", "the migrations or seeds"], ["configuration", "policy.yaml or the configuration"], ["servers", "the servers"]] as const)("not where %s is another", async (part, words) => {
    await stopped();
    const journal = open({ [part]: "another" });
    expect(journal.note).toMatch(new RegExp(`^beginning anew, and not going on with the deploy of \\S+, which stopped at apply: since then ${words} changed$`));
    expect(journal.doneAt("db_sync")).toBeUndefined();
  });

  test("not after a day, and not where a person wants it otherwise", async () => {
    await stopped();
    const later = open({}, { now: new Date(Date.now() + 25 * 3600_000) });
    expect([later.note, later.doneAt("db_sync")]).toEqual([expect.stringMatching(/which stopped at apply: that is more than a day ago$/), undefined]);
    const anew = open({}, { restart: true });
    expect([anew.note, anew.doneAt("db_sync")]).toEqual([undefined, undefined]);
  });

  test("each environment and command has its own", async () => {
    await stopped();
    expect(Journal.open(root, "deploy", "staging", subject).note).toBeUndefined();
    expect(Journal.open(root, "sync", "prod", subject).note).toBeUndefined();
  });

  test.each(["", "{", "[]", '{"format": 2, "started": "2026-01-01T00:00:00.000Z", "of": {}, "done": {}}', '{"format": 1, "done": {"apply": "yesterday"}}'])("what is none begins anew: %s", async (text) => {
    await stopped();
    writeFileSync(file(), text);
    const journal = open();
    expect([journal.note, journal.doneAt("db_sync")]).toEqual([undefined, undefined]);
    await run([step("db_sync"), step("apply", [sql])], { journal });
    expect(JSON.parse(readFileSync(file(), "utf8"))).toEqual({ format: 1, started: expect.any(String), of: subject, done: { db_sync: expect.any(String) }, at: "apply" });
  });
});
