/** A bundle: all assets of an environment in Superset's own export layout, which its UI and `superset-cli` import as it is. */
import { createHash } from "node:crypto";
import type { ExpandContext, ExportDocument, Kind } from "../provider/kinds/define";
import { stringifyExport } from "./export-yaml";

/** Superset takes a bundle only with this version, and fails on a timestamp that is not quoted; a constant keeps bundles byte-equal. */
const METADATA = "version: 1.0.0\ntype: assets\ntimestamp: '1980-01-01T00:00:00+00:00'\n";

/** One asset of a bundle. */
export interface BundleAsset {
  readonly kind: Kind;
  readonly uuid: string;
  readonly document: ExportDocument;
  /** File name below the kind's folder, without extension. Default: what Superset's export would call it, without numbers of the server. */
  readonly path?: string;
}

/** Files by path, `/`-separated, sorted. */
export function bundleFiles(assets: readonly BundleAsset[], context: Pick<ExpandContext, "document">): Map<string, string> {
  const files = new Map<string, string>([["metadata.yaml", METADATA]]);
  const taken = new Set<string>();
  for (const { kind, uuid, document, path: given } of [...assets].sort((left, right) => (left.uuid < right.uuid ? -1 : 1))) {
    const path = `${kind.plural}/${given ?? kind.bundlePath(document, context)}`;
    // Paths that differ only in case are one file on some disks.
    const clash = taken.has(path.toLowerCase());
    const unique = clash ? `${path}_${uuid.slice(0, 8)}` : path;
    taken.add(unique.toLowerCase());
    files.set(`${unique}.yaml`, stringifyExport(document));
  }
  return new Map([...files].sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** SHA-256 (hex) over the sorted paths and contents. Persisted in `meta.deployments`. */
export function bundleHash(files: ReadonlyMap<string, string>): string {
  const hash = createHash("sha256");
  for (const [path, content] of [...files].sort(([left], [right]) => (left < right ? -1 : 1))) {
    hash.update(`${path}\0${Buffer.byteLength(content)}\0${content}`);
  }
  return hash.digest("hex");
}
