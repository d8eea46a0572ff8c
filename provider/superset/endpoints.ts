import { isObject, type Json, type JsonObject } from "../json";
import type { ExportDocument } from "../kinds/define";

/** Something a document names by uuid, and where. */
interface Reference {
  readonly kind: string;
  readonly uuid: string;
  /** Dotted path in the document. */
  readonly path: string;
}

/** How to find who holds an asset's natural key. */
export interface NaturalKey {
  /** Text that names it: `database name "sales"`. */
  readonly name: string;
  /** Column of the list API to look it up by, and its value. */
  readonly column: string;
  readonly value: string;
  /** Whether a listed row with that value holds the key. */
  holds(row: Readonly<Record<string, Json>>): boolean;
}

/** All that the gateway knows of one kind of asset. */
export interface Endpoint {
  /** Singular name. */
  readonly kind: string;
  /** Folder in exports and imports. */
  readonly folder: string;
  /** Path segment below `/api/v1/`. */
  readonly api: string;
  /** Superset's name of the field people know it by. */
  readonly nameField: string;
  /** Columns beside id and uuid that tell who holds the natural key. */
  readonly keyColumns: readonly string[];
  /** Column that says when it was changed, UTC. */
  readonly changedOn: string;
  /** First part of the actions in Superset's log (name of the API's class). */
  readonly logAction: string;
  /** Whether `DELETE ?q=!(ids)` exists. */
  readonly bulkDelete: boolean;
  /** Milliseconds that a first write waits for others of the kind; absent: the batcher's default. */
  readonly gatherMs?: number;
  /** Page people open, for messages. */
  page(id: number): string;
  /** Natural key that Superset holds unique; undefined where names may repeat. */
  naturalKey(document: ExportDocument): NaturalKey | undefined;
  /**
   * The asset it stands on, which an import cannot change (it answers 500): the document's field with the uuid, and the field of the
   * kind's PUT that takes the numeric id (datasets/schemas.py: DatasetPutSchema.database_id).
   */
  readonly parent?: { readonly kind: string; readonly field: string; readonly putField: string; readonly resend: readonly string[] };
  /** The body of the kind's PUT that puts in what an import has left out of `written`; undefined where nothing is missing. */
  missing?(written: ExportDocument, live: ExportDocument): JsonObject | undefined;
  /** What must exist before it is written: Superset answers 500, or drops links silently. */
  references(document: ExportDocument): readonly Reference[];
}

/** Every kind after the kinds it needs. */
export const endpoints: readonly Endpoint[] = [
  {
    kind: "database",
    folder: "databases",
    api: "database",
    nameField: "database_name",
    keyColumns: ["database_name"],
    changedOn: "changed_on",
    logAction: "DatabaseRestApi",
    bulkDelete: false,
    page: () => "/databaseview/list/",
    naturalKey: (document) => simpleKey(document, "database_name", "database name"),
    references: () => [],
  },
  {
    kind: "dataset",
    folder: "datasets",
    api: "dataset",
    // Superset sets always_filter_main_dttm to false in a PUT that does not name it (datasets/schemas.py: load_default).
    parent: { kind: "database", field: "database_uuid", putField: "database_id", resend: ["always_filter_main_dttm"] },
    nameField: "table_name",
    keyColumns: ["table_name", "schema", "catalog", "database.uuid"],
    changedOn: "changed_on_utc",
    logAction: "DatasetRestApi",
    bulkDelete: true,
    page: (id) => `/explore/?datasource_type=table&datasource_id=${id}`,
    naturalKey: tableKey,
    references: (document) => reference("database", document, "database_uuid"),
  },
  {
    kind: "chart",
    folder: "charts",
    api: "chart",
    nameField: "slice_name",
    keyColumns: [],
    changedOn: "changed_on_utc",
    logAction: "ChartRestApi",
    bulkDelete: true,
    page: (id) => `/explore/?slice_id=${id}`,
    naturalKey: () => undefined,
    missing: missingAnnotations,
    references: (document) => reference("dataset", document, "dataset_uuid"),
  },
  {
    kind: "dashboard",
    folder: "dashboards",
    api: "dashboard",
    nameField: "dashboard_title",
    keyColumns: ["slug"],
    changedOn: "changed_on_utc",
    logAction: "DashboardRestApi",
    // They become ready together, when their last chart is written, but come one by one: they are large.
    gatherMs: 150,
    bulkDelete: true,
    page: (id) => `/superset/dashboard/${id}/`,
    naturalKey: (document) => simpleKey(document, "slug", "slug"),
    references: dashboardReferences,
  },
];

