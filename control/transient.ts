/** Which failures pass by themselves, so that the same step is worth another attempt. Data; everything that is not named here is not tried again. */
import type { Failure } from "../provider/run-log";
import { defaultRetryPolicy } from "../provider/superset/retry";

interface Passing {
  /** Codes as `UserError.retryCode` has them: those of failures that left nothing half-done. */
  readonly codes: RegExp;
  /** Why another attempt may do better. */
  readonly reason: string;
}

const exactly = (codes: Iterable<string | number>): RegExp => new RegExp(`^(?:${[...codes].join("|")})$`);

/**
 * An error in SQL, a refusal by policy, a wrong password, a template that does not compile have codes that are not here, or none. Nor is a locked
 * stack: whoever holds the lock is at work, or was killed and holds it for ever; a person has to look.
 */
const PASSING: readonly Passing[] = [
  { codes: exactly(defaultRetryPolicy.codes), reason: "the server could not be reached, or the connection broke" },
  { codes: exactly(defaultRetryPolicy.statuses), reason: "Superset, or a proxy before it, was busy or away" },
  // https://www.postgresql.org/docs/current/errcodes-appendix.html
  { codes: /^08/, reason: "the connection to PostgreSQL broke" },
  { codes: /^57P0[123]$/, reason: "PostgreSQL was being stopped, or is starting" },
  { codes: /^53300$/, reason: "PostgreSQL had no connection left" },
  { codes: /^(?:40001|40P01)$/, reason: "another session was in the way, and PostgreSQL rolled the migration back" },
  { codes: /^55P03$/, reason: "another session held a lock longer than lock_timeout, and the migration was rolled back" },
];

/** Why the failures pass by themselves; undefined where one of them does not, or there is none. */
export function transientReason(failures: readonly Failure[]): string | undefined {
  const reasons = failures.map(({ retryCode }) => (retryCode === undefined ? undefined : PASSING.find(({ codes }) => codes.test(retryCode))?.reason));
  return reasons.includes(undefined) ? undefined : reasons[0];
}
