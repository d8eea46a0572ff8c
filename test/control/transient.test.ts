import fc from "fast-check";
import { transientReason } from "../../control/transient";
import { ConnectionError, DriftRefusedError, EXIT, MigrationError, ProblemsError, UserError } from "../../provider/errors";
import { FailedMigrationError, scriptError } from "../../provider/postgres/failure";
import { failureIn } from "../../provider/run-log";

const place = { file: "db/migrations/1_a.sql", line: 1, column: 1 };
const reasonOf = (error: unknown): string | undefined => transientReason([failureIn(error)]);

test.each(["ECONNREFUSED", "ECONNRESET", "EAI_AGAIN", "ETIMEDOUT", "429", "502", "503", "504", "08006", "08P01", "57P01", "57P02", "57P03", "53300", "40001", "40P01", "55P03"])("%s passes", (retryCode) => {
  expect(reasonOf(new ConnectionError("x", { retryCode }))).toMatch(/\w/);
});

test.each(["CERT_HAS_EXPIRED", "DEPTH_ZERO_SELF_SIGNED_CERT", "ENOTFOUND", "EPROTO", "400", "401", "403", "404", "500", "28P01", "3D000", "42601", "42P01", "23505", "22P02", "57014", "42501", ""])("%s does not pass", (retryCode) => {
  expect(reasonOf(new ConnectionError("x", { retryCode }))).toBeUndefined();
});

test("what has no code is not tried again", () => {
  const errors = [new UserError("x"), new ConnectionError("x"), new DriftRefusedError("x"), new MigrationError("x"), new ProblemsError([], "x"), new TypeError("x"), "x", undefined];
  expect(errors.map(reasonOf)).toEqual(errors.map(() => undefined));
});

test("one failure that stays makes another attempt useless", () => {
  expect(transientReason([{ exitCode: EXIT.error, retryCode: "503" }, { exitCode: EXIT.error, retryCode: "503" }])).toBe("Superset, or a proxy before it, was busy or away");
  expect(transientReason([{ exitCode: EXIT.error, retryCode: "503" }, { exitCode: EXIT.refused }])).toBeUndefined();
  expect(transientReason([])).toBeUndefined();
});

test("no code of an error in SQL passes", () => {
  // The classes of PostgreSQL's codes in which a statement itself is wrong, or hits what is there.
  fc.assert(fc.property(fc.constantFrom("21", "22", "23", "25", "26", "28", "34", "3D", "3F", "42", "44", "0A", "P0", "XX"), fc.stringMatching(/^[0-9A-Z]{3}$/), (group, rest) => {
    expect(reasonOf(new FailedMigrationError("x", place, group + rest, { cause: undefined, retryCode: group + rest }))).toBeUndefined();
  }));
});

describe("a migration that lost against another session", () => {
  const script = { name: "1_a.sql", file: "db/migrations/1_a.sql", line: 1, sql: "select 1", transaction: true } as unknown as Parameters<typeof scriptError>[1]["script"];
  const context = { url: "postgresql://u@h/d", script, line: 1, column: 1, statement: "select 1", applied: [], undoing: false, cancelled: false };
  const lost = Object.assign(new Error("terminating connection"), { code: "ECONNRESET" });

  test("may run again where it was rolled back", () => {
    expect(reasonOf(scriptError(lost, context))).toBe("the server could not be reached, or the connection broke");
  });
  test("may not where it runs outside a transaction: statements of it stay", () => {
    expect(reasonOf(scriptError(lost, { ...context, stays: 1 }))).toBeUndefined();
    expect(reasonOf(scriptError(lost, { ...context, stays: 0 }))).toBeUndefined();
  });
  test("may not where a person has ended it", () => {
    expect(reasonOf(scriptError(lost, { ...context, cancelled: true }))).toBeUndefined();
  });
});
