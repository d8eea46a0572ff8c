/** A small client of Superset's REST API for tests: what the UI sends, and imports and exports of whole documents. */
import { unzipSync, zipSync } from "fflate";
import { parseExport, stringifyExport } from "../../compile/export-yaml";
import { isObject, type Json, type JsonObject } from "../../provider/json";
import type { CanonicalContext, ExportDocument } from "../../provider/kinds/define";
import { PLURALS } from "./rules";

/** Calls answer with the decoded body and throw for a status of 400 or more. */
export interface Api {
  get(path: string): Promise<JsonObject>;
  put(path: string, body: JsonObject): Promise<JsonObject>;
  post(path: string, body: JsonObject): Promise<JsonObject>;
  delete(path: string): Promise<JsonObject>;
}

/** Documents of a server by the plural of their kind, then by uuid. */
export type Exported = Readonly<Record<string, ReadonlyMap<string, ExportDocument>>>;

/** An `Api` that can also import and export. */
export class SupersetApi implements Api {
  private constructor(private readonly url: string, private readonly token: string, private readonly csrf: string, private readonly cookie: string) {}

  /** Logs in. */
  static async connect(server: { readonly url: string; readonly username: string; readonly password: string }): Promise<SupersetApi> {
    const login = await fetch(`${server.url}/api/v1/security/login`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ username: server.username, password: server.password, provider: "db" }),
    });
    const token = String(((await login.json()) as JsonObject)["access_token"]);
    const csrf = await fetch(`${server.url}/api/v1/security/csrf_token/`, { headers: { Authorization: `Bearer ${token}` } });
    const cookie = csrf.headers.getSetCookie().map((text) => text.split(";")[0]).join("; ");
    return new SupersetApi(server.url, token, String(((await csrf.json()) as JsonObject)["result"]), cookie);
  }

  get(path: string): Promise<JsonObject> {
    return this.json("GET", path);
  }

  put(path: string, body: JsonObject): Promise<JsonObject> {
    return this.json("PUT", path, JSON.stringify(body));
  }

  post(path: string, body: JsonObject): Promise<JsonObject> {
    return this.json("POST", path, JSON.stringify(body));
  }

  delete(path: string): Promise<JsonObject> {
    return this.json("DELETE", path);
  }

  /** What every request of this login carries. */
  get headers(): { readonly authorization: string; readonly cookie: string; readonly "x-csrftoken": string } {
    return { authorization: `Bearer ${this.token}`, cookie: this.cookie, "x-csrftoken": this.csrf };
  }

  /** One sparse import of documents of one kind. */
  async importAssets(plural: string, documents: readonly ExportDocument[]): Promise<void> {
    const files: Record<string, Uint8Array> = { "bundle/metadata.yaml": text("version: 1.0.0\ntype: assets\n") };
    for (const document of documents) files[`bundle/${plural}/${String(document["uuid"])}.yaml`] = text(stringifyExport(document));
    const form = new FormData();
    form.set("bundle", new Blob([Buffer.from(zipSync(files))]), "bundle.zip");
    form.set("sparse", "true");
    await this.json("POST", "/api/v1/assets/import/", form);
  }

  /** Everything, by one export. */
  async exportAssets(): Promise<Exported> {
    const response = await this.send("GET", "/api/v1/assets/export/");
    const result: Record<string, Map<string, ExportDocument>> = Object.fromEntries(PLURALS.map((plural) => [plural, new Map()]));
    for (const [path, bytes] of Object.entries(unzipSync(new Uint8Array(await response.arrayBuffer())))) {
      const plural = path.split("/")[1] ?? "";
      if (!Object.hasOwn(result, plural)) continue;
      const document = parseExport(new TextDecoder().decode(bytes), path);
      result[plural]?.set(String(document["uuid"]), document);
    }
    return result;
  }

  /** Numeric ids by uuid of one kind. */
  async ids(kind: string): Promise<Map<string, number>> {
    const ids = new Map<string, number>();
    for (let page = 0; ; page += 1) {
      const { result } = await this.get(`/api/v1/${kind}/?q=(columns:!(id,uuid),page:${page},page_size:100)`);
      const rows = Array.isArray(result) ? result.filter(isObject) : [];
      for (const row of rows) ids.set(String(row["uuid"]), Number(row["id"]));
      if (rows.length < 100) return ids;
    }
  }

  /** Numeric id of one asset; throws where there is none. */
  async id(kind: string, uuid: string): Promise<number> {
    const { result } = await this.get(`/api/v1/${kind}/?q=(columns:!(id,uuid),filters:!((col:uuid,opr:eq,value:'${uuid}')))`);
    const [row] = Array.isArray(result) ? result.filter(isObject) : [];
    if (row === undefined) throw new Error(`no ${kind} ${uuid}`);
    return Number(row["id"]);
  }

  private async json(method: string, path: string, body?: string | FormData): Promise<JsonObject> {
    const response = await this.send(method, path, body);
    return (await response.json()) as JsonObject;
  }

  private async send(method: string, path: string, body?: string | FormData): Promise<Response> {
    const response = await fetch(this.url + path, {
      method,
      redirect: "manual",
      headers: {
        ...this.headers,
        Accept: "application/json",
        ...(typeof body === "string" ? { "Content-Type": "application/json" } : {}),
      },
      ...(body === undefined ? {} : { body }),
    });
    if (response.status >= 300) throw new Error(`${method} ${path} answers ${response.status}: ${(await response.text()).slice(0, 2000)}`);
    return response;
  }
}

/** What the canonical form needs to know of a server, from its export and its chart ids. */
export function liveContext(exported: Exported, chartIds: ReadonlyMap<string, number>): CanonicalContext {
  const uuids = new Map([...chartIds].map(([uuid, id]) => [id, uuid]));
  return { ...databaseContext(exported["databases"] ?? new Map()), chartUuid: (id) => uuids.get(id), live: true };
}

/** What it needs to know of documents that come from no server. */
export function databaseContext(databases: ReadonlyMap<string, ExportDocument>): CanonicalContext {
  return {
    database: (uuid) => {
      const document = databases.get(uuid);
      if (document === undefined) return undefined;
      const extra: Json = document["extra"] ?? null;
      return { cache_timeout: document["cache_timeout"] ?? null, allow_multi_catalog: isObject(extra) && extra["allow_multi_catalog"] === true };
    },
    chartUuid: () => undefined,
  };
}

function text(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}
