/** What a template may call besides filters: nothing of it reaches JavaScript's own objects, files, clocks or random numbers. */

import type { Binding } from "./template-node";

/** A value that is not there. Using it is an error; `default` and `is defined` may look at it. */
export class Undefined {
  constructor(readonly name: string, readonly reason: string, readonly at: { readonly file: string; readonly line: number; readonly column: number }) {}
}

/** A mistake in a template, found while it is evaluated. */
export class TemplateMistake extends Error {}

/** How many items `range` may give, and how often loops may run in one template: beyond it is a mistake, not a dashboard. */
export const MAX_STEPS = 100_000;

/** What a function is called with. `written`: where each argument is written, in the order of `args`, then by name. */
type Callable = (args: readonly unknown[], named: ReadonlyMap<string, unknown>, written?: ArgumentBindings) => unknown;

/** Where the arguments of a call are written. */
export interface ArgumentBindings {
  readonly args: readonly Binding[];
  readonly named: ReadonlyMap<string, Binding>;
}

/** A function of a template: a macro, `range`, a method of a value. */
export class TemplateFunction {
  constructor(readonly name: string, readonly call: Callable) {}
}

type TemplateMap = Readonly<Record<string, unknown>>;

/** A mapping of the template: an object that is none of our own classes for values. */
export function isMap(value: unknown): value is TemplateMap {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Undefined) && !(value instanceof TemplateFunction);
}

/** Own keys only: `constructor` and its like are not there for a template. */
export function own(value: TemplateMap, name: string): unknown {
  return Object.prototype.hasOwnProperty.call(value, name) ? value[name] : undefined;
}

/** Whether a value counts as true: as in Jinja, empty lists and maps do not. */
export function isTrue(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : isMap(value) ? Object.keys(value).length > 0 : Boolean(value);
}

function numberArgument(value: unknown, what: string): number {
  const number = Number(value);
  if (!Number.isInteger(number)) {
    throw new TemplateMistake(`${what} takes whole numbers`);
  }
  return number;
}

function range(args: readonly unknown[]): number[] {
  const [first, second, third] = args.map((arg) => numberArgument(arg, "range()"));
  const [from, to, step] = second === undefined ? [0, first ?? 0, 1] : [first ?? 0, second, third ?? 1];
  const count = step === 0 ? Infinity : Math.max(0, Math.ceil((to - from) / step));
  if (count > MAX_STEPS) {
    throw new TemplateMistake(`range() of more than ${MAX_STEPS} numbers`);
  }
  return Array.from({ length: count }, (_, index) => from + index * step);
}

/** By the name a template calls them by. Nunjucks' other globals (`cycler`, `joiner`) are left out. */
export const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map(
  [new TemplateFunction("range", range), new TemplateFunction("dict", (_, named) => Object.fromEntries(named))].map((entry) => [entry.name, entry]),
);

const text = (value: unknown): string => (typeof value === "string" ? value : String(value));

type Method<T> = (self: T, ...args: readonly unknown[]) => unknown;
const STRING: Readonly<Record<string, Method<string>>> = {
  upper: (self) => self.toUpperCase(),
  lower: (self) => self.toLowerCase(),
  strip: (self) => self.trim(),
  split: (self, by) => (by === undefined ? self.trim().split(/\s+/) : self.split(text(by))),
  replace: (self, from, to) => self.split(text(from)).join(text(to)),
  startswith: (self, part) => self.startsWith(text(part)),
  endswith: (self, part) => self.endsWith(text(part)),
  join: (self, list) => (Array.isArray(list) ? list.map(text).join(self) : self),
};
const MAP: Readonly<Record<string, Method<TemplateMap>>> = {
  items: (self) => Object.entries(self),
  keys: (self) => Object.keys(self),
  values: (self) => Object.values(self),
  get: (self, name, fallback) => own(self, text(name)) ?? fallback ?? null,
};

/** Methods as Jinja has them (`x.items()`, `name.upper()`). */
export function method(value: unknown, name: string): TemplateFunction | undefined {
  if (typeof value === "string" && Object.hasOwn(STRING, name)) {
    return new TemplateFunction(name, (args) => STRING[name]?.(value, ...args));
  }
  if (isMap(value) && Object.hasOwn(MAP, name)) {
    return new TemplateFunction(name, (args) => MAP[name]?.(value, ...args));
  }
  return undefined;
}

/** `is …`. `defined`, `undefined` are the evaluator's, as only they may look at a value that is not there. */
export const TESTS: Readonly<Record<string, (value: unknown, argument: unknown) => boolean>> = {
  none: (value) => value === null,
  null: (value) => value === null,
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  boolean: (value) => typeof value === "boolean",
  true: (value) => value === true,
  false: (value) => value === false,
  mapping: isMap,
  iterable: (value) => Array.isArray(value) || typeof value === "string" || isMap(value),
  sequence: (value) => Array.isArray(value) || typeof value === "string",
  even: (value) => Number(value) % 2 === 0,
  odd: (value) => Math.abs(Number(value) % 2) === 1,
  divisibleby: (value, by) => Number(value) % Number(by) === 0,
  eq: (value, other) => value === other,
  equalto: (value, other) => value === other,
  sameas: (value, other) => value === other,
  ne: (value, other) => value !== other,
  gt: (value, other) => Number(value) > Number(other),
  greaterthan: (value, other) => Number(value) > Number(other),
  ge: (value, other) => Number(value) >= Number(other),
  lt: (value, other) => Number(value) < Number(other),
  lessthan: (value, other) => Number(value) < Number(other),
  le: (value, other) => Number(value) <= Number(other),
  in: (value, list) => contains(list, value),
  lower: (value) => typeof value === "string" && value.toLowerCase() === value,
  upper: (value) => typeof value === "string" && value.toUpperCase() === value,
  truthy: isTrue,
  falsy: (value) => !isTrue(value),
};

/** `x in list`: an item of a list, a part of a text, a key of a map. */
export function contains(container: unknown, value: unknown): boolean {
  if (Array.isArray(container)) {
    return container.includes(value);
  }
  if (typeof container === "string") {
    return container.includes(text(value));
  }
  if (isMap(container)) {
    return Object.hasOwn(container, text(value));
  }
  throw new TemplateMistake("'in' needs a list, a text or a map on its right");
}

/** Operators by the name of their node. */
export const ARITHMETIC: Readonly<Record<string, (left: number, right: number) => number>> = {
  Sub: (left, right) => left - right,
  Mul: (left, right) => left * right,
  Div: (left, right) => left / right,
  FloorDiv: (left, right) => Math.floor(left / right),
  Mod: (left, right) => left % right,
  Pow: (left, right) => left ** right,
};

type Comparable = number | string;
/** Comparisons: no conversions, as `1 == "1"` would be a trap. */
export const COMPARE: Readonly<Record<string, (left: unknown, right: unknown) => boolean>> = {
  "==": (left, right) => left === right,
  "===": (left, right) => left === right,
  "!=": (left, right) => left !== right,
  "!==": (left, right) => left !== right,
  "<": (left, right) => (left as Comparable) < (right as Comparable),
  ">": (left, right) => (left as Comparable) > (right as Comparable),
  "<=": (left, right) => (left as Comparable) <= (right as Comparable),
  ">=": (left, right) => (left as Comparable) >= (right as Comparable),
};
