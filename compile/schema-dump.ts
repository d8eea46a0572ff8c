/** Columns of the warehouse's tables, from the committed `db/schema_dump/schema.sql` (`pg_dump --schema-only`). */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { meaningful, type SqlToken, tokenize } from "./sql";

type TableColumns = (schema: string | undefined, table: string) => ReadonlySet<string> | undefined;

const NOT_COLUMNS = new Set(["constraint", "primary", "unique", "check", "foreign", "exclude", "like"]);

/** Looks up a table's columns; the dump is read when first asked for. Tables whose columns cannot be told (views) are unknown. */
export function schemaDump(root: string): TableColumns {
  let tables: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  return (schema, table) => {
    const path = join(root, "db", "schema_dump", "schema.sql");
    tables ??= existsSync(path) ? parseDump(readFileSync(path, "utf8")) : new Map();
    if (schema !== undefined) {
      return tables.get(`${schema}.${table}`);
    }
    const found = [...tables].filter(([name]) => name.endsWith(`.${table}`));
    return found.length === 1 ? found[0]?.[1] : undefined;
  };
}

/** Tables as `schema.table` and their columns. */
function parseDump(sql: string): Map<string, ReadonlySet<string>> {
  const tables = new Map<string, ReadonlySet<string>>();
  // Statements by their first line keep big dumps (functions, comments) out of the tokenizer.
  for (const match of sql.matchAll(/^CREATE (?:UNLOGGED |FOREIGN )?TABLE [\s\S]*?;\s*$/gm)) {
    const tokens = meaningful(tokenize(match[0]));
    const open = tokens.findIndex((token) => token.source === "(");
    const head = tokens.slice(0, open < 0 ? tokens.length : open);
    const start = head.findIndex((token) => token.source.toUpperCase() === "TABLE") + 1;
    const { name, next } = tableName(tokens, start);
    if (name === undefined) {
      continue;
    }
    const partition = tokens.slice(next).findIndex((token, index, all) => token.source.toUpperCase() === "PARTITION" && all[index + 1]?.source.toUpperCase() === "OF");
    if (partition >= 0 && next + partition < (open < 0 ? Infinity : open)) {
      const parent = tableName(tokens, next + partition + 2).name;
      tables.set(name, new Set(parent === undefined ? [] : (tables.get(parent) ?? [])));
      continue;
    }
    const { columns, end } = columnsOf(tokens, open);
    const inherits = tokens.slice(end).findIndex((token) => token.source.toUpperCase() === "INHERITS");
    const parent = inherits < 0 ? undefined : tableName(tokens, end + inherits + 2).name;
    tables.set(name, new Set([...(parent === undefined ? [] : (tables.get(parent) ?? [])), ...columns]));
  }
  return tables;
}

function tableName(tokens: readonly SqlToken[], start: number): { readonly name: string | undefined; readonly next: number } {
  const first = tokens[start]?.name;
  if (first !== undefined && tokens[start + 1]?.source === ".") {
    return { name: `${first}.${tokens[start + 2]?.name ?? ""}`, next: start + 3 };
  }
  return { name: first === undefined ? undefined : `public.${first}`, next: start + 1 };
}

function columnsOf(tokens: readonly SqlToken[], open: number): { readonly columns: string[]; readonly end: number } {
  const columns: string[] = [];
  let depth = 0;
  let first = false;
  for (let index = Math.max(0, open); index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token === undefined) {
      break;
    }
    if (token.source === "(") {
      depth += 1;
      first = depth === 1;
    } else if (token.source === ")") {
      depth -= 1;
      if (depth === 0) {
        return { columns, end: index };
      }
    } else if (token.source === "," && depth === 1) {
      first = true;
    } else if (first && depth === 1) {
      first = false;
      if (token.name !== undefined && (token.kind === "quoted" || !NOT_COLUMNS.has(token.source.toLowerCase()))) {
        columns.push(token.name);
      }
    }
  }
  return { columns, end: tokens.length };
}
