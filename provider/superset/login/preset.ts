import { AuthError, ConnectionError, type UserError } from "../../errors";
import { isObject, type Json, type JsonObject } from "../../json";
import { bodyOf, notAtAddress, redacted } from "../answer";
import type { PresetKey } from "../connection";
import type { Http, HttpRequest } from "../http";
import type { CredentialStore, Login, Refusal, Token } from "./define";

const HOW_TO_LOG_IN =
  "Set superset:apiToken and superset:apiSecret (pulumi config set --secret superset:apiToken …, and superset:apiSecret), or PRESET_API_TOKEN and PRESET_API_SECRET; " +
  "a key is made in Preset Manager: your initials → Manage User Settings → API Keys.";

/** A token is replaced this long before it ends, or a tenth of its life before where that is less: Preset's live five hours. */
const MARGIN_MS = 300_000;

/** What Preset Manager says of the workspace. */
interface Workspace {
  readonly title: string;
  /** READY, HIBERNATED, UPGRADING, ERROR and others. */
  readonly status: string;
}

/**
 * Preset's API keys: Preset Manager gives a token for a key (`POST /v1/auth/`), which it and all its workspaces take. A workspace wants neither CSRF token
 * nor cookie with it.
 */
export class PresetLogin implements Login {
  readonly csrf = false;
  readonly who = "The owner of the Preset API key";
  readonly advice = HOW_TO_LOG_IN;
  readonly permission = "Give the owner of the key the role Workspace Admin in Preset Manager, or use the key of one who has it.";
  readonly #manager: Http;
  #workspaces: Promise<ReadonlyMap<string, Workspace> | undefined> | undefined;
  #token: Token | undefined;

  constructor(private readonly http: Http, private readonly credentials: CredentialStore, private readonly key: PresetKey) {
    this.#manager = http.beside(key.api, { name: "Preset's API", setting: "superset:presetApi" });
  }

  async token(): Promise<Token> {
    const { token: name, secret } = this.credentials.current.preset ?? this.key;
    const request = { method: "POST", path: "/v1/auth/" } as const;
    const response = await this.#manager.send({ ...request, json: { name, secret } });
    if ([400, 401, 403, 422].includes(response.status)) {
      if (await this.credentials.takeNewer()) {
        return this.token();
      }
      throw new AuthError(
        `Preset at ${this.#manager.url} refuses the API key (${request.method} ${request.path}: ${redacted(this.#manager, response)}): superset:apiToken or superset:apiSecret is wrong, or the key was switched off or deleted. ${HOW_TO_LOG_IN}`,
      );
    }
    const payload = bodyOf(response)?.["payload"];
    const value = payload !== undefined && isObject(payload) ? payload["access_token"] : undefined;
    if (response.status !== 200 || typeof value !== "string") {
      throw notAtAddress(this.#manager, request, response, "Preset's API", "Check superset:presetApi; without it, Preset's own https://api.app.preset.io is taken.");
    }
    this.http.redactor.hide(value);
    const renewAt = renewalTime(value, Date.now());
    return (this.#token = { value, ...(renewAt === undefined ? {} : { renewAt }) });
  }

  afterRefusal(_used: Token, _refusal: Refusal): Promise<Token> {
    return this.token();
  }

  /** A workspace that sleeps or is being upgraded does not answer as Superset does; only Preset Manager tells. */
  async explain(error: UserError): Promise<UserError> {
    const workspaces = this.#token === undefined ? undefined : await (this.#workspaces ??= this.#list(this.#token));
    if (workspaces === undefined) {
      return error;
    }
    const host = new URL(this.http.url).host;
    const workspace = workspaces.get(host);
    if (workspace === undefined) {
      const known = [...workspaces.keys()].slice(0, 5).map((name) => `https://${name}`);
      return new ConnectionError(`${error.message} The Preset API key has no workspace at ${host}; ${known.length === 0 ? "it has none at all" : `it has ${known.join(", ")}${workspaces.size > known.length ? " and others" : ""}`}.`, { cause: error });
    }
    return workspace.status === "READY" ? error : new ConnectionError(`The Preset workspace '${workspace.title}' (${this.http.url}) ${stateInWords(workspace.status)}`, { cause: error });
  }

  /** The key's workspaces by host; undefined where the manager does not say. */
  async #list(token: Token): Promise<ReadonlyMap<string, Workspace> | undefined> {
    const ask = async (path: string): Promise<readonly JsonObject[] | undefined> => {
      const request: HttpRequest = { method: "GET", path, headers: { Authorization: `Bearer ${token.value}` } };
      const payload: Json | undefined = bodyOf(await this.#manager.send(request))?.["payload"];
      return Array.isArray(payload) ? payload.filter(isObject) : undefined;
    };
    try {
      const teams = await ask("/v1/teams/");
      const lists = await Promise.all((teams ?? []).map(({ name }) => ask(`/v1/teams/${encodeURIComponent(String(name))}/workspaces/`)));
      if (teams === undefined || lists.includes(undefined)) {
        return undefined;
      }
      return new Map(lists.flatMap((list) => (list ?? []).map(({ hostname, title, workspace_status }) => [String(hostname), { title: String(title), status: String(workspace_status) }])));
    } catch (error) {
      if (error instanceof ConnectionError) {
        return undefined;
      }
      throw error;
    }
  }
}

function stateInWords(status: string): string {
  switch (status) {
    case "HIBERNATED":
      return "is hibernated: open it in Preset Manager, which wakes it up, wait until it is there, and run the command again.";
    case "ERROR":
      return "is in an error state, as Preset Manager says: see there, or ask Preset's support.";
    default:
      return `is not ready, Preset Manager says ${status}: wait until it is, and run the command again.`;
  }
}

/** By our clock: from now on, the life its claims give it, less a margin. Undefined where it is no JWT that tells. */
function renewalTime(jwt: string, now: number): number | undefined {
  const { exp, iat } = claimsOf(jwt);
  if (typeof exp !== "number") {
    return undefined;
  }
  // Both ends by the issuer's clock, since ours may be wrong.
  const life = typeof iat === "number" ? (exp - iat) * 1000 : exp * 1000 - now;
  return now + life - Math.min(MARGIN_MS, life / 10);
}

function claimsOf(jwt: string): JsonObject {
  try {
    const claims: unknown = JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString("utf8"));
    return isObject(claims) ? claims : {};
  } catch {
    return {};
  }
}
