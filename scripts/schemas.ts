/**
 * JSON Schemas for editors, made from the schemas the compiler checks with: one per kind of template, one for policy.yaml, one for mapping files, one for translate.yaml.
 *
 *   npm run schemas              writes schemas/
 *   npm run schemas -- --check   says whether it is up to date; exit code 2 where it is not
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { mappingSchema } from "../compile/mapping";
import { rulesSchema } from "../compile/translate/rules";
import { EXIT } from "../provider/errors";
import { isObject, type Json, type JsonObject } from "../provider/json";
import { kinds } from "../provider/kinds/registry";
import { policySchema } from "../provider/policy";

/** Draft 7: what YAML's language server knows best. */
const DRAFT = { io: "input", target: "draft-7" } as const;

/** The schemas' texts by file name. */
export function schemaFiles(): ReadonlyMap<string, string> {
  const templates = kinds.map(({ name, plural, template }) => [`${name}.schema.json`, `A ${name} template (assets/${plural}/)`, withExpressions(generated(template))] as const);
  const others = [
    ["policy.schema.json", "policy.yaml", generated(policySchema)],
    ["mapping.schema.json", "A mapping file (mappings/)", generated(mappingSchema)],
    ["translate.schema.json", "translate.yaml", generated(rulesSchema)],
  ] as const;
  return new Map([...templates, ...others].map(([file, title, { $schema, ...schema }]) => [file, `${JSON.stringify({ $schema, title, ...schema }, undefined, 2)}\n`]));
}

function generated(schema: z.ZodType): JsonObject {
  return tidy(z.toJSONSchema(schema, DRAFT) as JsonObject);
}

/** Without what says nothing: the range of whole numbers in JavaScript, names that are texts, members that may be anything. */
function tidy(schema: JsonObject): JsonObject {
  const { minimum, maximum, propertyNames: _names, additionalProperties, ...rest } = schema;
  return inner(
    {
      ...rest,
      ...(minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? {} : { minimum }),
      ...(maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? {} : { maximum }),
      ...(additionalProperties === undefined || (isObject(additionalProperties) && Object.keys(additionalProperties).length === 0) ? {} : { additionalProperties }),
    },
    tidy,
  );
}

/** The schema with every schema directly inside it changed. */
function inner(schema: JsonObject, change: (schema: JsonObject) => JsonObject): JsonObject {
  const changed = (value: Json): Json => (isObject(value) ? change(value) : value);
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]): [string, Json] => {
      switch (keyword) {
        case "properties":
        case "definitions":
          return [keyword, isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, changed(one)])) : value];
        case "items":
        case "additionalProperties":
          return [keyword, changed(value)];
        case "anyOf":
          return [keyword, Array.isArray(value) ? value.map(changed) : value];
        default:
          return [keyword, value];
      }
    }),
  );
}

/**
 * An editor checks a template before it is rendered. To YAML, `{{ x }}` without quotes is a mapping whose one key is a mapping, and with quotes it is a
 * text: both may stand where a value is expected.
 */
const EXPRESSION: JsonObject = { description: "An expression of Jinja: {{ … }}", type: "object", minProperties: 1, patternProperties: { "^\\{": {} }, additionalProperties: false };
const EXPRESSION_IN_QUOTES: JsonObject = { description: "A text with an expression of Jinja: \"{{ … }}\"", type: "string", pattern: "\\{[{%]" };
const REFERENCE = { plain: { $ref: "#/definitions/expression" }, quoted: { $ref: "#/definitions/expressionInQuotes" } };

function withExpressions(schema: JsonObject): JsonObject {
  const { definitions, ...rest } = inner(schema, valueOrExpression);
  return { ...rest, definitions: { ...(isObject(definitions) ? definitions : {}), expression: EXPRESSION, expressionInQuotes: EXPRESSION_IN_QUOTES } };
}

function valueOrExpression(schema: JsonObject): JsonObject {
  const { description, anyOf, ...rest } = schema;
  const alternatives = Array.isArray(anyOf) ? anyOf.filter(isObject).map((one) => inner(one, valueOrExpression)) : [inner(rest, valueOrExpression)];
  const more = [
    ...(alternatives.some(isValue) ? [REFERENCE.plain] : []),
    ...(alternatives.some(isChoosyText) ? [REFERENCE.quoted] : []),
  ];
  if (more.length === 0) {
    return inner(schema, valueOrExpression);
  }
  return { ...(description === undefined ? {} : { description }), ...(Array.isArray(anyOf) ? rest : {}), anyOf: [...alternatives, ...more] };
}

function typesOf({ type }: JsonObject): readonly Json[] {
  return Array.isArray(type) ? type : type === undefined ? [] : [type];
}

/** A text, number, truth value or list: not a mapping, nor something defined elsewhere. */
function isValue(schema: JsonObject): boolean {
  return ["string", "number", "integer", "boolean", "array"].some((type) => typesOf(schema).includes(type));
}

/** A text that an expression in quotes is not. */
function isChoosyText(schema: JsonObject): boolean {
  const { pattern } = schema;
  return typesOf(schema).includes("string") && (schema["enum"] !== undefined || schema["const"] !== undefined || (typeof pattern === "string" && !new RegExp(pattern).test("{{ x }}")));
}

function main(check: boolean): number {
  const folder = resolve(__dirname, "../../schemas");
  const files = schemaFiles();
  mkdirSync(folder, { recursive: true });
  const present = readdirSync(folder);
  const stale = [...files].filter(([file, text]) => !present.includes(file) || readFileSync(join(folder, file), "utf8") !== text).map(([file]) => file);
  const unknown = present.filter((file) => !files.has(file));
  if (unknown.length > 0 || (check && stale.length > 0)) {
    process.stderr.write(`schemas/ is not up to date: ${[...stale, ...unknown].join(", ")}; run 'npm run schemas'${unknown.length > 0 ? `, and remove ${unknown.join(", ")}` : ""}\n`);
    return EXIT.difference;
  }
  for (const file of check ? [] : stale) {
    writeFileSync(join(folder, file), files.get(file) ?? "");
    process.stdout.write(`schemas/${file}\n`);
  }
  return EXIT.done;
}

if (require.main === module) {
  process.exitCode = main(process.argv.includes("--check"));
}
