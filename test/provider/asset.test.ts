/** What the classes hand to the engine: which inputs are marked as secret, and which uuid an asset gets. */
import * as pulumi from "@pulumi/pulumi";
import { Chart, Database, Dataset, type DatabaseArgs } from "../../provider";
import { assetUuid } from "../../provider/identity";

/** What the SDK marks a secret with. */
const SECRET = "4dabf18193072939515e22adb298388d";
const URI = "postgresql://u:pa%2Fss@h/d";
const MASKED = "postgresql://u:XXXXXXXXXX@h/d";

const registered = new Map<string, Record<string, unknown>>();

beforeAll(async () => {
  await pulumi.runtime.setMocks({ newResource: ({ name, inputs, id }) => (registered.set(name, inputs as Record<string, unknown>), { id: id ?? name, state: {} }), call: () => ({}) }, "shop", "dev", false);
});

/** The inputs of the resource that `make` makes: secrets as `{secret: value}`. */
async function inputsOf(make: (name: string) => pulumi.Resource): Promise<Record<string, unknown>> {
  const name = `r${registered.size}`;
  const resource = make(name);
  await new Promise((resolve) => resource.urn.apply(resolve));
  const shown = (value: unknown): unknown =>
    typeof value === "object" && value !== null && !Array.isArray(value) && SECRET in value
      ? { secret: Reflect.get(value, "value") as unknown }
      : value;
  return Object.fromEntries(Object.entries(registered.get(name) ?? {}).map(([key, value]) => [key, shown(value)]));
}

const database = (args: Partial<DatabaseArgs>): Promise<Record<string, unknown>> => inputsOf((name) => new Database(name, { database_name: "d", sqlalchemy_uri: "x://u@h/d", ...args }));

describe("the secrets of a database", () => {
  test.each<[string, Partial<DatabaseArgs>, object, object]>([
    ["in the address", { sqlalchemy_uri: URI }, { sqlalchemy_uri: MASKED }, { password: "pa%2Fss" }],
    ["in an address that is marked itself", { sqlalchemy_uri: pulumi.secret(URI) }, { sqlalchemy_uri: MASKED }, { password: "pa%2Fss" }],
    ["none in an address that is marked", { sqlalchemy_uri: pulumi.secret("x://u@h/d") }, { sqlalchemy_uri: { secret: "x://u@h/d" } }, {}],
    ["apart", { sqlalchemy_uri: "postgresql://u@h/d", password: pulumi.secret("pa/ss") }, { sqlalchemy_uri: MASKED }, { password: "pa%2Fss" }],
    ["apart, without a user", { sqlalchemy_uri: "redis://h/0", password: "pw" }, { sqlalchemy_uri: "redis://:XXXXXXXXXX@h/0" }, { password: "pw" }],
    ["a mapping", { encrypted_extra: { credentials_info: { key: pulumi.secret("k") } } }, { encrypted_extra: undefined }, { encrypted_extra: '{"credentials_info":{"key":"k"}}' }],
    ["a text", { encrypted_extra: '{"a":1}' }, { encrypted_extra: undefined }, { encrypted_extra: '{"a":1}' }],
    ["of a tunnel", { ssh_tunnel: { server_address: "s", password: pulumi.secret("pw") } }, { ssh_tunnel: { server_address: "s", password: "XXXXXXXXXX" } }, { "ssh_tunnel.password": "pw" }],
    ["of a tunnel, with another", { ssh_tunnel: { server_address: pulumi.secret("s"), password: "pw" } }, { ssh_tunnel: { secret: { server_address: "s", password: "XXXXXXXXXX" } } }, { "ssh_tunnel.password": "pw" }],
    ["no text", { encrypted_extra: [1] as never }, { encrypted_extra: [1] }, {}],
    ["another field", { extra: { engine_params: { x: pulumi.secret("y") } } }, { extra: { secret: { engine_params: { x: "y" } } } }, {}],
  ])("%s", async (_, args, shown, secrets) => {
    const inputs = await database(args);
    for (const [field, value] of Object.entries(shown)) {
      expect(inputs[field]).toEqual(value);
    }
    expect(inputs["secrets"]).toEqual({ secret: secrets });
    expect(inputs).not.toHaveProperty("password");
  });
});

test("what a program marks in a list is secret as a whole: its place changes", async () => {
  const inputs = await inputsOf((name) => new Dataset(name, { table_name: "t", database_uuid: "u", columns: [{ column_name: "a", description: pulumi.secret("s") }], metrics: [] }));
  expect(inputs["columns"]).toEqual({ secret: [{ column_name: "a", description: "s" }] });
  expect(inputs["metrics"]).toEqual([]);
});

describe("the uuid", () => {
  const chart = (uuid?: string): Promise<Record<string, unknown>> => inputsOf((name) => new Chart(name, { slice_name: "c", viz_type: "table", dataset_uuid: "d", ...(uuid === undefined ? {} : { uuid }) }));
  afterEach(() => pulumi.runtime.setAllConfig({}));

  test.each([["shared", undefined], ["per-environment", "dev"]])("where identity is %s", async (identity, environment) => {
    pulumi.runtime.setAllConfig({ "superset:identity": identity });
    const name = `r${registered.size}`;
    expect((await chart())["uuid"]).toBe(assetUuid("shop", "chart", name, environment));
    expect((await chart("mine"))["uuid"]).toBe("mine");
  });

  test("another word is an error", () => {
    pulumi.runtime.setAllConfig({ "superset:identity": "own" });
    expect(() => new Chart("c", { slice_name: "c", viz_type: "table", dataset_uuid: "d" })).toThrow("'superset:identity' must be 'shared' or 'per-environment', not 'own'");
  });
});
