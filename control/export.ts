/**
 * Exports: what Superset holds, in Superset's own layout (its UI and `superset-cli` import it) and in canonical form, so that exports of an
 * unchanged server, or of two servers with the same assets, are equal byte for byte.
 */
import type { Compiled } from "../compile";
import { bundleFiles, type BundleAsset } from "../compile/bundle";
import { ConfigError, ProblemsError } from "../provider/errors";
import { isObject, type Json, type JsonObject } from "../provider/json";
import type { Canonical, CanonicalContext, ExportDocument } from "../provider/kinds/define";
import { kindNamed, kinds, pages } from "../provider/kinds/registry";
import type { LiveAsset, Snapshot } from "../provider/superset/gateway";
import type { ControlEnvironment } from "./environment";

/** What an export gives. */
export interface Exported {
  /** By path, `/`-separated, sorted. */
  readonly files: ReadonlyMap<string, string>;
  /** Number of assets by kind's plural. */
  readonly counts: Readonly<Record<string, number>>;
}

/**
 * Exports everything, or one dashboard with all it needs. Files of assets that Git knows are named by their key, others by what they are
 * called: a dashboard by its slug. There are no numbers of the server in it, and passwords are masked.
 * @param dashboard slug or uuid
 * @throws ConfigError for a dashboard that is not there
 */
export async function exportWorkspace(env: ControlEnvironment, dashboard?: string): Promise<Exported> {
  const { gateway, liveContext } = env.workspace;
  const snapshot = await gateway.snapshot();
  const all = kinds.flatMap((kind) => snapshot.all(kind.name));
  const chosen = dashboard === undefined ? all : withNeeds(snapshot, pageOf(all, dashboard, gateway.url));
  const keys = keysInGit(env);
  const documents = new Map(chosen.map((asset) => [asset.uuid, stableDocument(asset, liveContext)]));
  const assets = chosen.map(({ kind, uuid }): BundleAsset => {
    const key = keys.get(uuid);
    return { kind: kindNamed(kind), uuid, document: documents.get(uuid) ?? {}, ...(key === undefined ? {} : { path: key }) };
  });
  const files = bundleFiles(assets, { document: (_kind, uuid) => documents.get(uuid) });
  return { files, counts: Object.fromEntries(kinds.map((kind) => [kind.plural, chosen.filter((asset) => asset.kind === kind.name).length])) };
}

/** The whole export form of what is canonical of a live asset: the same on every server that holds it. */
function stableDocument(asset: LiveAsset, context: CanonicalContext): ExportDocument {
  const { rules, nameField } = kindNamed(asset.kind);
  // Not as a live form: controls that explore saves empty say nothing to who reads the file.
  const form = rules.canonical(asset.document, { ...context, live: false });
  const { [nameField]: name = null, ...rest } = rules.wire(sorted(form) as Canonical, { chartId: () => undefined });
  return { [nameField]: name, ...(sorted(rest) as JsonObject) };
}

/** Keys in the order of the alphabet: Superset gives them in the order in which somebody once saved them. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  return isObject(value) ? Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)).map(([key, item]) => [key, sorted(item)])) : value;
}

function pageOf(all: readonly LiveAsset[], wanted: string, url: string): LiveAsset {
  const slugs: string[] = [];
  for (const asset of all) {
    const { page, naturalKey } = kindNamed(asset.kind);
    const key = page === true ? naturalKey(asset.document) : undefined;
    if (page === true && (asset.uuid === wanted || (key !== undefined && key === naturalKey({ ...asset.document, slug: wanted })))) {
      return asset;
    }
    slugs.push(...(key === undefined ? [] : [key]));
  }
  throw new ConfigError(`${url} has no ${pages.map(({ name }) => name).join(" or ")} with the slug or uuid '${wanted}'; there are: ${slugs.sort().join(", ") || "none with a slug"}`);
}

/** An asset and everything it names, each once. */
function withNeeds(snapshot: Snapshot, first: LiveAsset): readonly LiveAsset[] {
  const found = new Map([[first.uuid, first]]);
  for (const asset of found.values()) {
    for (const { kind, uuid } of kindNamed(asset.kind).references(asset.document)) {
      const needed = snapshot.asset(kind, uuid);
      if (needed !== undefined) {
        found.set(uuid, needed);
      }
    }
  }
  return [...found.values()];
}

function keysInGit(env: ControlEnvironment): ReadonlyMap<string, string> {
  let compiled: Compiled;
  try {
    compiled = env.compiled;
  } catch (error) {
    if (!(error instanceof ProblemsError || error instanceof ConfigError)) {
      throw error;
    }
    // To adopt a Superset one exports before there are templates.
    env.log(`the templates do not compile, so files are named after titles instead of keys: ${error.message.split("\n").at(-1) ?? ""}`);
    return new Map();
  }
  return new Map(compiled.assets.map(({ uuid, key }) => [uuid, key]));
}
