import type { Http } from "../http";
import { CredentialStore, type Credentials, type Login } from "./define";
import { GivenToken } from "./given-token";
import { PasswordLogin } from "./password";
import { PresetLogin } from "./preset";

export type { Credentials, Login, Token } from "./define";

/** The way these credentials let us in. */
export function loginFor(http: Http, credentials: Credentials): Login {
  const store = new CredentialStore(http, credentials);
  if (credentials.preset !== undefined) {
    return new PresetLogin(http, store, credentials.preset);
  }
  return credentials.token === undefined ? new PasswordLogin(http, store) : new GivenToken(http, store, credentials.token);
}
