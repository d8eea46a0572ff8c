/** Names in SQL where they stand as identifiers, and those of schemas among them. */
import { type SqlToken, tokenize } from "../sql";
import { tablePlaces } from "../sql-rename";

/** An identifier; offsets are those of the name, without quotes. */
export interface SqlName {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** As it is, and so anything that is no keyword and has no odd characters. */
  readonly bare: boolean;
}

/** All identifiers: not in texts, comments and Superset's Jinja. Without those that have a quote in them. */
export function identifiersIn(sql: string): readonly SqlName[] {
  return located(sql).flatMap(({ token, start }) => nameOf(token, start) ?? []);
}

/**
 * The identifiers that name a schema: before a table (`FROM s.t`), a function (`s.f(`) or a table's column (`s.t.c`). Where a name is used
 * for nothing else, also those of which only that tells (`FROM a.x, s.t`).
 */
export function schemasIn(sql: string): readonly SqlName[] {
  const tokens = located(sql).filter(({ token }) => token.kind !== "space" && token.kind !== "comment");
  const isTable = tablePlaces(tokens.map(({ token }) => token));
  const sure: SqlName[] = [];
  const likely: SqlName[] = [];
  const others = new Set<string>();
  for (let index = 0; index < tokens.length; index += 1) {
    const chain = chainAt(tokens, index);
    const names = chain.flatMap(({ token, start }) => nameOf(token, start) ?? []);
    if (names.length === 0) {
      continue;
    }
    const after = tokens[index + chain.length * 2 - 1]?.token;
    const place = isTable[index] === true ? names.length - 2 : names.length > 2 || (names.length === 2 && after?.source === "(") ? 0 : undefined;
    names.forEach((name, at) => {
      if (at === place) {
        sure.push(name);
      } else if (place === undefined && at === 0 && names.length === 2) {
        likely.push(name);
      } else {
        others.add(name.name);
      }
    });
    index += chain.length * 2 - 2;
  }
  const known = new Set(sure.map(({ name }) => name));
  return [...sure, ...likely.filter(({ name }) => known.has(name) && !others.has(name))].sort((left, right) => left.start - right.start);
}

interface Located {
  readonly token: SqlToken;
  readonly start: number;
}

function located(sql: string): Located[] {
  let start = 0;
  return tokenize(sql).map((token) => {
    const found = { token, start };
    start += token.source.length;
    return found;
  });
}

/** Identifiers joined by dots, from that token on. */
function chainAt(tokens: readonly Located[], index: number): readonly Located[] {
  const chain: Located[] = [];
  for (let at = index; tokens[at]?.token.name !== undefined; at += 2) {
    chain.push(tokens[at] as Located);
    if (tokens[at + 1]?.token.source !== ".") {
      break;
    }
  }
  return chain;
}

function nameOf({ kind, name, source }: SqlToken, start: number): SqlName | undefined {
  if (name === undefined) {
    return undefined;
  }
  const quote = kind === "quoted" ? 1 : 0;
  if (source.length !== name.length + quote * 2) {
    // A quote in it is written twice.
    return undefined;
  }
  return { name, start: start + quote, end: start + quote + name.length, bare: kind === "word" };
}
