/** The JSON Schemas of schemas/: as generated, valid, and of one mind with the compiler. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import Ajv, { type ValidateFunction } from "ajv";
import { parse, parseDocument } from "yaml";
import type { z } from "zod";
import { loadEnvironment } from "../../compile";
import { mappingSchema } from "../../compile/mapping";
import { Renderer } from "../../compile/render";
import { readTemplates } from "../../compile/templates";
import { rulesSchema } from "../../compile/translate/rules";
import type { Problem } from "../../provider/errors";
import { isObject, type Json, type JsonObject } from "../../provider/json";
import { kinds } from "../../provider/kinds/registry";
import { policySchema } from "../../provider/policy";
import { schemaFiles } from "../../scripts/schemas";
import { supersetPackage } from "../compile/python";
import { readExamples } from "../helpers/examples";
import { MISTAKES, RIGHT } from "./mistakes";

const ROOT = resolve(__dirname, "../..");
const FOLDER = join(ROOT, "schemas");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const ajv = new Ajv({ allErrors: true });
const validators = new Map(readdirSync(FOLDER).map((file) => [file.replace(".schema.json", ""), ajv.compile(JSON.parse(read(`schemas/${file}`)) as JsonObject)]));
const zodSchemas: Readonly<Record<string, z.ZodType>> = { ...Object.fromEntries(kinds.map(({ name, template }) => [name, template])), policy: policySchema, mapping: mappingSchema, translate: rulesSchema };

function validator(schema: string): ValidateFunction {
  const found = validators.get(schema);
  if (found === undefined) {
    throw new Error(`no schema ${schema}`);
  }
  return found;
}

/** What the schema finds wrong; nothing where the value fits. */
function problems(schema: string, value: unknown): readonly string[] {
  const validate = validator(schema);
  return validate(value) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ""}`);
}

/** The files that have a schema, with its name. */
function shippedFiles(): readonly (readonly [file: string, schema: string])[] {
  const assets = kinds.flatMap(({ name, plural }) =>
    readdirSync(join(ROOT, "assets", plural), { recursive: true, encoding: "utf8" }).filter((file) => /\.yaml(\.j2)?$/.test(file)).map((file) => [`assets/${plural}/${file}`, name] as const));
  return [...assets, ["policy.yaml", "policy"], ...readdirSync(join(ROOT, "mappings")).map((file) => [`mappings/${file}`, "mapping"] as const)];
}

test("schemas/ is what the compiler's schemas make: npm run schemas", () => {
  expect(new Map(readdirSync(FOLDER).map((file) => [file, read(`schemas/${file}`)]))).toEqual(schemaFiles());
});

test("every kind has one, and every field a description", () => {
  expect([...validators.keys()].sort()).toEqual([...kinds.map(({ name }) => name), "mapping", "policy", "translate"].sort());
  const bare: string[] = [];
  const look = (value: Json, path: string): void => {
    if (Array.isArray(value)) {
      value.forEach((item: Json, index) => look(item, `${path}/${index}`));
    } else if (isObject(value)) {
      for (const [name, one] of isObject(value["properties"]) ? Object.entries(value["properties"]) : []) {
        if (!isObject(one) || typeof one["description"] !== "string" || one["description"] === "") {
          bare.push(`${path}/${name}`);
        }
      }
      Object.entries(value).forEach(([key, one]) => look(one, `${path}/${key}`));
    }
  };
  for (const [file, text] of schemaFiles()) {
    look(JSON.parse(text) as Json, file);
  }
  expect(bare).toEqual([]);
});

describe("what is shipped", () => {
  const files = shippedFiles();

  test.each(files)("%s fits before it is rendered, as an editor sees it", (file, schema) => {
    const document = parseDocument(read(file), { logLevel: "silent" });
    expect([...document.errors, ...document.warnings].map(({ message }) => message)).toEqual([]);
    expect(problems(schema, document.toJS())).toEqual([]);
  });

  test.each(files)("%s names its schema", (file, schema) => {
    const named = /^# yaml-language-server: \$schema=(\S+)$/m.exec(read(file))?.[1] ?? "";
    expect(relative(ROOT, resolve(ROOT, dirname(file), named))).toBe(`schemas/${schema}.schema.json`);
  });

  test.each(["dev", "staging", "prod"])("all templates fit when they are rendered for %s", (name) => {
    const environment = loadEnvironment(ROOT, name);
    const found: Problem[] = [];
    const templates = readTemplates(ROOT, kinds, new Renderer({ root: ROOT, variables: environment.variables, undefinedReason: (variable) => environment.unset.get(variable) ?? "it is not there" }), found);
    expect(found).toEqual([]);
    expect(templates.length).toBe(files.length - 2);
    for (const { kind, file, value } of templates) {
      expect([file, problems(kind.name, value)]).toEqual([file, []]);
    }
  });

  test.each(kinds.map(({ name }) => name))("the example of kind %s", (kind) => {
    expect(problems(kind, parse(read(`provider/kinds/${kind}/example.yaml`)))).toEqual([]);
  });
});

test.each(Object.entries(RIGHT))("%s: a right file", (schema, text) => {
  expect(problems(schema, parse(text))).toEqual([]);
});

test.each(MISTAKES)("%s: %s is refused, by the compiler too", (schema, _what, text) => {
  const value: unknown = parse(text);
  expect(problems(schema, value)).not.toEqual([]);
  expect(zodSchemas[schema]?.safeParse(value).success).toBe(false);
});

test.each([
  ["in quotes", 'slice_name: "{{ NAME }}"\nviz_type: "{{ TYPE }}"\nuuid: "{{ ID }}"\n'],
  ["without", "slice_name: {{ NAME }}\nviz_type: {{ TYPE | default('table') }}\nuuid: {{ ID }}\ncache_timeout: {{ SECONDS }}\ntags: {{ TAGS }}\nprotect: {{ ENV == 'prod' }}\n"],
])("an expression stands for any value: %s", (_name, text) => {
  expect(problems("chart", parseDocument(text, { logLevel: "silent" }).toJS())).toEqual([]);
});

test("a truth value in quotes, which would be text when it is rendered, is refused", () => {
  expect(problems("chart", parse('slice_name: C\nviz_type: table\nprotect: "{{ PROTECT }}"\n'))).not.toEqual([]);
});

const installed = supersetPackage();
if (installed === undefined) {
  process.stdout.write("skipped: Superset's examples against the schemas (no Python with Superset: set SUPERSET_PYTHON, or run hybrid local up)\n");
}

(installed === undefined ? test.skip : test)("Superset's own examples fit as the compiler takes them", () => {
  const examples = readExamples(installed ?? "", "postgresql://u@h/db");
  let checked = 0;
  for (const { name, plural, template } of kinds) {
    for (const document of examples[plural as keyof typeof examples]) {
      expect([template.safeParse(document).success, problems(name, document)]).toEqual([true, []]);
      checked += 1;
    }
  }
  expect(checked).toBeGreaterThan(100);
});
