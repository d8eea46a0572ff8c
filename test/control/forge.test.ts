/** GitHub's API through the real client, against a stand-in that speaks the documented shapes over HTTP. */
import { GitHub, tokenOf } from "../../control/forge/github";
import { addLabels, closeIssue, findIssue, writeComment, writeIssue } from "../../control/forge/issues";
import { placeOf, type GitHubPlace } from "../../control/forge/place";
import { openPull, pullsOfBranch, updatePull } from "../../control/forge/pulls";
import { defaultPatience, limitWait, type Patience } from "../../control/forge/waiting";
import { bareRepository, cloneOf, gitFolder, type TestRepository } from "../helpers/git";
import { GitHubStandIn } from "../helpers/github";

const REPOSITORY = "shop/bi";
const PULL = { branch: "ui", base: "main", title: "UI edits of dev", body: "Body" };

let server: GitHubStandIn;
let remote: TestRepository;
let log: string[];

beforeEach(async () => {
  const folder = gitFolder();
  remote = bareRepository(folder);
  const user = cloneOf(remote, folder, "user");
  user.write("a", "1");
  user.publish("First");
  user.git("checkout", "--quiet", "-b", "ui");
  user.write("a", "2");
  user.publish("Second");
  server = await new GitHubStandIn().start();
  server.addRepository(REPOSITORY, remote);
  log = [];
});
afterEach(() => server.stop());

const place = (): GitHubPlace => ({ owner: "shop", name: "bi", api: server.url, page: "https://github.com/shop/bi" });
const client = (patience: Partial<Patience> = {}, token = server.token): GitHub =>
  new GitHub({ place: place(), token, log: (line) => log.push(line), patience: { firstWaitMs: 5, outageBudgetMs: 200, firstContactBudgetMs: 50, untoldMs: 10, ...patience } });

describe("pull requests", () => {
  test("opened once, found, changed, closed", async () => {
    const github = client();
    expect(await pullsOfBranch(github, "ui")).toEqual([]);
    const { pull, created } = await openPull(github, PULL);
    expect({ pull, created }).toEqual({
      created: true,
      pull: { number: 1, url: "https://github.com/shop/bi/pull/1", title: PULL.title, body: "Body", state: "open", merged: false, head: remote.git("rev-parse", "ui"), base: "main" },
    });
    expect(await pullsOfBranch(github, "ui")).toEqual([pull]);
    expect(await updatePull(github, 1, { body: "New" })).toMatchObject({ body: "New", title: PULL.title });
    expect(await updatePull(github, 1, { state: "closed" })).toMatchObject({ state: "closed", merged: false });
    expect((await openPull(github, PULL)).pull.number).toBe(2);
    expect((await pullsOfBranch(github, "ui")).map(({ number }) => number)).toEqual([2, 1]);
    await updatePull(github, 2, { state: "closed" });
    await updatePull(github, 1, { state: "open" });
    expect((await pullsOfBranch(github, "ui")).map(({ number }) => number)).toEqual([1, 2]);
  });

  test("opened by another run in the same moment: that one is taken", async () => {
    const github = client();
    await openPull(github, PULL);
    expect(await openPull(github, PULL)).toMatchObject({ created: false, pull: { number: 1 } });
  });

  test("GitHub's own words where it does not open one", async () => {
    await expect(openPull(client(), { ...PULL, branch: "nope" })).rejects.toThrow(`opening the pull request at ${server.url} failed: 422 Validation Failed: PullRequest head invalid`);
    remote.git("update-ref", "refs/heads/ui", "main");
    await expect(openPull(client(), PULL)).rejects.toThrow("422 Validation Failed: No commits between main and ui");
  });
});

