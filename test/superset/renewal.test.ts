/** Credentials that are configured anew while the session still has the old ones. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { AuthError } from "../../provider/errors";
import { Session } from "../../provider/superset/auth";
import { Http } from "../../provider/superset/http";
import type { Credentials } from "../../provider/superset/login";
import { json } from "./server";

let server: Server | undefined;
const logins: string[] = [];
let asked = 0;

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((closed) => (server === undefined ? closed(undefined) : server.close(closed)));
  logins.length = 0;
  asked = 0;
});

/** A server that knows one password, and takes the token that a login gives or `api-key-now`. */
async function start(credentials: Omit<Credentials, "renewed">, renewed: { readonly password?: string; readonly token?: string }): Promise<Session> {
  server = createServer((request, response) => {
    void text(request).then((body) => {
      if (request.url === "/api/v1/security/login") {
        const { password } = JSON.parse(body) as { readonly password: string };
        logins.push(password);
        json(response, password === "new-password" ? 200 : 401, password === "new-password" ? { access_token: "token-by-login" } : { message: "Not authorized" });
      } else {
        const known = ["Bearer token-by-login", "Bearer api-key-now"].includes(request.headers.authorization ?? "");
        json(response, known ? 200 : 401, known ? {} : { msg: "Token has expired" });
      }
    });
  });
  const listening = server;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const http = new Http(`http://127.0.0.1:${(listening.address() as AddressInfo).port}`, {}, () => undefined);
  return new Session(http, {
    ...credentials,
    renewed: () => {
      asked += 1;
      return Promise.resolve(renewed);
    },
  });
}

const get = { method: "GET", path: "/x" } as const;

test("a refused password is asked for once more, by all calls together", async () => {
  const one = await start({ username: "admin", password: "old-password" }, { password: "new-password" });
  const answers = await Promise.all([one.send(get), one.send(get), one.send(get)]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(asked).toBe(1);
  expect(logins).toEqual(["old-password", "new-password"]);
});

test("a refused token likewise", async () => {
  const one = await start({ token: "api-key-before" }, { token: "api-key-now" });
  const answers = await Promise.all([one.send(get), one.send(get)]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(asked).toBe(1);
});

test.each([
  ["the same", { password: "old-password" }],
  ["another wrong one", { password: "wrong-too" }],
  ["nothing", {}],
])("%s: the refusal is told", async (_name, renewed) => {
  const one = await start({ username: "admin", password: "old-password" }, renewed);
  const error: unknown = await one.send(get).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(AuthError);
  expect((error as Error).message).toContain("refuses the user 'admin' (POST /api/v1/security/login: 401: Not authorized): wrong user name or password.");
  expect(asked).toBe(1);
});

test("nobody is asked while the credentials are good", async () => {
  const one = await start({ username: "admin", password: "new-password" }, {});
  await one.send(get);
  expect(asked).toBe(0);
});
