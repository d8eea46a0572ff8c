/** The Pulumi classes of the asset kinds, and of the resources around them. */
import * as pulumi from "./sdk";
import { packForNow, stableText } from "./canonical";
import type { DeclaredAsset } from "./gate";
import { assetUuid } from "./identity";
import { isObject, type Json, type JsonObject } from "./json";
import { kindNamed } from "./kinds/registry";
import type { Kind, Secrets } from "./kinds/define";
import { providerText, TYPE_PREFIX } from "./text";

/** What every asset takes besides its own fields. */
export interface AssetArgs {
  /** Identity in Superset. Default: UUIDv5 of project, kind and the resource's name. Lower case, with dashes. */
  readonly uuid?: pulumi.Input<string>;
}

abstract class SupersetResource extends pulumi.CustomResource {
  constructor(kind: string, type: string, name: string, props: pulumi.Inputs, opts: pulumi.CustomResourceOptions | undefined) {
    super(TYPE_PREFIX + type, name, { ...props, environment: pulumi.getStack(), __provider: providerText(kind) }, opts);
  }
}

/** An asset of Superset. */
abstract class Asset extends SupersetResource {
  /** Identity in Superset: use it as `dataset_uuid`, `database_uuid` of others. */
  declare readonly uuid: pulumi.Output<string>;
  /** Hash of the form Superset held after the last apply or refresh. */
  declare readonly hash: pulumi.Output<string>;

  constructor(kind: Kind, name: string, props: pulumi.Inputs, opts: pulumi.CustomResourceOptions | undefined) {
    super(kind.name, kind.resourceType, name, { uuid: undefined, hash: undefined, ...props }, opts);
  }
}

/** An asset that a program declares field by field. */
abstract class WrittenAsset extends Asset {
  constructor(kindName: string, name: string, args: pulumi.Inputs & AssetArgs, opts?: pulumi.CustomResourceOptions) {
    const kind = kindNamed(kindName);
    const { uuid = assetUuid(pulumi.getProject(), kind.name, name, ownIdentity() ? pulumi.getStack() : undefined), ...fields } = args;
    // `applied` holds the whole form: what is secret in the inputs must not be readable there.
    const additionalSecretOutputs = [...(opts?.additionalSecretOutputs ?? []), "applied"];
    super(kind, name, { ...withSecretsApart(kind, fields), uuid }, { ...opts, additionalSecretOutputs });
  }
}

/** Whether each environment has uuids of its own, because several share one Superset. */
function ownIdentity(): boolean {
  const identity = new pulumi.Config("superset").get("identity") ?? "shared";
  if (identity !== "shared" && identity !== "per-environment") {
    throw new pulumi.RunError(`'superset:identity' must be 'shared' or 'per-environment', not '${identity}'`);
  }
  return identity === "per-environment";
}

/** Secrets that a kind knows go into one input that the engine encrypts. What the program has marked as secret itself stays so, unless it is masked. */
function withSecretsApart(kind: Kind, args: pulumi.Inputs): pulumi.Inputs {
  const { splitSecrets, secretFields = [] } = kind;
  const fields = Object.fromEntries(Object.entries(args).filter(([key]) => splitSecrets === undefined || !secretFields.includes(key)).map(([key, value]) => [key, marked(value)]));
  if (splitSecrets === undefined) {
    return fields;
  }
  const given = Object.fromEntries(Object.entries(args).filter(([key]) => secretFields.includes(key)));
  const parts = pulumi.output(given).apply((before) => ({ before: before as JsonObject, ...splitSecrets(before as JsonObject) }));
  const known = resolved(parts);
  for (const key of Object.keys(given)) {
    const value = parts.apply(({ document }) => document[key]);
    fields[key] = known.then(async (done) =>
      done === undefined || (await staysMarked(given[key], done.before[key], done.document[key])) ? value : pulumi.unsecret(value));
  }
  return { ...fields, secrets: pulumi.secret(parts.apply(({ secrets }) => secrets)) };
}

/**
 * The value, secret as a whole where a part of it is: `check` gives another shape to what is nested, and the engine finds a mark again
 * only in the place where it was.
 */
function marked(value: unknown): unknown {
  return typeof value === "object" && value !== null ? pulumi.isSecret(pulumi.output(value)).then((secret) => (secret ? pulumi.output(value) : value)) : value;
}

/** Whether the program has marked as secret what is still to be read `after` its secrets were masked. A text that was masked holds no other secret. */
async function staysMarked(given: unknown, before: Json | undefined, after: Json | undefined): Promise<boolean> {
  if (after === undefined) {
    return false;
  }
  const isSecret = pulumi.isSecret(pulumi.output(given));
  if (before !== undefined && stableText(before) === stableText(after)) {
    return isSecret;
  }
  if (!isObject(before) || !isObject(after)) {
    return false;
  }
  // A mapping that is an output as a whole does not tell which of its members were marked.
  const isPlain = typeof given === "object" && given !== null && Object.getPrototypeOf(given) === Object.prototype;
  const members = isPlain ? Object.entries(given).map(([key, member]) => staysMarked(member, before[key], after[key])) : [isSecret];
  return (await Promise.all(members)).includes(true);
}

