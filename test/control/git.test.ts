/** The layer over git, on real repositories. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PushRejectedError, redactUrls } from "../../control/git/failure";
import { changesBetween, commitsOf, diffText } from "../../control/git/history";
import { fetchBranches, listBranches, push } from "../../control/git/remote";
import { checkBranchName, chooseRemote, defaultIdentity, openRepository, parseIdentity, type Remote, type Repository } from "../../control/git/repository";
import { Scratch } from "../../control/git/scratch";
import { bareRepository, cloneOf, gitFolder, TestRepository } from "../helpers/git";

const BOT = { name: "Bot", email: "bot@example.org" };

let folder: string;
let remote: TestRepository;
let user: TestRepository;
let first: string;

beforeEach(() => {
  folder = gitFolder();
  remote = bareRepository(folder);
  user = cloneOf(remote, folder, "user");
  user.write("assets/a.yaml", "a: 1\n");
  user.write("other/b.txt", "b\n");
  first = user.publish("First");
});

const open = async (path = user.folder): Promise<[Repository, Remote]> => {
  const repository = await openRepository(path);
  return [repository, await chooseRemote(repository)];
};

/** Pushes a commit with one file changed on top of main, as an export does. */
async function pushChange(content: string, expected?: string, branch = "bot", path = user.folder): Promise<string> {
  const [repository, origin] = await open(path);
  return Scratch.use(repository, async (scratch) => {
    const { base, commits } = await fetchBranches(scratch, origin, undefined, [branch]);
    const parent = commits.get(base) ?? "";
    await scratch.checkout(parent);
    const tree = await scratch.writeTree(new Map([["assets/a.yaml", content]]));
    const commit = await scratch.commit({ tree, parents: [parent], message: "Change a", author: BOT });
    await push(scratch, origin, { branch, commit, expected });
    return commit;
  });
}

