/** The Python that has Superset, where there is one: for tests against what Superset really does with our files. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** SUPERSET_PYTHON, else the one `hybrid local` installed. */
export function supersetPython(): string | undefined {
  const cache = process.env.PULUMI_SUPERSET_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "pulumi-superset");
  const installed = existsSync(cache) ? readdirSync(cache).filter((name) => name.startsWith("python-")).map((name) => join(cache, name, "bin", "python")) : [];
  return [process.env.SUPERSET_PYTHON, ...installed].find((path): path is string => path !== undefined && existsSync(path));
}

/** The installed package's folder `superset`. */
export function supersetPackage(): string | undefined {
  const python = supersetPython();
  if (python === undefined) {
    return undefined;
  }
  const run = spawnSync(python, ["-c", "import importlib.util as u; print(u.find_spec('superset').submodule_search_locations[0])"], { encoding: "utf8" });
  return run.status === 0 ? run.stdout.trim() : undefined;
}
