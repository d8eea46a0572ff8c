/** `hybrid export-to-pr` on a real Superset, a stack, a bare remote and a stand-in of GitHub's API: the life of the pull request, and faults. */
import type { JsonObject } from "../../provider/json";
import { cloneOf, gitFolder } from "../helpers/git";
import type { HybridResult } from "../helpers/project";
import { freePort } from "../helpers/runtime";
import { succeeded } from "../stack/outcome";
import { BRANCH, Exporting, REPOSITORY } from "./exporting";

jest.setTimeout(300_000);

let on: Exporting;
beforeAll(async () => {
  on = await Exporting.start();
});
afterAll(() => on.github.stop());

test("nothing was edited: no branch, no pull request", async () => {
  expect(await on.exported()).toBe("NO_CHANGES: Superset holds nothing of dev that Git has not\n");
  expect(on.remote.git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
  expect(on.github.takeRequests()).toEqual([`GET /repos/${REPOSITORY}/pulls`]);
});

test("an edit in the UI becomes a pull request of one line, from a dirty and detached checkout that stays as it is", async () => {
  await on.setParam("Turnover (dev)", "row_limit", 500);
  on.user.git("checkout", "--quiet", "--detach");
  on.user.write("assets/charts/turnover.yaml.j2", "something: unfinished\n");
  on.user.write("assets/charts/new.yaml", "slice_name: New\n");
  const before = on.user.fingerprint();

  expect(await on.exported("--label", "ui", "--author", "Export Bot <bot@example.org>")).toBe(
    "PR_OPENED https://github.com/shop/bi/pull/1\n  chart 'Turnover (dev)' (assets/charts/turnover.yaml.j2): params.row_limit; Local Admin, <when>\n",
  );

  expect(on.user.fingerprint()).toEqual(before);
  expect(on.patch()).toBe("-  row_limit: 1000\n+  row_limit: 500");
  expect(on.remote.git("log", "--format=%an <%ae>", `main..${BRANCH}`)).toBe("Export Bot <bot@example.org>");
  expect(on.remote.git("log", "--format=%B", `main..${BRANCH}`).replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, "<when>")).toBe(`UI edit of dev by Local Admin: chart 'Turnover (dev)'

chart 'Turnover (dev)' (assets/charts/turnover.yaml.j2) was edited in Superset by Local Admin at <when>
  params.row_limit: 1000 → 500

Hybrid-Export: dev
Hybrid-Base: ${on.remote.git("rev-parse", "main")}
`);
  expect(on.pull()).toMatchObject({ number: 1, title: "UI edits of dev", state: "open", draft: false, labels: [{ name: "ui" }], base: { ref: "main" }, head: { ref: BRANCH } });
  expect(String(on.pull()["body"])).toContain("| `params.row_limit` | `1000` | `500` |  |");
  expect(String(on.pull()["body"])).toContain("- `prod` changes too, in 1 asset.");
  on.github.takeRequests();
});

test("again: nothing is pushed, and the pull request stays as it is", async () => {
  const tip = on.remote.git("rev-parse", BRANCH);
  expect(await on.exported()).toMatch(/^PR_UNCHANGED https:\/\/github\.com\/shop\/bi\/pull\/1\n/);
  expect(on.remote.git("rev-parse", BRANCH)).toBe(tip);
  expect(on.github.takeRequests()).toEqual([`GET /repos/${REPOSITORY}/pulls`]);
});

test("the base moves elsewhere: the branch has the change already", async () => {
  const other = cloneOf(on.remote, gitFolder());
  other.write("README.md", "About\n");
  other.publish("Readme");
  const tip = on.remote.git("rev-parse", BRANCH);
  expect(await on.exported()).toMatch(/^PR_UNCHANGED /);
  expect(on.remote.git("rev-parse", BRANCH)).toBe(tip);
});

