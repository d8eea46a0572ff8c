/** New templates beside those that are there: names, references, files, identities, and what is not taken over. */
import { loadEnvironment } from "../../compile";
import { newTemplates } from "../../compile/translate/new";
import type { JsonObject } from "../../provider/json";
import type { ExportDocument } from "../../provider/kinds/define";
import { project, removeProjects, SHOP } from "../compile/project";
import { differences, type Documents, exportsOf, translated } from "./exported";

afterAll(removeProjects);

const stack = (vars: JsonObject, more: JsonObject = {}): string => JSON.stringify({ config: { "superset:vars": vars, ...more } });
const STACKS = { "Pulumi.dev.yaml": stack({ ENV: "dev" }), "Pulumi.prod.yaml": stack({ ENV: "prod" }) };
const UUID = (digit: number): string => `${String(digit).repeat(8)}-0000-4000-8000-000000000000`;
const KNOWN = UUID(8);
/** A repository with templates; the chart has a uuid of its own. */
const SHOP_FILES = { ...SHOP, ...STACKS, "assets/datasets/sales.yaml": `uuid: ${KNOWN}\n${SHOP["assets/datasets/sales.yaml"]}` };
const chart = (digit: number, name: string, dataset = KNOWN, params: JsonObject = { metric: "revenue" }): ExportDocument => ({ slice_name: name, viz_type: "big_number_total", uuid: UUID(digit), dataset_uuid: dataset, version: "1.0.0", params });
const dashboard = (digit: number, title: string, slug: string | null, charts: readonly string[]): ExportDocument => ({
  dashboard_title: title, slug, uuid: UUID(digit), version: "1.0.0", metadata: {},
  position: {
    ROOT_ID: { type: "ROOT", children: ["GRID_ID"] }, GRID_ID: { type: "GRID", children: ["R"] }, R: { type: "ROW", children: charts.map((_, index) => `C${index}`), meta: { background: "BACKGROUND_TRANSPARENT" } },
    ...Object.fromEntries(charts.map((uuid, index) => [`C${index}`, { type: "CHART", meta: { uuid, width: 3, height: 50, chartId: index } }])),
  },
});

describe("references", () => {
  test.each<[string, Readonly<Record<string, string>>, string]>([
    ["to a template by its name", {}, "datasource: sales"],
    ["by its key, where it has one", { "assets/datasets/sales.yaml": `uuid: ${KNOWN}\nkey: all_sales\n${SHOP["assets/datasets/sales.yaml"]}` }, "datasource: all_sales"],
    ["by its key, where another has its name", { "assets/datasets/other.yaml": SHOP["assets/datasets/sales.yaml"]!.replace("schema: shop", "schema: other"), "assets/charts/revenue.yaml": SHOP["assets/charts/revenue.yaml"]!.replace("sales", "shop.sales") }, "datasource: sales"],
    ["by its key, where its name is made of variables", { "assets/datasets/sales.yaml": "# none\nuuid: 1\n", "assets/datasets/in/sales.yaml.j2": `uuid: ${KNOWN}\n${SHOP["assets/datasets/sales.yaml"]!.replace("table_name: sales", 'table_name: "sales_{{ ENV }}"')}`, "assets/charts/revenue.yaml": SHOP["assets/charts/revenue.yaml"]!.replace("datasource: sales", "datasource: in/sales") }, "datasource: in/sales"],
  ])("%s", (_, files, expected) => {
    const { "assets/datasets/sales.yaml": sales, ...rest } = { ...SHOP_FILES, ...files };
    const root = project(sales?.startsWith("# none") === true ? rest : { ...rest, "assets/datasets/sales.yaml": sales ?? "" });
    const documents = { charts: [chart(1, "New")] };
    const result = translated(root, "dev", documents);
    expect(result.files.get("assets/charts/new.yaml.j2")).toContain(`\n${expected}\n`);
    expect(differences(result, "dev", documents)).toEqual([]);
    expect(result.compiled("prod").assets.length).toBe(result.compiled("dev").assets.length);
  });

  test("to new ones of one name by their keys", () => {
    const documents = { charts: [chart(1, "Twin"), chart(2, "Twin"), chart(3, "Own (dev)")], dashboards: [dashboard(9, "Page", null, [UUID(1), UUID(2), UUID(3)])] };
    const result = translated(project(SHOP_FILES), "dev", documents);
    expect([...result.files.keys()]).toEqual(["assets/charts/twin.yaml.j2", "assets/charts/twin_22222222.yaml.j2", "assets/charts/own.yaml.j2", "assets/dashboards/page.yaml.j2"]);
    expect(result.files.get("assets/dashboards/page.yaml.j2")).toContain("{chart: twin, width: 3, id: C0}\n      - {chart: twin_22222222, width: 3, id: C1}\n      - {chart: \"Own ({{ ENV }})\", width: 3, id: C2}");
    expect(differences(result, "dev", documents)).toEqual([]);
  });
});

