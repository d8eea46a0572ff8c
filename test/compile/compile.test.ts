import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../../compile";
import { bundleHash } from "../../compile/bundle";
import { parseExport } from "../../compile/export-yaml";
import { writeBundle } from "../../compile/write";
import { assetUuid } from "../../provider/identity";
import { formatProblem } from "../../provider/errors";
import { kinds } from "../../provider/kinds/registry";
import { compileFiles, project, removeProjects, SHOP } from "./project";

afterAll(removeProjects);

test("the assets in the order they need each other, and the bundle in Superset's layout", () => {
  const compiled = compileFiles({});
  expect(compiled.assets.map((asset) => [asset.kind, asset.key, asset.name, asset.source])).toEqual([
    ["database", "warehouse", "warehouse", "assets/databases/warehouse.yaml"], ["dataset", "sales", "sales", "assets/datasets/sales.yaml"],
    ["chart", "revenue", "Revenue", "assets/charts/revenue.yaml"], ["dashboard", "overview", "Overview", "assets/dashboards/overview.yaml"],
  ]);
  const [database, dataset, chart, dashboard] = compiled.assets;
  expect([database, dataset, chart, dashboard].map((asset) => asset?.dependsOn)).toEqual([[], [database?.uuid], [dataset?.uuid], [chart?.uuid]]);
  expect([...compiled.files.keys()]).toEqual(["charts/Revenue.yaml", "dashboards/overview.yaml", "databases/warehouse.yaml", "datasets/warehouse/sales.yaml", "metadata.yaml"]);
  expect(compiled.files.get("metadata.yaml")).toBe("version: 1.0.0\ntype: assets\ntimestamp: '1980-01-01T00:00:00+00:00'\n");
  expect(parseExport(compiled.files.get("charts/Revenue.yaml") ?? "")).toEqual(chart?.document);
  expect(compiled).toMatchObject({ environment: "dev", project: "shop", warnings: [] });
});

test("a chart of layers comes after the charts it lays over each other, which it names as others do", () => {
  const layers = "slice_name: Atlas\nviz_type: deck_multi\ndatasource: sales\nparams:\n  deck_slices: [z/last, Revenue]\n";
  const { assets } = compileFiles({ "assets/charts/atlas.yaml": layers, "assets/charts/z/last.yaml": "slice_name: Dots\nviz_type: deck_scatter\ndatasource: sales\n" });
  const uuid = (key: string): string => assetUuid("shop", "chart", key);
  expect(assets.filter(({ kind }) => kind === "chart").map(({ key }) => key)).toEqual(["z/last", "revenue", "atlas"]);
  const atlas = assets.find(({ key }) => key === "atlas");
  expect(atlas?.document["params"]).toEqual({ viz_type: "deck_multi", deck_slices: [uuid("z/last"), uuid("revenue")] });
  expect(atlas?.dependsOn).toEqual([assetUuid("shop", "dataset", "sales"), uuid("z/last"), uuid("revenue")]);
});

test("annotations: another chart by name, an annotation layer by the number of one server", () => {
  const layers = "\n    - {name: Goal, annotationType: FORMULA, value: '5'}\n    - {name: Last year, annotationType: TIME_SERIES, sourceType: line, value: Revenue}\n    - {name: Holidays, annotationType: EVENT, sourceType: NATIVE, value: 1}\n";
  const { assets, warnings } = compileFiles({ "assets/charts/c.yaml": `slice_name: C\nviz_type: echarts_timeseries_line\ndatasource: sales\nparams:\n  annotation_layers:${layers}` });
  const revenue = assetUuid("shop", "chart", "revenue");
  const chart = assets.find(({ key }) => key === "c");
  expect(chart?.document["params"]).toMatchObject({ annotation_layers: [{ value: "5" }, { value: revenue }, { value: 1 }] });
  expect(chart?.dependsOn).toContain(revenue);
  expect(warnings.map(formatProblem)).toEqual([
    "assets/charts/c.yaml:8:74: warning: 1 is the number of an annotation layer on one server, and Superset knows it by nothing else: on another server it is another one, or none",
  ]);
});

