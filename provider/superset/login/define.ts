/** One way of being let in by Superset; `index.ts` chooses it. */
import type { UserError } from "../../errors";
import type { Connection, Renewed } from "../connection";
import type { Http, HttpRequest, HttpResponse } from "../http";

/** Who we are to Superset: the part of a connection that says so. */
export type Credentials = Pick<Connection, "username" | "password" | "token" | "preset" | "renewed">;

/** What is sent as `Authorization: Bearer`. */
export interface Token {
  readonly value: string;
  /** When another one is to be had, by `Date.now()`. Absent: when this one is refused. */
  readonly renewAt?: number;
}

/** An answer that refuses a login, and what was asked. */
export interface Refusal {
  readonly request: Pick<HttpRequest, "method" | "path">;
  readonly response: HttpResponse;
}

/** Asked by one session, which keeps the token it gets. */
export interface Login {
  /** Whether a write needs Superset's CSRF token and session cookie as well. */
  readonly csrf: boolean;
  /** Who we are there, as the beginning of a sentence. */
  readonly who: string;
  /** The settings that say who we are, as a sentence. */
  readonly advice: string;
  /** What lets the account do what it may not, as a sentence. */
  readonly permission: string;
  /** A token. @throws AuthError where the credentials are refused */
  token(): Promise<Token>;
  /** The token to go on with after one was refused: another one, or the same where the token was not what was refused. @throws AuthError where there is no other */
  afterRefusal(used: Token, refusal: Refusal): Promise<Token>;
  /** Knows more of why Superset could not be used, or gives the error back. Absent: nothing more is known. */
  explain?(error: UserError): Promise<UserError>;
}

/** The credentials in force. What is configured by now is asked for once, when they are refused. Told to the redactor as they come. */
export class CredentialStore {
  #current: Credentials;
  #newer: Promise<boolean> | undefined;

  constructor(private readonly http: Http, credentials: Credentials) {
    this.#current = credentials;
    this.#hide();
  }

  get current(): Credentials {
    return this.#current;
  }

  /** Whether there were other credentials to take; true to the first caller only, since what comes then is the newest there is. */
  async takeNewer(): Promise<boolean> {
    if (this.#newer !== undefined) {
      await this.#newer;
      return false;
    }
    this.#newer = this.#take();
    return this.#newer;
  }

  async #take(): Promise<boolean> {
    const before = this.#current;
    const newer: Renewed = (await before.renewed?.()) ?? {};
    const preset = before.preset === undefined ? undefined : { ...before.preset, token: newer.apiToken ?? before.preset.token, secret: newer.apiSecret ?? before.preset.secret };
    this.#current = {
      ...before,
      ...(newer.password === undefined ? {} : { password: newer.password }),
      ...(newer.token === undefined ? {} : { token: newer.token }),
      ...(preset === undefined ? {} : { preset }),
    };
    this.#hide();
    const { password, token } = this.#current;
    return password !== before.password || token !== before.token || preset?.token !== before.preset?.token || preset?.secret !== before.preset?.secret;
  }

  #hide(): void {
    const { password, token, preset } = this.#current;
    for (const secret of [password, token, preset?.token, preset?.secret]) {
      this.http.redactor.hide(secret);
    }
  }
}
