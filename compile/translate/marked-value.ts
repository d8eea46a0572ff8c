/** A text of a template as it is written there: with the expressions that make it. */
import { isScalar, type Node } from "yaml";
import { hasMarks } from "./marks";
import type { SourceMap } from "./source-map";
import { isBlockScalar, type YamlTree } from "./yaml-tree";

/**
 * The value of a scalar with its variables as variables (marked); undefined where it has none, or where the style it is written in escapes
 * something, so that the two cannot be told apart.
 */
export function markedValue(tree: YamlTree, map: SourceMap, node: Node): string | undefined {
  if (!isScalar(node) || typeof node.value !== "string") {
    return undefined;
  }
  const [start, end] = [tree.start(node), tree.end(node)];
  const [plain, written] = [tree.text.slice(start, end), map.written(start, end)];
  if (!hasMarks(written)) {
    return undefined;
  }
  const read = isBlockScalar(node) ? blockContents : contents;
  return read(plain, node.value) === node.value ? read(written, node.value) : undefined;
}

function contents(text: string): string {
  return /^(["'])[\s\S]*\1$/.test(text) ? text.slice(1, -1) : text;
}

function blockContents(text: string, value: string): string {
  const [, ...lines] = text.split("\n");
  const indent = /^ */.exec(lines.find((line) => line.trim() !== "") ?? "")?.[0].length ?? 0;
  return lines.map((line) => line.slice(indent)).join("\n") + (value.endsWith("\n") ? "\n" : "");
}
