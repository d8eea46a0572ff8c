/**
 * What a stack has stored, asked of the Pulumi CLI: works with every backend and secrets provider, takes no lock, and can be asked while the
 * engine runs. Starting it costs over a second, so only where there is no other way.
 */
import { execFile } from "node:child_process";
import type { Memory } from "./drift";
import { UserError } from "./errors";
import { isObject, type JsonObject } from "./json";
import { kinds } from "./kinds/registry";
import type { Kind } from "./kinds/define";
import { memoryOf } from "./lifecycle";
import type { Latest } from "./settings";
import { TYPE_PREFIX } from "./text";

/** Standard output of `pulumi …`, which is on the PATH of every process the engine starts. */
function pulumi(root: string, args: readonly string[], program: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, [...args, "--non-interactive"], { cwd: root, maxBuffer: 1 << 30 }, (error, stdout, stderr) => {
      if (error === null) {
        resolve(stdout);
      } else {
        reject(new UserError(stderr.trim() || error.message, { cause: error }));
      }
    });
  });
}

/**
 * Gives what is encrypted in the stack file; the passphrase, or the access to a key service, is the environment's. Each key is asked once;
 * undefined, and a word to `warn`, where it cannot be had.
 */
export function latestConfig(root: string, environment: string, warn: (message: string) => void, program = "pulumi"): Latest {
  const asked = new Map<string, Promise<string | undefined>>();
  return (key) => {
    const answer =
      asked.get(key) ??
      pulumi(root, ["config", "get", key, "--stack", environment], program).then(
        (text) => text.replace(/\r?\n$/, ""),
        (error: Error) => {
          warn(`${key} of Pulumi.${environment}.yaml could not be decrypted now: ${error.message}`);
          return undefined;
        },
      );
    asked.set(key, answer);
    return answer;
  };
}

/** What a state remembers of its assets, by uuid. */
export type StateMemories = ReadonlyMap<string, { readonly kind: Kind; readonly memory: Memory }>;

/** Whether the backend has a stack of that name. @throws UserError where the backend cannot be asked */
export async function stackExists(root: string, environment: string, program = "pulumi"): Promise<boolean> {
  const stacks = JSON.parse(await pulumi(root, ["stack", "ls", "--json"], program)) as readonly { readonly name: string }[];
  // Pulumi Cloud may name them with their organisation.
  return stacks.some(({ name }) => name === environment || name.endsWith(`/${environment}`));
}

/** What the stored state remembers of every asset. @throws UserError where it cannot be read */
export async function memoriesInState(root: string, environment: string, program = "pulumi"): Promise<StateMemories> {
  const text = await pulumi(root, ["stack", "export", "--stack", environment], program).catch((error: Error) => {
    throw new UserError(`the state of stack '${environment}' cannot be read: ${error.message}`, { cause: error });
  });
  const byType = new Map(kinds.map((kind) => [TYPE_PREFIX + kind.resourceType, kind]));
  const exported = JSON.parse(text) as { readonly deployment?: { readonly resources?: readonly JsonObject[] } };
  const found = new Map<string, { readonly kind: Kind; readonly memory: Memory }>();
  for (const resource of exported.deployment?.resources ?? []) {
    const kind = byType.get(String(resource["type"]));
    const outs = resource["outputs"];
    // Encrypted where a program written by hand declares the asset: the gate, who asks, knows only those of templates.
    if (kind !== undefined && isObject(outs) && typeof outs["applied"] === "string") {
      found.set(String(outs["uuid"]), { kind, memory: memoryOf(outs) });
    }
  }
  return found;
}