describe("a checkout stays as it is, to the last byte", () => {
  test.each<[string, () => void]>([
    ["clean", () => undefined],
    ["dirty: changed, staged, removed and new files", () => {
      user.write("assets/a.yaml", "a: mine\n");
      user.write("new.txt", "new\n");
      user.git("add", "new.txt");
      user.remove("other/b.txt");
      user.write("untracked.txt", "u\n");
    }],
    ["detached", () => { user.git("checkout", "--quiet", "--detach"); }],
    ["on a branch that was never pushed", () => { user.git("checkout", "--quiet", "-b", "mine"); }],
    ["in the middle of a merge", () => {
      user.git("checkout", "--quiet", "-b", "mine");
      user.write("assets/a.yaml", "a: mine\n");
      user.commit("Mine");
      user.git("checkout", "--quiet", "main");
      user.write("assets/a.yaml", "a: theirs\n");
      user.publish("Theirs");
      expect(() => user.git("merge", "--quiet", "mine")).toThrow();
    }],
    ["behind its remote, without the commits of it", () => {
      const other = cloneOf(remote, folder, "other");
      other.write("other/c.txt", "c\n");
      other.publish("Second");
    }],
    ["with hooks, a pager, signed commits and pruning set up", () => {
      for (const hook of ["pre-commit", "commit-msg", "pre-push", "reference-transaction", "post-index-change"]) {
        user.hook(hook, `echo ${hook} >> hooks-ran; exit 1`);
      }
      for (const [key, value] of [["core.pager", "false"], ["commit.gpgsign", "true"], ["push.gpgSign", "true"], ["fetch.prune", "true"], ["user.signingkey", "nobody"]] as const) {
        user.git("config", key, value);
      }
    }],
  ])("%s", async (_name, prepare) => {
    prepare();
    const before = user.fingerprint();
    const commit = await pushChange("a: 2\n");
    expect(user.fingerprint()).toEqual(before);
    expect(remote.git("rev-parse", "bot")).toBe(commit);
    expect(remote.git("show", "bot:assets/a.yaml")).toBe("a: 2");
    expect(remote.git("log", "-1", "--format=%an %ae %cn %s", "bot")).toBe("Bot bot@example.org Bot Change a");
    expect(remote.git("diff-tree", "-r", "--name-status", "main", "bot")).toBe("M\tassets/a.yaml");
  });

  test("a linked worktree, a shallow clone, a clone without contents, and a sparse one", async () => {
    user.write("assets/a.yaml", "a: second\n");
    user.publish("Second");
    user.git("worktree", "add", "--quiet", "--detach", join(folder, "linked"));
    remote.git("config", "uploadpack.allowFilter", "true");
    const url = `file://${remote.folder}`;
    const [shallow, partial] = [new TestRepository(join(folder, "shallow")), new TestRepository(join(folder, "partial"))];
    user.git("clone", "--quiet", "--depth=1", url, shallow.folder);
    user.git("clone", "--quiet", "--filter=blob:none", "--no-checkout", url, partial.folder);
    const sparse = cloneOf(remote, folder, "sparse");
    sparse.git("sparse-checkout", "set", "other");
    for (const [branch, one] of Object.entries({ linked: new TestRepository(join(folder, "linked")), shallow, partial, sparse })) {
      const before = one.fingerprint();
      const commit = await pushChange(`${branch}: 1\n`, undefined, branch, one.folder);
      expect(one.fingerprint()).toEqual(before);
      expect(remote.git("show", `${commit}:assets/a.yaml`)).toBe(`${branch}: 1`);
      expect(remote.git("diff-tree", "-r", "--name-only", "main", branch)).toBe("assets/a.yaml");
    }
  });

  test("one that may only be read, of somebody else", async () => {
    for (const path of [folder, user.folder, remote.folder]) execFileSync("chmod", ["-R", "a+rX", path]);
    execFileSync("chmod", ["-R", "a-w", user.folder]);
    const program = join(folder, "push.js");
    const module = (name: string): string => JSON.stringify(join(__dirname, "../../dist/control/git", name));
    writeFileSync(program, `
      const { chooseRemote, openRepository } = require(${module("repository")});
      const { fetchBranches, push } = require(${module("remote")});
      const { Scratch } = require(${module("scratch")});
      (async () => {
        const repository = await openRepository(process.argv[2]);
        const remote = await chooseRemote(repository);
        await Scratch.use(repository, async (scratch) => {
          const { commits } = await fetchBranches(scratch, remote, "main", []);
          await scratch.checkout(commits.get("main"));
          const tree = await scratch.writeTree(new Map([["assets/a.yaml", "a: 2\\n"]]));
          const commit = await scratch.commit({ tree, parents: [commits.get("main")], message: "Change a", author: { name: "Bot", email: "bot@example.org" } });
          await push(scratch, remote, { branch: "bot", commit, expected: undefined });
        });
      })().catch((error) => { console.error(error); process.exit(1); });`);
    // Nothing is read-only to root.
    const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;
    if (nobody !== undefined) execFileSync("chown", ["-R", "65534:65534", remote.folder]);
    const env = { PATH: process.env["PATH"], GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "safe.directory", GIT_CONFIG_VALUE_0: "*" };
    const before = user.fingerprint();
    execFileSync(process.execPath, [program, user.folder], { ...nobody, env, cwd: "/", stdio: "pipe" });
    expect(user.fingerprint()).toEqual(before);
    expect(remote.git("-c", "safe.directory=*", "show", "bot:assets/a.yaml")).toBe("a: 2");
  });

  test("as seen from a hook, which names the repository by its own variables", async () => {
    process.env["GIT_DIR"] = join(folder, "nowhere");
    process.env["GIT_INDEX_FILE"] = join(folder, "nowhere-index");
    try {
      await pushChange("a: 2\n");
    } finally {
      delete process.env["GIT_DIR"];
      delete process.env["GIT_INDEX_FILE"];
    }
    expect(remote.git("show", "bot:assets/a.yaml")).toBe("a: 2");
  });
});

