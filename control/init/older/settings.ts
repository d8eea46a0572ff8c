/** `hybrid.yaml`: the older control plane's settings. */
import { posix } from "node:path";
import { z } from "zod";
import { pathText, schemaProblems } from "../../../compile/validate";
import type { Mode } from "../../../provider/configuration";
import { leftOut, type OlderFolder, type OlderYaml } from "./source";

const FILES = ["hybrid.yaml", "hybrid.yml"];

const schema = z.strictObject({
  mode: z.enum(["superset", "preset"]).optional(),
  superset: z.strictObject({ url: z.string().optional() }).optional(),
  preset: z.strictObject({ workspaces: z.record(z.string(), z.string()).optional() }).optional(),
  default_env: z.string().optional(),
  assets_dir: z.string().optional(),
  bundles_dir: z.string().optional(),
});

/** The settings, with defaults filled in; what was wrong or unknown in the file is told to the folder. */
export interface OlderSettings {
  /** The file; undefined where there is none, and all is guessed from the folders. */
  readonly file: string | undefined;
  readonly mode: Mode;
  /** The one Superset of all environments, where it is an address. */
  readonly url: string | undefined;
  /** Addresses of Preset's workspaces, by environment. */
  readonly workspaces: ReadonlyMap<string, string>;
  readonly defaultEnvironment: string | undefined;
  /** Normalised, from the folder. */
  readonly assetsFolder: string;
}

/** Reads the settings. Never throws for what is in them. */
export function readOlderSettings(folder: OlderFolder): OlderSettings {
  const yaml = folder.yaml(...FILES);
  const value = yaml === undefined ? {} : known(folder, yaml);
  const workspaces = Object.entries(value.preset?.workspaces ?? {});
  const mode = value.mode ?? (value.superset === undefined && workspaces.length > 0 ? "preset" : "superset");
  const read = yaml === undefined ? () => undefined : (path: readonly string[], text: string | undefined) => addressAt(folder, yaml, path, text);
  const url = read(["superset", "url"], value.superset?.url);
  const addresses = workspaces.flatMap(([name, text]): [string, string][] => {
    const address = read(["preset", "workspaces", name], text);
    return address === undefined ? [] : [[name, address]];
  });
  if (yaml !== undefined) {
    const unused = mode === "preset" ? (url === undefined ? undefined : "superset") : workspaces.length > 0 ? "preset" : undefined;
    if (unused !== undefined) {
      folder.notes.push({ file: yaml.file, ...yaml.position([unused], true), message: `'${unused}' was not taken over: the mode is '${mode}'` });
    }
    if (value.bundles_dir !== undefined && value.bundles_dir.replace(/^\.\/|\/$/g, "") !== "bundles") {
      folder.notes.push({ file: yaml.file, ...yaml.position(["bundles_dir"], true), message: "'bundles_dir' was not taken over: bundles are written to bundles/<env>/, and elsewhere by 'hybrid compile --out <folder>'" });
    }
  }
  const assetsFolder = posix.normalize(value.assets_dir ?? "assets").replace(/\/$/, "");
  if (yaml !== undefined && (assetsFolder === "." || assetsFolder.startsWith("..") || posix.isAbsolute(assetsFolder))) {
    folder.problems.push({ file: yaml.file, ...yaml.position(["assets_dir"], true), message: "'assets_dir' must be a folder inside of this one" });
  }
  return { file: yaml?.file, mode, url, workspaces: new Map(mode === "preset" ? addresses : []), defaultEnvironment: value.default_env, assetsFolder };
}

/** The part of the file that the schema knows. A field that it does not know is noted; a wrong value stops the take-over. */
function known(folder: OlderFolder, yaml: OlderYaml): z.infer<typeof schema> {
  const value = structuredClone(yaml.value) as Record<string, unknown>;
  for (const { path, key, message } of schemaProblems(schema, yaml.value)) {
    const problem = { file: yaml.file, ...yaml.position(path, true) };
    if (key) {
      folder.notes.push({ ...problem, message: leftOut(path, message) });
    } else {
      folder.problems.push({ ...problem, message });
    }
    remove(value, path);
  }
  // What is left out of a mapping may leave one that is still wrong, where the mapping itself was.
  return schema.safeParse(value).data ?? {};
}

function remove(value: Record<string, unknown>, path: readonly (string | number)[]): void {
  const holder = path.slice(0, -1).reduce<unknown>((inner, step) => (typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>)[step] : undefined), value);
  if (typeof holder === "object" && holder !== null) {
    delete (holder as Record<string, unknown>)[String(path.at(-1))];
  }
}

/** An address as a setting can hold it. One that names a variable is left to the environment variables that are understood anyway. */
function addressAt(folder: OlderFolder, yaml: OlderYaml, path: readonly string[], text: string | undefined): string | undefined {
  if (text === undefined) {
    return undefined;
  }
  const place = { file: yaml.file, ...yaml.position(path) };
  if (/\$\{?\w+\}?|\{\{/.test(text)) {
    folder.notes.push({ ...place, message: `'${pathText(path)}' was not taken over: it names a variable, and where no stack file has superset:url the environment variable SUPERSET_URL says it` });
    return undefined;
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    folder.problems.push({ ...place, message: `'${pathText(path)}' must be an address, as 'https://bi.example.com'` });
    return undefined;
  }
  if (url.username !== "" || url.password !== "") {
    folder.notes.push({ ...place, message: `the credentials in '${pathText(path)}' were not taken over: keep them in the environment, or encrypted by 'pulumi config set --secret'` });
    url.username = "";
    url.password = "";
  }
  return url.href.replace(/\/$/, "");
}
