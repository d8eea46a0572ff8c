/** What `hybrid export-to-pr` takes over: edits of every sort, new and deleted assets, of which environments and by whom. */
import type { JsonObject } from "../../provider/json";
import { saveDashboard } from "../helpers/saves";
import { succeeded } from "../stack/outcome";
import { BRANCH, Exporting, REPOSITORY } from "./exporting";

jest.setTimeout(300_000);

let on: Exporting;
beforeAll(async () => {
  on = await Exporting.start();
});
afterAll(() => on.github.stop());

/** Makes a chart like another one; its uuid. */
async function newChart(name: string, like: string): Promise<string> {
  const { id, params } = await on.chart(like);
  const { result } = await on.ui.get(`/api/v1/chart/${id}?q=(columns:!(viz_type,datasource_id,datasource_type))`);
  const { viz_type } = result as JsonObject;
  const { result: rows } = await on.ui.get("/api/v1/dataset/?q=(columns:!(id,table_name))");
  const dataset = (rows as unknown as readonly JsonObject[]).find(({ table_name }) => table_name === "orders")?.["id"] ?? 0;
  await on.ui.post("/api/v1/chart/", { slice_name: name, viz_type: viz_type ?? "", datasource_id: dataset, datasource_type: "table", params: JSON.stringify(params) });
  return (await on.chart(name)).uuid;
}

/** Puts a chart into a row of its own at the end of the dashboard, as the editor does. */
async function addToDashboard(name: string): Promise<void> {
  const { id, uuid } = await on.chart(name);
  await saveDashboard(on.ui, await on.dashboard("sales"), ({ positions }) => {
    const [row, place] = [`ROW-${uuid.slice(0, 8)}`, `CHART-${uuid.slice(0, 8)}`];
    positions["GRID_ID"]?.children.push(row);
    positions[row] = { type: "ROW", id: row, children: [place], parents: ["ROOT_ID", "GRID_ID"], meta: { background: "BACKGROUND_TRANSPARENT" } };
    positions[place] = { type: "CHART", id: place, children: [], parents: ["ROOT_ID", "GRID_ID", row], meta: { chartId: id, uuid, sliceName: name, width: 4, height: 50 } };
  });
}

/** Takes a chart off the dashboard. */
async function removeFromDashboard(uuid: string): Promise<void> {
  await saveDashboard(on.ui, await on.dashboard("sales"), ({ positions }) => {
    const place = Object.values(positions).find(({ meta }) => meta?.["uuid"] === uuid)?.id ?? "";
    delete positions[place];
    for (const { children } of Object.values(positions)) {
      if (children?.includes(place)) children.splice(children.indexOf(place), 1);
    }
  });
}

const files = (branch = BRANCH): string[] => on.remote.git("diff", "--name-status", "main", branch).split("\n").map((line) => line.replace("\t", " "));

/** Merges the open pull request and applies it, under the strict policy: Superset holds it already. */
async function mergeAndApply(): Promise<void> {
  await on.api("PUT", `pulls/${String(on.pull()["number"])}/merge`, {});
  on.checkOutMain();
  succeeded(await on.project.up("dev", { HYBRID_APPLY_MODE: "strict_fail_on_drift" }));
  expect(await on.exported()).toMatch(/^NO_CHANGES/);
}

test("a chart that was renamed: the dashboard that names it goes on doing so", async () => {
  await on.ui.put(`/api/v1/chart/${(await on.chart("Total")).id}`, { slice_name: "Sum of all" });
  expect(await on.exported()).toMatch(/^PR_OPENED .*\n {2}chart 'Sum of all' \(assets\/charts\/total\.yaml\): slice_name; Local Admin, <when>\n$/);
  expect(on.patch()).toBe("-slice_name: Total\n+slice_name: Sum of all\n-      - {chart: Total, width: 4}\n+      - {chart: Sum of all, width: 4}");
  await mergeAndApply();
});

