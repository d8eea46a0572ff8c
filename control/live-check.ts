/**
 * What the target lacks to take a bundle and show it: names that belong to others, drivers, tables that Superset's own connections do not see,
 * rights of their logins, Jinja that this Superset renders otherwise. Nothing is changed, neither there nor in the warehouse.
 */
import type { CompiledAsset } from "../compile";
import { hasJinja, renderSql } from "../compile/superset-sql";
import { ConfigError, UserError, type Problem } from "../provider/errors";
import { kindNamed, kinds } from "../provider/kinds/registry";
import { readingRights } from "../provider/postgres/privileges";
import { migrationStatus } from "../provider/postgres/runner";
import type { LiveAsset, Snapshot } from "../provider/superset/gateway";
import { hasMigrations, warehouseOptions } from "./db/warehouse";
import type { ControlEnvironment } from "./environment";
import { bundleDatabases, type BundleDatabase } from "./impact/databases";
import { relationAssets, sqlContext, type RelationAsset } from "./lineage";

/** Something the target lacks; a warning where an apply may bring it, or may do without it. */
export interface LiveProblem extends Problem {
  readonly severity: "error" | "warning";
  readonly kind: string;
  readonly name: string;
}

/** What was found. */
export interface LiveReport {
  /** Of Superset, without credentials. */
  readonly url: string;
  /** Nothing that an apply would fail for, or that charts would. */
  readonly ok: boolean;
  readonly problems: readonly LiveProblem[];
  /** What could not be looked at, and why. */
  readonly unchecked: readonly string[];
}

/** @throws AuthError, ConnectionError, SupersetError where Superset does not answer, is too old or lets us do nothing */
export async function liveReport(environment: ControlEnvironment): Promise<LiveReport> {
  return new LiveCheck(environment).run();
}

class LiveCheck {
  readonly #problems: LiveProblem[] = [];
  readonly #unchecked: string[] = [];

  constructor(private readonly environment: ControlEnvironment) {}

  async run(): Promise<LiveReport> {
    const { compiled, workspace } = this.environment;
    // Asked first: why an account may do nothing is said best there.
    await workspace.gateway.ready();
    const snapshot = await workspace.gateway.snapshot();
    const relations = await relationAssets(compiled);
    const warehouse = await this.#warehouse();
    const databases = bundleDatabases(compiled, warehouse?.url);
    this.#names(snapshot);
    await this.#drivers(databases);
    await this.#tables(snapshot, relations, databases, warehouse);
    if (warehouse !== undefined) {
      await this.#rights(relations, databases, warehouse.url);
    }
    await this.#jinja(snapshot, relations);
    return { url: workspace.gateway.url, ok: this.#problems.every(({ severity }) => severity === "warning"), problems: this.#problems, unchecked: this.#unchecked };
  }

  #problem({ uuid, kind, name }: CompiledAsset, path: readonly (string | number)[], message: string, severity: LiveProblem["severity"] = "error"): void {
    this.#problems.push({ ...this.environment.compiled.locate(uuid, path), message: this.environment.workspace.gateway.redact(message), severity, kind, name });
  }

