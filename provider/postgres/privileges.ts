/** What a role may read. */
import { withClient } from "./connection";

/** What was found about a role. */
export interface ReadingRights {
  /** The role is there. */
  readonly exists: boolean;
  /** Of the tables that are there, those it may not read: `schema.name`. */
  readonly unreadable: readonly string[];
}

/** Looks at a role's rights. @param tables `schema.name`, unquoted; those that are not there are left out */
export function readingRights(url: string, role: string, tables: readonly { readonly schema: string; readonly name: string }[]): Promise<ReadingRights> {
  return withClient(url, async (client) => {
    const found = await client.query("select from pg_roles where rolname = $1", [role]);
    if (found.rowCount === 0) {
      return { exists: false, unreadable: [] };
    }
    const { rows } = await client.query<{ readonly name: string }>(
      `select distinct w.schema || '.' || w.name as name from unnest($2::text[], $3::text[]) w(schema, name)
       join pg_namespace n on n.nspname = w.schema join pg_class c on c.relnamespace = n.oid and c.relname = w.name and c.relkind in ('r', 'p', 'v', 'm', 'f')
       where not (has_schema_privilege($1, n.oid, 'usage') and has_table_privilege($1, c.oid, 'select')) order by 1`,
      [role, tables.map(({ schema }) => schema), tables.map(({ name }) => name)],
    );
    return { exists: true, unreadable: rows.map(({ name }) => name) };
  });
}