test("the hash is of the contents, and only of them", () => {
  const first = compileFiles({});
  expect(compileFiles({}).hash).toBe(first.hash);
  expect(compileFiles({ "assets/charts/revenue.yaml": `# a comment\n${SHOP["assets/charts/revenue.yaml"] ?? ""}` }).hash).toBe(first.hash);
  expect(compileFiles({ "assets/charts/revenue.yaml": `${SHOP["assets/charts/revenue.yaml"] ?? ""}  subheader: x\n` }).hash).not.toBe(first.hash);
  expect(bundleHash(new Map([["a", "bc"]]))).not.toBe(bundleHash(new Map([["ab", "c"]])));
});

test("persisted: the hash of a known bundle, the uuid of a known name", () => {
  expect(bundleHash(new Map([["b.yaml", "b: 2\n"], ["a.yaml", "a: 1\n"]]))).toBe("15714ae6d08dec56bea3738436eb5c065162253b019c3d2a359214c9c2a71010");
  expect(assetUuid("shop", "chart", "revenue")).toBe("a0984bf0-2147-50e3-9f7f-14ee4713cb4b");
});

test("identity: written, by key, by path, per environment", () => {
  const uuid = "0b8f6b1e-5f3c-4d5e-9c1a-2f6f0a4d7e11";
  const body = "slice_name: C\nviz_type: pie\ndatasource: sales\n";
  const of = (files: Record<string, string>): unknown[] => compileFiles(files).assets.filter((asset) => asset.name === "C").map((asset) => [asset.key, asset.uuid, asset.explicitKey, asset.explicitUuid]);
  expect(of({ "assets/charts/sub/c.yaml": body })).toEqual([["sub/c", assetUuid("shop", "chart", "sub/c"), false, false]]);
  expect(of({ "assets/charts/sub/c.yaml.j2": body })).toEqual([["sub/c", assetUuid("shop", "chart", "sub/c"), false, false]]);
  expect(of({ "assets/charts/anything.yaml": `key: k\n${body}` })).toEqual([["k", assetUuid("shop", "chart", "k"), true, false]]);
  expect(of({ "assets/charts/moved.yaml": `uuid: ${uuid}\n${body}` })).toEqual([["moved", uuid, false, true]]);
  expect(of({ "assets/charts/c.yaml": body, "Pulumi.dev.yaml": "config:\n  superset:identity: per-environment\n" })).toEqual([["c", assetUuid("shop", "chart", "c", "dev"), false, false]]);
});

test("options, partials, and files that are none of ours", () => {
  const compiled = compileFiles({
    "assets/charts/_partial.yaml": "not: read\n", "assets/charts/_lib/x.yaml": "not: read\n", "assets/charts/.hidden.yaml": "a\n", "assets/charts/README.md": "x", "assets/_macros/a.yaml": "x", "assets/macros/m.j2": "x",
    "assets/charts/x.json": "{}", "assets/charts/c.yml": "slice_name: C\nviz_type: pie\ndatasource: sales\nprotect: true\nretain: true\n",
  });
  expect(compiled.assets.find((asset) => asset.name === "C")?.options).toEqual({ protect: true, retain: true });
  expect(compiled.assets.find((asset) => asset.name === "Revenue")?.options).toEqual({ protect: false, retain: false });
  expect(compiled.warnings.map(formatProblem)).toEqual(["assets/charts/x.json: warning: not read: templates end in .yaml or .yaml.j2; a file for includes begins with '_'"]);
});

test("names that make one file name are told apart, whatever their order", () => {
  const chart = (name: string): string => `slice_name: ${name}\nviz_type: pie\ndatasource: sales\n`;
  const names = [...compileFiles({ "assets/charts/a.yaml": chart("a b"), "assets/charts/b.yaml": chart("a/b"), "assets/charts/c.yaml": chart("A B"), "assets/charts/d.yaml": chart("日本") }).files.keys()].filter((path) => path.startsWith("charts/"));
  expect(names).toHaveLength(5);
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(5);
});

