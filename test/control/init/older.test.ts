import { chmodSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { problemsIn } from "../../../control/init/check";
import { init } from "../../../control/init/init";
import { takeOver, type TakenOver } from "../../../control/init/older/take-over";
import { writeFiles, type Content } from "../../../control/init/repository";
import { sharedFiles } from "../../../control/init/template";
import { formatProblem, ProblemsError } from "../../../provider/errors";
import { loadPolicy } from "../../../provider/policy";
import { folderWith, removeFolders, textsIn } from "./folder";

afterAll(removeFolders);

const DATABASE = 'database_name: analytics_{{ ENV }}\nsqlalchemy_uri: "postgresql+psycopg2://{{ DB_USER }}:{{ DB_PASSWORD }}@{{ DB_HOST }}/{{ DB_NAME }}"\n';
const DATASET = "table_name: fact_sales\nschema: {{ SCHEMA }}\ndatabase: analytics_{{ ENV }}\n";
const VARIABLES = (name: string): string => `ENV: ${name}\nDB_HOST: ${name}.example.com\nDB_NAME: bi_${name}\nDB_USER: bi\nDB_PASSWORD: hunter2\nSCHEMA: examples\nTENANT_KEY: customer_id\n`;
const POLICY = `# how we deploy
db: {mode: migrations_and_seed, migrations_dir: db/migrations, seed_dir: db/seed}
apply:
  dev: {mode: overwrite_git_wins, drift_gate: warn}
  prod: {mode: strict_fail_on_drift, drift_gate: fail} # ask first
export: {format: superset_cli_yaml}
deploy: {mode: script_with_retry, steps: [db_sync, apply_assets, drift_check]}
`;

/** A whole older repository. */
const OLDER = {
  "hybrid.yaml": "mode: superset\nsuperset:\n  url: https://bi.example.com\ndefault_env: prod\nassets_dir: assets\nbundles_dir: bundles\n",
  "env/dev.yaml": `${VARIABLES("dev")}SUPERSET_URL: https://dev.example.com\n`,
  "env/prod.yaml": VARIABLES("prod"),
  "policy.yaml": POLICY,
  "assets/databases/analytics.yaml.j2": DATABASE,
  "assets/datasets/sales.yaml.j2": DATASET,
  "mappings/v2.yaml": "source: {schema: examples}\ntarget: {schema: v2}\n",
  "db/migrations/20260101000000_a.sql": "-- migrate:up\ncreate table a (i int);\n-- migrate:down\ndrop table a;\n",
  "db/seed/a.sql": "insert into a values (1);\n",
};

interface Adopted extends TakenOver {
  readonly root: string;
  readonly noted: readonly string[];
  readonly problems: readonly string[];
  /** A file of the new repository, as YAML. */
  yaml(path: string): Record<string, unknown>;
}

/** What becomes of an older layout with these files. */
function adopt(files: Readonly<Record<string, string>>): Adopted {
  const older = takeOver(folderWith(files));
  const root = folderWith();
  writeFiles(root, new Map<string, Content>([...sharedFiles({ project: "shop", dependency: "1.0.0", local: older.local }), ...older.files]));
  const found = problemsIn(root, { environments: [...new Set([...older.environments, older.local])], sharing: older.sharing, detail: () => undefined });
  return {
    ...older,
    root,
    noted: older.notes.map(formatProblem),
    problems: found.map((problem) => `${formatProblem(problem)} [${problem.environments.join(", ")}]`),
    yaml: (path) => parse(readFileSync(join(root, path), "utf8")) as Record<string, unknown>,
  };
}

/** What stops the take-over of these files. */
function refusal(files: Readonly<Record<string, string>>, change: (folder: string) => void = () => undefined): string {
  const folder = folderWith(files);
  change(folder);
  try {
    takeOver(folder);
  } catch (error) {
    if (error instanceof ProblemsError) {
      return error.message.replaceAll(folder, "OLD");
    }
    throw error;
  }
  throw new Error("it was taken over");
}

/** Without the superuser's rights, who may read everything. */
function asSomebody<T>(work: () => T): T {
  if (process.geteuid?.() !== 0) {
    return work();
  }
  process.seteuid?.(65_534);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
  }
}

