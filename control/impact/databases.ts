/** Which databases of a bundle are the warehouse that the migrations are for. Pure. */
import type { Compiled, CompiledAsset } from "../../compile";
import type { DatabaseAddress } from "../../provider/kinds/define";
import { kindNamed } from "../../provider/kinds/registry";

/** A database of the bundle. */
export interface BundleDatabase {
  readonly asset: CompiledAsset;
  readonly address: DatabaseAddress | undefined;
  /** It is the warehouse; else why it is not taken for it. */
  readonly warehouse: true | string;
  /** What a reader should know of the choice. */
  readonly note?: string;
}

const POSTGRES = /^postgres(?:ql)?$/;
const HERE = /^(?:localhost|127(?:\.\d+){3}|::1|)$/;

/**
 * A PostgreSQL database of the same host, port and name is the warehouse; one of the same name at another address is taken for it, as
 * Superset may reach it by another way (a tunnel, a pooler, a container's name), and that is told.
 * @param url of the warehouse; undefined: it is not known, and then the only PostgreSQL database is taken for it
 */
export function bundleDatabases(compiled: Pick<Compiled, "assets">, url: string | undefined): readonly BundleDatabase[] {
  const databases = compiled.assets.flatMap((asset) => {
    const kind = kindNamed(asset.kind);
    return kind.address === undefined ? [] : [{ asset, address: kind.address(asset.document) }];
  });
  const many = databases.filter(({ address }) => address !== undefined && POSTGRES.test(address.dialect)).length > 1;
  return databases.map(({ asset, address }) => {
    if (address === undefined) {
      return { asset, address, warehouse: "its address cannot be read without a secret" };
    }
    if (!POSTGRES.test(address.dialect)) {
      return { asset, address, warehouse: `it is no PostgreSQL but ${address.dialect}` };
    }
    if (url === undefined) {
      return { asset, address, warehouse: many ? "there are several PostgreSQL databases, and warehouse:url does not say which one the migrations are for" : true };
    }
    return { asset, address, ...compare(asset, address, url) };
  });
}

function compare(asset: CompiledAsset, address: DatabaseAddress, url: string): Pick<BundleDatabase, "warehouse" | "note"> {
  const target = new URL(url);
  const theirs = { host: target.searchParams.get("host") ?? target.hostname.replace(/^\[|\]$/g, ""), port: Number(target.port || 5432), database: decodeURIComponent(target.pathname.slice(1)) };
  const ours = { host: address.host ?? "", port: address.port ?? 5432, database: address.database ?? address.username ?? "" };
  const shown = ({ host, port, database }: typeof ours): string => `${host === "" ? "localhost" : host}:${port}/${database}`;
  if (ours.database !== theirs.database) {
    return { warehouse: `it is ${shown(ours)}, and the migrations are for ${shown(theirs)}` };
  }
  const same = ours.port === theirs.port && (ours.host === theirs.host || (HERE.test(ours.host) && HERE.test(theirs.host)));
  return { warehouse: true, ...(same ? {} : { note: `${asset.kind} '${asset.name}' (${shown(ours)}) is taken for the warehouse (${shown(theirs)}), as the database has the same name` }) };
}