test("a new chart on a dashboard goes in, one that nobody needs with --unmanaged only: then it stays in", async () => {
  await newChart("Alone", "Sum of all");
  expect(await on.exported()).toMatch(/^NO_CHANGES/);
  await newChart("Turnover of the year (dev)", "Sum of all");
  await addToDashboard("Turnover of the year (dev)");
  expect(await on.exported()).toMatch(/^PR_OPENED /);
  expect(files()).toEqual(["A assets/charts/turnover_of_the_year.yaml.j2", "M assets/dashboards/sales.yaml.j2"]);
  expect(on.remote.git("show", `${BRANCH}:assets/charts/turnover_of_the_year.yaml.j2`)).toContain('slice_name: "Turnover of the year ({{ ENV }})"');
  expect(String(on.pull()["body"])).toContain("- `prod` changes too, in 2 assets.");

  expect(await on.exported("--unmanaged")).toMatch(/^PR_UPDATED .*\n {2}chart 'Alone' \(assets\/charts\/alone\.yaml\.j2\): new; Local Admin, <when>\n/);
  expect(await on.exported()).toMatch(/^PR_UNCHANGED /);
  expect(files()).toEqual(["A assets/charts/alone.yaml.j2", "A assets/charts/turnover_of_the_year.yaml.j2", "M assets/dashboards/sales.yaml.j2"]);
  await mergeAndApply();
});

test("one dashboard with all it needs, on a branch of its own", async () => {
  await on.setParam("Sum of all", "metric", "count");
  await on.setParam("Alone", "subheader", "alone");
  expect(await on.exported("--dashboard", "sales")).toMatch(/^PR_OPENED /);
  // The metric that the chart shows now is one that Superset made, and that Git did not list.
  expect(files("hybrid/ui-dev-sales")).toEqual(["M assets/charts/total.yaml", "M assets/datasets/orders.yaml.j2"]);
  expect(on.remote.git("rev-list", "--count", "main..hybrid/ui-dev-sales")).toBe("1");
  expect(on.pull()).toMatchObject({ title: "UI edits of dev: sales" });
  expect(String(on.pull()["body"])).toContain("### dataset orders · `assets/datasets/orders.yaml.j2`\n\nHas what an edited one uses.");
  expect(await on.exported()).toMatch(/^PR_OPENED /);
  expect(files()).toEqual(["M assets/charts/alone.yaml.j2", "M assets/charts/total.yaml", "M assets/datasets/orders.yaml.j2"]);
  await mergeAndApply();
  expect(await on.exported("--dashboard", "sales")).toMatch(/^PR_CLOSED .*: all of it is in main\n$/);
});

test("a chart that was deleted: its template goes, with its place on the dashboard", async () => {
  const { id, uuid } = await on.chart("Sum of all");
  await removeFromDashboard(uuid);
  await on.ui.delete(`/api/v1/chart/${id}`);
  expect(await on.exported()).toMatch(/^PR_OPENED /);
  expect(files()).toEqual(["D assets/charts/total.yaml", "M assets/dashboards/sales.yaml.j2"]);
  expect(on.remote.git("log", "--format=%B", `main..${BRANCH}`)).toContain("chart 'Sum of all' (assets/charts/total.yaml) was deleted in Superset\n");
  await mergeAndApply();
});

test("what Git and the UI both changed is a conflict in the pull request, which has Superset's version", async () => {
  const template = "assets/charts/turnover.yaml.j2";
  on.project.write(template, on.project.read(template).replace("row_limit: 1000", "row_limit: 2000").replace("time_grain_sqla: P1W", "time_grain_sqla: P3M"));
  on.user.publish("Git's own");
  await on.setParam("Turnover (dev)", "row_limit", 50);
  expect(await on.exported()).toMatch(/^PR_OPENED .*\n {2}CONFLICT chart 'Turnover \(dev\)' \(assets\/charts\/turnover\.yaml\.j2\): params\.row_limit; /);
  expect(on.patch()).toBe("-  row_limit: 2000\n+  row_limit: 50");
  expect(String(on.pull()["body"])).toContain("| `params.row_limit` | `2000` | `50` | **conflict**: was `1000` at the last apply |");
});

