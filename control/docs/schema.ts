/** `docs/db/SCHEMA.md`: the warehouse for people. Pure. */
import type { ColumnDescription, OtherDescription, SchemaDescription, TableDescription } from "../../provider/postgres/describe";
import { block, code, plain, sections, table } from "./markdown";
import { entityDiagram } from "./mermaid";

/** From the repository's root. */
export const SCHEMA_FILE = "docs/db/SCHEMA.md";

/** The document. Nothing in it depends on when or where it is made: only on the schema. @param environment whose warehouse it is */
export function schemaDocument(schema: SchemaDescription, environment: string): string {
  const own = schema.schemas.filter(({ name }) => isUsed(name, schema));
  return sections([
    ["# Database schema"],
    [`Made by \`hybrid docs\` from the warehouse of environment \`${environment}\`${schema.version === undefined ? "" : `, as of migration \`${schema.version}\``}. Do not edit: the next run writes it anew.`],
    own.length === 0 ? ["The warehouse is empty."] : [],
    ...own.flatMap(({ name, comment }) => schemaSection(name, comment, schema)),
  ]);
}

function isUsed(name: string, { tables, others }: SchemaDescription): boolean {
  return [...tables, ...others].some(({ schema }) => schema === name);
}

function schemaSection(name: string, comment: string | null, schema: SchemaDescription): string[][] {
  const tables = schema.tables.filter((one) => one.schema === name);
  const diagram = entityDiagram(tables, schema);
  const types = schema.others.filter((one) => one.schema === name && ["enum", "domain", "type"].includes(one.kind));
  const functions = schema.others.filter((one) => one.schema === name && !types.includes(one));
  return [
    [`## ${plain(name)}`],
    comment === null ? [] : [plain(comment)],
    overview(tables),
    diagram === undefined ? [] : block("mermaid", diagram),
    ...tables.filter(({ partitionOf }) => partitionOf === null).flatMap((one) => tableSection(one, tables)),
    ...othersSection("Types", types),
    ...othersSection("Functions", functions),
  ];
}

function overview(tables: readonly TableDescription[]): string[] {
  return table(["name", "kind", "description"], tables.filter(({ partitionOf }) => partitionOf === null).map(({ name, kind, comment }) => [code(name), kind, plain(comment ?? "")]));
}

function tableSection(one: TableDescription, siblings: readonly TableDescription[]): string[][] {
  const partitions = siblings.filter(({ partitionOf }) => partitionOf?.startsWith(`${quoted(one.schema)}.${quoted(one.name)} `) === true);
  const keys = one.constraints.map(({ name, definition }) => `- ${code(name)}: ${code(definition)}`);
  const indexes = one.indexes.map(({ name, definition }) => `- ${code(name)}: ${code(definition.replace(/^CREATE (UNIQUE )?INDEX \S+ ON \S+ /, "$1").trim())}`);
  return [
    [`### ${plain(`${one.schema}.${one.name}`)}`],
    [[one.kind === "table" ? "" : `${one.kind[0]?.toUpperCase() ?? ""}${one.kind.slice(1)}.`, plain(one.comment ?? ""), one.partitionKey === null ? "" : `Partitioned by ${code(one.partitionKey)}.`].filter((text) => text !== "").join(" ")].filter((text) => text !== ""),
    table(["column", "type", "null", "default", "key", "description"], one.columns.map((column) => columnCells(column, one))),
    keys.length === 0 ? [] : ["Constraints:", "", ...keys],
    indexes.length === 0 ? [] : ["Indexes:", "", ...indexes],
    partitions.length === 0 ? [] : ["Partitions:", "", ...partitions.map(({ name, partitionOf }) => `- ${code(name)}: ${code((partitionOf ?? "").split(" ").slice(1).join(" "))}`)],
    one.definition === null ? [] : block("sql", one.definition),
  ];
}

function quoted(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

function columnCells({ name, type, notNull, default: fallback, comment }: ColumnDescription, { constraints, kind }: TableDescription): string[] {
  const keys = constraints.filter(({ columns, type: key }) => columns.includes(name) && ["p", "u", "f"].includes(key));
  const words = keys.map(({ type: key, references }) => (key === "p" ? "primary" : key === "u" ? "unique" : `→ ${code(`${references?.schema ?? ""}.${references?.name ?? ""}`)}`));
  const isTable = kind === "table" || kind === "foreign table";
  return [code(name), code(type), isTable && !notNull ? "yes" : "", code(fallback ?? ""), [...new Set(words)].join(", "), plain(comment ?? "")];
}

function othersSection(title: string, list: readonly OtherDescription[]): string[][] {
  return list.length === 0 ? [] : [[`### ${title}`], table(["name", "kind", "details", "description"], list.map(({ name, kind, detail, comment }) => [code(name), kind, code(detail), plain(comment ?? "")]))];
}
