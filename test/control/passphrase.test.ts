import { passphraseVariables } from "../../control/passphrase";

/** Made by `pulumi stack init` with the empty passphrase, and with the passphrase "x". */
const EMPTY = "v1:rnwCZi2YEZ4=:v1:sFbmFKMmi+mjAMxe:KG4/9Hp8Wckn8Qkd8CoXKQwAngPJAw==";
const OTHER = "v1:VmkNiGQIx0I=:v1:CyUrtQFZylJtJ5RI:VTsuTdPhVtOSL6DRW3xBBcU1VYJXjA==";

test("an empty passphrase need not be given", async () => {
  expect(await passphraseVariables("dev", EMPTY, {})).toEqual({ PULUMI_CONFIG_PASSPHRASE: "" });
});

test("any other must be", async () => {
  const message = "the secrets of stack 'prod' are encrypted with a passphrase, which is not given: set PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE to the path of a file that holds it";
  await expect(passphraseVariables("prod", OTHER, {})).rejects.toThrow(message);
  await expect(passphraseVariables("prod", OTHER, { PULUMI_CONFIG_PASSPHRASE_FILE: "" })).rejects.toThrow(message);
  await expect(passphraseVariables("prod", "nonsense", {})).rejects.toThrow(message);
});

test("what is given is left to the CLI, right or wrong", async () => {
  expect(await passphraseVariables("prod", OTHER, { PULUMI_CONFIG_PASSPHRASE: "y" })).toEqual({});
  expect(await passphraseVariables("prod", OTHER, { PULUMI_CONFIG_PASSPHRASE: "" })).toEqual({});
  expect(await passphraseVariables("prod", OTHER, { PULUMI_CONFIG_PASSPHRASE_FILE: "/run/secret" })).toEqual({});
});

test("a stack whose secrets something else encrypts has none", async () => {
  expect(await passphraseVariables("prod", undefined, {})).toEqual({});
});
