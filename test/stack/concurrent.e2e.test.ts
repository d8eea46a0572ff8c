/** Two at work on one workspace: edits in the moment of a write, two runs at once, interrupted runs, a Superset that dies under a run. */
import { execFileSync, type ChildProcess } from "node:child_process";
import { chartNamed, chartParam, COMPLETE, counts, editRowLimit, failed, faultySetup, plain, reached, type FaultySetup } from "./faulty";
import type { SeenRequest } from "../helpers/proxy";
import { succeeded } from "./outcome";
import { TEMPLATES } from "./small";

jest.setTimeout(300_000);

let at: FaultySetup;

beforeAll(async () => {
  at = await faultySetup({ own: true });
});

afterAll(() => at.proxy.close());
afterEach(() => at.proxy.reset());

const TURNOVER = "assets/charts/turnover.yaml.j2";
const setRowLimit = (limit: number): void => at.project.write(TURNOVER, (TEMPLATES[TURNOVER] ?? "").replace("1000", String(limit)));
/** The import of one kind: names of a ZIP's files are not compressed. */
const importOf = (folder: string) => ({ method, path, body }: SeenRequest): boolean => method === "POST" && path === "/api/v1/assets/import/" && body.includes(`${folder}/`);
/** The look at a kind immediately before a write: of the named assets, where a refresh lists them all. */
const lookAt = (kind: string) => ({ method, path, url }: SeenRequest): boolean => method === "GET" && path === `/api/v1/${kind}/` && decodeURIComponent(url).includes("(col:'uuid',opr:'in'");
const up = ["up", "--yes", "--skip-preview", "--stack", "dev"];

