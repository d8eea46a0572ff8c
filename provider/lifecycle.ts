/**
 * check / diff / create / update / read / delete of the asset kinds, over the contract of `kinds/define.ts`. Create and update are one
 * flow: observe (re-read) → ensure (compare and set) → remember. Nothing here names a kind.
 */
import { changedPaths, hash, pack, unpack } from "./canonical";
import { ABSENT, assess, isEdited, remember, type Memory } from "./drift";
import { ConcurrentEditError, DriftRefusedError, SupersetError, UserError } from "./errors";
import { decodeInputs, hasUnknown, inputsOf, isNested, NESTED_MARK } from "./inputs";
import { isObject, type JsonObject } from "./json";
import type { Canonical, CanonicalContext, ExportDocument, Kind, Secrets, WireContext } from "./kinds/define";
import type { Policy } from "./policy";
import type { ResourceContext, ResourceHandler } from "./resource";
import { adoptionReport, conflictReport, driftReport, fieldLines } from "./report";
import { KEEP, type Gateway, type LiveAsset } from "./superset/gateway";
import { keptValues, readWritten } from "./written";

/** Inputs that are not part of the asset's form. `environment` and `compiled` are passed for the run only: `check` takes them off. */
const ASIDE = new Set<string>(["environment", "compiled", "secrets", NESTED_MARK, "__provider"]);

/** One asset as this operation has seen it so far. */
export interface Seen {
  readonly kind: Kind;
  readonly uuid: string;
  readonly memory: Memory;
  readonly live: Canonical | undefined;
}

/** An asset as the program declares it. */
interface Declaration {
  readonly form: Canonical;
  /** Template it comes from; absent in programs written by hand. */
  readonly source?: string;
}

/** What the lifecycle needs of the process it runs in; one per operation and environment. */
export interface Workspace {
  readonly gateway: Gateway;
  readonly policy: Policy;
  /** For forms made from Git: knows the databases the program declares. */
  readonly desiredContext: CanonicalContext;
  /** For forms read from Superset: knows the live databases and charts. */
  readonly liveContext: CanonicalContext;
  /** As `liveContext`, with the databases as this run saw them first, before it wrote any: a dataset's form depends on its database's. */
  readonly firstContext: CanonicalContext;
  readonly wireContext: WireContext;
  /** Assets of templates that a refresh read in this operation, by uuid. */
  readonly seen: Map<string, Seen>;
  /** Assets of which the gate has said that they are adopted, and what is written over. */
  readonly adopted: Set<string>;
  /** Assets the program declares in this operation: uuid → what to call it in a message. */
  readonly declared: Map<string, Declaration>;
}

/** The context of an asset's operation. */
export interface AssetContext extends ResourceContext {
  readonly workspace: Workspace;
  /** What the stack's stored state remembers of every asset, by uuid: for a run that was not refreshed in this process. */
  stateMemories(): Promise<ReadonlyMap<string, { readonly kind: Kind; readonly memory: Memory }>>;
}

/** What a program gave of the asset itself. */
const givenOf = (inputs: JsonObject): JsonObject => Object.fromEntries(Object.entries(inputs).filter(([key]) => !ASIDE.has(key)));

/** The form that checked inputs hold. */
const formOf = (inputs: JsonObject): Canonical => (isNested(inputs) ? givenOf(inputs) : decodeInputs(givenOf(inputs)));

const secretsOf = (inputs: JsonObject): Secrets => (isObject(inputs["secrets"]) ? (inputs["secrets"] as Secrets) : {});

const sameSecrets = (a: Secrets, b: Secrets): boolean => changedPaths({ ...a }, { ...b }).length === 0;

/** Packed forms by the form that was unpacked from them: a refresh hands most of them back as they are. */
const packed = new WeakMap<Canonical, string>();

/**
 * Outputs of an asset's resource: `uuid`, the memory (packed), the environment, the secrets (encrypted by the engine), how inputs are kept.
 * Persisted: see FORMATS.md.
 */
function outputs(uuid: string, environment: string, memory: Memory, secrets: Secrets, nested: boolean): JsonObject {
  return {
    uuid,
    environment,
    hash: memory.hash,
    applied: packed.get(memory.applied) ?? pack(memory.applied),
    ...(memory.seen === undefined ? {} : { seen: memory.seen }),
    ...(Object.keys(secrets).length === 0 ? {} : { secrets }),
    ...(nested ? { [NESTED_MARK]: true } : {}),
  };
}

/** The memory that outputs hold. */
export function memoryOf(outs: JsonObject): Memory {
  const seen = outs["seen"];
  const text = String(outs["applied"]);
  const applied = unpack(text) as Canonical;
  packed.set(applied, text);
  return {
    hash: String(outs["hash"]),
    applied,
    ...(typeof seen === "string" ? { seen } : {}),
  };
}

/** `chart 'Revenue' (assets/charts/revenue.yaml.j2)`. */
export function labelOf(kind: Kind, form: Canonical, source?: string): string {
  const name = form[kind.nameField] ?? form["uuid"];
  return `${kind.name} '${String(name)}'${source === undefined ? "" : ` (${source})`}`;
}