describe("a push", () => {
  test("that another was faster than is refused, and does not overwrite the other", async () => {
    const theirs = await pushChange("a: theirs\n");
    await expect(pushChange("a: 2\n")).rejects.toMatchObject({ reason: "changed" });
    await expect(pushChange("a: 2\n", first)).rejects.toMatchObject({ reason: "changed" });
    expect(remote.git("rev-parse", "bot")).toBe(theirs);
    const ours = await pushChange("a: 2\n", theirs);
    expect(remote.git("rev-parse", "bot")).toBe(ours);
  });

  test("a branch is deleted only as it was seen", async () => {
    const commit = await pushChange("a: 2\n");
    const [repository, origin] = await open();
    await Scratch.use(repository, async (scratch) => {
      await expect(push(scratch, origin, { branch: "bot", commit: undefined, expected: first })).rejects.toMatchObject({ reason: "changed" });
      await push(scratch, origin, { branch: "bot", commit: undefined, expected: commit });
    });
    expect(remote.git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
  });

  test("that a hook of the remote declines gives the remote's own words", async () => {
    remote.hook("pre-receive", "echo 'policy: only by pull request' >&2; exit 1");
    const failure = pushChange("a: 2\n");
    await expect(failure).rejects.toThrow(PushRejectedError);
    await expect(failure).rejects.toThrow(
      `pushing bot to origin (${remote.folder}) failed: [remote rejected] (pre-receive hook declined)\nremote: policy: only by pull request\n` +
        "a hook or a protection of the remote does not take it: its words are above; allow this push there, or name another branch with --branch",
    );
  });

  test("that a protection of the remote declines", async () => {
    await pushChange("a: 2\n");
    remote.git("config", "receive.denyNonFastForwards", "true");
    await expect(pushChange("a: 3\n", remote.git("rev-parse", "bot"))).rejects.toMatchObject({ reason: "changed" });
    remote.hook("update", "exit 1");
    await expect(pushChange("a: 3\n", undefined, "more")).rejects.toThrow("[remote rejected] (hook declined)");
  });

  test("for which the remote has no place", async () => {
    remote.git("update-ref", "refs/heads/bot", first);
    const failure = pushChange("a: 2\n", undefined, "bot/ui-dev");
    await expect(failure).rejects.toMatchObject({ reason: "other" });
    await expect(failure).rejects.toThrow(/'refs\/heads\/bot' exists; cannot create 'refs\/heads\/bot\/ui-dev'[^]*\nthe remote has no place for a branch of this name; name another one with --branch$/);
  });

  test("to a remote that is not there", async () => {
    user.git("remote", "set-url", "--push", "origin", join(folder, "gone.git"));
    await expect(pushChange("a: 2\n")).rejects.toThrow(/^pushing bot to origin \(.*gone\.git\) failed: fatal: '.*gone\.git' does not appear to be a git repository[\s\S]*check the remote's address$/);
  });
});

describe("a remote that cannot be read", () => {
  const unreachable = async (url: string): Promise<unknown> => {
    user.git("remote", "set-url", "origin", url);
    const [repository, origin] = await open();
    return listBranches(repository, origin, []);
  };

  test("says the address without its token, and what to do", async () => {
    const failure = unreachable("http://x-access-token:ghp_secret@127.0.0.1:9/shop/bi.git");
    await expect(failure).rejects.toThrow("reading the branches of origin (http://***@127.0.0.1:9/shop/bi.git) failed: fatal: unable to access 'http://127.0.0.1:9/shop/bi.git/'");
    await expect(failure).rejects.toThrow("the remote does not answer: check the network and try again");
    await expect(failure).rejects.not.toThrow("ghp_secret");
  });

  test("because the repository is not there", async () => {
    await expect(unreachable(join(folder, "gone.git"))).rejects.toThrow("there is no such repository, or these credentials may not see it: check the remote's address");
  });

  test("because it is empty, or has no such base", async () => {
    const empty = bareRepository(folder, "empty.git");
    user.git("remote", "add", "empty", empty.folder);
    const repository = await openRepository(user.folder);
    const base = async (name: string, wanted?: string): Promise<unknown> => {
      const chosen = await chooseRemote(repository, name);
      return Scratch.use(repository, (scratch) => fetchBranches(scratch, chosen, wanted, []));
    };
    await expect(base("empty")).rejects.toThrow(`empty (${empty.folder}) has no default branch: name one with --base, or push one first`);
    await expect(base("origin", "trunk")).rejects.toThrow(`origin (${remote.folder}) has no branch 'trunk': name one with --base, or push one first`);
  });
});

test("a branch that is force-pushed between being listed and being fetched is listed again", async () => {
  user.git("checkout", "--quiet", "--orphan", "again");
  user.write("assets/a.yaml", "a: 5\n");
  const second = user.commit("Anew");
  user.git("push", "--quiet", "origin", "HEAD:refs/heads/again");
  const other = cloneOf(remote, folder, "other");
  other.write("assets/a.yaml", "a: 4\n");
  other.publish("Not known to the user's clone");
  const [repository, origin] = await open();
  const counter = join(folder, "calls");
  writeFileSync(join(folder, "upload-pack"), `#!/bin/sh\ngit-upload-pack "$@"\necho >> ${counter}\ngit -C ${remote.folder} update-ref refs/heads/main ${second}\n`, { mode: 0o755 });
  user.git("config", "remote.origin.uploadpack", join(folder, "upload-pack"));
  const fetched = await Scratch.use(repository, (scratch) => fetchBranches(scratch, origin, "main", []));
  expect(fetched).toEqual({ base: "main", commits: new Map([["main", second]]) });
  expect(readFileSync(counter, "utf8")).toBe("\n\n\n\n");
});

describe("which remote", () => {
  test("the branch's, else origin, else the only one, else the one named", async () => {
    const repository = await openRepository(user.folder);
    const other = bareRepository(folder, "other.git");
    user.git("remote", "add", "upstream", other.folder);
    expect((await chooseRemote(repository)).name).toBe("origin");
    user.git("config", "branch.main.remote", "upstream");
    expect(await chooseRemote(repository)).toEqual({ name: "upstream", url: other.folder, pushUrl: other.folder, written: other.folder });
    user.git("config", "branch.main.remote", ".");
    expect((await chooseRemote(repository)).name).toBe("origin");
    user.git("checkout", "--quiet", "--detach");
    expect((await chooseRemote(repository, "upstream")).name).toBe("upstream");
    user.git("remote", "remove", "origin");
    expect((await chooseRemote(repository)).name).toBe("upstream");
    await expect(chooseRemote(repository, "origin")).rejects.toThrow("the repository has no remote 'origin': its remotes are upstream");
    user.git("remote", "rename", "upstream", "a");
    user.git("remote", "add", "b", other.folder);
    await expect(chooseRemote(repository)).rejects.toThrow("the repository has no remote to push to (its remotes are a, b): name one with --remote, or make one with 'git remote add origin <address>'");
  });

  test("no repository", async () => {
    const place = gitFolder();
    await expect(openRepository(place)).rejects.toThrow(`${place} is in no Git repository that git can use: fatal: not a git repository`);
  });
});

test("a project below the repository's top: only its files are taken out and changed", async () => {
  const [repository, origin] = await open(join(user.folder, "assets"));
  await Scratch.use(repository, async (scratch) => {
    const { commits } = await fetchBranches(scratch, origin, undefined, []);
    await scratch.checkout(commits.get("main") ?? "");
    expect(readdirSync(scratch.folder)).toEqual(["a.yaml"]);
    const tree = await scratch.writeTree(new Map([["a.yaml", undefined], ["deep/new.yaml", "n: 1\n"]]));
    expect([...(await changesBetween(scratch, first, tree)).keys()]).toEqual(["a.yaml", "deep/new.yaml"]);
    const commit = await scratch.commit({ tree, parents: [first], message: "Move", author: BOT });
    await push(scratch, origin, { branch: "bot", commit, expected: undefined });
    await expect(scratch.writeTree(new Map([["../../x", "x"]]))).rejects.toThrow("../../x is outside of the repository's folder");
  });
  expect(remote.git("ls-tree", "-r", "--name-only", "bot")).toBe("assets/deep/new.yaml\nother/b.txt");
});

test("line ends and modes are those the repository asks for", async () => {
  user.write(".gitattributes", "*.yaml text eol=crlf\n");
  user.write("run.sh", "#!/bin/sh\n");
  user.git("add", ".");
  user.git("update-index", "--chmod=+x", "run.sh");
  user.git("commit", "--quiet", "-m", "Attributes");
  user.git("push", "--quiet", "origin", "main");
  const [repository, origin] = await open();
  await Scratch.use(repository, async (scratch) => {
    const { commits } = await fetchBranches(scratch, origin, undefined, []);
    const base = commits.get("main") ?? "";
    await scratch.checkout(base);
    expect(readFileSync(join(scratch.folder, "assets/a.yaml"), "utf8")).toBe("a: 1\r\n");
    const same = await scratch.writeTree(new Map([["assets/a.yaml", "a: 1\r\n"], ["run.sh", "#!/bin/sh\n"]]));
    expect(await changesBetween(scratch, base, same)).toEqual(new Map());
    const changed = await scratch.writeTree(new Map([["assets/a.yaml", "a: 2\r\n"]]));
    expect(await diffText(scratch, base, changed)).toContain("\n-a: 1\n+a: 2\n");
  });
});

test("the commits that a branch has and another has not, newest first, with their messages", async () => {
  const [repository, origin] = await open();
  const messages = ["One\n\nHybrid-Export: dev", "Two"];
  await Scratch.use(repository, async (scratch) => {
    const { commits } = await fetchBranches(scratch, origin, undefined, []);
    await scratch.checkout(commits.get("main") ?? "");
    let tip = commits.get("main") ?? "";
    for (const [index, message] of messages.entries()) {
      const tree = await scratch.writeTree(new Map([["assets/a.yaml", `a: ${index + 2}\n`]]));
      tip = await scratch.commit({ tree, parents: [tip], message, author: BOT });
    }
    expect((await commitsOf(scratch, tip, [first])).map(({ message }) => message)).toEqual(["Two", "One\n\nHybrid-Export: dev"]);
    expect(await commitsOf(scratch, first, [tip])).toEqual([]);
  });
});

test("what a killed run has left is removed by the next one; what a living one needs stays", async () => {
  const [repository] = await open();
  const left = mkdtempSync(join(tmpdir(), "hybrid-git-"));
  writeFileSync(join(left, "owner.json"), JSON.stringify({ pid: 4_000_000, started: "never" }));
  mkdirSync(join(left, "files"));
  const places = await Scratch.use(repository, async (outer) => Scratch.use(repository, async (inner) => {
    expect(existsSync(outer.folder)).toBe(true);
    expect(existsSync(inner.folder)).toBe(true);
    return [left, outer.folder, inner.folder];
  }));
  expect(places.filter(existsSync)).toEqual([]);
});

test("who commits", async () => {
  expect(parseIdentity("Ada L. <ada@example.org>")).toEqual({ name: "Ada L.", email: "ada@example.org" });
  expect(() => parseIdentity("Ada")).toThrow("--author 'Ada': write 'Name <email>'");
  const repository = await openRepository(user.folder);
  expect(await defaultIdentity(repository, { GIT_AUTHOR_NAME: "CI", GIT_AUTHOR_EMAIL: "ci@example.org" })).toEqual({ name: "CI", email: "ci@example.org" });
  user.git("config", "user.name", "Eve");
  user.git("config", "user.email", "eve@example.org");
  expect(await defaultIdentity(repository, {})).toEqual({ name: "Eve", email: "eve@example.org" });
});

test.each(["", "a b", "a..b", "-x", "@{-1}", "end.lock"])("'%s' is no branch", async (name) => {
  const repository = await openRepository(user.folder);
  await expect(checkBranchName(repository, name)).rejects.toThrow(`'${name}' cannot be the name of a branch`);
});

test("credentials in addresses are masked, names of ssh users are not", () => {
  expect(redactUrls("https://ada:pw@h/x http://token@h:1/y ssh://git@h/z git@h:z https://h/a@b")).toBe("https://***@h/x http://***@h:1/y ssh://git@h/z git@h:z https://h/a@b");
});
