/** What has to change in a text so that it becomes another one, without touching the parts of it that expressions gave and that still stand in it. */

/** A part of the text as it is. `fixed`: it came from an expression, and stays as a whole or goes. */
export interface Part {
  readonly text: string;
  readonly fixed: boolean;
}

/** Replaces the characters from `start` to `end`. */
export interface Hunk {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Where `text` begins in the text that is wanted. */
  readonly at: number;
}

interface Token {
  readonly text: string;
  readonly start: number;
  readonly weight: number;
}

const WORDS = /[\p{L}\p{N}]+|\s|[^\p{L}\p{N}\s]/gu;
const WORD = /[\p{L}\p{N}]/u;
/** Beyond this number of comparisons the texts differ as one. */
const MAX_COMPARISONS = 4_000_000;

/** The smallest changes word by word, in order. */
export function hunksBetween(parts: readonly Part[], wanted: string): readonly Hunk[] {
  const before = partTokens(parts);
  const after = split(parts, wanted);
  const length = parts.reduce((sum, part) => sum + part.text.length, 0);
  const hunks: Hunk[] = [];
  let [i, j] = [0, 0];
  for (const [x, y] of [...commonTokens(before, after), [before.length, after.length] as const]) {
    const [start, end] = [before[i]?.start ?? length, before[x]?.start ?? length];
    const at = after[j]?.start ?? wanted.length;
    const text = wanted.slice(at, after[y]?.start ?? wanted.length);
    if (end > start || text !== "") {
      hunks.push({ start, end, text, at });
    }
    [i, j] = [x + 1, y + 1];
  }
  return hunks;
}

function partTokens(parts: readonly Part[]): Token[] {
  const tokens: Token[] = [];
  let start = 0;
  for (const { text, fixed } of parts) {
    if (fixed) {
      tokens.push({ text, start, weight: 4 + 2 * text.length });
    } else {
      tokens.push(...split(parts, text, start));
    }
    start += text.length;
  }
  return tokens;
}

function words(text: string, offset: number): Token[] {
  return [...text.matchAll(WORDS)].map((match) => ({ text: match[0], start: offset + match.index, weight: WORD.test(match[0]) ? match[0].length : 0.5 }));
}

/** Words, and as one token each what an expression gave where it stands as a word, or as much inside of one as it did. */
function split(parts: readonly Part[], text: string, offset = 0): Token[] {
  const tokens: Token[] = [];
  let done = 0;
  for (let at = 0; at < text.length; ) {
    const found = standsAt(parts, text, at);
    if (found === undefined) {
      at += 1;
      continue;
    }
    tokens.push(...words(text.slice(done, at), offset + done), { text: found, start: offset + at, weight: found.length });
    at += found.length;
    done = at;
  }
  return [...tokens, ...words(text.slice(done), offset + done)];
}

function standsAt(parts: readonly Part[], wanted: string, at: number): string | undefined {
  return parts
    .filter((part, index) => part.fixed && wanted.startsWith(part.text, at)
      && isBorder(wanted.slice(at - 1, at), (parts[index - 1]?.text ?? "").slice(-1))
      && isBorder(wanted.slice(at + part.text.length, at + part.text.length + 1), (parts[index + 1]?.text ?? "").slice(0, 1)))
    .map(({ text }) => text)
    .sort((left, right) => right.length - left.length)[0];
}

/** Whether a word may end between an expression and that character. `before`: the one that stood there. */
function isBorder(character: string, before: string): boolean {
  return !WORD.test(character) || character === before;
}

/** Pairs of equal tokens, growing in both, of the greatest weight. */
function commonTokens(before: readonly Token[], after: readonly Token[]): readonly (readonly [number, number])[] {
  let start = 0;
  const shorter = Math.min(before.length, after.length);
  while (start < shorter && before[start]?.text === after[start]?.text) {
    start += 1;
  }
  let end = 0;
  while (end < shorter - start && before[before.length - 1 - end]?.text === after[after.length - 1 - end]?.text) {
    end += 1;
  }
  const [rows, columns] = [before.length - start - end, after.length - start - end];
  const first = Array.from({ length: start }, (_, index) => [index, index] as const);
  const last = Array.from({ length: end }, (_, index) => [before.length - end + index, after.length - end + index] as const);
  return [...first, ...(rows * columns > MAX_COMPARISONS ? [] : heaviest(before.slice(start, start + rows), after.slice(start, start + columns)).map(([x, y]) => [start + x, start + y] as const)), ...last];
}

function heaviest(before: readonly Token[], after: readonly Token[]): readonly (readonly [number, number])[] {
  const width = after.length + 1;
  const sums = new Float64Array((before.length + 1) * width);
  const sum = (x: number, y: number): number => sums[x * width + y] ?? 0;
  for (let x = before.length - 1; x >= 0; x -= 1) {
    for (let y = after.length - 1; y >= 0; y -= 1) {
      const equal = before[x]?.text === after[y]?.text ? (before[x]?.weight ?? 0) + sum(x + 1, y + 1) : 0;
      sums[x * width + y] = Math.max(equal, sum(x + 1, y), sum(x, y + 1));
    }
  }
  const pairs: [number, number][] = [];
  for (let x = 0, y = 0; x < before.length && y < after.length; ) {
    const token = before[x];
    if (token !== undefined && token.text === after[y]?.text && sum(x, y) === token.weight + sum(x + 1, y + 1)) {
      pairs.push([x, y]);
      [x, y] = [x + 1, y + 1];
    } else if (sum(x, y) === sum(x + 1, y)) {
      x += 1;
    } else {
      y += 1;
    }
  }
  return pairs;
}
