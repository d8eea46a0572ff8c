import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { environmentNames, readConfiguration } from "../../provider/configuration";
import { settingsFor } from "../../provider/settings";

function repository(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "configuration-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const values = (root: string, environment = "dev"): unknown => Object.fromEntries([...readConfiguration(root, environment).settings].map(([key, { value, file }]) => [key, [value, file]]));

const PROJECT = `name: shop
config:
  superset:url: http://project
  superset:username: {value: ann}
  superset:vars:
    value: {SCHEMA: public, REGIONS: [a, b]}
  warehouse:config:url: postgresql://project/d
  size: 3
  shop:colour: {type: string, default: red}
  wanted: {type: string}
`;

test("the project's configuration holds where the environment's file does not say otherwise, setting by setting", () => {
  const root = repository({ "Pulumi.yaml": PROJECT, "Pulumi.dev.yaml": "config:\n  superset:url: http://dev\n  superset:vars: {ENV: dev}\n  size: 4\n" });
  expect(values(root)).toEqual({
    "superset:url": ["http://dev", "Pulumi.dev.yaml"], "superset:username": ["ann", "Pulumi.yaml"], "superset:vars": [{ ENV: "dev" }, "Pulumi.dev.yaml"],
    "warehouse:url": ["postgresql://project/d", "Pulumi.yaml"], "shop:size": [4, "Pulumi.dev.yaml"], "shop:colour": ["red", "Pulumi.yaml"],
  });
  expect(values(root, "prod")).toMatchObject({ "superset:url": ["http://project", "Pulumi.yaml"], "superset:vars": [{ SCHEMA: "public", REGIONS: ["a", "b"] }, "Pulumi.yaml"], "shop:size": [3, "Pulumi.yaml"] });
});

test("a server in Pulumi.yaml comes before one in the environment variables, and after the stack file's", async () => {
  const env = { SUPERSET_URL: "http://variable", SUPERSET_TOKEN: "t", DATABASE_URL: "postgresql://variable/d" };
  const url = (files: Readonly<Record<string, string>>): string => settingsFor(repository(files), "dev", {}, undefined, env).connection().url;
  for (const written of ["superset:url: http://project", "superset:url: {value: http://project}", "superset:url: {default: http://project}"]) {
    expect(url({ "Pulumi.yaml": `name: shop\nconfig:\n  ${written}\n`, "Pulumi.dev.yaml": "config: {}\n" })).toBe("http://project");
    expect(url({ "Pulumi.yaml": `name: shop\nconfig:\n  ${written}\n`, "Pulumi.dev.yaml": "config:\n  superset:url: http://dev\n" })).toBe("http://dev");
  }
  expect(url({ "Pulumi.yaml": PROJECT })).toBe("http://project");
  expect(url({ "Pulumi.yaml": "name: shop\n", "Pulumi.dev.yaml": "config: {}\n" })).toBe("http://variable");
  expect(await settingsFor(repository({ "Pulumi.yaml": PROJECT }), "dev", {}, undefined, env).warehouseUrl()).toBe("postgresql://project/d");
});

test("what the engine decrypted for an environment's file is used before a plain value of the project", () => {
  const root = repository({ "Pulumi.yaml": `${PROJECT}  superset:password: {value: plain}\n`, "Pulumi.dev.yaml": "config:\n  superset:password: {secure: v1:xyz}\n" });
  expect(settingsFor(root, "dev", { "superset:password": "decrypted", "superset:url": "http://the last up" }, undefined, {}).connection()).toMatchObject({ url: "http://project", password: "decrypted" });
  expect(settingsFor(root, "prod", { "superset:password": "of another" }, undefined, {}).connection()).toMatchObject({ password: "plain" });
});

test("keys without a namespace are the project's: also where it is called as one of ours", () => {
  expect(values(repository({ "Pulumi.yaml": "name: superset\nconfig:\n  url: http://a\n", "Pulumi.dev.yaml": "config:\n  username: ann\n" }))).toEqual({
    "superset:url": ["http://a", "Pulumi.yaml"], "superset:username": ["ann", "Pulumi.dev.yaml"],
  });
});

test.each([
  ["stackConfigDir: config/stacks", "config/stacks/"],
  ["stackConfigDir: ./config", "config/"],
  ["config: config", "config/"],
])("the environments' files are where %s says", (line, folder) => {
  const root = repository({ "Pulumi.yaml": `name: shop\n${line}\n`, "Pulumi.dev.yaml": "config:\n  superset:url: http://not read\n", [`${folder}Pulumi.dev.yaml`]: "config:\n  superset:url: http://read\n", [`${folder}Pulumi.prod.yml`]: "config:\n  superset:url: [1]\n" });
  expect(environmentNames(root)).toEqual(["dev", "prod"]);
  expect(values(root)).toEqual({ "superset:url": ["http://read", `${folder}Pulumi.dev.yaml`] });
  expect(readConfiguration(root, "staging").file).toBeUndefined();
  expect(() => settingsFor(root, "prod", {}).connection()).toThrow(`${folder}Pulumi.prod.yml:2:3: 'superset:url' must be text, not a list`);
});

test("how an environment is deployed is no environment", () => {
  const root = repository({ "Pulumi.yaml": PROJECT, "Pulumi.dev.yaml": "config: {}\n", "Pulumi.dev.deploy.yaml": "settings: {}\n", "Pulumi.deploy.yaml": "config: {}\n" });
  expect(environmentNames(root)).toEqual(["deploy", "dev"]);
});

test.each([
  ["superset:url:", "Pulumi.yaml:3:3: 'superset:url' has no value; write it below 'value:'"],
  ["superset:vars: {ENV: dev}", "Pulumi.yaml:3:3: 'superset:vars' has no value; write it below 'value:'"],
  ["superset:token: {value: {secure: v1:xyz}}", "Pulumi.yaml:3:3: 'superset:token' is encrypted, which Pulumi takes in the file of an environment only: pulumi config set --secret superset:token"],
  ["superset:url: {value: [1]}", "Pulumi.yaml:3:18: 'superset:url' must be text, not a list"],
])("a setting of the project that is wrong is no reason to take another server: %s", (line, message) => {
  const root = repository({ "Pulumi.yaml": `name: shop\nconfig:\n  ${line}\n`, "Pulumi.dev.yaml": "config: {}\n" });
  expect(() => settingsFor(root, "dev", {}, undefined, { SUPERSET_URL: "http://other", SUPERSET_TOKEN: "t" }).connection()).toThrow(message);
});
