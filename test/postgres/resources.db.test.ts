import type { JsonObject } from "../../provider/json";
import { deployment } from "../../provider/deployment";
import { migrations } from "../../provider/migrations";
import { dumpSchema } from "../../provider/postgres/dump";
import type { ResourceContext } from "../../provider/resource";
import { dbmate } from "./folder";
import { bench, testServer, type Bench } from "./server";

jest.setTimeout(60_000);

const contextOf = (one: Bench): ResourceContext => ({ root: one.root, environment: "dev", warehouseUrl: () => one.url, log: (message) => void one.logged.push(message) });

/** The engine's part: state of one resource, and preview and up with a refresh before. */
function engine(one: Bench, args: JsonObject = { environment: "dev", directory: "db/migrations", seedDirectory: "db/seed" }) {
  const context = contextOf(one);
  let state: { id: string; inputs: JsonObject; props: JsonObject } | undefined;
  const refresh = async (): Promise<void> => {
    state = state === undefined ? undefined : await migrations.read(state.id, state.props, context);
  };
  const preview = async (): Promise<{ changes: boolean; added: string[]; removed: string[]; failures: readonly string[]; inputs: JsonObject }> => {
    await refresh();
    const { inputs, failures } = await migrations.check(state?.inputs ?? {}, args, context);
    const flat = (value: JsonObject): string[] => Object.entries(value).flatMap(([key, entry]) => (typeof entry === "object" && entry !== null ? Object.entries(entry).map(([name, text]) => `${key}.${name}=${String(text)}`) : [`${key}=${String(entry)}`]));
    const [old, current] = [flat(state?.inputs ?? {}), flat(inputs)];
    const changes = state === undefined || (await migrations.diff(state.id, state.props, inputs, context)).changes;
    return { changes, inputs, added: current.filter((line) => !old.includes(line)), removed: old.filter((line) => !current.includes(line)), failures: failures.map((failure) => `${failure.property}: ${failure.reason}`) };
  };
  const up = async (): Promise<JsonObject> => {
    const { changes, inputs, failures } = await preview();
    expect(failures).toEqual([]);
    if (state === undefined) {
      const { id, outs } = await migrations.create(inputs, context);
      state = { id, inputs, props: outs };
    } else if (changes) {
      state = { ...state, inputs, props: (await migrations.update(state.id, state.props, inputs, context)).outs };
    }
    return state.props;
  };
  return { preview, up, size: () => JSON.stringify(state).length };
}

const files = { "001_a.sql": dbmate("create table a (id int);"), "002_b.sql": dbmate("create table b (id int);"), "db/seed/s.sql": "insert into a values (1);" };

