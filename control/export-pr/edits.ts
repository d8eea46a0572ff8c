/** What was made in Superset, as what Git shall have of it: the edited assets with their new forms. */
import { changedPaths, hash, type FieldChange } from "../../provider/canonical";
import type { Json } from "../../provider/json";
import type { Canonical, Kind } from "../../provider/kinds/define";
import { kindNamed, kinds } from "../../provider/kinds/registry";
import { canonicalOf } from "../../provider/lifecycle";
import { mergeForms, type MergeConflict } from "../../provider/merge";
import type { Editor } from "../../provider/report";
import type { LiveAsset, Snapshot } from "../../provider/superset/gateway";
import type { ControlEnvironment } from "../environment";
import { pageNamed, withNeeds } from "../needs";
import { sameForm } from "./branch";
import { isDrifted, workspaceStatus, type AssetStatus } from "../status";

/** One asset that was edited, made or deleted in Superset. */
export interface Edit {
  readonly kind: Kind;
  readonly uuid: string;
  /** What people know it by. */
  readonly name: string;
  /** Its template, from the root; undefined for one that is new to Git. */
  readonly source: string | undefined;
  /** What Git has; undefined where it has none. */
  readonly before: Canonical | undefined;
  /** What Git shall have; undefined: its template goes. */
  readonly target: Canonical | undefined;
  /** All that Superset holds of it; undefined: it is gone. */
  readonly live: Canonical | undefined;
  /** `before` → `target`; empty where one of them is missing. */
  readonly changes: readonly FieldChange[];
  /** Where Git has changed the same since the last apply. Superset's value is in `target`. */
  readonly conflicts: readonly MergeConflict[];
  /** Git has changed an asset that was deleted in Superset, or removed one that was edited there. */
  readonly contradicts: boolean;
  /** Git has it, and nobody knows what was applied last: all of Superset's form is in `target`. */
  readonly unapplied: boolean;
  readonly editor: Editor | undefined;
}

/** Which edits are looked for. */
export interface EditScope {
  /** Only this page (slug or uuid) and what it needs. */
  readonly dashboard?: string | undefined;
  /** Also assets that Git does not know and no edited one needs. */
  readonly unmanaged?: boolean | undefined;
  /** Of these, those that are taken in any case, by uuid: an earlier export has taken them. */
  readonly taken?: ReadonlySet<string>;
  /** What Superset held when assets were exported to the branch that is added to, by uuid (undefined: nothing): these are compared with that instead of the last apply. */
  readonly exported?: ReadonlyMap<string, Canonical | undefined>;
}

/** What was found. */
export interface Found {
  /** By kind and name. */
  readonly edits: readonly Edit[];
  /** Assets of Git that edited ones use, by uuid, as Git has them and as Superset does: an edit may use something of them that Git does not list. */
  readonly used: ReadonlyMap<string, { readonly kind: Kind; readonly form: Canonical; readonly live: Canonical }>;
}

/**
 * The edits of an environment; those without a difference to Git are left out.
 * @throws what the configuration, the compilation, Superset and the Pulumi CLI throw
 */
export async function findEdits(env: ControlEnvironment, { dashboard, unmanaged = false, taken = new Set(), exported = new Map() }: EditScope): Promise<Found> {
  const status = await workspaceStatus(env);
  const snapshot = await env.workspace.gateway.snapshot();
  const chosen = dashboard === undefined ? undefined : pageAndNeeds(env, snapshot, dashboard);
  const isChosen = ({ uuid }: { readonly uuid: string }): boolean => chosen?.has(uuid) ?? true;

  const managed: Edit[] = [];
  for (const asset of status.assets.filter((one) => isChosen(one) && (isDrifted(one) || exported.has(one.uuid)))) {
    const live = canonicalOf(asset.kind, await env.workspace.gateway.read(asset.kind.name, asset.uuid), env.workspace.liveContext);
    managed.push(...editOf(asset, live, exported));
  }
  const inGit = new Set(status.assets.filter(({ desired }) => desired !== undefined).map(({ uuid }) => uuid));
  const edited = managed.flatMap(({ kind, uuid, target }) => (target === undefined ? [] : (snapshot.asset(kind.name, uuid) ?? [])));
  const alone = status.unmanaged.filter((one) => isChosen(one) && (unmanaged || dashboard !== undefined || taken.has(one.uuid)));
  const wanted = withNeeds(snapshot, [...edited, ...alone.map(({ asset }) => asset)]);
  const found = new Set(managed.map(({ uuid }) => uuid));
  const added = wanted.filter(({ uuid }) => !inGit.has(uuid) && !found.has(uuid)).map((asset) => newAsset(env, asset));
  const edits = inOrder(await withEditors(env, [...added, ...managed]));
  const isEdited = new Set(edits.map(({ uuid }) => uuid));
  const used = wanted.flatMap((asset): [string, { readonly kind: Kind; readonly form: Canonical; readonly live: Canonical }][] => {
    const [kind, form] = [kindNamed(asset.kind), env.forms.get(asset.uuid)];
    const live = canonicalOf(kind, asset, env.workspace.liveContext);
    return form === undefined || live === undefined || isEdited.has(asset.uuid) ? [] : [[asset.uuid, { kind, form, live }]];
  });
  return { edits, used: new Map(used) };
}

