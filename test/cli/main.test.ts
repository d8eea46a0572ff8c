import { spawnSync } from "node:child_process";
import { join } from "node:path";

const repository = join(__dirname, "../..");

test("a reader that goes away is no error", () => {
  const { stderr, status } = spawnSync("sh", ["-c", "{ node bin/hybrid.js --help; echo ended with $? >&2; } | true"], { cwd: repository, encoding: "utf8" });
  expect({ stderr, status }).toEqual({ stderr: "ended with 0\n", status: 0 });
});
