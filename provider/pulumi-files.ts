/** Pulumi's own files of a repository. Pulumi takes `.yml` for each as well. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isObject, type Json } from "./json";

/** Name of the project's file in `root`; undefined where there is none. */
export function projectFile(root: string): string | undefined {
  return existing(root, "Pulumi");
}

/** Name of an environment's file in `root`; undefined where there is none. */
export function stackFile(root: string, environment: string): string | undefined {
  return existing(root, `Pulumi.${environment}`);
}

/** Whether a setting's value is one text or number, or what is encrypted. */
export function isTextSetting(value: Json): boolean {
  return value === null || typeof value === "string" || typeof value === "number" || (isObject(value) && typeof value["secure"] === "string");
}

function existing(root: string, name: string): string | undefined {
  return [`${name}.yaml`, `${name}.yml`].find((file) => existsSync(join(root, file)));
}
