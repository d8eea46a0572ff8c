import { mkdtempSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { tail, writeJson, writePrivate } from "../../local/files";
import { environmentPaths, projectRoot, runtimeFolder } from "../../local/paths";
import { localDefaults, readLocalState, writeLocalState, type LocalState } from "../../local/state";

const state: LocalState = {
  environment: "dev",
  superset: { url: "http://127.0.0.1:8088", port: 8088, username: "admin", password: "p1" },
  postgres: {
    url: "postgresql://warehouse_owner:p2@127.0.0.1:54320/warehouse_dev",
    host: "127.0.0.1",
    port: 54320,
    database: "warehouse_dev",
    username: "warehouse_owner",
    password: "p2",
    bi_username: "bi_reader",
    bi_password: "p3",
  },
};

const folder = (): string => mkdtempSync(join(tmpdir(), "local-state-"));

describe("the state of a local environment", () => {
  it("is read as it was written, from a file only its owner can read", () => {
    const root = folder();
    writeLocalState(runtimeFolder(root), state);
    expect(readLocalState(root, "dev")).toEqual(state);
    const { state: file, folder: inside } = environmentPaths(runtimeFolder(root), "dev");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(inside).mode & 0o777).toBe(0o700);
    expect(readdirSync(inside)).toEqual(["state.json"]);
  });

  it("is undefined where the environment was never started", () => {
    expect(readLocalState(folder(), "dev")).toBeUndefined();
  });

  it.each([
    ["no JSON", "{"],
    ["no object", "[]"],
    ["a port that is text", JSON.stringify({ ...state, superset: { ...state.superset, port: "8088" } })],
    ["no PostgreSQL", JSON.stringify({ ...state, postgres: undefined })],
  ])("is refused with the way out where the file holds %s", (_what, text) => {
    const root = folder();
    const file = environmentPaths(runtimeFolder(root), "dev").state;
    writePrivate(file, text);
    expect(() => readLocalState(root, "dev")).toThrow(
      `${file}: not as \`hybrid local\` writes it. Run \`hybrid local reset\`, or delete the file and run \`hybrid local up\`.`,
    );
  });

  it("refuses an environment whose name could leave the folder", () => {
    expect(() => environmentPaths("/r", "../x")).toThrow(
      'environment "../x": a name has 1 to 40 letters, digits, "-", "_" or "." and begins with a letter or digit; choose such a stack name.',
    );
    expect(() => environmentPaths("/r", "_postgres")).toThrow(/begins with a letter or digit/);
  });

  it("has defaults without a password for compiling before the first start", () => {
    expect(localDefaults("staging")).toEqual({ host: "127.0.0.1", port: 54320, database: "warehouse_staging", bi_username: "bi_reader" });
  });
});

describe("folders", () => {
  const before = process.env["HYBRID_RUNTIME_DIR"];
  afterEach(() => {
    if (before === undefined) delete process.env["HYBRID_RUNTIME_DIR"];
    else process.env["HYBRID_RUNTIME_DIR"] = before;
  });

  it("takes the runtime folder from HYBRID_RUNTIME_DIR where it is set", () => {
    delete process.env["HYBRID_RUNTIME_DIR"];
    expect(runtimeFolder("/repo")).toBe("/repo/.runtime");
    process.env["HYBRID_RUNTIME_DIR"] = "other";
    expect(runtimeFolder("/repo")).toBe("/repo/other");
    process.env["HYBRID_RUNTIME_DIR"] = "/elsewhere";
    expect(runtimeFolder("/repo")).toBe("/elsewhere");
  });

  it("finds the repository from a folder inside it, and takes a folder without Pulumi.yaml as it is", () => {
    const root = folder();
    writeFileSync(join(root, "Pulumi.yaml"), "");
    writeJson(join(root, "a", "b", "x.json"), {});
    expect(projectRoot(join(root, "a", "b"))).toBe(root);
    const other = folder();
    expect(projectRoot(other)).toBe(other);
  });

  it("reads the end of a long log", () => {
    const file = join(folder(), "log");
    writeFileSync(file, Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`).join(""));
    expect(tail(file, 2)).toBe("line 19998\nline 19999");
    expect(tail(`${file}.absent`, 2)).toBe("");
  });
});
