/**
 * Superset's own examples, read from an installed Python package: 1 database, 21 datasets, 103 charts and 9 dashboards as export
 * documents, as `superset load_examples` would import them (superset/examples/utils.py: load_contents).
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { ExportDocument } from "../../provider/kinds/define";

/** Documents by the plural of their kind. */
export interface Examples {
  readonly databases: readonly ExportDocument[];
  readonly datasets: readonly ExportDocument[];
  readonly charts: readonly ExportDocument[];
  readonly dashboards: readonly ExportDocument[];
}

/** Documents that the package holds twice (two examples share a dataset): the fuller one counts, as what Superset makes of both. */
function byUuid(documents: readonly ExportDocument[]): ExportDocument[] {
  const found = new Map<string, ExportDocument>();
  for (const document of documents) {
    const uuid = String(document["uuid"]);
    const other = found.get(uuid);
    if (other === undefined || JSON.stringify(other).length < JSON.stringify(document).length) found.set(uuid, document);
  }
  return [...found.values()];
}

/**
 * The examples of an installed Superset. `packageFolder`: the folder `superset` of its site-packages. `databaseUri`: where the example
 * tables are (Superset puts its configured one in the place of a marker).
 */
export function readExamples(packageFolder: string, databaseUri: string): Examples {
  const root = join(packageFolder, "examples");
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) => /\.ya?ml$/u.test(file)).sort();
  const read = (pattern: RegExp): ExportDocument[] =>
    files.filter((file) => pattern.test(file.replaceAll("\\", "/"))).map((file) => parse(readFileSync(join(root, file), "utf8"), { version: "1.1" }) as ExportDocument);
  return {
    databases: read(/^_shared\/database\.ya?ml$/u).map((document) => ({ ...document, sqlalchemy_uri: databaseUri })),
    datasets: byUuid(read(/^[^_/][^/]*\/(?:dataset|datasets\/[^/]+)\.ya?ml$/u)).map((document) => ({
      ...document,
      schema: document["schema"] === "main" ? null : (document["schema"] ?? null),
    })),
    charts: byUuid(read(/^[^_/][^/]*\/charts\/[^/]+\.ya?ml$/u)),
    dashboards: byUuid(read(/^[^_/][^/]*\/dashboard\.ya?ml$/u)),
  };
}
