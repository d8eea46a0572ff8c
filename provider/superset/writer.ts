import { ConcurrentEditError, SupersetError } from "../errors";
import type { ExportDocument } from "../kinds/define";
import { Batcher, type Outcome } from "./batcher";
import type { Client } from "./client";
import { KEEP, type LiveAsset, type OverwrittenEdit, type WriteRequest } from "./connection";
import { endpointOf, endpoints, type Endpoint } from "./endpoints";
import { readFresh, type FreshAsset, type FreshHints } from "./fresh";
import { completeImports } from "./completer";
import { importAssets, where } from "./importer";
import { moveToParents } from "./mover";
import { overwrittenEdits } from "./overwritten";
import { Preconditions, type Candidate } from "./preconditions";

/** Assets in one ZIP at most: about ten seconds of Superset's time, well below the limits of the proxies in front of it. */
const MAX_BATCH = 250;

/** What the writer shares with the gateway. */
interface WriterContext {
  readonly client: Client;
  readonly chartNames: Map<string, string>;
  /** The snapshot, when one was read. */
  snapshot(): FreshHints["snapshot"];
  /** Told of every asset as read after its write, or found as it should be. */
  written(asset: LiveAsset): void;
}

type Decided = Candidate & { readonly request: WriteRequest };

/**
 * Writes in batches, one ZIP per kind: look → guard → check → import → look again → complete → verify. The look before is as close to the import as the API
 * allows; what falls into the gap left is found in Superset's log afterwards.
 */
export class Writer {
  readonly #batchers: ReadonlyMap<string, Batcher<WriteRequest, LiveAsset>>;