describe("comments, labels and issues", () => {
  test("a comment is written once, replaced where it differs, and told from others by its marker", async () => {
    const github = client();
    await openPull(github, PULL);
    for (let index = 0; index < 120; index++) await writeComment(github, 1, `other ${index}`, "Something else");
    expect((await writeComment(github, 1, "plan dev", "Plan: 1")).change).toBe("created");
    expect((await writeComment(github, 1, "plan dev", "Plan: 1\n")).change).toBe("none");
    const updated = await writeComment(github, 1, "plan dev", "Plan: 2");
    expect(updated.change).toBe("updated");
    expect(updated.url).toMatch(/^https:\/\/github\.com\/shop\/bi\/issues\/1#issuecomment-\d+$/);
    expect(server.comments(REPOSITORY, 1).filter((body) => body.includes("Plan"))).toEqual(["<!-- hybrid: plan dev -->\nPlan: 2"]);
  });

  test("labels are added to those that are there", async () => {
    const github = client();
    await openPull(github, PULL);
    await addLabels(github, 1, ["ui", "dev"]);
    await addLabels(github, 1, ["dev", "bi"]);
    await addLabels(github, 1, []);
    expect(server.pulls(REPOSITORY)[0]?.["labels"]).toEqual([{ name: "ui" }, { name: "dev" }, { name: "bi" }]);
  });

  test("an issue is opened once, updated, and closed with a word", async () => {
    const github = client();
    await openPull(github, PULL);
    const text = { id: "drift dev", title: "Drift in dev", body: "One", label: "drift" };
    expect(await findIssue(github, "drift dev", "drift")).toBeUndefined();
    expect(await closeIssue(github, "drift dev", "No drift", "drift")).toBeUndefined();
    expect(await writeIssue(github, text)).toEqual({ url: "https://github.com/shop/bi/issues/2", change: "created" });
    expect((await writeIssue(github, text)).change).toBe("none");
    expect((await writeIssue(github, { ...text, body: "Two" })).change).toBe("updated");
    expect((await writeIssue(github, { ...text, id: "drift prod" })).change).toBe("created");
    expect(await findIssue(github, "drift dev", "drift")).toMatchObject({ number: 2, body: "<!-- hybrid: drift dev -->\nTwo" });
    expect(await findIssue(github, "drift dev", "another label")).toBeUndefined();
    expect(await closeIssue(github, "drift dev", "No drift any more", "drift")).toMatchObject({ number: 2, state: "closed" });
    expect(server.comments(REPOSITORY, 2)).toEqual(["No drift any more"]);
    expect(await findIssue(github, "drift dev")).toBeUndefined();
  });
});

describe("waiting", () => {
  test.each<[string, { status: number; message: string; headers: Record<string, string> }]>([
    ["retry-after of a secondary limit, 403", { status: 403, message: "You have exceeded a secondary rate limit.", headers: { "retry-after": "0" } }],
    ["retry-after of a secondary limit, 429", { status: 429, message: "You have exceeded a secondary rate limit.", headers: { "retry-after": "0" } }],
    ["a secondary limit without a time", { status: 403, message: "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.", headers: {} }],
    ["too many requests without a word", { status: 429, message: "Too Many Requests", headers: {} }],
  ])("for %s, also for a request that creates something", async (_name, fault) => {
    server.fail({ match: /^POST .*\/pulls$/, ...fault, times: 2 });
    expect((await openPull(client(), PULL)).created).toBe(true);
    expect(server.requests.map(({ method }) => method)).toEqual(["POST", "POST", "POST"]);
    expect(log).toHaveLength(2);
    expect(log[0]).toMatch(/^GitHub: POST \/repos\/shop\/bi\/pulls: its rate limit is reached; going on in 0\.0 s$/);
  });

  test("until the time at which the limit is reset, and a second", () => {
    const response = (headers: Record<string, string>): { headers: Record<string, string>; data: unknown } => ({ headers, data: {} });
    const limit = { status: 403, message: "API rate limit exceeded", response: response({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1000" }) };
    expect(limitWait(limit, 0, 990_000, 1)).toBe(11_000);
    expect(limitWait(limit, 3, 2_000_000, 1)).toBe(1_000);
    expect(limitWait({ ...limit, response: response({ "retry-after": "7", "x-ratelimit-remaining": "0" }) }, 0, 0, 1)).toBe(7_000);
    expect(limitWait({ status: 429, message: "", response: response({}) }, 2, 0, defaultPatience.untoldMs)).toBe(240_000);
    expect(limitWait({ status: 403, message: "Resource not accessible by integration", response: response({ "x-ratelimit-remaining": "12" }) }, 0, 0, 1)).toBeUndefined();
    expect(limitWait({ status: 429, message: "no answer" }, 0, 0, 1)).toBeUndefined();
  });

  test("not longer than all calls together may take", async () => {
    const fault = { match: /./, status: 429, headers: { "retry-after": "1" } };
    server.fail(fault);
    const github = client({ limitBudgetMs: 1_500 });
    expect(await pullsOfBranch(github, "ui")).toEqual([]);
    server.fail(fault);
    await expect(pullsOfBranch(github, "ui")).rejects.toThrow(
      new RegExp(`^looking for the pull request of ui at ${server.url} failed: GitHub's rate limit is reached \\(A fault of the test\\), and lasts longer than the 2 s that are waited for in all: until .*Z; run it again then$`),
    );
    expect(server.takeRequests()).toHaveLength(3);
  });

  test("for a server that is away: reads again, never a request that may have created something", async () => {
    server.fail({ match: /^GET/, status: 502, times: 2 });
    expect(await pullsOfBranch(client(), "ui")).toEqual([]);
    expect(log[0]).toMatch(/^GitHub: GET \/repos\/shop\/bi\/pulls: failed \(status 502\); trying again in 0\.0 s$/);
    server.fail({ match: /^POST/, status: 502, done: true });
    await expect(openPull(client(), PULL)).rejects.toThrow("GitHub has a problem of its own (502 A fault of the test); run it again later");
    expect(server.pulls(REPOSITORY)).toHaveLength(1);
    expect(await openPull(client(), PULL)).toMatchObject({ created: false, pull: { number: 1 } });
  });

  test("ends, where nobody answers", async () => {
    const github = client();
    await server.stop();
    await expect(pullsOfBranch(github, "ui")).rejects.toThrow(/failed: GitHub does not answer \(connect ECONNREFUSED 127\.0\.0\.1:\d+\); check the network, or GITHUB_API_URL, and run it again$/);
  });

  test("ends, where a server takes the request and says nothing", async () => {
    const silent = await new GitHubStandIn().start();
    // Of what is announced, the most never comes.
    silent.fail({ match: /./, status: 200, headers: { "content-length": "9999" }, times: 9 });
    const github = new GitHub({ place: { ...place(), api: silent.url }, token: "token", log: (line) => log.push(line), patience: { timeoutMs: 50, firstContactBudgetMs: 20, firstWaitMs: 5 } });
    await expect(pullsOfBranch(github, "ui")).rejects.toThrow(/failed: GitHub does not answer \(no whole answer within 0\.05 s\)/);
    await silent.stop();
  });
});

describe("refusals in words, without the token", () => {
  test("no token", () => {
    expect(tokenOf(place(), { GITHUB_TOKEN: "", GH_TOKEN: "b" })).toBe("b");
    expect(() => tokenOf(place(), {})).toThrow("no token for https://github.com/shop/bi: set GITHUB_TOKEN or GH_TOKEN to one that may read and write contents, pull requests and issues of the repository");
  });

  test("a wrong one", async () => {
    await expect(pullsOfBranch(client({}, "ghp_wrong"), "ui")).rejects.toThrow(
      `looking for the pull request of ui at ${server.url} failed: GitHub does not know the token (401 Bad credentials): it is wrong, expired or revoked; set another in GITHUB_TOKEN or GH_TOKEN`,
    );
    server.fail({ match: /./, status: 400, message: `what is ${server.token}` });
    await expect(pullsOfBranch(client(), "ui")).rejects.toThrow("failed: 400 what is ***");
  });

  test.each<[string, string, Record<string, string>, string]>([
    ["a fine-grained one", "Resource not accessible by personal access token", { "x-accepted-github-permissions": "pull_requests=write" }, "it needs pull_requests=write"],
    ["a classic one", "Must have admin rights", {}, "it needs to read and write contents, pull requests and issues of the repository"],
    ["that of a workflow", "GitHub Actions is not permitted to create or approve pull requests.", {}, "in the repository's or organisation's Settings → Actions → General, allow GitHub Actions to create and approve pull requests"],
    ["one without single sign-on", "Resource protected by organization SAML enforcement.", { "x-github-sso": "required; url=https://github.com/orgs/shop/sso?x=1" }, "authorise it for the organisation at https://github.com/orgs/shop/sso?x=1"],
  ])("one without permission: %s", async (_name, message, headers, advice) => {
    server.fail({ match: /./, status: 403, message, headers });
    await expect(openPull(client(), PULL)).rejects.toThrow(`opening the pull request at ${server.url} failed: the token may not do this (403 ${message}): ${advice}`);
    expect(log).toEqual([]);
  });

  test("a repository that is not there", async () => {
    const github = new GitHub({ place: { ...place(), name: "nope" }, token: server.token, log: () => undefined });
    await expect(pullsOfBranch(github, "ui")).rejects.toThrow("failed: there is no repository shop/nope there, or the token may not see it (404)");
  });
});

describe("where a remote is hosted", () => {
  const github = (url: string, env: NodeJS.ProcessEnv = {}, named?: string): GitHubPlace | undefined => placeOf(url, named, env).github;

  test.each([
    "git@github.com:shop/bi.git", "https://github.com/shop/bi", "https://x-access-token:secret@github.com/shop/bi.git/", "ssh://git@ssh.github.com:443/shop/bi.git", "git://github.com/shop/bi.git",
  ])("GitHub: %s", (url) => {
    expect(github(url)).toEqual({ owner: "shop", name: "bi", api: "https://api.github.com", page: "https://github.com/shop/bi" });
    expect(placeOf(url, undefined, {}).label).toBe("github.com/shop/bi");
    expect(placeOf(url, undefined, {}).compare("main", "hybrid/ui-dev")).toBe("https://github.com/shop/bi/compare/main...hybrid/ui-dev?expand=1");
  });

  test("GitHub Enterprise: by its name, or by the environment", () => {
    expect(github("git@github.example.com:shop/bi.git")).toMatchObject({ api: "https://github.example.com/api/v3", page: "https://github.example.com/shop/bi" });
    expect(github("https://shop.ghe.com/shop/bi.git")).toMatchObject({ api: "https://api.shop.ghe.com", page: "https://shop.ghe.com/shop/bi" });
    const server = { GITHUB_SERVER_URL: "https://code.example.com:8443/", GITHUB_API_URL: "https://code.example.com:8443/api/v3" };
    expect(github("git@code.example.com:shop/bi.git", server)).toEqual({ owner: "shop", name: "bi", api: "https://code.example.com:8443/api/v3", page: "https://code.example.com:8443/shop/bi" });
    expect(github("git@code.example.com:shop/bi.git", { GH_HOST: "code.example.com" })).toMatchObject({ api: "https://code.example.com/api/v3" });
    expect(github("git@code.example.com:shop/bi.git")).toBeUndefined();
    // The environment's server is another one than the remote's.
    expect(github("git@github.com:shop/bi.git", server)).toMatchObject({ api: "https://api.github.com" });
  });

  test("by what the caller says: an ssh alias, a folder in GitHub Actions", () => {
    expect(github("git@work:other/thing.git", {}, "shop/bi")).toMatchObject({ owner: "shop", name: "bi", api: "https://api.github.com" });
    expect(github("/srv/bi.git", { GITHUB_REPOSITORY: "shop/bi", GITHUB_API_URL: "http://127.0.0.1:1" })).toMatchObject({ owner: "shop", name: "bi", api: "http://127.0.0.1:1" });
    expect(github("https://gitlab.com/shop/bi.git", { GITHUB_REPOSITORY: "mirror/bi" })).toBeUndefined();
  });

  test.each([
    ["git@gitlab.com:shop/team/bi.git", "https://gitlab.com/shop/team/bi/-/merge_requests/new?merge_request%5Bsource_branch%5D=hybrid%2Fui-dev&merge_request%5Btarget_branch%5D=main"],
    ["https://u:p@gitlab.example.com:8443/shop/bi.git", "https://gitlab.example.com:8443/shop/bi/-/merge_requests/new?merge_request%5Bsource_branch%5D=hybrid%2Fui-dev&merge_request%5Btarget_branch%5D=main"],
    ["git@bitbucket.org:shop/bi.git", "https://bitbucket.org/shop/bi/pull-requests/new?source=hybrid%2Fui-dev&dest=main"],
    ["git@ssh.dev.azure.com:v3/org/project/bi", "https://dev.azure.com/org/project/_git/bi/pullrequestcreate?sourceRef=hybrid%2Fui-dev&targetRef=main"],
    ["https://dev.azure.com/org/project/_git/bi", "https://dev.azure.com/org/project/_git/bi/pullrequestcreate?sourceRef=hybrid%2Fui-dev&targetRef=main"],
    ["ssh://git@codeberg.org/shop/bi.git", "https://codeberg.org/shop/bi/compare/main...hybrid/ui-dev"],
    ["git@git.example.com:shop/bi.git", undefined],
    ["/srv/git/bi.git", undefined],
    ["C:/git/bi.git", undefined],
    ["../bi.git", undefined],
  ])("elsewhere: %s", (url, link) => {
    const place = placeOf(url, undefined, {});
    expect(place.github).toBeUndefined();
    expect(place.compare("main", "hybrid/ui-dev")).toBe(link);
    expect(place.label).not.toContain("p@");
  });
});
