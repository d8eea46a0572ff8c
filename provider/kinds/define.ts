/**
 * The contract of an asset kind. Everything that knows a kind by name lives in its folder (`kinds/<kind>/`); the compiler, the
 * lifecycle, the gateway and the stack work through this interface. A new kind is a new folder and one line in `registry.ts`.
 */
import type { z } from "zod";
import type { Json, JsonObject } from "../json";

/** One asset in Superset's own export layout (`charts/x.yaml` decoded): uuid references, `params`/`position`/`metadata` as objects. */
export type ExportDocument = JsonObject;

/**
 * One asset in canonical form: two descriptions of the same asset are deep-equal here. Always has `uuid`. Nested objects (never
 * JSON strings), so that the engine's diff names the field.
 */
export type Canonical = JsonObject;

/** Secrets of one asset by name (`sqlalchemy_uri`, `encrypted_extra`, …), in clear text or with placeholders. Never in a bundle, log or plain state. */
export type Secrets = Readonly<Record<string, string>>;

/** What the canonical form of an asset needs to know of others. */
export interface CanonicalContext {
  /** The database's settings that leak into its datasets' exports; undefined where the database is unknown. */
  database(uuid: string): { readonly cache_timeout: Json; readonly allow_multi_catalog: boolean } | undefined;
  /** uuid of the live chart with that numeric id; undefined where there is none (or where ids mean nothing, as in templates). */
  chartUuid(id: number): string | undefined;
  /** uuid of the live dataset with that numeric id (chart customisations of dashboards keep ids); may be left out. */
  datasetUuid?(id: number): string | undefined;
  /** The document comes from a server and `chartUuid` knows all its charts: a dashboard's chart with a dead id is then shown as lost. A chart's controls that are there but empty are kept by it, until `relevant` knows whether they mean anything. Default: false. */
  readonly live?: boolean;
}

/** What the export form of an asset needs to know of the server it is written to. */
export interface WireContext {
  /** Numeric id of the live chart; undefined where it is not known. */
  chartId(uuid: string): number | undefined;
  /** Numeric id of the live dataset; may be left out. */
  datasetId?(uuid: string): number | undefined;
  /** What has no number on that server keeps its uuid, in a document that is for no server. Default: it is left out where Superset could not read it. */
  readonly keepsUuids?: boolean;
}

/** What the expansion of the authoring form asks the compiler. Each adds a located problem and returns undefined when it cannot answer. */
export interface ExpandContext {
  /** Uuid of the asset of that kind that `reference` (a name, key or uuid) names. `path`: where in this template it is written. */
  resolve(kind: string, reference: string, path: readonly (string | number)[]): string | undefined;
  /** The expanded export document of an asset of the bundle, by uuid (the referenced kinds are expanded first). */
  document(kind: string, uuid: string): ExportDocument | undefined;
  /** Columns of a table in the committed schema dump; undefined where the dump has no such table (or there is none). */
  tableColumns?(schema: string | undefined, table: string): ReadonlySet<string> | undefined;
  /** Report something wrong at `path` of this template. */
  problem(path: readonly (string | number)[], message: string, severity?: "error" | "warning"): void;
}

/** A part of an address that differs between environments. Offsets are in its text. */
export interface AddressPart {
  readonly name: "user" | "host" | "port" | "database";
  readonly start: number;
  readonly end: number;
}

/** What sort of text stands in a field of the authoring form: by it values of one environment are told from the rest of the text. */
export interface TextField {
  /** Keys and indices from the top, joined by dots: `columns.*.expression`. `*` is any one of them, `**` any number. */
  readonly at: string;
  /** `name`: what people call something. `schema`: the name of a schema. `sql`: SQL, whose tables may have one. `address`: of a server. */
  readonly role: "name" | "schema" | "sql" | "address";
  /** Of an address: where its parts stand. A part that is not there is left out. */
  parts?(text: string): readonly AddressPart[];
}

/** What writing an asset down as a template asks of whoever writes it: the inverse of `ExpandContext`. */
export interface AuthorContext extends CanonicalContext {
  /** A name or key that means exactly that asset wherever the template is compiled; undefined: its uuid is written. */
  reference(kind: string, uuid: string): string | undefined;
  /** What stands for a secret of this asset that no export shows. `path`: the field it is part of; `mask`: what leaves it as it is in Superset. */
  secret(path: readonly (string | number)[], mask: string): string;
  /** Something of the asset that the template does not say, and what to do. */
  note(path: readonly (string | number)[], message: string): void;
}

