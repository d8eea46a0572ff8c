/** Canonical form of a database: what counts as a difference, and why the rest does not. */
import type { KindRules } from "../define";
import { child, fill, isEmpty, omit, own, parse, prune, pruneDeep, toCanonical, toWire, type Draft, type Rule } from "../../rule";

/** Settings a database has when nobody says otherwise. */
export const DEFAULTS = {
  expose_in_sqllab: true,
  allow_run_async: false,
  allow_ctas: false,
  allow_cvas: false,
  allow_dml: false,
  allow_csv_upload: true,
  impersonate_user: false,
  configuration_method: "sqlalchemy_form",
} as const;

/** Members of `extra` whose absence means this value. */
const EXTRA_DEFAULTS: Readonly<Record<string, boolean>> = {
  allows_virtual_table_explore: true,
  cost_estimate_enabled: false,
  cancel_query_on_windows_unload: false,
  disable_data_preview: false,
  disable_drill_to_detail: false,
  allow_multi_catalog: false,
  per_user_caching: false,
};

/** Keys that are not the asset's: the file format's, the server's, or secrets (kept apart by `secrets.ts`, compared nowhere). */
const NOT_OURS = ["version", "password", "encrypted_extra", "masked_encrypted_extra", "is_managed_externally", "external_url", "id", "driver", "backend"];

const MASK = "XXXXXXXXXX";

/** The table. */
const table: readonly Rule[] = [
  {
    at: "*",
    why: "An absent key keeps the server's old value on import, so every key is written, null to clear it; here null, '', {} and [] all mean 'not set'.",
    source: "models/helpers.py: import_from_dict sets only the keys it is given",
    canonical: prune,
    wire: (draft) => {
      fill(draft, DEFAULTS);
      draft["cache_timeout"] ??= null;
      draft["extra"] ??= {};
      draft["version"] = "1.0.0";
    },
  },
  {
    at: NOT_OURS.join(", "),
    why: "Passwords come back masked or not at all and encrypted_extra partly masked: neither can be compared; the rest belongs to the file format or the server.",
    source: "commands/database/export.py: _file_content; models/core.py: Database.export_fields",
    canonical: (draft) => omit(draft, NOT_OURS),
  },
  {
    at: "allow_csv_upload",
    why: "Exports of datasets, charts and dashboards spell it allow_file_upload, those of databases allow_csv_upload.",
    source: "commands/database/export.py: replacements; databases/schemas.py: fix_allow_csv_upload",
    canonical: (draft) => rename(draft, "allow_file_upload", "allow_csv_upload"),
  },
  {
    at: Object.keys(DEFAULTS).join(", "),
    why: "The server fills what a template leaves out.",
    source: "models/core.py: Database column defaults; commands/database/importers/v1/utils.py: allow_file_upload",
    canonical: (draft) => fill(draft, DEFAULTS),
  },
  {
    at: "sqlalchemy_uri",
    why: "The password is stored apart and shown as XXXXXXXXXX; the text is re-written with its query parameters sorted and without empty ones.",
    source: "models/core.py: set_sqlalchemy_uri, sqlalchemy.engine.url.URL.render_as_string",
    canonical: (draft) => {
      const uri = own(draft, "sqlalchemy_uri");
      if (typeof uri === "string") draft["sqlalchemy_uri"] = plainUri(uri);
    },
  },
  {
    at: "ssh_tunnel.password, ssh_tunnel.private_key, ssh_tunnel.private_key_password",
    why: "Secrets, masked in exports. Server, port and user of the tunnel are settings like any other.",
    source: "commands/database/export.py: mask_password_info",
    canonical: (draft) => {
      const tunnel = child(draft, "ssh_tunnel");
      if (tunnel === undefined) return;
      omit(tunnel, ["password", "private_key", "private_key_password", "id", "uuid", "database_id"]);
      prune(tunnel);
      if (isEmpty(tunnel)) delete draft["ssh_tunnel"];
    },
  },
  {
    at: "extra",
    why: "Stored as JSON text; `version` is written by the server when the connection is tested.",
    source: "commands/database/export.py: parse_extra; databases/schemas.py: ImportV1DatabaseExtraSchema",
    canonical: (draft) => {
      parse(draft, "extra");
      const extra = child(draft, "extra");
      if (extra === undefined) return;
      delete extra["version"];
      pruneDeep(extra);
    },
  },
  {
    at: "extra.schemas_allowed_for_csv_upload",
    why: "Two spellings, and a list that an older database dialog saved as JSON text.",
    source: "commands/database/export.py: parse_extra; databases/schemas.py: fix_schemas_allowed_for_csv_upload",
    canonical: (draft) => {
      const extra = child(draft, "extra");
      if (extra === undefined) return;
      rename(extra, "schemas_allowed_for_file_upload", "schemas_allowed_for_csv_upload");
      parse(extra, "schemas_allowed_for_csv_upload");
      pruneDeep(extra);
    },
  },
  {
    at: Object.keys(EXTRA_DEFAULTS)
      .map((key) => `extra.${key}`)
      .join(", "),
    why: "The database dialog writes these switches also where they say what their absence says.",
    source: "models/core.py: allows_virtual_table_explore and its neighbours read get_extra().get(key, default)",
    canonical: (draft) => {
      const extra = child(draft, "extra");
      if (extra === undefined) return;
      for (const [key, value] of Object.entries(EXTRA_DEFAULTS)) if (own(extra, key) === value) delete extra[key];
      if (isEmpty(extra)) delete draft["extra"];
    },
  },
];

function rename(draft: Draft, from: string, to: string): void {
  const value = own(draft, from);
  if (value === undefined) return;
  delete draft[from];
  if ((own(draft, to) ?? null) === null) draft[to] = value;
}

/** The URI as Superset shows it. What does not look like one is left alone. */
function plainUri(uri: string): string {
  const parts = /^([^:/?#]+:\/\/)(?:([^@/]*(?:@[^@/]*)*)@)?([^?]*)(?:\?(.*))?$/su.exec(uri);
  if (parts === null) return uri;
  const [, scheme = "", user, rest = "", query] = parts;
  return scheme + (user === undefined ? "" : `${plainUser(user)}@`) + rest + (query === undefined ? "" : plainQuery(query));
}

function plainUser(user: string): string {
  const colon = user.indexOf(":");
  return colon < 0 ? user : `${user.slice(0, colon)}:${MASK}`;
}

function plainQuery(query: string): string {
  const pairs = [...new URLSearchParams(query)].filter(([, value]) => value !== "");
  const sorted = new URLSearchParams(pairs.sort(([a, x], [b, y]) => compareText(a, b) || compareText(x, y)));
  return pairs.length === 0 ? "" : `?${sorted.toString()}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Rules of databases. Not seen here: passwords and `encrypted_extra` (Superset never shows them unmasked in a way that could be
 * compared); everything else of the database dialog is.
 */
export const rules: KindRules = {
  canonical: (document, context) => toCanonical(table, document, context),
  wire: (canonical, context) => toWire(table, canonical, context),
  relevant: (live) => live,
  merge: (desired) => desired,
};