test("another edit: the same pull request, on the base as it is now; what people wrote around its text stays", async () => {
  await on.ui.put(`/api/v1/dashboard/${await on.dashboard("sales")}`, { published: false });
  const item = on.pull();
  await on.api("PATCH", "pulls/1", { title: "Ours", body: `Please look, Eve.\r\n\r\n${String(item["body"]).replaceAll("\n", "\r\n")}` });
  expect(await on.exported()).toMatch(/^PR_UPDATED https:\/\/github\.com\/shop\/bi\/pull\/1\n/);
  expect(on.github.pulls(REPOSITORY)).toHaveLength(1);
  expect(on.patch()).toBe("-  row_limit: 1000\n+  row_limit: 500\n-published: true\n+published: false");
  expect(on.remote.git("merge-base", "main", BRANCH)).toBe(on.remote.git("rev-parse", "main"));
  expect(on.pull()).toMatchObject({ title: "Ours" });
  expect(String(on.pull()["body"])).toMatch(/^Please look, Eve\.\n\n<!-- hybrid: ui-edits dev -->[^]*`published` \| `true` \| `false`/);
  expect(await on.exported()).toMatch(/^PR_UNCHANGED /);
});

test("merged: there is nothing more to export, and an apply of a strict environment finds no conflict", async () => {
  await on.api("PUT", "pulls/1/merge", { merge_method: "squash" });
  expect(await on.exported()).toBe("NO_CHANGES: Superset holds nothing of dev that Git has not\n");
  // What was merged by a squash stays behind, and is no commit of main.
  expect(on.remote.git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");

  on.checkOutMain();
  succeeded(await on.project.up("dev", { HYBRID_APPLY_MODE: "strict_fail_on_drift" }));
  expect((await on.chart("Turnover (dev)")).params["row_limit"]).toBe(500);
  expect(await on.exported()).toMatch(/^NO_CHANGES/);
});

test("the next edit opens the next pull request", async () => {
  await on.setParam("Turnover (dev)", "row_limit", 600);
  expect(await on.exported()).toMatch(/^PR_OPENED https:\/\/github\.com\/shop\/bi\/pull\/2\n/);
  expect(on.patch()).toBe("-  row_limit: 500\n+  row_limit: 600");
});

test("a commit of a person on the branch is kept, and later edits are added to it", async () => {
  const other = cloneOf(on.remote, gitFolder());
  other.git("checkout", "--quiet", BRANCH);
  other.write("assets/charts/turnover.yaml.j2", other.git("show", "HEAD:assets/charts/turnover.yaml.j2").replace("row_limit: 600", "row_limit: 700") + "\n");
  const theirs = other.publish("Seven hundred is better");

  expect(await on.exported()).toMatch(/^PR_UNCHANGED /);
  expect(on.remote.git("rev-parse", BRANCH)).toBe(theirs);

  await on.setParam("Turnover (dev)", "time_grain_sqla", "P1M");
  expect(await on.exported()).toMatch(/^PR_UPDATED /);
  expect(on.remote.git("rev-parse", `${BRANCH}^`)).toBe(theirs);
  expect(on.patch(theirs)).toBe("-  time_grain_sqla: P1W\n+  time_grain_sqla: P1M");
  expect(on.patch()).toContain("+  row_limit: 700");
  expect(String(on.pull()["body"])).toContain("| `params.row_limit` | `500` | `700` |  |\n| `params.time_grain_sqla` | `\"P1W\"` | `\"P1M\"` |  |");
  expect(await on.exported()).toMatch(/^PR_UNCHANGED /);
});

test("an exported edit that is undone in Superset is undone on top of a person's commit", async () => {
  await on.setParam("Turnover (dev)", "row_limit", 500);
  await on.setParam("Turnover (dev)", "time_grain_sqla", "P1W");
  const tip = on.remote.git("rev-parse", BRANCH);
  expect(await on.exported()).toMatch(/^PR_UPDATED /);
  expect(on.patch(tip)).toBe("-  time_grain_sqla: P1M\n+  time_grain_sqla: P1W\n-  row_limit: 700\n+  row_limit: 500");
});

test("a pull request that is closed without a merge is not opened again", async () => {
  await on.api("PATCH", "pulls/2", { state: "closed" });
  on.remote.git("update-ref", "-d", `refs/heads/${BRANCH}`);
  await on.setParam("Turnover (dev)", "row_limit", 600);
  expect(await on.exported()).toMatch(/^PR_OPENED .*\/3\n/);
  await on.api("PATCH", "pulls/3", { state: "closed" });
  expect(await on.exported()).toMatch(/^PR_DECLINED https:\/\/github\.com\/shop\/bi\/pull\/3 has these edits and was closed without being merged: open it again, or undo the edits in Superset\n/);
  await on.setParam("Turnover (dev)", "row_limit", 601);
  expect(await on.exported()).toMatch(/^PR_OPENED .*\/4\n/);
});

test("edits that a deploy has written over: the pull request has them still, and says so once", async () => {
  await on.setParam("Turnover (dev)", "row_limit", 500);
  for (let run = 1; run <= 2; run += 1) {
    expect(await on.exported()).toBe("PR_LEFT https://github.com/shop/bi/pull/4: Superset holds none of its edits any more; merge it to have them back, or close it\n");
  }
  expect(on.github.comments(REPOSITORY, 4)).toHaveLength(1);
  expect(on.github.comments(REPOSITORY, 4)[0]).toContain("The Superset of `dev` holds none of these edits any more: they were undone there, or a deploy wrote Git's version over them. What is in this pull request is nowhere else.");
  expect(on.patch()).toBe("-  row_limit: 500\n+  row_limit: 601");
});

test("another edit takes their place: what the branch has no more is told, with the commit that has it", async () => {
  await on.ui.put(`/api/v1/dashboard/${await on.dashboard("sales")}`, { published: true });
  const tip = on.remote.git("rev-parse", BRANCH);
  expect(await on.exported()).toMatch(/^PR_UPDATED .*\/4\n/);
  expect(on.patch()).toBe("-published: false\n+published: true");
  expect(on.github.comments(REPOSITORY, 4).at(-1)).toContain(`- \`assets/charts/turnover.yaml.j2\`\n\nThey are still in commit ${tip}.`);
});

describe("faults: one clear error each, and nothing changed", () => {
  const state = (): JsonObject => ({ checkout: on.user.fingerprint(), branches: on.remote.git("for-each-ref"), pulls: on.github.pulls(REPOSITORY).map(({ number, state, body }) => [number ?? 0, state ?? "", body ?? ""]) });
  async function refused(expected: string | RegExp, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<void> {
    const before = state();
    const { code, stdout, stderr } = await on.project.hybrid(["export-to-pr", "dev", ...args], { env: { ...on.github.env(REPOSITORY), ...env } });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    const said = stderr.split("\n").filter((line) => !/^(- |  .*: done in)/.test(line)).join("\n");
    if (typeof expected === "string") expect(said).toContain(expected);
    else expect(said).toMatch(expected);
    expect(said).not.toContain("this is a bug");
    expect(state()).toEqual(before);
  }

  beforeAll(async () => {
    await on.setParam("Turnover (dev)", "row_limit", 800);
  });

  test("the remote rejects the push", async () => {
    on.remote.hook("pre-receive", "echo 'only people may push' >&2; exit 1");
    await refused(`pushing ${BRANCH} to origin (${on.remote.folder}) failed: [remote rejected] (pre-receive hook declined)\nremote: only people may push\na hook or a protection of the remote does not take it`);
    on.remote.hook("pre-receive", "exit 0");
  });

  test("the API does not know the token, or is away: nothing is pushed", async () => {
    await refused("GitHub does not know the token (401 Bad credentials)", [], { GITHUB_TOKEN: "ghp_wrong" });
    await refused(/GitHub does not answer \(connect ECONNREFUSED 127\.0\.0\.1:\d+\)/, [], { GITHUB_API_URL: `http://127.0.0.1:${await freePort()}` });
    await refused("no token for https://github.com/shop/bi: set GITHUB_TOKEN or GH_TOKEN", [], { GITHUB_TOKEN: "", GH_TOKEN: "" });
    on.github.fail({ match: /./, status: 429, headers: { "retry-after": "7200" } });
    await refused("GitHub's rate limit is reached (A fault of the test), and lasts longer than the 600 s that are waited for in all");
  });

  test("names that are none", async () => {
    expect(await on.project.hybrid(["export-to-pr", "nope"], { env: on.github.env(REPOSITORY) })).toMatchObject({ code: 1, stderr: `no environment 'nope' in ${on.project.root}: there are dev, prod (Pulumi.<env>.yaml)\n` });
    await refused(`origin (${on.remote.folder}) has no branch 'trunk': name one with --base, or push one first`, ["--base", "trunk"]);
    await refused("the repository has no remote 'upstream': its remotes are origin", ["--remote", "upstream"]);
    await refused("'a..b' cannot be the name of a branch; name another one with --branch", ["--branch", "a..b"]);
    await refused("'main' is the branch to merge into: name another one with --branch", ["--branch", "main"]);
    await refused("has no dashboard with the slug or uuid 'nope'; there are: ", ["--dashboard", "nope"]);
  });

  test("an account that may not read everything", async () => {
    await refused(/refuses|may not|not allowed|permission/i, [], { SUPERSET_ADMIN_PASS: "wrong" });
  });

  test("the API fails after the push: the branch is there, and the next run goes on", async () => {
    await on.api("PATCH", "pulls/4", { state: "closed" });
    on.github.fail({ match: /^POST .*pulls$/, status: 403, message: "Resource not accessible by integration" });
    const { code, stderr } = await on.run();
    expect(code).toBe(1);
    expect(stderr).toContain(
      `${BRANCH} was pushed to origin, but its pull request is not up to date: opening the pull request at ${on.github.url} failed: the token may not do this (403 Resource not accessible by integration)`,
    );
    expect(stderr).toContain(`Run it again, or open the pull request at https://github.com/shop/bi/compare/main...${BRANCH}?expand=1.`);
    expect(await on.exported()).toMatch(/^PR_OPENED .*\/5\n/);
  });
});

test("two runs at once: both end well, with one pull request", async () => {
  await on.setParam("Turnover (dev)", "row_limit", 900);
  const results = await Promise.all([on.run(), on.run()]);
  expect(results.map(({ code }) => code)).toEqual([0, 0]);
  expect(on.github.pulls(REPOSITORY).filter(({ state }) => state === "open").map(({ number }) => number)).toEqual([5]);
  expect(on.patch()).toContain("+  row_limit: 900");
  expect(on.remote.git("rev-list", "--count", `main..${BRANCH}`)).toBe("1");
});

test("GitLab, or no API wanted: the branch is pushed, and the link told", async () => {
  const link = "https://gitlab.com/shop/bi/-/merge_requests/new?merge_request%5Bsource_branch%5D=other&merge_request%5Btarget_branch%5D=main";
  on.user.git("config", `url.${on.remote.folder}.insteadOf`, "git@gitlab.com:shop/bi.git");
  on.user.git("remote", "add", "gitlab", "git@gitlab.com:shop/bi.git");
  const run = (): Promise<HybridResult> => on.project.hybrid(["export-to-pr", "dev", "--remote", "gitlab", "--branch", "other"], { env: { GITHUB_TOKEN: "" } });
  expect(await run()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^PUSHED other; open a merge request: /) as unknown });
  expect(await run()).toMatchObject({ code: 0, stdout: expect.stringContaining(`UNCHANGED other; open a merge request: ${link}\n`) as unknown });
  expect(on.remote.git("diff", "--name-only", BRANCH, "other")).toBe("");
  expect(await on.project.hybrid(["export-to-pr", "dev", "--no-pr", "--branch", "third"], { env: on.github.env(REPOSITORY) })).toMatchObject({ code: 0, stdout: expect.stringMatching(/^PUSHED third; open a merge request: https:\/\/github\.com\/shop\/bi\/compare\/main\.\.\.third\?expand=1\n/) as unknown });
});

test("--dry-run shows the diff and needs no token; --json is one object", async () => {
  const before = on.remote.git("for-each-ref");
  const env = { ...on.github.env(REPOSITORY), GITHUB_TOKEN: "" };
  const { code, stdout } = await on.project.hybrid(["export-to-pr", "dev", "--dry-run"], { env });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^WOULD_EXPORT to hybrid\/ui-dev\n {2}chart 'Turnover \(dev\)'[^]*\n--- a\/assets\/charts\/turnover\.yaml\.j2\n[^]*\n- {2}row_limit: 500\n\+ {2}row_limit: 900\n/);
  const json = await on.project.hybrid(["export-to-pr", "dev", "--dry-run", "--json", "--dashboard", "sales"], { env });
  expect(JSON.parse(json.stdout)).toMatchObject({
    environment: "dev", outcome: "planned", base: "main", branch: `${BRANCH}-sales`, pull_request: null, remaining: 0, notes: [],
    assets: [{ kind: "chart", change: "edited", fields: [{ path: "params.row_limit", before: 500, after: 900 }], editor: { name: "Local Admin" } }, { kind: "dashboard", fields: [{ path: "published" }] }],
  });
  expect(on.remote.git("for-each-ref")).toBe(before);
});
