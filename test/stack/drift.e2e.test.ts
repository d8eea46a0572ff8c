/**
 * Every edit of the table (`helpers/edits.ts`), made in Superset as its UI makes it, through the real Pulumi CLI: preview reports it
 * with fields, who and when; a strict environment stops with nothing written; Git-wins restores it; and once Git holds the edit there is
 * no conflict and nothing to write. Edits of different assets share a round: a command costs seconds, whatever it finds.
 */
import { stringifyExport } from "../../compile/yaml";
import { shown } from "../../provider/report";
import { SupersetApi } from "../helpers/api";
import { EDITS, workspace, WORKSPACE_SQL, type Edit } from "../helpers/edits";
import { Project } from "../helpers/project";
import { PLURALS } from "../helpers/rules";
import { superset, type TestSuperset } from "../helpers/runtime";
import type { ExportDocument } from "../../provider/kinds/define";
import { imports, succeeded } from "./outcome";
import { credentials, stackConfig } from "./small";

jest.setTimeout(240_000);

const STRICT = { HYBRID_APPLY_MODE: "strict_fail_on_drift" };

let server: TestSuperset;
let project: Project;
let ui: SupersetApi;
let uri: string;

/** Edits after which the assets, as they are, are no valid templates (also beside others): Git cannot take them over without a second change. */
const NOT_FOR_GIT = new Set(["swap a chart's dataset", "remove a metric", "add a chart to a dashboard from explore"]);

/** The parts of its asset that an edit touches: `slice_name`, `params.row_limit`, `position`, `metadata.native_filter`. */
const partsOf = (edit: Edit): readonly string[] =>
  edit.changes.map(({ path }) => (/^(position|unplaced)/u.test(path) ? "position" : path.split(/[.[]/u).slice(0, 2).join(".").replace(/(native_filter).*/u, "$1")));

/** A deletion, an edit with consequences for others, or one that cannot be written into a template as it is: a round of its own, taken back by Git. */
const isAlone = (edit: Edit): boolean =>
  edit.deleted === true || (edit.others ?? []).length > 0 || NOT_FOR_GIT.has(edit.name) || partsOf(edit).includes("theme_uuid");

/** Rounds of edits that do not touch the same part of the same asset; one with consequences for others is alone. */
function rounds(): readonly (readonly Edit[])[] {
  const shared: Edit[][] = [];
  const alone: Edit[][] = [];
  for (const edit of EDITS) {
    if (isAlone(edit)) {
      alone.push([edit]);
      continue;
    }
    const free = shared.find((round) => round.every((other) => other.uuid !== edit.uuid || !partsOf(other).some((part) => partsOf(edit).includes(part))));
    if (free === undefined) {
      shared.push([edit]);
    } else {
      free.push(edit);
    }
  }
  return [...shared, ...alone];
}

/** Templates in the full form, one file per asset; a secret-bearing address comes from Git, as no export has it. */
function writeDocuments(documents: Readonly<Record<string, Iterable<ExportDocument>>>): void {
  for (const plural of PLURALS) {
    project.remove(`assets/${plural}`);
    for (const document of documents[plural] ?? []) {
      const whole = plural === "databases" ? { ...document, sqlalchemy_uri: uri } : document;
      project.write(`assets/${plural}/${String(document["uuid"])}.yaml`, stringifyExport(whole));
    }
  }
}

const writeOriginal = (): void => writeDocuments(workspace(uri));

async function writeLive(): Promise<void> {
  const exported = await ui.exportAssets();
  writeDocuments(Object.fromEntries(PLURALS.map((plural) => [plural, [...(exported[plural]?.values() ?? [])]])));
}

/** What Superset holds. A chart that is on a dashboard but nowhere in its layout is exported in a row with another random id every time. */
async function liveAssets(): Promise<unknown> {
  const text = JSON.stringify(Object.entries(await ui.exportAssets()).map(([plural, documents]) => [plural, [...documents]]));
  const names = new Map<string, string>();
  return JSON.parse(text.replace(/(?:ROW-N|CHART)-[A-Za-z0-9_-]{8,}/gu, (id) => names.get(id) ?? (names.set(id, `random ${names.size}`), `random ${names.size - 1}`)));
}

async function expectClean(): Promise<void> {
  const output = succeeded(await project.run(["preview", "--expect-no-changes", "--stack", "dev"]));
  expect(output).not.toContain("drift");
}

beforeAll(async () => {
  server = await superset();
  const warehouse = await server.postgres.createDatabase();
  await server.postgres.sql(warehouse.name, `set role warehouse_owner; ${WORKSPACE_SQL}`);
  const { reader, host, port } = server.postgres;
  uri = `postgresql+psycopg2://${reader.username}:${reader.password}@${host}:${port}/${warehouse.name}`;
  project = new Project({ stacks: { dev: stackConfig(server.url, warehouse, server.postgres) }, env: credentials(server) });
  writeOriginal();
  await project.initStacks("dev");
  ui = await SupersetApi.connect(server);
  succeeded(await project.up("dev"));
  await expectClean();
});

/** The lines of `output` from the report of that asset to the next one. */
function reportOf(output: string, uuid: string): string {
  const start = output.indexOf(`[${uuid}]`);
  return start < 0 ? "" : output.slice(start, output.indexOf("drift:", start) < 0 ? undefined : output.indexOf("drift:", start));
}

function expectReported(output: string, edit: Edit): void {
  const report = reportOf(output, edit.uuid);
  if (edit.deleted === true) {
    expect(report).toContain("was deleted in Superset");
    return;
  }
  expect(report).toMatch(/was edited in Superset by Local Admin at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/);
  for (const change of edit.changes) {
    expect(report).toContain(`${change.path}: ${shown(change.before)} → `);
    if (change.path !== "theme_uuid") {
      expect(report).toContain(`→ ${shown(change.after)}`);
    }
  }
}

// A failing round must not make the next ones fail.
let finished = true;
afterEach(async () => {
  if (!finished) {
    writeOriginal();
    await project.up("dev");
  }
});

const TABLE = rounds().map((edits, index) => [`round ${index + 1}: ${edits.map(({ name }) => name).join("; ")}`, edits] as const);

test.each(TABLE)("%s", async (_name, edits) => {
  finished = false;
  for (const edit of edits) {
    await edit.apply(ui);
  }
  const live = await liveAssets();

  const preview = succeeded(await project.preview("dev"));
  for (const edit of edits) {
    expectReported(preview, edit);
  }

  const before = await imports(server);
  const refused = await project.up("dev", STRICT);
  expect(refused.code).not.toBe(0);
  expect(refused.output).toContain("Nothing was written.");
  expect(refused.output).toContain("HYBRID_APPLY_MODE=overwrite_git_wins pulumi up --stack dev");
  for (const edit of edits) {
    expect(refused.output).toContain(edit.uuid);
  }
  expect(await imports(server)).toBe(before);
  expect(await liveAssets()).toEqual(live);

  if (edits.every((edit) => !isAlone(edit))) {
    await writeLive();
    succeeded(await project.up("dev", STRICT));
    expect(await imports(server)).toBe(before);
    writeOriginal();
    succeeded(await project.up("dev", STRICT));
  } else {
    succeeded(await project.up("dev"));
  }
  await expectClean();
  finished = true;
});
