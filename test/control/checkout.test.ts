import { headCommit, relationToHead, uncommitted } from "../../control/git/checkout";
import { bareRepository, cloneOf, gitFolder, type TestRepository } from "../helpers/git";

let user: TestRepository;
beforeEach(() => {
  const folder = gitFolder();
  user = cloneOf(bareRepository(folder), folder);
});

test("the commit that is checked out, where there is one", async () => {
  expect(await headCommit(user.folder)).toBeUndefined();
  user.write("a.txt", "a\n");
  const sha = user.commit("First");
  expect(await headCommit(user.folder)).toBe(sha);
  user.git("checkout", "--quiet", "--detach");
  expect(await headCommit(user.folder)).toBe(sha);
  expect(await headCommit("/")).toBeUndefined();
});

test("files beside the commit: changed, new, removed; not those that are ignored or elsewhere", async () => {
  user.write("project/a.txt", "a\n");
  user.write("project/b.txt", "b\n");
  user.write(".gitignore", "ignored/\n");
  user.commit("First");
  expect(await uncommitted(user.folder)).toEqual([]);
  user.write("project/a.txt", "other\n");
  user.remove("project/b.txt");
  user.write("project/new/c.txt", "c\n");
  user.write("ignored/d.txt", "d\n");
  user.write("elsewhere.txt", "e\n");
  expect(await uncommitted(`${user.folder}/project`)).toEqual([" M project/a.txt", " D project/b.txt", "?? project/new/c.txt"]);
});

test("how a commit stands to HEAD", async () => {
  const commit = (name: string): string => {
    user.write(name, name);
    return user.commit(name);
  };
  const [first, second, third] = [commit("a"), commit("b"), commit("c")];
  const relation = (sha: string) => relationToHead(user.folder, sha);
  expect(await relation(third)).toEqual({ kind: "head" });
  expect(await relation(first)).toEqual({ kind: "behind", commits: 2 });
  expect(await relation(second.slice(0, 10))).toEqual({ kind: "behind", commits: 1 });
  user.git("checkout", "--quiet", first);
  expect(await relation(third)).toEqual({ kind: "ahead", commits: 2 });
  commit("d");
  expect(await relation(third)).toEqual({ kind: "diverged" });
  expect(await relation("c0ffee".repeat(6) + "beef")).toEqual({ kind: "unknown" });
  expect(await relation("unknown")).toEqual({ kind: "unknown" });
  expect(await relation("--all")).toEqual({ kind: "unknown" });
});
