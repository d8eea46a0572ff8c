import { setTimeout as sleep } from "node:timers/promises";
import { CancelledError, FailedMigrationError } from "../../provider/postgres/failure";
import { MigrationError, ProblemsError } from "../../provider/errors";
import { LOCK_KEY } from "../../provider/postgres/tracking";
import { dbmate } from "./folder";
import { bench, query } from "./server";

jest.setTimeout(60_000);

const APPLIED = "select version from public.schema_migrations order by 1";

describe("a failing statement", () => {
  test("names file, line and column, and leaves nothing of its file; earlier files stay, later ones are not run", async () => {
    const { failure, sql, write, up } = await bench({
      "001_a.sql": dbmate("create table a (id int);"),
      "002_b.sql": dbmate("create table b (note text);\ninsert into b values ('😀é');\nselect '😀',\n  nope from b;\ncreate table never (id int);"),
      "003_c.sql": dbmate("create table c (id int);"),
    });
    const error = await failure();
    expect(error).toBeInstanceOf(FailedMigrationError);
    expect(error.message).toBe(
      "db/migrations/002_b.sql:5:3: column \"nope\" does not exist (42703)\n" +
      "  statement:\n    select '😀',\n      nope from b\n" +
      "  hint: Perhaps you meant to reference the column \"b.note\".\n" +
      "Nothing of 002_b.sql stays; what was applied before it stays (up to 001_a.sql). Correct the file and run again.",
    );
    expect(await sql(APPLIED)).toEqual([["001"]]);
    expect(await sql("select to_regclass('b'), to_regclass('c'), to_regclass('a')")).toEqual([["null", "null", "a"]]);
    write({ "002_b.sql": dbmate("create table b (note text);") });
    expect((await up()).applied).toEqual(["002_b.sql", "003_c.sql"]);
  });

  test("without a position from the server: the statement's own line, with detail and hint", async () => {
    const { failure, sql } = await bench({ "001_a.sql": dbmate("create table a (id int primary key);\n-- twice\ninsert into a values (1);\n\n/* again */ insert into a\n  values (1);\nselect 1;") });
    expect((await failure()).message).toBe(
      "db/migrations/001_a.sql:6:13: duplicate key value violates unique constraint \"a_pkey\" (23505)\n" +
      "  statement:\n    insert into a\n      values (1)\n" +
      "  detail: Key (id)=(1) already exists.\n" +
      "Nothing of 001_a.sql stays. Correct the file and run again.",
    );
    expect(await sql(APPLIED)).toEqual([]);
  });

  test("inside a function: PostgreSQL's context", async () => {
    const { failure } = await bench({ "001_a.sql": dbmate("do $$\nbegin\n  raise exception 'stop' using hint = 'go';\nend $$;") });
    expect((await failure()).message).toBe(
      "db/migrations/001_a.sql:2:1: stop (P0001)\n  statement:\n    do $$\n    begin\n      raise exception 'stop' using hint = 'go';\n    end $$\n  hint: go\n  context: PL/pgSQL function inline_code_block line 3 at RAISE\nNothing of 001_a.sql stays. Correct the file and run again.",
    );
  });

  test("at the commit", async () => {
    const { failure } = await bench({ "001_a.sql": dbmate("create table p (id int primary key);\ncreate table c (p int references p deferrable initially deferred);\ninsert into c values (1);") });
    expect((await failure()).message).toMatch(/^db\/migrations\/001_a\.sql:1:1: insert or update on table "c" violates foreign key constraint "c_p_fkey" \(23503\)\n {2}at: the commit, after the file's last statement\n/);
  });

  test("of syntax the server refuses does not keep back the files before it", async () => {
    // Virtual generated columns are of PostgreSQL 18, which the parser knows and a server of version 16 does not.
    const { failure, sql } = await bench({ "001_a.sql": dbmate("create table a (id int);"), "002_b.sql": dbmate("create table b (id int,\n  twice int generated always as (id * 2) virtual);") });
    const [[version]] = (await sql("select current_setting('server_version_num')")) as [[string]];
    if (Number(version) < 180000) {
      expect((await failure()).message).toMatch(/^db\/migrations\/002_b\.sql:3:42: syntax error at or near "virtual" \(42601\)/);
      expect(await sql(APPLIED)).toEqual([["001"]]);
    }
  });

  test("shows no password of the statement", async () => {
    const { failure } = await bench({ "001_a.sql": dbmate("create role nobody_knows nologin; select 1/0, 'password' as x; ") , "002_b.sql": dbmate("select 1;") });
    expect((await failure()).message).not.toContain("s3cret");
    const other = await bench({ "001_a.sql": dbmate("alter role no_such_role_x password 's3cret-x';") });
    const { message } = await other.failure();
    expect(message).toContain("alter role no_such_role_x password '***'");
    expect(message).not.toContain("s3cret-x");
  });
});

describe("transaction:false", () => {
  test("runs statement by statement outside a transaction", async () => {
    const { up, sql } = await bench({ "001_a.sql": dbmate("create table a (id int);"), "002_b.sql": dbmate("create index concurrently a_id on a (id);\nvacuum a;", "transaction:false") });
    expect((await up()).applied).toEqual(["001_a.sql", "002_b.sql"]);
    expect(await sql("select to_regclass('a_id')")).toEqual([["a_id"]]);
  });

  test("says what stays when it fails", async () => {
    const { failure, sql } = await bench({ "001_a.sql": dbmate("create table a (id int);\ncreate table b (id int);\nselect\n  nope;", "transaction:false") });
    expect((await failure()).message).toBe(
      "db/migrations/001_a.sql:5:3: column \"nope\" does not exist (42703)\n  statement:\n    select\n      nope\n" +
      "The first 2 statements of 001_a.sql stay, as it runs outside a transaction. Correct the file and run again.",
    );
    expect(await sql(APPLIED)).toEqual([]);
    expect(await sql("select to_regclass('b')")).toEqual([["b"]]);
  });
});

test("settings and roles of one file reach neither its record nor the next file", async () => {
  const { up, sql } = await bench({
    "001_a.sql": dbmate("create schema s; set search_path = s; create table in_s (id int); set statement_timeout = '1h'; set standard_conforming_strings = off;"),
    "002_b.sql": dbmate("create table in_public (note text); insert into in_public values (current_setting('statement_timeout') || E'\\\\' || '\\')"),
  });
  await up();
  expect(await sql("select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where relname like 'in\\_%' order by 2")).toEqual([["public", "in_public"], ["s", "in_s"]]);
  expect(await sql("select note from in_public")).toEqual([["0\\\\"]]);
});

describe("files and records disagree: nothing is run", () => {
  const three = { "001_a.sql": dbmate("create table a (id int);"), "003_c.sql": dbmate("create table c (id int);") };
  const refused = async (error: Promise<Error>): Promise<string> => {
    expect(await error).toBeInstanceOf(ProblemsError);
    return (await error).message;
  };

  test("an edited applied file", async () => {
    const { up, write, failure, sql } = await bench(three);
    await up();
    write({ "001_a.sql": dbmate("create table a (id bigint);"), "004_d.sql": dbmate("create table d (id int);") });
    expect(await refused(failure())).toMatch(new RegExp(
      "^db/migrations/001_a\\.sql: was edited after it was applied \\(applied checksum [0-9a-f]{12}, now [0-9a-f]{12}\\)\\. Put the applied text back and write the change as a new migration; " +
      "if the edit changes nothing, accept it with: delete from public\\.hybrid_migrations where kind = 'version' and name = '001'\n1 problem in the migrations; nothing was run$"));
    expect(await sql(APPLIED)).toEqual([["001"], ["003"]]);
    await sql("delete from public.hybrid_migrations where kind = 'version' and name = '001'");
    expect((await up()).adopted).toEqual(["001_a.sql"]);
  });

  test("a comment in an applied file may be corrected, and its name", async () => {
    const { up, write, sql } = await bench(three);
    await up();
    write({ "001_a.sql": null, "001_first.sql": `-- The first.\n${dbmate("create table a (id int); -- one")}` });
    expect((await up()).applied).toEqual([]);
    expect(await sql("select file from public.hybrid_migrations where kind = 'version' order by name")).toEqual([["001_first.sql"], ["003_c.sql"]]);
  });

  test("an applied version that is not in Git", async () => {
    const { up, write, failure } = await bench(three);
    await up();
    write({ "001_a.sql": null });
    expect(await refused(failure())).toBe(
      "db/migrations: has no file for version 001 (001_a.sql), which is applied. Put the file back from Git's history; if it was removed on purpose, forget it with: delete from public.schema_migrations where version = '001'\n1 problem in the migrations; nothing was run");
  });

  test("a version below an applied one, unless that is allowed", async () => {
    const { up, write, failure } = await bench(three);
    await up();
    write({ "002_b.sql": dbmate("create table b (id int);") });
    expect(await refused(failure())).toBe("db/migrations/002_b.sql: has version 002, below the applied version 003. Give it a version above it, or allow the order with allowOutOfOrder\n1 problem in the migrations; nothing was run");
    expect((await up({ allowOutOfOrder: true })).applied).toEqual(["002_b.sql"]);
  });

  test("two files of one version, and SQL the parser refuses", async () => {
    const { failure, sql } = await bench({ ...three, "003_d.sql": dbmate("select 1;") });
    expect(await refused(failure())).toContain("db/migrations/003_d.sql: has the same version 003 as '003_c.sql'");
    const other = await bench({ ...three, "004_d.sql": dbmate("create tabel d (id int);") });
    expect(await refused(other.failure())).toBe("db/migrations/004_d.sql:2:8: syntax error at or near \"tabel\"; correct the SQL\n1 problem in the migrations; nothing was run");
    expect(await sql("select to_regclass('public.schema_migrations')")).toEqual([["null"]]);
  });
});

describe("one run at a time", () => {
  test("two at once: each migration exactly once, CREATE INDEX CONCURRENTLY included", async () => {
    const { up, sql } = await bench({
      ...Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`${String(100 + index)}_t.sql`, dbmate(`create table t${index} (id int); select pg_sleep(0.02);`)])),
      "200_i.sql": dbmate("create index concurrently t0_id on t0 (id);", "transaction:false"),
    });
    const results = await Promise.all([up(), up(), up()]);
    expect(results.map((result) => result.applied.length).sort((a, b) => a - b)).toEqual([0, 0, 21]);
    expect(await sql("select count(*) from public.schema_migrations")).toEqual([["21"]]);
  });

  test("a second run gives up after its limit and says who holds the lock", async () => {
    const { failure, sql, url, up } = await bench({ "001_a.sql": dbmate("create table a (id int);") });
    const holder = query(url, `select pg_advisory_lock(${LOCK_KEY}); select pg_sleep(3)`);
    await sleep(300);
    const error = await failure({ waitForLock: 300 });
    expect(error).toBeInstanceOf(MigrationError);
    expect(error.message).toMatch(/^another run is migrating 127\.0\.0\.1:\d+\/\w+: process \d+ of user \w+ at 127\.0\.0\.1, connected since [-\d]+ [:\d]+ UTC\. Waited 0 s and ran nothing; wait until it is done and run again$/);
    expect(await sql("select to_regclass('public.schema_migrations')")).toEqual([["null"]]);
    await holder;
    expect((await up()).applied).toEqual(["001_a.sql"]);
  });
});

