import { isObject, type Json, type JsonObject } from "../json";
import type { ExportDocument } from "../kinds/define";
import type { Client } from "./client";
import type { LiveAsset } from "./connection";
import { endpointOf, type Endpoint } from "./endpoints";
import { exportAssets, type Listed } from "./exporter";
import { CHART_COLUMNS, chartDocument, decoded, LazyAsset, numberOf, textOf } from "./live";
import type { Snapshot } from "./snapshot";

/** An asset as just read, and when Superset says it was changed last. */
export interface FreshAsset {
  readonly asset: LiveAsset;
  /** As the list gives it; undefined where it is unknown. */
  readonly changedOn: string | undefined;
}

/** What is known from elsewhere and spares a request. */
export interface FreshHints {
  /** Earlier reads. */
  readonly snapshot: Snapshot | undefined;
  /** Documents just written, by uuid. */
  readonly written?: ReadonlyMap<string, ExportDocument>;
  /** Names of live charts by uuid. */
  readonly chartNames: ReadonlyMap<string, string>;
}

/** The named assets as they are now; absent ones are missing in the result. */
export async function readFresh(client: Client, kind: string, uuids: readonly string[], hints: FreshHints): Promise<Map<string, FreshAsset>> {
  const endpoint = endpointOf(kind);
  if (endpoint.kind === "chart") {
    return freshCharts(client, uuids, hints);
  }
  const rows = await client.listIn(endpoint.api, { columns: ["id", "uuid", endpoint.changedOn] }, "uuid", uuids);
  const listed = rows.map((row) => ({ id: numberOf(row, "id"), uuid: textOf(row, "uuid"), changedOn: stringOr(row[endpoint.changedOn]) }));
  const assets = endpoint.kind === "dashboard" ? await freshDashboards(client, endpoint, listed, hints) : await exportAssets(client, endpoint, listed);
  return new Map(
    listed.flatMap(({ uuid, changedOn }) => {
      const asset = assets.get(uuid);
      return asset === undefined ? [] : [[uuid, { asset, changedOn }] as const];
    }),
  );
}

