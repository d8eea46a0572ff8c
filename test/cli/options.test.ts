import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { targetOf } from "../../cli/options";
import { defaultEnvironment } from "../../provider/policy";

const start = process.cwd();
const root = realpathSync(mkdtempSync(join(tmpdir(), "options-")));
beforeAll(() => writeFileSync(join(root, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n"));
afterEach(() => process.chdir(start));
afterAll(() => rmSync(root, { recursive: true }));

test("the environment of a command that names none: HYBRID_ENV, else default_env, else dev", () => {
  expect(defaultEnvironment(root, {})).toBe("dev");
  writeFileSync(join(root, "policy.yaml"), "default_env: staging\n");
  expect(defaultEnvironment(root, {})).toBe("staging");
  expect(defaultEnvironment(root, { HYBRID_ENV: "prod" })).toBe("prod");
});

test("argument and option must not name two environments", () => {
  process.chdir(root);
  expect(targetOf({}, "prod")).toEqual({ root, environment: "prod" });
  expect(targetOf({ env: "prod" }, "prod")).toEqual({ root, environment: "prod" });
  expect(() => targetOf({ env: "dev" }, "prod")).toThrow("two environments are named: 'prod' and --env dev; name one");
});
