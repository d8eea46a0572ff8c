/** Wrong settings, faults on the way and refusals by Superset, through the real Pulumi CLI: what is said, and that nothing is half-written. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { chartNamed, chartParam, COMPLETE, counts, failed, faultySetup, plain, reached, type FaultySetup } from "./faulty";
import { succeeded } from "./outcome";
import { TEMPLATES } from "./small";

jest.setTimeout(300_000);

const IMPORT = "POST /api/v1/assets/import/";
/** A `Retry-After` beyond the budget ends the waiting at once. */
const GONE = { status: 503, headers: { "retry-after": "3600" } };
let at: FaultySetup;

beforeAll(async () => {
  at = await faultySetup();
});

afterAll(() => at.proxy.close());
afterEach(() => at.proxy.reset());

const setUrl = (url: string): Promise<string> => at.project.mustRun("config", "set", "superset:url", url, "--stack", "dev");
const setRowLimit = (limit: number): void => at.project.write("assets/charts/turnover.yaml.j2", (TEMPLATES["assets/charts/turnover.yaml.j2"] ?? "").replace("1000", String(limit)));
const times = (text: string, part: string): number => text.split(part).length - 1;

async function isClean(): Promise<void> {
  succeeded(await at.project.run(["preview", "--expect-no-changes", "--stack", "dev"]));
}

/** Fails unless the live chart has this limit, and nothing is there twice. */
async function holds(limit: number): Promise<void> {
  const live = await at.ui.exportAssets();
  expect(counts(live)).toEqual(COMPLETE);
  expect(chartParam(live, chartNamed(live, "Turnover (dev)"), "row_limit")).toBe(limit);
}

describe("before anything was applied", () => {
  afterAll(() => setUrl(at.proxy.url));

  test.each(["preview", "up"])("%s where nothing listens", async (command) => {
    await setUrl("http://127.0.0.1:9");
    const output = failed(await (command === "up" ? at.project.up("dev") : at.project.preview("dev")));
    expect(output).toContain("Superset at http://127.0.0.1:9 cannot be reached: ");
    expect(output).toContain("(ECONNREFUSED). Check superset:url (or SUPERSET_URL) and that the server is running.");
    expect(counts(await at.ui.exportAssets())).toEqual({ databases: 0, datasets: 0, charts: 0, dashboards: 0 });
  });

  test("a page that is no Superset", async () => {
    const page = createServer((_request, response) => response.setHeader("content-type", "text/html").end("<h1>Hello</h1>"));
    await new Promise<void>((listening) => page.listen(0, "127.0.0.1", listening));
    const url = `http://127.0.0.1:${(page.address() as AddressInfo).port}`;
    await setUrl(url);
    const output = failed(await at.project.preview("dev"));
    page.close();
    expect(output).toContain(`${url} is not the address of a Superset: POST /api/v1/security/login answers with 200: a body of text/html. Check superset:url`);
  });

  test("a wrong password", async () => {
    await setUrl(at.proxy.url);
    const output = failed(await at.project.up("dev", { SUPERSET_ADMIN_PASS: "not-the-password" }));
    expect(output).toContain(`Superset at ${at.proxy.url} refuses the user 'admin' (POST /api/v1/security/login: 401: Not authorized): wrong user name or password. Set superset:username`);
    expect(output).not.toContain("not-the-password");
    expect(counts(await at.ui.exportAssets())).toEqual({ databases: 0, datasets: 0, charts: 0, dashboards: 0 });
  });
});

test("after all of that an up makes everything once", async () => {
  succeeded(await at.project.up("dev"));
  await holds(1000);
  await isClean();
});

describe("faults on the way that are got over", () => {
  test("a login that expires in the middle", async () => {
    setRowLimit(1001);
    const held = at.proxy.hold("GET /api/v1/assets/export/");
    const up = at.project.up("dev");
    await reached(held, up);
    at.proxy.expireLogins();
    held.release();
    succeeded(await up);
    expect(at.proxy.seen.filter(({ path }) => path === "/api/v1/security/login").length).toBeGreaterThan(1);
    await holds(1001);
  });

  test("429, 502, 503 and connections cut before and after the server did the work, in one batch", async () => {
    setRowLimit(1002);
    at.proxy.drop("GET /api/v1/chart/", 1, "before");
    at.proxy.answer(IMPORT, 1, { status: 429, headers: { "retry-after": "0" } });
    at.proxy.answer(IMPORT, 1, { status: 502 });
    at.proxy.drop(IMPORT, 1, "before");
    at.proxy.drop(IMPORT, 1, "after");
    at.proxy.answer(IMPORT, 1, { status: 503 });
    const output = succeeded(await at.project.up("dev"));
    expect(output).toContain(`Superset at ${at.proxy.url}: POST /api/v1/assets/import/ failed (status 502); trying again in`);
    await holds(1002);
    await isClean();
  });
});

