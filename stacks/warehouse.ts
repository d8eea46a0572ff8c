/**
 * The warehouse itself, through @pulumi/postgresql: database, schemas, the read-only role of the BI tool and its grants. Only where
 * `warehouse:provision` is on; the administrator's connection is that package's own configuration (`postgresql:host`, `postgresql:username`, …).
 */
import * as pulumi from "../provider/sdk";
import type * as Postgresql from "@pulumi/postgresql";

/** Configuration of the namespace `warehouse`. */
interface WarehouseConfig {
  readonly database: string;
  /** Role that owns the database and runs the migrations. Exists already. */
  readonly owner: string;
  readonly schemas: readonly string[];
  /** Name of the read-only role. */
  readonly reader: string;
  readonly readerPassword: pulumi.Output<string>;
}

function readConfig(environment: string): WarehouseConfig | undefined {
  const config = new pulumi.Config("warehouse");
  if (config.getBoolean("provision") !== true) {
    return undefined;
  }
  return {
    database: config.get("database") ?? `warehouse_${environment}`,
    owner: config.require("owner"),
    schemas: config.getObject<string[]>("schemas") ?? ["public"],
    reader: config.get("reader") ?? "bi_reader",
    readerPassword: config.requireSecret("readerPassword"),
  };
}

/**
 * Declares the warehouse; nothing where provisioning is off (then the package's plugin is never asked for).
 * The database and its schemas are kept when the stack is destroyed: destroying a stack never drops data.
 */
export function declareWarehouse(environment: string, after: pulumi.Resource): pulumi.Resource[] {
  const config = readConfig(environment);
  if (config === undefined) {
    return [];
  }
  // Loaded here, because the package takes a second to load and most stacks do without it.
  const postgresql = require("@pulumi/postgresql") as typeof Postgresql;
  const kept = { protect: true, retainOnDelete: true };
  const database = new postgresql.Database("warehouse", { name: config.database, owner: config.owner }, { dependsOn: [after], ...kept });
  const reader = new postgresql.Role("bi-reader", { name: config.reader, login: true, password: config.readerPassword }, { dependsOn: [after] });
  const connect = new postgresql.Grant("bi-connect", {
    database: database.name,
    role: reader.name,
    objectType: "database",
    privileges: ["CONNECT"],
  });
  const schemas = config.schemas.flatMap((name) => {
    const schema = new postgresql.Schema(`schema-${name}`, { name, database: database.name, owner: config.owner, ifNotExists: true }, kept);
    const place = { database: database.name, schema: schema.name, role: reader.name };
    return [
      schema,
      new postgresql.Grant(`bi-usage-${name}`, { ...place, objectType: "schema", privileges: ["USAGE"] }),
      new postgresql.Grant(`bi-select-${name}`, { ...place, objectType: "table", privileges: ["SELECT"] }),
      new postgresql.DefaultPrivileges(`bi-default-${name}`, { ...place, owner: config.owner, objectType: "table", privileges: ["SELECT"] }),
    ];
  });
  return [database, reader, connect, ...schemas];
}
