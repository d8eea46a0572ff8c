import fc from "fast-check";
import { offsetOfCharacter, positionOf, splitBySemicolon, sqlChecksum, tokens, wordsOf } from "../../provider/postgres/tokens";

const split = (sql: string): string[] => splitBySemicolon(sql).map(({ start, end }) => sql.slice(start, end));

test("statements end at semicolons outside quotes, dollar quotes and comments", () => {
  expect(split("select ';', E'a\\';b', \"x;y\" -- c;\n; /* a /* ; */ ; */ do $f$ begin; end $f$; select 1")).toEqual([
    "select ';', E'a\\';b', \"x;y\"",
    "do $f$ begin; end $f$",
    "select 1",
  ]);
  expect(split("select a$1$b;select 2;;")).toEqual(["select a$1$b", "select 2"]);
});

test("tokens cover any text without gaps, closed or not", () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom("'", '"', "$", "$a$", "--", "/*", "*/", "\n", ";", "E'", "\\", "x", " ", "1", "é") }), (sql) => {
    let at = 0;
    for (const { start, end } of tokens(sql)) {
      expect(start).toBe(at);
      expect(end).toBeGreaterThan(start);
      at = end;
    }
    expect(at).toBe(sql.length);
  }));
});

test("the checksum is of what is run: not of comments, indentation and line ends, but of every quoted character", () => {
  const base = sqlChecksum("create table a (id int); insert into a values ('x  y')");
  expect(sqlChecksum("-- a table\ncreate   table a\n  (id int);\n\n/* one */ insert into a values ('x  y') -- end\n")).toBe(base);
  expect(sqlChecksum("create table a (id int); insert into a values ('x y')")).not.toBe(base);
  expect(sqlChecksum("create table a (id int); insert into a values ('x  Y')")).not.toBe(base);
  expect(sqlChecksum("select $$ -- kept $$")).not.toBe(sqlChecksum("select $$ $$"));
});

test("the persisted checksum of a known text", () => {
  expect(sqlChecksum("select 1;")).toBe("354b7196c9ba5fb4b21cf615bb6ec4cd5c07503c34229feef033fc081a8c03f4");
});

test("lines and columns count characters, not halves of them", () => {
  const sql = "select '😀é',\n  '😀' nope";
  expect(positionOf(sql, sql.indexOf("nope"))).toEqual({ line: 2, column: 7 });
  expect(offsetOfCharacter(sql, [...sql].indexOf("n"))).toBe(sql.indexOf("nope"));
});

test("words include those of function bodies and leave out comments", () => {
  expect([...wordsOf("-- hidden\nalter table \"Orders\" add region text; do $$ drop_me $$")].sort()).toEqual(["add", "alter", "do", "drop_me", "orders", "region", "table", "text"]);
});
