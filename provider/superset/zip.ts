import { unzipSync, zipSync, type Zippable } from "fflate";
import { SupersetError } from "../errors";

/** Limits of ZIPs read from a server: a hostile or broken one must not fill the memory. */
interface ZipLimits {
  /** Default: 100,000. */
  readonly maxEntries?: number;
  /** Bytes of one entry, unpacked. Default: 64 MiB. */
  readonly maxEntryBytes?: number;
  /** Bytes of all entries, unpacked. Default: 1 GiB. */
  readonly maxTotalBytes?: number;
  /** Unpacked : packed, of one entry of over a megabyte. Default: 200, as Superset itself allows. */
  readonly maxRatio?: number;
}

/** YAML entries of an export by path below its one root folder. Throws for anything outside the limits or a path that leaves the root. */
export function readZip(bytes: Uint8Array, limits: ZipLimits = {}): Map<string, Uint8Array> {
  const { maxEntries = 100_000, maxEntryBytes = 64 * 2 ** 20, maxTotalBytes = 2 ** 30, maxRatio = 200 } = limits;
  let entries = 0;
  let total = 0;
  const refuse = (problem: string): never => {
    throw new SupersetError(`The ZIP that Superset sent is refused: ${problem}.`);
  };
  const files = unpack(bytes, ({ name, size, originalSize }) => {
    entries++;
    total += originalSize;
    if (entries > maxEntries) {
      refuse(`it has more than ${maxEntries} entries`);
    }
    if (originalSize > maxEntryBytes) {
      refuse(`${name} unpacks to ${originalSize} bytes, more than ${maxEntryBytes}`);
    }
    if (total > maxTotalBytes) {
      refuse(`it unpacks to more than ${maxTotalBytes} bytes`);
    }
    if (originalSize > 2 ** 20 && originalSize > size * maxRatio) {
      refuse(`${name} is packed more than ${maxRatio} : 1`);
    }
    if (name.startsWith("/") || name.includes("\\") || name.split("/").includes("..")) {
      refuse(`the path ${JSON.stringify(name)} leaves its folder`);
    }
    return /\.ya?ml$/i.test(name);
  });
  const result = new Map<string, Uint8Array>();
  for (const [name, content] of Object.entries(files)) {
    const slash = name.indexOf("/");
    result.set(slash === -1 ? name : name.slice(slash + 1), content);
  }
  return result;
}

function unpack(bytes: Uint8Array, filter: (file: { readonly name: string; readonly size: number; readonly originalSize: number }) => boolean): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter });
  } catch (error) {
    if (error instanceof SupersetError) {
      throw error;
    }
    throw new SupersetError("Superset's export is not a readable ZIP file.", { cause: error });
  }
}

/** Same files, same bytes: entries below one root folder (Superset strips the first path segment), in the order given, dated 1980. */
export function writeZip(files: ReadonlyMap<string, string>, root = "bundle"): Uint8Array {
  const encoder = new TextEncoder();
  const zippable: Zippable = {};
  let total = 0;
  for (const [path, text] of files) {
    const content = encoder.encode(text);
    total += content.length;
    zippable[`${root}/${path}`] = content;
  }
  const options = { mtime: new Date(1980, 0, 1), os: 0, level: 6 } as const;
  const packed = zipSync(zippable, options);
  // Superset refuses what is packed more than 200 : 1 (config ZIP_FILE_MAX_COMPRESS_RATIO).
  return total > packed.length * 100 ? zipSync(zippable, { ...options, level: 0 }) : packed;
}
