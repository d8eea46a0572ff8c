/** Which tables a query reads. */
import { isObject, type Json } from "../json";
import { meaningful, tokenize, type SqlToken } from "../../compile/sql";

/** A table as a query names it. */
export interface TableName {
  /** Undefined where the query leaves it to the search path. */
  readonly schema: string | undefined;
  readonly name: string;
}

/**
 * The tables and views of a query, each once, in no order: by PostgreSQL's own grammar, and for SQL that it does not know (other dialects)
 * by the words after FROM and JOIN. Names of common table expressions are left out.
 */
export async function tablesIn(sql: string): Promise<readonly TableName[]> {
  const parser = require("libpg-query") as typeof import("libpg-query");
  await parser.loadModule();
  let tree: unknown;
  try {
    tree = parser.parseSync(sql);
  } catch (error) {
    if (!parser.hasSqlDetails(error)) {
      throw error;
    }
    return unique(byWords(sql));
  }
  const found: TableName[] = [];
  const own = new Set<string>();
  collect(tree as Json, found, own);
  return unique(found.filter(({ schema, name }) => schema !== undefined || !own.has(name)));
}

function collect(node: Json, found: TableName[], own: Set<string>): void {
  if (Array.isArray(node)) {
    (node as readonly Json[]).forEach((item) => collect(item, found, own));
    return;
  }
  if (!isObject(node)) {
    return;
  }
  for (const [key, value] of Object.entries(node)) {
    if (key === "RangeVar" && isObject(value) && typeof value["relname"] === "string") {
      found.push({ schema: typeof value["schemaname"] === "string" ? value["schemaname"] : undefined, name: value["relname"] });
    } else if (key === "CommonTableExpr" && isObject(value) && typeof value["ctename"] === "string") {
      own.add(value["ctename"]);
    }
    collect(value, found, own);
  }
}

function byWords(sql: string): TableName[] {
  const tokens = meaningful(tokenize(sql)).filter(({ kind }) => kind !== "jinja");
  const word = (token: SqlToken | undefined): string => token?.source.toLowerCase() ?? "";
  const own = new Set(tokens.flatMap((token, index) => (token.name !== undefined && word(tokens[index + 1]) === "as" && tokens[index + 2]?.source === "(" ? [token.name] : [])));
  const found = tokens.flatMap((token, index): TableName[] => {
    const first = tokens[index + 1];
    if (!["from", "join"].includes(word(token)) || first?.name === undefined || tokens[index + 2]?.source === "(") {
      return [];
    }
    const second = tokens[index + 2]?.source === "." ? tokens[index + 3]?.name : undefined;
    const third = second !== undefined && tokens[index + 4]?.source === "." ? tokens[index + 5]?.name : undefined;
    return [third !== undefined ? { schema: second, name: third } : second !== undefined ? { schema: first.name, name: second } : { schema: undefined, name: first.name }];
  });
  return found.filter(({ schema, name }) => schema !== undefined || !own.has(name));
}

function unique(tables: readonly TableName[]): TableName[] {
  return [...new Map(tables.map((table) => [`${table.schema ?? ""}\0${table.name}`, table])).values()];
}
