/**
 * Evaluates a parsed template node by node. Nunjucks' own way, compiling a template to JavaScript, is not used: it reports wrong
 * lines, prints nothing for an undefined variable inside `if`, and a crafted variable name becomes code.
 */
import { isMap, MAX_STEPS, TemplateMistake, type Undefined } from "./builtins";
import { Expressions } from "./expression";
import { RenderedText, type Trace } from "./rendered";
import { bind, child, type EvaluateHost, kids, optional, type Scope, type TemplateNode, type TemplateSource } from "./template-node";

const MAX_DEPTH = 50;
/** Characters one template may render to. */
const MAX_OUTPUT = 20_000_000;

/** Renders one template with all it includes. */
export class Evaluator {
  #depth = 0;
  #steps = 0;
  #trace: Trace | undefined;
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

  /** As `render`, into a text that exists, with the names of `scope`. */
  include(source: TemplateSource, scope: Scope, out: RenderedText): void {
    this.#template(source, scope, out);
  }

  /** @throws TemplateMistake where macros and includes nest deeper than `MAX_DEPTH` */
  nested<T>(work: () => T): T {
    if (this.#depth >= MAX_DEPTH) {
      throw new TemplateMistake(`macros nested deeper than ${MAX_DEPTH}: does one call itself?`);
    }
    this.#depth += 1;
    const result = work();
    this.#depth -= 1;
    return result;
  }

  /** What is being evaluated. */
  get trace(): Trace | undefined {
    return this.#trace;
  }

  /** Evaluates as a part of a tag. */
  within(part: Omit<Trace, "above">, work: (trace: Trace) => void): void {
    const above = this.#trace;
    this.#trace = { ...part, above };
    try {
      work(this.#trace);
    } finally {
      this.#trace = above;
    }
  }

  /** Counts one round of a loop. @throws TemplateMistake beyond `MAX_STEPS` in one template */
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
class Frame extends Expressions {
  constructor(private readonly evaluator: Evaluator, host: EvaluateHost, source: TemplateSource) {
    super(evaluator, host, source);
  }

  block(node: TemplateNode, scope: Scope, out: RenderedText): void {
    for (const statement of kids(node)) {
      this.statement(statement, scope, out);
    }
  }

  protected override statement(node: TemplateNode, scope: Scope, out: RenderedText): void {
    try {
      this.#run(node, scope, out);
    } catch (error) {
      if (!(error instanceof TemplateMistake)) {
        throw error;
      }
      this.host.problem({ ...this.at(node), message: error.message });
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
        const branch = this.truth(child(node, "cond"), scope) ? child(node, "body") : optional(node, "else_");
        return branch === undefined ? undefined : this.evaluator.within({ node, source: this.source, scope }, () => this.statement(branch, scope, out));
      }
      case "For":
        return this.#loop(node, scope, out);
      case "Set":
        return this.#assign(node, scope);
      case "Macro":
        scope.names.set(String(child(node, "name").value), this.macro(node, String(child(node, "name").value), this.#globals(scope)));
        return undefined;
      case "Include": {
        const source = this.#load(child(node, "template"), scope, node.ignoreMissing === true);
        return source === undefined ? undefined : this.evaluator.within({ node, source: this.source, scope }, () => this.evaluator.include(source, { names: new Map(), parent: scope }, out));
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
      if (part.typename === "TemplateData") {
        out.data(String(part.value), this.at(part), part.offset as number | undefined, this.source.text, this.evaluator.trace);
        continue;
      }
      this.evaluator.within({ node, source: this.source, scope }, (trace) => {
        const value = this.use(this.value(part, scope));
        if (value instanceof RenderedText) {
          out.append(value, trace);
        } else {
          out.value(this.text(value), this.at(node), trace);
        }
      });
    }
  }

  #loop(node: TemplateNode, scope: Scope, out: RenderedText): void {
    const over = this.use(this.value(child(node, "arr"), scope));
    const name = child(node, "name");
    const targets = name.typename === "Array" ? kids(name).map((target) => String(target.value)) : [String(name.value)];
    if (over !== null && over !== "" && !Array.isArray(over) && !isMap(over)) {
      throw new TemplateMistake("for needs a list or a map to go through");
    }
    const items: readonly unknown[] = Array.isArray(over) ? over : isMap(over) ? (targets.length > 1 ? Object.entries(over) : Object.keys(over)) : [];
    const list = Array.isArray(over);
    for (const [index, item] of items.entries()) {
      this.evaluator.step();
      const round: Scope = { names: new Map([["loop", loopOf(index, items.length)]]), parent: scope };
      targets.forEach((target, position) => {
        const value = targets.length > 1 ? (item as readonly unknown[])[position] ?? null : item;
        bind(round, target, value, list ? { node: child(node, "arr"), scope, source: this.source, path: targets.length > 1 ? [index, position] : [index] } : undefined);
      });
      this.evaluator.within({ node, source: this.source, scope, round: index }, () => this.statement(child(node, "body"), round, out));
    }
    const otherwise = optional(node, "else_");
    if (items.length === 0 && otherwise !== undefined) {
      this.statement(otherwise, scope, out);
    }
  }

  #assign(node: TemplateNode, scope: Scope): void {
    const expression = optional(node, "value");
    const value = expression === undefined ? this.captured(child(child(node, "body"), "body"), scope) : this.value(expression, scope);
    for (const target of node.targets as readonly TemplateNode[]) {
      const name = String(target.value);
      let owner: Scope | undefined = scope;
      while (owner !== undefined && !owner.names.has(name)) {
        owner = owner.parent;
      }
      bind(owner ?? scope, name, value, expression === undefined ? undefined : { node: expression, scope, source: this.source, path: [] });
    }
  }

  /** What a macro sees: the template's top level, not the place it is called from. */
  #globals(scope: Scope): Scope {
    let top = scope;
    while (top.parent !== undefined) {
      top = top.parent;
    }
    return top;
  }

  #load(expression: TemplateNode, scope: Scope, ignoreMissing: boolean): TemplateSource | undefined {
    const name = this.use(this.value(expression, scope));
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
      this.evaluator.include(source, inner, new RenderedText());
    }
    return new Map([...inner.names].filter(([name]) => !name.startsWith("_")));
  }
}

function loopOf(index: number, length: number): Readonly<Record<string, unknown>> {
  return { index: index + 1, index0: index, revindex: length - index, revindex0: length - index - 1, first: index === 0, last: index === length - 1, length };
}
