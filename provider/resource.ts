/**
 * The contract of a resource that is not an asset of Superset (migrations, the deployment record): the five operations of a Pulumi
 * dynamic provider without Pulumi in it, so that tests and the command line call them directly.
 */
import type { JsonObject } from "./json";

/** What Pulumi shows in place of an input that is known only after an apply (sdk/nodejs/runtime/rpc.ts, unknownValue). */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** How loudly a line is shown. The same words as Pulumi's own log. */
export type Severity = "debug" | "info" | "warn" | "error";

/** What the handlers know of the run they are part of. Credentials come from here and are never inputs, outputs or messages. */
export interface ResourceContext {
  /** Absolute path of the project (where Pulumi.yaml is). */
  readonly root: string;
  /** Name of the environment (the stack). */
  readonly environment: string;
  /** URL of the warehouse, with its password; a ConfigError where none is configured. */
  warehouseUrl(): string | Promise<string>;
  /** One line for the person at the terminal. `refusal`: of a preview, why the run itself would be refused by policy. Default: false. */
  log(message: string, severity: Severity, refusal?: boolean): void;
  /** Ends the running operation cleanly: the statement is cancelled and its transaction rolled back. */
  readonly signal?: AbortSignal;
}

/** A refused input. Pulumi prints property and reason. */
export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
  /** What `hybrid` ends with because of it, one of `EXIT`. Default: error. */
  readonly exitCode?: number;
}

/** One resource's lifecycle. `olds` of `check` are the last inputs, `olds` of `diff` and `update` the last outputs. */
export interface ResourceHandler<Context extends ResourceContext = ResourceContext> {
  /** Validates and normalises. Never touches the network. */
  check(olds: JsonObject, news: JsonObject, context: Context): Promise<{ readonly inputs: JsonObject; readonly failures: readonly CheckFailure[] }>;
  /** Whether `update` has work to do. Never touches the network. */
  diff(id: string, olds: JsonObject, news: JsonObject, context: Context): Promise<{ readonly changes: boolean; readonly replaces?: readonly string[] }>;
  create(inputs: JsonObject, context: Context): Promise<{ readonly id: string; readonly outs: JsonObject }>;
  /** The live state. An empty id means that the resource is gone. */
  read(id: string, props: JsonObject, context: Context): Promise<{ readonly id: string; readonly props: JsonObject; readonly inputs: JsonObject }>;
  update(id: string, olds: JsonObject, news: JsonObject, context: Context): Promise<{ readonly outs: JsonObject }>;
  delete(id: string, props: JsonObject, context: Context): Promise<void>;
}
