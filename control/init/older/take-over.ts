/** `hybrid init --from <folder>`: what an older layout becomes in a new repository. Reads only; what cannot be read stops it, with everything that is wrong in one report. */
import { posix } from "node:path";
import { sortProblems } from "../../../compile";
import { ProblemsError, type Problem } from "../../../provider/errors";
import type { Content } from "../repository";
import { ASSETS, MAPPINGS, MIGRATIONS, SEEDS } from "./folders";
import { OlderPolicy } from "./policy";
import { readOlderSettings, type OlderSettings } from "./settings";
import { OlderFolder } from "./source";
import { readOlderSql, type OlderSql } from "./sql";
import { LOCAL_ENVIRONMENT, localStackText, stackText } from "./stack";
import { bareEnvironment, readOlderEnvironments, type OlderEnvironment } from "./variables";

/** Nobody expects them to be taken over. */
const BESIDE = new Set([".git", "node_modules", "bundles", ".DS_Store"]);
/** What the local runtime, Pulumi and the names of their files take. */
const ENVIRONMENT_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/;

/** Something that was taken over. */
export interface Taken {
  /** In the older folder. */
  readonly from: string;
  /** In the new repository. */
  readonly to: string;
  /** Of a folder: how many of its files. */
  readonly files?: number;
}

/** What an older layout becomes. */
export interface TakenOver {
  readonly files: ReadonlyMap<string, Content>;
  /** Its environments, without the one on this machine. */
  readonly environments: readonly string[];
  /** The environment of the local runtime. */
  readonly local: string;
  readonly taken: readonly Taken[];
  /** What was not taken over, or not as it was; files are from the older folder. */
  readonly notes: readonly Problem[];
  /** Environments that share one Superset with others, in groups. */
  readonly sharing: readonly (readonly string[])[];
}

/**
 * @param folder path of the older layout
 * @throws ProblemsError where a file cannot be read or says something that cannot be meant, ConfigError where the folder has no such layout
 */
export function takeOver(folder: string): TakenOver {
  const older = new OlderFolder(folder);
  const settings = readOlderSettings(older);
  const policy = new OlderPolicy(older);
  const environments = allEnvironments(older, settings, policy);
  const assets = older.filesBelow(settings.assetsFolder);
  const mappings = older.filesBelow(MAPPINGS).filter((file) => /\.ya?ml$/.test(file));
  const sql = readOlderSql(older, policy.folders, posix.normalize(settings.assetsFolder));
  if (settings.file === undefined && environments.length === 0 && assets.length === 0 && mappings.length === 0 && sql.files.size === 0 && older.problems.length === 0) {
    older.problems.push({ file: ".", message: "nothing of an older layout is in it: no hybrid.yaml, env/*.yaml, assets/, mappings/ or migrations" });
  }
  const sharing = sharingOne(environments, settings);
  for (const group of sharing) {
    older.notes.push({ file: settings.file ?? "env", message: `${group.join(", ")} have one Superset: they were given 'superset:identity: per-environment', by which each has assets of its own in it. Where each has a Superset of its own, write its superset:url into Pulumi.<env>.yaml and remove that line` });
  }
  const local = LOCAL_ENVIRONMENT;
  const named = environments.map(({ name }) => name);
  const chosen = defaultEnvironment(older, settings, named);
  const like = environments.find(({ name }) => name === chosen) ?? environments[0] ?? bareEnvironment(local);
  const all = named.includes(local) ? named : [...named, local];
  const files = new Map<string, Content>([
    ...assets.map((file): [string, Content] => [`${ASSETS}/${posix.relative(settings.assetsFolder, file)}`, { copyOf: older.path(file) }]),
    ...mappings.map((file): [string, Content] => [file, { copyOf: older.path(file) }]),
    ...sql.files,
    ...environments.map((environment): [string, Content] => [`Pulumi.${environment.name}.yaml`, { text: stackText(environment, { mode: settings.mode, url: urlOf(environment, settings), shared: sharing.flat().includes(environment.name) }) }]),
    ...(named.includes(local) ? [] : [[`Pulumi.${local}.yaml`, { text: localStackText(like) }] as [string, Content]]),
    ["policy.yaml", { text: policy.text(all, chosen ?? all[0] ?? local, sql) }],
  ]);
  noteStrangers(older, settings, policy, environments);
  noteRest(older, settings, policy, sql);
  if (older.problems.length > 0) {
    throw new ProblemsError(sortProblems(older.problems), `${older.problems.length} ${older.problems.length === 1 ? "problem" : "problems"} in ${folder}; nothing was written.`);
  }
  return { files, environments: named, local, taken: takenOf({ settings, policy, environments, assets, mappings, sql }), notes: sortProblems(older.notes), sharing };
}

