/** The login of Preset's workspaces, by a stand-in for Preset in front of a server that answers everything. */
import { AuthError, ConnectionError } from "../../provider/errors";
import type { Connection, Renewed } from "../../provider/superset/connection";
import { Client } from "../../provider/superset/client";
import { checkReadiness } from "../../provider/superset/readiness";
import { startPreset, type Preset, type PresetOptions } from "../helpers/preset";
import { json, perTest, quick } from "./server";

const { start } = perTest();
const log: string[] = [];
let preset: Preset;

afterEach(async () => {
  await preset.close();
  jest.restoreAllMocks();
  log.length = 0;
});

type Handle = Parameters<typeof start>[0];

const echo: Handle = (request, response) => json(response, 200, { method: request.method, csrf: request.headers["x-csrftoken"] ?? null, by: request.headers["x-front"] ?? null });

/** Preset before a server, by default one that answers every request with what it got. */
async function begin(handle = echo, options: Partial<PresetOptions> = {}): Promise<void> {
  const server = await start(handle);
  preset = await startPreset({ superset: server.url, session: () => Promise.resolve({ "x-front": "front" }), ...options });
}

function client(over: Partial<Connection> = {}, key = preset.key): Client {
  return new Client({ url: preset.url, preset: { api: preset.api, ...key }, ...over }, (message) => log.push(message), quick);
}

const get = { method: "GET", path: "/x" } as const;
const failure = (call: Promise<unknown>): Promise<Error> => call.then(() => new Error("nothing failed"), (error: Error) => error);
const logins = (): number => preset.asked.filter((request) => request === "POST /v1/auth/").length;

