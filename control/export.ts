/**
 * Exports: what Superset holds, in Superset's own layout (its UI and `superset-cli` import it) and in canonical form, so that exports of an
 * unchanged server, or of two servers with the same assets, are equal byte for byte.
 */
import type { Compiled } from "../compile";
import { bundleFiles, type BundleAsset } from "../compile/bundle";
import { ConfigError, ProblemsError } from "../provider/errors";
import { isObject, type Json, type JsonObject } from "../provider/json";
import type { Canonical, CanonicalContext, ExportDocument } from "../provider/kinds/define";
import { NO_SERVER } from "../provider/kinds/fields";
import { kindNamed, kinds } from "../provider/kinds/registry";
import type { LiveAsset } from "../provider/superset/gateway";
import type { ControlEnvironment } from "./environment";
import { pageNamed, withNeeds } from "./needs";

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
  const chosen = dashboard === undefined ? kinds.flatMap((kind) => snapshot.all(kind.name)) : withNeeds(snapshot, [pageNamed(snapshot, dashboard, gateway.url)]);
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
  const { [nameField]: name = null, ...rest } = rules.wire(sorted(form) as Canonical, NO_SERVER);
  return { [nameField]: name, ...(sorted(rest) as JsonObject) };
}

/** Keys in the order of the alphabet: Superset gives them in the order in which somebody once saved them. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  return isObject(value) ? Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)).map(([key, item]) => [key, sorted(item)])) : value;
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
