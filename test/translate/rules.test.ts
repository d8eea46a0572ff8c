/** `translate.yaml`: read, and refused with the place of what is wrong in it. */
import { loadEnvironment } from "../../compile";
import { loadRules, matches, NO_RULES, type Rules } from "../../compile/translate/rules";
import { formatProblem, ProblemsError } from "../../provider/errors";
import { project, removeProjects } from "../compile/project";

afterAll(removeProjects);

const VARIABLES = 'config:\n  superset:vars:\n    ENV: dev\n    TENANT: acme\n    db: {host: localhost}\n    PASSWORD: {env: SECRET, secret: true}\n    REGION: {env: NO_SUCH_VARIABLE}\n';
const load = (text: string | undefined): Rules => {
  const root = project({ "Pulumi.dev.yaml": VARIABLES, ...(text === undefined ? {} : { "translate.yaml": text }) });
  return loadRules(loadEnvironment(root, "dev", { env: {} }));
};
const problems = (text: string): string[] => {
  try {
    load(text);
  } catch (error) {
    if (error instanceof ProblemsError) return error.problems.map(formatProblem);
    throw error;
  }
  throw new Error("nothing was wrong");
};

test("without a file, or in an empty one, there are no rules", () => {
  expect(load(undefined)).toBe(NO_RULES);
  expect(load("# later\n")).toBe(NO_RULES);
});

test("rules and what to leave alone", () => {
  expect(load(`rules:
  - {variable: TENANT, fields: [sql, params.adhoc_filters.*.comparator], kinds: [chart], tokens: words}
  - {variable: db.host, fields: ["extra.**"]}
  - {variable: REGION, fields: [description]}
ignore: {variables: [ENV], fields: [css], values: [live]}
`)).toEqual({
    rules: [
      { variable: "TENANT", fields: ["sql", "params.adhoc_filters.*.comparator"], kinds: ["chart"], tokens: "words" },
      { variable: "db.host", fields: ["extra.**"], kinds: undefined, tokens: "whole" },
      { variable: "REGION", fields: ["description"], kinds: undefined, tokens: "whole" },
    ],
    ignore: { variables: new Set(["ENV"]), fields: ["css"], values: new Set(["live"]) },
  });
});

test.each<[string, string, string[]]>([
  ["a misspelt field", "rulez: []\n", ["translate.yaml:1:1: unknown field 'rulez'; did you mean 'rules'?"]],
  ["a rule without fields", "rules:\n  - {variable: TENANT, fields: []}\n", ["translate.yaml:2:24: 'rules[0].fields' must not be empty"]],
  ["a field that is none", "rules:\n  - {variable: TENANT, fields: [params..x]}\n", ["translate.yaml:2:33: 'rules[0].fields[0]' must be keys joined by dots, such as columns.*.expression: '*' is any key or number, '**' any number of them"]],
  ["a variable that nobody set", "rules:\n  - {variable: TENNANT, fields: [sql]}\n", ["translate.yaml:2:16: there is no variable 'TENNANT'; did you mean 'TENANT'?: set it under superset:vars in Pulumi.dev.yaml, and in the other environments"]],
  ["a secret", "rules:\n  - {variable: PASSWORD, fields: [sql]}\n", ["translate.yaml:2:16: 'PASSWORD' is a secret: it never stands for a value that an export shows"]],
  ["a mapping of variables", "rules:\n  - {variable: db, fields: [sql]}\n", ["translate.yaml:2:16: 'db' is no single value; name one inside it: db.<name>"]],
  ["no kind", "rules:\n  - {variable: TENANT, fields: [sql], kinds: [charts]}\n", ["translate.yaml:2:47: 'charts' is no kind of asset; did you mean 'chart'?"]],
  ["no YAML", "rules: [\n", ["translate.yaml:2:1: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]"]],
])("refused: %s", (_, text, expected) => {
  expect(problems(text)).toEqual(expected);
});

test.each<[string, (string | number)[], boolean]>([
  ["sql", ["sql"], true],
  ["sql", ["sql", "x"], false],
  ["columns.*.expression", ["columns", 3, "expression"], true],
  ["columns.*.expression", ["columns", "expression"], false],
  ["params.**.sqlExpression", ["params", "metric", "sqlExpression"], true],
  ["params.**.sqlExpression", ["params", "sqlExpression"], true],
  ["params.**.sqlExpression", ["params", "metrics", 0, "column", "sqlExpression"], true],
  ["params.**.sqlExpression", ["params", "sqlExpression", "x"], false],
  ["**", ["a", "b"], true],
  ["layout.**", ["layout"], true],
])("the pattern %s and the place %j: %s", (pattern, path, expected) => {
  expect(matches(pattern, path)).toBe(expected);
});
