/** What `stacks/lean.ts` and `provider/sdk.ts` rely on in Pulumi's SDK. Another version without it would be slower, not wrong: nothing else tells. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { log, Resource } from "../../provider/sdk";
import { runLean } from "../../stacks/lean";

const repository = join(__dirname, "../..");

test("the SDK's debugging is there, and is switched off", async () => {
  const { debug } = log;
  const callsites: unknown = Reflect.get(Resource, "callsites");
  expect(typeof callsites).toBe("function");
  const limit = Error.stackTraceLimit;
  try {
    runLean();
    expect(Reflect.get(Resource, "callsites")).not.toBe(callsites);
    expect((Reflect.get(Resource, "callsites") as () => unknown)()).toEqual([]);
    expect(log.debug).not.toBe(debug);
    await expect(log.debug("unheard")).resolves.toBeUndefined();
    expect(Error.stackTraceLimit).toBe(0);
  } finally {
    Error.stackTraceLimit = limit;
    Reflect.set(Resource, "callsites", callsites);
    Reflect.set(log, "debug", debug);
  }
});

test("HYBRID_DEBUG leaves everything as it is", () => {
  const { debug } = log;
  process.env["HYBRID_DEBUG"] = "1";
  try {
    runLean();
    expect(log.debug).toBe(debug);
    expect(Error.stackTraceLimit).toBeGreaterThan(0);
  } finally {
    delete process.env["HYBRID_DEBUG"];
  }
});

test("neither the automation API nor the serialiser of closures is loaded", () => {
  const program = `require("./dist/provider"); require("./dist/stacks/stack"); console.log(Object.keys(require.cache).filter((file) => /pulumi.(automation|runtime.closure.serializeClosure)|arborist/.test(file)).length)`;
  expect(execFileSync(process.execPath, ["-e", program], { cwd: repository, encoding: "utf8" }).trim()).toBe("0");
});