describe("Migrations", () => {
  test("preview lists what is pending, and is clean after up", async () => {
    const one = await bench(files);
    const { preview, up } = engine(one);
    expect((await preview()).added.map((line) => line.replace(/=[0-9a-f]{12}$/, ""))).toEqual(["directory=db/migrations", "environment=dev", "seedDirectory=db/seed", "files.001_a.sql", "files.002_b.sql", "seeds.s.sql"]);
    expect(await up()).toMatchObject({ version: "002", applied: 2, environment: "dev" });
    expect(await preview()).toMatchObject({ changes: false, added: [], removed: [] });
    one.write({ "003_c.sql": dbmate("create table c (id int);") });
    expect((await preview()).added).toEqual([expect.stringMatching(/^files\.003_c\.sql=[0-9a-f]{12}$/)]);
    await up();
    expect(await preview()).toMatchObject({ changes: false, added: [], removed: [] });
  });

  test("what is wrong is a failure of the preview, from state alone", async () => {
    const one = await bench(files);
    const { preview, up } = engine(one);
    await up();
    one.write({ "001_a.sql": dbmate("create table a (id bigint);"), "002_b.sql": null, "0015_x.sql": dbmate("select form;;"), "db/seed/s.sql": "selec 1" });
    const { failures } = await preview();
    expect(failures.map((line) => line.replace(/[0-9a-f]{12}/g, "…").split(". ")[0])).toEqual([
      "directory: db/migrations/001_a.sql: was edited after it was applied (applied checksum …, now …)",
      "directory: db/migrations: has no file for version 002 (002_b.sql), which is applied",
      "directory: db/migrations/0015_x.sql: has version 0015, below the applied version 002",
      "seedDirectory: db/seed/s.sql:1:1: syntax error at or near \"selec\"; correct the SQL",
    ]);
  });

  test("wrong settings", async () => {
    const one = await bench(files);
    const { preview } = engine(one, { directory: "../x", lockTimeout: "soon", onDrift: "stop", other: 1 });
    expect((await preview()).failures).toEqual([
      "directory: 'directory' is \"../x\"; expected a folder from the project's root, as 'db/migrations'",
      "lockTimeout: 'lockTimeout' is \"soon\"; expected a duration, as '5s' or '500ms'",
      "onDrift: 'onDrift' is \"stop\"; expected 'warn' or 'fail'",
      "other: 'other' is no setting of Migrations; known: environment, directory, seedDirectory, allowOutOfOrder, lockTimeout, statementTimeout, onDrift, ignoreDrift",
    ]);
  });

  test("a dropped record, a version applied by hand, and manual DDL are shown by the refresh", async () => {
    const one = await bench(files);
    const { preview, up } = engine(one);
    await up();
    await one.sql("drop table b; delete from schema_migrations where version = '002'");
    expect((await preview()).added).toEqual([expect.stringMatching(/^files\.002_b\.sql=/)]);
    await up();
    one.write({ "003_c.sql": dbmate("create table c (id int);") });
    await one.sql("create table c (id int); insert into schema_migrations values ('003')");
    expect(await preview()).toMatchObject({ changes: true, removed: ["files.003=applied by dbmate or by hand"], added: [expect.stringMatching(/^files\.003_c\.sql=/)] });
    await up();
    expect(await preview()).toMatchObject({ changes: false });
    await one.sql("alter table a add region text");
    expect(await preview()).toMatchObject({ changes: true, removed: ["schema_drift.0=table public.a: column region added (text)"] });
    expect(await up()).toMatchObject({ schema_drift: ["table public.a: column region added (text)"] });
    expect(one.logged.at(-1)).toBe("the database was changed by hand, and that is not undone by migrating:\n  table public.a: column region added (text)\nUndo it, write it as a migration, or accept it with 'hybrid db drift --env <env> --accept'");
    expect(await preview()).toMatchObject({ changes: true });
    one.write({ "004_d.sql": dbmate("alter table a add column if not exists region text;") });
    await up();
    expect(await preview()).toMatchObject({ changes: false });
  });

  test("a failure leaves a state the next run continues from", async () => {
    const one = await bench({ ...files, "003_c.sql": dbmate("select 1/0;") });
    const { preview, up } = engine(one);
    await expect(up()).rejects.toThrow(/^db\/migrations\/003_c\.sql:2:1: division by zero \(22012\)/);
    one.write({ "003_c.sql": dbmate("create table c (id int);") });
    expect(await up()).toMatchObject({ version: "003" });
    expect(await preview()).toMatchObject({ changes: false });
  });

  test("a broken folder does not stop the refresh; forgetting drops nothing", async () => {
    const one = await bench(files);
    const { up, preview } = engine(one);
    const outs = await up();
    one.write({ "x.sql": "" });
    expect((await preview()).failures).toHaveLength(1);
    await migrations.delete("migrations-dev", outs, contextOf(one));
    expect(await one.sql("select count(*) from a")).toEqual([["1"]]);
  });

  test("the state of a thousand migrations", async () => {
    const one = await bench(Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`2026${String(index).padStart(10, "0")}_table_number_${index}.sql`, dbmate(`create table t${index} (id int);`)])));
    const { up, preview, size } = engine(one);
    await up();
    expect(await preview()).toMatchObject({ changes: false });
    expect(size()).toBeLessThan(60_000);
  });
});

