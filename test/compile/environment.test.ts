import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { environmentNames, loadEnvironment, secretValues } from "../../compile/environment";
import { ConfigError, ProblemsError } from "../../provider/errors";
import { placeholder } from "../../provider/placeholders";
import { project, removeProjects } from "./project";

afterAll(removeProjects);

const STACK = `secretsprovider: passphrase
encryptionsalt: v1:abc
config:
  superset:url: local
  superset:vars:
    ENV: dev
    TABLES: [a, b]
    DEEP: {host: h, password: {secure: v1:xyz}}
    FROM_ENV: {env: SHOP_HOST}
    UNSET: {env: SHOP_UNSET}
    ENV_SECRET: {env: SHOP_PASSWORD, secret: true}
    ENCRYPTED:
      secure: v1:xyz
    HOST: {local: postgres.host}
    PORT: {local: postgres.port}
    NAME: {local: postgres.database}
    LOCAL_SECRET: {local: postgres.bi_password}
`;

test("variables of every source", () => {
  const root = project({ "Pulumi.dev.yaml": STACK });
  const environment = loadEnvironment(root, "dev", { env: { SHOP_HOST: "h" } });
  expect(environment).toMatchObject({ name: "dev", project: "shop", identity: "shared", file: "Pulumi.dev.yaml", config: { "superset:url": "local" } });
  expect(environment.variables).toEqual({
    ENV: "dev", TABLES: ["a", "b"], DEEP: { host: "h", password: placeholder("DEEP.password") }, FROM_ENV: "h", ENV_SECRET: placeholder("ENV_SECRET"),
    ENCRYPTED: placeholder("ENCRYPTED"), HOST: "127.0.0.1", PORT: 54320, NAME: "warehouse_dev", LOCAL_SECRET: placeholder("LOCAL_SECRET"),
  });
  expect([...environment.unset]).toEqual([["UNSET", "Pulumi.dev.yaml takes it from the environment variable SHOP_UNSET, which is not set"]]);
  const value = secretValues(environment, { vars: { ENCRYPTED: "one", DEEP: { password: "two" } }, env: { SHOP_PASSWORD: "three" } });
  expect([value("ENCRYPTED"), value("DEEP.password"), value("ENV_SECRET")]).toEqual(["one", "two", "three"]);
  expect(() => value("LOCAL_SECRET")).toThrow("the secret variable 'LOCAL_SECRET' is the local runtime's postgres.bi_password, and that was never started: run 'hybrid local up --env dev'");
  expect(() => secretValues(environment, { env: {} })("ENV_SECRET")).toThrow("the secret variable 'ENV_SECRET' is read from the environment variable SHOP_PASSWORD, which is not set (Pulumi.dev.yaml)");
  expect(() => secretValues(environment)("ENCRYPTED")).toThrow("the secret variable 'ENCRYPTED' of Pulumi.dev.yaml was not decrypted; run this through Pulumi ('pulumi preview', 'pulumi up')");
});

test("the local runtime's own values, where it was started", () => {
  const root = project({ "Pulumi.dev.yaml": STACK });
  mkdirSync(join(root, ".runtime/dev"), { recursive: true });
  writeFileSync(join(root, ".runtime/dev/state.json"), JSON.stringify({
    environment: "dev", superset: { url: "http://127.0.0.1:8088", port: 8088, username: "admin", password: "a" },
    postgres: { url: "postgresql://o@h/w", host: "127.0.0.2", port: 5, database: "w", username: "o", password: "p", bi_username: "bi", bi_password: "b" },
  }), { mode: 0o600 });
  const environment = loadEnvironment(root, "dev", { env: {} });
  expect(environment.variables).toMatchObject({ HOST: "127.0.0.2", PORT: 5, NAME: "w" });
  expect(secretValues(environment)("LOCAL_SECRET")).toBe("b");

  // Templates of another place, of the same repository.
  const elsewhere = loadEnvironment(project({ "Pulumi.dev.yaml": STACK }), "dev", { env: {}, runtime: root });
  expect(elsewhere.variables).toMatchObject({ HOST: "127.0.0.2", PORT: 5, NAME: "w" });
  expect(secretValues(elsewhere)("LOCAL_SECRET")).toBe("b");
});

test("an environment that does not exist", () => {
  const root = project({ "Pulumi.prod.yaml": "config: {}\n" });
  expect(environmentNames(root)).toEqual(["dev", "prod"]);
  expect(() => loadEnvironment(root, "prd")).toThrow(ConfigError);
  expect(() => loadEnvironment(root, "prd")).toThrow(`no environment 'prd' in ${root}: there are dev, prod (Pulumi.<env>.yaml); did you mean 'prod'?. Make one with: pulumi stack init prd`);
});

test("an empty stack file is an environment without variables", () => {
  expect(loadEnvironment(project({ "Pulumi.dev.yaml": "# nothing yet\n" }), "dev").variables).toEqual({});
});

