/**
 * Extensions that a server does not have, as far as the planner of queries needs them: their functions give null, their types are domains
 * over text. Operators, casts and the parameters of types (`geometry(Point,4326)`) are missing.
 */
import type { Client } from "pg";
import { literal } from "./connection";

/** An extension's functions and types as SQL that makes something in their place. */
export interface StandIn {
  readonly extension: string;
  /** Its types, as a dump writes them: `public.geometry`. */
  readonly types: readonly string[];
  /** Single statements. */
  readonly statements: readonly string[];
}

interface ExtensionRow {
  readonly extension: string;
  /** Of a type. */
  readonly type: string | null;
  readonly statement: string;
}

/**
 * In the order in which they can be made: types first. Functions over PostgreSQL's internal types are left out: no query calls them. Names are
 * qualified, as the query runs with an empty search path.
 */
const STATEMENTS = `select e.extname as extension, s.type, s.statement from pg_extension e join pg_depend d on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid and d.deptype = 'e'
cross join lateral (
  select 1 as place, format('%I.%I', n.nspname, t.typname) as type, format('create domain %I.%I as text', n.nspname, t.typname) as statement
    from pg_type t join pg_namespace n on n.oid = t.typnamespace where d.classid = 'pg_type'::regclass and t.oid = d.objid and t.typtype in ('b', 'd', 'e', 'r') and t.typelem = 0
  union all
  select 2, null, format('create function %I.%I(%s) returns %s immutable language plpgsql as %L', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid), pg_get_function_result(p.oid),
      case when p.proretset then 'begin return; end' when p.prorettype = 'void'::regtype then 'begin end' else 'begin return null; end' end)
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where d.classid = 'pg_proc'::regclass and p.oid = d.objid and p.prokind = 'f' and not (array['internal'::regtype, 'cstring'::regtype, 'cstring[]'::regtype]::oid[] && (p.proargtypes::oid[] || p.prorettype))
) s
where e.extname = any ($1) order by e.extname, s.place, s.statement`;

/** What stands in for extensions that the connected database has. */
export async function standInsFor(client: Client, extensions: readonly string[]): Promise<readonly StandIn[]> {
  if (extensions.length === 0) {
    return [];
  }
  await client.query("begin; set local search_path = ''");
  const { rows } = await client.query<ExtensionRow>(STATEMENTS, [extensions]);
  await client.query("commit");
  return extensions.map((extension) => {
    const own = rows.filter((row) => row.extension === extension);
    return { extension, types: own.flatMap(({ type }) => type ?? []), statements: own.map(({ statement }) => statement) };
  });
}

/** The dump with the stand-ins where it makes the extensions. One that cannot be made is left out, as nothing may need it. */
export function withStandIns(dump: string, standIns: readonly StandIn[]): string {
  return standIns.reduce((text, { extension, types, statements }) => {
    const name = `"?${escaped(extension)}"?`;
    const attempts = statements.map((statement) => `do $stand_in$ begin execute ${literal(statement).trim()}; exception when others then null; end $stand_in$;`);
    const bare = types.reduce((whole, type) => whole.replace(new RegExp(`((?:^ {4}\\S+ |::)${escaped(type)})\\([\\w, ]+\\)`, "gm"), "$1"), text);
    return bare
      .replace(new RegExp(`^CREATE EXTENSION IF NOT EXISTS ${name} .*;$`, "m"), () => attempts.join("\n"))
      .replace(new RegExp(`^COMMENT ON EXTENSION ${name} IS (?:[^']|'[^']*')*?;$`, "m"), "");
  }, dump);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