/** Those with a file, and those that only hybrid.yaml names; where there is neither, those of policy.yaml. */
function allEnvironments(older: OlderFolder, settings: OlderSettings, policy: OlderPolicy): OlderEnvironment[] {
  const read = readOlderEnvironments(older);
  const named = [...settings.workspaces.keys()];
  const others = read.length > 0 || named.length > 0 ? named : policy.environments.length > 0 ? policy.environments : settings.file === undefined ? [] : [settings.defaultEnvironment ?? "dev"];
  const bare = others.filter((name) => !read.some((environment) => environment.name === name));
  for (const name of bare) {
    older.notes.push({ file: settings.file ?? policy.file ?? "", message: `names the environment '${name}', and there is no env/${name}.yaml: it has the variable ENV alone` });
  }
  const all = [...read, ...bare.map(bareEnvironment)];
  for (const { name, file = settings.file ?? policy.file ?? "" } of all.filter((environment) => !ENVIRONMENT_NAME.test(environment.name))) {
    older.problems.push({ file, message: `'${name}' cannot be an environment: a name has 1 to 40 letters, digits, '-' and '_' and begins with a letter or digit` });
  }
  return all;
}

function defaultEnvironment(older: OlderFolder, { file, defaultEnvironment: wanted }: OlderSettings, named: readonly string[]): string | undefined {
  if (wanted !== undefined && !named.includes(wanted)) {
    older.notes.push({ file: file ?? "", message: `default_env is '${wanted}', and there is no such environment` });
  }
  return wanted !== undefined && named.includes(wanted) ? wanted : named.includes("dev") ? "dev" : named[0];
}

function urlOf({ name, url }: OlderEnvironment, settings: OlderSettings): string | undefined {
  return settings.mode === "preset" ? settings.workspaces.get(name) : (url ?? settings.url);
}

/** Environments with the same address, in groups of at least two. */
function sharingOne(environments: readonly OlderEnvironment[], settings: OlderSettings): string[][] {
  const urls = new Set(environments.flatMap((environment) => urlOf(environment, settings) ?? []));
  const groups = [...urls].map((url) => environments.filter((environment) => urlOf(environment, settings) === url).map(({ name }) => name));
  return groups.filter((group) => group.length > 1);
}

/** Environments that one file knows and another does not. */
function noteStrangers(older: OlderFolder, settings: OlderSettings, policy: OlderPolicy, environments: readonly OlderEnvironment[]): void {
  for (const environment of environments) {
    const { name, file } = environment;
    if (file === undefined) {
      continue;
    }
    if (settings.mode === "preset" && !settings.workspaces.has(name)) {
      older.notes.push({ file, message: `preset.workspaces has no address for '${name}': write superset:url into Pulumi.${name}.yaml` });
    } else if (settings.mode === "superset" && urlOf(environment, settings) === undefined) {
      older.notes.push({ file, message: `no address of a Superset was found for '${name}': write superset:url into Pulumi.${name}.yaml, or set SUPERSET_URL where it is applied` });
    }
  }
  for (const name of policy.environments.filter((candidate) => !environments.some((environment) => environment.name === candidate))) {
    older.notes.push({ ...policy.at(name), message: `'apply.${name}': there is no environment '${name}'` });
  }
}

/** What lies beside what was taken over. */
function noteRest(older: OlderFolder, settings: OlderSettings, policy: OlderPolicy, sql: OlderSql): void {
  const known = [settings.file, policy.file, settings.assetsFolder, MAPPINGS, "env", sql.migrations, sql.seeds].flatMap((path) => (path === undefined ? [] : [posix.normalize(path)]));
  const noted = new Set(older.notes.map(({ file }) => file));
  const look = (folder: string): void => {
    for (const name of older.names(folder).filter((candidate) => !BESIDE.has(candidate))) {
      const file = posix.join(folder, name);
      if (noted.has(file)) {
        continue;
      }
      if (known.some((path) => path.startsWith(`${file}/`))) {
        look(file);
      } else if (!known.includes(file)) {
        older.notes.push({ file: older.isFolder(file) ? `${file}/` : file, message: "was not taken over" });
      }
    }
  };
  look(".");
}

interface Parts {
  readonly settings: OlderSettings;
  readonly policy: OlderPolicy;
  readonly environments: readonly OlderEnvironment[];
  readonly assets: readonly string[];
  readonly mappings: readonly string[];
  readonly sql: OlderSql;
}

function takenOf({ settings, policy, environments, assets, mappings, sql }: Parts): Taken[] {
  const folder = (from: string | undefined, to: string, files: number): Taken[] => (from === undefined || files === 0 ? [] : [{ from: `${posix.normalize(from).replace(/\/$/, "")}/`, to: `${to}/`, files }]);
  const below = (to: string): number => [...sql.files.keys()].filter((path) => path.startsWith(`${to}/`)).length;
  return [
    ...(settings.file === undefined ? [] : [{ from: settings.file, to: "Pulumi.<env>.yaml, policy.yaml" }]),
    ...environments.flatMap(({ name, file }) => (file === undefined ? [] : [{ from: file, to: `Pulumi.${name}.yaml` }])),
    ...(policy.file === undefined ? [] : [{ from: policy.file, to: "policy.yaml" }]),
    ...folder(settings.assetsFolder, ASSETS, assets.length),
    ...folder(MAPPINGS, MAPPINGS, mappings.length),
    ...folder(sql.migrations, MIGRATIONS, below(MIGRATIONS)),
    ...folder(sql.seeds, SEEDS, below(SEEDS)),
  ];
}