describe("files", () => {
  test("never one that is there, nor a key or name that somebody uses", () => {
    const root = project({ ...SHOP_FILES, "assets/charts/Taken.yaml": SHOP["assets/charts/revenue.yaml"]!.replace("Revenue", "Another"), "assets/charts/keyed.yaml": `key: by_key\n${SHOP["assets/charts/revenue.yaml"]!.replace("Revenue", "by name")}`, "assets/charts/notes.txt": "" });
    const result = translated(root, "dev", { charts: [chart(1, "taken"), chart(2, "by key"), chart(3, "By_Name"), chart(4, "By name"), chart(5, "notes"), chart(6, "Größe / 2"), chart(7, "数")] });
    expect([...result.files.keys()].map((file) => file.replace("assets/charts/", ""))).toEqual([
      "taken_11111111.yaml.j2", "by_key_22222222.yaml.j2", "by_name.yaml.j2", "by_name_44444444.yaml.j2", "notes_55555555.yaml.j2", "groe_2.yaml.j2", "77777777_0000_4000_8000_000000000000.yaml.j2",
    ]);
  });

  test("nor one that is about to be written", () => {
    const environment = loadEnvironment(project(SHOP_FILES), "dev", { env: {} });
    const overlay = new Map([["assets/charts/new.yaml", SHOP["assets/charts/revenue.yaml"]!.replace("Revenue", "Other")]]);
    expect([...newTemplates({ environment, ...exportsOf({ charts: [chart(1, "New")] }), overlay }).files.keys()]).toEqual(["assets/charts/new_11111111.yaml.j2"]);
  });

  test("the line for editors is that of the other templates", () => {
    const header = (path: string): string => `# yaml-language-server: $schema=${path}/dataset.schema.json\n`;
    const root = project({ ...SHOP_FILES, "assets/datasets/sales.yaml": header("../../node_modules/pulumi-superset/schemas") + SHOP_FILES["assets/datasets/sales.yaml"] });
    expect(translated(root, "dev", { charts: [chart(1, "New")] }).files.get("assets/charts/new.yaml.j2")?.split("\n")[0]).toBe("# yaml-language-server: $schema=../../node_modules/pulumi-superset/schemas/chart.schema.json");
  });
});

