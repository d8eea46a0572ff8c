/** Pulumi's own files of a repository. What they configure: `configuration.ts`. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isObject, type Json } from "./json";

/** Name of the project's file in `root`; undefined where there is none. Pulumi takes `.yml` as well. */
export function projectFile(root: string): string | undefined {
  return ["Pulumi.yaml", "Pulumi.yml"].find((file) => existsSync(join(root, file)));
}

/** Whether a setting's value is encrypted. */
export function isEncrypted(value: Json | undefined): boolean {
  return isObject(value) && typeof value["secure"] === "string";
}

/** Whether a setting's value is one text or number, or what is encrypted. */
export function isTextSetting(value: Json): boolean {
  return typeof value === "string" || typeof value === "number" || isEncrypted(value);
}
