/** What a new repository is called, and where it gets this package from. */
import { existsSync } from "node:fs";
import { basename, isAbsolute, relative, resolve } from "node:path";
import { ConfigError } from "../../provider/errors";
import { packageManifest } from "./template";

/** Pulumi's rule for a project's name (sdk/go/common/tokens/project.go). */
const PROJECT = /^[A-Za-z0-9_.-]{1,100}$/;

/**
 * The project's name: part of the identity of every asset without a `uuid:`, so it is not changed later.
 * @param wanted default: the folder's name, what Pulumi does not take in it as `-`
 * @throws ConfigError where it cannot be one
 */
export function projectName(folder: string, wanted?: string): string {
  const own = packageManifest().name;
  const name = wanted ?? basename(resolve(folder)).replace(/[^A-Za-z0-9_.-]+/g, "-").replace(/^[-.]+|[-.]+$/g, "");
  if (!PROJECT.test(name)) {
    throw new ConfigError(
      wanted === undefined
        ? `the folder's name '${basename(resolve(folder))}' cannot be a project's: name it with --name, in letters, digits, '-', '_' and '.'`
        : `--name '${name}': a project's name has 1 to 100 letters, digits, '-', '_' and '.'`,
    );
  }
  if (name.toLowerCase() === own) {
    throw new ConfigError(`the project cannot be called '${name}', as the package it depends on: name it with --name`);
  }
  return name;
}

/**
 * The dependency on this package, as `package.json` has it: the version that is running, or what `--package` says. A file or folder is written
 * by its path from the repository, as npm does.
 * @throws ConfigError for a path where nothing is
 */
export function packageDependency(folder: string, spec: string | undefined, cwd: string): string {
  if (spec === undefined) {
    return packageManifest().version;
  }
  const path = resolve(cwd, spec.replace(/^file:/, ""));
  if (spec.trim() !== "" && existsSync(path)) {
    const below = relative(resolve(folder), path).replaceAll("\\", "/");
    return `file:${below === "" || below.startsWith(".") || isAbsolute(below) ? below || "." : `./${below}`}`;
  }
  if (spec.trim() === "" || /^(?:file:|\.{0,2}\/)|^[^:@]*\.(?:tgz|tar|tar\.gz)$/.test(spec)) {
    throw new ConfigError(`--package '${spec}': there is no such file or folder; name a tarball ('npm pack' makes one), a folder, or what npm takes as a version`);
  }
  return spec;
}
