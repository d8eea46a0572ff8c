import { AuthError, ConnectionError } from "../../provider/errors";
import { Session } from "../../provider/superset/auth";
import type { Credentials } from "../../provider/superset/login";
import { json, perTest, type TestServer } from "./server";
import type { IncomingMessage, ServerResponse } from "node:http";

const { start, client, log } = perTest();

/** A server with Superset's login; `handle` answers the rest. */
function superset(handle: (request: IncomingMessage, response: ServerResponse, logins: number) => void): Promise<TestServer> {
  let logins = 0;
  return start((request, response) => {
    if (request.url === "/api/v1/security/login") {
      json(response, 200, { access_token: `token-number-${++logins}` });
    } else if (request.url === "/api/v1/security/csrf_token/") {
      json(response, 200, { result: `csrf-${logins}` }, { "set-cookie": [`session=cookie-${logins}; HttpOnly; Path=/`, "other=1; Secure"] });
    } else {
      handle(request, response, logins);
    }
  });
}

function session(url: string, credentials: Credentials = { username: "admin", password: "hunter2-hunter2" }): Session {
  return new Session(client(url), credentials);
}

test("concurrent calls share one login, and reads need no CSRF token", async () => {
  const server = await superset((_request, response) => json(response, 200, {}));
  const one = session(server.url);
  await Promise.all(Array.from({ length: 10 }, () => one.send({ method: "GET", path: "/x" })));
  expect(server.requests.filter((request) => request !== "GET /x")).toEqual(["POST /api/v1/security/login"]);
});

test("writes carry token, CSRF token, cookies and a referrer of the same origin, fetched once", async () => {
  const seen: unknown[] = [];
  const server = await superset((request, response) => {
    const { authorization, cookie, referer, accept } = request.headers;
    seen.push([authorization, request.headers["x-csrftoken"], cookie, referer, accept]);
    json(response, 200, {});
  });
  const one = session(server.url);
  await Promise.all([one.send({ method: "PUT", path: "/x" }), one.send({ method: "DELETE", path: "/y" })]);
  const expected = ["Bearer token-number-1", "csrf-1", "session=cookie-1; other=1", `${server.url}/`, "application/json"];
  expect(seen).toEqual([expected, expected]);
  expect(server.requests.filter((request) => request.endsWith("csrf_token/"))).toHaveLength(1);
});

test.each([
  ["401", (response: ServerResponse) => json(response, 401, { msg: "Token has expired" })],
  ["422 with msg", (response: ServerResponse) => json(response, 422, { msg: "Signature verification failed" })],
  ["a redirect to the login page", (response: ServerResponse) => response.writeHead(302, { location: "/login/?next=/x" }).end()],
])("%s renews the login once for all calls", async (_name, refuse) => {
  const server = await superset((_request, response, logins) => (logins === 1 ? refuse(response) : json(response, 200, { logins })));
  const one = session(server.url);
  const answers = await Promise.all(Array.from({ length: 5 }, () => one.send({ method: "DELETE", path: "/x" })));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(server.requests.filter((request) => request.endsWith("/login"))).toHaveLength(2);
});

test("a login that is refused again is an error", async () => {
  const server = await superset((_request, response) => json(response, 401, { msg: "Token has expired" }));
  await expect(session(server.url).send({ method: "GET", path: "/x" })).rejects.toThrow(
    `Superset at ${server.url} refuses a fresh login for GET /x (401: Token has expired). Set superset:username and superset:password (pulumi config set --secret superset:password …), or SUPERSET_ADMIN_USER and SUPERSET_ADMIN_PASS, or superset:token / SUPERSET_TOKEN.`,
  );
});

test("a 422 of Superset itself is no matter of login", async () => {
  const server = await superset((_request, response) => json(response, 422, { errors: [{ message: "bad" }] }));
  expect((await session(server.url).send({ method: "GET", path: "/x" })).status).toBe(422);
});

test("wrong password: one error for all calls, naming the user and the settings", async () => {
  const server = await start((_request, response) => json(response, 401, { message: "Not authorized" }));
  const one = session(server.url);
  const errors = await Promise.all([1, 2, 3].map(() => one.send({ method: "GET", path: "/x" }).catch((error: unknown) => error)));
  for (const error of errors) {
    expect(error).toBeInstanceOf(AuthError);
    expect((error as Error).message).toContain(`Superset at ${server.url} refuses the user 'admin' (POST /api/v1/security/login: 401: Not authorized): wrong user name or password. Set superset:username`);
    expect((error as Error).message).not.toContain("hunter2");
  }
  expect(server.requests).toEqual(["POST /api/v1/security/login"]);
});