test.each([
  ["config: [\n", "Pulumi.dev.yaml:2:1: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]"],
  ["config:\n  superset:identity: mine\n", "Pulumi.dev.yaml:2:3: 'superset:identity' must be 'shared' or 'per-environment', not 'mine'"],
  ["config:\n  superset:mode: cloud\n", "Pulumi.dev.yaml:2:3: 'superset:mode' must be 'superset' or 'preset'"],
  ["config:\n  superset:vars: [1]\n", "Pulumi.dev.yaml:2:3: 'superset:vars' must be a mapping of variable names to values; make single values secret: pulumi config set --secret --path superset:vars.NAME"],
  ["config:\n  superset:vars:\n    A: 1\n    B-C: 2\n", "Pulumi.dev.yaml:4:5: 'B-C' cannot be a variable: use letters, digits and '_'"],
  ["config:\n  superset:vars:\n    A: {local: postgres.hots}\n", "Pulumi.dev.yaml:3:5: 'A': local: must be one of postgres.host, postgres.port, postgres.database, postgres.bi_username, postgres.bi_password"],
  ["config:\n  superset:vars:\n    A: {env: ''}\n", "Pulumi.dev.yaml:3:5: 'A': write {env: NAME} or {env: NAME, secret: true}"],
])("a setting that is wrong: %j", (text, message) => {
  const root = project({ "Pulumi.dev.yaml": text });
  expect(() => loadEnvironment(root, "dev")).toThrow(ProblemsError);
  expect(() => loadEnvironment(root, "dev")).toThrow(message);
});

test("a project without a name", () => {
  expect(() => loadEnvironment(project({ "Pulumi.yaml": "runtime: nodejs\n" }), "dev")).toThrow("Pulumi.yaml:1:1: 'name' (the project's name) is missing");
});

test("a misspelt setting is not ignored; other packages' settings are theirs", () => {
  const root = project({ "Pulumi.dev.yaml": "config:\n  superset:identitty: per-environment\n  superset:vars.PASSWORD: x\n  postgresql:host: h\n" });
  expect(() => loadEnvironment(root, "dev")).toThrow(
    "Pulumi.dev.yaml:2:3: unknown setting 'superset:identitty'; did you mean 'superset:identity'?\n" +
      "Pulumi.dev.yaml:3:3: unknown setting 'superset:vars.PASSWORD'; known are superset:url, superset:mode, superset:username, superset:password, superset:token, superset:apiToken, superset:apiSecret, superset:presetApi, superset:identity, superset:vars, superset:mapping\n",
  );
});

test("an address that is a list or a map is an error, one that is encrypted is not", () => {
  const root = project({ "Pulumi.dev.yaml": "config:\n  superset:url: [http://a]\n  superset:password: {secure: v1:xyz}\n  warehouse:url: {host: h}\n" });
  expect(() => loadEnvironment(root, "dev")).toThrow("Pulumi.dev.yaml:2:3: 'superset:url' must be text, not a list\nPulumi.dev.yaml:4:3: 'warehouse:url' must be text, not a mapping\n");
});

test("variables and identity of the project, with the file they are from in every message", () => {
  const root = project({
    "Pulumi.yaml": "name: shop\nconfig:\n  superset:identity: per-environment\n  superset:vars:\n    value:\n      SCHEMA: public\n      HOST: {env: SHOP_HOST}\n      PW: {env: SHOP_PW, secret: true}\n",
    "Pulumi.dev.yaml": "config:\n  superset:url: local\n", "Pulumi.prod.yaml": "config:\n  superset:vars: {SCHEMA: prod}\n",
  });
  const environment = loadEnvironment(root, "dev", { env: {} });
  expect(environment).toMatchObject({ identity: "per-environment", file: "Pulumi.dev.yaml", variablesFile: "Pulumi.yaml", variables: { SCHEMA: "public", PW: placeholder("PW") } });
  expect([...environment.unset]).toEqual([["HOST", "Pulumi.yaml takes it from the environment variable SHOP_HOST, which is not set"]]);
  expect(() => secretValues(environment, { env: {} })("PW")).toThrow("the environment variable SHOP_PW, which is not set (Pulumi.yaml)");
  expect(loadEnvironment(root, "prod")).toMatchObject({ identity: "per-environment", variablesFile: "Pulumi.prod.yaml", variables: { SCHEMA: "prod" } });
});

test("what is wrong in the project's settings is told with its place there", () => {
  const root = project({
    "Pulumi.yaml": "name: shop\nconfig:\n  superset:identity: mine\n  superset:urls: http://a\n  superset:vars:\n    value:\n      A-B: 1\n",
    "Pulumi.dev.yaml": "config:\n  warehouse:url: [1]\n",
  });
  expect(() => loadEnvironment(root, "dev")).toThrow(
    "Pulumi.yaml:4:3: unknown setting 'superset:urls'; did you mean 'superset:url'?\n" +
      "Pulumi.dev.yaml:2:3: 'warehouse:url' must be text, not a list\n" +
      "Pulumi.yaml:3:3: 'superset:identity' must be 'shared' or 'per-environment', not 'mine'\n" +
      "Pulumi.yaml:7:7: 'A-B' cannot be a variable: use letters, digits and '_'\n" +
      "Pulumi.yaml, Pulumi.dev.yaml: 4 settings are wrong.",
  );
});

test("an environment in the project's stackConfigDir", () => {
  const root = project({ "Pulumi.yaml": "name: shop\nstackConfigDir: config\n", "config/Pulumi.prod.yaml": "config:\n  superset:vars: {ENV: prod}\n" });
  expect(loadEnvironment(root, "prod")).toMatchObject({ file: "config/Pulumi.prod.yaml", variables: { ENV: "prod" } });
  expect(() => loadEnvironment(root, "dev")).toThrow(`no environment 'dev' in ${root}: there are prod (Pulumi.<env>.yaml)`);
});
