/** Retry as data: what is tried again, how long to wait and when to give up. */
export interface RetryPolicy {
  /** HTTP statuses of a server or proxy that is busy or away. */
  readonly statuses: ReadonlySet<number>;
  /** Node's codes of connections that did not come about or broke. */
  readonly codes: ReadonlySet<string>;
  /** First wait in milliseconds; doubles with each attempt. */
  readonly firstWaitMs: number;
  /** Longest single wait in milliseconds; a longer `Retry-After` is honoured while the budget lasts. */
  readonly longestWaitMs: number;
  /** Total time in milliseconds a call may spend waiting and trying again, once the server has answered anything before. */
  readonly budgetMs: number;
  /** The same before the server ever answered: a wrong URL is told early. */
  readonly firstContactBudgetMs: number;
}

/**
 * All our calls may be repeated: reads anyway; an import is idempotent by uuid; a delete tolerates absence. The budget outlasts a
 * restart of Superset (about ten seconds) several times.
 */
export const defaultRetryPolicy: RetryPolicy = {
  statuses: new Set([429, 502, 503, 504]),
  codes: new Set(["ECONNRESET", "ECONNREFUSED", "EPIPE", "ETIMEDOUT", "EAI_AGAIN", "ECONNABORTED", "ENETUNREACH", "EHOSTUNREACH"]),
  firstWaitMs: 400,
  longestWaitMs: 10_000,
  budgetMs: 90_000,
  firstContactBudgetMs: 5_000,
};

/** `Retry-After` in milliseconds (seconds or an HTTP date); undefined where it is absent or nonsense. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) {
    return undefined;
  }
  if (/^\d+$/.test(header.trim())) {
    return Number(header) * 1000;
  }
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/**
 * Milliseconds to wait before attempt `attempt + 1` (0 = the first retry), or undefined when the budget would be exceeded.
 * A `Retry-After` is taken as it is; our own waits get jitter (half to full), so that parallel calls do not return in step.
 */
export function nextWait(
  policy: RetryPolicy,
  attempt: number,
  spentMs: number,
  budgetMs: number,
  retryAfter: number | undefined,
  random: () => number,
): number | undefined {
  const exponential = Math.min(policy.longestWaitMs, policy.firstWaitMs * 2 ** attempt);
  const wait = retryAfter ?? exponential * (0.5 + random() / 2);
  return spentMs + wait > budgetMs ? undefined : wait;
}