describe("what is left out, with the reason", () => {
  test("a second asset of a name that a template means", () => {
    const result = translated(project(SHOP_FILES), "dev", { charts: [chart(1, "Revenue"), chart(2, "Other")] });
    expect([...result.files.keys()]).toEqual(["assets/charts/other.yaml.j2"]);
    expect(result.notes).toEqual([`assets/charts: warning: the chart 'Revenue' (${UUID(1)}) is not taken over: in dev, assets/dashboards/overview.yaml means another chart by that name, and with a second one of it nobody could tell which; write a 'key:' into the other's template and name it by that`]);
  });

  test("an asset that does not compile, and those that need it", () => {
    const result = translated(project(SHOP_FILES), "dev", {
      charts: [chart(1, "Lost", UUID(7)), chart(2, "Wrong", KNOWN, { metric: "no_such" }), chart(3, "Fine")],
      dashboards: [dashboard(5, "With lost", "lost", [UUID(1), UUID(3)]), dashboard(6, "Fine", "fine", [UUID(3)]), dashboard(4, "Taken", "overview", [])],
    });
    expect([...result.files.keys()]).toEqual(["assets/charts/fine.yaml.j2", "assets/dashboards/fine.yaml.j2"]);
    expect(result.notes).toEqual([
      `assets/charts: warning: the chart 'Lost' (${UUID(1)}) is not taken over: in dev, no dataset is called '${UUID(7)}'; known are sales`,
      `assets/charts: warning: the chart 'Wrong' (${UUID(2)}) is not taken over: in dev, the dataset 'shop.sales' has no metric 'no_such'; it has revenue`,
      `assets/dashboards: warning: the dashboard 'Taken' (${UUID(4)}) is not taken over: in dev, the dashboard in assets/dashboards/overview.yaml has the same slug 'overview'; Superset holds it only once`,
      `assets/dashboards: warning: the dashboard 'With lost' (${UUID(5)}) is not taken over: in dev, no chart is called 'Lost'; known are Fine, Revenue, fine, revenue`,
    ]);
  });

  test("none of them for whoever edits other templates first, and asks again with what they became", () => {
    const root = project(SHOP_FILES);
    const environment = loadEnvironment(root, "dev", { env: {} });
    const exported = exportsOf({ charts: [chart(2, "Margin", KNOWN, { metric: "margin" })] });
    const first = newTemplates({ environment, ...exported, tentative: true });
    expect([...first.files.keys()]).toEqual(["assets/charts/margin.yaml.j2"]);
    const overlay = new Map([["assets/datasets/sales.yaml", `${SHOP_FILES["assets/datasets/sales.yaml"]}  - {metric_name: margin, expression: "1"}\n`]]);
    expect(newTemplates({ environment, ...exported }).files.size).toBe(0);
    expect([...newTemplates({ environment, ...exported, overlay }).files]).toEqual([...first.files]);
  });

  test("one that another environment could not have", () => {
    const root = project({ ...SHOP_FILES, "assets/dashboards/prod.yaml.j2": 'dashboard_title: P\nslug: "{{ "report" if ENV == "prod" else "other" }}"\n' });
    const result = translated(root, "dev", { dashboards: [dashboard(6, "Report", "report", [])] });
    expect(result.files.size).toBe(0);
    expect(result.notes).toEqual([`assets/dashboards: warning: the dashboard 'Report' (${UUID(6)}) is not taken over: in prod, the dashboard in assets/dashboards/prod.yaml.j2 has the same slug 'report'; Superset holds it only once`]);
  });

  test("wherever its file stands among the others, and in whatever environment", () => {
    const root = project({ ...SHOP_FILES, "assets/dashboards/zz.yaml.j2": 'dashboard_title: P\nslug: "z-{{ ENV }}"\n', "assets/charts/named.yaml.j2": `slice_name: "N ({{ ENV }})"\nviz_type: big_number_total\ndatasource: sales\nparams: {metric: revenue}\n`, "assets/dashboards/names.yaml.j2": 'dashboard_title: N\nlayout: ["N ({{ ENV }})"]\n' });
    const result = translated(root, "dev", { dashboards: [dashboard(6, "A", "z-dev", []), dashboard(7, "B", "z-prod", [])], charts: [chart(1, "N (prod)")] });
    expect(result.files.size).toBe(0);
    expect(result.notes).toEqual([
      `assets/dashboards: warning: the dashboard 'A' (${UUID(6)}) is not taken over: in dev, the dashboard in assets/dashboards/zz.yaml.j2 has the same slug 'z-dev'; Superset holds it only once`,
      `assets/charts: warning: the chart 'N (prod)' (${UUID(1)}) is not taken over: in prod, assets/dashboards/names.yaml.j2 means another chart by that name, and with a second one of it nobody could tell which; write a 'key:' into the other's template and name it by that`,
      `assets/dashboards: warning: the dashboard 'B' (${UUID(7)}) is not taken over: in prod, the dashboard in assets/dashboards/zz.yaml.j2 has the same slug 'z-prod'; Superset holds it only once`,
    ]);
  });

  test("what cannot be told from our own marks", () => {
    const result = translated(project(SHOP_FILES), "dev", { charts: [chart(1, "a\uF8E0b"), chart(2, "c", KNOWN, { metric: "revenue", x: "\uF8F1" })] });
    expect(result.files.size).toBe(0);
    expect(result.notes[0]).toContain("is not taken over: it has one of the characters U+F8E0, U+F8E1, U+F8F0 and U+F8F1, which are reserved; remove them in Superset");
    expect(result.notes).toHaveLength(2);
  });

  test("a field that templates do not know stays in Superset", () => {
    const result = translated(project(SHOP_FILES), "dev", { charts: [{ ...chart(1, "New"), sparkle: true }] });
    expect(result.files.get("assets/charts/new.yaml.j2")).not.toContain("sparkle");
    expect(result.notes).toEqual([
      "assets/charts/new.yaml.j2:1:1: warning: templates do not know 'sparkle': it was left out, and stays as it is in Superset",
      "assets/charts/new.yaml.j2: warning: does not say all that Superset holds; different are sparkle",
    ]);
  });

  test("the errors a repository has already are nobody's here", () => {
    const result = translated(project({ ...SHOP_FILES, "assets/charts/broken.yaml": "slice_name: B\nviz_type: table\ndatasource: nowhere\n" }), "dev", { charts: [chart(1, "New")] });
    expect([...result.files.keys()]).toEqual(["assets/charts/new.yaml.j2"]);
    expect(result.notes).toEqual([]);
  });
});

