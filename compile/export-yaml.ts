/**
 * The YAML of bundles: written so that a YAML 1.1 reader (Superset: PyYAML) and a 1.2 reader see the same, and read by PyYAML's
 * rules, since what Superset exports is YAML 1.1 (a string `1e5` stands there without quotes).
 */
import { parseDocument, type ScalarTag } from "yaml";
import { isObject, type Json, type JsonObject } from "../provider/json";

/** Words that some YAML version reads as a boolean or null. */
const WORDS = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf)$/i;
const PLAIN = /^[A-Za-z_][\w.()/-]*(?: [\w.()/-]+)*$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** What PyYAML's reader refuses or takes for a line break: must be escaped inside double quotes. */
const UNSAFE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const NOT_LITERAL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]/;

/** A text in double quotes. */
export function quotedText(text: string): string {
  return JSON.stringify(text).replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** A text on one line, as it is where every reader takes it for the text it is, else in double quotes. */
export function inlineText(value: string): string {
  return (PLAIN.test(value) && !WORDS.test(value)) || UUID.test(value) ? value : quotedText(value);
}

/** A text of several lines as a literal block (`|`), its lines after `indent`; undefined where it cannot be one. */
export function literalText(value: string, indent: string): string | undefined {
  if (value.includes("\n") && !/^[ \t\n]/.test(value) && !/\n\n$/.test(value) && !/[ \t](?:\n|$)/.test(value) && !NOT_LITERAL.test(value)) {
    const keep = value.endsWith("\n");
    const body = (keep ? value.slice(0, -1) : value).split("\n").map((line) => (line === "" ? "" : `${indent}${line}`));
    return `${keep ? "|" : "|-"}\n${body.join("\n")}`;
  }
  return undefined;
}

/** PyYAML reads a float only with a dot and a signed exponent (`1.0e-07`, not `1e-7`). */
function number(value: number): string {
  if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? ".nan" : value > 0 ? ".inf" : "-.inf";
  }
  if (Object.is(value, -0)) {
    return "-0.0";
  }
  const digits = String(value);
  return digits.includes("e") && !digits.includes(".") ? digits.replace("e", ".0e") : digits;
}

/** A value that has no items; undefined for others. @param indent of the lines of a text block. Default: one line */
export function scalarText(value: Json, indent?: string): string | undefined {
  if (typeof value === "string") {
    return (indent === undefined ? undefined : literalText(value, indent)) ?? inlineText(value);
  }
  if (typeof value === "number") {
    return number(value);
  }
  if (value === null || typeof value === "boolean") {
    return String(value);
  }
  if (Array.isArray(value)) {
    return value.length === 0 ? "[]" : undefined;
  }
  return Object.keys(value).length === 0 ? "{}" : undefined;
}

/** A mapping's key. Longer ones than YAML takes as a simple key (1024 characters) use the explicit form. */
export function keyText(name: string): string {
  const written = PLAIN.test(name) && !WORDS.test(name) ? name : quotedText(name);
  return written.length > 1000 ? `? ${written}\n` : written;
}

function write(value: Json, indent: string, out: string[], inline: boolean): void {
  let first = inline;
  const start = (): string => {
    const lead = first ? "" : indent;
    first = false;
    return lead;
  };
  if (isObject(value)) {
    for (const [name, item] of Object.entries(value)) {
      if (item === undefined) {
        continue;
      }
      const lead = start();
      const written = keyText(name);
      const head = written.startsWith("? ") ? `${lead}${written}${indent}:` : `${lead}${written}:`;
      const simple = scalarText(item, `${indent}  `);
      if (simple !== undefined) {
        out.push(head, " ", simple, "\n");
      } else {
        out.push(head, "\n");
        // Lists stand at their key's indent, as Superset's own export writes them.
        write(item, Array.isArray(item) ? indent : `${indent}  `, out, false);
      }
    }
    return;
  }
  for (const item of value as readonly Json[]) {
    const simple = scalarText(item, `${indent}  `);
    out.push(start(), "- ");
    if (simple !== undefined) {
      out.push(simple, "\n");
    } else {
      write(item, `${indent}  `, out, true);
    }
  }
}

/** A document of a bundle as YAML. Keys keep their order; the same document always gives the same bytes. */
export function stringifyExport(document: JsonObject): string {
  if (Object.keys(document).length === 0) {
    return "{}\n";
  }
  const out: string[] = [];
  write(document, "", out, false);
  return out.join("");
}

const NUMBER_SIGN = (source: string): number => (source.startsWith("-") ? -1 : 1);
const bare = (source: string): string => source.replace(/^[-+]/, "").replace(/_/g, "");
const sexagesimal = (source: string): number =>
  NUMBER_SIGN(source) * bare(source).split(":").reduce((sum, part) => sum * 60 + Number(part), 0);

function plain(test: RegExp, resolve: (source: string) => unknown): ScalarTag {
  return { tag: `tag:pyyaml:${test.source}`, default: true, test, identify: () => false, resolve };
}

/** PyYAML's implicit resolvers (yaml/resolver.py) and constructors (yaml/constructor.py), in their order. */
const PYYAML: ScalarTag[] = [
  plain(/^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/, () => true),
  plain(/^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/, () => false),
  plain(/^(?:~|null|Null|NULL)?$/, () => null),
  plain(/^[-+]?0b[0-1_]+$/, (source) => NUMBER_SIGN(source) * parseInt(bare(source).slice(2), 2)),
  plain(/^[-+]?0x[0-9a-fA-F_]+$/, (source) => NUMBER_SIGN(source) * parseInt(bare(source).slice(2), 16)),
  plain(/^[-+]?0[0-7_]+$/, (source) => NUMBER_SIGN(source) * parseInt(bare(source), 8)),
  plain(/^[-+]?(?:0|[1-9][0-9_]*)$/, (source) => NUMBER_SIGN(source) * Number(bare(source))),
  plain(/^[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+$/, sexagesimal),
  plain(/^[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?$/, (source) => NUMBER_SIGN(source) * Number(bare(source))),
  plain(/^\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?$/, (source) => Number(bare(source))),
  plain(/^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*$/, sexagesimal),
  plain(/^[-+]?\.(?:inf|Inf|INF)$/, (source) => NUMBER_SIGN(source) * Infinity),
  plain(/^\.(?:nan|NaN|NAN)$/, () => NaN),
];

/**
 * A document of Superset's export. Throws an `Error` that names `file` when it is not one YAML mapping. Dates stay text, as
 * Superset writes them.
 */
export function parseExport(source: string, file = "export"): JsonObject {
  const document = parseDocument(source, { schema: "failsafe", customTags: (tags) => [...PYYAML, ...tags], prettyErrors: false, uniqueKeys: false });
  const [error] = document.errors;
  if (error !== undefined) {
    throw new Error(`${file}: not valid YAML: ${error.message}`);
  }
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  if (!isObject(value)) {
    throw new Error(`${file}: expected a mapping`);
  }
  return value;
}
