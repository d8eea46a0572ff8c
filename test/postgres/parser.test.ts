import { formatProblem } from "../../provider/errors";
import { readMigrations, type Migration } from "../../provider/postgres/files";
import { checkScripts, statementsOf } from "../../provider/postgres/parser";
import { folderOf } from "./folder";

const script = (sql: string): Migration => {
  const [migration] = readMigrations(folderOf({ "m/001_a.sql": `-- migrate:up${sql}` }).root, "m").migrations;
  if (migration === undefined) {
    throw new Error("no migration");
  }
  return migration;
};
const problems = async (sql: string): Promise<string[]> => (await checkScripts([script(sql)])).map(formatProblem);

test.each<[string, string, string]>([
  ["a syntax error, after characters of two halves", "\nselect '😀';\nselect '😀é', from from a;", "m/001_a.sql:3:14: syntax error at or near \"from\"; correct the SQL"],
  ["an open quote", "\nselect 'a;", "m/001_a.sql:2:8: unterminated quoted string at or near \"'a;\n\"; correct the SQL"],
  ["COPY from stdin with data", "\ncreate table a (id int);\nCOPY a (id) FROM stdin;\n1\n\\.\n", "m/001_a.sql:3:1: COPY … FROM stdin is fed by psql and cannot be run here; write INSERT statements"],
  ["COPY from stdin without data", "\ncopy a from stdin;", "m/001_a.sql:2:1: COPY … FROM stdin is fed by psql and cannot be run here; write INSERT statements"],
  ["a command of psql", "\n\\connect other\nselect 1;", "m/001_a.sql:2:1: '\\connect' is a command of psql, not SQL; take it out"],
  ["COMMIT", "\nselect 1;\n  commit;", "m/001_a.sql:3:3: COMMIT would end or nest the transaction the file runs in; take it out, or mark the file transaction:false"],
  ["BEGIN", "\nbegin;\nselect 1;", "m/001_a.sql:2:1: BEGIN would end or nest the transaction the file runs in; take it out, or mark the file transaction:false"],
  ["CREATE INDEX CONCURRENTLY", "\ncreate index concurrently on a (b);", "m/001_a.sql:2:1: CREATE INDEX CONCURRENTLY cannot run inside a transaction; put it into a file of its own marked transaction:false"],
  ["DROP INDEX CONCURRENTLY", "\ndrop index concurrently a;", "m/001_a.sql:2:1: DROP INDEX CONCURRENTLY cannot run inside a transaction; put it into a file of its own marked transaction:false"],
  ["REINDEX CONCURRENTLY", "\nreindex table concurrently a;", "m/001_a.sql:2:1: REINDEX CONCURRENTLY cannot run inside a transaction; put it into a file of its own marked transaction:false"],
  ["DETACH PARTITION CONCURRENTLY", "\nalter table a detach partition b concurrently;", "m/001_a.sql:2:1: DETACH PARTITION CONCURRENTLY cannot run inside a transaction; put it into a file of its own marked transaction:false"],
  ["VACUUM", "\nvacuum a;", "m/001_a.sql:2:1: VACUUM cannot run inside a transaction; put it into a file of its own marked transaction:false"],
])("%s", async (_name, sql, message) => {
  expect((await problems(`${sql}\n`)).map((text) => text)).toEqual([message]);
});

test("what may stand in a transaction, and what may outside of one", async () => {
  expect(await problems("\nsavepoint a; rollback to a; release a; refresh materialized view concurrently v; analyze; copy a from '/x';\nselect '\\';\n")).toEqual([]);
  expect(await problems(" transaction:false\nbegin; vacuum; commit; create index concurrently on a (b);\n")).toEqual([]);
});

test("statements, by the parser's byte offsets and by semicolons in a very large file", async () => {
  const texts = async (sql: string): Promise<string[]> => {
    const one = script(sql);
    return (await statementsOf(one)).map(({ start, end }) => one.sql.slice(start, end).trim());
  };
  expect(await texts("\n-- é\nselect '😀' ;; create function f() returns int begin atomic select 1; select 2; end;\n select 3 -- end\n")).toEqual([
    "select '😀'", "create function f() returns int begin atomic select 1; select 2; end", "select 3",
  ]);
  const many = await texts(`\ninsert into a values ${"(1, ';'),\n".repeat(110_000)} (1, 'x');\nselect 2;\n`);
  expect(many).toHaveLength(2);
  expect(many[1]).toBe("select 2");
});
