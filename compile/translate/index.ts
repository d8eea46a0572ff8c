/** Edits made in Superset, put into templates: the inverse of compilation, as far as there is one. Reads the repository and writes nothing. */
import type { FieldChange } from "../../provider/canonical";
import { formatProblem, type Problem, ProblemsError } from "../../provider/errors";
import { formContext } from "../../provider/forms";
import type { Canonical } from "../../provider/kinds/define";
import { kindNamed } from "../../provider/kinds/registry";
import type { Compilation } from "../compilation";
import { type Environment, loadEnvironment } from "../environment";
import { Environments } from "./environments";
import { type Exports, newTemplates } from "./new";
import { Translator } from "./translator";

/** What an asset must compile to. */
export interface TranslateTarget {
  /** Name of its kind. */
  readonly kind: string;
  /** Relevant next to Git's form (`KindRules.relevant`); undefined: the asset is gone, and its template is removed. */
  readonly form: Canonical | undefined;
  /** The whole live form: where another asset uses something of this one that Git does not list, it is taken from here. Default: `form`. */
  readonly live?: Canonical;
}

/** What is to be translated. */
export interface TranslateRequest {
  /** The repository's root. */
  readonly root: string;
  readonly environment: string | Environment;
  /** By uuid. Assets that are not named stay as they are. */
  readonly targets: ReadonlyMap<string, TranslateTarget>;
}

/** An asset that could not be carried over completely. */
export interface Remaining {
  readonly uuid: string;
  readonly kind: string;
  /** Its template, from the root; undefined where it has none. */
  readonly file: string | undefined;
  /** In what it still differs from what is wanted; empty where the template was to be removed and stays. */
  readonly changes: readonly FieldChange[];
}

/** What a translation gives. */
export interface Translation {
  /** New text by path from the root; undefined: the file is removed. Empty: nothing to change. */
  readonly files: ReadonlyMap<string, string | undefined>;
  /** What could not be kept (warnings), and what could not be carried over (errors), with file and line. */
  readonly notes: readonly Problem[];
  /** Uuids of the targets that the templates now compile to. */
  readonly done: readonly string[];
  readonly remaining: readonly Remaining[];
}

/**
 * Translates. With the files that it gives, the environment compiles to the targets, and every other environment changes in the edited fields
 * only. What would break that is left as Git has it, and is in `remaining`.
 * @throws ProblemsError where the environment's templates have errors @throws ConfigError where there is no such environment
 */
export function translate({ root, environment, targets }: TranslateRequest): Translation {
  const main = typeof environment === "string" ? loadEnvironment(root, environment) : environment;
  const environments = new Environments(main, new Map());
  const errors = environments.session.main.problems.filter(({ severity }) => severity !== "warning");
  if (errors.length > 0) {
    throw new ProblemsError(errors, `The templates do not compile for ${main.name}: nothing can be translated into them.`);
  }
  const known = new Set([...environments.session.main.drafts.values()].map(({ uuid }) => uuid));
  const fresh = new Map([...targets].filter(([uuid, { form }]) => !known.has(uuid) && form !== undefined));
  const translator = new Translator(environments, targets, new Set(fresh.keys()));
  const edited = translator.run();
  if (fresh.size === 0) {
    return edited;
  }
  const made = newTemplates({ environment: main, overlay: edited.files, ...exportsOf(fresh, environments.session.main) });
  const warnings = edited.notes.filter(({ severity }) => severity === "warning");
  // What edits name is there now.
  const again = new Translator(new Environments(main, new Map([...edited.files, ...made.files])), translator.targets, new Set()).run();
  return { ...again, notes: unique([...warnings, ...made.notes, ...again.notes]) };
}

/** New assets as Superset holds them, for those who write templates. */
function exportsOf(targets: ReadonlyMap<string, TranslateTarget>, main: Compilation): Exports {
  const assets = [...targets].map(([uuid, { kind, form }]) => ({ kind: kindNamed(kind), uuid, document: form ?? {} }));
  const documents = new Map([...main.assets, ...assets].map(({ uuid, document }) => [uuid, document]));
  return { assets, context: formContext((uuid) => documents.get(uuid)) };
}

/** Each once. */
function unique(notes: readonly Problem[]): readonly Problem[] {
  return [...new Map(notes.map((note) => [formatProblem(note), note])).values()];
}
