import { AuthError } from "../../errors";
import { isRedirect, redacted } from "../answer";
import type { Http } from "../http";
import type { CredentialStore, Login, Refusal, Token } from "./define";
import { HOW_TO_LOG_IN, PasswordLogin, ROLE } from "./password";

/** A ready-made access token or API key. With user name and password beside it, an expired one is replaced by a login. */
export class GivenToken implements Login {
  readonly csrf = true;
  readonly advice = HOW_TO_LOG_IN;
  readonly permission = ROLE;
  readonly #password: PasswordLogin;

  constructor(private readonly http: Http, private readonly credentials: CredentialStore, private readonly given: string) {
    this.#password = new PasswordLogin(http, credentials);
  }

  get who(): string {
    return this.credentials.current.username === undefined ? "The token's user" : this.#password.who;
  }

  token(): Promise<Token> {
    return Promise.resolve({ value: this.given });
  }

  async afterRefusal(used: Token, { request, response }: Refusal): Promise<Token> {
    if (used.value === this.given && isRedirect(response)) {
      // Only the CSRF pair has expired: the token itself was not looked at yet.
      return used;
    }
    if (this.#hasPassword()) {
      return this.#password.token();
    }
    if (await this.credentials.takeNewer()) {
      const { token } = this.credentials.current;
      return token === undefined || token === used.value ? this.#password.token() : { value: token };
    }
    throw new AuthError(
      `Superset at ${this.http.url} refuses the token (${request.method} ${request.path}: ${redacted(this.http, response)}); it has expired or belongs to another server. ` +
        "Set a new one in superset:token (or SUPERSET_TOKEN), or superset:username and superset:password, with which it is renewed by itself.",
    );
  }

  #hasPassword(): boolean {
    const { username, password } = this.credentials.current;
    return username !== undefined && password !== undefined;
  }
}
