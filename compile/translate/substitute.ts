/**
 * Values of the exported environment become variables where a rule says what stands in a field, as whole tokens, and only variables that
 * have a value in every environment. One that several variables explain stays as it is, and is noted.
 */
import type { AddressPart, Kind, TextField } from "../../provider/kinds/define";
import type { Path } from "../yaml";
import { matches, type Rule, type Rules } from "./rules";
import { identifiersIn, schemasIn, type SqlName } from "./sql-names";
import { type Unusable, type Variable, type Variables, wordsOf } from "./variables";

/** A text of which some pieces are variables. */
export interface Substituted {
  readonly pieces: readonly (string | Variable)[];
  /** What stays as it is although it looks like an environment's, and why. */
  readonly notes: readonly string[];
}

/** Variables that would explain a token, and those that may not. */
interface Candidates {
  readonly usable: readonly Variable[];
  readonly unusable: readonly Unusable[];
}

/** A place of a text that is a variable's value. */
interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly variable: Variable;
}

/** What a variable is called that holds such a value: its last words. */
type Meaning = AddressPart["name"] | "schema";
const NAMES: Readonly<Record<Meaning, RegExp>> = {
  user: /(?:^| )(?:user|username|login|role)$/,
  host: /(?:^| )(?:host|hostname|server|address|addr|endpoint)$/,
  port: /(?:^| )port$/,
  database: /(?:^| )(?:db|database|dbname|catalog|(?:db|database) name)$/,
  schema: /(?:^| )schema(?: name)?$/,
};
const PASSWORD = /(?:^| )(?:password|passwd|pass|pwd)$/;
/** The last word of a variable's name, which says what it is and not whose. */
const LAST_WORD = / ?(?:user|username|login|role|host|hostname|server|address|addr|endpoint|port|db|database|dbname|catalog|schema|name|password|passwd|pass|pwd)$/;

const BARE_NAME = /^[\p{L}_][\p{L}\p{N}_$]*$/u;
const isPart = (character: string | undefined): boolean => character !== undefined && /[\p{L}\p{N}]/u.test(character);

/** The built-in rules and those of `translate.yaml`. */
export class Substitution {
  readonly #markers: Candidates;

  constructor(private readonly variables: Variables, private readonly rules: Rules) {
    this.#markers = { usable: variables.markers, unusable: variables.unusableMarkers };
  }

