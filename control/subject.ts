/** What a run is about, so that a later one knows whether it may go on with it. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ProblemsError } from "../provider/errors";
import { readConfiguration } from "../provider/configuration";
import { MODE_VARIABLE } from "../provider/policy";
import { describeUrl } from "../provider/postgres/connection";
import { readFiles } from "../provider/postgres/preparation";
import { projectFile } from "../provider/pulumi-files";
import { hasMigrations, warehouseOptions } from "./db/warehouse";
import type { ControlEnvironment } from "./environment";
import { headCommit } from "./git/checkout";
import type { Subject } from "./journal";

/** Reads everything that decides what a run does, as hashes. @throws what the configuration throws */
export async function subjectOf(env: ControlEnvironment): Promise<Subject> {
  const [commit = "none", warehouse] = await Promise.all([headCommit(env.root), hasMigrations(env) ? warehouseOptions(env) : undefined]);
  const { folder, seeds } = warehouse === undefined ? { folder: undefined, seeds: [] } : readFiles(warehouse);
  const scripts = [...(folder?.migrations ?? []), ...(folder?.repeatables ?? []), ...(folder?.callbacks ?? []), ...seeds];
  const superset = new URL(env.settings.connection().url);
  return {
    commit,
    bundle: bundleHash(env),
    migrations: digest(scripts.map(({ name, checksum }) => `${name} ${checksum}`)),
    configuration: digest([...configurationFiles(env).map((file) => readFileSync(join(env.root, file), "utf8")), process.env[MODE_VARIABLE] ?? ""]),
    servers: digest([superset.origin + superset.pathname, warehouse === undefined ? "" : describeUrl(warehouse.url)]),
  };
}

/** Templates that do not compile are told by the step that compiles them. */
function bundleHash(env: ControlEnvironment): string {
  try {
    return env.compiled.hash;
  } catch (error) {
    if (error instanceof ProblemsError) {
      return "none";
    }
    throw error;
  }
}

function configurationFiles({ root, name }: ControlEnvironment): string[] {
  const { file } = readConfiguration(root, name);
  return ["policy.yaml", projectFile(root), file].flatMap((path) => (path !== undefined && existsSync(join(root, path)) ? [path] : []));
}

function digest(texts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) {
    hash.update(`${text.length}:${text}`);
  }
  return hash.digest("hex").slice(0, 16);
}
