import { AuthError, ConnectionError, SupersetError } from "../errors";
import { isObject, type JsonObject } from "../json";
import type { Renewed } from "./connection";
import type { Http, HttpRequest, HttpResponse } from "./http";

/** Who we are to Superset. Either username and password, or a token; with both, the password renews an expired token. */
export interface Credentials {
  readonly username?: string;
  readonly password?: string;
  /** Ready-made JWT access token or API key (`sst_…`). */
  readonly token?: string;
  /** Asked once, when the others are refused: what is configured by now. */
  renewed?(): Promise<Renewed>;
}

interface Csrf {
  readonly token: string;
  readonly cookie: string;
}

/** One step of identity: a token and, once something is written, the CSRF pair that belongs to it. */
interface Identity {
  readonly token: Promise<string>;
  csrf?: Promise<Csrf>;
}

const HOW_TO_LOG_IN =
  "Set superset:username and superset:password (pulumi config set --secret superset:password …), or SUPERSET_ADMIN_USER and SUPERSET_ADMIN_PASS, " +
  "or superset:token / SUPERSET_TOKEN.";

/**
 * Login once per process (a promise all calls share), CSRF token and session cookie on the first write; both are renewed once when
 * Superset no longer takes them.
 */
export class Session {
  #identity: Identity | undefined;
  #givenTokenRefused = false;
  #credentials: Credentials;
  #newer: Promise<boolean> | undefined;

  constructor(private readonly http: Http, credentials: Credentials) {
    this.#credentials = credentials;
    this.#hideCredentials();
  }

  /** The answer with its status, whatever it is but a refused login (AuthError), a missing permission (AuthError) or a redirect. */
  async send(request: HttpRequest): Promise<HttpResponse> {
    const identity = this.#current();
    const first = await this.#sendAs(identity, request);
    if (!isAuthFailure(first)) {
      return this.#permitted(request, first);
    }
    await this.#renew(identity, request, first);
    const second = await this.#sendAs(this.#current(), request);
    if (isAuthFailure(second)) {
      throw new AuthError(`Superset at ${this.http.url} refuses a fresh login for ${request.method} ${request.path} (${describe(second)}). ${HOW_TO_LOG_IN}`);
    }
    return this.#permitted(request, second);
  }

  #current(): Identity {
    if (this.#identity === undefined) {
      const identity: Identity = { token: this.#token() };
      this.#identity = identity;
      identity.token.catch((error: unknown) => {
        // A refused login stays refused; a server that was away may be back for the next call.
        if (!(error instanceof AuthError) && this.#identity === identity) {
          this.#identity = undefined;
        }
      });
    }
    return this.#identity;
  }