test("no credentials at all", async () => {
  const server = await superset((_request, response) => json(response, 200, {}));
  await expect(session(server.url, {}).send({ method: "GET", path: "/x" })).rejects.toThrow(`No credentials for Superset at ${server.url}. Set superset:username`);
});

test("a ready-made token is used as it is; expired, it is an error, or renewed where there is a password", async () => {
  const server = await superset((request, response) => (request.headers.authorization === "Bearer old-token-value" ? json(response, 401, { msg: "Token has expired" }) : json(response, 200, {})));
  const error = await session(server.url, { token: "old-token-value" }).send({ method: "GET", path: "/x" }).catch((reason: unknown) => reason as Error);
  expect(error).toBeInstanceOf(AuthError);
  expect((error as Error).message).toBe(
    `Superset at ${server.url} refuses the token (GET /x: 401: Token has expired); it has expired or belongs to another server. Set a new one in superset:token (or SUPERSET_TOKEN), or superset:username and superset:password, with which it is renewed by itself.`,
  );
  expect(server.requests).toEqual(["GET /x"]);
  const renewed = session(server.url, { token: "old-token-value", username: "admin", password: "hunter2-hunter2" });
  expect((await renewed.send({ method: "GET", path: "/x" })).status).toBe(200);
});

test("a token whose CSRF pair has expired gets a new pair", async () => {
  let writes = 0;
  const server = await superset((_request, response) => (++writes === 1 ? response.writeHead(302, { location: "/login/?next=/" }).end() : json(response, 200, {})));
  expect((await session(server.url, { token: "good-token-value" }).send({ method: "DELETE", path: "/x" })).status).toBe(200);
  expect(server.requests).toEqual(["GET /api/v1/security/csrf_token/", "DELETE /x", "GET /api/v1/security/csrf_token/", "DELETE /x"]);
});

test("missing permission names user, request and what to do", async () => {
  const server = await superset((_request, response) => json(response, 403, { message: "Forbidden" }));
  await expect(session(server.url).send({ method: "GET", path: "/x" })).rejects.toThrow(
    `The user 'admin' may not GET /x on Superset at ${server.url} (403: Forbidden). Use an account with the role Admin, or give its role the permission in Settings → List Roles.`,
  );
});

test.each([
  ["a web page", (response: ServerResponse) => response.writeHead(200, { "content-type": "text/html" }).end("<html>hello</html>"), "answers with 200: a body of text/html"],
  ["a page not found", (response: ServerResponse) => response.writeHead(404, { "content-type": "text/html" }).end("<html>no</html>"), "answers with 404: a body of text/html"],
  ["a redirect", (response: ServerResponse) => response.writeHead(301, { location: "https://elsewhere.example/x?y=1" }).end(), "redirects to https://elsewhere.example/x"],
  ["other JSON", (response: ServerResponse) => json(response, 200, { hello: 1 }), 'answers with 200: {"hello":1}'],
])("what is no Superset is told as such: %s", async (_name, answer, words) => {
  const server = await start((_request, response) => void answer(response));
  const error = await session(server.url).send({ method: "GET", path: "/x" }).catch((reason: unknown) => reason as Error);
  expect(error).toBeInstanceOf(ConnectionError);
  expect((error as Error).message).toBe(
    `${server.url} is not the address of a Superset: POST /api/v1/security/login ${words}. Check superset:url (or SUPERSET_URL): it is the address of Superset's own start page, with https:// where the server wants it and without /superset/welcome.`,
  );
});

test("no password, token or cookie in an error or log line, whatever the server repeats", async () => {
  const server = await superset((request, response) => {
    const { authorization, cookie } = request.headers;
    json(response, 403, { message: `you sent ${authorization} and ${cookie} and hunter2-hunter2 and postgresql://bi:topsecret@db/x` });
  });
  const error = await session(server.url).send({ method: "DELETE", path: "/x" }).catch((reason: unknown) => reason as Error);
  const text = `${(error as Error).message} ${log.join(" ")}`;
  expect(text).toContain("you sent");
  for (const secret of ["token-number-1", "cookie-1", "csrf-1", "hunter2", "topsecret"]) {
    expect(text).not.toContain(secret);
  }
});
