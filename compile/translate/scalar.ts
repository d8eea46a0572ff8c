/** A scalar with another value, written in the style it had. */
import { isScalar, type Node, type Scalar } from "yaml";
import type { Json } from "../../provider/json";
import { literalText, parseExport, quotedText, scalarText } from "../export-yaml";
import { readYaml } from "../yaml";
import { hasMarks } from "./marks";
import { markedText } from "./yaml-write";

/** Where a scalar stands. */
interface Surroundings {
  /** In `[…]` or `{…}`: on one line. */
  readonly flow: boolean;
  /** Columns of the mapping or list it is in: lines of a text block stand further in. */
  readonly indent: number;
  readonly step: number;
}

/** What characters plain scalars may not begin with, or hold. */
const NOT_PLAIN = /^[\s\-?:,[\]{}#&*!|>'"%@`]|[\s]$|:(?:\s|$)|\s#|[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/u;

/** The text of a scalar that is to be `value`; `raw` is the text it has. In the style of the old one wherever that can say it. */
export function restyled(node: Node, raw: string, value: Json, { flow, indent, step }: Surroundings): string {
  if (typeof value !== "string" || !isScalar(node)) {
    return scalarText(value) ?? "null";
  }
  const { type = "PLAIN" } = node;
  switch (type) {
    case "QUOTE_DOUBLE":
      return quoted(value);
    case "QUOTE_SINGLE":
      return singleQuoted(value) ?? quoted(value);
    case "BLOCK_LITERAL":
    case "BLOCK_FOLDED":
      return block(node, raw, value) ?? quoted(value);
    case "PLAIN":
      return isPlain(value, flow) ? value : ((flow ? undefined : literalText(value, " ".repeat(indent + step))) ?? (value.includes("\n") || hasMarks(value) ? quoted(value) : quotedAsNeeded(value)));
  }
}

function quotedAsNeeded(value: string): string {
  return markedText(value).startsWith('"') ? markedText(value) : quotedText(value);
}

function quoted(value: string): string {
  return hasMarks(value) ? markedText(value) : quotedText(value);
}

function singleQuoted(value: string): string | undefined {
  return hasMarks(value) || /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/u.test(value) ? undefined : `'${value.replaceAll("'", "''")}'`;
}

/** Whether every reader takes it for the text it is where it stands without quotes. */
function isPlain(value: string, flow: boolean): boolean {
  if (value === "" || hasMarks(value) || NOT_PLAIN.test(value) || (flow && /[,[\]{}]/.test(value))) {
    return false;
  }
  const text = flow ? `k: [${value}]\n` : `k: ${value}\n`;
  const read = readYaml(text).value?.["k"];
  const reads = (found: Json | undefined): boolean => (flow ? Array.isArray(found) && found.length === 1 && found[0] === value : found === value);
  return reads(read) && reads(parseExport(text)["k"]);
}

/** The same header where it says the same about the text's end; the lines at the indentation they had. */
function block(node: Scalar, raw: string, value: string): string | undefined {
  const header = /^[|>][^\n]*/.exec(raw)?.[0] ?? "|";
  const lines = raw.slice(header.length + 1).split("\n");
  const indent = /^ */.exec(lines.find((line) => line.trim() !== "") ?? "")?.[0] ?? "";
  const chomping = (text: string): string => (text.endsWith("\n\n") || text === "\n" ? "+" : text.endsWith("\n") ? "" : "-");
  const [before, after] = [chomping(String(node.value)), chomping(value)];
  const written = before === after ? header : header.replace(/^([|>])([0-9]?)[-+]?([0-9]?)/, `$1$2$3${after}`);
  if (indent === "" || value === "" || /^[ \n]/.test(value) || after === "+" || /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff]/u.test(value) || /\t\n|^\t/.test(value)) {
    return undefined;
  }
  const body = value.endsWith("\n") ? value.slice(0, -1) : value;
  const text = node.type === "BLOCK_FOLDED" ? folded(String(node.value), lines, body, indent.length) : body.split("\n");
  return text && [written, ...text.map((line) => (line === "" ? "" : `${indent}${line}`))].join("\n");
}

/** The lines of a folded text: paragraphs that did not change keep their line breaks, a changed one is one line. */
function folded(before: string, lines: readonly string[], after: string, indent: number): string[] | undefined {
  const paragraphs: { readonly text: string; readonly lines: string[] }[] = [];
  for (const line of lines.map((one) => one.slice(indent))) {
    // Lines that stand further in keep their line ends: too many rules to change such a text by.
    if (/^[ \t]/.test(line)) {
      return undefined;
    }
    const last = paragraphs.at(-1);
    if (last === undefined || line === "" || last.text === "") {
      paragraphs.push({ text: line, lines: [line] });
    } else {
      paragraphs[paragraphs.length - 1] = { text: `${last.text} ${line}`, lines: [...last.lines, line] };
    }
  }
  const known = new Map(paragraphs.map((paragraph) => [paragraph.text, paragraph.lines]));
  if (paragraphs.some(({ text }) => text !== "" && !before.includes(text))) {
    return undefined;
  }
  // Between two paragraphs there is a blank line for every line end.
  return after.split("\n").flatMap((text, index) => [...(index === 0 || text === "" ? [] : [""]), ...(known.get(text) ?? [text])]);
}
