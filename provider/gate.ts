/**
 * The gate: the first resource of a stack, and the one that everything else waits for. It writes nothing. It compares all assets at
 * once before anything is written, so that a strict environment is refused as a whole, with one report, instead of half-way.
 */
import { unpack } from "./canonical";
import { assess, type Assessment, type Memory } from "./drift";
import { EXIT } from "./errors";
import type { JsonObject } from "./json";
import { kindNamed } from "./kinds/registry";
import type { Canonical, Kind } from "./kinds/define";
import { canonicalOf, labelOf, type AssetContext, type Workspace } from "./lifecycle";
import { adoptionReport, conflictReport, type Editor } from "./report";
import type { ResourceHandler } from "./resource";

/** One declared asset. */
interface Declared {
  readonly kind: Kind;
  readonly source: string;
  readonly form: Canonical;
}

/** How the program passes it: kind, source file, canonical form. */
export type DeclaredAsset = readonly [kind: string, source: string, form: Canonical];

/** Inputs, for this run only and taken off by `check`: `assets` (DeclaredAsset by uuid, packed into one text) and `dryRun`. Nothing is stored, so nothing is shown. */
export const gate: ResourceHandler<AssetContext> = {
  async check(_olds, news, context) {
    const inputs = {};
    const declared = declaredAssets(news);
    if (declared.size > 0) {
      // A wrong address, a refused login or a Superset that is too old is told here: everything else, migrations too, comes after.
      await context.workspace.gateway.ready();
    }
    if (context.workspace.policy.mode !== "strict_fail_on_drift") {
      await reportAdoptions(context, declared);
      return { inputs, failures: [] };
    }
    const conflicts = await findConflicts(context, declared);
    if (conflicts.length === 0) {
      return { inputs, failures: [] };
    }
    const report = conflictReport(conflicts, context.environment);
    if (news["dryRun"] === true) {
      context.log(report.replace("Nothing was written.", "'pulumi up' would be refused."), "warn", true);
      return { inputs, failures: [] };
    }
    return { inputs, failures: [{ property: "", reason: report, exitCode: EXIT.refused }] };
  },
  async diff() {
    return { changes: false };
  },
  async create(_inputs, { environment }) {
    return { id: environment, outs: { environment } };
  },
  async update(_id, olds) {
    return { outs: olds };
  },
  async read(id, props) {
    return { id, props, inputs: {} };
  },
  async delete() {
    // Nothing in Superset belongs to the gate.
  },
};

function declaredAssets({ assets }: JsonObject): ReadonlyMap<string, Declared> {
  const given = typeof assets === "string" ? (unpack(assets) as unknown as Readonly<Record<string, DeclaredAsset>>) : {};
  return new Map(Object.entries(given).map(([uuid, [kind, source, form]]) => [uuid, { kind: kindNamed(kind), source, form }]));
}

/** An asset that an apply would change although Superset holds something made there. */
interface Conflict {
  readonly kind: Kind;
  readonly uuid: string;
  readonly label: string;
  readonly assessment: Assessment;
}

type Memories = ReadonlyMap<string, { readonly kind: Kind; readonly memory: Memory }>;

async function findConflicts(context: AssetContext, declared: ReadonlyMap<string, Declared>): Promise<EditedConflict[]> {
  const { workspace, stateMemories } = context;
  const memories = await knownMemories(workspace, declared, stateMemories);
  const found = await declaredConflicts(workspace, declared, memories);
  for (const [uuid, { kind, memory }] of memories) {
    if (declared.has(uuid)) {
      continue;
    }
    const live = canonicalOf(kind, await workspace.gateway.read(kind.name, uuid), workspace.liveContext);
    const assessment = assess(kind.rules, { memory, ...(live === undefined ? {} : { live }) });
    if (assessment.conflict) {
      found.push({ kind, uuid, label: `${labelOf(kind, memory.applied)}, whose template was removed,`, assessment });
    }
  }
  return withEditors(workspace, found);
}

async function declaredConflicts({ gateway, liveContext }: Workspace, declared: ReadonlyMap<string, Declared>, memories: Memories): Promise<Conflict[]> {
  const found: Conflict[] = [];
  for (const [uuid, { kind, source, form }] of declared) {
    const live = canonicalOf(kind, await gateway.read(kind.name, uuid), liveContext);
    const memory = memories.get(uuid)?.memory;
    const assessment = assess(kind.rules, { desired: form, ...(memory === undefined ? {} : { memory }), ...(live === undefined ? {} : { live }) });
    if (assessment.conflict) {
      found.push({ kind, uuid, label: labelOf(kind, form, source), assessment });
    }
  }
  return found;
}

type EditedConflict = Conflict & { readonly editor: Editor | undefined };

function withEditors({ gateway }: Workspace, conflicts: readonly Conflict[]): Promise<EditedConflict[]> {
  return Promise.all(conflicts.map(async (conflict) => ({ ...conflict, editor: (await gateway.editors(conflict.kind.name, [conflict.uuid])).get(conflict.uuid) })));
}

/** An asset that lives in Superset and that this stack has never applied is overwritten here, but not without a word: nothing else names its fields. */
async function reportAdoptions({ workspace, stateMemories, log }: AssetContext, declared: ReadonlyMap<string, Declared>): Promise<void> {
  const unseen = [...declared].filter(([uuid]) => !workspace.seen.has(uuid));
  if (unseen.length === 0) {
    return;
  }
  const snapshot = await workspace.gateway.snapshot();
  const living = unseen.filter(([uuid, { kind }]) => snapshot.asset(kind.name, uuid) !== undefined);
  if (living.length === 0) {
    return;
  }
  const memories = await stateMemories();
  const adopted = new Map(living.filter(([uuid]) => !memories.has(uuid)));
  for (const conflict of await withEditors(workspace, await declaredConflicts(workspace, adopted, new Map()))) {
    workspace.adopted.add(conflict.uuid);
    log(adoptionReport(conflict.label, conflict.assessment, conflict.editor), "warn");
  }
}

/**
 * What the state remembers of every asset. A refresh in this process has read it; where it did not read all (`--refresh=false`, `--target`,
 * or a changed stack configuration, which makes the engine start the provider anew), the state itself is asked for the rest.
 */
async function knownMemories(
  { seen }: Workspace,
  declared: ReadonlyMap<string, Declared>,
  stateMemories: AssetContext["stateMemories"],
): Promise<Memories> {
  const all = seen.size > 0 && [...declared.keys()].every((uuid) => seen.has(uuid));
  return all ? seen : new Map<string, { readonly kind: Kind; readonly memory: Memory }>([...(await stateMemories()), ...seen]);
}
