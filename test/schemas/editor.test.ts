/** The shipped files in an editor: YAML's language server finds nothing wrong in them, finds what is wrong in others, and completes. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { getLanguageServer, LanguageServer } from "../helpers/language-server";
import { MISTAKES, RIGHT } from "./mistakes";

jest.setTimeout(120_000);

const ROOT = resolve(__dirname, "../..");
const got = getLanguageServer();
if (got.missing !== undefined) {
  process.stdout.write(`skipped: the shipped files in an editor (${got.missing})\n`);
}

const inEditor = got.missing === undefined ? describe : describe.skip;
let server: LanguageServer;

inEditor("YAML's language server", () => {
  beforeAll(async () => {
    server = await LanguageServer.start(got.folder ?? "");
  });
  afterAll(() => server.stop());

  const shipped = ["assets", "mappings"].flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).filter((file) => /\.yaml(\.j2)?$/.test(file)).map((file) => join(folder, file)));

  test("finds nothing wrong in what is shipped", async () => {
    const files = [...shipped, "policy.yaml"];
    const found = await Promise.all(files.map(async (file) => [file, await server.open(join(ROOT, file), readFileSync(join(ROOT, file), "utf8"))]));
    expect(found).toEqual(files.map((file) => [file, []]));
    expect(files.length).toBeGreaterThan(15);
  });

  const line = (schema: string): string => `# yaml-language-server: $schema=./schemas/${schema}.schema.json\n`;

  test("underlines each mistake, and nothing in a right file", async () => {
    const right = await Promise.all(Object.entries(RIGHT).map(async ([schema, text]) => [schema, await server.open(join(ROOT, `right-${schema}.yaml`), line(schema) + text)]));
    expect(right).toEqual(Object.keys(RIGHT).map((schema) => [schema, []]));
    const wrong = await Promise.all(MISTAKES.map(async ([schema, what, text], index) => [`${schema}: ${what}`, (await server.open(join(ROOT, `wrong-${index}.yaml`), line(schema) + text)).length > 0]));
    expect(wrong).toEqual(MISTAKES.map(([schema, what]) => [`${schema}: ${what}`, true]));
  });

  test("says what is wrong in words", async () => {
    const path = join(ROOT, "words.yaml");
    const text = `${line("chart")}slice_name: C\nviz_type: table\ndatasuorce: t\nprotect: "true"\ncache_timeout: {{ SECONDS }}\n`;
    expect(await server.open(path, text)).toEqual([
      { line: 5, message: 'Incorrect type. Expected "boolean | expression".' },
      { line: 4, message: "Property datasuorce is not allowed." },
    ]);
  });

  test("offers the fields that are left, and the values of one; shows what a field is", async () => {
    const path = join(ROOT, "half.yaml");
    await server.open(path, `${line("database")}database_name: w\nconfiguration_method: \n\n`);
    const fields = await server.completions(path, 3, 0);
    expect(fields).toEqual(expect.arrayContaining(["sqlalchemy_uri", "extra", "uuid"]));
    expect(fields).not.toContain("database_name");
    expect(await server.completions(path, 2, 22)).toEqual(expect.arrayContaining(["sqlalchemy_form", "dynamic_form"]));
    expect(await server.hover(path, 1, 3)).toContain("The database's name in Superset; datasets refer to it.");
  });
});
