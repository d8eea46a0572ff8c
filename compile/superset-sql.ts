/**
 * SQL with Superset's own Jinja in it, as Superset renders it when a chart is opened (superset/jinja_context.py). There is no request and
 * no user here, so that what depends on them has made-up values, in two situations: nothing is filtered, and everything is. Both
 * must be valid SQL. What cannot be known without the server is said, not guessed.
 */
import { isObject, type Json, type JsonObject } from "../provider/json";
import { TemplateFunction, TemplateMistake } from "./builtins";
import { Renderer } from "./render";

/** `open`: a dashboard that was just opened. `filtered`: every filter, the time range and every parameter of the address are set. */
export type Situation = "open" | "filtered";

/** What the SQL's own dataset lends it. */
export interface SqlContext {
  /** Variables of the dataset (`template_params`). */
  readonly parameters: JsonObject;
  /** Names of its columns. */
  readonly columns: readonly string[];
  /** SQL of its saved metrics, by name. */
  readonly metrics: ReadonlyMap<string, string>;
}

/** Rendered, or why it cannot be. */
export type RenderedSql = { readonly sql: string } | { readonly unknown: string };

/** Made-up values. Digits are a value of most types. */
const VALUE = "1";
const USER = { id: 1, name: "user", email: "user@example.com", roles: ["Gamma"] } as const;
const FROM = "2026-01-01T00:00:00";
const TO = "2026-02-01T00:00:00";

const NOT_SUPERSETS = "Superset itself has no such name; it may come from JINJA_CONTEXT_ADDONS of its configuration";

/** Jinja's names that our dialect of it spells otherwise. */
const CONSTANTS = { None: null, True: true, False: false };

