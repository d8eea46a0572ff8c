import { formatProblem } from "../../provider/errors";
import { readMigrations } from "../../provider/postgres/files";
import { lintScripts } from "../../provider/postgres/lint";
import { stableDump } from "../../provider/postgres/dump";
import { dbmate, folderOf } from "./folder";

test("warnings carry our file and line; the down part is not linted; a rule can be silenced", async () => {
  const { root } = folderOf({
    "m/001_a.sql": `\n\n${dbmate("drop table gone;\n-- squawk-ignore ban-drop-table\ndrop table silent;")}drop table down;\n`,
    "m/002_b.sql": dbmate("create index concurrently if not exists a_b on a (b);", "transaction:false"),
  });
  const found = await lintScripts(readMigrations(root, "m").migrations, { root, timeouts: { lock: true, statement: true } });
  expect(found.map(formatProblem)).toEqual(["m/001_a.sql:4:1: warning: Dropping a table may break existing clients. (ban-drop-table)"]);
});

test("a program that is not there", async () => {
  const { root } = folderOf({ "m/001_a.sql": "select 1;" });
  await expect(lintScripts(readMigrations(root, "m").migrations, { root, binary: `${root}/squawk` })).rejects.toThrow(
    `the linter squawk is not at ${root}/squawk; run 'npm install --include=optional', or leave the lint out`);
});

test("a dump without what changes from one to the next", () => {
  const dump = (token: string, version: string): string => [
    "--", "-- PostgreSQL database dump", "--", "", `\\restrict ${token}`, "", `-- Dumped from database version ${version}`, `-- Dumped by pg_dump version ${version}`, "",
    "SET statement_timeout = 0;", ...(version.startsWith("17") ? ["SET transaction_timeout = 0;"] : []), "SET client_encoding = 'UTF8';", "",
    "--", "-- Name: meta; Type: SCHEMA; Schema: -; Owner: -", "--", "", "CREATE SCHEMA meta;", "", "",
    "--", "-- Name: f; Type: FUNCTION; Schema: public; Owner: -", "--", "", "CREATE FUNCTION public.f() AS $$", "SET row_security = off;", "$$;", "", "", "",
    "--", "-- PostgreSQL database dump complete", "--", "", `\\unrestrict ${token}`, "", "",
  ].join("\n");
  expect(stableDump(dump("a1", "16.4"))).toBe(stableDump(dump("b2", "17.0")));
  expect(stableDump(dump("a1", "16.4"))).toBe(
    "--\n-- PostgreSQL database dump\n--\n\n\nSET client_encoding = 'UTF8';\n\n--\n-- Name: f; Type: FUNCTION; Schema: public; Owner: -\n--\n\nCREATE FUNCTION public.f() AS $$\nSET row_security = off;\n$$;\n\n\n--\n-- PostgreSQL database dump complete\n--\n");
});