test("export forms: JSON texts, aliases, noise", () => {
  const compiled = compileFiles({
    "assets/databases/warehouse.yaml": "database_name: warehouse\nsqlalchemy_uri: x://\nallow_file_upload: true\nextra: '{\"schemas_allowed_for_file_upload\": [\"a\"]}'\nversion: 1.0.0\n",
    "assets/charts/c.yaml": "slice_name: C\nviz_type: pie\ndatasource: sales\nparams: '{\"groupby\": [\"brand\"]}'\nquery_context: {queries: []}\ntags: []\n",
  });
  expect(compiled.assets.find((asset) => asset.kind === "database")?.document).toMatchObject({ allow_csv_upload: true, extra: { schemas_allowed_for_csv_upload: ["a"] } });
  expect(compiled.assets.find((asset) => asset.name === "C")?.document).toMatchObject({ params: { viz_type: "pie", groupby: ["brand"] }, query_context: '{"queries":[]}' });
});

test("columns of the schema dump count, and only they where the dataset lists none", () => {
  const dump = "CREATE TABLE shop.orders (\n    id bigint NOT NULL,\n    \"Region\" text DEFAULT 'a, b'::text,\n    price numeric(10,2),\n    CONSTRAINT c CHECK ((price > (0)::numeric))\n);\n\nCREATE TABLE shop.orders_2026 PARTITION OF shop.orders FOR VALUES IN (1);\n";
  const files = (dataset: string, column: string): Record<string, string> => ({
    "db/schema_dump/schema.sql": dump, "assets/datasets/orders.yaml": `${dataset}schema: shop\ndatabase: warehouse\n`,
    "assets/charts/c.yaml": `slice_name: C\nviz_type: pie\ndatasource: ${dataset.split(" ")[1]?.trim() ?? ""}\nparams: {groupby: [${column}]}\n`,
  });
  expect(() => compileFiles(files("table_name: orders\n", "Region"))).not.toThrow();
  expect(() => compileFiles(files("table_name: orders_2026\n", "price"))).not.toThrow();
  expect(() => compileFiles(files("table_name: orders\n", "region"))).toThrow("the dataset 'shop.orders' has no column 'region'; did you mean 'Region'?");
  expect(() => compileFiles(files("table_name: unknown_to_the_dump\n", "anything"))).not.toThrow();
  expect(() => compileFiles(files("table_name: orders\n", "CONSTRAINT"))).toThrow("has no column 'CONSTRAINT'");
});

test("every kind has an example that compiles", () => {
  const files = Object.fromEntries(kinds.map((kind) => [`assets/${kind.plural}/example.yaml`, readFileSync(join(__dirname, "../../provider/kinds", kind.name, "example.yaml"), "utf8")]));
  const compiled = compile({ root: project(files), environment: "dev" });
  expect(compiled.assets.map((asset) => asset.kind)).toEqual(kinds.map((kind) => kind.name));
});

describe("writing", () => {
  const files = (name: string): Map<string, string> => new Map([["metadata.yaml", "a"], [`charts/${name}.yaml`, "b"]]);

  test("a bundle replaces the one before, whole", () => {
    const out = join(project({}), "bundles/dev");
    writeBundle(files("one"), out);
    writeBundle(files("two"), out);
    expect(readdirSync(join(out, "charts"))).toEqual(["two.yaml"]);
    expect(readdirSync(join(out, ".."))).toEqual(["dev"]);
  });

  test("nothing but a bundle is replaced", () => {
    const out = join(project({}), "out");
    mkdirSync(out);
    writeFileSync(join(out, "thesis.txt"), "x");
    expect(() => writeBundle(files("one"), out)).toThrow(`${out} holds something else than a bundle (no metadata.yaml) and is not replaced; name another folder with --out`);
    expect(() => writeBundle(files("one"), join(out, "thesis.txt"))).toThrow("is not replaced");
    expect(readdirSync(out)).toEqual(["thesis.txt"]);
  });

  test("what fails leaves nothing behind", () => {
    const out = join(project({}), "bundles/dev");
    writeBundle(files("one"), out);
    expect(() => writeBundle(new Map([["metadata.yaml", "a"], ["metadata.yaml/x", "b"]]), out)).toThrow();
    expect(readdirSync(join(out, ".."))).toEqual(["dev"]);
    expect(existsSync(join(out, "charts/one.yaml"))).toBe(true);
  });
});
