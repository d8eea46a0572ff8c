/**
 * An HTTP proxy in front of a real Superset that misbehaves on command: answers with errors, cuts connections before or after the server did its
 * work, holds requests back, expires logins, changes answers. Faults are used up in the order they were set; everything else passes through.
 */
import { createServer, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** `METHOD /path-prefix`, a path prefix, or a predicate. Queries are not looked at by the texts. */
export type Match = string | ((request: SeenRequest) => boolean);

export interface SeenRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A request held back on its way to the server. */
export interface Held {
  /** Resolves when a matching request has come. */
  readonly reached: Promise<SeenRequest>;
  /** Lets it go on. */
  release(): void;
}

export interface FaultProxy {
  /** Address to use instead of the server's. */
  readonly url: string;
  /** All requests that came, in order. */
  readonly seen: readonly SeenRequest[];
  /** The next `times` matching requests get this answer and never reach the server. */
  answer(match: Match, times: number, answer: { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }): void;
  /** The next `times` matching requests find the connection cut, `before` the server sees them or `after` it did the work. */
  drop(match: Match, times: number, when: "before" | "after"): void;
  /** The next matching request waits. */
  hold(match: Match): Held;
  /** Delays the next `times` matching requests. */
  delay(match: Match, times: number, milliseconds: number): void;
  /** Every login seen so far is refused from now on (401, as an expired token is); new ones are good. */
  expireLogins(): void;
  /** Changes the body of all matching answers from now on. */
  rewrite(match: Match, change: (body: string) => string): void;
  /** Forgets all faults. */
  reset(): void;
  close(): Promise<void>;
}

interface Fault {
  readonly match: Match;
  left: number;
  readonly apply: (request: SeenRequest, response: ServerResponse, pass: (cut?: boolean) => void) => void;
}

/** Starts a proxy on a free loopback port in front of `target`. */
export async function startProxy(target: string): Promise<FaultProxy> {
  const seen: SeenRequest[] = [];
  let faults: Fault[] = [];
  let rewrites: { readonly match: Match; readonly change: (body: string) => string }[] = [];
  const expired = new Set<string>();

  const server = createServer((incoming, response) => {
    void collect(incoming).then((body) => {
      const url = incoming.url ?? "/";
      const request: SeenRequest = { method: incoming.method ?? "GET", path: url.split("?")[0] ?? "/", url, headers: incoming.headers, body };
      seen.push(request);
      const pass = (cut = false): void => forward(target, request, response, cut, rewrites.filter(({ match }) => matches(match, request)).map(({ change }) => change));
      if (expired.has(request.headers.authorization ?? "")) {
        send(response, 401, { "content-type": "application/json" }, JSON.stringify({ msg: "Token has expired" }));
        return;
      }
      const fault = faults.find(({ match, left }) => left > 0 && matches(match, request));
      if (fault === undefined) {
        pass();
        return;
      }
      fault.left--;
      fault.apply(request, response, pass);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const add = (match: Match, left: number, apply: Fault["apply"]): void => void faults.push({ match, left, apply });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    answer: (match, times, { status, headers = {}, body = "" }) => add(match, times, (_request, response) => send(response, status, headers, body)),
    drop: (match, times, when) => add(match, times, (_request, response, pass) => (when === "before" ? response.destroy() : pass(true))),
    delay: (match, times, milliseconds) => add(match, times, (_request, _response, pass) => void setTimeout(pass, milliseconds)),
    hold(match) {
      let release = (): void => undefined;
      const gate = new Promise<void>((resolve) => (release = resolve));
      let arrived: (request: SeenRequest) => void = () => undefined;
      const reached = new Promise<SeenRequest>((resolve) => (arrived = resolve));
      add(match, 1, (request, _response, pass) => {
        arrived(request);
        void gate.then(() => pass());
      });
      return { reached, release };
    },
    expireLogins() {
      for (const { headers } of seen) {
        if (headers.authorization !== undefined) {
          expired.add(headers.authorization);
        }
      }
    },
    rewrite: (match, change) => void rewrites.push({ match, change }),
    reset() {
      faults = [];
      rewrites = [];
      expired.clear();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function matches(match: Match, request: SeenRequest): boolean {
  if (typeof match === "function") {
    return match(request);
  }
  const [method, path] = match.includes(" ") ? match.split(" ", 2) : [request.method, match];
  return method === request.method && request.path.startsWith(path ?? "/");
}

/** All bytes of a message. */
export async function collect(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Sends the request on to the server at `target` and its answer back, which `cut` breaks off and `changes` rewrite. */
export function forward(target: string, request: SeenRequest, response: ServerResponse, cut: boolean, changes: readonly ((body: string) => string)[]): void {
  // Answers that are changed must come as plain text.
  const { host: _host, "accept-encoding": _accepted, ...headers } = request.headers;
  const upstream = httpRequest(`${target}${request.url}`, { method: request.method, headers: { ...headers, "content-length": String(request.body.length) } }, (answer) => {
    void collect(answer).then((body) => {
      if (cut) {
        response.destroy();
        return;
      }
      const { "content-length": _length, "transfer-encoding": _encoding, ...rest } = answer.headers;
      send(response, answer.statusCode ?? 502, rest, changes.length === 0 ? body : changes.reduce((text, change) => change(text), body.toString("utf8")));
    }, () => response.destroy());
  });
  upstream.on("error", () => response.destroy());
  upstream.end(request.body);
}

/** Answers. */
export function send(response: ServerResponse, status: number, headers: Readonly<Record<string, string | string[] | undefined>>, body: string | Buffer): void {
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) {
      response.setHeader(name, value);
    }
  }
  response.statusCode = status;
  response.end(body);
}