/** The value, where it is known before an apply. An output's own promise, which the SDK keeps for itself: `apply` would not answer where it is not. */
function resolved<T>(output: pulumi.Output<T>): Promise<T | undefined> {
  return (output as unknown as { promise(): Promise<T | undefined> }).promise();
}

/** Arguments of `Database`, by Superset's names. */
export interface DatabaseArgs extends AssetArgs {
  readonly database_name: pulumi.Input<string>;
  /** SQLAlchemy address. Its password is stored encrypted by Pulumi and by Superset, and shown nowhere. */
  readonly sqlalchemy_uri: pulumi.Input<string>;
  /** The password, where it is not part of the address; kept as that is. */
  readonly password?: pulumi.Input<string>;
  /** Driver settings that hold credentials, as `{credentials_info: …}` or `{connect_args: …}`. Stored encrypted, as the password. */
  readonly encrypted_extra?: pulumi.Input<pulumi.Inputs | string>;
  /** `server_address`, `server_port`, `username`, and `password` or `private_key` and `private_key_password`: those are stored encrypted. */
  readonly ssh_tunnel?: pulumi.Input<pulumi.Inputs>;
  /** Seconds; null: Superset's default. */
  readonly cache_timeout?: pulumi.Input<number | null>;
  readonly expose_in_sqllab?: pulumi.Input<boolean>;
  readonly allow_run_async?: pulumi.Input<boolean>;
  readonly allow_ctas?: pulumi.Input<boolean>;
  readonly allow_cvas?: pulumi.Input<boolean>;
  readonly allow_dml?: pulumi.Input<boolean>;
  readonly allow_csv_upload?: pulumi.Input<boolean>;
  readonly impersonate_user?: pulumi.Input<boolean>;
  /** The form of Superset's dialog. */
  readonly configuration_method?: pulumi.Input<"sqlalchemy_form" | "dynamic_form">;
  /** As in Superset's export. Superset does not encrypt it: credentials in it are refused. */
  readonly extra?: pulumi.Input<pulumi.Inputs>;
}

/** A database connection of Superset. */
export class Database extends WrittenAsset {
  constructor(name: string, args: DatabaseArgs, opts?: pulumi.CustomResourceOptions) {
    super("database", name, { ...args }, opts);
  }
}

/** Arguments of `Dataset`, by Superset's names. */
export interface DatasetArgs extends AssetArgs {
  readonly table_name: pulumi.Input<string>;
  readonly database_uuid: pulumi.Input<string>;
  readonly schema?: pulumi.Input<string | null>;
  readonly catalog?: pulumi.Input<string | null>;
  /** SQL of a virtual dataset; absent: the table. */
  readonly sql?: pulumi.Input<string | null>;
  readonly main_dttm_col?: pulumi.Input<string | null>;
  readonly description?: pulumi.Input<string | null>;
  /** Seconds; null: the database's. */
  readonly cache_timeout?: pulumi.Input<number | null>;
  /** As in Superset's export. What a physical dataset does not list is left alone. */
  readonly columns?: pulumi.Input<pulumi.Input<pulumi.Inputs>[]>;
  /** As in Superset's export. */
  readonly metrics?: pulumi.Input<pulumi.Input<pulumi.Inputs>[]>;
  readonly [field: string]: pulumi.Input<unknown>;
}

/** A table or a query that charts read. */
export class Dataset extends WrittenAsset {
  constructor(name: string, args: DatasetArgs, opts?: pulumi.CustomResourceOptions) {
    super("dataset", name, { ...args }, opts);
  }
}

/** Arguments of `Chart`, by Superset's names. */
export interface ChartArgs extends AssetArgs {
  readonly slice_name: pulumi.Input<string>;
  readonly viz_type: pulumi.Input<string>;
  readonly dataset_uuid: pulumi.Input<string>;
  /** The form data of Explore. */
  readonly params?: pulumi.Input<pulumi.Inputs>;
  readonly description?: pulumi.Input<string | null>;
  readonly certified_by?: pulumi.Input<string | null>;
  readonly certification_details?: pulumi.Input<string | null>;
  /** Seconds; null: the dataset's. */
  readonly cache_timeout?: pulumi.Input<number | null>;
}

/** A chart. */
export class Chart extends WrittenAsset {
  constructor(name: string, args: ChartArgs, opts?: pulumi.CustomResourceOptions) {
    super("chart", name, { ...args }, opts);
  }
}

