/** What PostgreSQL's planner says of queries: names, types and syntax are checked, nothing is run. */
import { DatabaseError, type Client, type QueryConfig } from "pg";
import { isConnectionLost } from "./connection";

/** A query to be planned. */
export interface PlannedQuery {
  readonly sql: string;
  /** Where unqualified names are looked up, as `SET search_path` takes it. */
  readonly searchPath: string;
}

/** Why a query cannot be planned. */
export interface PlanFailure {
  /** SQLSTATE. */
  readonly code: string;
  readonly message: string;
}

/** The planner runs constant expressions: a function in one must not run for ever. In milliseconds. */
const TIMEOUT = 10_000;

/** Plans queries one after the other on one connection, which can then write nothing. */
export class Planner {
  #path: string | undefined;

  private constructor(private readonly client: Client) {}

  /** A planner on a connection that is used for nothing else. */
  static async on(client: Client): Promise<Planner> {
    await client.query(`set default_transaction_read_only = on; set statement_timeout = ${TIMEOUT}; set jit = off`);
    return new Planner(client);
  }

  /** Undefined: it can be planned. @throws what the connection throws */
  async failure({ sql, searchPath }: PlannedQuery): Promise<PlanFailure | undefined> {
    if (searchPath !== this.#path) {
      await this.client.query(`set search_path = ${searchPath}`);
      this.#path = searchPath;
    }
    try {
      // The extended protocol takes one statement: what is written behind a semicolon is refused, not run.
      await this.client.query({ text: `explain (costs off) ${sql}`, queryMode: "extended" } as QueryConfig);
      return undefined;
    } catch (error) {
      if (!(error instanceof DatabaseError) || isConnectionLost(error)) {
        throw error;
      }
      return { code: error.code ?? "", message: error.message };
    }
  }
}
