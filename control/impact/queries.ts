/**
 * What the assets of a bundle ask of the warehouse, as queries that its planner can check: each dataset, each of its columns and metrics, and
 * the SQL that charts and dashboards add. Built as Superset builds its own (models/helpers.py: get_sqla_query). Pure.
 */
import type { CompiledAsset } from "../../compile";
import { hasJinja, renderSql, situationsOf } from "../../compile/superset-sql";
import type { Relation, RelationItem, RelationUse, SqlPiece } from "../../provider/kinds/define";
import { kindNamed } from "../../provider/kinds/registry";
import { sqlContext, type RelationAsset } from "../lineage";

/** One thing that must work. */
export interface Check {
  /** The asset whose template says it. */
  readonly asset: CompiledAsset;
  /** The dataset it is about. */
  readonly relation: RelationAsset;
  /** `source`: the table or query itself, without which nothing else of the dataset works. `column`, `metric`: those of the dataset. `use`: what another asset asks. */
  readonly subject: "source" | "column" | "metric" | "condition" | "use";
  /** Of a column or metric of the dataset. */
  readonly name?: string;
  /** `column 'region'`, `filter`. */
  readonly label: string;
  readonly path: readonly (string | number)[];
  /** Where nothing is filtered, then where everything is, if that is another text. */
  readonly queries: readonly string[];
  /** Its SQL has Jinja: values in it are made up, and an error of a value says nothing. */
  readonly madeUp: boolean;
}

/** What cannot be checked, and why. */
export interface Unchecked {
  readonly asset: CompiledAsset;
  readonly label: string;
  readonly path: readonly (string | number)[];
  readonly reason: string;
}

/** All checks of a bundle. */
export interface Checks {
  readonly checks: readonly Check[];
  readonly unchecked: readonly Unchecked[];
}

/** `"Order Lines"`. */
function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** @param relations those of the warehouse; `assets`: everything of the bundle */
export function checksOf(relations: readonly RelationAsset[], assets: readonly CompiledAsset[]): Checks {
  const built = relations.map((relation) => new RelationChecks(relation));
  const byUuid = new Map(built.map((one) => [one.uuid, one]));
  for (const asset of assets) {
    for (const use of kindNamed(asset.kind).uses?.(asset.document) ?? []) {
      byUuid.get(use.relation)?.addUse(asset, use);
    }
  }
  return { checks: built.flatMap(({ checks }) => checks), unchecked: built.flatMap(({ unchecked }) => unchecked) };
}

/** The checks about one dataset. */
class RelationChecks {
  readonly checks: Check[] = [];
  readonly unchecked: Unchecked[] = [];
  readonly #columns: ReadonlyMap<string, RelationItem>;

  constructor(private readonly subject: RelationAsset) {
    const { relation, asset } = subject;
    this.#columns = new Map(relation.columns.map((column) => [column.name, column]));
    this.#add(asset, "source", "table" in relation.source ? `table ${relation.schema === undefined ? "" : `${relation.schema}.`}${relation.source.table}` : "query", relation.source.path, "select 1 from", "");
    for (const column of relation.columns) {
      this.#add(asset, "column", `column '${column.name}'`, column.path, `select ${column.expression ?? identifier(column.name)}\nfrom`, "", column.name);
    }
    for (const metric of relation.metrics) {
      this.#add(asset, "metric", `metric '${metric.name}'`, metric.path, `select ${metric.expression ?? "1"}\nfrom`, "", metric.name);
    }
    relation.conditions.forEach((piece) => this.#piece(asset, "condition", piece));
  }

  get uuid(): string {
    return this.subject.asset.uuid;
  }

  /** What another asset asks: names that the dataset does not list itself, SQL, and functions over its columns. */
  addUse(asset: CompiledAsset, use: RelationUse): void {
    const seen = new Set<string>();
    for (const { kind, name, path, severity } of use.names) {
      if (kind === "column" && severity === "error" && !this.#columns.has(name) && !seen.has(name)) {
        seen.add(name);
        this.#add(asset, "use", `column '${name}'`, path, `select ${identifier(name)}\nfrom`, "", name);
      }
    }
    use.expressions.forEach((piece) => this.#piece(asset, "use", piece));
    for (const { name, column, label, path, temporal } of use.functions) {
      const item = this.#columns.get(column);
      if (temporal !== true || item?.temporal === true) {
        this.#add(asset, "use", label, path, `select ${name.replace("$", () => (item?.expression === undefined ? identifier(column) : `(${item.expression}\n)`))}\nfrom`, "");
      }
    }
  }

  #piece(asset: CompiledAsset, subject: Check["subject"], { sql, clause, label, path }: SqlPiece): void {
    if (clause === "column" || clause === "metric") {
      this.#add(asset, subject, label, path, `select ${sql}\nfrom`, "");
    } else {
      this.#add(asset, subject, label, path, "select 1 from", `${clause} (${sql}\n)`);
    }
  }

  #add(asset: CompiledAsset, subject: Check["subject"], label: string, path: Check["path"], head: string, tail: string, name?: string): void {
    const { relation } = this.subject;
    const context = sqlContext(relation);
    const source = sourceOf(relation);
    const whole = `${head} ${source} ${tail}`;
    const queries = new Set<string>();
    for (const situation of situationsOf(whole)) {
      // Piece by piece, as Superset does: a block of Jinja cannot reach from one into the next.
      const parts = [head, source, tail].map((part) => renderSql(part, situation, context));
      const unknown = parts.flatMap((part) => ("unknown" in part ? [part.unknown] : []))[0];
      if (unknown !== undefined) {
        // Said once, of the part that has it: what is built on it is not checked either.
        if (subject === "source" || !("unknown" in renderSql(source, situation, context))) {
          const more = subject === "source" ? "; so what is built on it is not checked either" : "";
          this.unchecked.push({ asset, label, path, reason: `its Jinja cannot be rendered without Superset: ${unknown}${more}` });
        }
        return;
      }
      queries.add(parts.map((part) => ("sql" in part ? part.sql : "")).join(" "));
    }
    this.checks.push({ asset, relation: this.subject, subject, label, path, queries: [...queries], madeUp: hasJinja(whole), ...(name === undefined ? {} : { name }) });
  }
}

/** What stands behind FROM. */
function sourceOf({ source, schema }: Relation): string {
  if ("table" in source) {
    return `${schema === undefined ? "" : `${identifier(schema)}.`}${identifier(source.table)}`;
  }
  // The line break ends a comment in the query's last line.
  return `(${source.query.trim().replace(/;+\s*$/, "")}\n) as virtual_table`;
}
