/** What is wrong in a repository that was made of an older layout: what `hybrid validate` says of every environment, its mappings and migrations. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { compile, sortProblems, type CompiledAsset } from "../../compile";
import { loadMapping } from "../../compile/mapping";
import { ConfigError, formatProblem, ProblemsError, type Problem } from "../../provider/errors";
import { readMigrations, readSeeds } from "../../provider/postgres/files";
import { MAPPINGS, MIGRATIONS, SEEDS } from "./older/folders";

/** A problem, with the environments that have it; none for what is the same in all. */
export interface FoundProblem extends Problem {
  readonly environments: readonly string[];
}

/** What is to be checked. */
export interface Checked {
  readonly environments: readonly string[];
  /** Environments that share one Superset with others, in groups. */
  readonly sharing: readonly (readonly string[])[];
  /** Gets the name of the environment that is being checked. */
  readonly detail: (text: string) => void;
}

/** Everything that is wrong, each problem once. */
export function problemsIn(root: string, { environments, sharing, detail }: Checked): FoundProblem[] {
  const found = new Map<string, FoundProblem>();
  const assets = new Map<string, readonly CompiledAsset[]>();
  for (const environment of environments) {
    detail(environment);
    const compiled = compiledOrProblems(root, environment);
    assets.set(environment, compiled.assets);
    for (const problem of compiled.problems) {
      const text = formatProblem(problem);
      found.set(text, { ...problem, environments: [...(found.get(text)?.environments ?? []), environment] });
    }
  }
  const templates = sortProblems([...found.values()]);
  const common = [...mappingProblems(root), ...sqlProblems(root)].map((problem) => ({ ...problem, environments: [] }));
  return [...templates, ...sharing.flatMap((group) => sharedAssets(group, assets)), ...common];
}

function compiledOrProblems(root: string, environment: string): { readonly assets: readonly CompiledAsset[]; readonly problems: readonly Problem[] } {
  try {
    const { assets, warnings } = compile({ root, environment });
    return { assets, problems: warnings };
  } catch (error) {
    if (error instanceof ProblemsError) {
      return { assets: [], problems: error.problems };
    }
    if (error instanceof ConfigError) {
      return { assets: [], problems: [{ file: `Pulumi.${environment}.yaml`, message: error.message }] };
    }
    throw error;
  }
}

/** One uuid is one asset in a Superset: two environments there would write over each other. */
function sharedAssets(group: readonly string[], assets: ReadonlyMap<string, readonly CompiledAsset[]>): FoundProblem[] {
  const [first, ...others] = group.map((name) => ({ name, own: assets.get(name) ?? [] }));
  return (first?.own ?? []).flatMap(({ uuid, source, explicitUuid }) => {
    const same = others.filter(({ own }) => own.some((asset) => asset.uuid === uuid)).map(({ name }) => name);
    return explicitUuid && same.length > 0 ? [{ file: source, message: "writes one 'uuid:' for environments that have one Superset, where they would overwrite each other: make it a variable, or remove it", environments: [first?.name ?? "", ...same] }] : [];
  });
}

function mappingProblems(root: string): readonly Problem[] {
  const names = existsSync(join(root, MAPPINGS)) ? readdirSync(join(root, MAPPINGS)).filter((name) => /\.ya?ml$/.test(name)).sort() : [];
  return names.flatMap((name) => {
    try {
      loadMapping(root, `${MAPPINGS}/${name}`);
      return [];
    } catch (error) {
      if (error instanceof ProblemsError) {
        return error.problems;
      }
      throw error;
    }
  });
}

function sqlProblems(root: string): readonly Problem[] {
  return existsSync(join(root, MIGRATIONS)) ? [...readMigrations(root, MIGRATIONS).problems, ...readSeeds(root, SEEDS).problems] : [];
}
