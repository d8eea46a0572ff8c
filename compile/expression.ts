/** Values of template expressions. */
import { type ArgumentBindings, ARITHMETIC, COMPARE, contains, FUNCTIONS, isMap, isTrue, method, own, TemplateFunction, TemplateMistake, TESTS, Undefined } from "./builtins";
import { hasPlaceholder, placeholdersIn, urlEncodePlaceholders } from "../provider/placeholders";
import { described } from "./validate";
import { RenderedText } from "./rendered";
import { bind, type Binding, child, type EvaluateHost, kids, lookUp, optional, type Scope, type TemplateNode, type TemplateSource } from "./template-node";

/** Filters a secret may pass through without being cut up: its value is not known here. */
const SECRET_SAFE_FILTERS = new Set(["default", "d", "string", "safe", "urlencode"]);

/** What the expressions of one template share with the templates around it. */
interface Run {
  /** Evaluates inside a macro. Throws a `TemplateMistake` where they nest too deep. */
  nested<T>(work: () => T): T;
  /** Reports a value that is not there, once per place. */
  reportUndefined(value: Undefined): void;
}

/** Evaluates the expressions of one template; statements are `evaluate.ts`. */
export abstract class Expressions {
  constructor(protected readonly context: Run, protected readonly host: EvaluateHost, protected readonly source: TemplateSource) {}

  /** Runs a part of the template, for macros and captured blocks. */
  protected abstract statement(node: TemplateNode, scope: Scope, out: RenderedText): void;

  protected at(node: TemplateNode): { readonly file: string; readonly line: number; readonly column: number } {
    return { file: this.source.file, line: (node.lineno ?? 0) + 1, column: (node.colno ?? 0) + 1 };
  }

