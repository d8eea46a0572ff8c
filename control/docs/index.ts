/** The documents that are made of the repository and the warehouse, and committed. */
import { describeSchema } from "../../provider/postgres/describe";
import { hasMigrations, warehouseOptions } from "../db/warehouse";
import type { ControlEnvironment } from "../environment";
import { holds, writeWhole } from "../files";
import { relationAssets } from "../lineage";
import { ASSETS_FILE, assetsDocument } from "./assets";
import { readOwners } from "./owners";
import { SCHEMA_FILE, schemaDocument } from "./schema";

/** Which of the documents. */
export type DocumentName = "schema" | "assets";

/** A document as it should be. */
export interface Document {
  /** From the repository's root. */
  readonly path: string;
  readonly text: string;
}

/**
 * Makes the documents; writes nothing.
 * @param only default: the assets, and the schema where the policy has migrations (that needs the warehouse)
 * @throws ProblemsError for templates that do not compile, ConfigError and ConnectionError where the warehouse is asked for
 */
export async function makeDocuments(environment: ControlEnvironment, only?: DocumentName): Promise<readonly Document[]> {
  const wanted = (name: DocumentName, byDefault: boolean): boolean => (only === undefined ? byDefault : only === name);
  return [
    ...(wanted("schema", hasMigrations(environment)) ? [{ path: SCHEMA_FILE, text: schemaDocument(await describeSchema(await warehouseOptions(environment)), environment.name) }] : []),
    ...(wanted("assets", true) ? [{ path: ASSETS_FILE, text: assetsDocument({ compiled: environment.compiled, relations: await relationAssets(environment.compiled), owners: readOwners(environment.root) }) }] : []),
  ];
}

/** Writes the documents that differ, each as a whole. Returns their paths. */
export function writeDocuments(root: string, documents: readonly Document[]): readonly string[] {
  return documents.filter(({ path, text }) => writeWhole(root, path, text)).map(({ path }) => path);
}

/** Paths of the documents that are not as they should be. */
export function staleDocuments(root: string, documents: readonly Document[]): readonly string[] {
  return documents.filter(({ path, text }) => !holds(root, path, text)).map(({ path }) => path);
}
