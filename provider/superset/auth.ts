import { AuthError, SupersetError, type UserError } from "../errors";
import { bodyOf, isAuthFailure, isRedirect, notSuperset, redacted } from "./answer";
import type { Http, HttpRequest, HttpResponse } from "./http";
import { loginFor, type Credentials, type Login, type Token } from "./login";

interface Csrf {
  readonly token: string;
  readonly cookie: string;
}

/** One step of identity: a token and, once something is written, the CSRF pair that belongs to it. */
interface Identity {
  readonly token: Promise<Token>;
  /** When the next identity begins, by `Date.now()`. */
  renewAt: number;
  csrf?: Promise<Csrf>;
}

/**
 * Login once per process (a promise all calls share), CSRF token and session cookie on the first write where the login wants them; renewed before the
 * token ends, where it says when, and once when Superset no longer takes them.
 */
export class Session {
  #identity: Identity | undefined;
  readonly #login: Login;

  constructor(private readonly http: Http, credentials: Credentials) {
    this.#login = loginFor(http, credentials);
  }

  /** The answer with its status, whatever it is but a refused login (AuthError), a missing permission (AuthError) or a redirect. */
  async send(request: HttpRequest): Promise<HttpResponse> {
    const identity = this.#current();
    const first = await this.#sendAs(identity, request);
    if (!isAuthFailure(first)) {
      return this.#permitted(request, first);
    }
    if (this.#identity === identity) {
      this.#identity = this.#identified(identity.token.then((used) => this.#login.afterRefusal(used, { request, response: first })));
    }
    const second = await this.#sendAs(this.#current(), request);
    if (isAuthFailure(second)) {
      throw new AuthError(`Superset at ${this.http.url} refuses a fresh login for ${request.method} ${request.path} (${redacted(this.http, second)}). ${this.#login.advice}`);
    }
    return this.#permitted(request, second);
  }

  /** The error, or a better one where the login knows why Superset cannot be used. */
  async explained(error: UserError): Promise<UserError> {
    return this.#login.explain === undefined ? error : this.#login.explain(error);
  }

  #current(): Identity {
    if (this.#identity === undefined || Date.now() >= this.#identity.renewAt) {
      this.#identity = this.#identified(this.#login.token());
    }
    return this.#identity;
  }

  #identified(token: Promise<Token>): Identity {
    const identity: Identity = { token, renewAt: Infinity };
    token.then(
      ({ renewAt }) => (identity.renewAt = renewAt ?? Infinity),
      (error: unknown) => {
        // A refused login stays refused; a server that was away may be back for the next call.
        if (!(error instanceof AuthError) && this.#identity === identity) {
          this.#identity = undefined;
        }
      },
    );
    return identity;
  }

  async #sendAs(identity: Identity, request: HttpRequest): Promise<HttpResponse> {
    const { value } = await identity.token;
    const headers: Record<string, string> = { ...request.headers, Authorization: `Bearer ${value}` };
    if (this.#login.csrf && request.method !== "GET") {
      identity.csrf ??= this.#csrf(value);
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

  async #csrf(token: string): Promise<Csrf> {
    const request = { method: "GET", path: "/api/v1/security/csrf_token/" } as const;
    const response = await this.http.send({ ...request, headers: { Authorization: `Bearer ${token}` } });
    if (isAuthFailure(response)) {
      throw new RefusedCsrf(response);
    }
    const value = bodyOf(response)?.["result"];
    if (response.status !== 200 || typeof value !== "string") {
      throw notSuperset(this.http, request, response);
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
      throw new AuthError(`${this.#login.who} may not ${request.method} ${request.path} on Superset at ${this.http.url} (${redacted(this.http, response)}). ${this.#login.permission}`);
    }
    if (isRedirect(response)) {
      throw notSuperset(this.http, request, response);
    }
    return response;
  }
}

class RefusedCsrf extends SupersetError {
  constructor(readonly response: HttpResponse) {
    super("no CSRF token for this login");
  }
}