test("lockTimeout ends a wait for somebody else's lock", async () => {
  const { up, write, failure, url } = await bench({ "001_a.sql": dbmate("create table a (id int);") });
  await up();
  write({ "002_b.sql": dbmate("alter table a add column b int;") });
  const holder = query(url, "begin; lock table a; select pg_sleep(2)");
  await sleep(300);
  const { message } = await failure({ lockTimeout: "100ms" });
  expect(message).toMatch(/^db\/migrations\/002_b\.sql:2:1: canceling statement due to lock timeout \(55P03\)/);
  expect(message).toMatch(/Another session held the lock for longer than lockTimeout: look for it in pg_stat_activity, and run again\.$/);
  await holder;
});

test("statementTimeout ends a statement that takes too long, and only that counts", async () => {
  const { failure, sql } = await bench({ "001_a.sql": dbmate("create table a (id int);"), "002_b.sql": dbmate("select 1;\nselect pg_sleep(5);") });
  expect((await failure({ statementTimeout: "200ms" })).message).toMatch(/^db\/migrations\/002_b\.sql:3:1: canceling statement due to statement timeout \(57014\)[^]*raise it, or split the statement, and run again\.$/);
  expect(await sql(APPLIED)).toEqual([["001"]]);
});

describe("cancelling", () => {
  test("ends the statement that runs; nothing of its file stays, and the next run continues", async () => {
    const { failure, sql, write, up } = await bench({ "001_a.sql": dbmate("create table a (id int);"), "002_b.sql": dbmate("create table b (id int); select pg_sleep(30);") });
    const abort = new AbortController();
    const running = failure({ signal: abort.signal, log: (message) => { if (message === "applied 001_a.sql") setTimeout(() => abort.abort(), 500); } });
    const error = await running;
    expect(error).toBeInstanceOf(CancelledError);
    expect(error.message).toBe("db/migrations/002_b.sql: cancelled while it was running. Nothing of 002_b.sql stays; what was applied before it stays (up to 001_a.sql). Run again to continue");
    expect(await sql(APPLIED)).toEqual([["001"]]);
    expect(await sql("select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'")).toEqual([["0"]]);
    write({ "002_b.sql": dbmate("create table b (id int);") });
    expect((await up()).applied).toEqual(["002_b.sql"]);
  });

  test("before the run: nothing is run", async () => {
    const { failure, sql } = await bench({ "001_a.sql": dbmate("create table a (id int);") });
    expect((await failure({ signal: AbortSignal.abort() })).message).toBe("cancelled before the first migration; nothing was run");
    expect(await sql("select to_regclass('a')")).toEqual([["null"]]);
  });
});

