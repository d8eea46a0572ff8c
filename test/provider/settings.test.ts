import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findRoot, settingsFor, type Latest, type Settings } from "../../provider/settings";

const asked: string[] = [];
const latest: Latest = (key) => {
  asked.push(key);
  return Promise.resolve(key === "superset:token" ? undefined : `latest ${key}`);
};

beforeEach(() => (asked.length = 0));

function settings(stackFile: string, secrets: Readonly<Record<string, string>> = {}, env: NodeJS.ProcessEnv = {}): Settings {
  const root = mkdtempSync(join(tmpdir(), "settings-"));
  writeFileSync(join(root, "Pulumi.dev.yaml"), stackFile);
  return settingsFor(root, "dev", secrets, latest, env);
}

test("plain settings come from the stack file, and nothing is decrypted for them", async () => {
  const one = settings('config:\n  superset:url: "http://a"\n  superset:username: ann\n  superset:password: plain\n  warehouse:url: postgresql://h/d\n');
  expect(one.connection()).toMatchObject({ url: "http://a", username: "ann", password: "plain" });
  expect(await one.warehouseUrl()).toBe("postgresql://h/d");
  expect(asked).toEqual([]);
});

test("an encrypted password is the engine's until Superset refuses it", async () => {
  const one = settings("config:\n  superset:url: http://a\n  superset:username: ann\n  superset:password: {secure: v1:xyz}\n", { "superset:password": "of the last up" });
  const connection = one.connection();
  expect(connection.password).toBe("of the last up");
  expect(asked).toEqual([]);
  expect(await connection.renewed?.()).toEqual({ password: "latest superset:password" });
  expect(asked).toEqual(["superset:password"]);
});

test("an encrypted address of the warehouse is always the one that is configured now", async () => {
  const one = settings("config:\n  warehouse:url: {secure: v1:xyz}\n", { "warehouse:url": "postgresql://before/d" });
  expect(await one.warehouseUrl()).toBe("latest warehouse:url");
});

test("what is missing is named, with where to write it", async () => {
  const one = settings("config: {}\n");
  expect(() => one.connection()).toThrow("no Superset to talk to: set superset:url in Pulumi.dev.yaml (an address, or 'local'), or the environment variable SUPERSET_URL");
  await expect(one.warehouseUrl()).rejects.toThrow("no database to migrate: set warehouse:url in Pulumi.dev.yaml");
  expect(() => settings("config: {}\n", {}, { SUPERSET_URL: "http://a", SUPERSET_ADMIN_USER: "ann" }).connection()).toThrow(
    "no credentials for http://a: set superset:password (or SUPERSET_ADMIN_PASS) for 'dev': 'pulumi config set --secret superset:password' keeps it encrypted in Pulumi.dev.yaml",
  );
});

test("an encrypted address of the warehouse that cannot be had is not replaced by another database's", async () => {
  const root = mkdtempSync(join(tmpdir(), "settings-"));
  writeFileSync(join(root, "Pulumi.dev.yaml"), "config:\n  warehouse:url: {secure: v1:xyz}\n");
  await expect(settingsFor(root, "dev", {}, undefined, { DATABASE_URL: "postgresql://other/d" }).warehouseUrl()).rejects.toThrow(
    "warehouse:url in Pulumi.dev.yaml is encrypted and could not be decrypted: give the stack's passphrase (PULUMI_CONFIG_PASSPHRASE), or access to its key",
  );
});

test("a setting that is a list or a map is an error with its line", async () => {
  const one = settings("config:\n  superset:url: [http://a]\n  warehouse:url: {host: h}\n", {}, { SUPERSET_URL: "http://other", DATABASE_URL: "postgresql://other/d" });
  expect(() => one.connection()).toThrow("Pulumi.dev.yaml:2:3: 'superset:url' must be text, not a list");
  await expect(one.warehouseUrl()).rejects.toThrow("Pulumi.dev.yaml:3:3: 'warehouse:url' must be text, not a mapping");
});

test("a stack file that cannot be read is an error with its line", () => {
  expect(() => settings("config:\n  superset:url: a\n  superset:url: b\n")).toThrow("Pulumi.dev.yaml:3:3: this key is written twice in one mapping; remove one of them");
});

test("Pulumi's files may end in .yml", () => {
  const root = mkdtempSync(join(tmpdir(), "settings-"));
  writeFileSync(join(root, "Pulumi.yml"), "name: shop\n");
  writeFileSync(join(root, "Pulumi.dev.yml"), "config:\n  superset:url: http://a\n  superset:token: t\n");
  expect(findRoot(root)).toBe(root);
  expect(settingsFor(root, "dev", {}, latest, {}).connection()).toMatchObject({ url: "http://a", token: "t" });
});

describe("Preset", () => {
  const file = "config:\n  superset:mode: preset\n  superset:url: https://4f5e6d7c.us1a.app.preset.io\n";

  test("the key is configured, or comes from the environment; a user name and a token of Superset's own are not looked at", () => {
    const api = "https://api.app.preset.io";
    expect(settings(`${file}  superset:apiToken: name\n  superset:apiSecret: {secure: v1:xyz}\n`, { "superset:apiSecret": "secret" }).connection()).toMatchObject({
      url: "https://4f5e6d7c.us1a.app.preset.io",
      preset: { api, token: "name", secret: "secret" },
    });
    const env = { PRESET_API_TOKEN: "n", PRESET_API_SECRET: "s", SUPERSET_TOKEN: "t", SUPERSET_ADMIN_USER: "u", SUPERSET_ADMIN_PASS: "p" };
    const { renewed: _renewed, ...connection } = settings(`${file}  superset:presetApi: https://api.preset.example\n`, {}, env).connection();
    expect(connection).toEqual({ url: "https://4f5e6d7c.us1a.app.preset.io", preset: { api: "https://api.preset.example", token: "n", secret: "s" } });
  });

  test("an encrypted key is asked for again when it is refused", async () => {
    const connection = settings(`${file}  superset:apiToken: {secure: v1:abc}\n  superset:apiSecret: {secure: v1:xyz}\n`, { "superset:apiToken": "n", "superset:apiSecret": "of the last up" }).connection();
    expect(await connection.renewed?.()).toEqual({ apiToken: "latest superset:apiToken", apiSecret: "latest superset:apiSecret" });
  });

  test("what is missing is named", () => {
    expect(() => settings(file).connection()).toThrow(
      "no credentials for https://4f5e6d7c.us1a.app.preset.io: set superset:apiToken (or PRESET_API_TOKEN) for 'dev': 'pulumi config set --secret superset:apiToken' keeps it encrypted in Pulumi.dev.yaml",
    );
    expect(() => settings(file, {}, { PRESET_API_TOKEN: "n" }).connection()).toThrow("set superset:apiSecret (or PRESET_API_SECRET) for 'dev'");
  });

  test("a mode there is not, and a local workspace", () => {
    expect(() => settings("config:\n  superset:mode: cloud\n").connection()).toThrow("Pulumi.dev.yaml:2:3: 'superset:mode' must be 'superset' or 'preset'");
    expect(() => settings("config:\n  superset:mode: preset\n  superset:url: local\n").connection()).toThrow(
      "superset:url is 'local' in Pulumi.dev.yaml, and no workspace of Preset's is: write its address there (https://<name>.<region>.app.preset.io), or remove superset:mode",
    );
  });
});
