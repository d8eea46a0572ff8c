/**
 * What Pulumi's SDK does in a program for its own debugging, switched off: the half of the time of a program with many resources.
 * Used by the stack program only; HYBRID_DEBUG in the environment leaves everything as it is.
 */
import { invoke, log, Resource } from "../provider/sdk";

/** Call before the first resource is made. A member that another version of the SDK does not have is left alone. */
export function runLean(): void {
  if (process.env["HYBRID_DEBUG"] !== undefined) {
    return;
  }
  // A source-mapped stack of every promise (sdk/nodejs/runtime/debuggable.ts).
  Error.stackTraceLimit = 0;
  // Another of every resource, twenty places of this package and the SDK, that the engine writes into the state (sdk/nodejs/resource.ts).
  replace(Resource, "callsites", () => []);
  // Two messages a resource to the engine, each its own request, that only `pulumi --debug` shows (sdk/nodejs/runtime/resource.ts).
  replace(log, "debug", () => Promise.resolve());
}

/**
 * Lets the engine start the process of our resources while the program compiles, instead of after it: half a second. The process
 * knows no functions and answers with an error (sdk/nodejs/cmd/dynamic-provider/index.ts), which is all there is to it.
 */
export function startProvider(): void {
  invoke("pulumi-nodejs:dynamic/superset:start", {}).catch(() => undefined);
}

function replace(owner: object, name: string, value: unknown): void {
  if (typeof Reflect.get(owner, name) === "function") {
    Reflect.set(owner, name, value);
  }
}
