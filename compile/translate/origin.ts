/** Where in a template the value of an expression is written: the literal it is a copy of, or the variable of the environment. */
import { own } from "../builtins";
import { child, kids, lookUp, optional, type Scope, scopeOf, type TemplateNode, type TemplateSource } from "../template-node";

/** What a value is a copy of. */
export type Origin =
  | { readonly kind: "literal" | "list"; readonly node: TemplateNode; readonly source: TemplateSource }
  /** A variable that every template has; `text`: how it is written (`db.host`). */
  | { readonly kind: "global"; readonly text: string };

type Step = string | number;

/**
 * Everything an expression's value may be a copy of, as far as can be told without evaluating it again: both branches of a condition. Empty
 * for a value that was calculated.
 * @param variables of the environment
 */
export function originsOf(node: TemplateNode, scope: Scope, source: TemplateSource, variables: Readonly<Record<string, unknown>>, path: readonly Step[] = []): readonly Origin[] {
  const again = (part: TemplateNode | undefined, steps = path): readonly Origin[] => (part === undefined ? [] : originsOf(part, scope, source, variables, steps));
  switch (node.typename) {
    case "Literal":
      return path.length === 0 ? [{ kind: "literal", node, source }] : [];
    case "Group":
    case "NodeList":
      return again(kids(node).at(-1));
    case "Symbol": {
      const name = String(node.value);
      const owner = scopeOf(scope, name);
      const binding = owner?.bindings?.get(name);
      if (owner === undefined) {
        return [{ kind: "global", text: [name, ...path].reduce<string>((text, step, index) => (index === 0 ? String(step) : typeof step === "number" ? `${text}[${step}]` : `${text}.${step}`), "") }];
      }
      return binding === undefined ? [] : originsOf(binding.node, binding.scope, binding.source, variables, [...binding.path, ...path]);
    }
    case "Array": {
      const [step, ...rest] = path;
      return step === undefined ? [{ kind: "list", node, source }] : typeof step === "number" ? again(kids(node)[step], rest) : [];
    }
    case "Dict": {
      const [step, ...rest] = path;
      const pair = kids(node).find((one) => String(child(one, "key").value) === String(step));
      return step === undefined || pair === undefined ? [] : again(child(pair, "value"), rest);
    }
    case "LookupVal": {
      const key = child(node, "val");
      const step = key.typename === "Literal" ? key.value : key.typename === "Symbol" ? (lookUp(scope, String(key.value)) ?? own(variables, String(key.value))) : undefined;
      return typeof step === "string" || typeof step === "number" ? again(child(node, "target"), [step, ...path]) : [];
    }
    case "InlineIf":
      return [...again(child(node, "body")), ...again(optional(node, "else_"))];
    case "Or":
    case "And":
      return [...again(child(node, "left")), ...again(child(node, "right"))];
    case "Filter": {
      const name = String(child(node, "name").value);
      const args = kids(child(node, "args"));
      return name === "default" || name === "d" ? [...again(args[0]), ...again(args[1])] : [];
    }
    default:
      return [];
  }
}

/** Whether an expression means the same wherever it stands in the template: it uses no name that a loop, macro or `set` gives. */
export function isGlobal(node: TemplateNode, scope: Scope): boolean {
  const globally = (value: unknown): boolean => {
    if (Array.isArray(value)) {
      return value.every(globally);
    }
    if (typeof value !== "object" || value === null) {
      return true;
    }
    const part = value as TemplateNode;
    switch (part.typename) {
      case "Symbol":
        return scopeOf(scope, String(part.value)) === undefined;
      case "Filter":
        // Its name is no variable.
        return globally(part.args);
      case "Pair":
        return globally(part.value);
      default:
        return Object.values(part).every(globally);
    }
  };
  return globally(node);
}

/** Offset of a node in its template's text. */
export function offsetOf(node: TemplateNode, text: string): number {
  let start = 0;
  for (let line = 0; line < node.lineno; line += 1) {
    start = text.indexOf("\n", start) + 1;
  }
  return start + node.colno;
}

/** The text of a literal in a tag. */
export function literalRange(node: TemplateNode, text: string): { readonly start: number; readonly end: number } | undefined {
  const start = offsetOf(node, text);
  const token = /^(?:"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*'|[-+]?\d+(?:\.\d+)?|\w+)/.exec(text.slice(start));
  return token === null ? undefined : { start, end: start + token[0].length };
}

/** A literal that gives `value`, in the quotes of the old one; a number stays one where it can. */
export function literalText(old: string, value: string): string {
  if (!/^["']/.test(old) && /^(?:-?\d+(?:\.\d+)?|true|false)$/.test(value)) {
    return value;
  }
  const quote = old.startsWith("'") ? "'" : '"';
  return `${quote}${value.replace(/[\\"']/g, (character) => (character === "\\" || character === quote ? `\\${character}` : character)).replaceAll("\n", "\\n").replaceAll("\t", "\\t").replaceAll("\r", "\\r")}${quote}`;
}

/** The items of a list literal, each without what separates it from the others. */
export function itemRanges(list: TemplateNode, text: string): readonly { readonly start: number; readonly end: number }[] {
  const ranges: { start: number; end: number }[] = [];
  const first = offsetOf(list, text) + 1;
  const token = /"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*'|[[\](){},]/g;
  token.lastIndex = first;
  let [depth, from] = [0, first];
  const add = (to: number): void => {
    const item = text.slice(from, to);
    if (item.trim() !== "") {
      ranges.push({ start: from + item.length - item.trimStart().length, end: to - (item.length - item.trimEnd().length) });
    }
    from = to + 1;
  };
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    if (depth === 0 && (found[0] === "," || found[0] === "]")) {
      add(found.index);
      if (found[0] === "]") {
        break;
      }
    } else if (/[[({]/.test(found[0])) {
      depth += 1;
    } else if (/[\])}]/.test(found[0])) {
      depth -= 1;
    }
  }
  return ranges;
}
