/**
 * What the resources' provider text (see `provider/text.ts`) requires inside Pulumi's dynamic-provider process. The name
 * `pulumi-superset/runtime` and `provider(kind)` are persisted in every stack's state: refresh and destroy of old state call them.
 *
 * One process serves one operation on one stack, so what is kept at module level here is shared by all its resources.
 */
import { kinds } from "./kinds/registry";
import { EXIT, UserError } from "./errors";
import type { JsonObject } from "./json";
import { assetHandler, type AssetContext, type Workspace } from "./lifecycle";
import type { CheckFailure, ResourceHandler, Severity } from "./resource";
import { failureIn, NOT_DONE, tellRun } from "./run-log";
import { findRoot, settingsFor, type Settings } from "./settings";
import { latestConfig, memoriesInState } from "./stack-store";
import { openWorkspace } from "./workspace";

/** Handlers by the name in the provider text. Loaded on first use: most operations need only some. */
const handlers: Readonly<Record<string, () => ResourceHandler<AssetContext>>> = {
  ...Object.fromEntries(kinds.map((kind) => [kind.name, () => assetHandler(kind)])),
  workspace: () => (require("./gate") as typeof import("./gate")).gate,
  migrations: () => (require("./migrations") as typeof import("./migrations")).migrations,
  deployment: () => (require("./deployment") as typeof import("./deployment")).deployment,
};

/** What Pulumi hands to `configure` (sdk/nodejs/dynamic, ConfigureRequest); `rawConfig` is there in every version that has `configure`. */
interface ConfigureRequest {
  readonly config: { readonly rawConfig?: Readonly<Record<string, string>>; get(key: string): string | undefined };
}

let engineConfig: Readonly<Record<string, string>> = {};
let current: Session | undefined;
const cancelled = new AbortController();

/** Everything one operation shares. */
interface Session {
  readonly environment: string;
  readonly settings: Settings;
  /** Made on first use: migrations alone need no Superset. */
  workspace(): Workspace;
}

/** Prints a line where the engine shows it: standard output of a plugin becomes its diagnostics. */
function log(message: string, severity: Severity, refusal = false): void {
  if (severity !== "debug") {
    tellRun({ severity, message, ...(refusal ? { refusal } : {}) });
    process.stdout.write(`${severity === "error" ? "error: " : ""}${message}\n`);
  }
}

function session(environment: string): Session {
  if (current?.environment === environment) {
    return current;
  }
  const root = findRoot(process.cwd());
  const settings = settingsFor(root, environment, engineConfig, latestConfig(root, environment, (message) => log(message, "warn")));
  let workspace: Workspace | undefined;
  current = { environment, settings, workspace: () => (workspace ??= openWorkspace(settings, (message) => log(message, "warn"))) };
  return current;
}

function contextFor(environment: string): AssetContext {
  const { settings, workspace } = session(environment);
  return {
    root: settings.root,
    environment,
    warehouseUrl: () => settings.warehouseUrl(),
    log,
    signal: cancelled.signal,
    get workspace() {
      return workspace();
    },
    stateMemories: () => memoriesInState(settings.root, environment),
  };
}

/** What a provider object of Pulumi's dynamic-provider process looks like. */
export interface DynamicProvider {
  configure(request: ConfigureRequest): void;
  check(olds: JsonObject, news: JsonObject): Promise<unknown>;
  diff(id: string, olds: JsonObject, news: JsonObject): Promise<unknown>;
  create(inputs: JsonObject): Promise<unknown>;
  read(id: string, props: JsonObject): Promise<unknown>;
  update(id: string, olds: JsonObject, news: JsonObject): Promise<unknown>;
  delete(id: string, props: JsonObject): Promise<void>;
}

/** The provider of one kind of resource. @throws Error for a kind this version does not know */
export function provider(kindName: string): DynamicProvider {
  const make = handlers[kindName];
  if (make === undefined) {
    throw new Error(`this version of pulumi-superset has no resource '${kindName}'; the state was written by a newer one: update the package`);
  }
  const handler = make();
  const environmentOf = (...candidates: readonly JsonObject[]): AssetContext => {
    const named = candidates.map((inputs) => inputs["environment"]).find((value) => typeof value === "string");
    const environment = named ?? current?.environment;
    if (typeof environment !== "string") {
      throw new Error(`resource '${kindName}': no environment in its inputs or state`);
    }
    return contextFor(environment);
  };
  return {
    configure({ config }) {
      // Called once per kind, with the same configuration: what the kinds share is kept.
      engineConfig = config.rawConfig ?? {};
    },
    check: (olds, news) => told(async () => withFailuresTold(await handler.check(plain(olds), plain(news), environmentOf(news)))),
    diff: (id, olds, news) => told(async () => handler.diff(id, plain(olds), plain(news), environmentOf(olds))),
    create: (inputs) => told(async () => handler.create(plain(inputs), environmentOf(inputs))),
    read: (id, props) => told(async () => handler.read(id, plain(props), environmentOf(props))),
    update: (id, olds, news) => told(async () => handler.update(id, plain(olds), plain(news), environmentOf(olds))),
    delete: (id, props) => told(async () => handler.delete(id, plain(props), environmentOf(props))),
  };
}

/** Inputs or outputs without Pulumi's own `__provider`, which the process puts back itself. */
function plain(props: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(props).filter(([key]) => key !== "__provider"));
}

function withFailuresTold<T extends { readonly failures: readonly CheckFailure[] }>(checked: T): T {
  for (const { reason, exitCode = EXIT.error } of checked.failures) {
    tellRun({ severity: "error", message: reason, failure: { exitCode } });
  }
  return checked;
}

/** Errors for users go to the engine as their message alone. */
async function told<T>(operation: () => Promise<T>): Promise<T> {
  running += 1;
  try {
    return await operation();
  } catch (error) {
    if (error instanceof UserError) {
      throw asTold(error);
    }
    throw error;
  } finally {
    running -= 1;
    endIfCancelled();
  }
}

const toldErrors = new WeakSet<Error>();

/** What many resources wait for together fails for all of them: its message is told by the first one only. */
function asTold(error: UserError): UserError {
  const first = !toldErrors.has(error);
  toldErrors.add(error);
  if (first) {
    tellRun({ severity: "error", message: error.message, failure: failureIn(error) });
  }
  const told = first ? error : new UserError(`${NOT_DONE}: see its message`);
  told.stack = "";
  told.toString = () => TOLD;
  return told;
}

/* eslint-disable no-console -- this is the console of Pulumi's process, which is put right here. */
/** Stands for an error the engine prints anyway. */
const TOLD = "\u0000told";
const consoleError = console.error.bind(console);
// Pulumi's dynamic-provider process prints `${error}: ${error.stack}` besides handing the error to the engine (cmd/dynamic-provider,
// checkRPC and others): people would read every message twice.
console.error = (...parts: readonly unknown[]) => {
  if (parts[0] !== `${TOLD}: `) {
    consoleError(...parts);
  }
};

let running = 0;

/** The engine ends its plugins by signal, and kills those that have not gone after five seconds. What is under way is ended cleanly first. */
function endIfCancelled(): void {
  if (cancelled.signal.aborted && running === 0) {
    // The answer to the engine goes out before.
    setImmediate(() => process.exit(0));
  }
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    cancelled.abort();
    endIfCancelled();
  });
}