/** The canonical form of a live asset. */
export const canonicalOf = (kind: Kind, live: LiveAsset | undefined, context: CanonicalContext): Canonical | undefined =>
  live === undefined ? undefined : kind.rules.canonical(live.document, context);

/** The handler of one asset kind. */
export function assetHandler(kind: Kind): ResourceHandler<AssetContext> {
  /** Observe, compare and set; returns the new memory. `expected`: what the state last saw, undefined on a first apply. */
  async function ensure({ workspace: space, log }: AssetContext, inputs: JsonObject, expected: Memory | undefined, previousSecrets: Secrets | undefined): Promise<Memory> {
    const desired = formOf(inputs);
    const uuid = String(desired["uuid"]);
    const source = space.declared.get(uuid)?.source;
    const label = labelOf(kind, desired, source);
    const secrets = secretsOf(inputs);
    // Superset never tells a secret: what it holds is known only where it was written from here.
    const rewriteSecrets = !sameSecrets(secrets, previousSecrets ?? {});
    // Ids and databases that canonical and wire forms refer to.
    await space.gateway.snapshot();
    const documentOf = (form: Canonical, live?: Canonical): ExportDocument => {
      const document = kind.rules.wire(form, space.wireContext, live);
      return kind.joinSecrets === undefined ? document : kind.joinSecrets(document, secrets);
    };
    let created = false;
    const write = (before: Memory | undefined): Promise<LiveAsset> => space.gateway.write({
      kind: kind.name,
      uuid,
      label: labelOf(kind, desired),
      ...(source === undefined ? {} : { source }),
      document: documentOf(desired),
      guard(liveAsset) {
        const live = canonicalOf(kind, liveAsset, space.liveContext);
        const error = refusal(space, kind, label, desired, before, live, liveAsset);
        if (error !== undefined) {
          throw error;
        }
        created ||= live === undefined;
        if (live !== undefined && !rewriteSecrets && changedPaths(kind.rules.relevant(live, desired), desired).length === 0) {
          return KEEP;
        }
        const adoption = live === undefined || before !== undefined ? undefined : assess(kind.rules, { desired, live });
        if (adoption?.conflict === true && !space.adopted.has(uuid)) {
          // A program written by hand has no gate that has said so.
          space.adopted.add(uuid);
          log(adoptionReport(label, adoption, undefined), "warn");
        }
        return documentOf(kind.rules.merge(desired, live), live);
      },
      verify(liveAsset) {
        const after = kind.rules.relevant(kind.rules.canonical(liveAsset.document, space.liveContext), desired);
        const wrong = changedPaths(desired, after);
        if (wrong.length > 0) {
          throw new SupersetError(
            `${label}: Superset answered that it took the import, but holds something else:\n${fieldLines(wrong)}\nWrite the value Superset keeps, or report the difference; the asset is in the state shown on the right`,
          );
        }
      },
    });
    let written = await write(expected);
    if (created && kind.completedFromSource?.(desired) === true) {
      const completed = await space.gateway.refreshColumns(written);
      if (completed !== undefined) {
        // Reading the source overwrites what Git says of flags and descriptions: Git's version is put in force again.
        const form = kind.rules.relevant(kind.rules.canonical(completed.document, space.liveContext), desired);
        written = await write({ hash: hash(form), applied: form });
      }
    }
    const form = kind.rules.relevant(kind.rules.canonical(written.document, space.liveContext), desired);
    return { hash: hash(form), applied: form };
  }

  return {
    async check(olds, news, { workspace: space, log }) {
      const secrets = news["secrets"];
      const kept = { ...(secrets === undefined ? {} : { secrets }) };
      const checked = (declaration: Declaration, nested: boolean): { readonly inputs: JsonObject; readonly failures: readonly [] } => {
        space.declared.set(String(declaration.form["uuid"]), declaration);
        return { inputs: { ...inputsOf(declaration.form, nested), ...kept }, failures: [] };
      };
      const given = givenOf(news);
      const { compiled } = news;
      if (typeof compiled === "string") {
        const declaration = JSON.parse(compiled) as Declaration;
        // Beside the compiled form there is only what a transformation's `ignoreChanges` made the engine copy.
        const ignored = Object.keys(given).length === 0 ? {} : keptValues(given, olds, formOf(olds));
        return checked({ ...declaration, form: { ...declaration.form, ...ignored } }, false);
      }
      const before = formOf(olds);
      const { form, known, problems } = readWritten(kind, { ...given, ...keptValues(given, olds, before) }, before, space.desiredContext);
      const label = labelOf(kind, given);
      for (const { message } of problems.filter(({ severity }) => severity === "warning")) {
        log(`${label}: ${message}`, "warn");
      }
      const failures = problems.filter(({ severity }) => severity !== "warning");
      if (failures.length > 0 || !known) {
        // No `property`: the engine would print its value, which may be what must not be seen.
        return { inputs: { ...inputsOf(form, true), ...kept }, failures: failures.map(({ message }) => ({ property: "", reason: `${label}: ${message}` })) };
      }
      return checked({ form }, true);
    },

    async diff(_id, olds, news) {
      const desired = formOf(news);
      if (hasUnknown(desired)) {
        return { changes: true };
      }
      if (desired["uuid"] !== olds["uuid"]) {
        return { changes: true, replaces: ["uuid"] };
      }
      // A live form that Git has taken over is recorded as applied, and how inputs are kept as well: an update that writes nothing to Superset.
      const settle = typeof olds["seen"] === "string" || isNested(news) !== isNested(olds);
      return { changes: settle || hash(desired) !== olds["hash"] || !sameSecrets(secretsOf(news), secretsOf(olds)) };
    },

    async create(inputs, context) {
      const memory = await ensure(context, inputs, undefined, undefined);
      const uuid = String(inputs["uuid"]);
      return { id: uuid, outs: outputs(uuid, context.environment, memory, secretsOf(inputs), isNested(inputs)) };
    },

    async update(_id, olds, news, context) {
      const memory = await ensure(context, news, memoryOf(olds), secretsOf(olds));
      return { outs: outputs(String(news["uuid"]), context.environment, memory, secretsOf(news), isNested(news)) };
    },

    async read(id, props, { workspace: space, environment, log }) {
      const before = memoryOf(props);
      const live = canonicalOf(kind, await space.gateway.read(kind.name, id), space.liveContext);
      const memory = remember(kind.rules, before, live);
      const nested = isNested(props);
      if (!nested) {
        // For the gate, which would take an asset that a program declares by itself for one whose template was removed.
        space.seen.set(id, { kind, uuid: id, memory, live });
      }
      const secrets = secretsOf(props);
      const kept = Object.keys(secrets).length === 0 ? {} : { secrets };
      if (isEdited(memory)) {
        const { drift, deleted } = assess(kind.rules, { memory: before, ...(live === undefined ? {} : { live }) });
        const editor = (await space.gateway.editors(kind.name, [id])).get(id);
        log(driftReport({ label: labelOf(kind, live ?? before.applied), uuid: id, drift, deleted, editor }), "warn");
      }
      // An asset deleted in Superset stays in the state, marked: were it dropped, the next run would not know that somebody deleted it.
      // In a program written by hand, fields that `ignoreChanges` names come from here when it is made again.
      const gone = nested ? before.applied : { uuid: id };
      const inputs = live === undefined ? gone : kind.rules.relevant(live, before.applied);
      return { id, props: outputs(id, environment, memory, secrets, nested), inputs: { ...inputsOf(inputs, nested), ...kept } };
    },

    async delete(id, props, { workspace: space, log }) {
      const memory = memoryOf(props);
      const label = labelOf(kind, memory.applied);
      if (space.declared.has(id)) {
        log(`${label} is declared under another name now: the asset stays`, "info");
        return;
      }
      if (space.policy.onRemove === "retain") {
        log(`${label} is no longer in Git; policy.yaml says on_remove: retain, so it stays in Superset as unmanaged`, "info");
        return;
      }
      await space.gateway.snapshot();
      await space.gateway.remove(kind.name, id, {
        label,
        guard(liveAsset) {
          const error = refusal(space, kind, label, undefined, memory, canonicalOf(kind, liveAsset, space.liveContext), liveAsset);
          if (error !== undefined) {
            throw error;
          }
        },
      });
    },
  };
}