/** Whether there is any Jinja in the SQL. */
export function hasJinja(sql: string): boolean {
  return /\{[{%#]/.test(sql);
}

/** The situations in which the SQL may differ. */
export function situationsOf(sql: string): readonly Situation[] {
  return hasJinja(sql) ? ["open", "filtered"] : ["open"];
}

/** Renders a piece of SQL. */
export function renderSql(sql: string, situation: Situation, context: SqlContext): RenderedSql {
  return hasJinja(sql) ? new Rendering(situation, context).render(sql) : { sql };
}

class Rendering {
  readonly #renderer: Renderer;
  #depth = 0;

  constructor(private readonly situation: Situation, private readonly context: SqlContext) {
    this.#renderer = new Renderer({
      root: "/",
      // Superset's functions come last, as there.
      variables: { ...CONSTANTS, ...this.#query(), ...context.parameters, ...this.#functions() },
      undefinedReason: () => NOT_SUPERSETS,
      unknownFunction: (name) => `${name}(): ${NOT_SUPERSETS}`,
      filters: { where_in: whereIn },
      nothing: "None",
    });
  }

  render(sql: string): RenderedSql {
    const { rendered, problems } = this.#renderer.render("sql.j2", sql);
    return rendered === undefined ? { unknown: problems.map(({ message }) => message).join("; ") } : { sql: rendered.text };
  }

  get #filtered(): boolean {
    return this.situation === "filtered";
  }

  /** What a chart's query hands over (models/helpers.py: get_sqla_query, template_kwargs). */
  #query(): Readonly<Record<string, unknown>> {
    return {
      columns: [], groupby: [], metrics: [], filter: [], row_limit: 1000, row_offset: 0, time_column: null, time_grain: null,
      table_columns: this.context.columns,
      from_dttm: this.#filtered ? FROM : null,
      to_dttm: this.#filtered ? TO : null,
    };
  }

  #functions(): Readonly<Record<string, TemplateFunction>> {
    const filters = (column: unknown): readonly Json[] => (this.#filtered ? [{ op: "IN", col: String(column), val: [VALUE] }] : []);
    const functions: Readonly<Record<string, (get: Arguments) => unknown>> = {
      current_user_id: () => USER.id,
      current_username: () => USER.name,
      current_user_email: () => USER.email,
      current_user_roles: () => USER.roles,
      current_user_rls_rules: () => (this.#filtered ? ["1 = 1"] : null),
      cache_key_wrapper: (get) => get(0, "key") ?? null,
      url_param: (get) => get(1, "default") ?? (this.#filtered ? VALUE : null),
      filter_values: (get) => (this.#filtered ? [VALUE] : get(1, "default") === undefined || get(1, "default") === null ? [] : [get(1, "default")]),
      get_filters: (get) => filters(get(0, "column")),
      get_time_filter: (get) => this.#timeFilter(get),
      metric: (get) => this.#metric(get),
      dataset: () => {
        throw new TemplateMistake("dataset() takes the number of a dataset on one server");
      },
    };
    return Object.fromEntries(Object.entries(functions).map(([name, call]) => [
      name,
      new TemplateFunction(name, (args, named) => call((index, key) => (index < args.length ? args[index] : named.get(key)))),
    ]));
  }

  /** Superset: ExtraCache.get_time_filter; its expressions are those of the database's own dialect (postgres.py: convert_dttm). */
  #timeFilter(get: Arguments): Readonly<Record<string, unknown>> {
    const range = this.#filtered || (get(1, "default") ?? null) !== null;
    const type = String(get(2, "target_type") ?? (this.#filtered ? "TIMESTAMP" : "")).toUpperCase();
    const strftime = get(3, "strftime");
    const expression = (time: string): string | null => {
      if (!range) return null;
      if (typeof strftime === "string") return strftime.replace(/%([YmdHMS])/g, (_, part: string) => ({ Y: time.slice(0, 4), m: time.slice(5, 7), d: time.slice(8, 10), H: time.slice(11, 13), M: time.slice(14, 16), S: time.slice(17, 19) })[part] ?? "");
      if (type === "DATE") return `TO_DATE('${time.slice(0, 10)}', 'YYYY-MM-DD')`;
      return /^(?:TIMESTAMP|DATETIME)/.test(type) ? `TO_TIMESTAMP('${time.replace("T", " ")}.000000', 'YYYY-MM-DD HH24:MI:SS.US')` : null;
    };
    return { from_expr: expression(FROM), to_expr: expression(TO), time_range: range ? `${FROM} : ${TO}` : "No filter" };
  }

  #metric(get: Arguments): string {
    const name = String(get(0, "metric_key"));
    if ((get(1, "dataset_id") ?? null) !== null) {
      throw new TemplateMistake(`metric('${name}', …) takes the number of a dataset on one server`);
    }
    const expression = this.context.metrics.get(name);
    if (expression === undefined) {
      throw new TemplateMistake(`metric('${name}'): the dataset has no such metric`);
    }
    this.#depth += 1;
    if (this.#depth > 20) {
      throw new TemplateMistake(`metric('${name}') leads back to itself`);
    }
    const rendered = hasJinja(expression) ? this.render(expression) : { sql: expression };
    this.#depth -= 1;
    if ("unknown" in rendered) {
      throw new TemplateMistake(rendered.unknown);
    }
    return rendered.sql;
  }
}

/** An argument by its place or its name. */
type Arguments = (index: number, name: string) => unknown;

/** Superset's filter: `('a', 1)`. */
function whereIn(values: unknown, ...rest: readonly unknown[]): string | null {
  const keywords = rest.find((value): value is JsonObject => isObject(value) && value["__keywords"] === true);
  const toNone = keywords === undefined ? rest[1] === true : keywords["default_to_none"] === true;
  const list = Array.isArray(values) ? values.map(literal) : [];
  return list.length === 0 && toNone ? null : `(${list.join(", ")})`;
}

function literal(value: unknown): string {
  return typeof value === "number" || typeof value === "boolean" ? String(value) : value === null ? "NULL" : `'${String(value).replaceAll("'", "''")}'`;
}