test("a connection that breaks: a clear error, and the next run continues", async () => {
  const { failure, up, write, adminUrl } = await bench({ "001_a.sql": dbmate("create table a (id int);"), "002_b.sql": dbmate("create table b (id int); select pg_sleep(10);") });
  const running = failure({ log: (message) => { if (message === "applied 001_a.sql") void query(adminUrl, "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"); } });
  expect((await running).message).toMatch(/^db\/migrations\/002_b\.sql: the connection to PostgreSQL at 127\.0\.0\.1:\d+\/\w+ was lost while it was running: .*\. What was not committed was rolled back; run again, it continues after the last recorded migration$/);
  write({ "002_b.sql": dbmate("create table b (id int);") });
  expect((await up()).applied).toEqual(["002_b.sql"]);
});

test("seeds run after the migrations, and again when their text changes", async () => {
  const { up, write, sql } = await bench({ "001_a.sql": dbmate("create table a (id int primary key, note text);"), "db/seed/b.sql": "update a set note = 'b';", "db/seed/a.sql": "insert into a values (1, 'a') on conflict do nothing;" });
  expect(await up()).toMatchObject({ applied: ["001_a.sql"], seeds: ["a.sql", "b.sql"] });
  expect(await up()).toMatchObject({ applied: [], seeds: [] });
  write({ "db/seed/b.sql": "update a set note = 'c';" });
  expect(await up()).toMatchObject({ seeds: ["b.sql"] });
  expect(await sql("select note from a")).toEqual([["c"]]);
  write({ "db/seed/a.sql": "insert into a values (2, nope);" });
  await expect(up()).rejects.toThrow(/^db\/seed\/a\.sql:1:26: column "nope" does not exist/);
  write({ "db/seed/a.sql": null });
  expect(await up()).toMatchObject({ seeds: [] });
  expect(await sql("select name from public.hybrid_migrations where kind = 'seed'")).toEqual([["b.sql"]]);
});

test("a thousand migrations in a few messages, in order", async () => {
  const { up, sql } = await bench(Object.fromEntries(Array.from({ length: 1000 }, (_, index) => {
    const version = String(index + 1).padStart(4, "0");
    return [`${version}_t.sql`, dbmate(index === 0 ? "create table log (id serial, version text);" : `insert into log (version) values ('${version}');`)];
  })));
  expect((await up()).applied).toHaveLength(1000);
  expect(await sql("select count(*), min(version), max(version), bool_and(version::int = id + 1) from log")).toEqual([["999", "0002", "1000", "true"]]);
  expect((await up()).applied).toEqual([]);
});
