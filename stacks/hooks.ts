/** Post-deploy hooks: the commands of `policy.yaml` (`deploy.hooks`), run by @pulumi/command after an apply that changed something. */
import * as pulumi from "../provider/sdk";
import type * as Command from "@pulumi/command";
import type { Compiled } from "../compile";
import type { Policy } from "../provider/policy";

/**
 * Declares one command per hook; nothing without hooks (then the package's plugin is never asked for). A hook runs on the first apply
 * and whenever bundle or migrations change, in the repository's root, with HYBRID_ENV and HYBRID_BUNDLE_HASH set.
 */
export function declareHooks(policy: Policy, compiled: Pick<Compiled, "hash" | "environment">, version: pulumi.Input<string | null>, root: string, dependsOn: pulumi.Resource[]): pulumi.Resource[] {
  const hooks = policy.file.deploy?.hooks ?? [];
  if (hooks.length === 0) {
    return [];
  }
  // Loaded here, because the package takes time to load and most stacks have no hooks.
  const { local } = require("@pulumi/command") as typeof Command;
  return hooks.map(
    (hook) =>
      new local.Command(
        hook.name,
        {
          create: hook.command,
          update: hook.command,
          dir: root,
          environment: { HYBRID_ENV: compiled.environment, HYBRID_BUNDLE_HASH: compiled.hash },
          triggers: [compiled.hash, version],
        },
        { dependsOn },
      ),
  );
}
