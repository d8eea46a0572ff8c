/** Which tables of a database the assets of a bundle read. */
import type { Compiled, CompiledAsset } from "../compile";
import { renderSql } from "../compile/superset-sql";
import type { Relation } from "../provider/kinds/define";
import { kindNamed } from "../provider/kinds/registry";
import { tablesIn } from "../provider/postgres/tables";

/** An asset that stands for a table or query, and what that reads. */
export interface RelationAsset {
  readonly asset: CompiledAsset;
  readonly relation: Relation;
  /** `schema.table`, sorted; the schema is the dataset's where the SQL names none. Names without any schema stand alone. */
  readonly tables: readonly string[];
  /** Why `tables` may not be all: the SQL's Jinja cannot be rendered here. */
  readonly unknown?: string;
}

/** The assets of a bundle that stand for a table or query, in its order. */
export async function relationAssets(compiled: Pick<Compiled, "assets">): Promise<readonly RelationAsset[]> {
  const found: RelationAsset[] = [];
  for (const asset of compiled.assets) {
    const relation = kindNamed(asset.kind).relation?.(asset.document);
    if (relation !== undefined) {
      found.push({ asset, relation, ...(await tablesOf(relation)) });
    }
  }
  return found;
}

/** What a relation lends to the Jinja of its SQL. */
export function sqlContext({ parameters, columns, metrics }: Relation): { readonly parameters: Relation["parameters"]; readonly columns: readonly string[]; readonly metrics: ReadonlyMap<string, string> } {
  return { parameters, columns: columns.map(({ name }) => name), metrics: new Map(metrics.flatMap(({ name, expression }) => (expression === undefined ? [] : [[name, expression] as const]))) };
}

async function tablesOf(relation: Relation): Promise<Pick<RelationAsset, "tables" | "unknown">> {
  const { source, schema } = relation;
  if ("table" in source) {
    return { tables: [qualified(schema, source.table)] };
  }
  // With every filter set, so that tables behind a condition are seen too.
  const rendered = [renderSql(source.query, "open", sqlContext(relation)), renderSql(source.query, "filtered", sqlContext(relation))];
  const texts = rendered.map((one) => ("sql" in one ? one.sql : source.query));
  const unknown = rendered.flatMap((one) => ("unknown" in one ? [one.unknown] : []))[0];
  const names = new Set<string>();
  for (const text of new Set(texts)) {
    (await tablesIn(text)).forEach((table) => names.add(qualified(table.schema ?? schema, table.name)));
  }
  return { tables: [...names].sort(), ...(unknown === undefined ? {} : { unknown }) };
}

function qualified(schema: string | undefined, table: string): string {
  return schema === undefined ? table : `${schema}.${table}`;
}
