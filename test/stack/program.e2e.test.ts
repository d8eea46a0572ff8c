/** The resources by hand, in a program of one's own: outputs of one are inputs of the next. */
import { encodeInputs } from "../../provider/inputs";
import { isObject, type Json, type JsonObject } from "../../provider/json";
import { SupersetApi } from "../helpers/api";
import { Project } from "../helpers/project";
import { postgres, superset, type TestSuperset } from "../helpers/runtime";
import { imports, succeeded } from "./outcome";
import { credentials, ORDERS_SQL, stackConfig } from "./small";

jest.setTimeout(300_000);

/** Marked as secret by the program, in a chart and as a database's `encrypted_extra`. */
const HUSH = "hush-hush-hush-hush";

const PROGRAM = `
const superset = require("pulumi-superset");
const pulumi = require("@pulumi/pulumi");
const warehouse = new superset.Database("warehouse", { database_name: "by hand", sqlalchemy_uri: process.env.TEST_URI, encrypted_extra: { connect_args: { application_name: "${HUSH}" } } });
const orders = new superset.Dataset("orders", {
  table_name: "orders", schema: "public", database_uuid: warehouse.uuid,
  columns: [{ column_name: "region", verbose_name: "Region" }],
  metrics: [{ metric_name: "orders", expression: "COUNT(*)" }],
}, {});
const chart = new superset.Chart("turnover", {
  slice_name: "Orders by region", viz_type: process.env.TEST_VIZ || "table", dataset_uuid: orders.uuid,
  description: "[draft] note", params: { query_mode: "aggregate", groupby: ["region"], metrics: ["orders"], row_limit: 50, table_filter: pulumi.secret("${HUSH}") },
}, {});
const board = new superset.Dashboard("board", {
  dashboard_title: "By hand", slug: "by-hand",
  position: {
    DASHBOARD_VERSION_KEY: "v2",
    ROOT_ID: { type: "ROOT", id: "ROOT_ID", children: ["GRID_ID"] },
    GRID_ID: { type: "GRID", id: "GRID_ID", children: ["ROW-1"], parents: ["ROOT_ID"] },
    "ROW-1": { type: "ROW", id: "ROW-1", children: ["CHART-1"], meta: { background: "BACKGROUND_TRANSPARENT" } },
    "CHART-1": { type: "CHART", id: "CHART-1", children: [], meta: { chartId: 1, width: 6, height: 50, uuid: chart.uuid } },
  },
});
exports.chart = chart.uuid;
exports.board = pulumi.interpolate\`/superset/dashboard/\${board.uuid}/\`;
`;

let server: TestSuperset;
let project: Project;
let ui: SupersetApi;
let password: string;

beforeAll(async () => {
  server = await superset();
  const warehouse = await server.postgres.createDatabase();
  await server.postgres.sql(warehouse.name, `set role warehouse_owner; ${ORDERS_SQL}`);
  const { reader, host, port } = server.postgres;
  password = reader.password;
  const env = { ...credentials(server), TEST_URI: `postgresql+psycopg2://${reader.username}:${reader.password}@${host}:${port}/${warehouse.name}` };
  project = new Project({ stacks: { dev: stackConfig(server.url, warehouse, server.postgres) }, env, program: PROGRAM });
  await project.initStacks("dev");
  ui = await SupersetApi.connect(server);
});

test("preview of what does not exist yet, then up, then nothing to do", async () => {
  expect(succeeded(await project.preview("dev"))).toContain("+ 5 to create");
  succeeded(await project.up("dev"));
  const exported = await ui.exportAssets();
  expect(Object.values(exported).map((documents) => documents.size)).toEqual([1, 1, 1, 1]);
  const [chart] = [...(exported["charts"]?.values() ?? [])];
  expect(chart?.["dataset_uuid"]).toBe([...(exported["datasets"]?.keys() ?? [])][0]);
  const outputs = JSON.parse(await project.mustRun("stack", "output", "--json", "--stack", "dev")) as Record<string, string>;
  expect(outputs["chart"]).toBe(chart?.["uuid"]);
  succeeded(await project.run(["preview", "--expect-no-changes", "--stack", "dev"]));
});

test("the password in the address is encrypted in the state and shown nowhere", async () => {
  const preview = await project.preview("dev");
  expect(preview.output).not.toContain(password);
  expect(project.stateText("dev")).not.toContain(password);
  expect(project.stateText("dev")).toContain("XXXXXXXXXX");
});

