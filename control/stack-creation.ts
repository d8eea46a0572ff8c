/** Stacks that are not there yet. */
import { pulumiBinary } from "../local/pulumi-cli";
import { run } from "../local/run";
import { hasMigrations } from "./db/warehouse";
import { StackMissingError } from "./decrypted-config";
import { engineVariables } from "./engine-variables";
import type { ControlEnvironment } from "./environment";

/** Makes the stack; the one that the user has selected stays selected. @throws RunError with what the CLI says */
export async function createStack(root: string, environment: string, variables: Readonly<Record<string, string>>): Promise<void> {
  await run(pulumiBinary(), ["stack", "init", environment, "--no-select", "--non-interactive"], {
    task: `create stack '${environment}'`,
    advice: "PULUMI_CONFIG_PASSPHRASE chooses the passphrase of its secrets; it may be empty where the stack is to hold none.",
    cwd: root,
    env: { ...process.env, ...variables },
    timeout: 120_000,
  });
}

/**
 * Asks for the servers' settings, and makes the stack where that cannot be done without it: nobody has applied from this backend before.
 * @throws ConfigError naming what is missing, and what `createStack` throws
 */
export async function readServers(environment: ControlEnvironment): Promise<void> {
  const { root, name, policy } = environment;
  try {
    await askServers(environment);
  } catch (error) {
    if (!(error instanceof StackMissingError)) {
      throw error;
    }
    await createStack(root, name, engineVariables(root, name, policy));
    await askServers(environment);
  }
}

async function askServers(environment: ControlEnvironment): Promise<void> {
  environment.settings.connection();
  if (hasMigrations(environment)) {
    await environment.settings.warehouseUrl();
  }
}
