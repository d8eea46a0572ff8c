/** `env/<env>.yaml`: an environment's template variables, and the `superset:vars` made of them. */
import { isAlias, isMap, isNode, isScalar, parseDocument, visit, Document, type Node, type YAMLMap } from "yaml";
import { isObject, type Json } from "../../../provider/json";
import type { OlderFolder } from "./source";

const FOLDER = "env";
const FILE = /^([^.].*)\.ya?ml$/;

/** Names of variables whose value is nobody's to read. `TENANT_KEY` is no such name: it is a column's. */
const SECRET_NAME = /passw|secret|credential|(?:^|[_-])(?:pass|pwd|token)(?:[_-]|$)|token$|(?:api|access|private|signing|encryption)[_-]?key/i;
/** Values that are secrets whatever they are called: a URL with a password, a private key, a token of three parts. */
const SECRET_VALUE = /:\/\/[^\s/@:]*:[^\s@]+@|-----BEGIN [A-Z ]*PRIVATE KEY|^eyJ[\w-]+\.[\w-]+\.[\w-]+$/;
/** A value that only names an environment variable. */
const REFERENCE = /^\$\{?([A-Za-z_]\w*)\}?$/;

/** An environment as its file has it. */
export interface OlderEnvironment {
  readonly name: string;
  /** From the folder; undefined for one that only hybrid.yaml names. */
  readonly file: string | undefined;
  /** The variables as they are to be written, with the file's comments: secrets are references to the environment of the process. */
  readonly node: YAMLMap;
  /** `SUPERSET_URL` or `BASE_URL`, where it is an address. */
  readonly url: string | undefined;
}

/** Reads all environments, by name. What is wrong is told to the folder. */
export function readOlderEnvironments(folder: OlderFolder): OlderEnvironment[] {
  const files = folder.names(FOLDER).filter((name) => FILE.test(name));
  const seen = new Set<string>();
  return files.flatMap((name) => {
    const environment = FILE.exec(name)?.[1] ?? "";
    const file = `${FOLDER}/${name}`;
    if (seen.has(environment)) {
      folder.problems.push({ file, message: `is the second file of environment '${environment}'; remove one of them` });
      return [];
    }
    seen.add(environment);
    return readEnvironment(folder, environment, file) ?? [];
  });
}

/** An environment without a file: it is known by its name alone. */
export function bareEnvironment(name: string): OlderEnvironment {
  return { name, file: undefined, node: new Document({ ENV: name }).contents as unknown as YAMLMap, url: undefined };
}

function readEnvironment(folder: OlderFolder, name: string, file: string): OlderEnvironment | undefined {
  const before = folder.problems.length;
  const yaml = folder.yaml(file);
  // What a message quotes may be a password.
  folder.problems.splice(before, Infinity, ...folder.problems.slice(before).map((problem) => ({ ...problem, message: problem.message.replace(/^'[^']*' /, "this value ") })));
  if (yaml === undefined) {
    return undefined;
  }
  const document = parseDocument(yaml.text, { merge: true });
  // Anchors and merges are written out: their meaning is the values'.
  const plain = isMap(document.contents) && !hasAlias(document) ? document : new Document(yaml.value, { aliasDuplicateObjects: false });
  const node = plain.contents as YAMLMap;
  node.commentBefore = [plain.commentBefore, node.commentBefore].filter((part) => part).join("\n") || null;
  const url = ["SUPERSET_URL", "BASE_URL"].map((key) => yaml.value[key]).find((value) => typeof value === "string" && /^https?:\/\/[^@]*$/.test(value)) as string | undefined;
  hideSecrets(plain, folder, file, (path) => yaml.position(path, true));
  if (!node.has("ENV")) {
    node.items.unshift(plain.createPair("ENV", name));
    folder.notes.push({ file, message: `has no ENV, which was added: '${name}'` });
  }
  return { name, file, node, url: url?.replace(/\/$/, "") };
}

function hasAlias(document: Document): boolean {
  let found = false;
  visit(document, { Alias: () => ((found = true), visit.BREAK), Pair: (_, pair) => (isScalar(pair.key) && pair.key.value === "<<" ? ((found = true), visit.BREAK) : undefined) });
  return found;
}

type Place = { readonly line: number; readonly column: number };

/** Replaces what is secret by references, and removes comments that speak of it. */
function hideSecrets(document: Document, folder: OlderFolder, file: string, at: (path: readonly string[]) => Place): void {
  const replace = (map: YAMLMap, above: readonly string[], inSecret: boolean): void => {
    for (const pair of map.items) {
      const name = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
      const path = [...above, name];
      const secretName = inSecret || SECRET_NAME.test(name);
      if (isMap(pair.value)) {
        replace(pair.value, path, secretName);
        continue;
      }
      const value = isNode(pair.value) && !isAlias(pair.value) ? (pair.value.toJS(document) as Json) : null;
      const named = typeof value === "string" ? REFERENCE.exec(value)?.[1] : undefined;
      const secret = secretName || containsSecret(value);
      if (!secret && named === undefined) {
        continue;
      }
      const variable = named ?? path.join("_").replace(/\W+/g, "_").toUpperCase();
      pair.value = document.createNode({ env: variable, ...(secret ? { secret: true } : {}) }, { flow: true });
      if (named === undefined) {
        folder.notes.push({ file, ...at(path), message: `the value of '${path.join(".")}' looks like a secret and was not copied: it is taken from the environment variable ${variable}` });
      }
    }
  };
  if (isMap(document.contents)) {
    replace(document.contents, [], false);
  }
  visit(document, { Node: (_, node) => withoutSecretComments(node) });
}

function containsSecret(value: Json): boolean {
  if (typeof value === "string") {
    return SECRET_VALUE.test(value);
  }
  return Array.isArray(value) ? value.some(containsSecret) : isObject(value) && Object.entries(value).some(([key, item]) => SECRET_NAME.test(key) || containsSecret(item ?? null));
}

/** A commented-out password is one, too. */
function withoutSecretComments(node: Node): void {
  const keep = (text: string | null | undefined): string | null => text?.split("\n").filter((line) => !SECRET_NAME.test(line) && !SECRET_VALUE.test(line)).join("\n") || null;
  node.comment = keep(node.comment);
  node.commentBefore = keep(node.commentBefore);
}