describe("other environments' exports", () => {
  const prod = (name: string): Documents => ({ charts: [{ ...chart(1, name), description: "x" }] });
  test("a variable stays where it gives what is there", () => {
    const result = translated(project(SHOP_FILES), "dev", { charts: [chart(1, "Team dev")] }, { prod: prod("Team prod") });
    expect(result.files.get("assets/charts/team.yaml.j2")).toContain('slice_name: "Team {{ ENV }}"');
    expect(result.notes).toEqual([]);
  });
  test("and goes where it does not, with a note", () => {
    const result = translated(project(SHOP_FILES), "dev", { charts: [chart(1, "Team dev")] }, { prod: prod("Team dev") });
    expect(result.files.get("assets/charts/team_dev.yaml.j2")).toContain("slice_name: Team dev");
    expect(result.notes).toEqual(["assets/charts/team_dev.yaml.j2:2:1: warning: 'Team dev' is 'Team dev' in prod, and not 'Team prod' as ENV would make it: it stays as it is"]);
  });
  test("which do not have it say nothing", () => {
    expect(translated(project(SHOP_FILES), "dev", { charts: [chart(1, "Team dev")] }, { prod: {} }).files.get("assets/charts/team.yaml.j2")).toContain('"Team {{ ENV }}"');
  });
});

describe("uuids of one environment alone", () => {
  const own = (vars: JsonObject): string => stack(vars, { "superset:identity": "per-environment" });
  const files = (dev: JsonObject, prod?: JsonObject) => project({ ...SHOP, "Pulumi.dev.yaml": own(dev), ...(prod === undefined ? {} : { "Pulumi.prod.yaml": own(prod) }) });
  const documents: Documents = { datasets: [{ table_name: "t", schema: "s", uuid: UUID(2), database_uuid: UUID(1), version: "1.0.0", columns: [{ column_name: "a", type: "TEXT" }], metrics: [{ metric_name: "revenue", expression: "1" }] }], databases: [{ database_name: "own_dev", sqlalchemy_uri: "x://", uuid: UUID(1), version: "1.0.0" }], charts: [chart(3, "Mine", UUID(2))] };

  test("are written for that one; the others make theirs of the key", () => {
    const result = translated(files({ ENV: "dev" }, { ENV: "prod" }), "dev", documents);
    expect(result.files.get("assets/charts/mine.yaml.j2")).toBe(`key: mine\n# {% if ENV == "dev" %}\nuuid: ${UUID(3)}\n# {% endif %}\nslice_name: Mine\nviz_type: big_number_total\ndatasource: t\nparams:\n  metric: revenue\n`);
    expect(result.notes).toEqual([]);
    expect(differences(result, "dev", documents)).toEqual([]);
    const uuids = (environment: string): string[] => result.compiled(environment).assets.map(({ uuid }) => uuid);
    expect(uuids("dev")).toEqual(expect.arrayContaining([UUID(1), UUID(2), UUID(3)]));
    expect(uuids("prod")).toHaveLength(uuids("dev").length);
    expect(uuids("prod").filter((uuid) => uuids("dev").includes(uuid))).toEqual([]);
  });

  test("are not, where no variable tells the environments apart", () => {
    const result = translated(files({ ENV: "x" }, { ENV: "x" }), "dev", { databases: documents.databases! });
    expect(result.files.size).toBe(0);
    expect(result.notes).toEqual([`assets/databases: warning: the database 'own_dev' (${UUID(1)}) is not taken over: its uuid is of this environment alone ('superset:identity' is per-environment), and no variable tells the environments apart; add one with another value in each, such as ENV, to superset:vars`]);
  });

  test("need nothing where there is one environment", () => {
    const result = translated(files({}), "dev", { databases: documents.databases! });
    expect(result.files.get("assets/databases/own_dev.yaml.j2")).toMatch(new RegExp(`^key: own_dev\\nuuid: ${UUID(1)}\\n`));
  });
});