function pageAndNeeds(env: ControlEnvironment, snapshot: Snapshot, dashboard: string): ReadonlySet<string> {
  const page = pageNamed(snapshot, dashboard, env.workspace.gateway.url);
  const chosen = new Set(withNeeds(snapshot, [page]).map(({ uuid }) => uuid));
  // What Superset has lost, Git still names.
  const byUuid = new Map(env.compiled.assets.map((asset) => [asset.uuid, asset]));
  for (const uuid of chosen) {
    byUuid.get(uuid)?.dependsOn.forEach((needed) => chosen.add(needed));
  }
  return chosen;
}

function editOf(asset: AssetStatus, live: Canonical | undefined, exported: NonNullable<EditScope["exported"]>): Edit[] {
  const { kind, uuid, source, desired, memory } = asset;
  const base = exported.has(uuid) ? exported.get(uuid) : baseOf(asset);
  const known = memory !== undefined || exported.has(uuid);
  const inGitToo = known && !sameForm(base, desired);
  const edit = { kind, uuid, source, before: desired, live, unapplied: !known, editor: asset.editor };
  if (live === undefined) {
    return desired === undefined || (exported.has(uuid) && base === undefined) ? [] : [{ ...edit, name: asset.name, target: undefined, changes: [], conflicts: [], contradicts: inGitToo }];
  }
  const reference = base ?? desired;
  const found = reference === undefined ? live : kind.rules.relevant(live, reference);
  const name = String(found[kind.nameField] ?? uuid);
  if (desired === undefined) {
    // Removed in Git. Unedited since, it goes with the next apply.
    return sameForm(base, found) ? [] : [{ ...edit, name, target: found, changes: [], conflicts: [], contradicts: base !== undefined }];
  }
  // Where nobody knows what both started from, Superset's form is taken whole.
  const { merged, conflicts } = known ? mergeForms(base, desired, found) : { merged: found as Json, conflicts: [] };
  const target = merged as Canonical;
  const changes = changedPaths(desired, target);
  return changes.length === 0 ? [] : [{ ...edit, name, target, changes, conflicts, contradicts: false }];
}

/** What Git and Superset both started from. An edit that Git has taken over since is where a later one started. */
function baseOf({ kind, desired, memory }: AssetStatus): Canonical | undefined {
  if (memory?.seen !== undefined && desired !== undefined && hash(kind.rules.relevant(desired, memory.applied)) === memory.seen) {
    return desired;
  }
  return memory?.applied;
}

function newAsset(env: ControlEnvironment, asset: LiveAsset): Edit {
  const kind = kindNamed(asset.kind);
  // Not as a live form: controls that explore saves empty mean nothing without a template to compare with.
  const target = kind.rules.canonical(asset.document, { ...env.workspace.liveContext, live: false });
  const name = String(target[kind.nameField] ?? asset.uuid);
  return { kind, uuid: asset.uuid, name, source: undefined, before: undefined, target, live: target, changes: [], conflicts: [], contradicts: false, unapplied: false, editor: undefined };
}

/** Of the assets whose editor is not known yet. */
async function withEditors({ workspace: { gateway } }: ControlEnvironment, edits: readonly Edit[]): Promise<Edit[]> {
  return Promise.all(
    edits.map(async (edit) => ({ ...edit, editor: edit.editor ?? (edit.target === undefined ? undefined : (await gateway.editors(edit.kind.name, [edit.uuid])).get(edit.uuid)) })),
  );
}

/** By kind, each after those it needs, and name: the same in every run. */
function inOrder(edits: readonly Edit[]): Edit[] {
  return [...edits].sort((left, right) => kinds.indexOf(left.kind) - kinds.indexOf(right.kind) || compareText(left.name, right.name) || compareText(left.uuid, right.uuid));
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
