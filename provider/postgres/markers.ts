/** dbmate's file format: which parts of a file are run when. Source of the rules: dbmate, pkg/dbmate/migration.go. */
import type { Problem } from "../errors";

const UP = /^--[^\S\n]*migrate:up([^\S\n]*$|[^\S\n]+\S.*$)/gm;
const DOWN = /^--[^\S\n]*migrate:down([^\S\n]*$|[^\S\n]+\S.*$)/gm;
/** What people type instead of a marker. */
const NEAR_MISS = /^[^\S\n]*--+[^\S\n]*\+?[^\S\n]*(?:db)?(?:mate|migrate|migration)(?:[^\S\n]*:[^\S\n]*|[^\S\n]+(?=\w+[^\S\n]*(?:transaction:\S+[^\S\n]*)?$))(up|down)\b.*$/im;

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

/** Whether the text has a marker of dbmate's, or something that was meant as one. */
export function hasMarker(text: string): boolean {
  return NEAR_MISS.test(text);
}

/** A part of a file, with the line it begins at (1-based) and whether it runs inside a transaction. */
interface Section {
  readonly sql: string;
  readonly line: number;
  readonly transaction: boolean;
}

/** The parts below `-- migrate:up` and `-- migrate:down` (absent where there is no such line). Adds problems and returns undefined where the markers are wrong. */
export function dbmateSections(file: string, text: string, problems: Problem[]): { readonly up: Section; readonly down?: Section } | undefined {
  const ups = [...text.matchAll(UP)];
  const downs = [...text.matchAll(DOWN)];
  const up = ups[0];
  if (up === undefined) {
    const near = NEAR_MISS.exec(text);
    if (near !== null && near[1]?.toLowerCase() === "up") {
      problems.push({ file, line: lineAt(text, near.index), message: `'${near[0].trim()}' is no marker; write '-- migrate:up' at the beginning of the line` });
    } else {
      problems.push({ file, line: 1, message: "has no '-- migrate:up' line, as the other files of the folder have; put one above its SQL" });
    }
    return undefined;
  }
  const second = ups[1] ?? downs[1];
  if (second !== undefined) {
    problems.push({ file, line: lineAt(text, second.index), message: `has a second '${second[0].trim()}' line; put the second part into a file of its own` });
    return undefined;
  }
  const down = downs[0];
  if (down !== undefined && down.index < up.index) {
    problems.push({ file, line: lineAt(text, down.index), message: "has '-- migrate:down' above '-- migrate:up'; swap the two parts" });
    return undefined;
  }
  const before = text.slice(0, up.index).split("\n").findIndex((line) => !/^\s*(--.*)?$/.test(line));
  if (before >= 0) {
    problems.push({ file, line: before + 1, message: "has SQL above '-- migrate:up', which would never run; move it below that line" });
    return undefined;
  }
  const section = (marker: RegExpExecArray, end?: number): Section => ({
    sql: text.slice(marker.index, end),
    line: lineAt(text, marker.index),
    transaction: !/(^|\s)transaction:false(\s|$)/.test(marker[1] ?? ""),
  });
  return { up: section(up, down?.index), ...(down === undefined ? {} : { down: section(down) }) };
}
