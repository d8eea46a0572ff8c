/** What a template is made of, and what its evaluation needs from outside. */
import type { Problem } from "../provider/errors";

/** A node of nunjucks' syntax tree. */
export interface TemplateNode {
  readonly typename: string;
  /** 0-based. */
  readonly lineno: number;
  readonly colno: number;
  readonly [field: string]: unknown;
}

/** A template file, parsed. */
export interface TemplateSource {
  /** Path from the repository's root. */
  readonly file: string;
  readonly text: string;
  readonly root: TemplateNode;
}

/** What evaluating a template takes from outside. */
export interface EvaluateHost {
  readonly variables: Readonly<Record<string, unknown>>;
  /** Why a variable is not there and what to do (`set it under superset:vars in Pulumi.dev.yaml`). */
  undefinedReason(name: string): string;
  /** The template `name` names, seen from `from`; undefined where there is none. Throws `TemplateMistake` where it may not be read. */
  load(name: string, from: string): TemplateSource | undefined;
  /** Undefined for an unknown one. Throws `TemplateMistake` for one that is not allowed. */
  filter(name: string): ((...args: readonly unknown[]) => unknown) | undefined;
  /** What to say of a call of a function that is not there. Default: which functions templates have. */
  unknownFunction?(name: string): string;
  /** What an expression prints that gives null. Default: that is a mistake. */
  readonly nothing?: string;
  /** Told of a located problem; the evaluation goes on, so that one run finds all. */
  problem(problem: Problem): void;
}

/** Names and what they mean; the one around it knows the others. */
export interface Scope {
  readonly names: Map<string, unknown>;
  readonly parent: Scope | undefined;
  /** Where the values of names are written, as far as that is known. */
  bindings?: Map<string, Binding>;
}

/** The expression that a name got its value from. */
export interface Binding {
  readonly node: TemplateNode;
  readonly scope: Scope;
  readonly source: TemplateSource;
  /** Which part of the expression's value: the item of a list that a loop goes through. */
  readonly path: readonly number[];
}

/** Gives a name its value. `binding`: where the value is written, if that is one expression. */
export function bind(scope: Scope, name: string, value: unknown, binding: Binding | undefined): void {
  scope.names.set(name, value);
  if (binding === undefined) {
    scope.bindings?.delete(name);
  } else {
    scope.bindings = (scope.bindings ?? new Map<string, Binding>()).set(name, binding);
  }
}

/** The nearest scope that has a name. */
export function scopeOf(scope: Scope | undefined, name: string): Scope | undefined {
  let at = scope;
  while (at !== undefined && !at.names.has(name)) {
    at = at.parent;
  }
  return at;
}

/** What a name means here: in the nearest scope that has it. */
export function lookUp(scope: Scope | undefined, name: string): unknown {
  return scopeOf(scope, name)?.names.get(name);
}

/** The parts of a list node. */
export function kids(node: TemplateNode): readonly TemplateNode[] {
  return (node.children ?? []) as readonly TemplateNode[];
}
/** A part that is always there. */
export function child(node: TemplateNode, field: string): TemplateNode {
  return node[field] as TemplateNode;
}
/** A part that may be missing. */
export function optional(node: TemplateNode, field: string): TemplateNode | undefined {
  return (node[field] ?? undefined) as TemplateNode | undefined;
}
