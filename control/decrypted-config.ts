/** What is encrypted in a stack file, in clear text. */
import { execFileSync } from "node:child_process";
import { readConfiguration } from "../provider/configuration";
import { UserError } from "../provider/errors";
import { isObject } from "../provider/json";
import { passphraseVariables } from "./passphrase";

/** What is encrypted can be read with the stack only, and the backend has none of that name. */
export class StackMissingError extends UserError {}

/** Where the Pulumi CLI does not know a stack. The text: of versions before exit codes told it (the Automation API looks for the same). */
function isStackMissing(error: object, said: string): boolean {
  return ("status" in error && error.status === 6) || /no stack named.*found/.test(said);
}

/**
 * The text settings of an environment, decrypted by the Pulumi CLI with the passphrase or key service that the environment variables name. Takes
 * half a second: only for what is encrypted.
 * @throws ConfigError without the passphrase, StackMissingError, UserError with what else the CLI says
 */
export function decryptedConfig(root: string, environment: string, program: string): Readonly<Record<string, string>> {
  const { file, passphraseSalt } = readConfiguration(root, environment);
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "1", ...passphraseVariables(environment, passphraseSalt) };
  let text: string;
  try {
    text = execFileSync(program, ["config", "--show-secrets", "--json", "--stack", environment, "--non-interactive"], { cwd: root, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    const failure = typeof error === "object" && error !== null ? error : {};
    const said = "stderr" in failure ? String(failure.stderr).trim().replace(/^error: /, "") : "";
    const what = `what is encrypted in ${file ?? `Pulumi.${environment}.yaml`} cannot be read`;
    if (isStackMissing(failure, said)) {
      throw new StackMissingError(`${what}: there is no stack '${environment}' yet. 'npx pulumi stack init ${environment} --no-select' makes it, and so does the first 'hybrid apply ${environment}'`, { cause: error });
    }
    throw new UserError(`${what}: ${said || String(error)}`, { cause: error });
  }
  const settings: unknown = JSON.parse(text);
  return Object.fromEntries(Object.entries(isObject(settings) ? settings : {}).flatMap(([key, entry]) => (isObject(entry) && typeof entry["value"] === "string" ? [[key, entry["value"]] as const] : [])));
}