interface StoredResource {
  readonly urn: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** The chart as the state holds it. */
function storedChart(): StoredResource | undefined {
  const state = JSON.parse(project.stateText("dev")) as { checkpoint: { latest: { resources: readonly StoredResource[] } } };
  return state.checkpoint.latest.resources.find(({ urn }) => urn.includes("superset:Chart"));
}

const ENCRYPTED = { ciphertext: expect.any(String) as string };

test("what the program marks as secret is encrypted too, wherever it is", async () => {
  expect((await project.preview("dev")).output).not.toContain(HUSH);
  expect(project.stateText("dev")).not.toContain(HUSH);
  expect(storedChart()?.inputs).toMatchObject({ slice_name: "Orders by region", description: "[draft] note", nested: true, params: ENCRYPTED });
  expect(storedChart()?.outputs).toMatchObject({ nested: true, applied: ENCRYPTED });
  await expect((await postgres()).sql(server.metadata, "select count(*) from dbs where database_name = 'by hand' and encrypted_extra is not null")).resolves.toBe("1");
});

test("an edit in Superset is drift here too, and a strict run refuses the write", async () => {
  const uuid = [...(await ui.ids("chart")).keys()][0] ?? "";
  await ui.put(`/api/v1/chart/${await ui.id("chart", uuid)}`, { slice_name: "Edited" });
  expect(succeeded(await project.preview("dev"))).toContain('slice_name: "Orders by region" → "Edited"');
  const refused = await project.up("dev", { HYBRID_APPLY_MODE: "strict_fail_on_drift" });
  expect(refused.code).not.toBe(0);
  expect(refused.output).toContain("refused: the policy of this environment is strict_fail_on_drift");
  succeeded(await project.up("dev"));
  expect((await ui.exportAssets())["charts"]?.get(uuid)?.["slice_name"]).toBe("Orders by region");
});

test("a field that is none is an error that names the nearest one", async () => {
  project.write("index.js", PROGRAM.replace("viz_type:", "viztype: 'x', viz_type:"));
  const { code, output } = await project.run(["preview", "--stack", "dev"]);
  expect(code).not.toBe(0);
  expect(output).toContain("viztype");
  expect(output).toContain("viz_type");
  project.write("index.js", PROGRAM);
});

const IGNORING = PROGRAM
  .replace("[draft] note", "[final] note").replace("row_limit: 50", "row_limit: 60").replace('verbose_name: "Region"', 'verbose_name: "Area"')
  .replace("}, {});", '}, { ignoreChanges: ["columns"] });').replace("}, {});", '}, { ignoreChanges: ["description", "params.row_limit"] });');

test("ignoreChanges: a text that looks like JSON, a list, a part of params", async () => {
  project.write("index.js", IGNORING);
  for (let round = 0; round < 2; round += 1) {
    succeeded(await project.run(["up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", "dev"]));
  }
  const uuid = [...(await ui.ids("chart")).keys()][0] ?? "";
  await ui.put(`/api/v1/chart/${await ui.id("chart", uuid)}`, { description: "{edited} in Superset" });
  project.write("index.js", IGNORING.replace("Orders by region", "Orders, by region"));
  succeeded(await project.up("dev"));
  succeeded(await project.run(["preview", "--expect-no-changes", "--stack", "dev"]));
  const { charts, datasets } = await ui.exportAssets();
  expect(charts?.get(uuid)).toMatchObject({ slice_name: "Orders, by region", description: "{edited} in Superset", params: { row_limit: 50 } });
  expect(JSON.stringify([...(datasets?.values() ?? [])])).toContain('"verbose_name":"Region"');
  project.write("index.js", PROGRAM);
  succeeded(await project.up("dev"));
  expect((await ui.exportAssets())["charts"]?.get(uuid)).toMatchObject({ description: "[draft] note" });
  succeeded(await project.run(["refresh", "--yes", "--stack", "dev"]));
  expect(storedChart()).toMatchObject({ inputs: { params: ENCRYPTED }, outputs: { applied: ENCRYPTED } });
});

test.each([
  ["chart 'Broken': 'params' is text but not JSON", `new superset.Chart("broken", { slice_name: "Broken", viz_type: "table", dataset_uuid: new superset.Dataset("new", { table_name: "new", database_uuid: "0b8f6b1e-5f3c-4d5e-9c1a-2f6f0a4d7e11" }).uuid, params: "{broken" })`],
  ["'sqlalchemy_uri' holds 'password' in its query", `new superset.Database("open", { database_name: "open", sqlalchemy_uri: "postgresql://h/d?user=u&password=${HUSH}" })`],
])("what templates refuse is refused in the preview already, and no secret is shown: %s", async (message, statement) => {
  project.write("index.js", `const superset = require("pulumi-superset");\n${statement};\n`);
  const { code, output } = await project.run(["preview", "--stack", "dev"]);
  expect(code).not.toBe(0);
  expect(output).toContain(message);
  expect(output).not.toContain(HUSH);
  project.write("index.js", PROGRAM);
});

test("a state of before inputs were kept nested goes on, and nothing is written to Superset for it", async () => {
  const exported = JSON.parse(await project.mustRun("stack", "export", "--show-secrets", "--stack", "dev")) as { deployment: { resources: Record<string, unknown>[] } };
  const clear = (value: unknown): Json => {
    const plaintext = isObject(value) ? value["plaintext"] : undefined;
    return typeof plaintext === "string" ? (JSON.parse(plaintext) as Json) : (value as Json);
  };
  for (const resource of exported.deployment.resources.filter(({ outputs }) => isObject(outputs) && outputs["nested"] === true)) {
    const [inputs, outputs] = [resource["inputs"], resource["outputs"]].map((props) => Object.entries(props as JsonObject).filter(([key]) => key !== "nested"));
    const form = Object.fromEntries((inputs ?? []).map(([key, value]) => [key, key === "secrets" ? value : clear(value)]));
    const { secrets, ...given } = form;
    resource["inputs"] = { ...encodeInputs(given), ...(secrets === undefined ? {} : { secrets }) };
    resource["outputs"] = Object.fromEntries((outputs ?? []).map(([key, value]) => [key, key === "applied" ? clear(value) : value]));
    delete resource["additionalSecretOutputs"];
  }
  project.write("old.json", JSON.stringify(exported));
  await project.mustRun("stack", "import", "--file", "old.json", "--stack", "dev");
  expect(typeof storedChart()?.outputs["applied"]).toBe("string");
  const before = await imports(server);
  succeeded(await project.up("dev"));
  expect(storedChart()).toMatchObject({ inputs: { nested: true, description: "[draft] note" }, outputs: { nested: true, applied: ENCRYPTED } });
  succeeded(await project.run(["preview", "--expect-no-changes", "--stack", "dev"]));
  expect(await imports(server)).toBe(before);
});
