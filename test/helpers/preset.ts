/**
 * A stand-in for Preset Cloud, over real HTTP: Manager's API as Preset documents it (`POST /v1/auth/`, teams and workspaces), and the front of one
 * workspace, which takes the tokens of that login alone and hands requests on to a Superset, where it has a session of its own.
 *
 * What Preset does not document and this assumes: a workspace that is not ready answers 503 with a web page.
 */
import { createHmac, randomBytes } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { collect, forward, send, type SeenRequest } from "./proxy";

export interface PresetOptions {
  /** Where the workspace's requests go. */
  readonly superset: string;
  /** Headers of the front's own session there, asked for every request. */
  session(request: SeenRequest): Promise<IncomingHttpHeaders>;
  /** Seconds a token lives. Default: five hours, as Preset's do. */
  readonly lifetime?: number;
  /** Preset's clock, as `Date.now`. */
  readonly clock?: () => number;
}

export interface Preset {
  /** Address of Manager's API. */
  readonly api: string;
  /** Address of the workspace. */
  readonly url: string;
  /** The one API key that is good. */
  readonly key: { token: string; secret: string };
  /** Requests to Manager, as `METHOD /path`. */
  readonly asked: readonly string[];
  /** Requests to the workspace. */
  readonly seen: readonly SeenRequest[];
  /** What Manager says of the workspace, and the workspace's front does. `READY` at first. */
  status: string;
  /** Whether the key may use the workspace. */
  listed: boolean;
  /** No token given so far is taken any more. */
  revoke(): void;
  close(): Promise<void>;
}

/** Starts Manager and the workspace on free loopback ports. */
export async function startPreset({ superset, session, lifetime = 5 * 3600, clock = Date.now }: PresetOptions): Promise<Preset> {
  const signingKey = randomBytes(32);
  const asked: string[] = [];
  const seen: SeenRequest[] = [];
  let generation = 0;

  const sign = (text: string): string => createHmac("sha256", signingKey).update(text).digest("base64url");
  const issue = (): string => {
    const iat = clock() / 1000;
    const parts = [{ alg: "HS256", typ: "JWT" }, { iat, exp: iat + lifetime, generation }].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
    return `${parts.join(".")}.${sign(parts.join("."))}`;
  };
  const isGood = (authorization = ""): boolean => {
    const [head = "", body = "", signature] = authorization.replace(/^Bearer /, "").split(".");
    if (signature !== sign(`${head}.${body}`)) {
      return false;
    }
    const claims = JSON.parse(Buffer.from(body, "base64url").toString()) as { readonly exp: number; readonly generation: number };
    return claims.exp > clock() / 1000 && claims.generation === generation;
  };

  const manager = await listen((request, response) => {
    asked.push(`${request.method} ${request.path}`);
    if (`${request.method} ${request.path}` === "POST /v1/auth/") {
      const { name, secret } = JSON.parse(request.body.toString()) as { readonly name?: unknown; readonly secret?: unknown };
      const good = name === preset.key.token && secret === preset.key.secret;
      json(response, good ? 200 : 401, good ? { payload: { access_token: issue() } } : { errors: [{ message: `no such key: ${String(name)} ${String(secret)}` }] });
    } else if (!isGood(request.headers.authorization)) {
      json(response, 401, { msg: "Token has expired" });
    } else if (request.path === "/v1/teams/") {
      json(response, 200, { payload: [{ id: 1, name: "0a1b2c3d", title: "Data" }] });
    } else if (request.path === "/v1/teams/0a1b2c3d/workspaces/") {
      const hostname = preset.listed ? new URL(preset.url).host : "4f5e6d7c.us1a.app.preset.io";
      json(response, 200, { payload: [{ id: 7, name: "8f9e0d1c", title: "Sales", hostname, workspace_status: preset.status }] });
    } else {
      json(response, 404, { errors: [{ message: "Not found" }] });
    }
  });
  const workspace = await listen((request, response) => {
    seen.push(request);
    if (preset.status !== "READY") {
      send(response, 503, { "content-type": "text/html", "retry-after": "3600" }, "<html>This workspace is not available</html>");
    } else if (!isGood(request.headers.authorization)) {
      json(response, 401, { msg: "Token has expired" });
    } else {
      const { authorization: _ours, cookie: _cookie, ...headers } = request.headers;
      session(request).then((own) => forward(superset, { ...request, headers: { ...headers, ...own } }, response, false, []), () => response.destroy());
    }
  });

  const preset: Preset = {
    api: manager.url,
    url: workspace.url,
    key: { token: randomBytes(16).toString("hex"), secret: randomBytes(32).toString("hex") },
    asked,
    seen,
    status: "READY",
    listed: true,
    revoke: () => void generation++,
    close: async () => void (await Promise.all([manager, workspace].map(({ server }) => close(server)))),
  };
  return preset;
}

async function listen(handle: (request: SeenRequest, response: ServerResponse) => void): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer((incoming: IncomingMessage, response) => {
    void collect(incoming).then((body) => {
      const url = incoming.url ?? "/";
      handle({ method: incoming.method ?? "GET", path: url.split("?")[0] ?? "/", url, headers: incoming.headers, body }, response);
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function close(server: Server): Promise<void> {
  return new Promise((closed) => {
    server.close(() => closed());
    server.closeAllConnections();
  });
}

function json(response: ServerResponse, status: number, body: unknown): void {
  send(response, status, { "content-type": "application/json" }, JSON.stringify(body));
}
