/** What is encrypted in a stack file, in clear text. */
import { execFileSync } from "node:child_process";
import { readConfiguration } from "../provider/configuration";
import { UserError } from "../provider/errors";
import { isObject } from "../provider/json";
import { passphraseVariables } from "./passphrase";

/**
 * The text settings of an environment, decrypted by the Pulumi CLI with the passphrase or key service that the environment variables name. Takes
 * half a second: only for what is encrypted.
 * @throws ConfigError without the passphrase, UserError with what the CLI says
 */
export function decryptedConfig(root: string, environment: string, program: string): Readonly<Record<string, string>> {
  const { file, passphraseSalt } = readConfiguration(root, environment);
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "1", ...passphraseVariables(environment, passphraseSalt) };
  let text: string;
  try {
    text = execFileSync(program, ["config", "--show-secrets", "--json", "--stack", environment, "--non-interactive"], { cwd: root, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    const said = typeof error === "object" && error !== null && "stderr" in error ? String(error.stderr).trim().replace(/^error: /, "") : "";
    throw new UserError(`what is encrypted in ${file ?? `Pulumi.${environment}.yaml`} cannot be read: ${said || String(error)}`, { cause: error });
  }
  const settings: unknown = JSON.parse(text);
  return Object.fromEntries(Object.entries(isObject(settings) ? settings : {}).flatMap(([key, entry]) => (isObject(entry) && typeof entry["value"] === "string" ? [[key, entry["value"]] as const] : [])));
}