const SECRET = (file: string, line: number, name = "DB_PASSWORD", variable = name): string =>
  `${file}:${line}:1: the value of '${name}' looks like a secret and was not copied: it is taken from the environment variable ${variable}`;

describe("a whole layout", () => {
  let adopted: Adopted;
  beforeAll(() => {
    adopted = adopt(OLDER);
  });

  test("everything has its place, and every environment compiles", () => {
    expect(adopted.problems).toEqual([]);
    expect(adopted.noted).toEqual([SECRET("env/dev.yaml", 5), SECRET("env/prod.yaml", 5)]);
    expect(adopted.taken).toEqual([
      { from: "hybrid.yaml", to: "Pulumi.<env>.yaml, policy.yaml" },
      { from: "env/dev.yaml", to: "Pulumi.dev.yaml" },
      { from: "env/prod.yaml", to: "Pulumi.prod.yaml" },
      { from: "policy.yaml", to: "policy.yaml" },
      { from: "assets/", to: "assets/", files: 2 },
      { from: "mappings/", to: "mappings/", files: 1 },
      { from: "db/migrations/", to: "db/migrations/", files: 1 },
      { from: "db/seed/", to: "db/seed/", files: 1 },
    ]);
    for (const path of Object.keys(OLDER).filter((name) => /^(?:assets|mappings|db)\//.test(name))) {
      expect(readFileSync(join(adopted.root, path), "utf8")).toBe(OLDER[path as keyof typeof OLDER]);
    }
  });

  test("variables are those of the stacks, without passwords", () => {
    expect(adopted.yaml("Pulumi.prod.yaml")).toEqual({
      config: {
        "superset:url": "https://bi.example.com",
        "superset:vars": { ENV: "prod", DB_HOST: "prod.example.com", DB_NAME: "bi_prod", DB_USER: "bi", DB_PASSWORD: { env: "DB_PASSWORD", secret: true }, SCHEMA: "examples", TENANT_KEY: "customer_id" },
      },
    });
    expect((adopted.yaml("Pulumi.dev.yaml")["config"] as Record<string, unknown>)["superset:url"]).toBe("https://dev.example.com");
    expect(JSON.stringify(textsIn(adopted.root))).not.toContain("hunter2");
  });

  test("an environment on this machine is added, with the warehouse of the local runtime", () => {
    expect(adopted.local).toBe("local");
    expect(adopted.environments).toEqual(["dev", "prod"]);
    const { config } = adopted.yaml("Pulumi.local.yaml") as { readonly config: Record<string, unknown> };
    expect(config).toEqual({
      "superset:url": "local",
      "warehouse:url": "local",
      "superset:vars": {
        ENV: "local", DB_HOST: { local: "postgres.host" }, DB_NAME: { local: "postgres.database" }, DB_USER: { local: "postgres.bi_username" },
        DB_PASSWORD: { local: "postgres.bi_password" }, SCHEMA: "examples", TENANT_KEY: "customer_id",
      },
    });
  });

  test("policy.yaml has its comments, the default environment and the new environment", () => {
    const text = readFileSync(join(adopted.root, "policy.yaml"), "utf8");
    expect(text).toContain("# how we deploy");
    expect(text).toContain("prod: {mode: strict_fail_on_drift, drift_gate: fail} # ask first");
    const { default_env: first, apply } = loadPolicy(adopted.root, "local").file;
    expect([first, apply?.["local"]]).toEqual(["prod", { mode: "overwrite_git_wins", drift_gate: "warn" }]);
  });
});

describe("hybrid.yaml", () => {
  test("unknown fields, credentials and unused parts are told with their place", () => {
    const { noted, yaml } = adopt({ ...OLDER, "env/dev.yaml": "ENV: dev\n", "policy.yaml": POLICY, "hybrid.yaml": "superset:\n  url: https://admin:hunter2@bi.example.com:8443/\n  timout: 3\nassets_dri: x\nbundles_dir: out\npreset: {workspaces: {prod: 'https://a.us1a.app.preset.io'}}\nmode: superset\n" });
    expect(noted.filter((line) => line.startsWith("hybrid.yaml"))).toEqual([
      "hybrid.yaml: dev, prod have one Superset: they were given 'superset:identity: per-environment', by which each has assets of its own in it. Where each has a Superset of its own, write its superset:url into Pulumi.<env>.yaml and remove that line",
      "hybrid.yaml:2:8: the credentials in 'superset.url' were not taken over: keep them in the environment, or encrypted by 'pulumi config set --secret'",
      "hybrid.yaml:3:3: 'superset.timout' was not taken over: it is no known field; known are url",
      "hybrid.yaml:4:1: 'assets_dri' was not taken over: it is no known field; did you mean 'assets_dir'?",
      "hybrid.yaml:5:1: 'bundles_dir' was not taken over: bundles are written to bundles/<env>/, and elsewhere by 'hybrid compile --out <folder>'",
      "hybrid.yaml:6:1: 'preset' was not taken over: the mode is 'superset'",
    ]);
    expect(yaml("Pulumi.dev.yaml")["config"]).toMatchObject({ "superset:url": "https://bi.example.com:8443", "superset:identity": "per-environment" });
  });

  test("workspaces of Preset: an address per environment", () => {
    const { noted, yaml, environments } = adopt({
      "hybrid.yaml": "mode: preset\npreset:\n  workspaces:\n    dev: https://d.us1a.app.preset.io\n    qa: https://q.us1a.app.preset.io/\ndefault_env: dev\n",
      "env/dev.yaml": "ENV: dev\n",
      "env/prod.yaml": "ENV: prod\n",
    });
    expect(environments).toEqual(["dev", "prod", "qa"]);
    expect(yaml("Pulumi.qa.yaml")).toEqual({ config: { "superset:mode": "preset", "superset:url": "https://q.us1a.app.preset.io", "superset:vars": { ENV: "qa" } } });
    expect(yaml("Pulumi.prod.yaml")).toEqual({ config: { "superset:mode": "preset", "superset:vars": { ENV: "prod" } } });
    expect(yaml("Pulumi.local.yaml")).toEqual({ config: { "superset:url": "local", "warehouse:url": "local", "superset:vars": { ENV: "local" } } });
    expect(noted).toEqual([
      "env/prod.yaml: preset.workspaces has no address for 'prod': write superset:url into Pulumi.prod.yaml",
      "hybrid.yaml: names the environment 'qa', and there is no env/qa.yaml: it has the variable ENV alone",
    ]);
  });

  test("an address that names a variable is left to the environment", () => {
    const { noted, yaml } = adopt({ "hybrid.yaml": "superset: {url: '${SUPERSET_URL}'}\n", "env/dev.yaml": "ENV: dev\n" });
    expect(noted).toEqual([
      "env/dev.yaml: no address of a Superset was found for 'dev': write superset:url into Pulumi.dev.yaml, or set SUPERSET_URL where it is applied",
      "hybrid.yaml:1:17: 'superset.url' was not taken over: it names a variable, and where no stack file has superset:url the environment variable SUPERSET_URL says it",
    ]);
    expect(yaml("Pulumi.dev.yaml")).toEqual({ config: { "superset:vars": { ENV: "dev" } } });
  });

  test("an assets folder of another name", () => {
    const { files, problems } = adopt({ ...OLDER, "hybrid.yaml": "assets_dir: ./bi/assets/\nsuperset: {url: https://a.example.com}\n", "env/dev.yaml": VARIABLES("dev"), "bi/assets/charts/c.yaml": "slice_name: C\nviz_type: table\ndatasource: nope\n", "bi/assets/_lib/x.j2": "" });
    expect([...files.keys()].filter((path) => path.startsWith("assets/"))).toEqual(["assets/_lib/x.j2", "assets/charts/c.yaml"]);
    expect(problems).toEqual(["assets/charts/c.yaml:3:13: no dataset is called 'nope'; there are no datasets in assets/ [dev, prod, local]"]);
  });

  test.each([
    ["mode: cloud\nsuperset: {url: 5}\ndefault_env: [dev]\n", "hybrid.yaml:1:1: 'mode' must be superset or preset, not the text 'cloud'\nhybrid.yaml:2:12: 'superset.url' must be text, not the number 5; quote it: \"5\"\nhybrid.yaml:3:1: 'default_env' must be text, not a list\n3 problems in OLD; nothing was written."],
    ["superset: {url: bi.example.com}\n", "hybrid.yaml:1:17: 'superset.url' must be an address, as 'https://bi.example.com'\n1 problem in OLD; nothing was written."],
    ["mode: superset\nmode: preset\n", "hybrid.yaml:2:1: this key is written twice in one mapping; remove one of them\n1 problem in OLD; nothing was written."],
    ["assets_dir: ../elsewhere\n", "hybrid.yaml:1:1: 'assets_dir' must be a folder inside of this one\n1 problem in OLD; nothing was written."],
    ["assets_dir: .\n", "hybrid.yaml:1:1: 'assets_dir' must be a folder inside of this one\n1 problem in OLD; nothing was written."],
    ["- a\n", "hybrid.yaml:1:1: the file holds a list; it must hold a mapping (key: value lines)\n1 problem in OLD; nothing was written."],
  ])("what cannot be meant stops it: %j", (text, message) => {
    expect(refusal({ "hybrid.yaml": text, "env/dev.yaml": "ENV: dev\n" })).toBe(message);
  });

  test("without it, the folders say what there is", () => {
    const { environments, noted, yaml, root } = adopt({ "env/dev.yaml": "DB_HOST: a\n", "assets/databases/a.yaml": "database_name: a\nsqlalchemy_uri: sqlite://\n" });
    expect(environments).toEqual(["dev"]);
    expect(noted).toEqual([
      "env/dev.yaml: has no ENV, which was added: 'dev'",
      "env/dev.yaml: no address of a Superset was found for 'dev': write superset:url into Pulumi.dev.yaml, or set SUPERSET_URL where it is applied",
    ]);
    expect(Object.keys(yaml("policy.yaml"))).toEqual(["default_env", "db", "apply", "export", "deploy"]);
    expect(readFileSync(join(root, "policy.yaml"), "utf8")).toMatch(/^db:\n {2}mode: none\n {2}lock_timeout: 5s [^]*^ {2}seed_dir: db\/seed\n\n# Drift is what [^]*^apply:\n {2}dev:\n/m);
    expect(yaml("policy.yaml")).toMatchObject({ default_env: "dev", db: { mode: "none" }, apply: { dev: { mode: "overwrite_git_wins" }, local: { mode: "overwrite_git_wins" } } });
    expect(adopt({ "assets/databases/a.yaml": "database_name: a\nsqlalchemy_uri: sqlite://\n" })).toMatchObject({ environments: [], local: "local", noted: [], problems: [] });
  });

  test("a folder with nothing of it", () => {
    expect(refusal({ "README.md": "x" })).toBe(".: nothing of an older layout is in it: no hybrid.yaml, env/*.yaml, assets/, mappings/ or migrations\n1 problem in OLD; nothing was written.");
  });
});

describe("env/<env>.yaml", () => {
  const config = (text: string): { readonly vars: unknown; readonly noted: readonly string[]; readonly file: string } => {
    const { yaml, noted, root } = adopt({ "hybrid.yaml": "superset: {url: https://a.example.com}\n", "env/dev.yaml": text });
    return { vars: (yaml("Pulumi.dev.yaml")["config"] as Record<string, unknown>)["superset:vars"], noted, file: readFileSync(join(root, "Pulumi.dev.yaml"), "utf8") };
  };

  test("what looks like a secret is in no file, not in comments either", () => {
    const { vars, noted, file } = config(`ENV: dev
# the old password was hunter1
db_pass: hunter2 # or hunter3
apiKey: hunter4
GITHUB_TOKEN: hunter5
WAREHOUSE: postgresql://bi:hunter6@db/x
smtp: {host: mail, password: hunter7}
KEYS: ["-----BEGIN PRIVATE KEY----- hunter8"]
credentials: {user: hunter9}
TENANT_KEY: customer_id
PASSENGERS: passengers
TOKENS_TABLE: tokens
`);
    expect(file).not.toContain("hunter");
    expect(vars).toEqual({
      ENV: "dev", db_pass: { env: "DB_PASS", secret: true }, apiKey: { env: "APIKEY", secret: true }, GITHUB_TOKEN: { env: "GITHUB_TOKEN", secret: true }, WAREHOUSE: { env: "WAREHOUSE", secret: true },
      smtp: { host: "mail", password: { env: "SMTP_PASSWORD", secret: true } }, KEYS: { env: "KEYS", secret: true }, credentials: { user: { env: "CREDENTIALS_USER", secret: true } },
      TENANT_KEY: "customer_id", PASSENGERS: "passengers", TOKENS_TABLE: "tokens",
    });
    expect(noted).toEqual([
      SECRET("env/dev.yaml", 3, "db_pass", "DB_PASS"), SECRET("env/dev.yaml", 4, "apiKey", "APIKEY"), SECRET("env/dev.yaml", 5, "GITHUB_TOKEN"), SECRET("env/dev.yaml", 6, "WAREHOUSE"),
      SECRET("env/dev.yaml", 7, "smtp.password", "SMTP_PASSWORD").replace(":7:1:", ":7:20:"), SECRET("env/dev.yaml", 8, "KEYS"), SECRET("env/dev.yaml", 9, "credentials.user", "CREDENTIALS_USER").replace(":9:1:", ":9:15:"),
    ]);
  });

  test("references to the process's environment stay references", () => {
    expect(config("ENV: dev\nHOST: ${DB_HOST}\nDB_PASSWORD: $PGPASSWORD\nPRICE: $5\n")).toMatchObject({ vars: { ENV: "dev", HOST: { env: "DB_HOST" }, DB_PASSWORD: { env: "PGPASSWORD", secret: true }, PRICE: "$5" }, noted: [] });
  });

  test("comments and values stay; anchors and merges are written out", () => {
    const { file } = config("# All of dev\n\n# where it is\nENV: dev\nPORT: 5432 # as ever\nLIST: [a, b]\n");
    expect(file).toMatch(/superset:vars:\n {4}# All of dev\n\n {4}# where it is\n {4}ENV: dev\n {4}PORT: 5432 # as ever\n {4}LIST: \[a, b\]\n$/);
    expect(config("ENV: dev\nbase: &base {a: 1}\nmore: {<<: *base, b: 2}\nsame: *base\n")).toMatchObject({ vars: { ENV: "dev", base: { a: 1 }, more: { a: 1, b: 2 }, same: { a: 1 } }, file: expect.not.stringContaining("*") as unknown });
  });

  test("an empty file is an environment, too", () => {
    expect(config("# nothing yet\n").vars).toEqual({ ENV: "dev" });
  });

  test("everything wrong in all files is one report, and quotes no value", () => {
    const message = refusal({ "hybrid.yaml": "mode: x\n", "env/dev.yaml": "DB_PASSWORD: 0777\nA: [\n", "env/prod.yaml": "DB_PASSWORD: 1_000\n", "env/prod.yml": "ENV: prod\n", "env/my env.yaml": "ENV: x\n" });
    expect(message).toBe(`env/dev.yaml:1:14: this value means different things to different YAML readers: octal in one YAML version only; quote it, or write the number in decimal
env/dev.yaml:3:1: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]
env/my env.yaml: 'my env' cannot be an environment: a name has 1 to 40 letters, digits, '-' and '_' and begins with a letter or digit
env/prod.yaml:1:14: this value means different things to different YAML readers: write the number without underscores, or quote it
env/prod.yml: is the second file of environment 'prod'; remove one of them
hybrid.yaml:1:1: 'mode' must be superset or preset, not the text 'x'
6 problems in OLD; nothing was written.`);
  });
});

describe("policy.yaml", () => {
  test("what this version does not know is left out, by whole entries, and told", () => {
    const { noted, root, problems } = adopt({ ...OLDER, "policy.yaml": "apply:\n  dev: {mode: yolo}\n  old: {mode: overwrite_git_wins}\ndeploy: {steps: [db_sync], notify: x}\nteam: bi\ndb: {mode: all}\n" });
    expect(problems).toEqual([]);
    expect(noted.filter((line) => line.startsWith("policy.yaml"))).toEqual([
      "policy.yaml:1:1: 'apply' has no entry for 'dev': it was given overwrite_git_wins",
      "policy.yaml:1:1: 'apply' has no entry for 'prod': it was given strict_fail_on_drift",
      "policy.yaml:2:9: 'apply.dev' was not taken over: 'apply.dev.mode' must be overwrite_git_wins or strict_fail_on_drift, not the text 'yolo'",
      "policy.yaml:3:3: 'apply.old': there is no environment 'old'",
      "policy.yaml:4:28: 'deploy.notify' was not taken over: it is no known field; known are attempts, backoff_seconds, hooks, mode, steps",
      "policy.yaml:5:1: 'team' was not taken over: it is no known field; known are apply, db, default_env, deploy, export, promote",
      "policy.yaml:6:6: 'db' was not taken over: 'db.mode' must be migrations_and_seed or migrations or none, not the text 'all'",
    ]);
    expect(loadPolicy(root, "prod").file).toEqual({
      default_env: "prod",
      apply: { old: { mode: "overwrite_git_wins" }, dev: { mode: "overwrite_git_wins", drift_gate: "warn" }, prod: { mode: "strict_fail_on_drift", drift_gate: "fail" }, local: { mode: "overwrite_git_wins", drift_gate: "warn" } },
      deploy: { steps: ["db_sync"] },
      db: { mode: "migrations_and_seed", migrations_dir: "db/migrations", seed_dir: "db/seed" },
    });
  });

  test("without migrations nothing is migrated, whatever it says", () => {
    const { "db/migrations/20260101000000_a.sql": _migration, ...rest } = OLDER;
    const { noted, yaml } = adopt(rest);
    expect(yaml("policy.yaml")["db"]).toMatchObject({ mode: "none" });
    expect(noted).toEqual(expect.arrayContaining([
      "db/seed: is taken over and not run: seeds are run after migrations, and there are none",
      "policy.yaml:2:6: 'db.mode' was migrations_and_seed and is none now, as no migrations were found",
    ]));
  });

  test("a mode of none stays", () => {
    expect(adopt({ ...OLDER, "policy.yaml": "db: {mode: none}\n" }).yaml("policy.yaml")["db"]).toMatchObject({ mode: "none" });
  });
});

describe("migrations", () => {
  const BASE = { "hybrid.yaml": "superset: {url: https://a.example.com}\n", "env/dev.yaml": "ENV: dev\n" };
  const UP = "-- migrate:up\nselect 1;\n";
  const BASELINE = (folder: string, flyway = false): string => `${folder}: a database that has these migrations is told so once, before its first apply, by 'hybrid db baseline --env <env>'${flyway ? ": Flyway's own table is not read" : ""}`;

  test.each<readonly [string, Readonly<Record<string, string>>, readonly string[], readonly string[]]>([
    ["dbmate", { "db/migrations/1_a.sql": UP, "db/schema.sql": "x" }, ["db/migrations/1_a.sql"], ["db/schema.sql: was not taken over"]],
    ["dbmate in a folder of its own", { "warehouse/changes/1_a.sql": UP, "queries/1_b.sql": "select 1;\n" }, ["db/migrations/1_a.sql"], ["queries/: was not taken over"]],
    ["plain SQL", { "migrations/001_a.sql": "select 1;\n", "migrations/README": "x", "migrations/old/0.sql": "select 1;\n" }, ["db/migrations/001_a.sql"],
      [BASELINE("migrations"), "migrations/README: was not taken over: it is no migration or seed", "migrations/old/0.sql: was not taken over: it is no migration or seed"]],
    ["Flyway", { "sql/V1__a.sql": "select 1;\n", "sql/views/R__v.sql": "select 1;\n", "sql/U1__a.sql": "select 1;\n", "sql/afterMigrate.sql": "select 1;\n", "sql/V1__a.sql.conf": "executeInTransaction=false\n", "flyway.conf": "flyway.password=hunter2\n" },
      ["db/migrations/U1__a.sql", "db/migrations/V1__a.sql", "db/migrations/V1__a.sql.conf", "db/migrations/afterMigrate.sql", "db/migrations/views/R__v.sql"], ["flyway.conf: was not taken over", BASELINE("sql", true)]],
    ["Flyway of a Java project", { "src/main/resources/db/migration/V1__a.sql": "select 1;\n", "src/main/java/A.java": "x" }, ["db/migrations/V1__a.sql"], ["src/main/java/: was not taken over", BASELINE("src/main/resources/db/migration", true)]],
    ["two folders", { "db/migrations/1_a.sql": UP, "sql/V1__a.sql": "select 1;\n" }, ["db/migrations/1_a.sql"], ["sql: was not taken over: it holds migrations as db/migrations does, and a repository has one folder of them"]],
    ["named by policy.yaml", { "policy.yaml": "db: {mode: migrations_and_seed, migrations_dir: wh/up, seed_dir: wh/data}\n", "wh/up/1_a.sql": UP, "wh/data/x.sql": "select 1;\n" }, ["db/migrations/1_a.sql", "db/seed/x.sql"], ["policy.yaml:1:1: 'apply' has no entry for 'dev': it was given overwrite_git_wins"]],
    ["queries are none", { "sql/report.sql": "select 1;\n" }, [], ["sql/: was not taken over"]],
  ])("%s", (_name, files, expected, notes) => {
    const adopted = adopt({ ...BASE, ...files });
    expect([...adopted.files.keys()].filter((path) => path.startsWith("db/")).sort()).toEqual(expected);
    expect(adopted.noted).toEqual(notes);
  });

  test("what is wrong with them is told by their new names", () => {
    expect(adopt({ ...BASE, "sql/V1__a.sql": "select '${schema}';\n", "sql/001_b.sql": "select 1;\n" }).problems.at(-1)).toBe("db/migrations: mixes two layouts: 'V1__a.sql' is named as Flyway does, '001_b.sql' as dbmate does; keep one of them []");
    expect(adopt({ ...BASE, "sql/V1__a.sql": "select\n'${schema}';\n" }).problems.at(-1)).toBe("db/migrations/V1__a.sql:2: uses the Flyway placeholder ${schema}, and placeholders are not replaced here; write the value []");
    expect(adopt({ ...BASE, "mappings/x.yaml": "source: {}\ntraget: {}\n" }).problems).toEqual(expect.arrayContaining([expect.stringMatching(/^mappings\/x\.yaml:2:1: unknown field 'traget'/)]));
  });
});

test("environments with one Superset must not write one uuid", () => {
  const { problems } = adopt({ "hybrid.yaml": "superset: {url: https://a.example.com}\n", "env/dev.yaml": "ENV: dev\n", "env/prod.yaml": "ENV: prod\n", "assets/databases/a.yaml": "uuid: 7b1c1c1e-0000-4000-8000-000000000001\ndatabase_name: a\nsqlalchemy_uri: sqlite://\n" });
  expect(problems).toEqual(["assets/databases/a.yaml: writes one 'uuid:' for environments that have one Superset, where they would overwrite each other: make it a variable, or remove it [dev, prod]"]);
});

describe("links and folders", () => {
  test("a link out of the folder, one to nothing and a circle stop it", () => {
    const outside = folderWith({ "secret.yaml": "a: 1\n" });
    const message = refusal({ "hybrid.yaml": "", "env/dev.yaml": "ENV: dev\n", "assets/charts/a.yaml": "x" }, (folder) => {
      symlinkSync(outside, join(folder, "mappings"));
      symlinkSync(join(outside, "secret.yaml"), join(folder, "env/prod.yaml"));
      symlinkSync("nowhere", join(folder, "assets/b.yaml"));
      symlinkSync("../charts", join(folder, "assets/charts/again"));
    });
    expect(message).toBe(`assets/b.yaml: a link to nothing; remove it, or put the file there
assets/charts/again: a link to a folder that it is in itself; remove it
env/prod.yaml: leads out of the folder that is taken over; put the file itself there
mappings: leads out of the folder that is taken over; put the file itself there
4 problems in OLD; nothing was written.`);
  });

  test("a link inside it is the file", () => {
    const folder = folderWith({ "env/dev.yaml": "ENV: dev\n", "shared/a.yaml": "database_name: a\nsqlalchemy_uri: sqlite://\n" });
    mkdirSync(join(folder, "assets"));
    symlinkSync("../shared", join(folder, "assets/databases"));
    expect(takeOver(folder).files.get("assets/databases/a.yaml")).toEqual({ copyOf: expect.stringMatching(/assets\/databases\/a\.yaml$/) as unknown });
  });

  test("what may not be read stops it", () => {
    const message = asSomebody(() => refusal({ "env/dev.yaml": "ENV: dev\n", "assets/charts/a.yaml": "x", "policy.yaml": POLICY }, (folder) => {
      chmodSync(join(folder, "env/dev.yaml"), 0);
      chmodSync(join(folder, "assets/charts"), 0);
    }));
    expect(message).toBe("assets/charts: cannot be read (EACCES); check its permissions\nenv/dev.yaml: cannot be read (EACCES); check its permissions\n2 problems in OLD; nothing was written.");
  });

  test("the old folder and the new one are beside each other", async () => {
    const folder = folderWith(OLDER);
    for (const [target, from] of [[folder, folder], [join(folder, "new"), folder], [folder, join(folder, "env")]] as const) {
      await expect(init({ folder: target, from })).rejects.toThrow(`--from ${from}: the new repository is another folder beside the old one, which stays as it is: hybrid init ../`);
    }
    await expect(init({ folder: join(folder, "../x"), from: join(folder, "hybrid.yaml") })).rejects.toThrow(`--from ${folder}/hybrid.yaml: there is no such folder`);
    expect(textsIn(folder)).toEqual(OLDER);
  });

  test("the whole command: a repository beside, the old one as it was", async () => {
    const from = folderWith(OLDER);
    const folder = join(folderWith(), "new");
    const result = await init({ folder, from });
    expect(result).toMatchObject({ project: "new", environments: ["dev", "prod", "local"], local: "local", git: { state: "made" } });
    expect(Object.keys(textsIn(folder))).toEqual([...result.files]);
    expect(result.problems).toEqual([{ file: ".github/workflows/deploy.yml", message: "deploys dev, prod, staging, each after the one it needs; write the environments of this repository there (dev, prod)", environments: [] }]);
    expect(readFileSync(join(folder, "Makefile"), "utf8")).toMatch(/^STACK \?= local$[^]*apply stack local, /m);
    expect(readFileSync(join(folder, "Pulumi.prod.yaml"), "utf8")).toMatch(/^# Of the empty passphrase: .*\nencryptionsalt: v1:\S+\n# Environment prod, taken over from env\/prod\.yaml\.\nconfig:\n/);
    expect(textsIn(from)).toEqual(OLDER);
  });
});
