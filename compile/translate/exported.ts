/** Exports on the disk: our own, Superset's (as its UI gives them, unpacked, or as its API does) and those of superset-cli. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { ConfigError, type Problem, ProblemsError } from "../../provider/errors";
import { databaseSettings } from "../../provider/forms";
import { isUuid } from "../../provider/identity";
import { isObject } from "../../provider/json";
import type { Canonical, CanonicalContext, ExportDocument, Kind } from "../../provider/kinds/define";
import { kinds } from "../../provider/kinds/registry";
import { parseExport } from "../export-yaml";
import { readTextFile } from "../text-file";

/** An asset of an export. */
export interface ExportedFile {
  readonly kind: Kind;
  readonly uuid: string;
  /** As it was given: inside the folder that was read. */
  readonly file: string;
  readonly document: ExportDocument;
}

/** What superset-cli writes in place of the delimiters of Superset's own Jinja (preset-cli: jinja_escaper). */
const ESCAPED = /\{\{ '(\{\{|\}\}|\{%|%\})' \}\}/g;

/**
 * Reads an export: `databases/`, `datasets/<database>/`, `charts/`, `dashboards/`, in the folder or in one folder in it, as an unpacked archive
 * has it. What no kind is about (saved queries, themes, tags) is left out.
 * @throws ConfigError where there is none, ProblemsError for files that cannot be read
 */
export function readExport(folder: string): readonly ExportedFile[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new ConfigError(`there is no export in ${folder}; make one with 'hybrid export', or name the folder of another one with --from`);
  }
  const isExport = (at: string): boolean => kinds.some(({ plural }) => existsSync(join(at, plural)));
  const inner = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory() && isExport(join(folder, entry.name)));
  const [outer] = inner;
  const root = isExport(folder) ? folder : inner.length === 1 && outer !== undefined ? join(folder, outer.name) : undefined;
  if (root === undefined) {
    throw new ConfigError(`${folder} is no export: it has none of ${kinds.map(({ plural }) => `${plural}/`).join(", ")}; unpack the archive there, or name another folder with --from`);
  }
  const problems: Problem[] = [];
  const files = kinds.flatMap((kind) => yamlFiles(join(root, kind.plural)).flatMap((path) => readAsset(kind, path, problems) ?? []));
  const known = new Map<string, ExportedFile>();
  for (const asset of files) {
    const other = known.get(asset.uuid);
    if (other !== undefined) {
      problems.push({ file: asset.file, message: `the uuid ${asset.uuid} is also that of ${other.file}; remove the file that is not meant` });
    }
    known.set(asset.uuid, asset);
  }
  if (problems.length > 0) {
    throw new ProblemsError(problems, `${problems.length} ${problems.length === 1 ? "file" : "files"} of the export cannot be read; nothing was translated.`);
  }
  return files;
}

function yamlFiles(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.ya?ml$/.test(name)).sort().map((name) => join(folder, name)) : [];
}

function readAsset(kind: Kind, path: string, problems: Problem[]): ExportedFile | undefined {
  const text = readTextFile(path);
  const problem = (message: string): undefined => void problems.push({ file: path, message });
  if (text === undefined) {
    return problem("no text in UTF-8");
  }
  let document: ExportDocument;
  try {
    document = parseExport(text.replace(ESCAPED, "$1"), path);
  } catch (error) {
    return problem(error instanceof Error ? error.message.replace(`${path}: `, "") : String(error));
  }
  const { uuid } = document;
  return typeof uuid === "string" && isUuid(uuid) ? { kind, uuid, file: path, document } : problem("has no 'uuid', or one in another spelling: it is no exported asset");
}

/**
 * The canonical forms of an export, as of a live server: by uuid. Numbers of charts mean what the tree of the same dashboard says they do, so that
 * exports of any server can be read.
 * @param database what is known of databases that are not in the export
 */
export function exportedForms(files: readonly ExportedFile[], database: (uuid: string) => ExportDocument | undefined): ReadonlyMap<string, Canonical> {
  const documents = new Map(files.map(({ uuid, document }) => [uuid, document]));
  const everywhere = new Map(files.flatMap(({ document }) => [...chartNumbers(document)]));
  return new Map(files.map(({ kind, uuid, document }) => {
    const own = chartNumbers(document);
    const context: CanonicalContext = {
      live: true,
      database: (id) => databaseSettings(documents.get(id) ?? database(id)),
      chartUuid: (id) => own.get(id) ?? everywhere.get(id),
    };
    return [uuid, kind.rules.canonical(document, context)];
  }));
}

/** Uuids of charts by their numbers, as a tree of items says them. */
function chartNumbers({ position }: ExportDocument): ReadonlyMap<number, string> {
  return new Map(Object.values(isObject(position) ? position : {}).flatMap((item) => {
    const meta = isObject(item) && isObject(item["meta"]) ? item["meta"] : {};
    return typeof meta["chartId"] === "number" && typeof meta["uuid"] === "string" ? [[meta["chartId"], meta["uuid"]] as const] : [];
  }));
}