/** What carrying an edit over to a template asks of the repository. */
export interface RewriteContext {
  /** Uuid of the asset of that kind that a text names in a template; undefined where it names none. */
  resolve(kind: string, text: string): string | undefined;
  /** A text that names the asset. `like`: one that names another of its kind (or did): the new one is of the same sort (name, key, uuid) where it can be. */
  name(kind: string, uuid: string, like?: string): string;
  /** The expanded export document of an asset, by uuid. */
  document(kind: string, uuid: string): ExportDocument | undefined;
  /** What a mapping in the place of the template would expand to; undefined where that would be an error. */
  expand(template: JsonObject): ExportDocument | undefined;
  /** Tells of something that could not be kept. `path`: where it is in the template. */
  tell(path: readonly (string | number)[], message: string): void;
}

/** A mapping file as the kinds need it: which datasets it is about, and the new names. */
export interface Retarget {
  readonly source: { readonly database?: string; readonly schema?: string };
  readonly target: { readonly database?: string; readonly schema?: string };
  /** The uuid of the database that takes the source's place; undefined where none is renamed or re-pointed. */
  readonly databaseUuid: string | undefined;
  /** Old name → new name. */
  readonly tables: ReadonlyMap<string, string>;
  readonly columns: ReadonlyMap<string, string>;
  readonly metrics: ReadonlyMap<string, string>;
  /** Whether the dataset of that uuid is of the source's database and schema. */
  applies(datasetUuid: string): boolean;
  /** Column and table names in SQL, as identifiers: not in texts and comments. */
  sql(text: string): string;
}

/** A place in a template. */
type TemplatePath = readonly (string | number)[];

/** A piece of SQL that an asset puts into a query. It may hold Superset's own Jinja. */
export interface SqlPiece {
  readonly sql: string;
  /** Where in the query: `column` for each row, `metric` over groups of rows, `where` and `having` as conditions. */
  readonly clause: "column" | "metric" | "where" | "having";
  /** For people: `metric 'Revenue'`, `filter`. */
  readonly label: string;
  readonly path: TemplatePath;
}

/** A column or metric of a relation. */
export interface RelationItem {
  readonly name: string;
  /** Its SQL, which may hold Superset's own Jinja; absent for what the table or query has by itself. */
  readonly expression?: string;
  /** What people see in its place; absent where that is the name. */
  readonly title?: string;
  readonly description?: string;
  /** Of a column: as the template says, or absent. */
  readonly type?: string;
  /** A column of times, which may be cut to days, weeks, … */
  readonly temporal?: true;
  readonly path: TemplatePath;
}

/** The table or query of a database that an asset stands for. */
export interface Relation {
  /** Uuid of the database. */
  readonly database: string;
  /** Undefined: the one the database's user finds first. */
  readonly schema: string | undefined;
  /** A table or view; or a query, which may hold Superset's own Jinja. */
  readonly source: { readonly table: string; readonly path: TemplatePath } | { readonly query: string; readonly path: TemplatePath };
  /** Variables of that Jinja. */
  readonly parameters: JsonObject;
  readonly columns: readonly RelationItem[];
  readonly metrics: readonly RelationItem[];
  /** Conditions it adds by itself. */
  readonly conditions: readonly SqlPiece[];
}

/** A column or saved metric that an asset names. `either`: a filter on the aggregated result may name a metric. */
export interface UsedName {
  readonly kind: "column" | "metric" | "either";
  readonly name: string;
  readonly path: TemplatePath;
  /** `warning`: a left-over that costs nothing. */
  readonly severity: "error" | "warning";
}

/** A function over a column that an asset names. */
export interface ColumnFunction {
  /** SQL with `$` in the column's place: `SUM($)`. */
  readonly name: string;
  readonly column: string;
  readonly label: string;
  readonly path: TemplatePath;
  /** Only asked for where the column is one of times. */
  readonly temporal?: true;
}

/** What an asset asks of another one's relation. */
export interface RelationUse {
  /** Uuid of the asset that has the relation. */
  readonly relation: string;
  readonly names: readonly UsedName[];
  readonly expressions: readonly SqlPiece[];
  readonly functions: readonly ColumnFunction[];
}

/** Where a database is, as far as its address says. */
export interface DatabaseAddress {
  /** SQLAlchemy's name: `postgresql`. */
  readonly dialect: string;
  /** SQLAlchemy's name: `psycopg2`; undefined: the dialect's own choice. */
  readonly driver: string | undefined;
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly database: string | undefined;
  readonly username: string | undefined;
}

