import { isObject, type Json, type JsonObject } from "../json";
import type { Client } from "./client";
import type { OverwrittenEdit } from "./connection";
import type { Endpoint } from "./endpoints";
import type { FreshAsset } from "./fresh";
import { decoded } from "./live";

/** A batch of writes in time, on Superset's own clock. */
interface Window {
  /** Milliseconds since 1970; no later than the guard's read. */
  readonly from: number;
  /** What the guard saw, by uuid. */
  readonly before: ReadonlyMap<string, FreshAsset>;
  /** What was read after the write, by uuid. */
  readonly after: ReadonlyMap<string, FreshAsset>;
}

/**
 * Edits by others that fell between the guard's read and the import, and are gone. The 6.1 API offers no conditional write; Superset's own
 * log has one row per API call with its body (utils/log.py), which only Admin may read. Empty where it may not be read: then nothing is known.
 */
export async function overwrittenEdits(client: Client, endpoint: Endpoint, window: Window): Promise<ReadonlyMap<string, OverwrittenEdit>> {
  const uuids = new Map([...window.before].map(([uuid, { asset }]) => [asset.id, uuid]));
  const found = new Map<string, OverwrittenEdit>();
  if (uuids.size === 0) {
    return found;
  }
  for (const row of await rowsOf(client, endpoint, window.from)) {
    const details = decoded(row["json"]);
    const path = isObject(details) && typeof details["path"] === "string" ? details["path"] : "";
    const id = /\/(\d+)(?:\/|$)/.exec(path)?.[1];
    const uuid = id === undefined ? undefined : uuids.get(Number(id));
    const end = typeof row["dttm"] === "string" ? utc(row["dttm"]) : undefined;
    if (uuid === undefined || end === undefined || !isObject(details)) {
      continue;
    }
    const start = end - (typeof row["duration_ms"] === "number" ? row["duration_ms"] : 0);
    const within = (fresh: FreshAsset | undefined): boolean => fresh?.changedOn !== undefined && utc(fresh.changedOn) >= start;
    // Seen by the guard, or made after the write: not lost either way.
    const after = window.after.get(uuid);
    const laterThanWrite = after?.changedOn !== undefined && utc(after.changedOn) >= start && utc(after.changedOn) <= end;
    if (!within(window.before.get(uuid)) && !laterThanWrite) {
      found.set(uuid, { name: nameOf(row["user"]), at: new Date(end).toISOString(), request: path, fields: fieldsOf(client, details) });
    }
  }
  return found;
}

async function rowsOf(client: Client, endpoint: Endpoint, from: number): Promise<readonly JsonObject[]> {
  const query = {
    columns: ["action", "dttm", "duration_ms", "json", "user.first_name", "user.last_name"],
    filters: [
      { col: "action", opr: "sw", value: `${endpoint.logAction}.put` },
      { col: "dttm", opr: "gt", value: new Date(from).toISOString().slice(0, 19) },
    ],
    orderColumn: "dttm",
  } as const;
  return (await client.optionalPage("log", query, "edits made in Superset in the very moment of a write are not looked for, because its action log cannot be read")) ?? [];
}

/** Superset writes UTC without saying so. */
function utc(text: string): number {
  return Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text.replace(/([+-]\d\d)(\d\d)$/, "$1:$2") : `${text}Z`);
}

function nameOf(user: Json | undefined): string {
  const parts = user !== undefined && isObject(user) ? [user["first_name"], user["last_name"]].filter((part) => typeof part === "string" && part !== "") : [];
  return parts.length === 0 ? "an unknown user" : parts.join(" ");
}

/** The edit's fields; no value of a field that may hold credentials, no value of over 200 characters. */
function fieldsOf(client: Client, details: JsonObject): Readonly<Record<string, string>> {
  const skipped = new Set(["path", "url_rule", "object_ref", "rison", "q", "pk"]);
  return Object.fromEntries(
    Object.entries(details).flatMap(([field, value]) => {
      if (skipped.has(field)) {
        return [];
      }
      const text = /uri|password|encrypted|secret|token|ssh|extra|parameters/.test(field) ? "(not shown)" : client.http.redactor.redact(typeof value === "string" ? value : JSON.stringify(value));
      return [[field, text.length > 200 ? `${text.slice(0, 200)}…` : text]];
    }),
  );
}
