import { createServer } from "node:net";
import { ConnectionError } from "../../provider/errors";
import { nextWait, retryAfterMs, defaultRetryPolicy } from "../../provider/superset/retry";
import { json, perTest, quick, serve } from "./server";

const { start, client, log } = perTest();

test.each([429, 502, 503, 504])("a %i is tried again until it is over", async (status) => {
  const server = await start((_request, response, count) => (count <= 3 ? json(response, status, {}, { "retry-after": "0" }) : json(response, 200, { ok: true })));
  const http = client(server.url);
  const response = await http.send({ method: "GET", path: "/x" });
  expect(response.status).toBe(200);
  expect(server.requests).toHaveLength(4);
  expect(log).toHaveLength(3);
  expect(log[0]).toBe(`Superset at ${server.url}: GET /x failed (status ${status}); trying again in 0.0 s`);
});

test("a 500 is an answer, not a reason to try again", async () => {
  const server = await start((_request, response) => json(response, 500, { message: "no" }));
  expect((await client(server.url).send({ method: "GET", path: "/x" })).status).toBe(500);
  expect(server.requests).toHaveLength(1);
});

test("connections cut before and in the middle of an answer are tried again", async () => {
  const server = await start((_request, response, count) => {
    if (count === 1) {
      response.destroy();
    } else if (count === 2) {
      response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
      response.write("{");
      setTimeout(() => response.destroy(), 20);
    } else {
      json(response, 200, { ok: true });
    }
  });
  const response = await client(server.url).send({ method: "POST", path: "/x", json: {} });
  expect(JSON.parse(response.body.toString())).toEqual({ ok: true });
  expect(server.requests).toHaveLength(3);
});

test("a connection the server closed while idle is replaced without a word", async () => {
  const used = new WeakSet<object>();
  const server = await start((request, response) => {
    if (used.has(request.socket)) {
      request.socket.destroy();
    } else {
      used.add(request.socket);
      json(response, 200, {});
    }
  });
  const http = client(server.url);
  for (let call = 0; call < 3; call++) {
    expect((await http.send({ method: "POST", path: "/x", json: {} })).status).toBe(200);
  }
  expect(server.requests).toHaveLength(5);
  expect(log).toEqual([]);
});

test("a Retry-After beyond the budget ends the waiting with the reason", async () => {
  const server = await start((_request, response) => json(response, 429, {}, { "retry-after": "3600" }));
  await expect(client(server.url).send({ method: "GET", path: "/x" })).rejects.toThrow(
    `Superset at ${server.url} is not available: GET /x answered 429 1 times (Retry-After: 3600). Nothing is known to be wrong with the request: run the command again when the server is up.`,
  );
});

test("every attempt has a time limit", async () => {
  const server = await start((_request, response, count) => {
    if (count > 1) {
      json(response, 200, {});
    }
  });
  expect((await client(server.url, { timeoutSeconds: 0.2 }).send({ method: "GET", path: "/x" })).status).toBe(200);
  expect(log[0]).toContain("(ETIMEDOUT)");
});

test("a time limit also ends an answer that never finishes", async () => {
  const server = await start((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.write("{");
  });
  await expect(client(server.url, { timeoutSeconds: 0.2, retry: { ...quick, budgetMs: 1, firstContactBudgetMs: 1 } }).send({ method: "GET", path: "/x" })).rejects.toThrow(
    `Superset at ${server.url} cannot be reached: GET /x: no complete answer within 0.2 s (ETIMEDOUT). Check superset:url (or SUPERSET_URL) and that the server is running.`,
  );
});

test("nobody listening is told early, with what to check", async () => {
  const { url, close } = await serve(() => undefined);
  await close();
  const error = await client(url).send({ method: "GET", path: "/x" }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ConnectionError);
  expect((error as Error).message).toContain(`Superset at ${url} cannot be reached: GET /x: `);
  expect((error as Error).message).toContain("(ECONNREFUSED). Check superset:url (or SUPERSET_URL) and that the server is running.");
});

test("a redirect is an answer and is not followed", async () => {
  const server = await start((_request, response) => {
    response.writeHead(302, { location: "/login/?next=/x" });
    response.end();
  });
  const response = await client(server.url).send({ method: "GET", path: "/x" });
  expect([response.status, response.headers["location"]]).toEqual([302, "/login/?next=/x"]);
  expect(server.requests).toEqual(["GET /x"]);
});

test("an answer beyond the size limit is not read", async () => {
  const server = await start((_request, response) => response.end(Buffer.alloc(5_000)));
  await expect(client(server.url, { maxResponseBytes: 4_000 }).send({ method: "GET", path: "/x" })).rejects.toThrow(
    `GET /x on ${server.url} answered with more than 4000 bytes, the largest answer that is read.`,
  );
});

test("no more requests are in flight than allowed", async () => {
  let flying = 0;
  let most = 0;
  const server = await start((_request, response) => {
    most = Math.max(most, ++flying);
    setTimeout(() => {
      flying--;
      json(response, 200, {});
    }, 20);
  });
  const http = client(server.url, { maxConcurrency: 3 });
  await Promise.all(Array.from({ length: 12 }, () => http.send({ method: "GET", path: "/api/v1/chart/12" })));
  expect(most).toBe(3);
  expect([...http.counts]).toEqual([["GET /api/v1/chart/{id}", 12]]);
});

test("a URL that is none is refused without repeating it", () => {
  expect(() => client("postgres://user:hidden@host")).toThrow("superset:url is not an http(s) URL. Write it as https://superset.example.com (pulumi config set superset:url …).");
});

test("what is not HTTP at all is told apart", async () => {
  const plain = createServer((socket) => socket.end("220 mail ready\r\n"));
  await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
  const address = plain.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await expect(client(`http://127.0.0.1:${port}`).send({ method: "GET", path: "/x" })).rejects.toThrow(`Superset at http://127.0.0.1:${port} cannot be reached: GET /x: `);
  plain.close();
});

test("waits double, are jittered from a half to the whole, and keep to the budget", () => {
  const policy = { ...defaultRetryPolicy, firstWaitMs: 100, longestWaitMs: 1_000 };
  const waits = [0, 1, 2, 3, 4, 5].map((attempt) => nextWait(policy, attempt, 0, 60_000, undefined, () => 1));
  expect(waits).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  expect(nextWait(policy, 2, 0, 60_000, undefined, () => 0)).toBe(200);
  expect(nextWait(policy, 0, 59_950, 60_000, undefined, () => 1)).toBeUndefined();
  expect(nextWait(policy, 0, 0, 60_000, 5_000, () => 1)).toBe(5_000);
  expect(retryAfterMs("7", 0)).toBe(7_000);
  expect(retryAfterMs("Thu, 01 Jan 1970 00:00:09 GMT", 2_000)).toBe(7_000);
  expect(retryAfterMs("soon", 0)).toBeUndefined();
});
