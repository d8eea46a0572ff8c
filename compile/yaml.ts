/** YAML as people write it (1.2, one mapping per file), with the place of every problem. The bundle's own YAML: see `export-yaml.ts`. */
import { type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument, type ScalarTag, type Tags, visit } from "yaml";
import { isObject, type JsonObject } from "../provider/json";

export { parseExport, stringifyExport } from "./export-yaml";

/** 1-based place in a text. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Something wrong at a place of a YAML text. */
interface YamlProblem extends Position {
  readonly message: string;
}

/** Keys and 0-based indices from the top of a document down to a value. */
export type Path = readonly (string | number)[];

/** A YAML text read: its mapping, or what is wrong with it. */
export interface YamlFile {
  /** Undefined where there are problems. */
  readonly value: JsonObject | undefined;
  readonly problems: readonly YamlProblem[];
  /** There is nothing but comments in it, which is its one problem. */
  readonly empty?: true;
  /** Where the value of `path` begins; with `key`, where the key is written. The nearest enclosing place for a path that is not there. */
  position(path: Path, key?: boolean): Position;
}

/**
 * Plain scalars that YAML 1.1 (Python, Superset) and YAML 1.2 read as different things: whoever wrote them may have meant
 * either, so they have to be quoted or written another way.
 */
const AMBIGUOUS: readonly { readonly test: RegExp; readonly advice: string }[] = [
  { test: /^(?:yes|Yes|YES|on|On|ON)$/, advice: "write true, or quote it if the word is meant" },
  { test: /^(?:no|No|NO|off|Off|OFF)$/, advice: "write false, or quote it if the word is meant" },
  { test: /^[-+]?0o?[0-7_]*[1-7][0-7_]*$/, advice: "octal in one YAML version only; quote it, or write the number in decimal" },
  { test: /^[-+]?[0-9][0-9_]*_[0-9_]*(?:\.[0-9_]*)?$/, advice: "write the number without underscores, or quote it" },
  { test: /^[-+]?(?:[1-9][0-9]*(?::[0-5]?[0-9])+|[0-9]+(?::[0-5]?[0-9])+\.[0-9]*)$/, advice: "a base 60 number in YAML 1.1; quote it" },
  { test: /^[-+]?[0-9]+[eE][-+]?[0-9]+$/, advice: "text in YAML 1.1, a number in 1.2; write it out, or quote it" },
];

function ambiguousTag(rule: (typeof AMBIGUOUS)[number]): ScalarTag {
  return {
    tag: "tag:yaml.org,2002:str",
    default: true,
    test: rule.test,
    identify: () => false,
    resolve: (source, onError) => {
      onError(`'${source}' means different things to different YAML readers: ${rule.advice}`);
      return source;
    },
  };
}

/** Numbers that JSON has not, or that JavaScript would round without a word: they would come out as null, or as another number. */
const INEXACT: readonly { readonly test: RegExp; readonly advice: (source: string) => string | undefined }[] = [
  { test: /^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$/, advice: () => "is no number that Superset can store; write a number or null, or quote it if the text is meant" },
  { test: /^[-+]?(?:[0-9]{16,}|0x[0-9a-fA-F]{13,})$/, advice: (source) => (Number.isSafeInteger(Number(source)) ? undefined : "is beyond 9007199254740991, where numbers lose digits; quote it") },
  { test: /^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]{3,}$/, advice: (source) => (Number.isFinite(Number(source)) ? undefined : "is too large a number; quote it if the text is meant") },
];

function inexactTag(rule: (typeof INEXACT)[number]): ScalarTag {
  return {
    tag: "tag:yaml.org,2002:float",
    default: true,
    test: rule.test,
    identify: () => false,
    resolve: (source, onError) => {
      const advice = rule.advice(source);
      if (advice !== undefined) {
        onError(`'${source}' ${advice}`);
      }
      return Number(source);
    },
  };
}
const STRICT_TAGS = [...AMBIGUOUS.map(ambiguousTag), ...INEXACT.map(inexactTag)];

/** What to do, for the parser's own messages, which only say what is wrong. */
const ADVICE: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "this key is written twice in one mapping; remove one of them",
  MULTIPLE_DOCS: "a file holds one document; remove the '---' line or split the file",
  TAB_AS_INDENT: "tabs cannot indent YAML; use spaces",
  BLOCK_AS_IMPLICIT_KEY: "a ': ' inside an unquoted value; quote the value",
};

/** An alias may be used so often before the file counts as a bomb (`yaml`'s own default: 100). */
const MAX_ALIASES = 100;

/**
 * Reads a person's file. Never throws for what is in the text.
 * @param lenient also take plain scalars that YAML 1.1 reads differently (Pulumi's own files)
 */
