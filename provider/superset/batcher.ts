import { setTimeout as sleep } from "node:timers/promises";

/** What became of one item of a batch. */
export type Outcome<Result> = { readonly value: Result } | { readonly error: unknown };

const GATHER_MS = 15;

interface Entry<Item, Result> {
  readonly item: Item;
  readonly settle: (outcome: Outcome<Result>) => void;
}

/**
 * Gathers single calls into batches: what arrives while a batch is under way goes together as the next, so few calls wait and many
 * share a request. Every caller gets its own result or error.
 */
export class Batcher<Item, Result> {
  #waiting: Entry<Item, Result>[] = [];
  #running = false;

  constructor(
    private readonly options: {
      /** Items with the same key never share a batch; undefined: any may. */
      readonly key: ((item: Item) => string) | undefined;
      readonly maxItems: number;
      /** Milliseconds to wait for company before a first batch. Default: 15. */
      readonly gatherMs?: number | undefined;
      /**
       * Handles one batch; one outcome per item, in order. Calling `release` lets the next batch begin before this one has settled.
       */
      readonly run: (items: readonly Item[], release: () => void) => Promise<readonly Outcome<Result>[]>;
    },
  ) {}

  /** The result of this item; rejects with its own error, or with that of the whole batch. */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, settle: (outcome) => ("error" in outcome ? reject(outcome.error as Error) : resolve(outcome.value)) });
      if (!this.#running) {
        this.#running = true;
        void this.#drain();
      }
    });
  }

  async #drain(): Promise<void> {
    await sleep(this.options.gatherMs ?? GATHER_MS);
    while (this.#waiting.length > 0) {
      const batch = this.#take();
      await new Promise<void>((release) => {
        void this.#handle(batch, release).finally(release);
      });
    }
    this.#running = false;
  }

  #take(): Entry<Item, Result>[] {
    const keys = new Set<string>();
    const batch: Entry<Item, Result>[] = [];
    const rest: Entry<Item, Result>[] = [];
    for (const entry of this.#waiting) {
      const key = this.options.key?.(entry.item);
      (batch.length < this.options.maxItems && (key === undefined || !keys.has(key)) ? batch : rest).push(entry);
      if (key !== undefined) {
        keys.add(key);
      }
    }
    this.#waiting = rest;
    return batch;
  }

  async #handle(batch: Entry<Item, Result>[], release: () => void): Promise<void> {
    let outcomes: readonly Outcome<Result>[];
    try {
      outcomes = await this.options.run(batch.map(({ item }) => item), release);
    } catch (error) {
      outcomes = batch.map(() => ({ error }));
    }
    batch.forEach(({ settle }, index) => settle(outcomes[index] ?? { error: new Error("a batch lost one of its items") }));
  }
}
