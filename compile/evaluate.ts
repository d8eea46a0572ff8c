/**
 * Evaluates a parsed template node by node. Nunjucks' own way, compiling a template to JavaScript, is not used: it reports wrong
 * lines, prints nothing for an undefined variable inside `if`, and a crafted variable name becomes code.
 */
import type { Problem } from "../provider/errors";
import { contains, FUNCTIONS, isMap, MAX_STEPS, method, own, TemplateFunction, TemplateMistake, TESTS, Undefined } from "./builtins";
import { hasPlaceholder, placeholdersIn, urlEncodePlaceholders } from "../provider/placeholders";
import { RenderedText } from "./rendered";

/** A node of nunjucks' syntax tree. */
export interface TemplateNode {
  readonly typename: string;
  /** 0-based. */
  readonly lineno: number;
  readonly colno: number;
  readonly [field: string]: unknown;
}

export interface TemplateSource {
  /** Path from the repository's root. */
  readonly file: string;
  readonly text: string;
  readonly root: TemplateNode;
}

export interface EvaluateHost {
  readonly variables: Readonly<Record<string, unknown>>;
  /** Why a variable is not there and what to do (`set it under superset:vars in Pulumi.dev.yaml`). */
  undefinedReason(name: string): string;
  /** The template `name` names, seen from `from`; undefined where there is none. Throws `TemplateMistake` where it may not be read. */
  load(name: string, from: string): TemplateSource | undefined;
  filter(name: string): ((...args: readonly unknown[]) => unknown) | undefined;
  problem(problem: Problem): void;
}

const MAX_DEPTH = 50;
/** Characters one template may render to. */
const MAX_OUTPUT = 20_000_000;
/** Filters a secret may pass through without being cut up: its value is not known here. */
const SECRET_SAFE_FILTERS = new Set(["default", "d", "string", "safe", "urlencode"]);

interface Scope {
  readonly names: Map<string, unknown>;
  readonly parent: Scope | undefined;
}

function lookUp(scope: Scope | undefined, name: string): unknown {
  for (let at = scope; at !== undefined; at = at.parent) {
    if (at.names.has(name)) {
      return at.names.get(name);
    }
  }
  return undefined;
}

function kids(node: TemplateNode): readonly TemplateNode[] {
  return (node.children ?? []) as readonly TemplateNode[];
}
function child(node: TemplateNode, field: string): TemplateNode {
  return node[field] as TemplateNode;
}
function optional(node: TemplateNode, field: string): TemplateNode | undefined {
  return (node[field] ?? undefined) as TemplateNode | undefined;
}

export class Evaluator {
  #depth = 0;
  #steps = 0;
  readonly #reported = new Set<string>();

  constructor(private readonly host: EvaluateHost) {}

  /** Renders a template; problems go to the host, and the text is then not to be used. */
  render(source: TemplateSource): RenderedText {
    const out = new RenderedText();
    this.#template(source, { names: new Map(), parent: undefined }, out);
    return out;
  }

  #template(source: TemplateSource, scope: Scope, out: RenderedText): void {
    if (this.#depth >= MAX_DEPTH) {
      throw new TemplateMistake(`includes or macros nested deeper than ${MAX_DEPTH}: does one include itself?`);
    }
    this.#depth += 1;
    new Frame(this, this.host, source).block(source.root, scope, out);
    this.#depth -= 1;
  }

  include(source: TemplateSource, scope: Scope, out: RenderedText): void {
    this.#template(source, scope, out);
  }

  nested<T>(work: () => T): T {
    if (this.#depth >= MAX_DEPTH) {
      throw new TemplateMistake(`macros nested deeper than ${MAX_DEPTH}: does one call itself?`);
    }
    this.#depth += 1;
    const result = work();
    this.#depth -= 1;
    return result;
  }

  step(): void {
    this.#steps += 1;
    if (this.#steps > MAX_STEPS) {
      throw new TemplateMistake(`loops run more than ${MAX_STEPS} times`);
    }
  }

  /** Reports a value that is not there, once per place. */
  reportUndefined(value: Undefined): void {
    const id = `${value.at.file}:${value.at.line}:${value.name}`;
    if (!this.#reported.has(id)) {
      this.#reported.add(id);
      this.host.problem({ ...value.at, message: `the variable '${value.name}' is not defined: ${value.reason}` });
    }
  }
}