test("one login for all calls; the workspace gets its token, and no CSRF token is asked for", async () => {
  await begin();
  const one = client();
  const answers = await Promise.all([one.json(get), one.json({ method: "POST", path: "/y", json: {} }), one.json({ method: "DELETE", path: "/z" })]);
  expect(answers).toEqual(["GET", "POST", "DELETE"].map((method) => ({ method, csrf: null, by: "front" })));
  expect(preset.asked).toEqual(["POST /v1/auth/"]);
  expect(preset.seen.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(["DELETE /z", "GET /x", "POST /y"]);
});

test("a token is replaced five minutes before it ends: the workspace never sees one that has", async () => {
  await begin();
  const clock = jest.spyOn(Date, "now");
  const begun = Date.now();
  const after = (minutes: number): unknown => clock.mockReturnValue(begun + minutes * 60_000);
  after(0);
  const one = client();
  await one.json(get);
  after(294);
  await one.json(get);
  expect(logins()).toBe(1);
  after(295);
  await Promise.all([one.json(get), one.json(get)]);
  expect(logins()).toBe(2);
  expect(preset.seen).toHaveLength(4);
});

test.each([["behind", -86_400_000], ["ahead", 86_400_000]])("a clock of Preset's that is a day %s does no harm", async (_name, offset) => {
  await begin(echo, { clock: () => performance.timeOrigin + performance.now() + offset });
  const clock = jest.spyOn(Date, "now");
  const begun = Date.now();
  clock.mockReturnValue(begun);
  const one = client();
  await one.json(get);
  await one.json(get);
  expect(logins()).toBe(1);
  clock.mockReturnValue(begun + 295 * 60_000);
  await one.json(get);
  expect(logins()).toBe(2);
});

test("a token that is refused all the same is replaced once, for all calls", async () => {
  await begin();
  const one = client();
  await one.json(get);
  preset.revoke();
  await Promise.all([one.json(get), one.json(get), one.json(get)]);
  expect(logins()).toBe(2);
});

test("a wrong secret: one clear error with the two settings, no second attempt, and no secret in it", async () => {
  await begin();
  const one = client({}, { ...preset.key, secret: "not-the-secret" });
  const errors = await Promise.all([failure(one.json(get)), failure(one.json(get))]);
  for (const error of errors) {
    expect(error).toBeInstanceOf(AuthError);
    expect(error.message).toBe(
      `Preset at ${preset.api} refuses the API key (POST /v1/auth/: 401: no such key: *** ***): superset:apiToken or superset:apiSecret is wrong, or the key was switched off or deleted. ` +
        "Set superset:apiToken and superset:apiSecret (pulumi config set --secret superset:apiToken …, and superset:apiSecret), or PRESET_API_TOKEN and PRESET_API_SECRET; a key is made in Preset Manager: your initials → Manage User Settings → API Keys.",
    );
  }
  expect(preset.asked).toEqual(["POST /v1/auth/"]);
  expect(preset.seen).toEqual([]);
});

test("a key that was set anew since the configuration was read is asked for, once", async () => {
  await begin();
  let asked = 0;
  const renewed = (): Promise<Renewed> => {
    asked += 1;
    return Promise.resolve({ apiSecret: preset.key.secret });
  };
  const one = client({ renewed }, { ...preset.key, secret: "of the last up" });
  await Promise.all([one.json(get), one.json(get)]);
  expect([asked, logins()]).toEqual([1, 2]);
});

test.each([
  ["HIBERNATED", "is hibernated: open it in Preset Manager, which wakes it up, wait until it is there, and run the command again."],
  ["UPGRADING", "is not ready, Preset Manager says UPGRADING: wait until it is, and run the command again."],
  ["ERROR", "is in an error state, as Preset Manager says: see there, or ask Preset's support."],
])("a workspace that is %s is told as such, asked of Preset Manager once", async (status, words) => {
  await begin();
  preset.status = status;
  const one = client();
  for (const error of await Promise.all([failure(one.json(get)), failure(one.json(get))])) {
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toBe(`The Preset workspace 'Sales' (${preset.url}) ${words}`);
  }
  expect(preset.asked).toEqual(["POST /v1/auth/", "GET /v1/teams/", "GET /v1/teams/0a1b2c3d/workspaces/"]);
});

test("a workspace the key does not have", async () => {
  await begin();
  preset.listed = false;
  const other = await start((_request, response) => json(response, 401, { msg: "who are you?" }));
  const error = await failure(client({ url: other.url }).json(get));
  expect(error.message).toBe(
    `Superset at ${other.url} refuses a fresh login for GET /x (401: who are you?). ` +
      "Set superset:apiToken and superset:apiSecret (pulumi config set --secret superset:apiToken …, and superset:apiSecret), or PRESET_API_TOKEN and PRESET_API_SECRET; a key is made in Preset Manager: your initials → Manage User Settings → API Keys. " +
      `The Preset API key has no workspace at ${new URL(other.url).host}; it has https://4f5e6d7c.us1a.app.preset.io.`,
  );
});

test("an error of a workspace that is ready stays as it is", async () => {
  await begin((_request, response) => json(response, 403, { message: "Forbidden" }));
  const error = await failure(client().json(get));
  expect(error).toBeInstanceOf(AuthError);
  expect(error.message).toBe(
    `The owner of the Preset API key may not GET /x on Superset at ${preset.url} (403: Forbidden). Give the owner of the key the role Workspace Admin in Preset Manager, or use the key of one who has it.`,
  );
});

test("the workspace's version is seen by those who are logged in", async () => {
  await begin(({ url }, response) => (url === "/version" ? json(response, 200, { version_string: "6.0.2.1" }) : json(response, 404, { message: "Not found" })));
  expect((await failure(checkReadiness(client()))).message).toBe(`Superset at ${preset.url} is version 6.0.2; version 6.1.0 or newer is needed. Upgrade it, or point superset:url to another one.`);
});

test("what is not Preset's API", async () => {
  await begin();
  const page = await start((_request, response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>"));
  const error = await failure(client({ preset: { api: page.url, ...preset.key } }).json(get));
  expect(error).toBeInstanceOf(ConnectionError);
  expect(error.message).toBe(`${page.url} is not the address of Preset's API: POST /v1/auth/ answers with 200: a body of text/html. Check superset:presetApi; without it, Preset's own https://api.app.preset.io is taken.`);
});

test("a manager that does not answer is named, with its setting", async () => {
  await begin();
  const closed = await start(() => undefined);
  await closed.close();
  const error = await failure(client({ preset: { api: closed.url, ...preset.key } }).json(get));
  expect(error.message).toContain(`Preset's API at ${closed.url} cannot be reached: POST /v1/auth/: `);
  expect(error.message).toContain("Check superset:presetApi and that the server is running.");
});

test("no secret in any message or line, whatever the workspace repeats", async () => {
  let token = "";
  await begin((_request, response) => json(response, 403, { message: `you sent ${token} for ${preset.key.token} with ${preset.key.secret}` }), {
    session: ({ headers }) => {
      token = headers.authorization?.slice("Bearer ".length) ?? "";
      return Promise.resolve({});
    },
  });
  const error = await failure(client().json(get));
  expect(token).not.toBe("");
  expect(error.message).toContain("you sent *** for *** with ***");
  for (const secret of [token, preset.key.token, preset.key.secret]) {
    expect(`${error.message}\n${log.join("\n")}`).not.toContain(secret);
  }
});