/** Why a write (or a removal, without `desired`) must not happen; undefined when it may. */
function refusal(
  space: Workspace,
  kind: Kind,
  label: string,
  desired: Canonical | undefined,
  expected: Memory | undefined,
  live: Canonical | undefined,
  asset: LiveAsset | undefined,
): UserError | undefined {
  const found = (form: Canonical | undefined): ReturnType<typeof assess> =>
    assess(kind.rules, { ...(desired === undefined ? {} : { desired }), ...(expected === undefined ? {} : { memory: expected }), ...(form === undefined ? {} : { live: form }) });
  if (live !== undefined && found(live).pending.length === 0) {
    return undefined;
  }
  const isAsSeen = (form: Canonical | undefined): boolean =>
    expected === undefined || (form === undefined ? ABSENT : hash(kind.rules.relevant(form, expected.applied))) === expected.hash;
  // Most often it is; where this run has written the database, the form is that beside the database as it was.
  const form = isAsSeen(live) ? live : canonicalOf(kind, asset, space.firstContext);
  if (!isAsSeen(form)) {
    const { deleted, drift } = found(live);
    return new ConcurrentEditError(
      `${label} was changed in Superset after this run had read it, and is not overwritten:\n${deleted ? "  deleted" : fieldLines(drift)}\nRun 'pulumi preview' to see it beside Git's version`,
    );
  }
  const assessment = found(form);
  if (assessment.conflict && space.policy.mode === "strict_fail_on_drift") {
    return new DriftRefusedError(conflictReport([{ label, assessment }]));
  }
  return undefined;
}