  async #renew(used: Identity, request: HttpRequest, response: HttpResponse): Promise<void> {
    if (this.#identity !== used) {
      return;
    }
    if (this.#credentials.token !== undefined && !this.#givenTokenRefused && isRedirect(response)) {
      // Only the CSRF pair has expired: the token itself was not looked at yet.
      this.#identity = { token: used.token };
      return;
    }
    if (this.#credentials.token !== undefined && (this.#credentials.password === undefined || this.#credentials.username === undefined)) {
      if (await this.#takeNewer()) {
        if (this.#identity === used) {
          this.#identity = undefined;
        }
        return;
      }
      throw new AuthError(
        `Superset at ${this.http.url} refuses the token (${request.method} ${request.path}: ${describe(response)}); it has expired or belongs to another server. ` +
          "Set a new one in superset:token (or SUPERSET_TOKEN), or superset:username and superset:password, with which it is renewed by itself.",
      );
    }
    this.#givenTokenRefused = true;
    this.#identity = undefined;
  }

  async #sendAs(identity: Identity, request: HttpRequest): Promise<HttpResponse> {
    const headers: Record<string, string> = { ...request.headers, Authorization: `Bearer ${await identity.token}` };
    if (request.method !== "GET") {
      identity.csrf ??= identity.token.then((token) => this.#csrf(token));
      let csrf: Csrf;
      try {
        csrf = await identity.csrf;
      } catch (error) {
        delete identity.csrf;
        if (error instanceof RefusedCsrf) {
          return error.response;
        }
        throw error;
      }
      headers["X-CSRFToken"] = csrf.token;
      headers["Cookie"] = csrf.cookie;
      // Over https flask-wtf wants a referrer of the same origin.
      headers["Referer"] = `${new URL(this.http.url).origin}/`;
    }
    return this.http.send({ ...request, headers });
  }

  async #token(): Promise<string> {
    const { username, password, token } = this.#credentials;
    if (token !== undefined && !this.#givenTokenRefused) {
      return token;
    }
    if (username === undefined || password === undefined) {
      throw new AuthError(`No credentials for Superset at ${this.http.url}. ${HOW_TO_LOG_IN}`);
    }
    const request = { method: "POST", path: "/api/v1/security/login" } as const;
    const response = await this.http.send({ ...request, json: { username, password, provider: "db", refresh: false } });
    if (response.status === 401 || response.status === 403) {
      if (this.#newer === undefined && (await this.#takeNewer())) {
        return this.#token();
      }
      throw new AuthError(`Superset at ${this.http.url} refuses the user '${username}' (${request.method} ${request.path}: ${describe(response)}): wrong user name or password. ${HOW_TO_LOG_IN}`);
    }
    const accessToken = bodyOf(response)?.["access_token"];
    if (response.status !== 200 || typeof accessToken !== "string") {
      throw this.notSuperset(request, response);
    }
    this.http.redactor.hide(accessToken);
    return accessToken;
  }

  /** Whether there are credentials other than those used so far; they are used from now on. */
  #takeNewer(): Promise<boolean> {
    return (this.#newer ??= (async () => {
      const { renewed, ...before } = this.#credentials;
      const newer = (await renewed?.()) ?? {};
      this.#credentials = { ...before, ...newer };
      this.#hideCredentials();
      return this.#credentials.password !== before.password || this.#credentials.token !== before.token;
    })());
  }

  #hideCredentials(): void {
    this.http.redactor.hide(this.#credentials.password);
    this.http.redactor.hide(this.#credentials.token);
  }

  async #csrf(token: string): Promise<Csrf> {
    const request = { method: "GET", path: "/api/v1/security/csrf_token/" } as const;
    const response = await this.http.send({ ...request, headers: { Authorization: `Bearer ${token}` } });
    if (isAuthFailure(response)) {
      throw new RefusedCsrf(response);
    }
    const value = bodyOf(response)?.["result"];
    if (response.status !== 200 || typeof value !== "string") {
      throw this.notSuperset(request, response);
    }
    const cookie = response.cookies.map((text) => text.split(";")[0] ?? "").join("; ");
    this.http.redactor.hide(value);
    for (const pair of cookie.split("; ")) {
      this.http.redactor.hide(pair.slice(pair.indexOf("=") + 1));
    }
    return { token: value, cookie };
  }

  #permitted(request: HttpRequest, response: HttpResponse): HttpResponse {
    if (response.status === 403) {
      const who = this.#credentials.username === undefined ? "The token's user" : `The user '${this.#credentials.username}'`;
      throw new AuthError(
        `${who} may not ${request.method} ${request.path} on Superset at ${this.http.url} (${this.http.redactor.redact(describe(response))}). ` +
          "Use an account with the role Admin, or give its role the permission in Settings → List Roles.",
      );
    }
    if (isRedirect(response)) {
      throw this.notSuperset(request, response);
    }
    return response;
  }

  /** The URL leads somewhere, but not to Superset's API. */
  notSuperset(request: Pick<HttpRequest, "method" | "path">, response: HttpResponse): ConnectionError {
    const to = response.headers["location"];
    const what = isRedirect(response) && to !== undefined ? `redirects to ${this.http.redactor.redact(to.split("?")[0] ?? "")}` : `answers with ${this.http.redactor.redact(describe(response))}`;
    return new ConnectionError(
      `${this.http.url} is not the address of a Superset: ${request.method} ${request.path} ${what}. Check superset:url (or SUPERSET_URL): it is the address of Superset's own start page, with https:// where the server wants it and without /superset/welcome.`,
    );
  }
}

class RefusedCsrf extends SupersetError {
  constructor(readonly response: HttpResponse) {
    super("no CSRF token for this login");
  }
}

function isRedirect(response: HttpResponse): boolean {
  return response.status >= 300 && response.status < 400;
}

/**
 * 401; 422 with `msg` (flask-jwt-extended's answer to a malformed or foreign token); a redirect to the login page, which is what
 * Superset makes of a missing CSRF token when the body is not JSON (views/error_handling.py).
 */
function isAuthFailure(response: HttpResponse): boolean {
  if (response.status === 401) {
    return true;
  }
  if (response.status === 422) {
    return typeof bodyOf(response)?.["msg"] === "string";
  }
  return isRedirect(response) && /\/login\/?(\?|$)/.test(response.headers["location"] ?? "");
}

/** The body as a JSON object; undefined where it is none. */
export function bodyOf(response: HttpResponse): JsonObject | undefined {
  if (!/json/.test(response.headers["content-type"] ?? "")) {
    return undefined;
  }
  try {
    const body: unknown = JSON.parse(response.body.toString("utf8"));
    return isObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

/** Status and the server's own words, shortened; not redacted. */
export function describe(response: HttpResponse): string {
  const body = bodyOf(response);
  const words = body === undefined ? undefined : messageOf(body);
  const type = (response.headers["content-type"] ?? "no content type").split(";")[0];
  return `${response.status}: ${words === undefined ? `a body of ${type}` : words.length > 400 ? `${words.slice(0, 400)}…` : words}`;
}

function messageOf(body: JsonObject): string {
  const errors = body["errors"];
  if (Array.isArray(errors)) {
    return errors.map((error: unknown) => (isObject(error) && typeof error["message"] === "string" ? error["message"] : JSON.stringify(error))).join("; ");
  }
  const message = body["message"] ?? body["msg"] ?? body["error"];
  return typeof message === "string" ? message : JSON.stringify(message ?? body);
}
