/** Which commits of a branch are exports, and what Superset held when they were made; on a real repository. */
import { defaultBranch, exportedForms, readBranch, trailers, type ExportBranch, type FormsAt } from "../../control/export-pr/branch";
import { chooseRemote, openRepository } from "../../control/git/repository";
import { fetchBranches } from "../../control/git/remote";
import { Scratch } from "../../control/git/scratch";
import type { Canonical } from "../../provider/kinds/define";
import { bareRepository, cloneOf, gitFolder, TestRepository } from "../helpers/git";

let remote: TestRepository;
let user: TestRepository;
let base: string;
let count = 0;

beforeEach(() => {
  const folder = gitFolder();
  remote = bareRepository(folder);
  user = cloneOf(remote, folder, "user");
  user.write("a.txt", "0");
  base = user.publish("Base");
  user.git("checkout", "--quiet", "-b", "export");
});

/** A commit on the branch that is checked out; its sha. */
function commit(message: string): string {
  user.write("a.txt", String((count += 1)));
  return user.publish(message);
}
const ours = (environment = "dev", from = base): string => commit(`UI edit of ${environment}\n\nchart 'A' was edited\n\n${trailers(environment, from)}\n`);

async function read(folder = user.folder): Promise<ExportBranch> {
  const repository = await openRepository(folder);
  return Scratch.use(repository, async (scratch) => {
    const { commits } = await fetchBranches(scratch, await chooseRemote(repository), "main", ["export"]);
    return readBranch(scratch, "dev", commits.get("export") ?? "", commits.get("main") ?? "");
  });
}

const shas = (commits: ExportBranch["ours"]): string[] => commits.map(({ sha }) => sha);

test("ours are told from those of people and of other environments by their last lines", async () => {
  const first = ours();
  const person = commit("By hand\n\nHybrid-Export: dev is what they say\n\nand more");
  const other = ours("prod");
  const last = ours();
  const branch = await read();
  expect(branch).toMatchObject({ tip: last, base });
  expect(shas(branch.ours)).toEqual([last, first]);
  expect(shas(branch.others)).toEqual([other, person]);
});

test("what the base has is not of the branch: merged, or merged into it", async () => {
  ours();
  user.git("checkout", "--quiet", "main");
  user.git("merge", "--quiet", "--no-ff", "-m", "Merge", "export");
  user.git("push", "--quiet", "origin", "main");
  expect(await read()).toMatchObject({ base: undefined, ours: [], others: [] });
  user.git("checkout", "--quiet", "export");
  const next = ours("dev", remote.git("rev-parse", "main"));
  user.git("merge", "--quiet", "-m", "Merge main", "main");
  user.git("push", "--quiet", "origin", "export");
  const branch = await read();
  expect(shas(branch.ours)).toEqual([next]);
  expect(branch.others.map(({ message }) => message)).toEqual(["Merge main"]);
});

test("in a shallow clone, where the base's history is cut off", async () => {
  const mine = ours();
  user.git("checkout", "--quiet", "main");
  for (let index = 0; index < 3; index += 1) commit("Elsewhere");
  const folder = gitFolder();
  user.git("clone", "--quiet", "--depth=1", "--branch=main", `file://${remote.folder}`, `${folder}/shallow`);
  const branch = await read(`${folder}/shallow`);
  expect(shas(branch.ours)).toEqual([mine]);
  expect(branch.others).toEqual([]);
});

test("the branch of an environment", () => {
  expect(defaultBranch("dev")).toBe("hybrid/ui-dev");
  expect(defaultBranch("dev", "sales..~x/ü")).toBe("hybrid/ui-dev-sales-x-ü");
});

describe("what Superset held when the exports were made", () => {
  const form = (fields: Record<string, unknown>): Canonical => ({ uuid: "a", ...fields }) as Canonical;
  /** Commits on top of one another: `o` ours, `p` a person's; each with the forms its templates compile to. */
  function history(start: Record<string, Canonical>, steps: readonly (readonly ["o" | "p", Record<string, Canonical> | undefined])[]): { readonly branch: Pick<ExportBranch, "ours">; readonly formsAt: FormsAt } {
    const forms = [start, ...steps.map(([, after]) => after)];
    const commits = steps.map(([who], index) => ({ who, sha: String(index + 1), parents: [String(index)], message: "" }));
    return {
      branch: { ours: commits.filter(({ who }) => who === "o").reverse() },
      formsAt: async (sha) => {
        const found = forms[Number(sha)];
        return found === undefined ? undefined : new Map(Object.entries(found));
      },
    };
  }
  const heldAfter = async (start: Record<string, Canonical>, steps: Parameters<typeof history>[1], applied: Record<string, Canonical> = start): Promise<unknown> => {
    const { branch, formsAt } = history(start, steps);
    return Object.fromEntries(await exportedForms(branch, formsAt, (uuid) => applied[uuid]));
  };

  test("the exported edit, without what Git had changed and not applied, and without what people changed on the branch", async () => {
    const applied = { a: form({ limit: 1000, color: "old", title: "A" }) };
    const git = { a: form({ limit: 1000, color: "new", title: "A" }) };
    expect(await heldAfter(git, [
      ["o", { a: form({ limit: 500, color: "new", title: "A" }) }],
      ["p", { a: form({ limit: 700, color: "new", title: "A" }) }],
      ["o", { a: form({ limit: 700, color: "new", title: "B" }) }],
    ], applied)).toEqual({ a: form({ limit: 500, color: "old", title: "B" }) });
  });

  test("of assets that were made and deleted", async () => {
    const [a, b] = [form({ title: "A" }), form({ uuid: "b", title: "B" })];
    expect(await heldAfter({ a }, [["o", { b }]])).toEqual({ a: undefined, b });
    expect(await heldAfter({ a }, [["o", { b }], ["p", {}], ["o", { a }]])).toEqual({ a, b });
  });

  test("of commits that follow one another only the last is looked at, which compiles; where it does not, nothing is known", async () => {
    const [before, after] = [form({ title: "A" }), form({ title: "B" })];
    expect(await heldAfter({ a: before }, [["o", undefined], ["o", { a: after }]])).toEqual({ a: after });
    expect(await heldAfter({ a: before }, [["o", undefined]])).toEqual({});
  });

  test("of one that was never applied, the exported form", async () => {
    expect(await heldAfter({ a: form({ limit: 1, color: "git" }) }, [["o", { a: form({ limit: 2, color: "live" }) }]], {})).toEqual({ a: form({ limit: 2, color: "live" }) });
  });
});
