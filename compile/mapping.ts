/** Mapping files (`mappings/*.yaml`): the same assets over another database, schema, tables, columns and metric names. */
import { readFileSync, statSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { z } from "zod";
import { ConfigError, type Problem, ProblemsError } from "../provider/errors";
import type { ExportDocument, Kind, Retarget } from "../provider/kinds/define";
import { listed } from "./nearest";
import { renameInSql } from "./sql-rename";
import { schemaProblems } from "./validate";
import { readYaml } from "./yaml";

const names = z.record(z.string(), z.string()).optional();
const side = z.strictObject({
  database: z.string().optional().describe("Name of the database."),
  schema: z.string().optional().describe("Its schema."),
  tables: names.describe("Tables by any name: the same key in `source` and `target` is the same thing."),
  columns: names.describe("Columns by any name: the same key in `source` and `target` is the same thing."),
});

/** What a mapping file may hold. */
export const mappingSchema = z.strictObject({
  source: side.describe("What the templates name."),
  target: side.describe("What is there instead; what is not listed keeps its name."),
  metrics: names.describe("Old metric name: new one."),
});

/** A mapping file, read. */
interface Mapping {
  readonly file: string;
  readonly source: { readonly database?: string; readonly schema?: string };
  readonly target: { readonly database?: string; readonly schema?: string };
  readonly tables: ReadonlyMap<string, string>;
  readonly columns: ReadonlyMap<string, string>;
  readonly metrics: ReadonlyMap<string, string>;
}

/** Reads a mapping file, from the repository's root or the working directory. Throws a `ProblemsError` for what is wrong in it. */
export function loadMapping(root: string, path: string): Mapping {
  const found = [isAbsolute(path) ? path : join(root, path), resolve(path)].find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile());
  if (found === undefined) {
    throw new ConfigError(`there is no mapping file ${path} in ${root}`);
  }
  const file = relative(root, found).startsWith("..") ? found : relative(root, found);
  const yaml = readYaml(readFileSync(found, "utf8"));
  const problems: Problem[] = yaml.value === undefined
    ? yaml.problems.map((problem) => ({ file, ...problem }))
    : schemaProblems(mappingSchema, yaml.value).map((problem) => ({ file, ...yaml.position(problem.path, problem.key), message: problem.message }));
  if (problems.length > 0) {
    throw new ProblemsError(problems, `${file} cannot be used.`);
  }
  const { source, target, metrics } = mappingSchema.parse(yaml.value);
  return {
    file,
    source: only(source),
    target: only(target),
    tables: renames(source.tables, target.tables),
    columns: renames(source.columns, target.columns),
    metrics: new Map(Object.entries(metrics ?? {}).filter(([from, to]) => from !== to)),
  };
}

function only(value: { readonly database?: string | undefined; readonly schema?: string | undefined }): { readonly database?: string; readonly schema?: string } {
  return { ...(value.database === undefined ? {} : { database: value.database }), ...(value.schema === undefined ? {} : { schema: value.schema }) };
}

function renames(source: Readonly<Record<string, string>> | undefined, target: Readonly<Record<string, string>> | undefined): Map<string, string> {
  const pairs = Object.entries(target ?? {}).map(([name, to]) => [source?.[name] ?? name, to] as const);
  return new Map(pairs.filter(([from, to]) => from !== to));
}

/** A document to retarget. */
interface Subject {
  readonly kind: Kind;
  readonly uuid: string;
  readonly document: ExportDocument;
}

/** The documents that a mapping changes, by uuid, and what is odd about it. */
export function retargetDocuments(subjects: readonly Subject[], mapping: Mapping): { readonly documents: ReadonlyMap<string, ExportDocument>; readonly problems: readonly Problem[] } {
  const { source, target } = mapping;
  const problems: Problem[] = [];
  const databases = subjects.filter(({ kind }) => kind.after.length === 0);
  const byName = (name: string | undefined): Subject | undefined => databases.find(({ kind, document }) => name !== undefined && document[kind.nameField] === name);
  const from = byName(source.database);
  if (source.database !== undefined && from === undefined) {
    const known = databases.map(({ kind, document }) => String(document[kind.nameField]));
    problems.push({ file: mapping.file, message: `the source database '${source.database}' is not in assets/; known are ${listed(known) || "none"}` });
  }
  const to = target.database === source.database ? from : byName(target.database);
  if (from !== undefined && target.database !== undefined && to === undefined) {
    problems.push({
      file: mapping.file, severity: "warning",
      message: `the target database '${target.database}' is not in assets/: '${source.database ?? ""}' is renamed to it, and keeps its sqlalchemy_uri`,
    });
  }
  const applies = new Set(subjects.flatMap(({ kind, uuid, document }) => {
    const ofDatabase = from === undefined ? source.database === undefined : kind.references(document).some((reference) => reference.uuid === from.uuid);
    const ofSchema = source.schema === undefined || document.schema === source.schema;
    return ofDatabase && ofSchema && kind.naturalKey(document) !== undefined ? [uuid] : [];
  }));
  const retarget: Retarget = {
    source,
    target,
    databaseUuid: from === undefined ? undefined : (to ?? from).uuid,
    tables: mapping.tables,
    columns: mapping.columns,
    metrics: mapping.metrics,
    applies: (uuid) => applies.has(uuid),
    sql: (text) => renameInSql(text, mapping),
  };
  const documents = new Map<string, ExportDocument>();
  for (const { kind, uuid, document } of subjects) {
    const renamesDatabase = uuid === from?.uuid && to === undefined && target.database !== undefined;
    const changed = renamesDatabase ? { ...document, [kind.nameField]: target.database } : kind.retarget?.(document, retarget);
    if (changed !== undefined) {
      documents.set(uuid, changed);
    }
  }
  return { documents, problems };
}