test("two people: a commit of each, in the order of their edits", async () => {
  const roles = (await on.ui.get("/api/v1/security/roles/?q=(page_size:100)")) as unknown as { readonly result: readonly { readonly id: number; readonly name: string }[] };
  const role = roles.result.find(({ name }) => name === "Admin")?.id ?? 0;
  await on.ui.post("/api/v1/security/users/", { username: "eve", password: "eves-password", first_name: "Eve", last_name: "Analyst", email: "eve@example.org", active: true, roles: [role] });
  const eve = await on.as("eve", "eves-password");
  await eve.put(`/api/v1/dashboard/${await on.dashboard("sales")}`, { published: false });
  expect(await on.exported()).toMatch(/^PR_UPDATED /);
  expect(on.remote.git("log", "--reverse", "--format=%s", `main..${BRANCH}`)).toBe("UI edit of dev by Local Admin: chart 'Turnover (dev)'\nUI edit of dev by Eve Analyst: dashboard 'Sales (dev)'");
  expect(on.remote.git("show", "--format=", "--name-only", BRANCH)).toBe("assets/dashboards/sales.yaml.j2");
});

test("an account that may not read everything: what it lacks, and nothing is pushed", async () => {
  const roles = (await on.ui.get("/api/v1/security/roles/?q=(page_size:100)")) as unknown as { readonly result: readonly { readonly id: number; readonly name: string }[] };
  const role = roles.result.find(({ name }) => name === "Gamma")?.id ?? 0;
  await on.ui.post("/api/v1/security/users/", { username: "gina", password: "ginas-password", first_name: "Gina", last_name: "Gamma", email: "gina@example.org", active: true, roles: [role] });
  const before = on.remote.git("for-each-ref");
  const { code, stdout, stderr } = await on.project.hybrid(["export-to-pr", "dev"], { env: { ...on.github.env(REPOSITORY), SUPERSET_ADMIN_USER: "gina", SUPERSET_ADMIN_PASS: "ginas-password" } });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/\nThe user 'gina' (may not GET \/api\/v1\/|of Superset at .* lacks can_export)/);
  expect(on.remote.git("for-each-ref")).toBe(before);
});

test("what no template can say is said, here and in the pull request, and ends with 2", async () => {
  await on.api("PATCH", `pulls/${String(on.pull()["number"])}`, { state: "closed" });
  on.remote.git("update-ref", "-d", `refs/heads/${BRANCH}`);
  await on.setParam("Turnover (dev)", "row_limit", 2000);
  await on.ui.put(`/api/v1/dashboard/${await on.dashboard("sales")}`, { published: true });
  // A character that translation keeps for itself.
  await newChart("Odd \uF8E0", "Turnover (dev)");
  const stuck = await on.run("--unmanaged");
  expect(stuck).toMatchObject({ code: 2, stdout: expect.stringMatching(/^NOT_EXPORTED: no template can take over what was edited in the Superset of dev\nnotes:\n {2}assets\/charts: warning: the chart 'Odd \uF8E0' \(.*\) is not taken over: /) as unknown });
  expect(on.github.pulls(REPOSITORY).some(({ state }) => state === "open")).toBe(false);

  await on.setParam("Turnover (dev)", "row_limit", 2001);
  const partly = await on.run("--unmanaged");
  expect(partly).toMatchObject({ code: 2, stdout: expect.stringMatching(/^PR_OPENED .*\n {2}CONFLICT chart 'Turnover \(dev\)' .*: params\.row_limit; .*\nnotes:\n {2}assets\/charts: /) as unknown });
  expect(String(on.pull()["body"])).toMatch(/### Not taken over, or only in part\n\n- `assets\/charts: warning: the chart 'Odd/);
});

test("a base without the environment, and one that does not compile", async () => {
  on.checkOutMain();
  on.user.git("checkout", "--quiet", "-b", "without");
  on.user.remove("Pulumi.dev.yaml");
  on.user.publish("Without dev");
  on.user.git("checkout", "--quiet", "main");
  expect(await on.run("--base", "without")).toMatchObject({ code: 1, stderr: expect.stringMatching(/\nenvironment 'dev' is not in without of origin: push its Pulumi\.dev\.yaml there first, or name another branch with --base\n$/) as unknown });
  on.user.git("checkout", "--quiet", "-b", "broken");
  on.user.write("assets/charts/turnover.yaml.j2", "slice_name: {{ NOPE }}\n");
  on.user.publish("Broken");
  on.user.git("checkout", "--quiet", "main");
  expect(await on.run("--base", "broken")).toMatchObject({ code: 1, stderr: expect.stringMatching(/\nassets\/charts\/turnover\.yaml\.j2:1:\d+: .*NOPE[^]*\nbroken of origin does not compile, so nothing can be exported to it\.\n$/) as unknown });
});
