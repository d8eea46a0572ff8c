import { stringifyExport } from "../../compile/yaml";
import { ConnectionError, SupersetError } from "../errors";
import { isObject, type Json } from "../json";
import type { ExportDocument } from "../kinds/define";
import { bodyOf, redacted } from "./answer";
import type { Client } from "./client";
import type { Endpoint } from "./endpoints";
import type { HttpResponse } from "./http";
import { decoded } from "./live";
import { tooLarge } from "./limits";
import { writeZip } from "./zip";

/** One document to import. */
export interface ImportItem {
  readonly uuid: string;
  readonly document: ExportDocument;
  readonly label: string;
  readonly source?: string;
}

const IMPORT_TIMEOUT_SECONDS = 600;
/** After so many assets failing one by one without a reason and none succeeding, the server is at fault, not they. */
const HOPELESS = 6;

/** Where an asset comes from, for messages. */
export function where(item: Pick<ImportItem, "label" | "source">): string {
  return item.source === undefined ? item.label : `${item.label} (${item.source})`;
}

/**
 * Imports assets of one kind in one ZIP (`sparse`: what they refer to is looked up on the server). What Superset refuses is told per asset;
 * the others are written. Returns the error of each asset that was not.
 */
export async function importAssets(client: Client, endpoint: Endpoint, items: readonly ImportItem[]): Promise<Map<string, Error>> {
  hideSecrets(client, items);
  const state = { succeeded: 0, failedAlone: 0 };
  return attempt(client, endpoint, items, state);
}

async function attempt(client: Client, endpoint: Endpoint, items: readonly ImportItem[], state: { succeeded: number; failedAlone: number }): Promise<Map<string, Error>> {
  const [first] = items;
  if (first === undefined) {
    return new Map();
  }
  const response = await post(client, "/api/v1/assets/import/", "bundle", bundle(endpoint, items, "assets"), { sparse: "true" });
  if (response.status === 200 && bodyOf(response)?.["message"] === "OK") {
    state.succeeded += items.length;
    return new Map();
  }
  if (response.status === 413 && items.length > 1) {
    return halves(client, endpoint, items, state);
  }
  if (response.status === 413) {
    return new Map([[first.uuid, new SupersetError(`${where(first)} was not written: the server in front of Superset takes no request of that size (POST /api/v1/assets/import/: 413). Raise its limit (nginx: client_max_body_size).`, { status: 413 })]]);
  }
  if (response.status === 200) {
    throw new ConnectionError(`POST /api/v1/assets/import/ on ${client.http.url} answered 200, but not as Superset does (${redacted(client.http, response)}). Check superset:url.`);
  }
  const refused = await dryRun(client, endpoint, items);
  if (refused.size > 0) {
    const rest = items.filter(({ uuid }) => !refused.has(uuid));
    return new Map([...refused, ...(await attempt(client, endpoint, rest, state))]);
  }
  if (items.length === 1 || (state.succeeded === 0 && state.failedAlone >= HOPELESS)) {
    state.failedAlone += items.length;
    return new Map(items.map((item) => [item.uuid, unexplained(client, item, response)]));
  }
  return halves(client, endpoint, items, state);
}

async function halves(client: Client, endpoint: Endpoint, items: readonly ImportItem[], state: { succeeded: number; failedAlone: number }): Promise<Map<string, Error>> {
  const middle = items.length >> 1;
  const left = await attempt(client, endpoint, items.slice(0, middle), state);
  const right = await attempt(client, endpoint, items.slice(middle), state);
  return new Map([...left, ...right]);
}

function post(client: Client, path: string, field: string, bytes: Uint8Array, fields: Readonly<Record<string, string>>): Promise<HttpResponse> {
  return client.send({ method: "POST", path, form: { field, fileName: "bundle.zip", bytes, fields }, timeoutSeconds: IMPORT_TIMEOUT_SECONDS });
}

function bundle(endpoint: Endpoint, items: readonly ImportItem[], type: string): Uint8Array {
  const files = new Map([["metadata.yaml", `version: 1.0.0\ntype: ${type}\n`]]);
  for (const item of items) {
    files.set(fileOf(endpoint, item.uuid), stringifyExport(item.document));
  }
  return writeZip(files);
}

function fileOf(endpoint: Endpoint, uuid: string): string {
  return `${endpoint.folder}/${uuid}.yaml`;
}

