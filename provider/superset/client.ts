import { AuthError, ConnectionError, SupersetError, UserError } from "../errors";
import { isObject, type Json, type JsonObject } from "../json";
import { bodyOf, notSuperset, redacted } from "./answer";
import { Session } from "./auth";
import type { Connection } from "./connection";
import { Http, type HttpRequest, type HttpResponse } from "./http";
import type { RetryPolicy } from "./retry";
import { risonQuery } from "./rison";
import { readZip } from "./zip";

/** One condition of a list call (Flask-AppBuilder's `col`, `opr`, `value`). */
interface Filter {
  readonly col: string;
  readonly opr: "eq" | "in" | "gt" | "sw" | "rel_o_m" | "rel_m_m";
  readonly value: Json;
}

interface ListQuery {
  readonly columns: readonly string[];
  readonly filters?: readonly Filter[];
  readonly orderColumn?: string;
  readonly orderDirection?: "asc" | "desc";
}

/** One page of a list call; `page_size` is bounded to 100 by the server (FAB_API_MAX_PAGE_SIZE). */
interface Page {
  readonly count: number;
  readonly rows: readonly JsonObject[];
}

const PAGE_SIZE = 100;
/** gunicorn refuses request lines of over 4,094 bytes; some are needed for method, path and protocol. */
export const MAX_QUERY_BYTES = 3_600;
const LISTING_ATTEMPTS = 4;

/** Superset's API in the few shapes the gateway needs. */
export class Client {
  readonly http: Http;
  readonly #session: Session;
  readonly #unavailable = new Set<string>();
  readonly #lanes = new Map<string, Promise<unknown>>();
  #clockOffset = 0;

  constructor(connection: Connection, readonly log: (message: string) => void, retry?: Partial<RetryPolicy>) {
    this.http = new Http(connection.url, { ...connection, ...(retry === undefined ? {} : { retry }) }, (message) => log(this.http.redactor.redact(message)));
    this.#session = new Session(this.http, connection);
  }

  /** The answer whatever its status; only a missing login or permission throws. */
  async send(request: HttpRequest): Promise<HttpResponse> {
    const response = await this.#explained(() => this.#session.send(request));
    const date = Date.parse(response.headers["date"] ?? "");
    if (!Number.isNaN(date)) {
      this.#clockOffset = date - Date.now();
    }
    return response;
  }

  /** The answer to somebody who is not logged in, whatever its status. */
  plain(request: HttpRequest): Promise<HttpResponse> {
    return this.#explained(() => this.http.send(request));
  }

