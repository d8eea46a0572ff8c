/** Questions about what a Superset can do, for reports. Nothing is changed by them. */
import { SupersetError } from "../errors";
import { isObject, type Json } from "../json";
import type { Client } from "./client";
import { risonQuery } from "./rison";

export class Inspection {
  constructor(private readonly client: Client) {}

  /** Installed drivers by SQLAlchemy's name of the dialect. */
  async drivers(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const { databases } = await this.client.json({ method: "GET", path: "/api/v1/database/available/" });
    const entries = (Array.isArray(databases) ? (databases as readonly Json[]) : []).filter(isObject);
    const found = new Map<string, Set<string>>();
    for (const { engine, available_drivers: drivers } of entries) {
      const known = found.get(String(engine)) ?? new Set();
      found.set(String(engine), known);
      (Array.isArray(drivers) ? (drivers as readonly Json[]) : []).forEach((driver) => known.add(String(driver)));
    }
    return found;
  }

  /**
   * Tables and views of a schema, as the connection of that database sees them now.
   * @param id of the database, a number
   * @throws SupersetError where its server does not answer
   */
  async tables(id: number, schema: string): Promise<ReadonlySet<string>> {
    const { result } = await this.client.json({ method: "GET", path: `/api/v1/database/${id}/tables/`, query: risonQuery({ schema_name: schema, force: true }) });
    if (!Array.isArray(result)) {
      throw new SupersetError(`GET /api/v1/database/${id}/tables/ on ${this.client.http.url} did not answer with a list.`);
    }
    return new Set((result as readonly Json[]).filter(isObject).map(({ value }) => String(value)));
  }

  /**
   * The SQL of a virtual dataset as Superset renders it now, with nothing filtered.
   * @param id of the dataset, a number
   * @throws SupersetError where it cannot be rendered
   */
  async renderedSql(id: number): Promise<string | undefined> {
    const { result } = await this.client.json({ method: "GET", path: `/api/v1/dataset/${id}`, query: "include_rendered_sql=true" });
    const rendered = isObject(result) ? result["rendered_sql"] : undefined;
    return typeof rendered === "string" ? rendered : undefined;
  }
}
