/** Mermaid diagrams: which tables refer to which, and what a page reads. Pure. */
import type { SchemaDescription, TableDescription } from "../../provider/postgres/describe";

/** Mermaid's own limit (`maxTextSize`) is 50,000 characters; GitHub keeps it. */
const TEXT_LIMIT = 45_000;
/** Mermaid's own limit (`maxEdges`) is 500. */
const EDGE_LIMIT = 450;

/** What a diagram shows of a table. */
type Detail = "columns" | "keys" | "names";

/**
 * Entities and relations of one schema's tables; views have none. With all columns, where that is more than Mermaid draws with keys
 * only, else with names only. Undefined where the schema has no table.
 */
export function entityDiagram(tables: readonly TableDescription[], { tables: all }: Pick<SchemaDescription, "tables">): string | undefined {
  const drawn = tables.filter(({ kind, partitionOf }) => (kind === "table" || kind === "foreign table") && partitionOf === null);
  if (drawn.length === 0) {
    return undefined;
  }
  const diagrams = (["columns", "keys", "names"] as const).map((detail) => () => diagram(drawn, all, detail));
  for (const make of diagrams) {
    const text = make();
    if (text.length <= TEXT_LIMIT) {
      return text;
    }
  }
  return undefined;
}

function diagram(tables: readonly TableDescription[], all: readonly TableDescription[], detail: Detail): string {
  const relations = tables.flatMap((table) => foreignKeys(table, all));
  return ["erDiagram", ...tables.flatMap((table) => entity(table, detail)), ...relations.slice(0, EDGE_LIMIT)].join("\n");
}

function entityName({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `"${`${schema}.${name}`.replaceAll('"', "'")}"`;
}

function entity(table: TableDescription, detail: Detail): string[] {
  const columnsOf = (...types: readonly string[]): Set<string> => new Set(table.constraints.filter(({ type }) => types.includes(type)).flatMap(({ columns }) => columns));
  const [primary, foreign] = [columnsOf("p"), columnsOf("f")];
  const unique = new Set(table.constraints.filter(({ type, columns }) => type === "u" && columns.length === 1).flatMap(({ columns }) => columns));
  const lines = table.columns
    .filter(({ name }) => detail === "columns" || (detail === "keys" && (primary.has(name) || foreign.has(name))))
    .map(({ name, type }) => {
      const keys = [...(primary.has(name) ? ["PK"] : []), ...(foreign.has(name) ? ["FK"] : []), ...(unique.has(name) ? ["UK"] : [])].join(", ");
      return `    ${word(type)} ${word(name)}${keys === "" ? "" : ` ${keys}`}`;
    });
  return lines.length === 0 ? [`  ${entityName(table)}`] : [`  ${entityName(table)} {`, ...lines, "  }"];
}

/** Types and columns are single words of letters, digits, `_` and `-`, which begin with a letter. */
function word(text: string): string {
  const safe = text.replace(/\([^)]*\)/g, "").replace(/\[\]/g, "_array").trim().replace(/[^A-Za-z0-9_-]+/g, "_");
  return /^[A-Za-z]/.test(safe) ? safe : `_${safe}`.replace(/^_+/, "c_");
}

/** Parent first. One row of the child refers to one of the parent, or to none where a column may be null. */
function foreignKeys(table: TableDescription, all: readonly TableDescription[]): string[] {
  const isUnique = (columns: readonly string[]): boolean =>
    [...table.constraints.filter(({ type }) => type === "p" || type === "u"), ...table.indexes.filter(({ unique }) => unique)].some((key) => key.columns.length > 0 && key.columns.every((column) => columns.includes(column)));
  return table.constraints.flatMap(({ type, columns, references, name }) => {
    if (type !== "f" || references === null || !all.some((other) => other.schema === references.schema && other.name === references.name)) {
      return [];
    }
    const optional = columns.some((column) => table.columns.find((one) => one.name === column)?.notNull === false);
    const parent = optional ? "|o" : "||";
    const child = isUnique(columns) ? "o|" : "o{";
    return [`  ${entityName(references)} ${parent}--${child} ${entityName(table)} : "${(columns.length === 0 ? name : columns.join(", ")).replaceAll('"', "'")}"`];
  });
}

/** A box of a lineage diagram. */
export interface LineageNode {
  /** Unique in the diagram. */
  readonly id: string;
  readonly label: string;
  /** Boxes of one group stand under its title. */
  readonly group: string;
}

/** What is read by what, from left to right. */
export interface Lineage {
  /** By group, in the order the groups are drawn. */
  readonly nodes: readonly LineageNode[];
  /** Ids: what is read, and who reads it. */
  readonly edges: readonly (readonly [from: string, to: string])[];
}

/** A flowchart; undefined where it has more edges than Mermaid draws. */
export function lineageDiagram({ nodes, edges }: Lineage): string | undefined {
  if (edges.length > EDGE_LIMIT || nodes.length === 0) {
    return undefined;
  }
  const names = new Map(nodes.map(({ id }, index) => [id, `n${index + 1}`]));
  const groups = [...new Set(nodes.map(({ group }) => group))];
  const lines = groups.flatMap((group, index) => [
    `  subgraph g${index + 1}["${label(group)}"]`,
    ...nodes.filter((node) => node.group === group).map((node) => `    ${names.get(node.id) ?? ""}["${label(node.label)}"]`),
    "  end",
  ]);
  const text = ["flowchart LR", ...lines, ...edges.map(([from, to]) => `  ${names.get(from) ?? ""} --> ${names.get(to) ?? ""}`)].join("\n");
  return text.length > TEXT_LIMIT ? undefined : text;
}

/** Characters that mean something to Mermaid, by their numbers. */
function label(text: string): string {
  return text.replace(/\s+/g, " ").trim().replace(/[#"`<>&;{}[\]\\]/g, (character) => `#${character.codePointAt(0) ?? 0};`);
}
