/**
 * Which elements of two lists are the same ones, where one list became the other by edits. By likeness, so that an element that was
 * changed and moved past a new one is still known: what an edit of a template is made of. Pure.
 */
import { stableText } from "./canonical";
import { isObject, type Json } from "./json";

/** An element of the list before (by index), the list after, or both. */
export interface Pair {
  readonly before?: number;
  readonly after?: number;
}

/** From this likeness on two elements count as one that was changed. */
const SAME = 0.3;
/** The same of two elements that stand alone between others that are equal, whatever they are called. */
const IN_PLACE = 0.2;
/** Above this number of comparisons only equal elements are found. */
const MAX_COMPARISONS = 250_000;

/** Members by which elements are known: two elements with another one are two, unless all else is the same. */
const IDENTITY = ["uuid", "id", "key", "column_name", "metric_name", "name", "chart", "tab", "title", "label"] as const;
/** Members that say more than others. */
const TELLING: ReadonlySet<string> = new Set([...IDENTITY, "header", "subject", "column", "dataset", "sqlExpression"]);

/** The pairs in the order of both lists; what moved past another element is gone at one place and new at the other. */
export function pairElements(before: readonly Json[], after: readonly Json[]): readonly Pair[] {
  const [left, right] = [before.map(stableText), after.map(stableText)];
  const pairs: Pair[] = [];
  let start = 0;
  while (start < Math.min(left.length, right.length) && left[start] === right[start]) {
    pairs.push({ before: start, after: start });
    start += 1;
  }
  let end = 0;
  while (end < Math.min(left.length, right.length) - start && left[left.length - 1 - end] === right[right.length - 1 - end]) {
    end += 1;
  }
  const [ends, rest] = [left.length - end, right.length - end];
  const equal = (i: number, j: number): number => (left[start + i] === right[start + j] ? 1 : 0);
  const anchors = (ends - start) * (rest - start) > MAX_COMPARISONS ? [] : bestPairs(ends - start, rest - start, equal);
  let [i, j] = [start, start];
  for (const [x, y] of [...anchors.map(([a, b]) => [start + a, start + b] as const), [ends, rest] as const]) {
    const found = (x - i) * (y - j) > MAX_COMPARISONS ? [] : bestPairs(x - i, y - j, (a, b) => likeness(before[i + a] as Json, after[j + b] as Json));
    const [fromLeft, fromRight] = [i, j];
    for (const [a, b] of [...found, [x - i, y - j] as const]) {
      const [untilLeft, untilRight] = [fromLeft + a, fromRight + b];
      // One element in the place of another one is that one, if they have anything in common.
      if (untilLeft - i === 1 && untilRight - j === 1 && likeness(before[i] as Json, after[j] as Json, false) >= IN_PLACE) {
        pairs.push({ before: i, after: j });
        [i, j] = [i + 1, j + 1];
      }
      for (; i < untilLeft; i += 1) pairs.push({ before: i });
      for (; j < untilRight; j += 1) pairs.push({ after: j });
      if (i < x && j < y) {
        pairs.push({ before: i, after: j });
        [i, j] = [i + 1, j + 1];
      }
    }
    if (x < ends || y < rest) {
      pairs.push({ before: x, after: y });
      [i, j] = [x + 1, y + 1];
    }
  }
  for (let index = 0; index < end; index += 1) {
    pairs.push({ before: ends + index, after: rest + index });
  }
  return pairs;
}

/** The pairs of indices, growing in both, with the greatest sum of scores; a score below `SAME` is none. */
function bestPairs(rows: number, columns: number, score: (row: number, column: number) => number): readonly (readonly [number, number])[] {
  const sums = Array.from({ length: rows + 1 }, () => new Float64Array(columns + 1));
  const scores = Array.from({ length: rows }, (_, row) => Float64Array.from({ length: columns }, (__, column) => score(row, column)));
  for (let row = rows - 1; row >= 0; row -= 1) {
    for (let column = columns - 1; column >= 0; column -= 1) {
      const one = at(scores, row, column);
      sums[row]?.fill(Math.max(at(sums, row + 1, column), at(sums, row, column + 1), one < SAME ? 0 : one + at(sums, row + 1, column + 1)), column, column + 1);
    }
  }
  const pairs: [number, number][] = [];
  for (let row = 0, column = 0; row < rows && column < columns; ) {
    const one = at(scores, row, column);
    if (one >= SAME && at(sums, row, column) === one + at(sums, row + 1, column + 1)) {
      pairs.push([row, column]);
      [row, column] = [row + 1, column + 1];
    } else if (at(sums, row, column) === at(sums, row + 1, column)) {
      row += 1;
    } else {
      column += 1;
    }
  }
  return pairs;
}

function at(table: readonly Float64Array[], row: number, column: number): number {
  return table[row]?.[column] ?? 0;
}

/** Between 0 (nothing in common) and 1 (equal). @param named another name makes another element. Default: true */
export function likeness(left: Json, right: Json, named = true): number {
  if (isObject(left) && isObject(right)) {
    const identity = !named ? undefined : IDENTITY.find((key) => isScalar(left[key]) && isScalar(right[key]));
    if (identity !== undefined && left[identity] !== right[identity]) {
      const [{ [identity]: _, ...one }, { [identity]: __, ...other }] = [left, right];
      return Object.keys(one).length > 0 && stableText(one) === stableText(other) ? 0.5 : 0.1;
    }
    const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
    let [sum, whole] = [0, 0];
    for (const key of keys) {
      const [a, b] = [left[key], right[key]];
      const weight = TELLING.has(key) && a !== undefined && b !== undefined ? 4 : 1;
      whole += weight;
      // A member that both have is something in common, whatever it says.
      sum += a === undefined || b === undefined ? 0 : weight * (0.2 + 0.8 * likeness(a, b));
    }
    return whole === 0 ? 1 : sum / whole;
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    const [texts, others] = [left.map(stableText), right.map(stableText)];
    const pool = new Set(others);
    const shared = texts.filter((text) => pool.has(text)).length;
    const alike = (left as readonly Json[]).slice(0, 8).reduce<number>((sum, item: Json, index) => sum + (index < right.length && !pool.has(stableText(item)) ? likeness(item, right[index] as Json) / 2 : 0), 0);
    return texts.length + others.length === 0 ? 1 : Math.min(1, (2 * (shared + alike)) / (texts.length + others.length));
  }
  if (Array.isArray(left) !== Array.isArray(right)) {
    // One thing to which others came, or the other way round.
    const [list, one] = (Array.isArray(left) ? [left, right] : [right, left]) as [readonly Json[], Json];
    return Math.max(0, ...list.slice(0, 8).map((item) => likeness(item, one) * 0.6));
  }
  if (isObject(left) || isObject(right)) {
    const [object, other] = isObject(left) ? [left, right] : [right as typeof left & object, left];
    // A name that became a mapping because something had to be said about it.
    return typeof other === "string" && isObject(object) && Object.entries(object).some(([key, value]) => TELLING.has(key) && value === other) ? 0.8 : 0;
  }
  if (typeof left === "string" && typeof right === "string") {
    return left === right ? 1 : 0.35 + 0.5 * sharedWords(left, right);
  }
  return left === right ? 1 : 0.35;
}

function isScalar(value: Json | undefined): boolean {
  return value !== undefined && value !== null && typeof value !== "object";
}

function sharedWords(left: string, right: string): number {
  const [a, b] = [left, right].map((text) => new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])) as [Set<string>, Set<string>];
  const shared = [...a].filter((word) => b.has(word)).length;
  return a.size + b.size === 0 ? 0 : (2 * shared) / (a.size + b.size);
}