  /** A text of a field of the authoring form. `path`: where it stands, from the top of the template. */
  substitute(kind: Kind, path: Path, text: string): Substituted {
    const { ignore } = this.rules;
    if (ignore.values.has(text) || ignore.fields.some((field) => matches(field, path))) {
      return { pieces: [text], notes: [] };
    }
    const work = new Work(text, ignore.values);
    for (const rule of this.rules.rules) {
      if ((rule.kinds?.includes(kind.name) ?? true) && rule.fields.some((field) => matches(field, path))) {
        this.#rule(work, rule);
      }
    }
    const field = kind.texts.find(({ at }) => matches(at, path));
    switch (field?.role) {
      case "name":
        work.words(0, text.length, this.#markers);
        break;
      case "schema":
        this.#schema(work, { name: text, start: 0, end: text.length, bare: false });
        break;
      case "sql":
        schemasIn(text).forEach((name) => this.#schema(work, name));
        break;
      case "address":
        this.#address(work, field.parts?.(text) ?? []);
        break;
      case undefined:
    }
    return { pieces: work.pieces(), notes: work.notes };
  }

  /** The secret variable that goes with the variables of an address: `DB_PASSWORD` beside `DB_USER`. Undefined where there is none, or no one. */
  passwordOf(field: TextField, text: string): string | undefined {
    const work = new Work(text, this.rules.ignore.values);
    this.#address(work, field.parts?.(text) ?? []);
    const [best, next] = [...familiesOf(work.replacements)].sort(([, left], [, right]) => right - left);
    const secrets = [...this.variables.environment.secrets.keys()].filter((name) => PASSWORD.test(wordsOf(name).join(" ")) && familyOf(name) === best?.[0]);
    return best === undefined || best[1] === next?.[1] || secrets.length !== 1 ? undefined : secrets[0];
  }

  #rule(work: Work, { variable: name, tokens }: Rule): void {
    const usable = this.variables.all.filter((variable) => variable.name === name);
    const unusable = this.variables.unusable.filter((variable) => variable.name === name);
    const value = [...usable, ...unusable][0]?.value;
    if (value !== undefined && tokens === "words") {
      work.words(0, work.text.length, { usable, unusable });
    } else if (value !== undefined && tokens === "identifiers") {
      for (const { start, end, bare } of identifiersIn(work.text).filter((found) => found.name === value)) {
        work.one(start, end, bare ? bareOnly({ usable, unusable }) : { usable, unusable });
      }
    } else if (work.text === value) {
      work.one(0, value.length, { usable, unusable });
    }
  }

  #schema(work: Work, { start, end, bare }: SqlName): void {
    const value = work.text.slice(start, end);
    const named = this.#named("schema", value);
    if (!work.one(start, end, bare ? bareOnly(named) : named)) {
      work.words(start, end, bare ? bareOnly(this.#markers) : this.#markers);
    }
  }

  #address(work: Work, parts: readonly AddressPart[]): void {
    const found = parts.map((part) => ({ part, candidates: this.#named(part.name, work.text.slice(part.start, part.end)) }));
    // Where two variables have the value, the one beside those that are the address's other parts.
    const families = familiesOf(found.flatMap(({ part, candidates: { usable } }) => (usable.length === 1 ? usable.map((variable) => ({ ...part, variable })) : [])));
    for (const { part, candidates } of found) {
      const related = candidates.usable.filter(({ name }) => families.has(familyOf(name)));
      const isSaid = work.one(part.start, part.end, candidates.usable.length > 1 && related.length === 1 ? { ...candidates, usable: related } : candidates);
      if (!isSaid && (part.name === "host" || part.name === "database")) {
        work.words(part.start, part.end, this.#markers);
      }
    }
  }

  /** Variables of that value that are called so. A host that differs between environments may be called anything. */
  #named(meaning: Meaning, value: string): Candidates {
    const isNamed = ({ name }: { readonly name: string }): boolean => NAMES[meaning].test(wordsOf(name).join(" "));
    const equal = this.variables.all.filter((variable) => variable.value === value);
    const named = equal.filter(isNamed);
    const others = named.length === 0 && meaning === "host" && value.includes(".") ? equal.filter((variable) => this.variables.telling.includes(variable)) : [];
    return { usable: [...named, ...others], unusable: this.variables.unusable.filter((variable) => variable.value === value && isNamed(variable)) };
  }
}

/** What the pieces are in an environment. */
export function renderedPieces(pieces: Substituted["pieces"], environment: string): string {
  return pieces.map((piece) => (typeof piece === "string" ? piece : (piece.values.get(environment) ?? ""))).join("");
}

/** How many of these variables share the first words of their names. */
function familiesOf(replacements: readonly Replacement[]): ReadonlyMap<string, number> {
  const families = new Map<string, number>();
  for (const { variable } of replacements) {
    const family = familyOf(variable.name);
    families.set(family, (families.get(family) ?? 0) + 1);
  }
  return families;
}

/** `db` of `DB_HOST`, `DB_NAME` and `DB_PASSWORD`. */
function familyOf(name: string): string {
  return wordsOf(name).join(" ").replace(LAST_WORD, "");
}

/** Those that are names in SQL without quotes, in every environment. */
function bareOnly({ usable, unusable }: Candidates): Candidates {
  return { usable: usable.filter(({ values }) => [...values.values()].every((value) => BARE_NAME.test(value))), unusable };
}

/** One text on its way. What one rule has replaced no other one touches. */
class Work {
  readonly replacements: Replacement[] = [];
  readonly notes: string[] = [];

  constructor(readonly text: string, private readonly ignored: ReadonlySet<string>) {}

  /** Every whole word in a place that is the value of one of the variables, the longest first. */
  words(start: number, end: number, { usable, unusable }: Candidates): void {
    const values = [...new Set([...usable, ...unusable].map(({ value }) => value))].sort((left, right) => right.length - left.length);
    const equal = <T extends { readonly value: string }>(variables: readonly T[], value: string): T[] => variables.filter((variable) => variable.value === value);
    for (const value of values) {
      for (const [from, to] of wordsAt(this.text, start, end, value)) {
        this.one(from, to, { usable: equal(usable, value), unusable: equal(unusable, value) });
      }
    }
  }

  /** Takes the variable for what stands in a place, if it is one alone. Returns whether something was said of the place. */
  one(start: number, end: number, { usable, unusable: [lacking] }: Candidates): boolean {
    const value = this.text.slice(start, end);
    const isTaken = this.replacements.some((other) => other.start < end && start < other.end);
    // A brace before it would be part of the expression's own.
    if (isTaken || this.ignored.has(value) || this.text[start - 1] === "{") {
      return true;
    }
    const [variable, ...others] = usable;
    if (variable !== undefined && others.length === 0) {
      this.replacements.push({ start, end, variable });
    } else if (variable !== undefined) {
      this.#note(`'${value}' is the value of ${usable.map(({ name }) => name).join(" and of ")}: it stays as it is; say in translate.yaml which one is meant`);
    } else if (lacking !== undefined) {
      this.#note(`'${value}' is the value of ${lacking.name}, which ${lacking.reason}: it stays as it is`);
    }
    return variable !== undefined || lacking !== undefined;
  }

  #note(text: string): void {
    if (!this.notes.includes(text)) {
      this.notes.push(text);
    }
  }

  pieces(): (string | Variable)[] {
    const pieces: (string | Variable)[] = [];
    let at = 0;
    for (const { start, end, variable } of [...this.replacements].sort((left, right) => left.start - right.start)) {
      pieces.push(this.text.slice(at, start), variable);
      at = end;
    }
    return [...pieces, this.text.slice(at)].filter((piece) => piece !== "");
  }
}

/** Where a value stands in a part of a text, with no letter or digit beside it. */
function wordsAt(text: string, start: number, end: number, value: string): (readonly [number, number])[] {
  const found: (readonly [number, number])[] = [];
  for (let at = text.indexOf(value, start); at >= 0 && at + value.length <= end; at = text.indexOf(value, at + value.length)) {
    const [before, after] = [at > start ? text[at - 1] : undefined, at + value.length < end ? text[at + value.length] : undefined];
    if (!isPart(before) && !isPart(after)) {
      found.push([at, at + value.length]);
    }
  }
  return found;
}
