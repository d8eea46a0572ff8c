/**
 * What Pulumi's files configure, read without Pulumi and by its rules: a setting of `Pulumi.<env>.yaml` is taken whole, and `config:` of
 * `Pulumi.yaml` holds for the environments that do not set it.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { readYaml, type Path, type YamlFile } from "../compile/yaml";
import { ProblemsError, type Problem } from "./errors";
import { isObject, type Json } from "./json";
import { isEncrypted, projectFile } from "./pulumi-files";

/** What `superset:mode` may say: whose login the server at `superset:url` has. */
const MODES = ["superset", "preset"] as const;

/** Whose login the server has. */
export type Mode = (typeof MODES)[number];

/** What is said of another mode. */
export const MODE_PROBLEM = `'superset:mode' must be ${MODES.map((mode) => `'${mode}'`).join(" or ")}`;

/** The mode that is configured; undefined where the setting says something else. */
export function modeOf(value: Json | undefined): Mode | undefined {
  return value === undefined ? "superset" : MODES.find((mode) => mode === value);
}

/** A place in one of the files. */
type Place = Pick<Problem, "file" | "line" | "column">;

/** One setting as a file has it, undecrypted. */
export interface Setting {
  readonly value: Json;
  /** The file, from the repository's root. */
  readonly file: string;
  /** Where it is written; with `path`, a place inside its value. */
  at(path?: Path): Place;
}

/** The configuration of one environment. */
export interface Configuration {
  /** The project's name; undefined where there is no `Pulumi.yaml`. */
  readonly project: string | undefined;
  /** The environment's file, from the repository's root; undefined where there is none. */
  readonly file: string | undefined;
  /** What the environment's passphrase is checked against (`encryptionsalt`); undefined where something else encrypts its secrets, or nothing yet. */
  readonly passphraseSalt: string | undefined;
  /** By `namespace:name`; a setting without a value is not there. */
  readonly settings: ReadonlyMap<string, Setting>;
}

/** Names of the environments of a repository, from its stack files. `Pulumi.<env>.deploy.yaml` is how Pulumi Deployments deploys one. */
export function environmentNames(root: string): string[] {
  const folder = join(root, stackFolder(readPulumiFile(root, projectFile(root))));
  if (!existsSync(folder)) {
    return [];
  }
  return readdirSync(folder).flatMap((file) => /^Pulumi\.(.+)\.ya?ml$/.exec(file)?.[1] ?? []).filter((name) => !name.endsWith(".deploy")).sort();
}

/** Reads the configuration of an environment. @throws ProblemsError for a file that cannot be read, and for what Pulumi does not take */
export function readConfiguration(root: string, environment: string): Configuration {
  const project = readPulumiFile(root, projectFile(root));
  const name = project === undefined ? undefined : nameOf(project);
  const folder = stackFolder(project);
  const file = ["yaml", "yml"].map((extension) => posix.join(folder, `Pulumi.${environment}.${extension}`)).find((candidate) => existsSync(join(root, candidate)));
  const stack = readPulumiFile(root, file);
  const { encryptionsalt: salt, secretsprovider: secretsProvider = "passphrase" } = stack?.yaml.value ?? {};
  const passphraseSalt = typeof salt === "string" && secretsProvider === "passphrase" ? salt : undefined;
  return { project: name, file, passphraseSalt, settings: new Map([...projectSettings(project, name), ...stackSettings(stack, name)]) };
}

interface PulumiFile {
  readonly file: string;
  readonly yaml: YamlFile;
}

function readPulumiFile(root: string, file: string | undefined): PulumiFile | undefined {
  if (file === undefined) {
    return undefined;
  }
  const yaml = readYaml(readFileSync(join(root, file), "utf8"), { lenient: true });
  if (yaml.problems.length > 0 && yaml.empty !== true) {
    throw unreadable(file, yaml.problems.map((problem) => ({ file, ...problem })));
  }
  return { file, yaml };
}

function unreadable(file: string, problems: readonly Problem[]): ProblemsError {
  return new ProblemsError(problems, `${file} cannot be read.`);
}

function nameOf({ file, yaml }: PulumiFile): string {
  const name = yaml.value?.["name"];
  if (typeof name !== "string" || name === "") {
    throw unreadable(file, [{ file, ...yaml.position(["name"], true), message: "'name' (the project's name) is missing" }]);
  }
  return name;
}

/** `stackConfigDir`, which older projects write as `config: <folder>`. */
function stackFolder(project: PulumiFile | undefined): string {
  const { stackConfigDir, config } = project?.yaml.value ?? {};
  const folder = stackConfigDir ?? config;
  return typeof folder === "string" ? folder : "";
}

/** The settings of `config:` as they are written, by their full names. */
function writtenSettings({ file, yaml }: PulumiFile, project: string | undefined): [name: string, value: Json, at: Setting["at"]][] {
  const config = yaml.value?.["config"] ?? {};
  if (!isObject(config)) {
    throw unreadable(file, [{ file, ...yaml.position(["config"], true), message: "'config' must be a mapping" }]);
  }
  return Object.entries(config).map(([key, value]) => {
    // `aws:config:region` is the old spelling of `aws:region`.
    const full = key.includes(":") || project === undefined ? key.replace(/^([^:]+):config:/, "$1:") : `${project}:${key}`;
    return [full, value, (path = []) => ({ file, ...yaml.position(["config", key, ...path], true) })];
  });
}

function stackSettings(stack: PulumiFile | undefined, project: string | undefined): [string, Setting][] {
  return stack === undefined ? [] : writtenSettings(stack, project).flatMap(([name, value, at]) => (value === null ? [] : [[name, { value, file: stack.file, at }]]));
}

/** In `Pulumi.yaml`, a mapping describes the setting: its value is below `value:`, of a setting of the project's own below `default:`. */
function projectSettings(project: PulumiFile | undefined, name: string | undefined): [string, Setting][] {
  if (project === undefined || typeof project.yaml.value?.["config"] === "string") {
    return [];
  }
  const { file } = project;
  const problems: Problem[] = [];
  const settings = writtenSettings(project, name).flatMap(([key, written, at]): [string, Setting][] => {
    const field = isObject(written) ? ["value", "default"].find((candidate) => Object.hasOwn(written, candidate)) : undefined;
    const value = isObject(written) ? (field === undefined ? null : (written[field] ?? null)) : written;
    if (isEncrypted(value)) {
      problems.push({ ...at(), message: `'${key}' is encrypted, which Pulumi takes in the file of an environment only: pulumi config set --secret ${key}` });
      return [];
    }
    if (value === null) {
      if (name === undefined || !key.startsWith(`${name}:`)) {
        problems.push({ ...at(), message: `'${key}' has no value; write it below 'value:'` });
      }
      return [];
    }
    return [[key, { value, file, at: (path = []) => at([...(field === undefined ? [] : [field]), ...path]) }]];
  });
  if (problems.length > 0) {
    throw unreadable(file, problems);
  }
  return settings;
}