function stringOr(value: Json | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

async function freshCharts(client: Client, uuids: readonly string[], hints: FreshHints): Promise<Map<string, FreshAsset>> {
  const rows = await chartRows(client, uuids, hints);
  const ids = rows.flatMap((row) => (typeof row["datasource_id"] === "number" ? [row["datasource_id"]] : []));
  const datasets = await uuidsOf(client, "dataset", ids);
  return new Map(
    rows.map((row) => {
      const id = numberOf(row, "id");
      const uuid = textOf(row, "uuid");
      const datasetId = row["datasource_id"];
      const dataset = typeof datasetId === "number" ? datasets.get(datasetId) : undefined;
      return [uuid, { asset: new LazyAsset("chart", uuid, id, `/api/v1/chart/${id}`, () => chartDocument(row, dataset)), changedOn: stringOr(row["changed_on_utc"]) }];
    }),
  );
}

/** Above so many charts, and where they are a good part of all, listing every chart takes fewer and shorter requests than asking for these. */
const MANY_CHARTS = 100;
const GOOD_PART = 1 / 4;

async function chartRows(client: Client, uuids: readonly string[], { snapshot, written }: FreshHints): Promise<readonly JsonObject[]> {
  const query = { columns: CHART_COLUMNS };
  if (snapshot === undefined || uuids.length <= MANY_CHARTS || uuids.length < snapshot.ids("chart").size * GOOD_PART) {
    return client.listIn("chart", query, "uuid", uuids);
  }
  const wanted = new Set(uuids);
  const found = (await client.list("chart", query)).filter((row) => wanted.has(textOf(row, "uuid")));
  found.forEach((row) => wanted.delete(textOf(row, "uuid")));
  // One list alone is not trusted with absence (see Client.listIn); the snapshot's and this one together are.
  const doubtful = [...wanted].filter((uuid) => snapshot.asset("chart", uuid) !== undefined || written?.has(uuid) === true);
  return doubtful.length === 0 ? found : [...found, ...(await client.listIn("chart", query, "uuid", doubtful))];
}

async function uuidsOf(client: Client, kind: string, ids: readonly number[]): Promise<Map<number, string>> {
  const rows = await client.listIn(endpointOf(kind).api, { columns: ["id", "uuid"] }, "id", ids);
  return new Map(rows.map((row) => [numberOf(row, "id"), textOf(row, "uuid")]));
}

/**
 * Exporting a dashboard exports all its charts too (14 ms each), so each is read with a GET and put into export form here. That call
 * lacks the description, which no edit in Superset's UI can change: it comes from the snapshot or from what was just written. Where
 * anything is in doubt (unknown description, a theme, charts that are not placed in the layout), that dashboard is exported after all.
 */
async function freshDashboards(client: Client, endpoint: Endpoint, listed: readonly Listed[], hints: FreshHints): Promise<Map<string, LiveAsset>> {
  const bodies = await Promise.all(listed.map((one) => getDashboard(client, one)));
  const usable = bodies.map((body, index) => {
    const uuid = listed[index]?.uuid;
    const known = uuid === undefined ? undefined : (hints.written?.get(uuid) ?? hints.snapshot?.asset(endpoint.kind, uuid)?.document);
    return body === undefined || known === undefined ? undefined : parts(body, known["description"] ?? null, hints.chartNames);
  });
  const datasets = await uuidsOf(client, "dataset", usable.flatMap((one) => (one === undefined ? [] : filterTargets(one.metadata).flatMap(({ datasetId }) => (typeof datasetId === "number" ? [datasetId] : [])))));
  const result = new Map<string, LiveAsset>();
  const doubtful: Listed[] = [];
  listed.forEach((one, index) => {
    const dashboard = usable[index];
    if (dashboard !== undefined) {
      result.set(one.uuid, new LazyAsset(endpoint.kind, one.uuid, one.id, `/api/v1/dashboard/${one.id}`, () => dashboardDocument(one, dashboard, datasets)));
    } else if (bodies[index] !== undefined) {
      doubtful.push(one);
    }
  });
  (await exportAssets(client, endpoint, doubtful)).forEach((asset, uuid) => result.set(uuid, asset));
  return result;
}

async function getDashboard(client: Client, listed: Listed): Promise<JsonObject | undefined> {
  const request = { method: "GET", path: `/api/v1/dashboard/${listed.id}` } as const;
  const response = await client.send(request);
  if (response.status === 404) {
    return undefined;
  }
  if (response.status !== 200) {
    throw client.failure(request, response);
  }
  const body: unknown = JSON.parse(response.body.toString("utf8"));
  const result = isObject(body) ? body["result"] : undefined;
  return result !== undefined && isObject(result) ? result : undefined;
}

interface DashboardParts {
  readonly body: JsonObject;
  readonly description: Json;
  readonly position: JsonObject;
  readonly metadata: JsonObject | undefined;
}

/** undefined where only an export tells the whole. */
function parts(body: JsonObject, description: Json, chartNames: ReadonlyMap<string, string>): DashboardParts | undefined {
  const position = decoded(body["position_json"]);
  const metadata = decoded(body["json_metadata"]);
  if (!isObject(position) || (metadata !== null && metadata !== "" && !isObject(metadata)) || isObject(body["theme"]) || Object.keys(position).length === 0) {
    return undefined;
  }
  const placed = new Set(
    Object.values(position).flatMap((item) => {
      const meta = isObject(item) && item["type"] === "CHART" ? item["meta"] : undefined;
      return isObject(meta) && typeof meta["uuid"] === "string" ? [meta["uuid"]] : [];
    }),
  );
  const names = [...placed].map((uuid) => chartNames.get(uuid) ?? "").sort();
  const linked = Array.isArray(body["charts"]) ? body["charts"].map(String).sort() : [];
  if (names.length !== linked.length || names.some((name, index) => name !== linked[index])) {
    return undefined;
  }
  return { body, description, position, metadata: isObject(metadata) ? metadata : undefined };
}

function filterTargets(metadata: JsonObject | undefined): readonly JsonObject[] {
  const filters = metadata?.["native_filter_configuration"];
  return (Array.isArray(filters) ? filters : []).flatMap((filter: Json) => (isObject(filter) && Array.isArray(filter["targets"]) ? filter["targets"].filter(isObject) : []));
}

/** As commands/dashboard/export.py makes it: native filters name their dataset by uuid instead of id. */
function dashboardDocument(listed: Listed, { body, description, position, metadata }: DashboardParts, datasets: ReadonlyMap<number, string>): ExportDocument {
  const target = (value: Json): Json => {
    if (!isObject(value) || value["datasetId"] === undefined) {
      return value;
    }
    const { datasetId, ...rest } = value;
    const uuid = typeof datasetId === "number" ? datasets.get(datasetId) : undefined;
    return uuid === undefined ? rest : { ...rest, datasetUuid: uuid };
  };
  const filters = metadata?.["native_filter_configuration"];
  return {
    dashboard_title: body["dashboard_title"] ?? null,
    description,
    css: body["css"] ?? null,
    slug: body["slug"] ?? null,
    certified_by: body["certified_by"] ?? null,
    certification_details: body["certification_details"] ?? null,
    published: body["published"] ?? null,
    uuid: listed.uuid,
    position,
    ...(metadata === undefined
      ? {}
      : {
          metadata: Array.isArray(filters)
            ? { ...metadata, native_filter_configuration: filters.map((filter: Json) => (isObject(filter) && Array.isArray(filter["targets"]) ? { ...filter, targets: filter["targets"].map(target) } : filter)) }
            : metadata,
        }),
    theme_uuid: null,
    version: "1.0.0",
  };
}
