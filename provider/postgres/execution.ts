/** Runs units on one connection, in as few messages as possible, and keeps the count of what is done. */
import type { Client } from "pg";
import type { Severity } from "../resource";
import { buildBatch, locateFailure, offsetOf, type Unit } from "./batch";
import { isConnectionLost, messageOf, redact, runScript, type ScriptFailure } from "./connection";
import { CancelledError, scriptError } from "./failure";
import type { SqlScript } from "./files";
import { statementsOf } from "./parser";
import { positionOf } from "./tokens";

/**
 * Limits of one message: more units save nothing, and the server parses the whole message before it runs any of it. It also reports the
 * progress inside a message only at its end, so messages grow from one unit to what takes about `QUICK` milliseconds.
 */
const UNITS = 50;
const QUICK = 200;
const CHARACTERS = 100_000;

/** What a finished unit counts as. */
export type Counted = "applied" | "repeatables" | "seeds" | "undone";

/** What is said of a finished unit. */
const WORDS: Readonly<Record<Counted, string>> = { applied: "applied", repeatables: "applied", seeds: "seeded", undone: "rolled back" };

export class Execution {
  /** File names by what they count as, in the order they ran. */
  readonly done: Readonly<Record<Counted, string[]>> = { applied: [], repeatables: [], seeds: [], undone: [] };
  /** All scripts that are committed. */
  readonly ran: SqlScript[] = [];
  /** Units of the next message. */
  private limit = 1;

  constructor(
    private readonly client: Client,
    private readonly url: string,
    /** `name = 'value'` settings in force while files run. */
    private readonly settings: readonly string[],
    private readonly signal: AbortSignal | undefined,
    private readonly log: (message: string, severity: Severity) => void,
  ) {}

  /** Runs units in order; throws at the first that fails. */
  async run(units: readonly Unit[], counted?: Counted): Promise<void> {
    let group: Unit[] = [];
    let size = 0;
    const flush = async (): Promise<void> => {
      if (group.length > 0) {
        const start = Date.now();
        await this.runGroup(group, counted);
        this.limit = Math.max(1, Math.min(UNITS, this.limit * 2, Math.floor((group.length * QUICK) / Math.max(1, Date.now() - start))));
      }
      group = [];
      size = 0;
    };
    for (const unit of units) {
      if (!unit.main.transaction) {
        await flush();
        await this.runOutside(unit, counted);
        continue;
      }
      const length = unit.scripts.reduce((sum, script) => sum + script.sql.length, 0);
      if (group.length >= this.limit || (group.length > 0 && size + length > CHARACTERS)) {
        await flush();
      }
      group.push(unit);
      size += length;
    }
    await flush();
  }

  /** Single statements of ours, in one transaction. */
  async book(statements: readonly string[]): Promise<void> {
    if (statements.length > 0) {
      await this.client.query(["begin", ...statements, "commit"].join(";\n"));
    }
  }

  /** Callbacks of a failure: their own failure is reported beside the one that is about to be thrown. */
  async runAfterFailure(units: readonly Unit[]): Promise<void> {
    await this.afterFailure(() => this.run(units));
  }

  /** Work after a failure, whose own failure must not hide the first. */
  async afterFailure(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.log(`after the failure, too: ${redact(messageOf(error), this.url)}`, "warn");
    }
  }

  private get cancelled(): boolean {
    return this.signal?.aborted === true;
  }

  private finished(unit: Unit, counted: Counted | undefined): void {
    this.ran.push(...unit.scripts);
    if (counted !== undefined) {
      this.done[counted].push(unit.main.name);
      this.log(`${WORDS[counted]} ${unit.main.name}`, "info");
    }
  }

  private checkCancelled(next: SqlScript): void {
    if (this.cancelled) {
      throw new CancelledError(`cancelled before ${next.file}; ${this.ran.length === 0 ? "nothing was run" : `what ran before it stays (up to ${this.ran.at(-1)?.name ?? ""})`}. Run again to continue`);
    }
  }

  private async runGroup(units: readonly Unit[], counted: Counted | undefined): Promise<void> {
    const first = units[0];
    if (first === undefined) {
      return;
    }
    this.checkCancelled(first.main);
    const batch = await buildBatch(units, this.settings.map((setting) => `set local ${setting}`));
    let finished = 0;
    const failure = await runScript(this.client, batch.text, (count) => {
      const unit = units[finished];
      if (unit !== undefined && batch.ends[finished] === count) {
        finished += 1;
        this.finished(unit, counted);
      }
    });
    if (failure === undefined) {
      return;
    }
    await this.rollBack(failure);
    const place = locateFailure(batch, failure);
    // The server reads the whole message before it runs any of it: a syntax only it refuses must not keep back the files before it.
    if (failure.completed === 0 && place.unit > 0 && offsetOf(failure.error, batch.text) !== undefined) {
      await this.runGroup(units.slice(0, place.unit), counted);
      await this.runGroup(units.slice(place.unit), counted);
      return;
    }
    throw scriptError(failure.error, { url: this.url, ...place, applied: this.ran.map((script) => script.name), undoing: counted === "undone", cancelled: this.cancelled });
  }

  /** Statement by statement, as CREATE INDEX CONCURRENTLY and the like must be alone in their message. */
  private async runOutside(unit: Unit, counted: Counted | undefined): Promise<void> {
    const at = unit.scripts.indexOf(unit.main);
    const around = (scripts: readonly SqlScript[]): Unit[] => scripts.map((main) => ({ main, scripts: [main], records: [] }));
    await this.run(around(unit.scripts.slice(0, at)));
    await this.runStatements(unit.main, counted);
    await this.run(around(unit.scripts.slice(at + 1)));
    await this.book(unit.records);
    this.finished({ ...unit, scripts: [unit.main] }, counted);
  }

  private async runStatements(script: SqlScript, counted: Counted | undefined): Promise<void> {
    this.checkCancelled(script);
    for (const setting of this.settings) {
      await this.client.query(`set ${setting}`);
    }
    for (const [index, range] of (await statementsOf(script)).entries()) {
      const statement = script.sql.slice(range.start, range.end);
      const failure = this.cancelled ? { error: this.signal?.reason, completed: 0 } : await runScript(this.client, statement);
      if (failure !== undefined) {
        await this.rollBack(failure);
        const { line, column } = positionOf(script.sql, range.start + (offsetOf(failure.error, statement) ?? 0));
        throw scriptError(failure.error, {
          url: this.url, script, line: script.line + line - 1, column, statement, stays: index,
          applied: this.ran.map((earlier) => earlier.name), undoing: counted === "undone", cancelled: this.cancelled,
        });
      }
    }
    await this.client.query("reset session authorization; reset all");
  }

  /** Ends the failed transaction; where the connection is gone the server has done it. */
  private async rollBack(failure: ScriptFailure): Promise<void> {
    const again = await runScript(this.client, "rollback; reset session authorization; reset all");
    if (again !== undefined && !isConnectionLost(failure.error)) {
      this.log(`the transaction could not be rolled back after the failure: ${redact(messageOf(again.error), this.url)}`, "warn");
    }
  }
}
