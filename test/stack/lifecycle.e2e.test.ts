/** The stack program on a real Superset, driven by the real Pulumi CLI: create, no-op, drift, update, remove. */
import { SupersetApi } from "../helpers/api";
import { Project, type CommandResult } from "../helpers/project";
import { superset, type TestDatabase, type TestSuperset } from "../helpers/runtime";
import { credentials, ORDERS_SQL, stackConfig, TEMPLATES, writeTemplates } from "./small";

jest.setTimeout(300_000);

let server: TestSuperset;
let warehouse: TestDatabase;
let project: Project;
let ui: SupersetApi;

beforeAll(async () => {
  server = await superset();
  warehouse = await server.postgres.createDatabase();
  await server.postgres.sql(warehouse.name, `set role warehouse_owner; ${ORDERS_SQL}`);
  project = new Project({ stacks: { dev: stackConfig(server.url, warehouse, server.postgres) }, env: credentials(server) });
  writeTemplates(project);
  await project.initStacks("dev");
  ui = await SupersetApi.connect(server);
});

/** Fails with the whole output, which says why. */
function succeeded({ code, output }: CommandResult): string {
  if (code !== 0) {
    throw new Error(`pulumi ended with ${code}:\n${output}`);
  }
  return output;
}

test("up makes everything, and the next preview is clean", async () => {
  succeeded(await project.up("dev"));
  const clean = await project.run(["preview", "--expect-no-changes", "--stack", "dev"]);
  expect(clean.output).not.toContain("drift");
  expect(clean.code).toBe(0);
});
