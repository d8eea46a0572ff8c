import { AuthError, SupersetError, UserError } from "../errors";
import { isObject, type JsonObject } from "../json";
import { bodyOf } from "./answer";
import type { Client } from "./client";

/** The oldest Superset this works with: `sparse` imports and the fields of exports are as in this version. */
const MINIMUM_VERSION = "6.1.0";

const NEEDED: readonly (readonly [permission: string, view: string])[] = [
  ["can_export", "ImportExportRestApi"],
  ["can_import_", "ImportExportRestApi"],
];

/** Throws where this Superset is too old, or the account cannot do what we do. Two small requests, once per process. */
export async function checkReadiness(client: Client): Promise<void> {
  await Promise.all([checkVersion(client), checkPermissions(client)]);
}

/**
 * The version is in a file that Superset ships with its front end (static/version_info.json), else in the data of its login page, else at /version, which
 * newer ones have and Preset shows to those who are logged in. Development builds (0.0.0-dev) and servers that hide all of them are let pass.
 */
async function checkVersion(client: Client): Promise<void> {
  const found = (await staticVersion(client)) ?? (await pageVersion(client)) ?? (await tellsVersion(client));
  if (found !== undefined && found !== "0.0.0" && older(found, MINIMUM_VERSION)) {
    throw new SupersetError(`Superset at ${client.http.url} is version ${found}; version ${MINIMUM_VERSION} or newer is needed. Upgrade it, or point superset:url to another one.`);
  }
}

async function staticVersion(client: Client): Promise<string | undefined> {
  const response = await client.plain({ method: "GET", path: "/static/version_info.json" });
  const version = response.status === 200 ? bodyOf(response)?.["version"] : undefined;
  return typeof version === "string" ? numeric(version) : undefined;
}

async function pageVersion(client: Client): Promise<string | undefined> {
  const response = await client.plain({ method: "GET", path: "/login/", headers: { Accept: "text/html" } });
  const match = /version_string(?:&#34;|&quot;|")\s*:\s*(?:&#34;|&quot;|")([^&"]+)/.exec(response.status === 200 ? response.body.toString("utf8") : "");
  return match?.[1] === undefined ? undefined : numeric(match[1]);
}

async function tellsVersion(client: Client): Promise<string | undefined> {
  try {
    const response = await client.send({ method: "GET", path: "/version" });
    const version = response.status === 200 ? bodyOf(response)?.["version_string"] : undefined;
    return typeof version === "string" ? numeric(version) : undefined;
  } catch (error) {
    if (error instanceof UserError) {
      // Hidden, or no login: what that means the question for permissions, asked at the same time, tells.
      return undefined;
    }
    throw error;
  }
}

function numeric(version: string): string | undefined {
  return /^\d+\.\d+(?:\.\d+)?/.exec(version)?.[0];
}

function older(found: string, needed: string): boolean {
  const [a, b] = [found, needed].map((version) => version.split(".").map(Number)) as [number[], number[]];
  const at = b.findIndex((part, index) => (a[index] ?? 0) !== part);
  return at !== -1 && (a[at] ?? 0) < (b[at] ?? 0);
}

/** Lists are filtered by what the account may see, so an asset it may not see would look deleted. */
async function checkPermissions(client: Client): Promise<void> {
  const response = await client.send({ method: "GET", path: "/api/v1/me/roles/" });
  const body = bodyOf(response)?.["result"];
  if (response.status !== 200 || body === undefined || !isObject(body) || !isObject(body["roles"])) {
    return;
  }
  const user = String(body["username"]);
  const held = permissionsOf(body["roles"]);
  const missing = NEEDED.filter(([permission, view]) => !held.has(`${permission} ${view}`));
  if (missing.length > 0) {
    throw new AuthError(
      `The user '${user}' of Superset at ${client.http.url} lacks ${missing.map(([permission, view]) => `${permission} on ${view}`).join(" and ")} (its roles: ${Object.keys(body["roles"]).join(", ") || "none"}). ` +
        "Use an account with the role Admin, or give its role these permissions in Settings → List Roles.",
    );
  }
  if (!Object.keys(body["roles"]).includes("Admin")) {
    client.log(
      `warning: the user '${user}' of Superset at ${client.http.url} is no Admin. Assets that it may not see (dashboards others have not published, charts of datasets without access) look absent, and it cannot change what it does not own.`,
    );
  }
}

function permissionsOf(roles: JsonObject): ReadonlySet<string> {
  return new Set(Object.values(roles).flatMap((entries) => (Array.isArray(entries) ? entries.map((entry) => (Array.isArray(entry) ? entry.join(" ") : "")) : [])));
}
