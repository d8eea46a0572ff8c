/** What a run of the engine did, gathered from its events and from what our own processes tell beside them. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { EngineEvent, OpType } from "@pulumi/pulumi/automation";
import { EXIT } from "../provider/errors";
import { kinds } from "../provider/kinds/registry";
import { NOT_DONE, type Failure, type RunMessage } from "../provider/run-log";
import { TYPE_PREFIX } from "../provider/text";

/** How many resources of a sort a run has created, … `failed`: of which an operation failed, whatever it was. */
export interface Changes {
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
  readonly unchanged: number;
  readonly failed: number;
}

type Counter = keyof Changes;

/** What a resource counts as by the engine's word for the step; steps that are half of another (of a replacement), or only look, count nothing. */
const COUNTED: Readonly<Partial<Record<OpType, Counter>>> = {
  create: "created",
  import: "created",
  update: "updated",
  replace: "updated",
  delete: "deleted",
  same: "unchanged",
};

const NOTHING: Changes = { created: 0, updated: 0, deleted: 0, unchanged: 0, failed: 0 };

/** Type tokens of what is no resource of anybody's: the stack itself, the providers, the gate. */
const INNER = /^pulumi:|^pulumi-nodejs:dynamic\/superset:Workspace$/;

/** In the order people read them; a resource of another package comes last, under its type. */
const SORTS: readonly (readonly [type: string, sort: string])[] = [
  [`${TYPE_PREFIX}Migrations`, "migrations"],
  ...kinds.map((kind) => [TYPE_PREFIX + kind.resourceType, kind.plural] as const),
  [`${TYPE_PREFIX}Deployment`, "deployment"],
];

/** One line of a summary: what sort of resource, and what became of them. */
export interface SortOfChange extends Changes {
  /** The kind's plural; `migrations` and `deployment` (its record), of which there is one each; a type token. */
  readonly sort: string;
}

/** Gathers events as they come; everything may be asked at any time. */
export class RunReport {
  readonly #counts = new Map<string, Changes>();
  readonly #messages: RunMessage[] = [];
  readonly #diagnostics: string[] = [];
  #offset = 0;
  /** Resources that have been dealt with so far. */
  finished = 0;
  /** Whether the engine began at all: before that, only the CLI itself knows what is wrong. */
  started = false;

  /**
   * @param log path of the run's log (see `provider/run-log.ts`)
   * @param onMessage gets every message of our processes when it comes
   */
  constructor(private readonly log: string, private readonly onMessage: (message: RunMessage) => void) {}

  /** Takes an event of the engine. */
  take(event: EngineEvent): void {
    this.started = true;
    const { diagnosticEvent, resOutputsEvent, resOpFailedEvent } = event;
    if (diagnosticEvent !== undefined) {
      this.readLog();
      if (diagnosticEvent.severity === "error") {
        this.#diagnostics.push(plainText(diagnosticEvent.message));
      }
    }
    if (resOutputsEvent !== undefined) {
      const { op, type } = resOutputsEvent.metadata;
      const counter = COUNTED[op];
      if (counter !== undefined) {
        this.#count(type, counter);
      }
    }
    if (resOpFailedEvent !== undefined) {
      this.#count(resOpFailedEvent.metadata.type, "failed");
    }
  }

  #count(type: string, counter: Counter): void {
    if (INNER.test(type)) {
      return;
    }
    const before = this.#counts.get(type) ?? NOTHING;
    this.#counts.set(type, { ...before, [counter]: before[counter] + 1 });
    this.finished += 1;
  }

  /** Takes what our processes have told since the last time. */
  readLog(): void {
    const file = openSync(this.log, "r");
    try {
      const buffer = Buffer.alloc(Math.max(0, fstatSync(file).size - this.#offset));
      const whole = buffer.subarray(0, readSync(file, buffer, 0, buffer.length, this.#offset)).lastIndexOf("\n") + 1;
      this.#offset += whole;
      for (const line of buffer.subarray(0, whole).toString("utf8").split("\n").slice(0, -1)) {
        const message = JSON.parse(line) as RunMessage;
        this.#messages.push(message);
        this.onMessage(message);
      }
    } finally {
      closeSync(file);
    }
  }

  /** What was done, in the order of `SORTS`; sorts of which there was nothing are left out. */
  get changes(): readonly SortOfChange[] {
    const others = [...this.#counts.keys()].filter((type) => !SORTS.some(([known]) => known === type));
    return [...SORTS, ...others.map((type) => [type, type] as const)].flatMap(([type, sort]) => {
      const counts = this.#counts.get(type);
      return counts === undefined ? [] : [{ sort, ...counts }];
    });
  }

  /** Messages of our processes, in the order they came. */
  get messages(): readonly RunMessage[] {
    return this.#messages;
  }

  /** Why something was not done: what our processes said, and what else the engine calls an error (a protected resource, another package's failure, a bug). */
  get failures(): readonly { readonly message: string; readonly failure: Failure }[] {
    // Several resources may fail for the same reason, each in its own operation.
    const ours = [...new Map(this.#messages.flatMap(({ message, failure }) => (failure === undefined ? [] : [[message, { message, failure }] as const]))).values()];
    const told = ours.map(({ message }) => squeezed(message));
    const others = this.#diagnostics.filter((text) => !told.some((message) => squeezed(text).includes(message)) && !isFraming(text));
    const unexplained = others.length === 0 && ours.length === 0 ? this.#diagnostics : others;
    return [...ours, ...[...new Set(unexplained)].map((message) => ({ message, failure: { exitCode: EXIT.error } }))];
  }
}

/** What the engine says besides the reason; alone, it is all there is. */
function isFraming(text: string): boolean {
  return /^(?:update|preview) (?:failed|canceled)$/.test(text) || text.includes(NOT_DONE);
}

/** The engine marks colours as `<{%reset%}>`, whatever it is asked. */
function plainText(text: string): string {
  return text.replace(/<\{%[^%]*%\}>/g, "").trim();
}

/** Without white space, which the engine changes at the edges of lines. */
function squeezed(text: string): string {
  return text.replace(/\s+/g, "");
}
