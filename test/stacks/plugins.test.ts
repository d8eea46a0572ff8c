/** The declarations that need plugins of @pulumi/postgresql and @pulumi/command, under Pulumi's own mocks. */
import * as pulumi from "@pulumi/pulumi";
import { declareHooks } from "../../stacks/hooks";
import { declareWarehouse } from "../../stacks/warehouse";

interface Declared {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

async function declared(config: Record<string, string>, program: (root: pulumi.ComponentResource) => void): Promise<Declared[]> {
  const found: Declared[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, id }) => {
        if (!type.startsWith("test:")) {
          found.push({ type, name, inputs });
        }
        return { id: id ?? `${name}-id`, state: { ...inputs } };
      },
      call: () => ({}),
    },
    "project",
    "prod",
    false,
  );
  pulumi.runtime.setAllConfig(config, ["warehouse:readerPassword"]);
  program(new pulumi.ComponentResource("test:index:Before", "before"));
  // Registrations are asynchronous; the mock's monitor has answered all once nothing is pending.
  await pulumi.runtime.disconnect();
  return found;
}

const provision = { "warehouse:provision": "true", "warehouse:owner": "etl", "warehouse:readerPassword": "hidden", "warehouse:schemas": '["sales","hr"]' };

describe("the warehouse through @pulumi/postgresql", () => {
  test("is not declared unless it is switched on", async () => {
    expect(await declared({}, (before) => declareWarehouse("prod", before))).toEqual([]);
  });

  test("is a database, schemas, a read-only role and its grants", async () => {
    const found = await declared(provision, (before) => declareWarehouse("prod", before));
    const of = (type: string): readonly Declared[] => found.filter((resource) => resource.type === `postgresql:index/${type}`);
    expect(of("database:Database").map(({ inputs }) => inputs)).toEqual([{ name: "warehouse_prod", owner: "etl" }]);
    expect(of("schema:Schema").map(({ inputs }) => inputs["name"])).toEqual(["sales", "hr"]);
    expect(of("role:Role").map(({ inputs }) => [inputs["name"], inputs["login"]])).toEqual([["bi_reader", true]]);
    expect(of("grant:Grant").map(({ inputs }) => [inputs["objectType"], inputs["schema"], inputs["privileges"]])).toEqual(
      expect.arrayContaining([
        ["database", undefined, ["CONNECT"]],
        ["schema", "sales", ["USAGE"]],
        ["table", "sales", ["SELECT"]],
        ["schema", "hr", ["USAGE"]],
        ["table", "hr", ["SELECT"]],
      ]),
    );
    expect(of("defaultPrivileges:DefaultPrivileges").map(({ inputs }) => [inputs["owner"], inputs["schema"], inputs["role"], inputs["privileges"]])).toEqual([
      ["etl", "sales", "bi_reader", ["SELECT"]],
      ["etl", "hr", "bi_reader", ["SELECT"]],
    ]);
  });

  test("names the setting that is missing", async () => {
    await expect(declared({ "warehouse:provision": "true" }, (before) => declareWarehouse("prod", before))).rejects.toThrow("Missing required configuration variable 'warehouse:owner'");
  });
});

describe("post-deploy hooks through @pulumi/command", () => {
  const policy = (hooks: { name: string; command: string }[]): Parameters<typeof declareHooks>[0] => ({ mode: "overwrite_git_wins", driftGate: "warn", onRemove: "delete", file: { deploy: { hooks } } });
  const bundle = { hash: "abc", environment: "prod" };

  test("are not declared without an entry in policy.yaml", async () => {
    expect(await declared({}, () => declareHooks(policy([]), bundle, "7", "/repo", []))).toEqual([]);
  });

  test("run in the repository whenever bundle or migrations change", async () => {
    const found = await declared({}, (before) => declareHooks(policy([{ name: "warm-cache", command: "make warm" }]), bundle, "7", "/repo", [before]));
    expect(found).toEqual([
      {
        type: "command:local:Command",
        name: "warm-cache",
        inputs: { create: "make warm", update: "make warm", dir: "/repo", environment: { HYBRID_ENV: "prod", HYBRID_BUNDLE_HASH: "abc" }, triggers: ["abc", "7"] },
      },
    ]);
  });
});
