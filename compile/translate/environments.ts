/** All environments of a repository, compiled: the one that is translated, and those that may change in the edited fields only. */
import { ConfigError, type Problem, ProblemsError } from "../../provider/errors";
import { changedPaths } from "../../provider/canonical";
import type { Canonical } from "../../provider/kinds/define";
import { Compilation } from "../compilation";
import { type Environment, environmentNames, loadEnvironment } from "../environment";
import { mappingOf } from "../index";
import type { Overlay } from "../templates";
import { loadRules } from "./rules";
import { errorsOf, Session } from "./session";
import { Substitution } from "./substitute";
import { Variables } from "./variables";

/** Something the translation did to a template that it must not do. */
export interface Violation {
  readonly file: string;
  readonly message: string;
}

/** The environments of a repository. */
export class Environments {
  readonly session: Session;
  /** What becomes a variable. */
  readonly substitution: Substitution;
  readonly #environments: readonly Environment[];
  /** What is wrong in other environments, as it is on the disk. */
  readonly #unread: readonly { readonly environment: string; readonly problem: Problem }[];
  readonly #forms: ReadonlyMap<string, ReadonlyMap<string, Canonical | undefined>>;

  /**
   * What is wrong with the settings of other environments than `main` is told by `unchecked`.
   * @param overlay texts that are to be written already
   */
  constructor(main: Environment, overlay: Overlay) {
    const unread: { environment: string; problem: Problem }[] = [];
    const others = environmentNames(main.root).filter((other) => other !== main.name).flatMap((other) => {
      try {
        return [loadEnvironment(main.root, other, { runtime: main.runtime })];
      } catch (error) {
        if (!(error instanceof ConfigError || error instanceof ProblemsError)) {
          throw error;
        }
        unread.push({ environment: other, problem: { file: `Pulumi.${other}.yaml`, message: error.message.split("\n")[0] ?? "" } });
        return [];
      }
    });
    this.#environments = [main, ...others];
    const rules = loadRules(main);
    this.substitution = new Substitution(new Variables(main, this.#environments, rules.ignore.variables), rules);
    const originals = this.#environments.map((environment) => new Compilation(environment, mappingOf(environment)));
    const [first, ...rest] = overlay.size === 0 ? originals : this.#environments.map((environment) => new Compilation(environment, mappingOf(environment), overlay));
    this.session = new Session(first as Compilation, rest, overlay);
    for (const compilation of originals.slice(1)) {
      unread.push(...compilation.problems.filter(({ severity }) => severity !== "warning").map((problem) => ({ environment: compilation.environment.name, problem })));
    }
    this.#unread = unread;
    this.#forms = new Map(originals.map((compilation) => [compilation.environment.name, formsOf(compilation)]));
  }

  /** Canonical form of what a template declares on the disk. */
  original(file: string): Canonical | undefined {
    return this.#forms.get(this.#environments[0]?.name ?? "")?.get(file);
  }

  /** What could not be compared in other environments, of the files that change. */
  unchecked(files: ReadonlyMap<string, string | undefined>): readonly Problem[] {
    const told = new Set<string>();
    return this.#unread.flatMap(({ environment, problem }): Problem[] => {
      const whole = problem.file.startsWith("Pulumi.");
      const id = `${environment} ${problem.file}`;
      if (files.size === 0 || told.has(id) || !(whole || files.has(problem.file))) {
        return [];
      }
      told.add(id);
      const what = whole ? `what the translation changes in ${environment} could not be checked` : `what becomes of this template in ${environment} could not be checked`;
      return [{ ...problem, severity: "warning", message: `${what}: ${problem.message}` }];
    });
  }

  /**
   * Compiles everything anew with the new texts, and says what they must not be: an error in an environment that had none, an asset that
   * changed where nobody edited it.
   */
  violations(files: ReadonlyMap<string, string | undefined>): readonly Violation[] {
    const found: Violation[] = [];
    const edited = new Map<string, ReadonlySet<string>>();
    for (const environment of this.#environments) {
      const isMain = environment === this.#environments[0];
      const before = this.#forms.get(environment.name) ?? new Map<string, Canonical | undefined>();
      const compilation = new Compilation(environment, mappingOf(environment), files);
      const known = new Set(this.#unread.filter((one) => one.environment === environment.name).map(({ problem }) => `${problem.file}\0${problem.message}`));
      for (const { file, message } of compilation.problems.filter((problem) => problem.severity !== "warning" && !known.has(`${problem.file}\0${problem.message}`))) {
        found.push({ file, message: `in ${environment.name}: ${message}` });
      }
      for (const [file, form] of formsOf(compilation)) {
        const old = before.get(file);
        const fields = old === undefined || form === undefined ? [] : changedPaths(old, form).map(({ path }) => /^[^.[]+/.exec(path)?.[0] ?? path);
        if (isMain) {
          edited.set(file, new Set(fields));
        } else if (fields.some((field) => edited.get(file)?.has(field) !== true)) {
          found.push({ file, message: `'${fields.find((field) => edited.get(file)?.has(field) !== true)}' would change in ${environment.name}, where nobody edited it` });
        }
      }
    }
    return found;
  }
}

/** By file; undefined for a template with errors. */
function formsOf(compilation: Compilation): ReadonlyMap<string, Canonical | undefined> {
  return new Map([...compilation.drafts].map(([file, draft]) => [file, errorsOf(draft).length > 0 ? undefined : compilation.form(draft)]));
}