describe("faults that stay", () => {
  test("a server that is away from the start: one error, and nothing is written", async () => {
    setRowLimit(1003);
    const before = plain(await at.ui.exportAssets());
    at.proxy.answer("/", Infinity, GONE);
    const output = failed(await at.project.up("dev"));
    // The engine prints an error when it happens and once more at the end; login and version are asked for at the same time.
    expect(times(output, "Nothing is known to be wrong with the request: run the command again when the server is up.")).toBeLessThanOrEqual(4);
    expect(output).toMatch(/Superset at \S+ is not available: (POST \/api\/v1\/security\/login|GET \/static\/version_info\.json) answered 503 1 times \(Retry-After: 3600\)\./);
    expect(plain(await at.ui.exportAssets())).toEqual(before);
  });

  test("a server that goes away before the write: the next up writes it", async () => {
    at.proxy.answer(IMPORT, Infinity, GONE);
    const output = failed(await at.project.up("dev"));
    expect(output).toContain("is not available: POST /api/v1/assets/import/ answered 503 1 times (Retry-After: 3600).");
    await holds(1002);
    at.proxy.reset();
    succeeded(await at.project.up("dev"));
    await holds(1003);
    await isClean();
  });

  test("a Superset that is too old", async () => {
    setRowLimit(1004);
    at.proxy.answer("GET /static/version_info.json", Infinity, { status: 200, headers: { "content-type": "application/json" }, body: '{"version": "5.0.0"}' });
    const before = plain(await at.ui.exportAssets());
    for (const result of [await at.project.preview("dev"), await at.project.up("dev")]) {
      expect(failed(result)).toContain(`Superset at ${at.proxy.url} is version 5.0.0; version 6.1.0 or newer is needed. Upgrade it, or point superset:url to another one.`);
      expect(times(result.output, "is version 5.0.0; version")).toBeLessThanOrEqual(3);
    }
    expect(plain(await at.ui.exportAssets())).toEqual(before);
    at.proxy.reset();
    succeeded(await at.project.up("dev"));
    await holds(1004);
  });
});

describe("what Superset refuses", () => {
  test("a text that is too long: file and field are named, the rest of the batch is written", async () => {
    setRowLimit(1005);
    const template = TEMPLATES["assets/charts/total.yaml"] ?? "";
    at.project.write("assets/charts/total.yaml", template.replace("Total", "T".repeat(251)));
    at.project.write("assets/dashboards/sales.yaml.j2", (TEMPLATES["assets/dashboards/sales.yaml.j2"] ?? "").replace("chart: Total", "chart: total"));
    const output = failed(await at.project.up("dev"));
    expect(output).toContain("(assets/charts/total.yaml) was not written: Superset cannot store it\n");
    expect(output).toContain("slice_name: 251 characters, of which Superset keeps 250 at most");
    expect(output).not.toContain("unknown reason");
    await holds(1005);
    at.project.write("assets/charts/total.yaml", template);
    succeeded(await at.project.up("dev"));
    await isClean();
  });

  test("a value of a wrong type inside a free mapping", async () => {
    at.project.write("assets/databases/other.yaml", "database_name: other\nsqlalchemy_uri: postgresql://localhost/other\nextra:\n  metadata_cache_timeout: {schema_cache_timeout: soon}\n");
    const before = plain(await at.ui.exportAssets());
    const output = failed(await at.project.up("dev"));
    expect(output).toContain("database 'other' (assets/databases/other.yaml) was not written: Superset refuses it\n");
    expect(output).toContain("extra.metadata_cache_timeout.schema_cache_timeout.value: Not a valid integer.");
    expect(plain(await at.ui.exportAssets())).toEqual(before);
    at.project.write("assets/databases/other.yaml", "database_name: other\nsqlalchemy_uri: postgresql://localhost/other\nextra:\n  metadata_cache_timeout: {schema_cache_timeout: 60}\n");
    succeeded(await at.project.up("dev"));
    expect(counts(await at.ui.exportAssets())).toEqual({ ...COMPLETE, databases: 2 });
    at.project.remove("assets/databases/other.yaml");
    succeeded(await at.project.up("dev"));
    expect(counts(await at.ui.exportAssets())).toEqual(COMPLETE);
    await isClean();
  });
});
