/** Compilation: templates and variables to a bundle. Pure: the same files and variables give the same bytes, and nothing is asked of a network. */
import { type Problem, ProblemsError } from "../provider/errors";
import type { ExportDocument, Secrets } from "../provider/kinds/define";
import { kindNamed } from "../provider/kinds/registry";
import { bundleFiles, bundleHash } from "./bundle";
import { Compilation } from "./compilation";
import { type Environment, loadEnvironment } from "./environment";
import type { Overlay } from "./templates";
import type { Path } from "./yaml";

export { revealSecrets } from "../provider/placeholders";
export { type Environment, environmentNames, loadEnvironment, secretValues } from "./environment";
export { parseExport, stringifyExport } from "./export-yaml";

/** One asset, compiled. */
export interface CompiledAsset {
  /** Name of its kind (`kindNamed`). */
  readonly kind: string;
  /** Unique within the kind. */
  readonly key: string;
  readonly uuid: string;
  /** The template writes `key:` itself, so that the file may be renamed. */
  readonly explicitKey: boolean;
  readonly explicitUuid: boolean;
  /** What people know it by in Superset. */
  readonly name: string;
  /** Template file, from the repository's root. */
  readonly source: string;
  /** Export form, secrets masked. */
  readonly document: ExportDocument;
  /** With placeholders: see `revealSecrets`. */
  readonly secrets: Secrets;
  readonly options: { readonly protect: boolean; readonly retain: boolean };
  /** Uuids of the assets it needs. */
  readonly dependsOn: readonly string[];
}

/** What a compilation gives. */
export interface Compiled {
  readonly environment: string;
  readonly project: string;
  /** Each after the assets it needs. */
  readonly assets: readonly CompiledAsset[];
  /** The bundle's files by path. */
  readonly files: ReadonlyMap<string, string>;
  /** Of the bundle: SHA-256, hex. */
  readonly hash: string;
  readonly warnings: readonly Problem[];
  /** A place in the template of an asset of the bundle, for problems that only a server knows. */
  locate(uuid: string, path: Path): Pick<Problem, "file" | "line" | "column">;
}

interface CompileOptions {
  /** The repository's root; may be left out where `environment` is a loaded one. */
  readonly root?: string;
  readonly environment: string | Environment;
  /** A mapping file (`mappings/*.yaml`), from the root. Default: the setting `superset:mapping`. */
  readonly mapping?: string;
  /** Other contents of files than those on the disk, by path from the root; undefined: the file is not there. */
  readonly overlay?: Overlay;
}

/** Compiles an environment. Throws a `ProblemsError` with everything that is wrong in all files. */
export function compile(options: CompileOptions): Compiled {
  const environment = typeof options.environment === "string" ? loadEnvironment(options.root ?? process.cwd(), options.environment) : options.environment;
  return bundleOf(new Compilation(environment, options.mapping ?? mappingOf(environment), options.overlay));
}

/** The mapping file that an environment is configured to use. */
export function mappingOf(environment: Environment): string | undefined {
  const configured = environment.config["superset:mapping"];
  return typeof configured === "string" ? configured : undefined;
}

function bundleOf(compilation: Compilation): Compiled {
  const { environment, assets, templates } = compilation;
  const sorted = sortProblems(compilation.problems);
  const errors = sorted.filter((problem) => problem.severity !== "warning");
  if (errors.length > 0) {
    const files = new Set(errors.map((problem) => problem.file)).size;
    throw new ProblemsError(sorted, `${errors.length} ${errors.length === 1 ? "problem" : "problems"} in ${files} ${files === 1 ? "file" : "files"} of ${templates}, environment ${environment.name}.`);
  }
  const bundle = assets.map((asset) => ({ kind: kindNamed(asset.kind), uuid: asset.uuid, document: asset.document }));
  const files = bundleFiles(bundle, { document: (kind, uuid) => compilation.document(kind, uuid) });
  const templatesByUuid = new Map([...compilation.drafts.values()].map(({ uuid, template }) => [uuid, template]));
  const locate = (uuid: string, path: Path): Pick<Problem, "file" | "line" | "column"> => templatesByUuid.get(uuid)?.locate(path) ?? { file: "assets" };
  return { environment: environment.name, project: environment.project, assets, files, hash: bundleHash(files), warnings: sorted, locate };
}

/** By file and place, each problem once. */
export function sortProblems<T extends Problem>(problems: readonly T[]): T[] {
  const seen = new Set<string>();
  return problems
    .filter((problem) => {
      const id = JSON.stringify([problem.file, problem.line, problem.message]);
      return seen.has(id) ? false : seen.add(id);
    })
    .sort((left, right) => compareText(left.file, right.file) || (left.line ?? 0) - (right.line ?? 0) || (left.column ?? 0) - (right.column ?? 0) || compareText(left.message, right.message));
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
