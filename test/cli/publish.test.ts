/** `hybrid comment` and `hybrid issue` as a job calls them, against a stand-in of GitHub's API. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { bareRepository, cloneOf, gitFolder, type TestRepository } from "../helpers/git";
import { GitHubStandIn } from "../helpers/github";

const HYBRID = join(__dirname, "../../bin/hybrid.js");
const REPOSITORY = "shop/bi";
let server: GitHubStandIn;
let checkout: TestRepository;
let number: number;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

beforeEach(async () => {
  const folder = gitFolder();
  const remote = bareRepository(folder);
  checkout = cloneOf(remote, folder, "job");
  checkout.write("a", "1");
  checkout.publish("First");
  checkout.git("checkout", "--quiet", "-b", "change");
  checkout.write("a", "2");
  checkout.publish("Second");
  server = await new GitHubStandIn().start();
  server.addRepository(REPOSITORY, remote);
  const opened = await fetch(`${server.url}/repos/${REPOSITORY}/pulls`, { method: "POST", headers: { authorization: `token ${server.token}` }, body: JSON.stringify({ title: "T", head: "change", base: "main" }) });
  number = ((await opened.json()) as { readonly number: number }).number;
  server.takeRequests();
});
afterEach(() => server.stop());

function hybrid(args: readonly string[], input: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [HYBRID, ...args], { cwd: checkout.folder, env: { ...process.env, GITHUB_TOKEN: "", GH_TOKEN: "", ...server.env(REPOSITORY), ...env } });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
  child.stdin.on("error", () => undefined).end(input);
  return new Promise((finish, fail) => child.on("error", fail).on("close", (code) => finish({ code, stdout, stderr })));
}

const comment = (text: string, id = "plan-prod"): Promise<Ended> => hybrid(["comment", String(number), "--id", id], text);

test("one comment of each id, brought up to date, and left alone where nothing changed", async () => {
  expect(await comment("First plan\n")).toEqual({ code: 0, stdout: expect.stringMatching(/^created: https:\/\/github\.com\/shop\/bi\/\S+\n$/) as string, stderr: "" });
  expect((await comment("Other plan\n", "plan-dev")).stdout).toMatch(/^created: /);
  expect((await comment("Second plan\n")).stdout).toMatch(/^updated: /);
  expect((await comment("Second plan\n")).stdout).toMatch(/^unchanged: /);
  expect(server.comments(REPOSITORY, number)).toEqual(["<!-- hybrid: plan-prod -->\nSecond plan\n", "<!-- hybrid: plan-dev -->\nOther plan\n"]);
});

test("a text that GitHub would refuse for its length is cut at a line, outside of its code block", async () => {
  const line = `+${"x".repeat(99)}\n`;
  expect((await comment(`~~~~diff\n${line.repeat(1_000)}~~~~\n`)).code).toBe(0);
  const [body = ""] = server.comments(REPOSITORY, number);
  expect(body.length).toBeLessThan(65_536);
  expect(body.endsWith(`${line}~~~~\n\n… and 36062 more characters, which do not fit here: the log of the run has them.\n`)).toBe(true);
});

test("an issue is opened, brought up to date, and closed when there is no reason any more", async () => {
  const issue = (args: readonly string[], text = ""): Promise<Ended> => hybrid(["issue", "--id", "drift-prod", "--label", "drift", ...args], text);
  expect((await issue(["--title", "Drift in prod"], "row_limit: 10 → 20\n")).stdout).toMatch(/^created: /);
  expect((await issue(["--title", "Drift in prod"], "row_limit: 10 → 30\n")).stdout).toMatch(/^updated: /);
  const { stdout } = await issue(["--close", "No drift any more.", "--json"]);
  expect(JSON.parse(stdout)).toEqual({ url: expect.stringContaining("/issues/") as string, change: "closed" });
  expect((await issue(["--close", "No drift any more."])).stdout).toBe("no such issue is open\n");
  expect(server.takeRequests().filter((request) => request.startsWith("POST "))).toEqual([`POST /repos/${REPOSITORY}/issues`, `POST /repos/${REPOSITORY}/issues/${number + 1}/comments`]);
});

test.each([
  ["no text", ["comment", "1", "--id", "x"], {}, " \n", "there is no text to write: it comes from standard input, or from the file that --file names"],
  ["no token", ["comment", "1", "--id", "x"], { GITHUB_TOKEN: "" }, "text", "no token for https://github.com/shop/bi: set GITHUB_TOKEN or GH_TOKEN to one that may read and write contents, pull requests and issues of the repository"],
  ["no number", ["comment", "main", "--id", "x"], {}, "text", "Write the number of a pull request or issue."],
  ["no such remote", ["comment", "1", "--id", "x", "--remote", "upstream"], {}, "text", "the repository has no remote 'upstream': its remotes are origin"],
  ["an issue without a title", ["issue", "--id", "x"], {}, "text", "an issue needs a title: --title <title>; or close the open one with --close <why>"],
])("%s: one error, and nothing is asked of GitHub", async (_name, args, env, input, message) => {
  const { code, stdout, stderr } = await hybrid(args, input, env);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toContain(message);
  expect(server.takeRequests()).toEqual([]);
});

test("a repository that is not on GitHub", async () => {
  checkout.git("remote", "set-url", "origin", "https://gitlab.example.com/shop/bi.git");
  const { code, stderr } = await hybrid(["comment", "1", "--id", "x"], "text");
  expect(code).toBe(1);
  expect(stderr).toBe(
    "comments are written on GitHub only, and this repository is at gitlab.example.com/shop/bi: put the text where it belongs by other means, or name the repository on GitHub with --repository owner/name\n",
  );
  expect((await hybrid(["comment", String(number), "--id", "x", "--repository", REPOSITORY], "text")).stdout).toMatch(/^created: /);
});