export function readYaml(text: string, options: { readonly lenient?: boolean } = {}): YamlFile {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(text, options.lenient === true);
  } catch (error) {
    if (!isTooDeep(error)) {
      throw error;
    }
    const start = { line: 1, column: 1 };
    return { value: undefined, problems: [{ ...start, message: TOO_DEEP }], position: () => start };
  }
  const { document, lines } = parsed;
  const position = positionsOf(text, options.lenient === true);
  const problems: YamlProblem[] = [];
  for (const error of [...document.errors, ...document.warnings]) {
    problems.push({ ...lineAt(lines, error.pos[0]), message: yamlMessage(error.code, error.message) });
  }
  if (problems.length > 0) {
    return { value: undefined, problems, position };
  }
  const odd = oddKey(document.contents);
  if (odd !== undefined) {
    return { value: undefined, problems: [{ ...lineAt(lines, odd.offset), message: odd.message }], position };
  }
  const circular = text.includes("*") ? circularAlias(document) : undefined;
  if (circular !== undefined) {
    return { value: undefined, problems: [{ ...lineAt(lines, circular), message: "this alias (*name) stands inside the value it repeats; write the value out" }], position };
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    if (!(error instanceof ReferenceError)) {
      throw error;
    }
    const message = error.message.startsWith("Unresolved alias")
      ? `${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`
      : `aliases (*name) expand to too much: more than ${MAX_ALIASES} uses of one anchor; write the values out`;
    return { value: undefined, problems: [{ ...lineAt(lines, aliasOffset(document)), message }], position };
  }
  if (value === null || value === undefined) {
    return { value: undefined, problems: [{ line: 1, column: 1, message: "the file is empty; it must hold a mapping (key: value lines)" }], empty: true, position };
  }
  if (!isObject(value)) {
    const found = Array.isArray(value) ? "a list" : "a single value";
    return { value: undefined, problems: [{ ...position([]), message: `the file holds ${found}; it must hold a mapping (key: value lines)` }], position };
  }
  return { value, problems, position };
}

/** The syntax tree is many times the size of its text, and most files have no problem: it is made again where one has. */
function positionsOf(text: string, lenient: boolean): YamlFile["position"] {
  let parsed: ReturnType<typeof parse> | undefined;
  return (path, key = false) => {
    parsed ??= parse(text, lenient);
    return lineAt(parsed.lines, offsetOf(parsed.document, path, key));
  };
}

/** The syntax tree of a text that `readYaml` reads, with the tokens it was made of. */
export function parseYaml(text: string): Document.Parsed {
  return parse(text, false, true).document;
}

function parse(text: string, lenient: boolean, keepSourceTokens = false): { readonly document: Document.Parsed; readonly lines: LineCounter } {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    keepSourceTokens,
    merge: true,
    uniqueKeys: true,
    ...(lenient ? {} : { customTags: (tags: Tags): Tags => [...STRICT_TAGS, ...tags] }),
  });
  return { document, lines };
}

function lineAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function yamlMessage(code: string, message: string): string {
  const advice = ADVICE[code];
  if (advice !== undefined) {
    return advice;
  }
  if (message.startsWith("Unresolved tag: ")) {
    return `the tag ${message.slice("Unresolved tag: ".length)} is not allowed; only plain YAML is read`;
  }
  // The parser's own composer catches the overflow, and gives it no code of its own.
  if (message === "Maximum call stack size exceeded") {
    return TOO_DEEP;
  }
  return code === "TAG_RESOLVE_FAILED" ? message : `not valid YAML: ${message}`;
}

const TOO_DEEP = "lists or mappings are nested too deeply to be read; is a bracket missing?";

/** The stack was not enough. Not by `instanceof`: such errors may come from outside a test's realm. */
function isTooDeep(error: unknown): boolean {
  return typeof error === "object" && error !== null && "name" in error && error.name === "RangeError";
}

/** A key that is no text or number: it would become a text that nobody wrote. */
function oddKey(node: unknown, above = 0): { readonly offset: number; readonly message: string } | undefined {
  if (isSeq(node)) {
    return firstOf(node.items, (item) => oddKey(item, above));
  }
  if (!isMap(node)) {
    return undefined;
  }
  return firstOf(node.items, ({ key, value }) => {
    const offset = (isNode(key) ? key.range?.[0] : undefined) ?? node.range?.[0] ?? above;
    if (isMap(key) || isSeq(key)) {
      return { offset, message: `${isSeq(key) ? "a list" : "a mapping"} cannot be a key; keys are texts (quote it if the text is meant)` };
    }
    if (isScalar(key) && key.value === null) {
      return { offset, message: "there is no key before this ':'; write one, or quote the word null if it is meant" };
    }
    return oddKey(value, offset);
  });
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/** Offset of an alias inside the node it stands for: as a value it would have no end. */
function circularAlias(document: Document.Parsed): number | undefined {
  let found: number | undefined;
  visit(document, {
    Alias(_key, alias, above) {
      const meant = alias.resolve(document);
      if (meant === undefined || !above.includes(meant)) {
        return undefined;
      }
      found = alias.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return found;
}

function aliasOffset(document: Document.Parsed): number {
  let offset = 0;
  const walk = (node: unknown): boolean => {
    if (isAlias(node)) {
      offset = node.range?.[0] ?? 0;
      return true;
    }
    if (isPair(node)) {
      return walk(node.key) || walk(node.value);
    }
    return (isMap(node) || isSeq(node)) && node.items.some(walk);
  };
  walk(document.contents);
  return offset;
}

function offsetOf(document: Document.Parsed, path: Path, key: boolean): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  path.forEach((step, depth) => {
    if (isAlias(node)) {
      node = node.resolve(document);
    }
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (pair === undefined) {
        node = undefined;
        return;
      }
      const last = depth === path.length - 1;
      const keyOffset = isNode(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
      const valueOffset = isNode(pair.value) ? (pair.value.range?.[0] ?? keyOffset) : keyOffset;
      // A mapping or list begins on the line after its key: the key's line is what people look for.
      offset = (last && key) || !isScalar(pair.value) ? keyOffset : valueOffset;
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(step)];
      if (isNode(item)) {
        offset = item.range?.[0] ?? offset;
      }
      node = item;
    } else {
      node = undefined;
    }
  });
  return offset;
}