  async #explained<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw error instanceof UserError ? await this.#session.explained(error) : error;
    }
  }

  /** A moment of ours on the server's clock, exact to about a second. */
  serverClock(milliseconds: number): number {
    return milliseconds + this.#clockOffset;
  }

  /** The decoded JSON object of a successful answer. */
  async json(request: HttpRequest): Promise<JsonObject> {
    const response = await this.#ok(request);
    const body = bodyOf(response);
    if (body === undefined) {
      throw await this.#notSuperset(request, response);
    }
    return body;
  }

  /** The YAML files of an export by path below the root folder. */
  async zip(request: HttpRequest): Promise<Map<string, Uint8Array>> {
    const response = await this.#ok(request);
    if (bodyOf(response) !== undefined || /html/.test(response.headers["content-type"] ?? "")) {
      throw await this.#notSuperset(request, response);
    }
    return readZip(response.body);
  }

  /** `page`: 0-based. @throws SupersetError where the answer is no list */
  async page(endpoint: string, query: ListQuery, page: number): Promise<Page> {
    const body = await this.json({ method: "GET", path: `/api/v1/${endpoint}/`, query: listQuery(query, page) });
    const { count, result } = body;
    if (typeof count !== "number" || !Array.isArray(result)) {
      throw new SupersetError(`GET /api/v1/${endpoint}/ on ${this.http.url} did not answer with a list.`);
    }
    return { count, rows: result.filter(isObject) };
  }

  /**
   * First page of a list that not every account or server offers; undefined where it is not to be had, which is asked, and said, only once.
   * `without`: what is not done then, for the warning.
   */
  async optionalPage(endpoint: string, query: ListQuery, without: string): Promise<readonly JsonObject[] | undefined> {
    if (this.#unavailable.has(endpoint)) {
      return undefined;
    }
    try {
      return (await this.#alone(endpoint, () => this.page(endpoint, query, 0))).rows;
    } catch (error) {
      // An endpoint that is switched off answers as what is no Superset: a ConnectionError.
      if (!(error instanceof AuthError || error instanceof SupersetError || error instanceof ConnectionError)) {
        throw error;
      }
      if (!this.#unavailable.has(endpoint)) {
        this.#unavailable.add(endpoint);
        this.log(`warning: ${without}: ${error.message}`);
      }
      return undefined;
    }
  }

  /**
   * All rows of a list. Superset pages by offset, so a row changed meanwhile moves between pages: a listing with repeated or missing
   * rows is read again. A row can still be missing (see listIn): whoever relies on absence asks again.
   */
  list(endpoint: string, query: ListQuery): Promise<readonly JsonObject[]> {
    return this.#alone(endpoint, () => this.#list(endpoint, query));
  }

  /**
   * All rows whose column has one of the values, in as many requests as the length of a URL demands; `columns` must name the column.
   *
   * Flask-AppBuilder keeps the filters of a list call in an object that all threads of a server process share (api/__init__.py
   * _handle_filters_args), so two list calls at once can answer with each other's rows: rows not asked for are dropped, values without any row are
   * asked for a second time, and our own calls to one list go one after the other.
   */
  async listIn(endpoint: string, query: ListQuery, col: string, values: readonly (string | number)[]): Promise<readonly JsonObject[]> {
    const wanted = new Set(values);
    const first = await this.#listIn(endpoint, query, col, wanted);
    const found = new Set(first.map((row) => row[col]));
    const missing = new Set([...wanted].filter((value) => !found.has(value)));
    return missing.size === 0 ? first : [...first, ...(await this.#listIn(endpoint, query, col, missing))];
  }

  async #listIn(endpoint: string, query: ListQuery, col: string, values: ReadonlySet<unknown>): Promise<readonly JsonObject[]> {
    const pages = chunks([...values] as readonly (string | number)[], (chunk) => chunk.length <= PAGE_SIZE && listQuery(withIn(query, col, chunk), 0).length <= MAX_QUERY_BYTES);
    const rows = await Promise.all(pages.map((chunk) => this.list(endpoint, withIn(query, col, chunk))));
    return rows.flat().filter((row) => values.has(row[col]));
  }

  async #list(endpoint: string, query: ListQuery): Promise<readonly JsonObject[]> {
    for (let attempt = 1; ; attempt++) {
      const first = await this.page(endpoint, query, 0);
      const pages = first.rows.length === 0 || first.rows.length >= first.count ? 1 : Math.ceil(first.count / first.rows.length);
      const others = await Promise.all(Array.from({ length: pages - 1 }, (_, index) => this.page(endpoint, query, index + 1)));
      const rows = new Map([first, ...others].flatMap((page) => page.rows).map((row) => [row["id"], row]));
      if (rows.size === first.count && others.every((page) => page.count === first.count)) {
        return [...rows.values()];
      }
      if (attempt === LISTING_ATTEMPTS) {
        throw new SupersetError(
          `GET /api/v1/${endpoint}/ on ${this.http.url} lists ${rows.size} of ${first.count} rows, ${LISTING_ATTEMPTS} times: it is being changed all the time. Run the command again when less is going on.`,
        );
      }
    }
  }

  /** Calls to one list in the order they come, one at a time. */
  #alone<T>(endpoint: string, call: () => Promise<T>): Promise<T> {
    const result = (this.#lanes.get(endpoint) ?? Promise.resolve()).then(call);
    this.#lanes.set(endpoint, result.catch(() => undefined));
    return result;
  }

  /** Our own error for an unexpected answer: status, method, path and the server's words, without secrets. */
  failure(request: Pick<HttpRequest, "method" | "path">, response: HttpResponse): SupersetError {
    return new SupersetError(`${request.method} ${request.path} on Superset at ${this.http.url} failed with ${redacted(this.http, response)}`, { status: response.status });
  }

  #notSuperset(request: HttpRequest, response: HttpResponse): Promise<UserError> {
    return this.#session.explained(notSuperset(this.http, request, response));
  }

  async #ok(request: HttpRequest): Promise<HttpResponse> {
    const response = await this.send(request);
    if (response.status < 200 || response.status > 299) {
      throw bodyOf(response) === undefined && response.status === 404 ? await this.#notSuperset(request, response) : this.failure(request, response);
    }
    return response;
  }
}

function withIn(query: ListQuery, col: string, values: readonly (string | number)[]): ListQuery {
  return { ...query, filters: [...(query.filters ?? []), { col, opr: "in", value: values }] };
}

function listQuery(query: ListQuery, page: number): string {
  return risonQuery({
    columns: query.columns,
    ...(query.filters === undefined ? {} : { filters: query.filters.map(({ col, opr, value }) => ({ col, opr, value })) }),
    ...(query.orderColumn === undefined ? {} : { order_column: query.orderColumn, order_direction: query.orderDirection ?? "desc" }),
    page,
    page_size: PAGE_SIZE,
  });
}

/** The items in runs as long as `fits` allows; a single item is always taken. */
export function chunks<T>(items: readonly T[], fits: (chunk: readonly T[]) => boolean): readonly (readonly T[])[] {
  const result: T[][] = [];
  let current: T[] = [];
  for (const item of items) {
    if (current.length > 0 && !fits([...current, item])) {
      result.push(current);
      current = [];
    }
    current.push(item);
  }
  return current.length === 0 ? result : [...result, current];
}
