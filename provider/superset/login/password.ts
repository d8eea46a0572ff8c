import { AuthError } from "../../errors";
import { bodyOf, notSuperset, redacted } from "../answer";
import type { Http } from "../http";
import type { CredentialStore, Login, Token } from "./define";

/** What to set for Superset's own logins, as a sentence. */
export const HOW_TO_LOG_IN =
  "Set superset:username and superset:password (pulumi config set --secret superset:password …), or SUPERSET_ADMIN_USER and SUPERSET_ADMIN_PASS, " +
  "or superset:token / SUPERSET_TOKEN.";

/** What lets a user of Superset do more, as a sentence. */
export const ROLE = "Use an account with the role Admin, or give its role the permission in Settings → List Roles.";

/** User name and password of Superset's own database. Its tokens live 15 minutes; an expired one is replaced when it is refused. */
export class PasswordLogin implements Login {
  readonly csrf = true;
  readonly advice = HOW_TO_LOG_IN;
  readonly permission = ROLE;

  constructor(private readonly http: Http, private readonly credentials: CredentialStore) {}

  get who(): string {
    return `The user '${this.credentials.current.username}'`;
  }

  async token(): Promise<Token> {
    const { username, password } = this.credentials.current;
    if (username === undefined || password === undefined) {
      throw new AuthError(`No credentials for Superset at ${this.http.url}. ${HOW_TO_LOG_IN}`);
    }
    const request = { method: "POST", path: "/api/v1/security/login" } as const;
    const response = await this.http.send({ ...request, json: { username, password, provider: "db", refresh: false } });
    if (response.status === 401 || response.status === 403) {
      if (await this.credentials.takeNewer()) {
        return this.token();
      }
      throw new AuthError(`Superset at ${this.http.url} refuses the user '${username}' (${request.method} ${request.path}: ${redacted(this.http, response)}): wrong user name or password. ${HOW_TO_LOG_IN}`);
    }
    const value = bodyOf(response)?.["access_token"];
    if (response.status !== 200 || typeof value !== "string") {
      throw notSuperset(this.http, request, response);
    }
    this.http.redactor.hide(value);
    return { value };
  }

  afterRefusal(): Promise<Token> {
    return this.token();
  }
}