/**
 * `assets/import` answers every failure with "unknown reason". The dashboard import validates all kinds and lists what is wrong by file;
 * given a bundle whose metadata says it is of another type, it always stops after that and writes nothing
 * (commands/importers/v1/__init__.py validates before it runs).
 */
async function dryRun(client: Client, endpoint: Endpoint, items: readonly ImportItem[]): Promise<Map<string, Error>> {
  const response = await post(client, "/api/v1/dashboard/import/", "formData", bundle(endpoint, items, "assets"), {});
  const errors = bodyOf(response)?.["errors"];
  const extra = Array.isArray(errors) && isObject(errors[0]) ? errors[0]["extra"] : undefined;
  const result = new Map<string, Error>();
  if (response.status !== 422 || extra === undefined || !isObject(extra)) {
    return result;
  }
  for (const item of items) {
    const problems = extra[fileOf(endpoint, item.uuid)];
    if (problems !== undefined) {
      const lines = flatten(problems, []).map(({ path, reason }) => `  ${path === "" ? "document" : path}: ${reason}`);
      const text = client.http.redactor.redact(lines.join("\n"));
      result.set(item.uuid, new SupersetError(`${where(item)} was not written: Superset refuses it\n${text}\nCorrect the named fields in the template.`, { status: response.status }));
    }
  }
  return result;
}

/** marshmallow's nested messages as dotted paths; `_schema` is the document itself. */
function flatten(problems: Json, path: readonly string[]): readonly { readonly path: string; readonly reason: string }[] {
  if (Array.isArray(problems) && problems.every((problem) => typeof problem === "string")) {
    return [{ path: path.join("."), reason: problems.join(" ") }];
  }
  if (isObject(problems)) {
    return Object.entries(problems).flatMap(([key, value]) => flatten(value, key === "_schema" ? path : [...path, key]));
  }
  return [{ path: path.join("."), reason: typeof problems === "string" ? problems : JSON.stringify(problems) }];
}

function unexplained(client: Client, item: ImportItem, response: HttpResponse): SupersetError {
  const large = tooLarge(item.document);
  if (large.length > 0) {
    return new SupersetError(`${where(item)} was not written: Superset cannot store it\n${large.map((line) => `  ${line}`).join("\n")}\nCorrect the named fields in the template.`, { status: response.status });
  }
  return new SupersetError(
    `${where(item)} was not written: POST /api/v1/assets/import/ on Superset at ${client.http.url} failed with ${redacted(client.http, response)}. ` +
      "Its fields have the form Superset wants, so the reason is in their contents, and Superset gives it only in its own log (hybrid local logs; else the server's output), at this moment.",
    { status: response.status },
  );
}

/** Passwords of the documents never appear in a message, whatever Superset quotes. */
function hideSecrets(client: Client, items: readonly ImportItem[]): void {
  for (const { document } of items) {
    const uri = document["sqlalchemy_uri"];
    const password = typeof uri === "string" ? /^[^:]+:\/\/[^:/@]*:(.*)@[^@]*$/.exec(uri)?.[1] : undefined;
    if (password !== undefined) {
      client.http.redactor.hide(password);
      try {
        client.http.redactor.hide(decodeURIComponent(password));
      } catch {
        // Not percent-encoded: the text itself is hidden.
      }
    }
    for (const field of ["password", "encrypted_extra", "masked_encrypted_extra"]) {
      hideAll(client, document[field]);
    }
    hideAll(client, document["ssh_tunnel"]);
  }
}

function hideAll(client: Client, value: Json | undefined): void {
  if (typeof value === "string") {
    client.http.redactor.hide(value);
    const inner = decoded(value);
    if (typeof inner !== "string") {
      hideLeaves(client, inner);
    }
  } else if (Array.isArray(value)) {
    value.forEach((item) => hideAll(client, item));
  } else if (value !== undefined && isObject(value)) {
    Object.entries(value).forEach(([key, item]) => {
      if (/password|private_key|secret|token/.test(key)) {
        hideAll(client, item);
      }
    });
  }
}

/** All longer texts of a document that is secret as a whole (encrypted_extra); short ones are words like `true` or `gcp`. */
function hideLeaves(client: Client, value: Json): void {
  if (typeof value === "string" && value.length >= 8) {
    client.http.redactor.hide(value);
  } else if (Array.isArray(value)) {
    value.forEach((item) => hideLeaves(client, item));
  } else if (isObject(value)) {
    Object.values(value).forEach((item) => hideLeaves(client, item));
  }
}
