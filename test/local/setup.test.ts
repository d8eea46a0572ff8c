import { chmodSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { choosePort, isFree } from "../../local/ports";
import { environmentPaths, packageFile } from "../../local/paths";
import { identifier, literal, postgresUrl, settings } from "../../local/postgres";
import { lineProgress, silentProgress } from "../../local/progress";
import { ensurePulumi, findOnPath, isRecent, pulumiBinary, starterVersion } from "../../local/pulumi-cli";
import { lockKey } from "../../local/python";
import { cleanEnvironment, run } from "../../local/run";
import { isSupersetRunning, startSuperset } from "../../local/superset";
import { serverUser } from "../../local/unprivileged";

const folder = (): string => mkdtempSync(join(tmpdir(), "local-setup-"));

describe("ports", () => {
  let server: Server;
  const taken = (): Promise<number> =>
    new Promise((resolve) => {
      server = createServer().listen(20_150, "127.0.0.1", () => resolve(20_150));
    });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  it("goes on to the next one where the wished one is taken or belongs to another server of ours", async () => {
    const port = await taken();
    expect(await isFree(port)).toBe(false);
    expect(await choosePort(port)).toBe(port + 1);
    expect(await choosePort(port, new Set([port + 1, port + 2]))).toBe(port + 3);
  });
});

describe("SQL and URLs", () => {
  it("quotes names and texts", () => {
    expect(identifier('a"b')).toBe('"a""b"');
    expect(literal("it's")).toBe("'it''s'");
  });

  it("escapes what a URL would take apart", () => {
    expect(postgresUrl({ username: "u@x", password: "p:/?#" }, 5432, "a b")).toBe("postgresql://u%40x:p%3A%2F%3F%23@127.0.0.1:5432/a%20b");
  });

  it("listens on loopback only, without a socket file, and never logs a statement", () => {
    const lines = settings(true).split("\n");
    expect(lines).toContain("listen_addresses = '127.0.0.1'");
    expect(lines).toContain("unix_socket_directories = ''");
    expect(lines).toContain("log_min_error_statement = panic");
    expect(lines).not.toContain("fsync = off");
    expect(settings(false)).toContain("fsync = off");
  });
});

describe("the user PostgreSQL runs as", () => {
  const passwd = "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65533::/:/bin/false\npostgres:x:101:102::/:/bin/sh\n";
  it("is ourselves where we are not root", () => expect(serverUser(passwd, 1000)).toBeUndefined());
  it("is postgres, else nobody, where we are", () => {
    expect(serverUser(passwd, 0)).toEqual({ name: "postgres", uid: 101, gid: 102 });
    expect(serverUser(passwd.replace(/^postgres.*\n/m, ""), 0)).toEqual({ name: "nobody", uid: 65534, gid: 65533 });
  });
  it("is an error where there is none", () => {
    expect(() => serverUser("root:x:0:0::/root:/bin/sh\n", 0)).toThrow(
      "PostgreSQL does not run as root, and none of the users postgres, nobody, daemon exists. Run as an ordinary user, or name a user in HYBRID_POSTGRES_USER.",
    );
  });
});

describe("programs that are run", () => {
  it("fail with their last words, the task and the advice", async () => {
    await expect(run("/bin/sh", ["-c", "echo so; echo sad >&2; exit 3"], { task: "do it", advice: "Do it otherwise." })).rejects.toThrow(
      "cannot do it: /bin/sh ended with status 3.\n  | so\n  | sad\nDo it otherwise.",
    );
    await expect(run("/no/such", [], { task: "do it" })).rejects.toThrow(/^cannot do it: \/no\/such does not start/);
  });

  it("get their input by stdin and no settings of the user's other databases", async () => {
    expect(await run("/bin/cat", [], { task: "copy", input: "secret" })).toBe("secret");
    process.env["PGHOST"] = "prod.example.com";
    process.env["SUPERSET_CONFIG_PATH"] = "/x";
    try {
      const env = cleanEnvironment({ PGPORT: "1" });
      expect(env["PGHOST"]).toBeUndefined();
      expect(env["SUPERSET_CONFIG_PATH"]).toBeUndefined();
      expect(env["PGPORT"]).toBe("1");
      expect(env["PATH"]).toBe(process.env["PATH"]);
    } finally {
      delete process.env["PGHOST"];
      delete process.env["SUPERSET_CONFIG_PATH"];
    }
  });
});

describe("progress without a terminal", () => {
  it("is a line per step, and nothing for the end of a short one", async () => {
    const lines: string[] = [];
    const progress = lineProgress((line) => lines.push(line));
    expect(await progress.step("Working", () => Promise.resolve(7))).toBe(7);
    progress.note("port 1 is taken");
    expect(lines).toEqual(["- Working ...", "  port 1 is taken"]);
  });
});

describe("the lock file of the Python packages", () => {
  const lock = readFileSync(packageFile("requirements.lock"), "utf8");
  it("pins every package to one version per Python", () => {
    const loose = lock.split("\n").filter((line) => line && !/^(#|[a-z0-9-]+==[\w.]+( ; .+)?$)/.test(line));
    expect(loose).toEqual([]);
    expect(lock).toContain("\napache-superset==6.1.0\n");
    expect(lock).toContain("\npixeltable-pgserver==0.6.0\n");
  });
  it("names the environment: another text is another environment", () => {
    expect(lockKey(lock)).toMatch(/^[0-9a-f]{12}$/);
    expect(lockKey(`${lock}\n`)).not.toBe(lockKey(lock));
  });
});

describe("the Pulumi CLI", () => {
  it("compares versions as numbers", () => {
    expect(isRecent("v3.216.0")).toBe(true);
    expect(isRecent("v3.99.9")).toBe(false);
    expect(isRecent("4.0.0-alpha.1")).toBe(true);
    expect(isRecent("v3.215.9+dirty")).toBe(false);
    expect(isRecent("dev")).toBe(false);
  });

  it("is pinned to one version in package.json, in the Go modules and in the npm starter", () => {
    const wanted = JSON.parse(readFileSync(join(packageFile(".."), "package.json"), "utf8")) as { dependencies: Record<string, string> };
    expect(starterVersion()).toBe(wanted.dependencies["pulumi"]);
    expect(readFileSync(packageFile("pulumi-cli/cli/go.mod"), "utf8")).toContain(`github.com/pulumi/pulumi/pkg/v3 v${starterVersion()} `);
  });

  function fakeCli(version: string): string {
    const bin = folder();
    writeFileSync(join(bin, "pulumi"), `#!/bin/sh\necho ${version}\n`);
    chmodSync(join(bin, "pulumi"), 0o755);
    writeFileSync(join(bin, "pulumi-language-nodejs"), "#!/bin/sh\n");
    return bin;
  }

  it("on PATH is used where it is recent; npm's starter does not count", async () => {
    const npm = join(folder(), "node_modules", "pulumi");
    mkdirSync(npm, { recursive: true });
    writeFileSync(join(npm, "run.js"), "#!/bin/sh\n");
    chmodSync(join(npm, "run.js"), 0o755);
    const starter = folder();
    symlinkSync(join(npm, "run.js"), join(starter, "pulumi"));
    const recent = fakeCli("v3.300.0");
    const env = { PATH: [starter, recent].join(delimiter) };
    expect(findOnPath({ PATH: starter })).toBeUndefined();
    expect(findOnPath(env)).toBe(join(recent, "pulumi"));

    const home = folder();
    expect(await ensurePulumi({ progress: silentProgress, home, env })).toBe("linked");
    const binary = pulumiBinary({ PULUMI_HOME: home });
    expect(await run(binary, ["version"], { task: "run it" })).toBe("v3.300.0\n");
    expect(readFileSync(join(binary, "..", "pulumi-resource-pulumi-nodejs"), "utf8")).toContain("dynamic-provider");
    expect(await ensurePulumi({ progress: silentProgress, home, env: { PATH: "" } })).toBe("present");
  });

  it("that is absent is an error naming the folder and the way to get it", () => {
    expect(() => pulumiBinary({ PULUMI_HOME: "/no/home" })).toThrow(
      `no Pulumi CLI in /no/home/versions/${starterVersion()}/bin. Run \`make setup\` or \`hybrid local setup\`.`,
    );
  });
});

describe("a Superset that does not start", () => {
  it("is an error with the end of its log", async () => {
    const paths = environmentPaths(folder(), "dev");
    const python = join(folder(), "python");
    writeFileSync(python, "#!/bin/sh\necho 'ModuleNotFoundError: flask'\nexit 1\n");
    chmodSync(python, 0o755);
    mkdirSync(paths.folder);
    const started = startSuperset({ paths, python: { key: "", folder: "", python, postgresBin: "" }, progress: silentProgress, port: 20_160 });
    await expect(started).rejects.toThrow(`Superset does not start on 127.0.0.1:20160. The end of ${paths.log}:\nModuleNotFoundError: flask`);
    expect(isSupersetRunning(paths)).toBe(false);
  });
});

describe("package-lock.json", () => {
  it("has the builds of all platforms, also those that the registry it was made with did not offer: `npm ci` refuses it otherwise", () => {
    interface Entry {
      readonly optionalDependencies?: Record<string, string>;
    }
    const { packages } = JSON.parse(readFileSync(join(packageFile(".."), "package-lock.json"), "utf8")) as { readonly packages: Record<string, Entry> };
    const missing = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
      Object.keys(optionalDependencies).filter((name) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`))),
    );
    expect(missing).toEqual([]);
  });
});
