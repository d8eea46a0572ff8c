import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { compile, environmentNames } from "../../../compile";
import { beginGit } from "../../../control/init/begin-git";
import { init } from "../../../control/init/init";
import { packageDependency, projectName } from "../../../control/init/names";
import { placeRepository } from "../../../control/init/target";
import { exampleFiles, sharedFiles } from "../../../control/init/template";
import { passphraseVariables } from "../../../control/passphrase";
import { folderWith, removeFolders, textsIn } from "./folder";

jest.setTimeout(60_000);
afterAll(removeFolders);

const PACKAGE = resolve(__dirname, "../../..");
const { version } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8")) as { readonly version: string };

describe("from the example", () => {
  const folder = join(folderWith(), "deep", "my-bi");
  const result = init({ folder });

  test("every environment compiles", async () => {
    const { project, environments, local, kept, git } = await result;
    expect({ project, environments, local, kept, git }).toEqual({ project: "my-bi", environments: ["dev", "prod", "staging"], local: "dev", kept: [], git: { state: "made" } });
    expect(environmentNames(folder)).toEqual(environments);
    for (const environment of environments) {
      const compiled = compile({ root: folder, environment });
      expect(compiled.warnings).toEqual([]);
      expect(compiled.project).toBe("my-bi");
      expect(compiled.assets.map(({ kind, key, name }) => ({ kind, key, name }))).toEqual(compile({ root: PACKAGE, environment }).assets.map(({ kind, key, name }) => ({ kind, key, name })));
    }
  });

  test("depends on this package, and its program is the package's", async () => {
    await result;
    expect(JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))).toEqual({ name: "my-bi", private: true, main: "index.js", engines: { node: ">=20" }, dependencies: { "pulumi-superset": version } });
    expect(readFileSync(join(folder, "index.js"), "utf8")).toBe('require("pulumi-superset/stack");\n');
    const [ours, theirs] = [PACKAGE, folder].map((root) => parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as Record<string, unknown>);
    expect(theirs).toEqual({ ...ours, name: "my-bi", main: undefined });
    expect("main" in (theirs ?? {})).toBe(false);
  });

  test("has the package's files as they are, but for where the schemas are", async () => {
    await result;
    const paths = Object.keys(textsIn(folder)).filter((path) => /^(?:assets|db|mappings)\/|^policy\.yaml$/.test(path));
    expect(paths).toEqual(expect.arrayContaining(["assets/_macros/filters.j2", "assets/dashboards/overview.yaml.j2", "db/seed/020_sales.sql", "policy.yaml"]));
    symlinkSync(PACKAGE, join(mkdir(join(folder, "node_modules")), "pulumi-superset"));
    for (const path of paths) {
      const [ours, theirs] = [PACKAGE, folder].map((root) => readFileSync(join(root, path), "utf8").split("\n"));
      const differing = (theirs ?? []).filter((line, index) => line !== ours?.[index]);
      for (const line of differing) {
        const schema = /^# yaml-language-server: \$schema=(.*)$/.exec(line)?.[1];
        expect(existsSync(join(folder, dirname(path), schema ?? "nowhere"))).toBe(true);
      }
      expect(theirs).toHaveLength(ours?.length ?? 0);
      expect(differing.length).toBe(path.endsWith(".sql") || path.includes("_macros") ? 0 : 1);
    }
  });

  test("each stack has a salt of its own, of the empty passphrase, so that an apply changes no file", async () => {
    const { environments } = await result;
    const salts = environments.map((name) => (parse(readFileSync(join(folder, `Pulumi.${name}.yaml`), "utf8")) as { readonly encryptionsalt: string }).encryptionsalt);
    expect(new Set([...salts, ...environments.map((name) => (parse(readFileSync(join(PACKAGE, `Pulumi.${name}.yaml`), "utf8")) as { readonly encryptionsalt: string }).encryptionsalt)]).size).toBe(2 * environments.length);
    for (const salt of salts) {
      expect(passphraseVariables("dev", salt, {})).toEqual({ PULUMI_CONFIG_PASSPHRASE: "" });
    }
    for (const name of environments) {
      const [ours, theirs] = [PACKAGE, folder].map((root) => readFileSync(join(root, `Pulumi.${name}.yaml`), "utf8"));
      expect(theirs?.replace(/^#.*\nencryptionsalt: .*\n/, "")).toBe(ours?.replace(/^#.*\nencryptionsalt: .*\n/, ""));
    }
  });

  test("what belongs in no commit is ignored", async () => {
    await result;
    const check = (...paths: string[]): string => execFileSync("git", ["check-ignore", "--stdin"], { cwd: folder, input: paths.join("\n"), encoding: "utf8" });
    expect(check("node_modules/x", ".runtime/dev/state.json", ".pulumi/stacks/x.json", ".hybrid/deploy-dev.json", "bundles/dev/metadata.yaml", ".env").split("\n")).toHaveLength(7);
  });

  test("workflows and their scripts, with what they name", async () => {
    const { files } = await result;
    expect(files).toEqual(expect.arrayContaining([".github/workflows/deploy.yml", ".github/actions/setup/action.yml", "scripts/ci/deploy.sh", "Pulumi.prod.deploy.yaml"]));
    expect(files).not.toContain(".github/workflows/test.yml");
    const commented = files.filter((path) => /ya?ml$/.test(path)).flatMap((path) => readFileSync(join(folder, path), "utf8").match(/^#.*docs\/\S+\.md/gm) ?? []);
    expect(commented.length).toBeGreaterThan(2);
    expect(commented.map((line) => join(PACKAGE, /node_modules\/pulumi-superset\/(\S+\.md)$/.exec(line)?.[1] ?? "nowhere")).filter((path) => !existsSync(path))).toEqual([]);
    expect(statSync(join(folder, "scripts/ci/check-tools.sh")).mode & 0o111).toBe(statSync(join(PACKAGE, "scripts/ci/check-tools.sh")).mode & 0o111);
    expect(execFileSync("sh", ["-c", ". scripts/ci/common.sh; environments"], { cwd: folder, encoding: "utf8" }).trim()).toBe("dev prod staging");
  });

  test("make lists the commands of every environment", async () => {
    await result;
    expect(execFileSync("make", { cwd: folder, encoding: "utf8" })).toMatch(/^ {2}make local-up +start Superset and PostgreSQL, apply stack dev, /m);
    expect(execFileSync("make", ["--dry-run", "sync-staging", "local-up"], { cwd: folder, encoding: "utf8" })).toMatch(/^node_modules\/\.bin\/hybrid sync staging\nnode_modules\/\.bin\/hybrid local up --env dev > \/dev\/null\nnode_modules\/\.bin\/hybrid apply --env dev$/m);
  });
});

function mkdir(path: string): string {
  mkdirSync(path, { recursive: true });
  return path;
}

test("the passphrase of the environment is that of the stacks", async () => {
  const folder = folderWith({ "secret.txt": "word\n" });
  process.env["PULUMI_CONFIG_PASSPHRASE_FILE"] = join(folder, "secret.txt");
  try {
    await init({ folder: join(folder, "new") });
  } finally {
    delete process.env["PULUMI_CONFIG_PASSPHRASE_FILE"];
  }
  const text = readFileSync(join(folder, "new/Pulumi.dev.yaml"), "utf8");
  expect(text).toMatch(/^# Of the passphrase in PULUMI_CONFIG_PASSPHRASE when this file was made\.\nencryptionsalt: v1:/);
  expect(() => passphraseVariables("dev", (parse(text) as { readonly encryptionsalt: string }).encryptionsalt, {})).toThrow("are encrypted with a passphrase, which is not given");
});

test("everything a new repository is made of is in the npm package", () => {
  const packed = JSON.parse(execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: PACKAGE, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })) as readonly [{ readonly files: readonly { readonly path: string }[] }];
  const shipped = new Set(packed[0].files.map(({ path }) => path));
  const copied = [...exampleFiles(), ...sharedFiles({ project: "x", dependency: "1", local: "dev" })].flatMap(([path, content]) => ("copyOf" in content || shipped.has(path) ? [path] : []));
  expect(copied.length).toBeGreaterThan(25);
  expect([...copied, ...environmentNames(PACKAGE).map((name) => `Pulumi.${name}.yaml`), "scripts/workspace.mk", "docs/ci.md", ...readdirSync(join(PACKAGE, "init")).map((name) => `init/${name}`)].filter((path) => !shipped.has(path))).toEqual([]);
  expect([...shipped].filter((path) => /^(?:test|bench|dist\/test|dist\/bench)\//.test(path))).toEqual([]);
});

describe("a folder that has files", () => {
  test("nothing is written where one would be replaced", async () => {
    const folder = folderWith({ "README.md": "mine\n", "assets": "no folder", "notes.txt": "x" });
    const before = textsIn(folder);
    await expect(init({ folder, name: "shop" })).rejects.toThrow(
      `nothing was written, as these files are in ${folder} already:\n  README.md\n  assets/_macros/filters.j2\n`,
    );
    await expect(init({ folder, name: "shop" })).rejects.toThrow("Name another folder, or add --keep: they stay as they are, and the others are written beside them.");
    expect(textsIn(folder)).toEqual(before);
  });

  test("--keep: what is there stays, and it is said what it lacks", async () => {
    const folder = folderWith({ "README.md": "mine\n", ".gitignore": "node_modules/\n.env\n", "package.json": "{}\n", "assets/charts/mine.yaml": "x" });
    const { kept, problems, files } = await init({ folder, name: "shop", keep: true });
    expect(kept).toEqual([".gitignore", "README.md", "package.json"]);
    expect(files).not.toContain("README.md");
    expect(textsIn(folder)).toMatchObject({ "README.md": "mine\n", ".gitignore": "node_modules/\n.env\n", "package.json": "{}\n", "assets/charts/mine.yaml": "x", "index.js": 'require("pulumi-superset/stack");\n' });
    expect(problems.map(({ file, message }) => `${file}: ${message}`)).toEqual([
      ".gitignore: does not have these lines, and what they name belongs in no commit: .runtime/, .pulumi/, .hybrid/, bundles/, *.log",
      expect.stringMatching(/^package\.json: was kept; the repository needs of it what ours has:\n\{\n[^]*"pulumi-superset": /),
    ]);
  });

  test("a project is refused, and what is no folder", async () => {
    const folder = folderWith({ "Pulumi.yaml": "name: x\nruntime: nodejs\n", "file": "x" });
    await expect(init({ folder, keep: true })).rejects.toThrow(`${folder} is a project already (Pulumi.yaml); name another folder`);
    await expect(init({ folder: join(folder, "file") })).rejects.toThrow(`${folder}/file is there and is no folder; name another one`);
  });

  test("a file that appears while the repository is made stays, and nothing else does", async () => {
    const folder = folderWith({ "notes.txt": "x" });
    const build = (staging: string): Promise<{ paths: string[]; result: undefined }> => {
      for (const path of ["a/one.txt", "b.txt", "c.txt"]) {
        writeFileSync(join(mkdir(dirname(join(staging, path))), basename(path)), "ours");
      }
      writeFileSync(join(folder, "c.txt"), "theirs");
      return Promise.resolve({ paths: ["a/one.txt", "b.txt", "c.txt"], result: undefined });
    };
    await expect(placeRepository(folder, build)).rejects.toThrow(`${folder}/c.txt was written by another program meanwhile; nothing was written`);
    expect(textsIn(folder)).toEqual({ "notes.txt": "x", "c.txt": "theirs" });
    expect(readdirSync(folder).sort()).toEqual(["c.txt", "notes.txt"]);
  });

  test("two runs at once: one repository, whole", async () => {
    const folder = join(folderWith(), "new");
    const runs = await Promise.allSettled(["one", "two"].map((name) => init({ folder, name })));
    expect(runs.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const [failed] = runs.flatMap((run) => (run.status === "rejected" ? [String(run.reason)] : []));
    expect(failed).toMatch(/^ConfigError: \S+\/new\S* was written by another program meanwhile; nothing was written$/);
    const [made] = runs.flatMap((run) => (run.status === "fulfilled" ? [run.value] : []));
    expect(Object.keys(textsIn(folder))).toEqual(made?.files);
    expect(readFileSync(join(folder, "Pulumi.yaml"), "utf8")).toContain(`name: ${made?.project}\n`);
    expect(readdirSync(dirname(folder))).toEqual(["new"]);
  });

  test("a folder that appears while the repository is made stays", async () => {
    const folder = folderWith();
    const build = (staging: string): Promise<{ paths: string[]; result: undefined }> => {
      writeFileSync(join(staging, "a.txt"), "ours");
      writeFileSync(join(mkdir(join(folder, "new")), "b.txt"), "theirs");
      return Promise.resolve({ paths: ["a.txt"], result: undefined });
    };
    await expect(placeRepository(join(folder, "new"), build)).rejects.toThrow(`${folder}/new was written by another program meanwhile; nothing was written`);
    expect(textsIn(folder)).toEqual({ "new/b.txt": "theirs" });
  });

  test("folders made for a repository that could not be are removed", async () => {
    const folder = folderWith();
    await expect(placeRepository(join(folder, "a/b/c"), () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("names", () => {
  test("the project is called as the folder, in letters that Pulumi takes", () => {
    expect(projectName("/tmp/My BI (new)")).toBe("My-BI-new");
    expect(projectName("/tmp/x", "y.z_1")).toBe("y.z_1");
  });

  test("what cannot be a name", () => {
    expect(() => projectName("/tmp/日本")).toThrow("the folder's name '日本' cannot be a project's: name it with --name, in letters, digits, '-', '_' and '.'");
    expect(() => projectName("/tmp/x", "a b")).toThrow("--name 'a b': a project's name has 1 to 100 letters, digits, '-', '_' and '.'");
    expect(() => projectName("/tmp/pulumi-superset")).toThrow("the project cannot be called 'pulumi-superset', as the package it depends on: name it with --name");
  });

  test("the package: this version, one that is named, a file by its path from the repository", () => {
    const folder = folderWith({ "package-1.tgz": "x", "new/inside.tgz": "x" });
    const of = (spec?: string): string => packageDependency(join(folder, "new"), spec, folder);
    expect([of(), of("^2.0.0"), of("git+ssh://git@example.com/x.git"), of("https://example.com/x.tgz")]).toEqual([version, "^2.0.0", "git+ssh://git@example.com/x.git", "https://example.com/x.tgz"]);
    expect([of("package-1.tgz"), of("./package-1.tgz"), of(`file:${folder}/package-1.tgz`), of("new/inside.tgz")]).toEqual(["file:../package-1.tgz", "file:../package-1.tgz", "file:../package-1.tgz", "file:./inside.tgz"]);
    for (const spec of ["", "./nowhere", "file:nowhere", "nowhere.tgz"]) {
      expect(() => of(spec)).toThrow(`--package '${spec}': there is no such file or folder; name a tarball ('npm pack' makes one), a folder, or what npm takes as a version`);
    }
  });
});

test("a folder inside a Git repository gets none of its own, and its top folder neither", async () => {
  const folder = folderWith({ "below/x": "" });
  expect(await beginGit(folder)).toEqual({ state: "made" });
  expect(execFileSync("git", ["symbolic-ref", "HEAD"], { cwd: folder, encoding: "utf8" })).toBe("refs/heads/main\n");
  expect(await beginGit(join(folder, "below"))).toEqual({ state: "inside" });
  expect(await beginGit(folder)).toEqual({ state: "top" });
});
