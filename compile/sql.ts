/** SQL cut into tokens, enough to tell identifiers from texts and comments. Follows PostgreSQL's lexical rules; other dialects' quotes are taken too. */

/** A piece of the SQL: the sources of all tokens, joined, are the SQL again. */
export interface SqlToken {
  readonly kind: "word" | "quoted" | "text" | "comment" | "number" | "symbol" | "space" | "jinja";
  /** As it stands in the SQL. */
  readonly source: string;
  /** For identifiers: the name without quotes. */
  readonly name?: string;
}

const PATTERNS: readonly (readonly [SqlToken["kind"], RegExp])[] = [
  ["space", /\s+/y],
  ["comment", /--[^\n]*/y],
  // Superset's run-time Jinja: never touched, `'` inside it is not SQL's.
  ["jinja", /\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}|\{#[\s\S]*?#\}/y],
  ["text", /[eE]'(?:[^'\\]|\\[\s\S]|'')*'|(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*'/y],
  ["text", /\$([A-Za-z_][A-Za-z0-9_]*)?\$[\s\S]*?\$\1\$/y],
  ["quoted", /"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[A-Za-z_][^\]\n]*\]/y],
  ["word", /[\p{L}_][\p{L}\p{N}_$]*/uy],
  ["number", /\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+/y],
];

/** Every character of `sql` is in exactly one token. */
export function tokenize(sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  let at = 0;
  while (at < sql.length) {
    const token = blockComment(sql, at) ?? match(sql, at, tokens.at(-1)) ?? { kind: "symbol" as const, source: String.fromCodePoint(sql.codePointAt(at) ?? 0) };
    tokens.push(token);
    at += token.source.length;
  }
  return tokens;
}

function match(sql: string, at: number, before: SqlToken | undefined): SqlToken | undefined {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const source = pattern.exec(sql)?.[0];
    if (source === undefined || source === "") {
      continue;
    }
    if (kind === "word") {
      return { kind, source, name: source };
    }
    if (kind === "quoted") {
      // `a[i]` is an array's item, not a bracketed name.
      if (source.startsWith("[") && (before?.kind === "word" || before?.kind === "quoted" || before?.source === "]" || before?.source === ")")) {
        continue;
      }
      return { kind, source, name: unquote(source) };
    }
    return { kind, source };
  }
  return undefined;
}

/** Block comments nest in PostgreSQL. */
function blockComment(sql: string, at: number): SqlToken | undefined {
  if (!sql.startsWith("/*", at)) {
    return undefined;
  }
  let depth = 0;
  let end = at;
  while (end < sql.length) {
    if (sql.startsWith("/*", end)) {
      depth += 1;
      end += 2;
    } else if (sql.startsWith("*/", end)) {
      depth -= 1;
      end += 2;
      if (depth === 0) {
        break;
      }
    } else {
      end += 1;
    }
  }
  return { kind: "comment", source: sql.slice(at, end) };
}

function unquote(source: string): string {
  const inner = source.slice(1, -1);
  switch (source.charAt(0)) {
    case '"':
      return inner.replace(/""/g, '"');
    case "`":
      return inner.replace(/``/g, "`");
    default:
      return inner;
  }
}

/** The tokens that mean something. */
export function meaningful(tokens: readonly SqlToken[]): SqlToken[] {
  return tokens.filter((token) => token.kind !== "space" && token.kind !== "comment");
}
