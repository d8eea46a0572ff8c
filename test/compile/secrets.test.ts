import { compile, revealSecrets } from "../../compile";
import { formatProblem } from "../../provider/errors";
import { joinSecrets, splitSecrets } from "../../provider/kinds/database/secrets";
import { placeholder, placeholdersIn, placeholdersIntact, urlEncodePlaceholders } from "../../provider/placeholders";
import { compileFiles, problemsOf, project, removeProjects, SHOP } from "./project";

afterAll(removeProjects);

const P = placeholder("PW");
const value = (): string => "p@ss/w%rd";

test.each([
  ["in the URI", { sqlalchemy_uri: `x+y://u:${P}@h:1/d?a=b` }, "x+y://u:XXXXXXXXXX@h:1/d?a=b", "x+y://u:p%40ss%2Fw%rd@h:1/d?a=b"],
  ["in the URI, encoded by the template", { sqlalchemy_uri: `x://u:${placeholder("PW", true)}@h/d` }, "x://u:XXXXXXXXXX@h/d", "x://u:p%40ss%2Fw%25rd@h/d"],
  ["as password, URI without one", { sqlalchemy_uri: "x://u@h/d", password: P }, "x://u:XXXXXXXXXX@h/d", "x://u:p%40ss%2Fw%25rd@h/d"],
  ["as password, URI masked", { sqlalchemy_uri: "x://u:XXXXXXXXXX@h/d", password: P }, "x://u:XXXXXXXXXX@h/d", "x://u:p%40ss%2Fw%25rd@h/d"],
  ["in the URI, with a slash that is not encoded", { sqlalchemy_uri: "x://u:pa/ss@h/d" }, "x://u:XXXXXXXXXX@h/d", "x://u:pa%2Fss@h/d"],
  ["a part of it", { sqlalchemy_uri: `x://u:a${P}b@h/d` }, "x://u:XXXXXXXXXX@h/d", "x://u:ap%40ss%2Fw%rdb@h/d"],
])("a database's password %s", (_, document, masked, written) => {
  const split = splitSecrets(document);
  expect(split.document).toEqual({ sqlalchemy_uri: masked });
  const revealed = Object.fromEntries(Object.entries(split.secrets).map(([name, text]) => [name, revealSecrets(text, value)]));
  expect(joinSecrets(split.document, revealed)).toEqual({ sqlalchemy_uri: written });
});

test("no password, or a masked one, is no secret", () => {
  for (const sqlalchemy_uri of ["x://u@h/d", "x://u:XXXXXXXXXX@h/d", "x://", "x:///file.db"]) {
    expect(splitSecrets({ sqlalchemy_uri })).toEqual({ document: { sqlalchemy_uri }, secrets: {} });
  }
});

test("encrypted_extra and the tunnel's credentials", () => {
  const document = { sqlalchemy_uri: "x://", encrypted_extra: `{"key":"${P}"}`, ssh_tunnel: { server_address: "s", username: "u", private_key: P, private_key_password: "clear", password: "XXXXXXXXXX" } };
  const split = splitSecrets(document);
  expect(split).toEqual({
    document: { sqlalchemy_uri: "x://", ssh_tunnel: { server_address: "s", username: "u", private_key: "XXXXXXXXXX", private_key_password: "XXXXXXXXXX", password: "XXXXXXXXXX" } },
    secrets: { encrypted_extra: `{"key":"${P}"}`, "ssh_tunnel.private_key": P, "ssh_tunnel.private_key_password": "clear" },
  });
  expect(joinSecrets(split.document, split.secrets)).toEqual(document);
});

test("values in JSON text are escaped as JSON needs it", () => {
  expect(revealSecrets(`{"key":"${P}","n":1}`, () => 'a"b\nc')).toBe('{"key":"a\\"b\\nc","n":1}');
  expect(revealSecrets(`{"info": ${P}}`, () => '{"a": 1}')).toBe('{"info": {"a": 1}}');
});