describe("Deployment", () => {
  const args = { environment: "dev", git_sha: "a".repeat(40), bundle_hash: "b".repeat(64), migration_version: "002", deployed_by: "me" };

  test("a row for each change of bundle or migration; a new commit alone is none; deleting leaves the rows", async () => {
    const one = await bench(files);
    const context = contextOf(one);
    const first = await deployment.create((await deployment.check({}, args, context)).inputs, context);
    expect(first).toMatchObject({ id: "deployment-dev", outs: { ...args, deployment_id: "1" } });
    expect(await deployment.read(first.id, first.outs, context)).toEqual({ id: first.id, props: first.outs, inputs: args });
    const sameBundle = (await deployment.check(args, { ...args, git_sha: "c".repeat(40), deployed_by: "you" }, context)).inputs;
    expect(sameBundle).toEqual(args);
    expect(await deployment.diff(first.id, first.outs, sameBundle, context)).toEqual({ changes: false });
    const next = (await deployment.check(args, { ...args, git_sha: "c".repeat(40), migration_version: "003" }, context)).inputs;
    expect(await deployment.diff(first.id, first.outs, next, context)).toEqual({ changes: true });
    const second = await deployment.update(first.id, first.outs, next, context);
    expect(second.outs).toMatchObject({ deployment_id: "2", git_sha: "c".repeat(40) });
    await deployment.delete(first.id, second.outs, context);
    expect(await one.sql("select id, git_sha, migration_version, bundle_hash, environment, deployed_by, deployed_at is not null from meta.deployments order by id")).toEqual([
      ["1", args.git_sha, "002", args.bundle_hash, "dev", "me", "true"], ["2", "c".repeat(40), "003", args.bundle_hash, "dev", "me", "true"],
    ]);
    expect(await one.sql("select indexdef from pg_indexes where indexname = 'deployments_environment'")).toEqual([["CREATE INDEX deployments_environment ON meta.deployments USING btree (environment)"]]);
    await one.sql("delete from meta.deployments where id = 2");
    expect(await deployment.read(first.id, second.outs, context)).toEqual({ id: "", props: {}, inputs: {} });
    await one.sql("drop schema meta cascade");
    expect((await deployment.read(first.id, second.outs, context)).id).toBe("");
  });

  test("texts that do not fit", async () => {
    const one = await bench(files);
    const { failures } = await deployment.check({}, { ...args, git_sha: "x".repeat(41), bundle_hash: "", migration_version: null, extra: 1 }, contextOf(one));
    expect(failures).toEqual([
      { property: "extra", reason: "'extra' is no column of meta.deployments; known: environment, git_sha, bundle_hash, migration_version, deployed_by" },
      { property: "git_sha", reason: "'git_sha' has 41 characters; meta.deployments.git_sha takes 40" },
      { property: "bundle_hash", reason: "'bundle_hash' is missing; it is a text of up to 64 characters" },
    ]);
  });

  test("the record is no drift of the schema", async () => {
    const one = await bench(files);
    await one.up();
    await deployment.create(args, contextOf(one));
    expect((await one.status()).drift).toEqual([]);
  });
});

test("the dump is the same before and after our own tables come, and holds no password", async () => {
  const one = await bench(files);
  const dump = (): Promise<string> => dumpSchema({ url: one.url, bin: testServer().bin });
  await one.sql("create table a (id int)");
  const before = await dump();
  await one.sql("drop table a");
  one.write({ "002_b.sql": null });
  await one.up();
  await deployment.create({ environment: "dev", git_sha: "a", bundle_hash: "b", migration_version: "1", deployed_by: "me" }, contextOf(one));
  expect(await dump()).toBe(before);
  expect(before).toContain("CREATE TABLE public.a (\n    id integer\n);");
  await expect(dumpSchema({ url: one.url, bin: "/nowhere" })).rejects.toThrow("/nowhere/pg_dump was not found; install PostgreSQL's client programs (of the server's version or newer), or run 'hybrid local up', which brings them");
});

test("no message, log or state shows the password", async () => {
  const one = await bench(files);
  const password = decodeURIComponent(new URL(one.url).password);
  expect(password.length).toBeGreaterThan(8);
  const texts: string[] = [];
  const wrong = one.url.replace(/:[^:@]+@/, ":wrong-password-1@");
  const failing = [one.failure({ url: wrong }), one.failure({ url: `${one.url}_none` }), dumpSchema({ url: wrong, bin: testServer().bin }).catch((error: Error) => error), dumpSchema({ url: `${one.url}_none`, bin: testServer().bin }).catch((error: Error) => error)];
  for (const error of await Promise.all(failing)) {
    texts.push(error instanceof Error ? error.message : String(error));
  }
  expect(texts[0]).toMatch(/^PostgreSQL at 127\.0\.0\.1:\d+\/\w+ refused the login: password authentication failed for user "\w+"; check user and password in warehouse:url \(or DATABASE_URL\)$/);
  expect(texts[1]).toMatch(/^PostgreSQL at 127\.0\.0\.1:\d+\/\w+_none: database "\w+_none" does not exist; create the database, or correct its name in warehouse:url \(or DATABASE_URL\)$/);
  one.write({ "003_c.sql": dbmate(`select '${one.url}'::int;`) });
  texts.push((await one.failure()).message, JSON.stringify(one.logged), JSON.stringify(await one.sql("select * from hybrid_migrations")));
  for (const text of texts) {
    expect(text).not.toContain(password);
    expect(text).not.toContain("wrong-password-1");
  }
});