  constructor(private readonly context: WriterContext) {
    this.#batchers = new Map(
      endpoints.map((endpoint) => [
        endpoint.kind,
        new Batcher<WriteRequest, LiveAsset>({
          key: ({ uuid }) => uuid,
          maxItems: MAX_BATCH,
          gatherMs: endpoint.gatherMs,
          run: (requests, release) => this.#run(endpoint, requests, release),
        }),
      ]),
    );
  }

  write(request: WriteRequest): Promise<LiveAsset> {
    const batcher = this.#batchers.get(endpointOf(request.kind).kind);
    if (batcher === undefined) {
      throw new Error(`no batch for ${request.kind}`);
    }
    return batcher.add(request);
  }

  async #run(endpoint: Endpoint, requests: readonly WriteRequest[], release: () => void): Promise<readonly Outcome<LiveAsset>[]> {
    const { client } = this.context;
    const errors = new Map<string, unknown>();
    const started = Date.now();
    const preconditions = this.#preconditions(endpoint);
    const [before] = await Promise.all([this.#look(endpoint, requests.map(({ uuid }) => uuid)), preconditions.lookUp(requests.map(({ document }) => document))]);
    const from = client.serverClock(started) - 2_000;
    const kept = new Map<string, LiveAsset>();
    const decided = requests.flatMap((request) => {
      const fresh = before.get(request.uuid);
      try {
        const answer = request.guard(fresh?.asset);
        if (answer === KEEP) {
          if (fresh !== undefined) {
            kept.set(request.uuid, fresh.asset);
            this.context.written(fresh.asset);
          }
          return [];
        }
        const document = answer ?? request.document;
        return [{ request, uuid: request.uuid, document, label: request.label, live: fresh?.asset, ...(request.source === undefined ? {} : { source: request.source }) }];
      } catch (error) {
        errors.set(request.uuid, error);
        return [];
      }
    });
    // Only what a guard has changed is looked up here.
    await preconditions.lookUp(decided.map(({ document }) => document));
    const moved = new Set<string>();
    const sent = await this.#import(endpoint, decided, preconditions, errors, moved);
    release();
    // A move is an edit of ours in Superset's log.
    const others = new Map([...before].filter(([uuid]) => !moved.has(uuid)));
    const verified = await this.#verify(endpoint, sent, others, from, errors);
    return requests.map(({ uuid }) => {
      const asset = verified.get(uuid) ?? kept.get(uuid);
      return errors.has(uuid) || asset === undefined ? { error: errors.get(uuid) ?? new Error(`no result for ${uuid}`) } : { value: asset };
    });
  }

  #preconditions(endpoint: Endpoint): Preconditions {
    return new Preconditions(this.context.client, endpoint, (uuid, name) => this.context.chartNames.set(uuid, name));
  }

  /** Imports what may be imported, and answers with what was. Those who wait for another one's name come after it. */
  async #import(endpoint: Endpoint, decided: readonly Decided[], preconditions: Preconditions, errors: Map<string, unknown>, moved: Set<string>): Promise<readonly Decided[]> {
    const { errors: blocked, later } = preconditions.judge(decided);
    const allowed = decided.filter(({ uuid }) => !blocked.has(uuid));
    const moves = await moveToParents(this.context.client, endpoint, allowed);
    moves.moved.forEach((uuid) => moved.add(uuid));
    const sendable = allowed.filter(({ uuid }) => !moves.errors.has(uuid));
    const refused = await importAssets(this.context.client, endpoint, sendable);
    for (const [uuid, error] of [...blocked, ...moves.errors, ...refused]) {
      errors.set(uuid, error);
    }
    const sent = sendable.filter(({ uuid }) => !refused.has(uuid));
    const waiting = decided.filter(({ uuid }) => later.has(uuid));
    if (waiting.length === 0 || sent.length === 0) {
      return sent;
    }
    waiting.forEach(({ uuid }) => errors.delete(uuid));
    const again = this.#preconditions(endpoint);
    await again.lookUp(waiting.map(({ document }) => document));
    return [...sent, ...(await this.#import(endpoint, waiting, again, errors, moved))];
  }

  #look(endpoint: Endpoint, uuids: readonly string[], written?: ReadonlyMap<string, ExportDocument>): Promise<Map<string, FreshAsset>> {
    const { client, chartNames } = this.context;
    return readFresh(client, endpoint.kind, uuids, { snapshot: this.context.snapshot(), chartNames, ...(written === undefined ? {} : { written }) });
  }

  async #verify(endpoint: Endpoint, sent: readonly Decided[], before: ReadonlyMap<string, FreshAsset>, from: number, errors: Map<string, unknown>): Promise<Map<string, LiveAsset>> {
    const result = new Map<string, LiveAsset>();
    if (sent.length === 0) {
      return result;
    }
    const written = new Map(sent.map(({ uuid, document }) => [uuid, document]));
    const after = await this.#look(endpoint, [...written.keys()], written);
    const { completed, errors: incomplete } = await completeImports(this.context.client, endpoint, sent, after);
    incomplete.forEach((error, uuid) => errors.set(uuid, error));
    if (completed.length > 0) {
      (await this.#look(endpoint, completed, written)).forEach((fresh, uuid) => after.set(uuid, fresh));
    }
    // A completion is an edit of ours in Superset's log.
    const replaced = new Map(sent.flatMap(({ uuid }) => {
      const fresh = completed.includes(uuid) ? undefined : before.get(uuid);
      return fresh === undefined ? [] : [[uuid, fresh] as const];
    }));
    const lost = await overwrittenEdits(this.context.client, endpoint, { from, before: replaced, after });
    for (const item of sent) {
      const asset = after.get(item.uuid)?.asset;
      if (asset === undefined) {
        errors.set(item.uuid, new SupersetError(`${where(item)}: Superset answered OK to POST /api/v1/assets/import/, but does not have it afterwards. Run the command again; if it stays so, Superset's log has the reason.`));
        continue;
      }
      this.context.written(asset);
      if (incomplete.has(item.uuid)) {
        continue;
      }
      try {
        item.request.verify(asset);
        const edit = lost.get(item.uuid);
        if (edit !== undefined) {
          report(item, edit);
        }
        result.set(item.uuid, asset);
      } catch (error) {
        errors.set(item.uuid, error);
      }
    }
    return result;
  }
}

function report(item: Decided, edit: OverwrittenEdit): void {
  if (item.request.overwritten !== undefined) {
    item.request.overwritten(edit);
    return;
  }
  const fields = Object.entries(edit.fields).map(([field, value]) => `  ${field} = ${value}`);
  throw new ConcurrentEditError(
    `${where(item)}: an edit was overwritten. ${edit.name} changed it at ${edit.at} (${edit.request}), in the moment between our last look at it and the write, and that write is in force now. The edit set\n${fields.join("\n")}\n` +
      "Superset keeps the whole request in its action log (Security → Action Log): make the edit again there, or put it into the template.",
  );
}