/** The part of the evaluation that happens in one file. */
class Frame {
  constructor(private readonly run: Evaluator, private readonly host: EvaluateHost, private readonly source: TemplateSource) {}

  block(node: TemplateNode, scope: Scope, out: RenderedText): void {
    for (const statement of kids(node)) {
      this.#statement(statement, scope, out);
    }
  }

  #at(node: TemplateNode): { readonly file: string; readonly line: number; readonly column: number } {
    return { file: this.source.file, line: (node.lineno ?? 0) + 1, column: (node.colno ?? 0) + 1 };
  }

  #statement(node: TemplateNode, scope: Scope, out: RenderedText): void {
    try {
      this.#run(node, scope, out);
    } catch (error) {
      if (!(error instanceof TemplateMistake)) {
        throw error;
      }
      this.host.problem({ ...this.#at(node), message: error.message });
    }
  }

  #run(node: TemplateNode, scope: Scope, out: RenderedText): void {
    switch (node.typename) {
      case "NodeList":
      case "Root":
        return this.block(node, scope, out);
      case "Output":
        return this.#output(node, scope, out);
      case "If": {
        const branch = this.#truth(child(node, "cond"), scope) ? child(node, "body") : optional(node, "else_");
        return branch === undefined ? undefined : this.#statement(branch, scope, out);
      }
      case "For":
        return this.#for(node, scope, out);
      case "Set":
        return this.#set(node, scope);
      case "Macro":
        scope.names.set(String(child(node, "name").value), this.#macro(node, String(child(node, "name").value), this.#globals(scope)));
        return undefined;
      case "Include": {
        const source = this.#load(child(node, "template"), scope, node.ignoreMissing === true);
        return source === undefined ? undefined : this.run.include(source, { names: new Map(), parent: scope }, out);
      }
      case "Import":
        scope.names.set(String(child(node, "target").value), Object.fromEntries(this.#exports(node, scope)));
        return undefined;
      case "FromImport": {
        const exported = this.#exports(node, scope);
        for (const name of kids(child(node, "names"))) {
          const from = String((name.typename === "Pair" ? child(name, "key") : name).value);
          const to = String((name.typename === "Pair" ? child(name, "value") : name).value);
          if (!exported.has(from)) {
            throw new TemplateMistake(`cannot import '${from}': the imported template has ${[...exported.keys()].join(", ") || "no macros"}`);
          }
          scope.names.set(to, exported.get(from));
        }
        return undefined;
      }
      case "Block":
      case "Extends":
      case "Super":
        throw new TemplateMistake("template inheritance (extends, block) is not supported; use include or a macro");
      default:
        throw new TemplateMistake(`'${node.typename}' is not supported in templates`);
    }
  }

  #output(node: TemplateNode, scope: Scope, out: RenderedText): void {
    if (out.length > MAX_OUTPUT) {
      throw new TemplateMistake(`the template renders to more than ${MAX_OUTPUT} characters`);
    }
    for (const part of kids(node)) {
      const at = this.#at(part.typename === "TemplateData" ? part : node);
      if (part.typename === "TemplateData") {
        out.data(String(part.value), at.file, at.line, at.column);
        continue;
      }
      const value = this.#use(this.#value(part, scope));
      if (value instanceof RenderedText) {
        out.append(value);
      } else {
        out.value(this.#text(value), at.file, at.line, at.column);
      }
    }
  }

  #text(value: unknown): string {
    if (value === null) {
      throw new TemplateMistake("this expression gives nothing (null); use the default filter, or write the value");
    }
    if (Array.isArray(value)) {
      throw new TemplateMistake("this expression gives a list; use a for loop, the join filter or the dump filter");
    }
    if (value instanceof TemplateFunction) {
      throw new TemplateMistake(`'${value.name}' is a function or macro; call it: ${value.name}(…)`);
    }
    if (typeof value === "object") {
      throw new TemplateMistake("this expression gives a map; name one of its keys, or use the dump filter");
    }
    return String(value);
  }

  #for(node: TemplateNode, scope: Scope, out: RenderedText): void {
    const over = this.#use(this.#value(child(node, "arr"), scope));
    const name = child(node, "name");
    const targets = name.typename === "Array" ? kids(name).map((target) => String(target.value)) : [String(name.value)];
    if (over !== null && over !== "" && !Array.isArray(over) && !isMap(over)) {
      throw new TemplateMistake("for needs a list or a map to go through");
    }
    const items: readonly unknown[] = Array.isArray(over) ? over : isMap(over) ? (targets.length > 1 ? Object.entries(over) : Object.keys(over)) : [];
    for (const [index, item] of items.entries()) {
      this.run.step();
      const names = new Map<string, unknown>([["loop", loopOf(index, items.length)]]);
      targets.forEach((target, position) => names.set(target, targets.length > 1 ? (item as readonly unknown[])[position] ?? null : item));
      this.#statement(child(node, "body"), { names, parent: scope }, out);
    }
    const otherwise = optional(node, "else_");
    if (items.length === 0 && otherwise !== undefined) {
      this.#statement(otherwise, scope, out);
    }
  }

  #set(node: TemplateNode, scope: Scope): void {
    const expression = optional(node, "value");
    const value = expression === undefined ? this.#captured(child(child(node, "body"), "body"), scope) : this.#value(expression, scope);
    for (const target of node.targets as readonly TemplateNode[]) {
      const name = String(target.value);
      let owner: Scope | undefined = scope;
      while (owner !== undefined && !owner.names.has(name)) {
        owner = owner.parent;
      }
      (owner ?? scope).names.set(name, value);
    }
  }

  #captured(body: TemplateNode, scope: Scope): string {
    const out = new RenderedText();
    this.#statement(body, scope, out);
    return out.text;
  }

  /** What a macro sees: the template's top level, not the place it is called from. */
  #globals(scope: Scope): Scope {
    let top = scope;
    while (top.parent !== undefined) {
      top = top.parent;
    }
    return top;
  }

  #macro(node: TemplateNode, name: string, globals: Scope): TemplateFunction {
    const declared = kids(child(node, "args"));
    const last = declared.at(-1);
    const pairs = last !== undefined && (last.typename === "KeywordArgs" || last.typename === "Dict") ? kids(last) : [];
    const positional = declared.filter((arg) => arg.typename === "Symbol").map((arg) => String(arg.value));
    const all = [...positional, ...pairs.map((pair) => String(child(pair, "key").value))];
    return new TemplateFunction(name, (args, named) => {
      if (args.length > all.length) {
        throw new TemplateMistake(`${name}() takes ${all.length} arguments (${all.join(", ")}), not ${args.length}`);
      }
      const unknown = [...named.keys()].find((key) => key !== "caller" && !all.includes(key));
      if (unknown !== undefined) {
        throw new TemplateMistake(`${name}() has no argument '${unknown}'; it has ${all.join(", ") || "none"}`);
      }
      const scope: Scope = { names: new Map(), parent: globals };
      if (named.has("caller")) {
        scope.names.set("caller", named.get("caller"));
      }
      all.forEach((argument, index) => {
        const given = index < args.length ? args[index] : named.get(argument);
        const pair = pairs[index - positional.length];
        if (index < args.length || named.has(argument)) {
          scope.names.set(argument, given);
        } else if (pair !== undefined) {
          scope.names.set(argument, this.#value(child(pair, "value"), scope));
        } else {
          scope.names.set(argument, new Undefined(argument, `it is an argument of ${name}() that this call does not give`, this.#at(node)));
        }
      });
      const out = new RenderedText();
      this.run.nested(() => this.#statement(child(node, "body"), scope, out));
      return out;
    });
  }

  #load(expression: TemplateNode, scope: Scope, ignoreMissing: boolean): TemplateSource | undefined {
    const name = this.#use(this.#value(expression, scope));
    if (typeof name !== "string") {
      throw new TemplateMistake("include and import need a file name in quotes");
    }
    const source = this.host.load(name, this.source.file);
    if (source === undefined && !ignoreMissing) {
      throw new TemplateMistake(`cannot find the template '${name}': names are relative to assets/, or to this file when they begin with ./ or ../`);
    }
    return source;
  }

  #exports(node: TemplateNode, scope: Scope): Map<string, unknown> {
    const source = this.#load(child(node, "template"), scope, false);
    const inner: Scope = { names: new Map(node.withContext === true ? this.#globals(scope).names : []), parent: undefined };
    if (source !== undefined) {
      this.run.include(source, inner, new RenderedText());
    }
    return new Map([...inner.names].filter(([name]) => !name.startsWith("_")));
  }

  /** A value somebody wants to do something with: one that is not there is reported, and an empty text takes its place. */
  #use(value: unknown): unknown {
    if (value instanceof Undefined) {
      this.run.reportUndefined(value);
      return "";
    }
    return value;
  }

  #truth(node: TemplateNode, scope: Scope): boolean {
    const value = this.#use(this.#value(node, scope));
    return value instanceof RenderedText ? value.length > 0 : Boolean(value);
  }

  #operand(node: TemplateNode, scope: Scope): unknown {
    const value = this.#use(this.#value(node, scope));
    return value instanceof RenderedText ? value.text : value;
  }

  #number(node: TemplateNode, scope: Scope): number {
    const value = this.#known(this.#operand(node, scope), "calculated with");
    if (typeof value !== "number") {
      throw new TemplateMistake(`${typeof value === "string" ? `'${value}'` : "this"} is not a number`);
    }
    return value;
  }

  /** Refuses a secret where its value would have to be known. */
  #known(value: unknown, done: string): unknown {
    if (typeof value === "string" && hasPlaceholder(value)) {
      const names = placeholdersIn(value).map((found) => `'${found.variable}'`).join(", ");
      throw new TemplateMistake(`the secret variable ${names} cannot be ${done} in a template: its value is not known before it is written to Superset`);
    }
    return value;
  }

  #value(node: TemplateNode, scope: Scope): unknown {
    switch (node.typename) {
      case "Literal":
        return node.value;
      case "Symbol":
        return this.#symbol(node, scope);
      case "Group":
      case "NodeList":
        return kids(node).map((part) => this.#value(part, scope)).at(-1);
      case "Array":
        return kids(node).map((part) => this.#operand(part, scope));
      case "Dict":
        return Object.fromEntries(kids(node).map((pair) => [String(child(pair, "key").value), this.#operand(child(pair, "value"), scope)]));
      case "InlineIf": {
        const branch = this.#truth(child(node, "cond"), scope) ? child(node, "body") : optional(node, "else_");
        return branch === undefined ? "" : this.#value(branch, scope);
      }
      case "And":
      case "Or": {
        const left = this.#operand(child(node, "left"), scope);
        return Boolean(left) === (node.typename === "And") ? this.#operand(child(node, "right"), scope) : left;
      }
      case "Not":
        return !this.#truth(child(node, "target"), scope);
      case "Neg":
        return -this.#number(child(node, "target"), scope);
      case "Pos":
        return this.#number(child(node, "target"), scope);
      case "Concat":
        return this.#text(this.#operand(child(node, "left"), scope)) + this.#text(this.#operand(child(node, "right"), scope));
      case "Add": {
        const left = this.#operand(child(node, "left"), scope);
        const right = this.#operand(child(node, "right"), scope);
        if (Array.isArray(left) && Array.isArray(right)) {
          return [...left, ...right];
        }
        return typeof left === "number" && typeof right === "number" ? left + right : this.#text(left) + this.#text(right);
      }
      case "Sub":
      case "Mul":
      case "Div":
      case "FloorDiv":
      case "Mod":
      case "Pow":
        return ARITHMETIC[node.typename]?.(this.#number(child(node, "left"), scope), this.#number(child(node, "right"), scope));
      case "Compare":
        return this.#compare(node, scope);
      case "In":
        return contains(this.#known(this.#operand(child(node, "right"), scope), "compared"), this.#known(this.#operand(child(node, "left"), scope), "compared"));
      case "Is":
        return this.#is(node, scope);
      case "LookupVal":
        return this.#member(node, scope);
      case "FunCall":
        return this.#call(node, scope);
      case "Filter":
        return this.#filter(node, scope);
      case "Caller":
        return this.#macro(node, "caller", scope);
      case "Capture":
        return this.#captured(child(node, "body"), scope);
      case "Output":
        return this.#captured({ typename: "NodeList", lineno: node.lineno, colno: node.colno, children: [node] }, scope);
      default:
        throw new TemplateMistake(`'${node.typename}' is not supported in templates`);
    }
  }

  #symbol(node: TemplateNode, scope: Scope): unknown {
    const name = String(node.value);
    const local = lookUp(scope, name);
    if (local !== undefined) {
      return local;
    }
    const variable = own(this.host.variables, name);
    if (variable !== undefined) {
      return variable;
    }
    return FUNCTIONS.get(name) ?? new Undefined(name, this.host.undefinedReason(name), this.#at(node));
  }

  #member(node: TemplateNode, scope: Scope): unknown {
    const target = this.#value(child(node, "target"), scope);
    const key = this.#operand(child(node, "val"), scope);
    if (target instanceof Undefined) {
      return target;
    }
    const name = `${nameOf(child(node, "target"))}.${String(key)}`;
    const at = this.#at(node);
    if (Array.isArray(target)) {
      const item: unknown = key === "length" ? target.length : target[Number(key) < 0 ? target.length + Number(key) : Number(key)];
      return item ?? new Undefined(name, `the list has ${target.length} items`, at);
    }
    if (isMap(target)) {
      const found = own(target, String(key)) ?? method(target, String(key));
      if (found !== undefined) {
        return found;
      }
      const reason = this.host.undefinedReason(name);
      return new Undefined(name, Object.keys(target).length === 0 ? reason : `'${nameOf(child(node, "target"))}' has ${Object.keys(target).join(", ")}`, at);
    }
    if (typeof target === "string") {
      const known = String(this.#known(target, "taken apart"));
      const found = key === "length" ? known.length : method(known, String(key));
      return found ?? new Undefined(name, "a text has no such part", at);
    }
    return new Undefined(name, `'${nameOf(child(node, "target"))}' is ${target === null ? "null" : "not a map"}`, at);
  }

  #compare(node: TemplateNode, scope: Scope): boolean {
    let left = this.#known(this.#operand(child(node, "expr"), scope), "compared");
    for (const operand of node.ops as readonly TemplateNode[]) {
      const right = this.#known(this.#operand(child(operand, "expr"), scope), "compared");
      const compare = COMPARE[String(operand.type)];
      if (compare === undefined || !compare(left, right)) {
        return false;
      }
      left = right;
    }
    return true;
  }

  #is(node: TemplateNode, scope: Scope): boolean {
    const right = child(node, "right");
    const test = String((right.typename === "FunCall" ? child(right, "name") : right).value);
    const value = this.#value(child(node, "left"), scope);
    if (test === "defined" || test === "undefined") {
      return value instanceof Undefined === (test === "undefined");
    }
    const check = Object.hasOwn(TESTS, test) ? TESTS[test] : undefined;
    if (check === undefined) {
      throw new TemplateMistake(`there is no test 'is ${test}'; there are ${["defined", ...Object.keys(TESTS)].join(", ")}`);
    }
    const args = optional(right, "args");
    const argument = args === undefined ? undefined : kids(args).map((part) => this.#operand(part, scope))[0];
    return check(this.#use(value), argument);
  }

  #arguments(node: TemplateNode, scope: Scope): { readonly args: unknown[]; readonly named: Map<string, unknown> } {
    const args: unknown[] = [];
    const named = new Map<string, unknown>();
    for (const part of kids(child(node, "args"))) {
      if (part.typename === "KeywordArgs") {
        for (const pair of kids(part)) {
          named.set(String(child(pair, "key").value), this.#value(child(pair, "value"), scope));
        }
      } else {
        args.push(this.#value(part, scope));
      }
    }
    return { args, named };
  }

  #call(node: TemplateNode, scope: Scope): unknown {
    const called = this.#use(this.#value(child(node, "name"), scope));
    const { args, named } = this.#arguments(node, scope);
    if (called instanceof TemplateFunction) {
      return called.call(args, named);
    }
    if (called === "") {
      return "";
    }
    throw new TemplateMistake(`'${nameOf(child(node, "name"))}' cannot be called: it is neither a macro nor a function of templates`);
  }

  #filter(node: TemplateNode, scope: Scope): unknown {
    const name = String(child(node, "name").value);
    const { args, named } = this.#arguments(node, scope);
    const plain = args.map((value) => (value instanceof RenderedText ? value.text : value));
    const [subject, ...rest] = plain;
    if (name === "default" || name === "d") {
      const [fallback, emptyToo] = rest;
      const missing = subject instanceof Undefined || (Boolean(this.#use(emptyToo ?? named.get("boolean") ?? false)) && !subject);
      return missing ? this.#use(fallback ?? "") : subject;
    }
    const filter = this.host.filter(name);
    if (filter === undefined) {
      throw new TemplateMistake(`there is no filter '${name}'`);
    }
    const used = plain.map((value) => this.#use(value));
    if (used.some((value) => typeof value === "string" && hasPlaceholder(value))) {
      if (name === "urlencode") {
        return urlEncodePlaceholders(String(used[0]));
      }
      if (!SECRET_SAFE_FILTERS.has(name)) {
        used.forEach((value) => this.#known(value, `changed by the filter '${name}'`));
      }
    }
    const keywords = named.size === 0 ? [] : [Object.assign(Object.fromEntries(named), { __keywords: true })];
    try {
      const result = filter(...used, ...keywords);
      return result instanceof String ? result.toString() : result;
    } catch (error) {
      throw new TemplateMistake(`the filter '${name}' failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

const ARITHMETIC: Readonly<Record<string, (left: number, right: number) => number>> = {
  Sub: (left, right) => left - right,
  Mul: (left, right) => left * right,
  Div: (left, right) => left / right,
  FloorDiv: (left, right) => Math.floor(left / right),
  Mod: (left, right) => left % right,
  Pow: (left, right) => left ** right,
};

type Comparable = number | string;
const COMPARE: Readonly<Record<string, (left: unknown, right: unknown) => boolean>> = {
  "==": (left, right) => left === right,
  "===": (left, right) => left === right,
  "!=": (left, right) => left !== right,
  "!==": (left, right) => left !== right,
  "<": (left, right) => (left as Comparable) < (right as Comparable),
  ">": (left, right) => (left as Comparable) > (right as Comparable),
  "<=": (left, right) => (left as Comparable) <= (right as Comparable),
  ">=": (left, right) => (left as Comparable) >= (right as Comparable),
};

function loopOf(index: number, length: number): Readonly<Record<string, unknown>> {
  return { index: index + 1, index0: index, revindex: length - index, revindex0: length - index - 1, first: index === 0, last: index === length - 1, length };
}

/** An expression as the template's author wrote it, for messages. */
function nameOf(node: TemplateNode): string {
  switch (node.typename) {
    case "Symbol":
      return String(node.value);
    case "LookupVal":
      return `${nameOf(child(node, "target"))}.${String(child(node, "val").value ?? "…")}`;
    case "FunCall":
      return `${nameOf(child(node, "name"))}()`;
    default:
      return "this expression";
  }
}
