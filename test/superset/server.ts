/** A local HTTP server that answers as a test says: what the gateway's unit tests talk to. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Http } from "../../provider/superset/http";

export interface TestServer {
  readonly url: string;
  /** `METHOD path` of every request, in order. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** Starts a server on a free loopback port. */
export async function serve(handle: (request: IncomingMessage, response: ServerResponse, count: number) => void): Promise<TestServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url?.split("?")[0]}`);
    request.resume();
    request.on("end", () => handle(request, response, requests.length));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Handle = Parameters<typeof serve>[0];

/** Waits that do not make a test slow. */
export const quick = { firstWaitMs: 5, longestWaitMs: 20, budgetMs: 2_000, firstContactBudgetMs: 300 };

/** To be called once by a test file: servers that end with their test, and clients with the lines they said in it. */
export function perTest(): { readonly start: (handle: Handle) => Promise<TestServer>; readonly client: (url: string, over?: object) => Http; readonly log: readonly string[] } {
  const log: string[] = [];
  let servers: TestServer[] = [];
  afterEach(async () => {
    await Promise.all(servers.map((server) => server.close()));
    servers = [];
    log.length = 0;
  });
  return {
    start: async (handle) => {
      const server = await serve(handle);
      servers.push(server);
      return server;
    },
    client: (url, over = {}) => new Http(url, { retry: quick, ...over }, (message) => log.push(message)),
    log,
  };
}

/** Answers with JSON. */
export function json(response: ServerResponse, status: number, body: unknown, headers: Readonly<Record<string, string | string[]>> = {}): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
  response.end(JSON.stringify(body));
}
