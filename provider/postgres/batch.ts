/**
 * Several migrations as one message to the server. Each is a transaction of its own inside the message, together with its record; an
 * error ends the message. So a thousand small migrations cost a handful of round trips, and the guarantees are those of one by one.
 */
import { DatabaseError } from "pg";
import type { ScriptFailure } from "./connection";
import type { SqlScript } from "./files";
import { statementsOf } from "./parser";
import { offsetOfCharacter, positionOf, type Range } from "./tokens";

/** What commits or fails together: a migration with the callbacks around it and its record. */
export interface Unit {
  readonly scripts: readonly SqlScript[];
  /** Single statements that record it, run last. */
  readonly records: readonly string[];
  /** The script whose name stands for the unit in messages. */
  readonly main: SqlScript;
}

interface Segment {
  /** Index of its unit: one callback is in many units. */
  readonly unit: number;
  readonly script: SqlScript;
  /** UTF-16 offset of the script in the message. */
  readonly start: number;
  /** Number of statements of the message before it. */
  readonly before: number;
  readonly statements: readonly Range[];
}

/** A message, and what is where in it. */
interface Batch {
  readonly text: string;
  readonly units: readonly Unit[];
  /** Number of statements of the message that are complete when the unit is. */
  readonly ends: readonly number[];
  readonly segments: readonly Segment[];
}

/** What a failed message means. */
interface FailurePlace {
  /** Index of the unit that failed; it and those after it left nothing. */
  readonly unit: number;
  readonly script: SqlScript;
  /** 1-based, in the file. */
  readonly line: number;
  readonly column: number;
  /** Text of the failing statement; undefined where the failure is not inside the file (its record, its commit). */
  readonly statement: string | undefined;
}

/**
 * Builds the message.
 * @param settings statements run at the beginning of each transaction (SET LOCAL …)
 */
export async function buildBatch(units: readonly Unit[], settings: readonly string[]): Promise<Batch> {
  let text = "";
  let count = 0;
  const segments: Segment[] = [];
  const ends: number[] = [];
  const add = (statement: string): void => {
    text += `${statement};\n`;
    count += 1;
  };
  for (const [index, unit] of units.entries()) {
    add("begin");
    settings.forEach(add);
    for (const script of unit.scripts) {
      const statements = await statementsOf(script);
      segments.push({ unit: index, script, start: text.length, before: count, statements });
      // The line break ends a comment in the file's last line.
      text += `${script.sql}\n;\n`;
      count += statements.length;
    }
    // A role, a search_path or another setting of this file must reach neither its record nor the next file.
    add("reset session authorization");
    add("reset all");
    // One flush for the whole run, by the baseline that is written last, instead of one for each migration. A server that crashes in between
    // loses a migration together with its record, and the next run does it again.
    add("set local synchronous_commit = off");
    unit.records.forEach(add);
    add("commit");
    ends.push(count);
  }
  return { text, units, ends, segments };
}

/** 0-based UTF-16 offset PostgreSQL points at in the message; undefined where it does not (the error has no place, or is inside a function). */
export function offsetOf(error: unknown, text: string): number | undefined {
  const position = error instanceof DatabaseError && error.position !== undefined ? Number(error.position) : Number.NaN;
  return Number.isInteger(position) && position > 0 ? offsetOfCharacter(text, position - 1) : undefined;
}

/** Finds file, line and statement of a failure: by PostgreSQL's position where it gives one, else by the number of completed statements. */
export function locateFailure(batch: Batch, failure: ScriptFailure): FailurePlace {
  const offset = offsetOf(failure.error, batch.text);
  const byCount = batch.segments.find((segment) => failure.completed >= segment.before && failure.completed < segment.before + segment.statements.length);
  const byOffset = offset === undefined ? undefined : batch.segments.find((segment) => offset >= segment.start && offset <= segment.start + segment.script.sql.length);
  const segment = byOffset ?? byCount;
  if (segment === undefined) {
    const unit = Math.min(batch.ends.filter((end) => end <= failure.completed).length, batch.units.length - 1);
    const main = (batch.units[unit] as Unit).main;
    return { unit, script: main, line: main.line, column: 1, statement: undefined };
  }
  const { script, statements, start } = segment;
  const inside = byOffset === undefined || offset === undefined ? undefined : offset - start;
  const statement = inside === undefined ? statements[failure.completed - segment.before] : statements.find((range) => inside >= range.start && inside <= range.end);
  const { line, column } = positionOf(script.sql, inside ?? statement?.start ?? 0);
  return {
    unit: segment.unit,
    script,
    line: script.line + line - 1,
    column,
    statement: statement === undefined ? undefined : script.sql.slice(statement.start, statement.end),
  };
}
