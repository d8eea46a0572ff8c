/**
 * How long GitHub's API is waited for. Its rate limits are told by 403 or 429: `retry-after` in seconds, else `x-ratelimit-reset` where
 * `x-ratelimit-remaining` is 0, else a minute, doubled each time ("Rate limits for the REST API", docs.github.com). The plugins that Octokit has for this
 * are not used: the last of them that can be `require`d overlook 429 and repeat requests that create something.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { defaultRetryPolicy, nextWait, retryAfterMs, type RetryPolicy } from "../../provider/superset/retry";

/** Bounds of the waiting. All times in milliseconds. */
export interface Patience {
  /** In all, for rate limits. Default: 10 minutes. */
  readonly limitBudgetMs: number;
  /** A limit without a time. Default: one minute, as GitHub asks for. */
  readonly untoldMs: number;
  /** For a server that is away. Default: 20 seconds. */
  readonly outageBudgetMs: number;
  /** The same for one that never answered: a wrong address is told early. Default: 5 seconds. */
  readonly firstContactBudgetMs: number;
  /** First wait for a server that is away; it doubles. Default: 0.4 seconds. */
  readonly firstWaitMs: number;
  /** One attempt. Default: 30 seconds. */
  readonly timeoutMs: number;
}

export const defaultPatience: Patience = { limitBudgetMs: 600_000, untoldMs: 60_000, outageBudgetMs: 20_000, firstContactBudgetMs: 5_000, firstWaitMs: 400, timeoutMs: 30_000 };

/** An answer that is an error, or (without a response) none at all. */
export interface Failure {
  readonly status: number;
  readonly message: string;
  readonly response?: { readonly headers: Readonly<Record<string, string | number | undefined>>; readonly data: unknown };
}

/** Milliseconds that a rate limit asks to wait; undefined for what is no rate limit. */
export function limitWait({ status, message, response }: Failure, attempt: number, now: number, untoldMs: number): number | undefined {
  if (response === undefined || (status !== 403 && status !== 429)) {
    return undefined;
  }
  const header = (name: string): string | undefined => (response.headers[name] === undefined ? undefined : String(response.headers[name]));
  const told = retryAfterMs(header("retry-after"), now);
  if (told !== undefined) {
    return told;
  }
  if (header("x-ratelimit-remaining") === "0") {
    // One second more: the reset is in whole seconds.
    return Math.max(0, Number(header("x-ratelimit-reset") ?? 0) * 1000 - now) + 1000;
  }
  return status === 429 || /\bsecondary rate limit\b|\babuse detection\b/i.test(message) ? untoldMs * 2 ** attempt : undefined;
}

/** The waiting of one client: its budget for rate limits is that of all its calls. */
export class Waiting {
  readonly #patience: Patience;
  #spentMs = 0;
  #answered = false;

  /** @param log gets a line before each wait */
  constructor(patience: Partial<Patience>, private readonly log: (message: string) => void) {
    this.#patience = { ...defaultPatience, ...patience };
  }

  /** Milliseconds one attempt may take. */
  get timeoutMs(): number {
    return this.#patience.timeoutMs;
  }

  /** Milliseconds all rate limits together may take. */
  get limitBudgetMs(): number {
    return this.#patience.limitBudgetMs;
  }

  /**
   * Calls `attempt` until it succeeds, fails for good, or the budget is spent; throws its last error.
   * @param repeatable whether a call of which no answer came may be made again
   */
  async run<T>(doing: string, repeatable: boolean, attempt: () => Promise<T>): Promise<T> {
    const started = Date.now();
    for (let count = 0, limited = 0; ; count++) {
      try {
        const result = await attempt();
        this.#answered = true;
        return result;
      } catch (error) {
        if (!isFailure(error)) {
          throw error;
        }
        this.#answered ||= error.response !== undefined;
        const limit = limitWait(error, limited, Date.now(), this.#patience.untoldMs);
        const wait = limit === undefined ? this.#outageWait(error, repeatable, count, Date.now() - started) : this.#spend(limit);
        if (wait === undefined) {
          throw error;
        }
        limited += limit === undefined ? 0 : 1;
        this.log(`GitHub: ${doing}: ${limit === undefined ? `failed (${reasonOf(error)}); trying again` : "its rate limit is reached; going on"} in ${seconds(wait)} s`);
        await sleep(wait);
      }
    }
  }

  #spend(limit: number): number | undefined {
    if (this.#spentMs + limit > this.#patience.limitBudgetMs) {
      return undefined;
    }
    this.#spentMs += limit;
    return limit;
  }

  #outageWait(failure: Failure, repeatable: boolean, attempt: number, spentMs: number): number | undefined {
    if (!repeatable || failure.status < 500) {
      return undefined;
    }
    const policy: RetryPolicy = { ...defaultRetryPolicy, firstWaitMs: this.#patience.firstWaitMs };
    return nextWait(policy, attempt, spentMs, this.#answered ? this.#patience.outageBudgetMs : this.#patience.firstContactBudgetMs, undefined, Math.random);
  }
}

/** Octokit's error: anything else is a bug. Not asked by `instanceof`: its class would have to be loaded. */
export function isFailure(error: unknown): error is Failure {
  return error instanceof Error && "status" in error && typeof error.status === "number";
}

/** What Octokit shows of an outage: a status of the server, or (as status 500 without a response) of its own. */
function reasonOf({ status, message, response }: Failure): string {
  return response === undefined ? message : `status ${status}`;
}

function seconds(milliseconds: number): string {
  return milliseconds < 10_000 ? (milliseconds / 1000).toFixed(1) : String(Math.round(milliseconds / 1000));
}
