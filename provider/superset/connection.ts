import type { ExportDocument } from "../kinds/define";

/** An API key of Preset, and where tokens for it are given. */
export interface PresetKey {
  /** Address of Preset Manager's API. */
  readonly api: string;
  readonly token: string;
  readonly secret: string;
}

/** Where Superset is and who we are there. Either username and password, or a token, or an API key of Preset. */
export interface Connection {
  /** Address of Superset's start page; a sub-path is kept. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** Ready-made JWT access token or API key. With username and password beside it, an expired token is renewed. */
  readonly token?: string;
  /** The address is a workspace of Preset's. Nothing else of the login is used then. */
  readonly preset?: PresetKey;
  /** Asked once, when the password, the token or the API key is refused: what is configured by now. The caller may have read an older configuration. */
  renewed?(): Promise<Renewed>;
  /** Seconds one request may take. Default: 120; an import 600. */
  readonly timeoutSeconds?: number;
  /** Requests in flight at the same time. Default: 4. */
  readonly maxConcurrency?: number;
}

/** Credentials as they are configured now; nothing where they cannot be had, or there are no newer ones. */
export interface Renewed {
  readonly password?: string;
  readonly token?: string;
  /** Preset's. */
  readonly apiToken?: string;
  /** Preset's. */
  readonly apiSecret?: string;
}

/** An asset as Superset holds it. */
export interface LiveAsset {
  /** Singular name of the kind. */
  readonly kind: string;
  readonly uuid: string;
  /** Numeric id on this server. */
  readonly id: number;
  /** Parsed when first asked for; passwords are masked by Superset. */
  readonly document: ExportDocument;
  /** Path in the export, or the API path where it was read from elsewhere. Not an identity. */
  readonly path: string;
}

/** Who changed an asset last, as Superset's lists say (an import counts as a change, a few UI actions do not). */
export interface Editor {
  /** First and last name. */
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** Somebody's edit that a write of ours replaced without having seen it. */
export interface OverwrittenEdit extends Editor {
  /** What was called: `PUT /api/v1/chart/12`-like path. */
  readonly request: string;
  /** The fields that edit set, with their values where these hold no credentials. */
  readonly fields: Readonly<Record<string, string>>;
}

/** A guard's answer: Superset holds what was meant already, so nothing is written. */
export const KEEP = Symbol("keep");

/** One asset to create, or to give this document. */
export interface WriteRequest {
  /** Singular or plural name of the kind. */
  readonly kind: string;
  readonly uuid: string;
  /** Complete export document, secrets included. */
  readonly document: ExportDocument;
  /** Names the asset in messages: `chart "Revenue"`. */
  readonly label: string;
  /** Template the document comes from (`assets/charts/x.yaml:1`). */
  readonly source?: string;
  /** Sees the asset as it is immediately before the write (undefined = absent). Throw to refuse this one asset; return a document to write that instead, or `KEEP` to write nothing. */
  guard(live: LiveAsset | undefined): ExportDocument | typeof KEEP | void;
  /** Sees the asset as read again after the write. Throw when it is not what was meant. */
  verify(live: LiveAsset): void;
  /** Told when Superset's log shows that an edit came between guard and write and is gone. Default: the write fails with a ConcurrentEditError that names it. */
  overwritten?(edit: OverwrittenEdit): void;
}

/** What messages call a removal, and who may still stop it. */
export interface RemoveOptions {
  /** Names the asset in messages. Default: kind and uuid. */
  readonly label?: string;
  /** Sees the asset as it is immediately before the delete; throw to keep it. */
  guard?(live: LiveAsset): void;
}
