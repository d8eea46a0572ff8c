/** Renames tables and columns in SQL where they stand as identifiers. */
import { type SqlToken, tokenize } from "./sql";

/** What to rename. Names without capitals also match unquoted identifiers in any case, as SQL folds them. */
interface SqlRenames {
  readonly source: { readonly schema?: string };
  readonly target: { readonly schema?: string };
  readonly tables: ReadonlyMap<string, string>;
  readonly columns: ReadonlyMap<string, string>;
  readonly metrics: ReadonlyMap<string, string>;
}

/** After these words comes a table. */
const BEFORE_TABLE = new Set(["from", "join", "into", "update", "table", "only"]);
/** Functions whose arguments are separated by FROM. */
const FROM_FUNCTIONS = new Set(["extract", "trim", "substring", "overlay"]);

/** Of each token (without blanks and comments), whether the name of a table begins there, its schema included. */
export function tablePlaces(tokens: readonly SqlToken[]): readonly boolean[] {
  /** Words before the open brackets around the current token. */
  const calls: string[] = [];
  return tokens.map((token, index) => {
    const before = tokens[index - 1];
    if (token.source === "(") {
      calls.push(before?.source.toLowerCase() ?? "");
    } else if (token.source === ")") {
      calls.pop();
    }
    const word = before?.kind === "word" ? before.source.toLowerCase() : "";
    // `IS DISTINCT FROM x` compares, too.
    const isSeparator = word === "from" && (FROM_FUNCTIONS.has(calls.at(-1) ?? "") || tokens[index - 2]?.source.toLowerCase() === "distinct");
    return BEFORE_TABLE.has(word) && !isSeparator;
  });
}

/** The SQL with the new names, quoted where the old ones were or a new one needs it. Of Superset's Jinja only `metric()` is touched. */
export function renameInSql(sql: string, renames: SqlRenames): string {
  const tokens = tokenize(sql);
  const words = tokens.map((token, index) => ({ token, index })).filter(({ token }) => token.kind !== "space" && token.kind !== "comment");
  const isTable = tablePlaces(words.map(({ token }) => token));
  const replaced = tokens.map((token) => (token.kind === "jinja" ? jinja(token.source, renames.metrics) : token.source));
  /** Words before the open brackets around the current token. */
  const calls: string[] = [];
  words.forEach(({ token, index }, place) => {
    const before = words[place - 1]?.token;
    if (token.source === "(") {
      calls.push(before?.source.toLowerCase() ?? "");
    } else if (token.source === ")") {
      calls.pop();
    }
    if (token.name === undefined) {
      return;
    }
    const after = words[place + 1]?.token;
    const isPart = before?.source === ".";
    const schema = words[place - 2]?.token;
    let name: string | undefined;
    if (after?.source === "." && !isPart && same(token, renames.source.schema) && isTable[place] === true) {
      name = renames.target.schema;
    } else if (isTable[place] === true || (isPart && same(schema, renames.source.schema) && isTable[place - 2] === true) || (after?.source === "." && !isPart)) {
      name = lookUp(token, renames.tables);
    } else if (!isType(token, before, words[place - 2]?.token, after, calls)) {
      name = lookUp(token, renames.columns);
    }
    if (name !== undefined) {
      replaced[index] = written(name, token);
    }
  });
  return replaced.join("");
}

/** A word in the place of a function or of a type (`x::date`, `CAST(x AS date)`, `date '2026-01-01'`), or a keyword's own syntax. */
function isType(token: SqlToken, before: SqlToken | undefined, beforeThat: SqlToken | undefined, after: SqlToken | undefined, calls: readonly string[]): boolean {
  if (token.kind === "quoted") {
    return false;
  }
  return after?.source === "(" || after?.kind === "text" || (before?.source === ":" && beforeThat?.source === ":") ||
    (before?.source.toLowerCase() === "as" && calls.at(-1) === "cast") || (before?.source === "(" && after?.source.toLowerCase() === "from" && calls.at(-1) === "extract");
}

function same(token: SqlToken | undefined, name: string | undefined): boolean {
  return token?.name !== undefined && name !== undefined && (token.name === name || (token.kind === "word" && token.name.toLowerCase() === name));
}

function lookUp(token: SqlToken, renames: ReadonlyMap<string, string>): string | undefined {
  const name = token.name ?? "";
  return renames.get(name) ?? (token.kind === "word" ? renames.get(name.toLowerCase()) : undefined);
}

function written(name: string, token: SqlToken): string {
  const quote = token.kind === "quoted" ? token.source.charAt(0) : /^[a-z_][a-z0-9_]*$/.test(name) ? "" : '"';
  switch (quote) {
    case "":
      return name;
    case "[":
      return `[${name}]`;
    default:
      return `${quote}${name.replaceAll(quote, quote + quote)}${quote}`;
  }
}

/** `{{ metric('name') }}` is Superset's way to use a saved metric in SQL. */
function jinja(source: string, metrics: ReadonlyMap<string, string>): string {
  return source.replace(/\bmetric\(\s*(['"])(.*?)\1/g, (whole, quote: string, name: string) => {
    const renamed = metrics.get(name);
    return renamed === undefined ? whole : `metric(${quote}${renamed}${quote}`;
  });
}
