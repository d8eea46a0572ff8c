/** What the Pulumi CLI is started with: variables that make a run quick, by what the project's program is. */
import { readFileSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { readYaml } from "../compile/yaml";
import { readConfiguration } from "../provider/configuration";
import { isObject } from "../provider/json";
import type { Policy } from "../provider/policy";
import { projectFile } from "../provider/pulumi-files";
import { passphraseVariables } from "./passphrase";

/** What we set in the CLI's environment. What the user has set, stays. @throws ConfigError without the passphrase that the stack needs */
export function engineVariables(root: string, environment: string, policy: Pick<Policy, "file">): Record<string, string> {
  const { passphraseSalt, settings } = readConfiguration(root, environment);
  const plugins = (policy.file.deploy?.hooks ?? []).length > 0 || String(settings.get("warehouse:provision")?.value) === "true";
  const wanted = {
    // A look at Pulumi's site.
    PULUMI_SKIP_UPDATE_CHECK: "1",
    ...(isOurProgram(root)
      ? {
          // Assets that may be read or written at the same time go out in one batch; the gateway bounds what is sent at once.
          PULUMI_PARALLEL: "256",
          // The engine would fetch the plugins of all packages it finds; without provisioning and hooks none of them is used.
          ...(plugins ? {} : { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" }),
        }
      : {}),
  };
  const set = Object.fromEntries(Object.entries(wanted).filter(([name]) => process.env[name] === undefined));
  return { ...set, ...passphraseVariables(environment, passphraseSalt) };
}

/** Whether the project runs this package's stack program and nothing besides: of another program nobody knows what it needs. */
export function isOurProgram(root: string): boolean {
  try {
    const main = realpathSync(require.resolve(resolve(root, mainOf(root))));
    const text = readFileSync(main, "utf8");
    return main === realpathSync(join(__dirname, "../stacks/index.js")) || /^\s*(?:["']use strict["'];?\s*)?require\(\s*["']pulumi-superset\/stack["']\s*\);?\s*$/.test(text);
  } catch {
    // The CLI says better what is wrong with the project.
    return false;
  }
}

function mainOf(root: string): string {
  const file = projectFile(root);
  const main = file === undefined ? undefined : readYaml(readFileSync(join(root, file), "utf8"), { lenient: true }).value?.["main"];
  if (typeof main === "string") {
    return main;
  }
  const manifest: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return isObject(manifest) && typeof manifest["main"] === "string" ? manifest["main"] : "index.js";
}