test("tokens", () => {
  expect(placeholdersIn(`a${P}b${placeholder("X", true)}`)).toEqual([{ variable: "PW", urlEncoded: false }, { variable: "X", urlEncoded: true }]);
  expect(placeholdersIntact(`a${P}`)).toBe(true);
  expect(placeholdersIntact(P.slice(1))).toBe(false);
  expect(urlEncodePlaceholders(`a b${P}`)).toBe(`a%20b${placeholder("PW", true)}`);
});

const STACK = "config:\n  superset:vars:\n    ENV: dev\n    PW: {env: SHOP_PW, secret: true}\n";
const DB = "assets/databases/warehouse.yaml.j2";
const withoutDatabase = Object.fromEntries(Object.entries(SHOP).filter(([file]) => !file.includes("databases")));

test("a compiled asset holds tokens and masks, the bundle only masks", () => {
  const root = project({ ...withoutDatabase, "Pulumi.dev.yaml": STACK, [DB]: 'database_name: warehouse\nsqlalchemy_uri: "x://u:{{ PW }}@h/d"\nencrypted_extra:\n  key: {{ PW }}\n' });
  const compiled = compile({ root, environment: "dev" });
  const database = compiled.assets.find((asset) => asset.kind === "database");
  expect(database?.secrets).toEqual({ password: placeholder("PW"), encrypted_extra: JSON.stringify({ key: placeholder("PW") }) });
  expect(database?.document.sqlalchemy_uri).toBe("x://u:XXXXXXXXXX@h/d");
  expect(compiled.files.get("databases/warehouse.yaml")).toBe(
    `database_name: warehouse\nsqlalchemy_uri: "x://u:XXXXXXXXXX@h/d"\nextra: {}\nuuid: ${database?.uuid ?? ""}\nversion: "1.0.0"\n`);
  expect(compiled.warnings).toEqual([]);
});

const where = "it would be readable there. Secrets may be the password of a URI, 'password', 'encrypted_extra' and the credentials of 'ssh_tunnel'";
test.each([
  [DB, 'database_name: warehouse\nsqlalchemy_uri: "{{ PW }}"\n', `${DB}:2:17: the secret variable 'PW' cannot stand in 'sqlalchemy_uri': ${where}`],
  [DB, 'database_name: warehouse\nsqlalchemy_uri: "x://{{ PW }}:a@h"\n', `${DB}:2:17: the secret variable 'PW' cannot stand in 'sqlalchemy_uri': ${where}`],
  [DB, 'database_name: warehouse\nsqlalchemy_uri: x://u@h\nextra:\n  engine_params:\n    connect_args: {password: "{{ PW }}"}\n', `${DB}:5:30: the secret variable 'PW' cannot stand in 'extra.engine_params.connect_args.password': ${where}`],
  ["assets/charts/c.yaml.j2", "slice_name: C\nviz_type: pie\ndatasource: sales\ndescription: it is {{ PW }}\n", `assets/charts/c.yaml.j2:4:14: the secret variable 'PW' cannot stand in 'description': ${where}`],
  ["assets/charts/c.yaml.j2", "slice_name: C\nviz_type: pie\ndatasource: sales\nparams: {label_colors: {'{{ PW }}': red}}\n", `assets/charts/c.yaml.j2:4:10: the secret variable 'PW' cannot stand in 'params.label_colors': ${where}`],
])("a secret elsewhere in %s is an error that names variable, file and field (%#)", (file, text, message) => {
  const base = file === DB ? { "assets/databases/warehouse.yaml": "# replaced\n" } : {};
  const problems = problemsOf({ "Pulumi.dev.yaml": STACK, [file]: text, ...base });
  expect(problems).toContain(message);
});

test("a password in plain text is a warning", () => {
  const { warnings } = compileFiles({ "assets/databases/warehouse.yaml": "database_name: warehouse\nsqlalchemy_uri: x://u:hunter2@h/d\n" });
  expect(warnings.map(formatProblem)).toEqual([
    "assets/databases/warehouse.yaml:2:17: warning: 'sqlalchemy_uri' holds a secret in plain text; make it a secret variable in Pulumi.dev.yaml",
  ]);
});