  /** Undefined where none is configured. */
  async #warehouse(): Promise<{ readonly url: string; readonly pending: number } | undefined> {
    try {
      const options = await warehouseOptions(this.environment);
      const status = hasMigrations(this.environment) ? await migrationStatus(options) : undefined;
      return { url: options.url, pending: (status?.plan.pending.length ?? 0) + (status?.plan.repeatables.length ?? 0) };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#unchecked.push(error instanceof ConfigError ? "rights in the warehouse: none is configured" : `the warehouse: ${error.message}`);
      return undefined;
    }
  }

  /** Superset holds some names once: an asset of that name under another uuid would be taken over, and is refused by an apply. */
  #names(snapshot: Snapshot): void {
    for (const kind of kinds) {
      const holders = new Map(snapshot.all(kind.name).map((asset) => [kind.naturalKey(asset.document), asset]));
      for (const asset of this.environment.compiled.assets.filter((one) => one.kind === kind.name)) {
        const key = kind.naturalKey(asset.document);
        const holder = key === undefined ? undefined : holders.get(key);
        if (holder !== undefined && holder.uuid !== asset.uuid) {
          const [field = ""] = (key ?? "").split(" ");
          this.#problem(asset, [asset.document[field] === undefined ? kind.nameField : field], `the ${key ?? ""} belongs to another ${kind.name} there; to take that one over, write 'uuid: ${holder.uuid}', to keep both, rename one of them`);
        }
      }
    }
  }

  async #drivers(databases: readonly BundleDatabase[]): Promise<void> {
    const installed = await this.environment.workspace.gateway.inspection.drivers();
    for (const { asset, address } of databases) {
      const drivers = address === undefined ? undefined : installed.get(address.dialect);
      if (address === undefined) {
        this.#unchecked.push(`${asset.kind} '${asset.name}': its address cannot be read without a secret`);
      } else if (drivers === undefined) {
        this.#problem(asset, ["sqlalchemy_uri"], `Superset has no driver for ${address.dialect} installed (it has ${[...installed.keys()].sort().join(", ")}); install one there`);
      } else if (address.driver !== undefined && !drivers.has(address.driver)) {
        this.#problem(asset, ["sqlalchemy_uri"], `Superset has no driver '${address.driver}' for ${address.dialect} installed; it has ${[...drivers].sort().join(", ")}`);
      }
    }
  }

  /** Tables of datasets, as the connections of the databases that are there see them. */
  async #tables(snapshot: Snapshot, relations: readonly RelationAsset[], databases: readonly BundleDatabase[], warehouse: { readonly pending: number } | undefined): Promise<void> {
    for (const { asset, warehouse: isWarehouse } of databases) {
      const live = snapshot.asset(asset.kind, asset.uuid);
      if (live === undefined) {
        this.#unchecked.push(`${asset.kind} '${asset.name}': it is not there yet, so that nothing can be asked through it`);
        continue;
      }
      const own = relations.filter(({ relation }) => relation.database === asset.uuid && "table" in relation.source);
      for (const schema of new Set(own.map(({ relation }) => relation.schema))) {
        await this.#schema(live, asset, schema, own.filter(({ relation }) => relation.schema === schema), isWarehouse === true ? (warehouse?.pending ?? 0) : 0);
      }
    }
  }

  async #schema(live: LiveAsset, database: CompiledAsset, schema: string | undefined, relations: readonly RelationAsset[], pending: number): Promise<void> {
    if (schema === undefined) {
      relations.forEach(({ asset }) => this.#unchecked.push(`${asset.kind} '${asset.name}': it names no schema, and Superset lists tables by schema`));
      return;
    }
    let tables: ReadonlySet<string>;
    try {
      tables = await this.environment.workspace.gateway.inspection.tables(live.id, schema);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#problem(database, ["sqlalchemy_uri"], `Superset's connection does not give the tables of schema '${schema}': ${error.message}`);
      return;
    }
    for (const { asset, relation } of relations) {
      const name = "table" in relation.source ? relation.source.table : "";
      if (!tables.has(name)) {
        const later = pending > 0 ? `; ${pending} pending ${pending === 1 ? "migration" : "migrations"} may make it` : "";
        this.#problem(asset, relation.source.path, `Superset's connection '${database.name}' sees no table '${schema}.${name}'${later}`, pending > 0 ? "warning" : "error");
      }
    }
  }

  /** Whether the logins of Superset's connections may read what the datasets read. */
  async #rights(relations: readonly RelationAsset[], databases: readonly BundleDatabase[], url: string): Promise<void> {
    for (const { asset, address, warehouse } of databases) {
      const role = address?.username;
      const own = relations.filter(({ relation }) => relation.database === asset.uuid);
      if (warehouse !== true || role === undefined || own.length === 0) {
        continue;
      }
      const tables = [...new Set(own.flatMap((one) => one.tables))].flatMap((name) => {
        const at = name.indexOf(".");
        return at < 0 ? [] : [{ schema: name.slice(0, at), name: name.slice(at + 1) }];
      });
      const { exists, unreadable } = await readingRights(url, role, tables);
      if (!exists) {
        this.#problem(asset, ["sqlalchemy_uri"], `the warehouse has no role '${role}'`);
      }
      for (const table of unreadable) {
        const users = own.filter((one) => one.tables.includes(table));
        users.forEach((one) => this.#problem(one.asset, one.relation.source.path, `the role '${role}' of ${asset.kind} '${asset.name}' may not read ${table}; grant it usage on the schema and select on the table`));
      }
    }
  }

  /** Virtual datasets that are there as Git wants them: their SQL, rendered by this Superset. */
  async #jinja(snapshot: Snapshot, relations: readonly RelationAsset[]): Promise<void> {
    for (const { asset, relation } of relations) {
      if (!("query" in relation.source) || !hasJinja(relation.source.query)) {
        continue;
      }
      const live = snapshot.asset(asset.kind, asset.uuid);
      const there = live === undefined ? undefined : kindNamed(asset.kind).relation?.(live.document)?.source;
      if (live === undefined || there === undefined || !("query" in there) || there.query.trim() !== relation.source.query.trim()) {
        this.#unchecked.push(`${asset.kind} '${asset.name}': the Jinja of its SQL, as the SQL is not there yet`);
        continue;
      }
      try {
        const rendered = await this.environment.workspace.gateway.inspection.renderedSql(live.id);
        const ours = renderSql(relation.source.query, "open", sqlContext(relation));
        if (rendered?.trim() === there.query.trim() && !("sql" in ours && ours.sql.trim() === there.query.trim())) {
          this.#problem(asset, relation.source.path, "this Superset does not render the Jinja of its SQL; switch on ENABLE_TEMPLATE_PROCESSING (FEATURE_FLAGS) there");
        }
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        this.#problem(asset, relation.source.path, `this Superset cannot render its SQL: ${error.message}`);
      }
    }
  }
}
