import { Redactor } from "../../provider/superset/redact";

test("known secrets, credentials in URLs and bearer tokens disappear; short words and masks are left alone", () => {
  const redactor = new Redactor();
  for (const secret of ["p@ss word", "abc", "XXXXXXXXXX", undefined]) {
    redactor.hide(secret);
  }
  expect(redactor.redact("p@ss word, p%40ss%20word, abc, XXXXXXXXXX, postgresql+psycopg2://bi:hidden@db/x, Authorization: Bearer abcdefgh12345678, https://host/path")).toBe(
    "***, ***, abc, XXXXXXXXXX, postgresql+psycopg2://bi:***@db/x, Authorization: Bearer ***, https://host/path",
  );
});
