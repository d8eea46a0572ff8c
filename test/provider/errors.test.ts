import { readFileSync } from "node:fs";
import { isRefusedByTheSystem, refusalText } from "../../provider/errors";

test("what the operating system refuses is told from a bug", () => {
  let refused: unknown;
  try {
    readFileSync("/no/such/file");
  } catch (error) {
    refused = error;
  }
  expect(isRefusedByTheSystem(refused) && refusalText(refused)).toBe(
    "the operating system refuses it: ENOENT: no such file or directory, open '/no/such/file'; check the path and its permissions",
  );
  expect([new TypeError("x is undefined"), Object.assign(new Error("no route"), { code: "ECONNREFUSED" }), "text", undefined].map(isRefusedByTheSystem)).toEqual([false, false, false, false]);
});