const byName = new Map(endpoints.flatMap((endpoint) => [[endpoint.kind, endpoint] as const, [endpoint.folder, endpoint] as const]));

/** The endpoint of a kind by its singular or plural name; throws for an unknown one (a bug). */
export function endpointOf(kind: string): Endpoint {
  const endpoint = byName.get(kind);
  if (endpoint === undefined) {
    throw new Error(`the gateway knows no asset kind '${kind}'`);
  }
  return endpoint;
}

function simpleKey(document: ExportDocument, column: string, name: string): NaturalKey | undefined {
  const value = document[column];
  return typeof value === "string" && value !== "" ? { name: `${name} ${JSON.stringify(value)}`, column, value, holds: (row) => row[column] === value } : undefined;
}

/** Superset compares only the parts that are not null in what is written: `schema: null` also takes over `public.x` (models/helpers.py import_from_dict). */
function tableKey(document: ExportDocument): NaturalKey | undefined {
  const { table_name: table, schema, catalog, database_uuid: database } = document;
  if (typeof table !== "string" || typeof database !== "string") {
    return undefined;
  }
  const same = (own: Json | undefined, other: Json | undefined): boolean => own === undefined || own === null || own === "" || own === other;
  return {
    name: `table ${JSON.stringify(typeof schema === "string" && schema !== "" ? `${schema}.${table}` : table)} of database ${database}`,
    column: "table_name",
    value: table,
    holds: (row) => row["table_name"] === table && databaseUuidOf(row) === database && same(schema, row["schema"]) && same(catalog, row["catalog"]),
  };
}

/** `database.uuid` of a listed dataset. */
export function databaseUuidOf(row: Readonly<Record<string, Json>>): string | undefined {
  const database = row["database"];
  const uuid = isObject(database) ? database["uuid"] : row["database.uuid"];
  return typeof uuid === "string" ? uuid : undefined;
}

function reference(kind: string, document: ExportDocument, path: string): readonly Reference[] {
  const uuid = document[path];
  return typeof uuid === "string" ? [{ kind, uuid, path }] : [];
}

/**
 * What a chart's import leaves out of a document: it keeps only those annotation layers that are formulas (commands/chart/importers/v1/utils.py,
 * filter_chart_annotations). The body of the PUT that puts them in; undefined where nothing is missing.
 */
function missingAnnotations(written: ExportDocument, live: ExportDocument): JsonObject | undefined {
  const layers = isObject(written["params"]) ? written["params"]["annotation_layers"] : undefined;
  const others = Array.isArray(layers) ? layers.filter((layer) => isObject(layer) && layer["annotationType"] !== "FORMULA") : [];
  return others.length === 0 || !isObject(live["params"]) ? undefined : { params: JSON.stringify({ ...live["params"], annotation_layers: layers ?? [] }) };
}

function dashboardReferences(document: ExportDocument): readonly Reference[] {
  const { position, metadata } = document;
  const charts = Object.entries(isObject(position) ? position : {}).flatMap(([key, item]) => {
    const meta = isObject(item) && item["type"] === "CHART" ? item["meta"] : undefined;
    const uuid = isObject(meta) ? meta["uuid"] : undefined;
    return typeof uuid === "string" ? [{ kind: "chart", uuid, path: `position.${key}.meta.uuid` }] : [];
  });
  const filters = isObject(metadata) && Array.isArray(metadata["native_filter_configuration"]) ? metadata["native_filter_configuration"] : [];
  const datasets = filters.flatMap((filter: Json, index: number) => {
    const targets = isObject(filter) && Array.isArray(filter["targets"]) ? filter["targets"] : [];
    return targets.flatMap((target: Json) => {
      const uuid = isObject(target) ? target["datasetUuid"] : undefined;
      return typeof uuid === "string" ? [{ kind: "dataset", uuid, path: `metadata.native_filter_configuration.${index}.targets` }] : [];
    });
  });
  return [...charts, ...datasets];
}