/** Until the CLI has said that it stops. */
const interrupted = (child: ChildProcess): Promise<void> =>
  new Promise((told) => {
    let text = "";
    const hear = (chunk: Buffer): void => {
      text += chunk.toString("utf8");
      if (/\^C received|cancell?(ing|ation)/i.test(text)) told();
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
  });

async function isClean(): Promise<void> {
  succeeded(await at.project.run(["preview", "--expect-no-changes", "--stack", "dev"]));
}

async function liveRowLimit(): Promise<unknown> {
  const live = await at.ui.exportAssets();
  expect(counts(live)).toEqual(COMPLETE);
  return chartParam(live, chartNamed(live, "Turnover (dev)"), "row_limit");
}

/** Process ids of everything a process has started. */
function descendants(pid: number): readonly number[] {
  const rows = execFileSync("ps", ["-e", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n").map((row) => row.trim().split(/\s+/).map(Number));
  const children = rows.flatMap(([child, parent]) => (parent === pid && child !== undefined ? [child] : []));
  return children.flatMap((child) => [child, ...descendants(child)]);
}

describe("a Superset that dies during an up", () => {
  test("and stays away: the next up makes what is missing, and nothing twice", async () => {
    const held = at.proxy.hold(importOf("charts"));
    const run = at.project.up("dev");
    await reached(held, run);
    held.release();
    await at.server.kill();
    at.proxy.answer("/", Infinity, { status: 503, headers: { "retry-after": "3600" } });
    expect(failed(await run)).toContain("is not available: ");
    await at.server.restart();
    at.proxy.reset();
    succeeded(await at.project.up("dev"));
    expect(await liveRowLimit()).toBe(1000);
    await isClean();
  });

  test("and comes back soon: the same up goes on", async () => {
    setRowLimit(1001);
    const held = at.proxy.hold(importOf("charts"));
    const run = at.project.up("dev");
    await reached(held, run);
    await at.server.kill();
    held.release();
    await at.server.restart();
    succeeded(await run);
    expect(await liveRowLimit()).toBe(1001);
  });
});

describe("an edit made in Superset while an up writes", () => {
  test("between the refresh and the last look: it is not overwritten", async () => {
    setRowLimit(1100);
    const uuid = chartNamed(await at.ui.exportAssets(), "Turnover (dev)");
    const held = at.proxy.hold(lookAt("chart"));
    const run = at.project.up("dev");
    await reached(held, run);
    await editRowLimit(at.ui, uuid, 77);
    held.release();
    const output = failed(await run);
    expect(output).toContain(`chart 'Turnover (dev)' (${TURNOVER}) was changed in Superset after this run had read it, and is not overwritten:`);
    expect(output).toContain("  params.row_limit: 1001 → 77");
    expect(await liveRowLimit()).toBe(77);
    // The person has seen it now: Git wins, as the policy says.
    const second = succeeded(await at.project.up("dev"));
    expect(second).toContain("drift: chart 'Turnover (dev)'");
    expect(await liveRowLimit()).toBe(1100);
    await isClean();
  });

  test("between the last look and the write: it is reported with its fields", async () => {
    setRowLimit(1200);
    const uuid = chartNamed(await at.ui.exportAssets(), "Turnover (dev)");
    const held = at.proxy.hold(importOf("charts"));
    const run = at.project.up("dev");
    await reached(held, run);
    await editRowLimit(at.ui, uuid, 78);
    held.release();
    const output = failed(await run);
    expect(output).toContain("an edit was overwritten. Local Admin changed it at ");
    expect(output).toMatch(/params = .*"row_limit":78/);
    expect(await liveRowLimit()).toBe(1200);
    succeeded(await at.project.up("dev"));
    await isClean();
  });

  test("before a removal: the asset stays", async () => {
    at.project.write("assets/charts/extra.yaml", "slice_name: Extra\nviz_type: big_number_total\ndatasource: orders\nparams: {metric: turnover}\n");
    succeeded(await at.project.up("dev"));
    const uuid = chartNamed(await at.ui.exportAssets(), "Extra");
    at.project.remove("assets/charts/extra.yaml");
    const held = at.proxy.hold(lookAt("chart"));
    const run = at.project.up("dev");
    await reached(held, run);
    await at.ui.put(`/api/v1/chart/${await at.ui.id("chart", uuid)}`, { description: "I need this" });
    held.release();
    const output = failed(await run);
    expect(output).toContain("chart 'Extra' was changed in Superset after this run had read it, and is not overwritten:");
    expect(output).toContain('  description: (none) → "I need this"');
    expect((await at.ui.exportAssets())["charts"]?.get(uuid)?.["description"]).toBe("I need this");
    succeeded(await at.project.up("dev"));
    expect(counts(await at.ui.exportAssets())).toEqual(COMPLETE);
  });
});

describe("two runs at once", () => {
  test("the second is refused by the lock, the first ends well", async () => {
    setRowLimit(1300);
    const held = at.proxy.hold(importOf("charts"));
    const first = at.project.up("dev");
    await reached(held, first);
    const second = failed(await at.project.up("dev"));
    expect(second).toContain("the stack is currently locked by 1 lock(s)");
    held.release();
    succeeded(await first);
    expect(await liveRowLimit()).toBe(1300);
    await isClean();
  });
});

describe("an interrupted up", () => {
  test("Ctrl-C: the write under way ends, what comes after it is not begun, and the next up goes on without unlocking", async () => {
    setRowLimit(1400);
    at.project.write("assets/dashboards/sales.yaml.j2", (TEMPLATES["assets/dashboards/sales.yaml.j2"] ?? "").replace("About", "All about"));
    const held = at.proxy.hold(importOf("charts"));
    const run = at.project.start(up, {}, true);
    await reached(held, run.done);
    process.kill(-(run.child.pid ?? 0), "SIGINT");
    await interrupted(run.child);
    held.release();
    expect(failed(await run.done)).toContain("update canceled");
    expect(await liveRowLimit()).toBe(1400);
    expect(JSON.stringify(plain(await at.ui.exportAssets()))).not.toContain("All about");
    succeeded(await at.project.up("dev"));
    expect(JSON.stringify(plain(await at.ui.exportAssets()))).toContain("All about");
    await isClean();
  });

  test("Ctrl-C twice while Superset does not answer: it ends at once, and the next up goes on without unlocking", async () => {
    setRowLimit(1500);
    const held = at.proxy.hold(importOf("charts"));
    const run = at.project.start(up, {}, true);
    await reached(held, run.done);
    process.kill(-(run.child.pid ?? 0), "SIGINT");
    await interrupted(run.child);
    process.kill(-(run.child.pid ?? 0), "SIGINT");
    failed(await run.done);
    held.release();
    succeeded(await at.project.up("dev"));
    expect(await liveRowLimit()).toBe(1500);
    await isClean();
  });

  test("killed: 'pulumi cancel' takes the lock away, and the next up goes on", async () => {
    at.project.write("assets/charts/extra.yaml", "slice_name: Extra\nviz_type: big_number_total\ndatasource: orders\nparams: {metric: turnover}\n");
    const held = at.proxy.hold(importOf("charts"));
    const run = at.project.start(up, {}, true);
    await reached(held, run.done);
    // The engine's plugins are in groups of their own, and outlive it.
    for (const pid of [run.child.pid ?? 0, ...descendants(run.child.pid ?? 0)]) {
      process.kill(pid, "SIGKILL");
    }
    await run.done;
    held.release();
    expect(failed(await at.project.up("dev"))).toContain("pulumi cancel");
    succeeded(await at.project.run(["cancel", "--yes", "--stack", "dev"]));
    succeeded(await at.project.up("dev"));
    expect(counts(await at.ui.exportAssets())).toEqual({ ...COMPLETE, charts: 3 });
    await isClean();
  });
});
