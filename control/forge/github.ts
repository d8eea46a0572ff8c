/** GitHub's REST API as the commands use it: one repository, errors in words, waiting where GitHub asks for it. */
import type { Octokit } from "@octokit/rest";
import { AuthError, ConfigError, ConnectionError, UserError } from "../../provider/errors";
import { isObject, type Json } from "../../provider/json";
import type { GitHubPlace } from "./place";
import { isFailure, limitWait, Waiting, type Failure, type Patience } from "./waiting";

/** GitHub answered that it does not do what was asked. */
export class ForgeError extends UserError {
  constructor(message: string, readonly status: number, cause?: unknown) {
    super(message, { cause });
  }
}

/** Variables a token is looked for in, as GitHub Actions and `gh` call them. */
const TOKENS = ["GITHUB_TOKEN", "GH_TOKEN"] as const;

/** Who calls, and how patiently. */
export interface GitHubOptions {
  readonly place: GitHubPlace;
  readonly token: string;
  readonly log: (message: string) => void;
  readonly patience?: Partial<Patience>;
}

/** The token of the environment. @throws ConfigError where there is none */
export function tokenOf({ page }: GitHubPlace, env: NodeJS.ProcessEnv = process.env): string {
  const token = TOKENS.map((name) => env[name]).find((value) => value !== undefined && value !== "");
  if (token === undefined) {
    throw new ConfigError(`no token for ${page}: set ${TOKENS.join(" or ")} to one that may read and write contents, pull requests and issues of the repository`);
  }
  return token;
}

/** A client of one repository. Loads Octokit when it is made. */
export class GitHub {
  readonly place: GitHubPlace;
  readonly #octokit: Octokit;
  readonly #waiting: Waiting;
  readonly #hide: (text: string) => string;

  constructor({ place, token, log, patience = {} }: GitHubOptions) {
    this.place = place;
    this.#hide = (text) => text.split(token).join("***");
    this.#waiting = new Waiting(patience, (message) => log(this.#hide(message)));
    const silent = (): void => undefined;
    const { Octokit: Client } = require("@octokit/rest") as typeof import("@octokit/rest");
    this.#octokit = new Client({
      auth: token,
      baseUrl: place.api,
      userAgent: "pulumi-superset",
      log: { debug: silent, info: silent, warn: log, error: silent },
      request: { fetch: (url: string, init: RequestInit) => fetchWhole(url, init, this.#waiting.timeoutMs) },
    });
    this.#octokit.hook.wrap("request", (request, options) => this.#waiting.run(`${options.method} ${pathOf(options)}`, options.method !== "POST", async () => request(options)));
  }

  /**
   * Calls the API.
   * @param doing for errors: `opening the pull request`
   * @param call gets Octokit, and the owner and name of the repository
   * @throws AuthError, ConnectionError, ForgeError
   */
  async call<T>(doing: string, call: (octokit: Octokit, repository: { readonly owner: string; readonly repo: string }) => Promise<T>): Promise<T> {
    try {
      return await call(this.#octokit, { owner: this.place.owner, repo: this.place.name });
    } catch (error) {
      throw isFailure(error) ? this.#inWords(doing, error) : error;
    }
  }

  #inWords(doing: string, failure: Failure): UserError {
    const { status, response } = failure;
    const said = this.#hide(messageOf(failure));
    const failed = `${doing} at ${this.place.api} failed`;
    const options = { cause: failure };
    if (response === undefined) {
      return new ConnectionError(`${failed}: GitHub does not answer (${said}); check the network, or GITHUB_API_URL, and run it again`, options);
    }
    const limit = limitWait(failure, 0, Date.now(), 0);
    if (limit !== undefined) {
      const budget = Math.round(this.#waiting.limitBudgetMs / 1000);
      return new ForgeError(`${failed}: GitHub's rate limit is reached (${said}), and lasts longer than the ${budget} s that are waited for in all${limit > 0 ? `: until ${new Date(Date.now() + limit).toISOString()}` : ""}; run it again then`, status, failure);
    }
    if (status === 401) {
      return new AuthError(`${failed}: GitHub does not know the token (401 ${said}): it is wrong, expired or revoked; set another in ${TOKENS.join(" or ")}`, options);
    }
    if (status === 403) {
      return new AuthError(`${failed}: the token may not do this (403 ${said})${neededOf(failure)}`, options);
    }
    if (status === 404) {
      return new ForgeError(`${failed}: there is no repository ${this.place.owner}/${this.place.name} there, or the token may not see it (404)`, status, failure);
    }
    return new ForgeError(status >= 500 ? `${failed}: GitHub has a problem of its own (${status} ${said}); run it again later` : `${failed}: ${status} ${said}`, status, failure);
  }
}

/**
 * An answer read to its end, within the time. Octokit alone takes one that breaks off for an empty one, and of a connection that does not come
 * about it says no more than "fetch failed".
 */
async function fetchWhole(url: string, init: RequestInit, timeoutMs: number): Promise<Response> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
    const body = await response.arrayBuffer();
    return new Response(body.byteLength === 0 ? null : body, { status: response.status, headers: response.headers });
  } catch (error) {
    throw new Error(isTimeout(error) ? `no whole answer within ${timeoutMs / 1000} s` : reasonOf(error), { cause: error });
  }
}

function isTimeout(error: unknown): boolean {
  return typeof error === "object" && error !== null && "name" in error && error.name === "TimeoutError";
}

/** The innermost reason of a failed connection, in the system's words. */
function reasonOf(error: unknown): string {
  if (typeof error !== "object" || error === null) {
    return String(error);
  }
  const { cause, errors, message } = error as { readonly cause?: unknown; readonly errors?: readonly unknown[]; readonly message?: unknown };
  // Of a host with several addresses there is one reason per address.
  const inner = cause ?? errors?.[0];
  return inner === undefined ? String(message) : reasonOf(inner);
}

/** The path without the server, parameters filled in. */
function pathOf(options: Readonly<Record<string, unknown>> & { readonly url: string }): string {
  return options.url.replace(/\{([a-z_]+)\}/g, (whole, name: string) => (options[name] === undefined ? whole : String(options[name])));
}

/** GitHub's own words: its message, and those of the single errors. */
function messageOf({ message, response }: Failure): string {
  const data = (response?.data ?? null) as Json;
  if (!isObject(data) || typeof data["message"] !== "string") {
    return message.split("\n", 1)[0]?.slice(0, 300) ?? "";
  }
  const errors = Array.isArray(data["errors"]) ? data["errors"] : [];
  const details = errors.map((error) => (isObject(error) ? String(error["message"] ?? [error["resource"], error["field"], error["code"]].filter((part) => part !== undefined).join(" ")) : String(error)));
  return [data["message"], ...details].join(": ");
}

/** What a refused token lacks, as far as GitHub says. */
function neededOf({ message, response }: Failure): string {
  const permissions = response?.headers["x-accepted-github-permissions"];
  const sso = /url=(\S+)/.exec(String(response?.headers["x-github-sso"] ?? ""))?.[1];
  if (sso !== undefined) {
    return `: authorise it for the organisation at ${sso}`;
  }
  if (/not permitted to create or approve pull requests/i.test(message)) {
    return ": in the repository's or organisation's Settings → Actions → General, allow GitHub Actions to create and approve pull requests";
  }
  return permissions === undefined ? ": it needs to read and write contents, pull requests and issues of the repository" : `: it needs ${String(permissions)}`;
}
