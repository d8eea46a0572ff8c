import { AuthError, ConcurrentEditError, ConnectionError, SupersetError } from "../../provider/errors";
import { Gateway, type Connection, type OverwrittenEdit } from "../../provider/superset/gateway";
import { SupersetApi } from "../helpers/api";
import { startProxy, type FaultProxy } from "../helpers/proxy";
import { superset, type TestSuperset } from "../helpers/runtime";
import { chart, dashboard, database, dataset, fake, writing } from "./assets";
import { base, expectNoSecret, failure, gatewayTo, IMPORT, secrets } from "./gateways";
import { serve, type TestServer } from "./server";

jest.setTimeout(120_000);

const quick = { firstWaitMs: 20, longestWaitMs: 100, budgetMs: 20_000, firstContactBudgetMs: 500 };
let server: TestSuperset;
let proxy: FaultProxy;
let page: TestServer | undefined;
const log: string[] = [];

beforeAll(async () => {
  server = await superset();
  secrets.add(server.password);
  proxy = await startProxy(server.url);
});

afterAll(() => proxy.close());

beforeEach(async () => {
  await server.fresh();
  proxy.reset();
  log.length = 0;
});

afterEach(async () => {
  await page?.close();
  page = undefined;
  // Whatever a test did: no secret in anything people read.
  expectNoSecret(log.join("\n"));
});

function gateway(over: Partial<Connection> = {}, budgetMs = quick.budgetMs): Gateway {
  return gatewayTo(server, (message) => log.push(message), { url: proxy.url, ...over }, { ...quick, budgetMs });
}