  protected text(value: unknown): string {
    if (value === null && this.host.nothing !== undefined) {
      return this.host.nothing;
    }
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

  protected captured(body: TemplateNode, scope: Scope): string {
    const out = new RenderedText();
    this.statement(body, scope, out);
    return out.text;
  }

  protected macro(node: TemplateNode, name: string, globals: Scope): TemplateFunction {
    const declared = kids(child(node, "args"));
    const last = declared.at(-1);
    const pairs = last !== undefined && (last.typename === "KeywordArgs" || last.typename === "Dict") ? kids(last) : [];
    const positional = declared.filter((arg) => arg.typename === "Symbol").map((arg) => String(arg.value));
    const all = [...positional, ...pairs.map((pair) => String(child(pair, "key").value))];
    return new TemplateFunction(name, (args, named, written) => {
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
          bind(scope, argument, given, index < args.length ? written?.args[index] : written?.named.get(argument));
        } else if (pair !== undefined) {
          const fallback = child(pair, "value");
          bind(scope, argument, this.value(fallback, scope), { node: fallback, scope, source: this.source, path: [] });
        } else {
          scope.names.set(argument, new Undefined(argument, `it is an argument of ${name}() that this call does not give`, this.at(node)));
        }
      });
      const out = new RenderedText();
      this.context.nested(() => this.statement(child(node, "body"), scope, out));
      return out;
    });
  }

  /** A value somebody wants to do something with: one that is not there is reported, and an empty text takes its place. */
  protected use(value: unknown): unknown {
    if (value instanceof Undefined) {
      this.context.reportUndefined(value);
      return "";
    }
    return value;
  }

  protected truth(node: TemplateNode, scope: Scope): boolean {
    const value = this.use(this.value(node, scope));
    return value instanceof RenderedText ? value.length > 0 : isTrue(value);
  }

  protected operand(node: TemplateNode, scope: Scope): unknown {
    const value = this.use(this.value(node, scope));
    return value instanceof RenderedText ? value.text : value;
  }

  protected number(node: TemplateNode, scope: Scope): number {
    const value = this.known(this.operand(node, scope), "calculated with");
    if (typeof value !== "number") {
      throw new TemplateMistake(`${typeof value === "string" ? `'${value}'` : "this"} is not a number`);
    }
    return value;
  }

  /** Refuses a secret where its value would have to be known. */
  protected known(value: unknown, done: string): unknown {
    if (typeof value === "string" && hasPlaceholder(value)) {
      const names = placeholdersIn(value).map((found) => `'${found.variable}'`).join(", ");
      throw new TemplateMistake(`the secret variable ${names} cannot be ${done} in a template: its value is not known before it is written to Superset`);
    }
    return value;
  }

  protected value(node: TemplateNode, scope: Scope): unknown {
    switch (node.typename) {
      case "Literal":
        return node.value;
      case "Symbol":
        return this.symbol(node, scope);
      case "Group":
      case "NodeList":
        return kids(node).map((part) => this.value(part, scope)).at(-1);
      case "Array":
        return kids(node).map((part) => this.operand(part, scope));
      case "Dict":
        return Object.fromEntries(kids(node).map((pair) => [String(child(pair, "key").value), this.operand(child(pair, "value"), scope)]));
      case "InlineIf": {
        const branch = this.truth(child(node, "cond"), scope) ? child(node, "body") : optional(node, "else_");
        return branch === undefined ? "" : this.value(branch, scope);
      }
      case "And":
      case "Or": {
        const left = this.operand(child(node, "left"), scope);
        return isTrue(left) === (node.typename === "And") ? this.operand(child(node, "right"), scope) : left;
      }
      case "Not":
        return !this.truth(child(node, "target"), scope);
      case "Neg":
        return -this.number(child(node, "target"), scope);
      case "Pos":
        return this.number(child(node, "target"), scope);
      case "Concat":
        return this.text(this.operand(child(node, "left"), scope)) + this.text(this.operand(child(node, "right"), scope));
      case "Add": {
        const left = this.operand(child(node, "left"), scope);
        const right = this.operand(child(node, "right"), scope);
        if (Array.isArray(left) && Array.isArray(right)) {
          return [...left, ...right];
        }
        return typeof left === "number" && typeof right === "number" ? left + right : this.text(left) + this.text(right);
      }
      case "Sub":
      case "Mul":
      case "Div":
      case "FloorDiv":
      case "Mod":
      case "Pow":
        return ARITHMETIC[node.typename]?.(this.number(child(node, "left"), scope), this.number(child(node, "right"), scope));
      case "Compare":
        return this.compare(node, scope);
      case "In":
        return contains(this.known(this.operand(child(node, "right"), scope), "compared"), this.known(this.operand(child(node, "left"), scope), "compared"));
      case "Is":
        return this.test(node, scope);
      case "LookupVal":
        return this.member(node, scope);
      case "FunCall":
        return this.call(node, scope);
      case "Filter":
        return this.filter(node, scope);
      case "Caller":
        return this.macro(node, "caller", scope);
      case "Capture":
        return this.captured(child(node, "body"), scope);
      case "Output":
        return this.captured({ typename: "NodeList", lineno: node.lineno, colno: node.colno, children: [node] }, scope);
      default:
        throw new TemplateMistake(`'${node.typename}' is not supported in templates`);
    }
  }

  protected symbol(node: TemplateNode, scope: Scope): unknown {
    const name = String(node.value);
    const local = lookUp(scope, name);
    if (local !== undefined) {
      return local;
    }
    const variable = own(this.host.variables, name);
    if (variable !== undefined) {
      return variable;
    }
    return FUNCTIONS.get(name) ?? new Undefined(name, this.host.undefinedReason(name), this.at(node));
  }

  protected member(node: TemplateNode, scope: Scope): unknown {
    const target = this.value(child(node, "target"), scope);
    const key = this.operand(child(node, "val"), scope);
    if (target instanceof Undefined) {
      return target;
    }
    const name = `${nameOf(child(node, "target"))}.${String(key)}`;
    const at = this.at(node);
    if (Array.isArray(target)) {
      const item: unknown = key === "length" ? target.length : target[Number(key) < 0 ? target.length + Number(key) : Number(key)];
      return item ?? new Undefined(name, `the list has ${target.length} items`, at);
    }
    if (isMap(target)) {
      const value = own(target, String(key));
      const found = value === undefined ? method(target, String(key)) : value;
      if (found !== undefined) {
        return found;
      }
      const reason = this.host.undefinedReason(name);
      return new Undefined(name, Object.keys(target).length === 0 ? reason : `'${nameOf(child(node, "target"))}' has ${Object.keys(target).join(", ")}`, at);
    }
    if (typeof target === "string") {
      const known = String(this.known(target, "taken apart"));
      const found = key === "length" ? known.length : method(known, String(key));
      return found ?? new Undefined(name, "a text has no such part", at);
    }
    return new Undefined(name, `'${nameOf(child(node, "target"))}' is ${target === null ? "null" : "not a map"}`, at);
  }

  protected compare(node: TemplateNode, scope: Scope): boolean {
    let left = this.known(this.operand(child(node, "expr"), scope), "compared");
    for (const operand of node.ops as readonly TemplateNode[]) {
      const right = this.known(this.operand(child(operand, "expr"), scope), "compared");
      const compare = COMPARE[String(operand.type)];
      if (compare === undefined || !compare(left, right)) {
        return false;
      }
      left = right;
    }
    return true;
  }

  protected test(node: TemplateNode, scope: Scope): boolean {
    const right = child(node, "right");
    const test = String((right.typename === "FunCall" ? child(right, "name") : right).value);
    const value = this.value(child(node, "left"), scope);
    if (test === "defined" || test === "undefined") {
      return value instanceof Undefined === (test === "undefined");
    }
    const check = Object.hasOwn(TESTS, test) ? TESTS[test] : undefined;
    if (check === undefined) {
      throw new TemplateMistake(`there is no test 'is ${test}'; there are ${["defined", ...Object.keys(TESTS)].join(", ")}`);
    }
    const args = optional(right, "args");
    const argument = args === undefined ? undefined : kids(args).map((part) => this.operand(part, scope))[0];
    return check(this.use(value), argument);
  }

  protected argumentsOf(node: TemplateNode, scope: Scope): { readonly args: unknown[]; readonly named: Map<string, unknown>; readonly written: ArgumentBindings } {
    const args: unknown[] = [];
    const named = new Map<string, unknown>();
    const written = { args: [] as Binding[], named: new Map<string, Binding>() };
    const binding = (value: TemplateNode): Binding => ({ node: value, scope, source: this.source, path: [] });
    for (const part of kids(child(node, "args"))) {
      if (part.typename === "KeywordArgs") {
        for (const pair of kids(part)) {
          const name = String(child(pair, "key").value);
          named.set(name, this.value(child(pair, "value"), scope));
          written.named.set(name, binding(child(pair, "value")));
        }
      } else {
        args.push(this.value(part, scope));
        written.args.push(binding(part));
      }
    }
    return { args, named, written };
  }

  protected call(node: TemplateNode, scope: Scope): unknown {
    const callee = this.value(child(node, "name"), scope);
    if (callee instanceof Undefined && child(node, "name").typename === "Symbol") {
      throw new TemplateMistake(this.host.unknownFunction?.(callee.name) ?? noFunction(callee.name));
    }
    const called = this.use(callee);
    const { args, named, written } = this.argumentsOf(node, scope);
    if (called instanceof TemplateFunction) {
      return called.call(args, named, written);
    }
    if (called === "") {
      return "";
    }
    throw new TemplateMistake(`'${nameOf(child(node, "name"))}' cannot be called: it is neither a macro nor a function of templates`);
  }

  protected filter(node: TemplateNode, scope: Scope): unknown {
    const name = String(child(node, "name").value);
    const { args, named } = this.argumentsOf(node, scope);
    const plain = args.map((value) => (value instanceof RenderedText ? value.text : value));
    const [subject, ...rest] = plain;
    if (name === "default" || name === "d") {
      const [fallback, emptyToo] = rest;
      const missing = subject instanceof Undefined || (isTrue(this.use(emptyToo ?? named.get("boolean") ?? false)) && !isTrue(subject));
      return missing ? this.use(fallback ?? "") : subject;
    }
    const filter = this.host.filter(name);
    if (filter === undefined) {
      throw new TemplateMistake(`there is no filter '${name}'`);
    }
    const used = plain.map((value) => this.use(value));
    if (used.some((value) => typeof value === "string" && hasPlaceholder(value))) {
      if (name === "urlencode") {
        return urlEncodePlaceholders(String(used[0]));
      }
      if (!SECRET_SAFE_FILTERS.has(name)) {
        used.forEach((value) => this.known(value, `changed by the filter '${name}'`));
      }
    }
    const keywords = named.size === 0 ? [] : [Object.assign(Object.fromEntries(named), { __keywords: true })];
    try {
      const result = filter(...used, ...keywords);
      return result instanceof String ? result.toString() : result;
    } catch (error) {
      if (isTypeError(error)) {
        const advice = name !== "join" && (typeof used[0] === "number" || typeof used[0] === "boolean") ? `; make it a text first: string | ${name}` : "";
        throw new TemplateMistake(`the filter '${name}' cannot be applied to ${described(used[0])}${used.length > 1 ? " with these arguments" : ""}${advice}`);
      }
      throw new TemplateMistake(`the filter '${name}' failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** A filter met a value of a type it is not for. Not by `instanceof`: such errors may come from outside a test's realm. */
function isTypeError(error: unknown): boolean {
  return typeof error === "object" && error !== null && "name" in error && error.name === "TypeError";
}

/** Tags of templates that look like functions to those who know other languages. */
const TAGS: Readonly<Record<string, string>> = {
  include: "{% include 'name.j2' %}", import: "{% import 'name.j2' as name %}", extends: "{% include 'name.j2' %}", set: "{% set name = value %}", super: "a macro",
};

function noFunction(name: string): string {
  const tag = Object.hasOwn(TAGS, name) ? TAGS[name] : undefined;
  return tag === undefined
    ? `there is no function or macro '${name}'; templates have ${[...FUNCTIONS.keys()].join(", ")} and the macros they define or import`
    : `'${name}' is no function; write ${tag}`;
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
