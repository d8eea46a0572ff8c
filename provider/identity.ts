/** An asset's identity: a uuid that is the same wherever the same template is applied. Persisted: never change a constant here. */
import { createHash } from "node:crypto";

/** Namespace of all uuids this project derives (itself UUIDv5 of the DNS name `pulumi-superset`). */
const NAMESPACE = "62f831e6-1520-5049-b296-b9f4a22115d4";

/** How a uuid is spelt everywhere here: lower case, with dashes. */
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether `text` is a uuid as Superset needs it: lower case, with dashes (superset/commands/importers: others answer 500). */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** RFC 9562 UUIDv5 of `name` in `namespace`. */
export function uuidV5(name: string, namespace: string = NAMESPACE): string {
  const bytes = createHash("sha1").update(Buffer.from(namespace.replaceAll("-", ""), "hex")).update(name, "utf8").digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/**
 * The uuid of an asset whose template writes none.
 * @param environment given only where environments share one Superset (`superset:identity: per-environment`)
 */
export function assetUuid(project: string, kind: string, key: string, environment?: string): string {
  return uuidV5([project, ...(environment === undefined ? [] : [environment]), kind, key].join("\n"));
}