describe("the way to the server", () => {
  test("a wrong port", async () => {
    const closed = await serve(() => undefined);
    await closed.close();
    const error = await failure(gateway({ url: closed.url }).read("chart", fake("c", 1)));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toContain(`Superset at ${closed.url} cannot be reached: `);
    expect(error.message).toContain("(ECONNREFUSED). Check superset:url (or SUPERSET_URL) and that the server is running.");
  });

  test("something that is no Superset", async () => {
    page = await serve((_request, response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>"));
    const error = await failure(gateway({ url: page.url }).read("chart", fake("c", 1)));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toContain(`${page.url} is not the address of a Superset: POST /api/v1/security/login answers with 200: a body of text/html.`);
  });

  test("a wrong password", async () => {
    const error = await failure(gateway({ password: "not-the-password" }).write(writing("database", database())));
    expect(error).toBeInstanceOf(AuthError);
    expect(error.message).toContain(`Superset at ${proxy.url} refuses the user 'admin' (POST /api/v1/security/login: 401: Not authorized): wrong user name or password. Set superset:username`);
  });

  test("a ready-made token instead of a password", async () => {
    const login = await fetch(`${server.url}/api/v1/security/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username: server.username, password: server.password, provider: "db" }),
    });
    const { access_token: token } = (await login.json()) as { readonly access_token: string };
    const one = new Gateway({ url: proxy.url, token }, (message) => log.push(message), quick);
    await one.write(writing("database", database()));
    expect(one.stats.get("POST /api/v1/security/login")).toBeUndefined();
    proxy.expireLogins();
    const error = await failure(one.readFresh("database", [fake("d", 1)]));
    expect(error).toBeInstanceOf(AuthError);
    expect(error.message).toContain("refuses the token (GET /api/v1/database/: 401: Token has expired); it has expired or belongs to another server.");
    expect(error.message).not.toContain(token);
  });

  test("an account without the permission", async () => {
    const api = await SupersetApi.connect(server);
    const roles = await api.get("/api/v1/security/roles/?q=(page_size:100)") as { readonly result: readonly { readonly id: number; readonly name: string }[] };
    const gamma = roles.result.find(({ name }) => name === "Gamma");
    await api.post("/api/v1/security/users/", { username: "gina", password: "gamma-password", first_name: "Gina", last_name: "Gamma", email: "g@example.org", active: true, roles: [gamma?.id ?? 0] });
    const error = await failure(gateway({ username: "gina", password: "gamma-password" }).read("chart", fake("c", 1)));
    expect(error).toBeInstanceOf(AuthError);
    expect(error.message).toBe(
      `The user 'gina' of Superset at ${proxy.url} lacks can_export on ImportExportRestApi and can_import_ on ImportExportRestApi (its roles: Gamma). Use an account with the role Admin, or give its role these permissions in Settings → List Roles.`,
    );
  });

  test.each([
    ["a Superset that is too old", "5.0.0", "Superset at URL is version 5.0.0; version 6.1.0 or newer is needed. Upgrade it, or point superset:url to another one."],
    ["the last one before", "6.0.9", "Superset at URL is version 6.0.9; version 6.1.0 or newer is needed. Upgrade it, or point superset:url to another one."],
  ])("%s is told once, before anything is written", async (_name, version, message) => {
    proxy.rewrite("/static/version_info.json", (body) => body.replace("6.1.0", version));
    const error = await failure(gateway().write(writing("database", database())));
    expect(error).toBeInstanceOf(SupersetError);
    expect(error.message).toBe(message.replace("URL", proxy.url));
    expect((await gateway({ url: server.url }).snapshot()).all("database")).toHaveLength(0);
  });

  test("where the version's file is hidden, the login page tells it", async () => {
    proxy.answer("/static/version_info.json", 1, { status: 404 });
    proxy.rewrite("/login/", (body) => body.replaceAll("6.1.0", "4.1.2"));
    expect((await failure(gateway().read("chart", fake("c", 1)))).message).toContain("is version 4.1.2; version 6.1.0 or newer is needed.");
  });

  test("newer, and development builds, are taken", async () => {
    proxy.rewrite("/static/version_info.json", (body) => body.replace("6.1.0", "10.0.0rc1"));
    await gateway().write(writing("database", database()));
    proxy.reset();
    proxy.rewrite("/static/version_info.json", (body) => body.replace("6.1.0", "0.0.0-dev"));
    await gateway().read("database", fake("d", 1));
  });
});

describe("in the middle of a batch", () => {
  test.each([429, 502, 503, 504])("%i a few times", async (status) => {
    const one = gateway();
    await base(one);
    proxy.answer(IMPORT, 2, { status, headers: status === 429 ? { "retry-after": "0" } : {} });
    proxy.answer("GET /api/v1/chart/", 1, { status });
    await Promise.all([1, 2, 3].map((number) => one.write(writing("chart", chart(number)))));
    expect((await gateway().snapshot()).all("chart")).toHaveLength(3);
    expect(log.filter((line) => line.includes(`${IMPORT} failed (status ${status}); trying again in`))).toHaveLength(2);
  });

  test.each(["before", "after"] as const)("a connection cut %s the server did the work: written once, no duplicates", async (when) => {
    const one = gateway();
    await base(one);
    proxy.drop(IMPORT, 1, when);
    await Promise.all([1, 2, 3].map((number) => one.write(writing("chart", chart(number)))));
    expect((await gateway().snapshot()).all("chart").map(({ uuid }) => uuid).sort()).toEqual([1, 2, 3].map((number) => fake("c", number)));
  });

  test("an expired login is renewed, for reads and in the middle of writing", async () => {
    const one = gateway();
    await base(one);
    proxy.expireLogins();
    await one.write(writing("chart", chart(1)));
    proxy.expireLogins();
    expect(await one.read("chart", fake("c", 1))).toBeDefined();
    expect(one.stats.get("POST /api/v1/security/login")).toBe(3);
  });

  test("a lost session (CSRF) is renewed", async () => {
    const one = gateway();
    await base(one);
    proxy.answer(IMPORT, 1, { status: 302, headers: { location: "/login/?next=/api/v1/assets/import/" } });
    await one.write(writing("chart", chart(1)));
    expect(one.stats.get("GET /api/v1/security/csrf_token/")).toBe(2);
  });

  test("a request that is too large for a proxy is split", async () => {
    const one = gateway();
    await base(one);
    proxy.answer(IMPORT, 1, { status: 413 });
    await Promise.all([1, 2, 3, 4].map((number) => one.write(writing("chart", chart(number)))));
    expect((await gateway().snapshot()).all("chart")).toHaveLength(4);
  });

  test("a Superset that dies with the request under way and comes back", async () => {
    const one = gateway();
    await base(one);
    const held = proxy.hold(IMPORT);
    const written = Promise.all([1, 2, 3].map((number) => one.write(writing("chart", chart(number)))));
    await held.reached;
    await server.kill();
    held.release();
    await server.restart();
    expect((await written).map(({ uuid }) => uuid)).toEqual([1, 2, 3].map((number) => fake("c", number)));
    expect((await gateway().snapshot()).all("chart")).toHaveLength(3);
  });

  test("a server that stays away ends in an error that says so", async () => {
    const one = gateway();
    await base(one);
    const impatient = gateway({}, 300);
    await impatient.readFresh("dataset", [fake("e", 1)]);
    proxy.answer(IMPORT, 1_000, { status: 503 });
    const error = await failure(impatient.write(writing("chart", chart(1))));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toMatch(/^Superset at http:\/\/127\.0\.0\.1:\d+ is not available: POST \/api\/v1\/assets\/import\/ answered 503 \d+ times\. Nothing is known to be wrong with the request: run the command again when the server is up\.$/);
  });
});

describe("an edit by somebody else", () => {
  test("made before the guard's look is refused by the guard", async () => {
    const one = gateway();
    await base(one);
    const written = await one.write(writing("chart", chart(1)));
    const held = proxy.hold("GET /api/v1/chart/");
    const writingAgain = failure(
      one.write(
        writing("chart", chart(1, { slice_name: "From Git" }), {
          guard: (live) => {
            if (live?.document["slice_name"] !== "Chart 1") {
              throw new ConcurrentEditError(`somebody made it ${String(live?.document["slice_name"])}`);
            }
          },
        }),
      ),
    );
    await held.reached;
    const api = await SupersetApi.connect(server);
    await api.put(`/api/v1/chart/${written.id}`, { slice_name: "Edited in the UI" });
    held.release();
    expect((await writingAgain).message).toBe("somebody made it Edited in the UI");
    expect((await gateway().read("chart", fake("c", 1)))?.document["slice_name"]).toBe("Edited in the UI");
  });

  test("made in the moment between look and write is found in the log and told with its contents", async () => {
    const one = gateway();
    await base(one);
    const [first] = await Promise.all([one.write(writing("chart", chart(1))), one.write(writing("chart", chart(2)))]);
    const api = await SupersetApi.connect(server);
    for (const told of [false, true]) {
      const edits: OverwrittenEdit[] = [];
      const held = proxy.hold(IMPORT);
      const outcomes = Promise.allSettled([
        one.write(writing("chart", chart(1, { slice_name: `From Git ${String(told)}` }), told ? { overwritten: (edit) => void edits.push(edit) } : {})),
        one.write(writing("chart", chart(2, { slice_name: `Also from Git ${String(told)}` }))),
      ]);
      await held.reached;
      await api.put(`/api/v1/chart/${first?.id}`, { slice_name: "Edited in the UI", description: "precious" });
      held.release();
      const [edited, untouched] = await outcomes;
      expect(untouched?.status).toBe("fulfilled");
      if (told) {
        expect(edited?.status).toBe("fulfilled");
        expect(edits).toMatchObject([{ request: `/api/v1/chart/${first?.id}`, fields: { slice_name: "Edited in the UI", description: "precious" } }]);
      } else {
        const error = edited?.status === "rejected" ? (edited.reason as Error) : undefined;
        expect(error).toBeInstanceOf(ConcurrentEditError);
        expect(error?.message).toMatch(/^chart "From Git false" \(assets\/charts\/from_git_false\.yaml\): an edit was overwritten\. \w+ \w+ changed it at \d{4}-\d\d-\d\dT[\d:.]+Z \(\/api\/v1\/chart\/\d+\), in the moment between our last look at it and the write, and that write is in force now\. The edit set\n/);
        expect(error?.message).toContain("  description = precious");
      }
    }
  });

  test.each([
    ["dataset", fake("e", 1), { description: "precious" }],
    ["dashboard", fake("a", 1), { dashboard_title: "precious" }],
  ] as const)("is found for a %s too, and what was made after the write is not taken for it", async (kind, uuid, edit) => {
    const one = gateway();
    await base(one);
    await one.write(writing("chart", chart(1)));
    await one.write(writing("dashboard", dashboard(1, [1])));
    const id = (await one.read(kind, uuid))?.id;
    const document = kind === "dataset" ? dataset(1, { cache_timeout: 7 }) : dashboard(1, [1], { css: ".y {}" });
    const api = await SupersetApi.connect(server);
    const edits: OverwrittenEdit[] = [];
    const overwritten = (found: OverwrittenEdit): void => void edits.push(found);

    const before = proxy.hold(IMPORT);
    const first = one.write(writing(kind, document, { overwritten }));
    await before.reached;
    await api.put(`/api/v1/${kind}/${id}`, edit);
    before.release();
    await first;
    expect(edits).toMatchObject([{ request: `/api/v1/${kind}/${id}`, fields: edit }]);

    const after = proxy.hold((request) => request.path === `/api/v1/${kind}/` && proxy.seen.at(-2)?.path === "/api/v1/assets/import/");
    const second = one.write(writing(kind, document, { overwritten }));
    await after.reached;
    await api.put(`/api/v1/${kind}/${id}`, edit);
    after.release();
    await second;
    expect(edits).toHaveLength(1);
  });

  test("made shortly before, and seen, is no overwritten edit", async () => {
    const one = gateway();
    await base(one);
    const written = await one.write(writing("chart", chart(1)));
    const api = await SupersetApi.connect(server);
    await api.put(`/api/v1/chart/${written.id}`, { slice_name: "Edited just before" });
    const again = await one.write(writing("chart", chart(1, { slice_name: "From Git" })));
    expect(again.document["slice_name"]).toBe("From Git");
  });
});

test("dashboards are verified without exporting their charts", async () => {
  const one = gateway();
  await base(one);
  await Promise.all([1, 2, 3].map((number) => one.write(writing("chart", chart(number)))));
  await one.write(writing("dashboard", dashboard(1, [1, 2, 3])));
  expect(one.stats.get("GET /api/v1/dashboard/export/")).toBeUndefined();
  expect(one.stats.get("GET /api/v1/assets/export/")).toBeUndefined();
});