/** Arguments of `Dashboard`, by Superset's names. */
export interface DashboardArgs extends AssetArgs {
  readonly dashboard_title: pulumi.Input<string>;
  readonly slug?: pulumi.Input<string | null>;
  /** Where the charts are, as in templates, with their uuids: `[[a.uuid, b.uuid], {markdown: "…"}]`. Instead of `position`. */
  readonly layout?: pulumi.Input<pulumi.Input<unknown>[] | pulumi.Inputs>;
  /** The tree as in Superset's export: charts by uuid. */
  readonly position?: pulumi.Input<pulumi.Inputs>;
  /** As in Superset's export: the datasets of native filters by uuid. */
  readonly metadata?: pulumi.Input<pulumi.Inputs>;
  readonly css?: pulumi.Input<string | null>;
  readonly description?: pulumi.Input<string | null>;
  readonly published?: pulumi.Input<boolean>;
  readonly certified_by?: pulumi.Input<string | null>;
  readonly certification_details?: pulumi.Input<string | null>;
}

/** A dashboard. */
export class Dashboard extends WrittenAsset {
  constructor(name: string, args: DashboardArgs, opts?: pulumi.CustomResourceOptions) {
    super("dashboard", name, { ...args }, opts);
  }
}

/** What the stack program knows of an asset of any kind. */
interface CompiledAssetArgs {
  /** Canonical form. */
  readonly form: JsonObject;
  /** Template it comes from, for messages. */
  readonly source: string;
  readonly secrets?: pulumi.Input<Secrets> | undefined;
}

/**
 * An asset that the stack program has made from a template. Form and source go to the provider as one text, and `check` makes the
 * inputs of it: the SDK makes some twenty promises for every property of a resource.
 */
export class CompiledAsset extends Asset {
  constructor(kindName: string, name: string, { form, source, secrets }: CompiledAssetArgs, opts?: pulumi.CustomResourceOptions) {
    const props = { compiled: JSON.stringify({ form, source }), ...(secrets === undefined ? {} : { secrets: pulumi.secret(secrets) }) };
    super(kindNamed(kindName), name, props, opts);
  }
}

/** Arguments of `Workspace`: what the gate compares before anything is written. */
interface WorkspaceArgs {
  /** By uuid. Used in this run, not stored. */
  readonly assets: Readonly<Record<string, DeclaredAsset>>;
}

/** The gate of a stack: refuses a run that would overwrite edits made in Superset, where the environment's policy is strict. */
export class Workspace extends SupersetResource {
  constructor(name: string, args: WorkspaceArgs, opts?: pulumi.CustomResourceOptions) {
    super("workspace", "Workspace", name, { assets: packForNow(args.assets as unknown as Json), dryRun: pulumi.isDryRun() }, opts);
  }
}

/** Arguments of `Migrations`. */
export interface MigrationsArgs {
  /** Folder of migrations, from the project's root. dbmate's, Flyway's or plain SQL layout. */
  readonly directory: pulumi.Input<string>;
  /** Folder of seeds, from the project's root. */
  readonly seedDirectory?: pulumi.Input<string>;
  /** Run a pending migration whose version is lower than an applied one. Default: that is an error. */
  readonly allowOutOfOrder?: pulumi.Input<boolean>;
  /** PostgreSQL interval text. */
  readonly lockTimeout?: pulumi.Input<string>;
  /** PostgreSQL interval text. */
  readonly statementTimeout?: pulumi.Input<string>;
  /** What a schema that was changed by hand means: reported (`warn`, the default), or nothing is migrated (`fail`). */
  readonly onDrift?: pulumi.Input<"warn" | "fail">;
  /** Objects other tools make in the same database, as `staging.*`: never drift. */
  readonly ignoreDrift?: pulumi.Input<pulumi.Input<string>[]>;
}

/** The SQL migrations (and seeds) of the warehouse. Destroying it drops nothing. */
export class Migrations extends SupersetResource {
  /** Version of the last applied migration, or null. */
  declare readonly version: pulumi.Output<string | null>;

  constructor(name: string, args: MigrationsArgs, opts?: pulumi.CustomResourceOptions) {
    super("migrations", "Migrations", name, { ...args, version: undefined }, opts);
  }
}

/** Arguments of `Deployment`. */
export interface DeploymentArgs {
  readonly git_sha: pulumi.Input<string>;
  /** SHA-256, hex. */
  readonly bundle_hash: pulumi.Input<string>;
  /** The highest applied one. */
  readonly migration_version: pulumi.Input<string | null>;
  readonly deployed_by: pulumi.Input<string>;
}

/** A row of `meta.deployments`: what is deployed, since when, by whom. */
export class Deployment extends SupersetResource {
  constructor(name: string, args: DeploymentArgs, opts?: pulumi.CustomResourceOptions) {
    super("deployment", "Deployment", name, { ...args }, opts);
  }
}

