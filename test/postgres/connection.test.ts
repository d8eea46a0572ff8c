import { ConfigError, ConnectionError } from "../../provider/errors";
import { describeUrl, literal, normaliseUrl, redact, redactUrl, withClient } from "../../provider/postgres/connection";

const SECRET = "pa:ss%40w0rd";

test.each([
  ["postgresql://me:secret@host:5432/db", "postgresql://me:***@host:5432/db"],
  ["cannot reach postgres://me:secret@host/db?sslmode=require today", "cannot reach postgres://me:***@host/db?sslmode=require today"],
  ["postgres://me:se@cret@host/db", "postgres://me:***@host/db"],
  ["postgres://me:se/cr@et@host/db", "postgres://me:***@host/db"],
  ["postgres://host/db?user=me&password=secret&sslmode=require", "postgres://host/db?user=me&password=***&sslmode=require"],
  ["two: postgres://a:x1@h/d and postgres://b:y2@h/d", "two: postgres://a:***@h/d and postgres://b:***@h/d"],
  ["postgres://me@host/db", "postgres://me@host/db"],
])("%s", (text, clean) => {
  expect(redactUrl(text)).toBe(clean);
});

test("the password of the URL in use is taken out wherever it stands, as written and decoded", () => {
  expect(redact(`no ${SECRET}, no pa:ss@w0rd`, `postgresql://me:${SECRET}@host/db`)).toBe("no ***, no ***");
});

test.each([
  ["mysql://me:hidden@host/db", "warehouse:url is no PostgreSQL URL; write postgresql://user:password@host:5432/database, with special characters of the password percent-encoded"],
  ["postgresql://me:hid#den@host/db", "warehouse:url is no PostgreSQL URL; write postgresql://user:password@host:5432/database, with special characters of the password percent-encoded"],
  ["postgresql://me:hidden@host", "warehouse:url names no database; write postgresql://user:password@host:5432/database"],
  ["postgresql://me:hid%den@host/db", "warehouse:url holds a bare percent sign: percent-encode the special characters of user and password (% as %25)"],
  ["postgresql://me:hidden@host/db?search_path=s", "warehouse:url sets search_path, and the tracking table is always in schema public; take it out, and set the path with ALTER ROLE … SET search_path"],
])("refuses %s without showing it", (url, message) => {
  expect(() => normaliseUrl(url)).toThrow(new ConfigError(message));
});

test("SQLAlchemy's form is accepted; messages name host, port and database", () => {
  expect(normaliseUrl("postgresql+psycopg2://me:x@host/db")).toBe("postgresql://me:x@host/db");
  expect(describeUrl("postgres://me:x@host/db")).toBe("host:5432/db");
});

test("a server that is not there: what to check, and no password", async () => {
  const error = await withClient("postgresql://me:hidden-word@127.0.0.1:1/db", async () => undefined).then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(ConnectionError);
  expect((error as Error).message).toBe("PostgreSQL at 127.0.0.1:1/db cannot be reached: connect ECONNREFUSED 127.0.0.1:1; check that the server runs and warehouse:url (or DATABASE_URL) names it");
});

test("constants for SQL text", () => {
  expect([literal("it's"), literal("a\\'b")]).toEqual(["'it''s'", " E'a\\\\''b'"]);
});
