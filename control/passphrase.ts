/** The passphrase that encrypts a stack's secrets: whether one has to be given. */
import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { ConfigError } from "../provider/errors";

const VARIABLE = "PULUMI_CONFIG_PASSPHRASE";

/** Pulumi's parameters (sdk/v3/go/common/resource/config/crypt.go): PBKDF2 with SHA-256, then AES-256-GCM with a tag of 16 bytes. */
const ITERATIONS = 1_000_000;
const KEY_BYTES = 32;
const TAG_BYTES = 16;
const SALT_BYTES = 8;
const NONCE_BYTES = 12;
/** What `encryptionsalt` holds encrypted, so that a wrong passphrase is found out. */
const KNOWN_TEXT = "pulumi";

/**
 * What the environment of the Pulumi CLI needs besides ours. An empty passphrase keeps no secret, so where the stack was made with it, it has
 * not to be given.
 * Finding that out takes a fifth of a second.
 * @param salt `encryptionsalt` of the stack file; undefined where the stack has none (another secrets provider, or not created yet)
 * @throws ConfigError where there is a passphrase and nobody gave it: the CLI would fail with less to go by
 */
export function passphraseVariables(environment: string, salt: string | undefined, env: NodeJS.ProcessEnv = process.env): Readonly<Record<string, string>> {
  if (salt === undefined || env[VARIABLE] !== undefined || (env[`${VARIABLE}_FILE`] ?? "") !== "") {
    return {};
  }
  if (opens(salt, "")) {
    return { [VARIABLE]: "" };
  }
  throw new ConfigError(
    `the secrets of stack '${environment}' are encrypted with a passphrase, which is not given: set ${VARIABLE}, or ${VARIABLE}_FILE to the path of a file that holds it`,
  );
}

/**
 * The passphrase that the environment gives, as the Pulumi CLI reads it; undefined where it gives none. An empty one is a passphrase, too.
 * @throws ConfigError where the file that is named cannot be read
 */
export function givenPassphrase(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const file = env[`${VARIABLE}_FILE`];
  if (env[VARIABLE] !== undefined || file === undefined || file === "") {
    return env[VARIABLE];
  }
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new ConfigError(`${VARIABLE}_FILE: ${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** A new `encryptionsalt`, as the Pulumi CLI makes it for a new stack. */
export function newSalt(passphrase: string): string {
  const [salt, nonce] = [randomBytes(SALT_BYTES), randomBytes(NONCE_BYTES)];
  const cipher = createCipheriv("aes-256-gcm", derived(passphrase, salt), nonce);
  const sealed = Buffer.concat([cipher.update(KNOWN_TEXT, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return ["v1", salt.toString("base64"), "v1", nonce.toString("base64"), sealed.toString("base64")].join(":");
}

function derived(passphrase: string, salt: Buffer): Buffer {
  return pbkdf2Sync(passphrase, salt, ITERATIONS, KEY_BYTES, "sha256");
}

/** Whether the passphrase is the one the salt was made with. */
function opens(salt: string, passphrase: string): boolean {
  const [version, bytes, inner, nonce, sealed] = salt.split(":");
  if (version !== "v1" || inner !== "v1" || bytes === undefined || nonce === undefined || sealed === undefined) {
    return false;
  }
  const key = derived(passphrase, Buffer.from(bytes, "base64"));
  const data = Buffer.from(sealed, "base64");
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
    decipher.setAuthTag(data.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(data.subarray(0, -TAG_BYTES)), decipher.final()]).toString("utf8") === KNOWN_TEXT;
  } catch {
    // Another passphrase, or a text that is no salt: the CLI says which.
    return false;
  }
}