/** Canonical form and its inverse: a table of rules per kind (`rules.ts`). Pure. */
export interface KindRules {
  /** The canonical form of an export document (live, or made from a template). Idempotent on its own output. */
  canonical(document: ExportDocument, context: CanonicalContext): Canonical;
  /**
   * The complete export document: every key Superset knows is emitted (null to clear), ids made up consistently. `live`: what Superset
   * holds now; keys that are not the asset's own and should stay as they are there may then be left out.
   */
  wire(canonical: Canonical, context: WireContext, live?: Canonical): ExportDocument;
  /** `live` without what is noise only next to `reference` (a dataset's unlisted physical columns with default settings). */
  relevant(live: Canonical, reference: Canonical): Canonical;
  /** What to write so that Git's version is in force and nothing Git does not speak of is lost (a dataset's unlisted physical columns). */
  merge(desired: Canonical, live: Canonical | undefined): Canonical;
}

/** One kind of asset: what its folder's `index.ts` gives. */
export interface Kind {
  /** Singular, lower case: in messages, and part of the identity's UUIDv5 (persisted: never change it). */
  readonly name: string;
  /** Folder below `assets/` and in a bundle. */
  readonly plural: string;
  /** Last part of the Pulumi type token (persisted: never change it). */
  readonly resourceType: string;
  /** Field people know the asset by (`slice_name`). */
  readonly nameField: string;
  /** A page people open: reports group what it needs under it, and one page can be exported with all it needs. */
  readonly page?: true;
  /** Kinds whose assets must exist before this one's. */
  readonly after: readonly string[];
  /** Strict schema of the authoring form after rendering (short and full form). */
  readonly template: z.ZodType;
  /** Authoring form → export form. Pure. */
  expand(template: JsonObject, uuid: string, context: ExpandContext): ExportDocument;
  /**
   * Export form → authoring form, the inverse of `expand`: what a person would write, with names in place of uuids and without what has
   * its default. The document may be a canonical form. Its expansion has the canonical form of `document`, without what was noted. Pure.
   */
  author(document: ExportDocument, context: AuthorContext): JsonObject;
  /** What stands in the fields of the authoring form. */
  readonly texts: readonly TextField[];
  /**
   * A template near `written` that says what `after` says, where `written` says what `before` does: what did not change stays as it is written.
   * It may fall short of that: callers compare. Default: `transplant`.
   */
  rewrite?(written: JsonObject, before: Canonical, after: Canonical, context: RewriteContext): JsonObject;
  /** Other names it can be referred to by than key, uuid and `nameField` (`schema.table`). */
  names?(document: ExportDocument, context: Pick<ExpandContext, "document">): readonly string[];
  /** Writes an expanded document for another database, schema, table, columns or metrics (`mappings/*.yaml`). Pure. */
  retarget?(document: ExportDocument, retarget: Retarget): ExportDocument;
  /** Cross-asset checks of one expanded document (columns, metrics, charts it names). */
  check?(document: ExportDocument, context: ExpandContext): void;
  /** The table or query it stands for. Pure. */
  relation?(document: ExportDocument): Relation | undefined;
  /** What it asks of the relations of others. Pure. */
  uses?(document: ExportDocument): readonly RelationUse[];
  /** Where the database is that it stands for; undefined where its address cannot be read. Pure. */
  address?(document: ExportDocument): DatabaseAddress | undefined;
  /** What a list of assets says of it besides its name: `["visualisation", "table"]`. Nothing that differs between servers. Pure. */
  facts?(document: ExportDocument): readonly (readonly [label: string, text: string])[];
  readonly rules: KindRules;
  /** Natural key Superset holds unique, readable (`table public.orders of database 6f…`); undefined where names may repeat. */
  naturalKey(document: ExportDocument): string | undefined;
  /** Uuids of assets this one needs, by kind name. */
  references(document: ExportDocument): readonly { readonly kind: string; readonly uuid: string }[];
  /** Path in a bundle without extension, below `plural` (Superset's export layout). Unique per uuid within a bundle: the compiler adds a suffix on a clash. */
  bundlePath(document: ExportDocument, context: Pick<ExpandContext, "document">): string;
  /** Whether Superset can complete a newly created asset of this form from its source (a physical dataset's other columns). */
  completedFromSource?(form: Canonical): boolean;
  /** Fields that `splitSecrets` reads and changes. */
  readonly secretFields?: readonly string[];
  /** Takes the secrets out: the document with masks, and the secrets by name. */
  splitSecrets?(document: ExportDocument): { readonly document: ExportDocument; readonly secrets: Secrets };
  /** Puts the secrets back, for the write to Superset. */
  joinSecrets?(document: ExportDocument, secrets: Secrets): ExportDocument;
}