describe("passwords", () => {
  const database = (name: string): Documents => ({ databases: [{ database_name: name, sqlalchemy_uri: "postgresql://bi:XXXXXXXXXX@h/d", uuid: UUID(1), version: "1.0.0" }] });
  test("of nobody's variables get one called after the database, which is asked for", () => {
    const result = translated(project(SHOP_FILES), "dev", database("Finance (dev)"));
    expect(result.files.get("assets/databases/finance.yaml.j2")).toContain("sqlalchemy_uri: \"postgresql://bi:{{ FINANCE_PASSWORD | default('XXXXXXXXXX') }}@h/d\"");
    expect(result.notes).toEqual(["assets/databases/finance.yaml.j2:3:1: warning: no export shows the password of the database 'Finance (dev)', and dev, prod have no secret variable FINANCE_PASSWORD: without it the one in Superset stays, and a new database has none. Set it: npx pulumi config set --secret --path 'superset:vars.FINANCE_PASSWORD' --stack dev; npx pulumi config set --secret --path 'superset:vars.FINANCE_PASSWORD' --stack prod"]);
    expect(differences(result, "dev", database("Finance (dev)"))).toEqual([]);
    expect(result.compiled("prod").assets.find(({ uuid }) => uuid === UUID(1))).toMatchObject({ document: { sqlalchemy_uri: "postgresql://bi:XXXXXXXXXX@h/d" }, secrets: {} });
  });
  test("that are set there are taken", () => {
    const secret = { FINANCE_PASSWORD: { env: "P", secret: true } };
    const result = translated(project({ ...SHOP, "Pulumi.dev.yaml": stack({ ENV: "dev", ...secret }), "Pulumi.prod.yaml": stack({ ENV: "prod", ...secret }) }), "dev", database("Finance (dev)"));
    expect(result.files.get("assets/databases/finance.yaml.j2")).toContain('"postgresql://bi:{{ FINANCE_PASSWORD }}@h/d"');
    expect(result.compiled("dev").assets.find(({ uuid }) => uuid === UUID(1))?.secrets).toEqual({ password: expect.stringContaining("FINANCE_PASSWORD") as string });
  });
});

test("translate.yaml is read", () => {
  const root = project({ ...SHOP, "Pulumi.dev.yaml": stack({ ENV: "dev", TENANT: "acme" }), "Pulumi.prod.yaml": stack({ ENV: "prod", TENANT: "globex" }), "assets/datasets/sales.yaml": SHOP_FILES["assets/datasets/sales.yaml"], "translate.yaml": "rules:\n  - {variable: TENANT, fields: [params.**.comparator]}\nignore: {fields: [slice_name]}\n" });
  const documents = { charts: [chart(1, "New dev", KNOWN, { metric: "revenue", adhoc_filters: [{ expressionType: "SIMPLE", clause: "WHERE", subject: "brand", operator: "==", comparator: "acme" }] })] };
  const result = translated(root, "dev", documents);
  expect(result.files.get("assets/charts/new_dev.yaml.j2")).toContain('comparator: "{{ TENANT }}"');
  expect(result.files.get("assets/charts/new_dev.yaml.j2")).toContain("slice_name: New dev\n");
  expect(differences(result, "dev", documents)).toEqual([]);
});
