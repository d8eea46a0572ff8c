/**
 * The gate: the first resource of a stack, and the one that everything else waits for. It writes nothing. It compares all assets at
 * once before anything is written, so that a strict environment is refused as a whole, with one report, instead of half-way.
 */
import { unpack } from "./canonical";
import { assess, type Assessment, type Memory } from "./drift";
import { isObject, type JsonObject } from "./json";
import { kindNamed } from "./kinds/registry";
import type { Canonical, Kind } from "./kinds/define";
import { canonicalOf, labelOf, type AssetContext, type Workspace } from "./lifecycle";
import { conflictReport, type Editor } from "./report";
import type { ResourceHandler } from "./resource";

/** One declared asset, as the program passes it: kind, source file, packed canonical form. */
interface Declared {
  readonly kind: Kind;
  readonly source: string;
  readonly form: Canonical;
}

/** Inputs, for this run only and taken off by `check`: `assets` ({uuid: [kind, source, packed form]}) and `dryRun`. Nothing is stored, so nothing is shown. */
export const gate: ResourceHandler<AssetContext> = {
  async check(_olds, news, context) {
    const inputs = {};
    if (isObject(news["assets"]) && Object.keys(news["assets"]).length > 0) {
      // A wrong address, a refused login or a Superset that is too old is told here: everything else, migrations too, comes after.
      await context.workspace.gateway.ready();
    }
    if (context.workspace.policy.mode !== "strict_fail_on_drift") {
      return { inputs, failures: [] };
    }
    const conflicts = await findConflicts(context, declaredAssets(news));
    if (conflicts.length === 0) {
      return { inputs, failures: [] };
    }
    const report = conflictReport(conflicts, context.environment);
    if (news["dryRun"] === true) {
      context.log(report.replace("Nothing was written.", "'pulumi up' would be refused."), "warn");
      return { inputs, failures: [] };
    }
    return { inputs, failures: [{ property: "", reason: report }] };
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

function declaredAssets(news: JsonObject): ReadonlyMap<string, Declared> {
  const assets = isObject(news["assets"]) ? news["assets"] : {};
  return new Map(
    Object.entries(assets).map(([uuid, entry]) => {
      const [kind, source, form] = entry as readonly [string, string, string];
      return [uuid, { kind: kindNamed(kind), source, form: unpack(form) as Canonical }];
    }),
  );
}

type Conflict = { readonly label: string; readonly assessment: Assessment; readonly editor?: Editor | undefined };

async function findConflicts({ workspace, stateMemories }: AssetContext, declared: ReadonlyMap<string, Declared>): Promise<Conflict[]> {
  const memories = await knownMemories(workspace, declared, stateMemories);
  const found: { readonly kind: Kind; readonly uuid: string; readonly label: string; readonly assessment: Assessment }[] = [];
  for (const [uuid, { kind, source, form }] of declared) {
    const live = canonicalOf(kind, await workspace.gateway.read(kind.name, uuid), workspace.liveContext);
    const memory = memories.get(uuid)?.memory;
    const assessment = assess(kind.rules, { desired: form, ...(memory === undefined ? {} : { memory }), ...(live === undefined ? {} : { live }) });
    if (assessment.conflict) {
      found.push({ kind, uuid, label: labelOf(kind, form, source), assessment });
    }
  }
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
  return Promise.all(
    found.map(async ({ kind, uuid, label, assessment }) => ({ label, assessment, editor: (await workspace.gateway.editors(kind.name, [uuid])).get(uuid) })),
  );
}

/**
 * What the state remembers of every asset. A refresh in this process has read it; where it did not read all (`--refresh=false`, `--target`,
 * or a changed stack configuration, which makes the engine start the provider anew), the state itself is asked for the rest.
 */
async function knownMemories(
  { seen }: Workspace,
  declared: ReadonlyMap<string, Declared>,
  stateMemories: AssetContext["stateMemories"],
): Promise<ReadonlyMap<string, { readonly kind: Kind; readonly memory: Memory }>> {
  const all = seen.size > 0 && [...declared.keys()].every((uuid) => seen.has(uuid));
  return all ? seen : new Map<string, { readonly kind: Kind; readonly memory: Memory }>([...(await stateMemories()), ...seen]);
}
