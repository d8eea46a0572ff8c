import { passphraseVariables } from "../../control/passphrase";

/** Made by `pulumi stack init` with the empty passphrase, and with the passphrase "x". */
const EMPTY = "v1:rnwCZi2YEZ4=:v1:sFbmFKMmi+mjAMxe:KG4/9Hp8Wckn8Qkd8CoXKQwAngPJAw==";
const OTHER = "v1:VmkNiGQIx0I=:v1:CyUrtQFZylJtJ5RI:VTsuTdPhVtOSL6DRW3xBBcU1VYJXjA==";

test("an empty passphrase need not be given", () => {
  expect(passphraseVariables("dev", EMPTY, {})).toEqual({ PULUMI_CONFIG_PASSPHRASE: "" });
});

test("any other must be", () => {
  const message = "the secrets of stack 'prod' are encrypted with a passphrase, which is not given: set PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE to the path of a file that holds it";
  expect(() => passphraseVariables("prod", OTHER, {})).toThrow(message);
  expect(() => passphraseVariables("prod", OTHER, { PULUMI_CONFIG_PASSPHRASE_FILE: "" })).toThrow(message);
  expect(() => passphraseVariables("prod", "nonsense", {})).toThrow(message);
});

test("what is given is left to the CLI, right or wrong", () => {
  expect(passphraseVariables("prod", OTHER, { PULUMI_CONFIG_PASSPHRASE: "y" })).toEqual({});
  expect(passphraseVariables("prod", OTHER, { PULUMI_CONFIG_PASSPHRASE: "" })).toEqual({});
  expect(passphraseVariables("prod", OTHER, { PULUMI_CONFIG_PASSPHRASE_FILE: "/run/secret" })).toEqual({});
});

test("a stack whose secrets something else encrypts has none", () => {
  expect(passphraseVariables("prod", undefined, {})).toEqual({});
});
