/**
 * How an environment stands: every asset in its three versions, by the same pure functions the provider uses (`provider/drift.ts`), from one
 * bulk look at Superset and the stack's state. Pulumi's engine does not run.
 */
import { changedPaths, type FieldChange } from "../provider/canonical";
import { assess, type Assessment, type Memory } from "../provider/drift";
import type { Canonical, Kind } from "../provider/kinds/define";
import { kindNamed, kinds } from "../provider/kinds/registry";
import { canonicalOf, labelOf } from "../provider/lifecycle";
import type { Editor } from "../provider/report";
import type { LiveAsset } from "../provider/superset/gateway";
import type { ControlEnvironment } from "./environment";

/**
 * What an asset's three versions say together.
 *
 * - `same`: Superset holds what Git wants
 * - `pending`: only Git has changed (or has a new asset, or has none any more)
 * - `drift`: only Superset has changed
 * - `conflict`: both have, to different forms
 * - `foreign`: it lives in Superset in another form, and was never applied from here
 */
export type Standing = "same" | "pending" | "drift" | "conflict" | "foreign";

/** One asset that Git knows, or that the last apply wrote. */
export interface AssetStatus {
  readonly kind: Kind;
  readonly uuid: string;
  /** `chart 'Revenue' (assets/charts/revenue.yaml.j2)`. */
  readonly label: string;
  /** What people know it by in Superset. */
  readonly name: string;
  /** Its place in diffs: the kind's folder and its key (without a template: its uuid). */
  readonly path: string;
  /** Template, from the root; undefined where Git has none any more. */
  readonly source: string | undefined;
  /** What Git wants; undefined where the template was removed. */
  readonly desired: Canonical | undefined;
  /** What the state remembers; undefined where it was never applied from here. */
  readonly memory: Memory | undefined;
  /** What Superset holds, without what is noise next to the other versions; undefined where it has none. */
  readonly live: Canonical | undefined;
  readonly standing: Standing;
  readonly assessment: Assessment;
  /** applied → Git: what changed in Git since the last apply. Empty for an asset that was never applied. */
  readonly inGit: readonly FieldChange[];
  /** Who changed it in Superset last; only of what is not `same` or `pending`. */
  readonly editor: Editor | undefined;
}

/** An asset of Superset that neither Git nor the state knows. */
export interface UnmanagedAsset {
  readonly kind: Kind;
  readonly uuid: string;
  readonly name: string;
  readonly asset: LiveAsset;
}

/** Everything of one environment. */
export interface WorkspaceStatus {
  /** Each after the assets it needs; those without a template last. */
  readonly assets: readonly AssetStatus[];
  /** By kind and name. */
  readonly unmanaged: readonly UnmanagedAsset[];
}

/**
 * Reads Superset and the state, and compares. Nothing is changed.
 * @throws what the configuration, the compilation, Superset and the Pulumi CLI throw
 */
export async function workspaceStatus(env: ControlEnvironment): Promise<WorkspaceStatus> {
  const { workspace } = env;
  // Superset takes longest: it works while the templates are compiled and the CLI reads the state.
  const reading = Promise.all([workspace.gateway.snapshot(), env.memories()]);
  reading.catch(() => undefined);
  // The requests go out in a later turn of the event loop.
  await new Promise(setImmediate);
  const { compiled, forms } = env;
  const [snapshot, memories] = await reading;

  const declared = compiled.assets.map((asset) => {
    const kind = kindNamed(asset.kind);
    return { kind, uuid: asset.uuid, path: `${kind.plural}/${asset.key}`, source: asset.source, desired: forms.get(asset.uuid), memory: memories.get(asset.uuid)?.memory };
  });
  const inGit = new Set(declared.map(({ uuid }) => uuid));
  const removed = [...memories].filter(([uuid]) => !inGit.has(uuid)).map(([uuid, { kind, memory }]) => ({ kind, uuid, path: `${kind.plural}/${uuid}`, source: undefined, desired: undefined, memory }));
  const assets: Omit<AssetStatus, "editor">[] = [];
  for (const known of [...declared, ...removed]) {
    // A list of Superset's can miss a row: absence is confirmed by the gateway.
    const live = canonicalOf(known.kind, await workspace.gateway.read(known.kind.name, known.uuid), workspace.liveContext);
    if (live !== undefined || known.desired !== undefined) {
      assets.push(standingOf(known, live));
    }
  }
  const known = new Set([...inGit, ...memories.keys()]);
  const unmanaged = kinds.flatMap((kind) =>
    snapshot.all(kind.name).filter(({ uuid }) => !known.has(uuid)).map((asset) => ({ kind, uuid: asset.uuid, name: String(asset.document[kind.nameField] ?? asset.uuid), asset })),
  );
  return { assets: await withEditors(env, assets), unmanaged: unmanaged.sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || compareText(a.name, b.name) || compareText(a.uuid, b.uuid)) };
}

/** Whether somebody's work in Superset is not what Git has: what `drift-plan` and the gates of a deploy are about. */
export function isDrifted({ standing }: Pick<AssetStatus, "standing">): boolean {
  return standing === "drift" || standing === "conflict" || standing === "foreign";
}

type Known = Pick<AssetStatus, "kind" | "uuid" | "path" | "source" | "desired" | "memory">;

function standingOf({ kind, uuid, path, source, desired, memory }: Known, live: Canonical | undefined): Omit<AssetStatus, "editor"> {
  const assessment = assess(kind.rules, { ...(desired === undefined ? {} : { desired }), ...(memory === undefined ? {} : { memory }), ...(live === undefined ? {} : { live }) });
  const inGit = memory === undefined ? [] : changedPaths({ ...memory.applied }, desired === undefined ? undefined : { ...desired });
  const form = desired ?? memory?.applied ?? live ?? {};
  const reference = desired ?? memory?.applied;
  return {
    kind,
    uuid,
    path,
    source,
    desired,
    memory,
    name: String(form[kind.nameField] ?? uuid),
    label: labelOf(kind, form, source),
    live: live === undefined || reference === undefined ? live : kind.rules.relevant(live, reference),
    assessment,
    inGit,
    standing: standing(assessment, { applied: memory !== undefined, gitChanged: inGit.length > 0, lives: live !== undefined, wanted: desired !== undefined }),
  };
}

function standing({ drift, pending, deleted, conflict }: Assessment, is: { readonly applied: boolean; readonly gitChanged: boolean; readonly lives: boolean; readonly wanted: boolean }): Standing {
  const differs = is.wanted && is.lives ? pending.length > 0 : is.wanted !== is.lives;
  if (!differs) {
    return "same";
  }
  if (!is.applied) {
    return is.lives ? "foreign" : "pending";
  }
  // An edit that was seen and taken over by Git, and undone in Superset since, is one against Git (`Memory.seen`).
  const edited = deleted || drift.length > 0 || conflict;
  return edited ? (is.gitChanged ? "conflict" : "drift") : "pending";
}

async function withEditors({ workspace }: ControlEnvironment, assets: readonly Omit<AssetStatus, "editor">[]): Promise<AssetStatus[]> {
  const editors = new Map<string, Editor>();
  await Promise.all(
    kinds.map(async (kind) => {
      const uuids = assets.filter((asset) => asset.kind === kind && asset.live !== undefined && isDrifted(asset)).map(({ uuid }) => uuid);
      (await workspace.gateway.editors(kind.name, uuids)).forEach((editor, uuid) => editors.set(uuid, editor));
    }),
  );
  return assets.map((asset) => ({ ...asset, editor: editors.get(asset.uuid) }));
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
