/** The folder of an older layout: only read, never beyond its own files. */
import { accessSync, constants, lstatSync, readdirSync, realpathSync, statSync, type Stats } from "node:fs";
import { join, posix, relative, sep } from "node:path";
import { hasCode } from "../../../compile/has-code";
import { NOT_TEXT, readTextFile } from "../../../compile/text-file";
import { pathText } from "../../../compile/validate";
import { readYaml, type Path, type YamlFile } from "../../../compile/yaml";
import { isRefusedByTheSystem, type Problem } from "../../../provider/errors";
import type { JsonObject } from "../../../provider/json";

/** A YAML file of the folder that could be read. */
export interface OlderYaml extends YamlFile {
  /** From the folder. */
  readonly file: string;
  readonly text: string;
  readonly value: JsonObject;
}

/** Says of a field of an older file that a schema does not take it. @param message the schema's */
export function leftOut(path: Path, message: string): string {
  return `'${pathText(path)}' was not taken over: ${message.replace(/^unknown field '[^']*'/, "it is no known field")}`;
}

/** Paths are from the folder, with `/`. What stops a take-over goes to `problems`, and what a person should know to `notes`; their files are from the folder, too. */
export class OlderFolder {
  readonly #root: string;
  readonly problems: Problem[] = [];
  readonly notes: Problem[] = [];
  readonly #told = new Set<string>();

  /** @param folder must be a folder */
  constructor(folder: string) {
    this.#root = realpathSync(folder);
  }

  /** Absolute. */
  path(file: string): string {
    return join(this.#root, file);
  }

  isFile(file: string): boolean {
    return this.#stat(file)?.isFile() === true;
  }

  isFolder(file: string): boolean {
    return this.#stat(file)?.isDirectory() === true;
  }

  /** Whether it is a folder itself, and no link to one. */
  isOwnFolder(file: string): boolean {
    return lstatSync(this.path(file), { throwIfNoEntry: false })?.isDirectory() === true;
  }

  /** Names in a folder, sorted; none where there is no such folder. */
  names(folder: string): string[] {
    if (!this.isFolder(folder)) {
      return [];
    }
    return (this.#attempt(folder, () => readdirSync(this.path(folder))) ?? []).sort();
  }

  /** The files below a folder, those of links inside the older folder included; without what is hidden. */
  filesBelow(folder: string, above: readonly string[] = []): string[] {
    if (!this.isFolder(folder)) {
      return [];
    }
    const real = realpathSync(this.path(folder));
    if (above.includes(real)) {
      this.#problem(folder, "a link to a folder that it is in itself; remove it");
      return [];
    }
    return this.names(folder).filter((name) => !name.startsWith(".")).flatMap((name) => {
      const file = posix.join(folder, name);
      return this.isFolder(file) ? this.filesBelow(file, [...above, real]) : this.isFile(file) && this.#isReadable(file) ? [file] : [];
    });
  }

  /** The first of the files that is there, as YAML. A file with nothing but comments in it is an empty mapping. */
  yaml(...candidates: readonly string[]): OlderYaml | undefined {
    const file = candidates.find((candidate) => this.isFile(candidate));
    const text = file === undefined ? undefined : this.text(file);
    if (file === undefined || text === undefined) {
      return undefined;
    }
    const yaml = readYaml(text);
    if (yaml.value === undefined && yaml.empty !== true) {
      this.problems.push(...yaml.problems.map((problem) => ({ file, ...problem })));
      return undefined;
    }
    return { ...yaml, file, text, value: yaml.value ?? {} };
  }

  /** Undefined, and a problem, where it cannot be read as text. */
  text(file: string): string | undefined {
    return this.#attempt(file, () => {
      const text = readTextFile(this.path(file));
      if (text === undefined) {
        this.#problem(file, NOT_TEXT.replace(", or move it out of assets/", ""));
      }
      return text;
    });
  }

  /** Refuses what leads out of the folder: it is not what the folder's owner shows to others. */
  #stat(file: string): Stats | undefined {
    return this.#attempt(file, () => {
      let real: string;
      try {
        real = realpathSync(this.path(file));
      } catch (error) {
        if (!hasCode(error, "ENOENT", "ENOTDIR", "ELOOP")) {
          throw error;
        }
        if (lstatSync(this.path(file), { throwIfNoEntry: false })?.isSymbolicLink() === true) {
          this.#problem(file, "a link to nothing; remove it, or put the file there");
        }
        return undefined;
      }
      if (relative(this.#root, real).split(sep)[0] === "..") {
        this.#problem(file, "leads out of the folder that is taken over; put the file itself there");
        return undefined;
      }
      const stat = statSync(real);
      if (!stat.isFile() && !stat.isDirectory()) {
        this.#problem(file, "is neither a file nor a folder; remove it");
      }
      return stat;
    });
  }

  #isReadable(file: string): boolean {
    return this.#attempt(file, () => (accessSync(this.path(file), constants.R_OK), true)) === true;
  }

  #attempt<T>(file: string, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!isRefusedByTheSystem(error)) {
        throw error;
      }
      this.#problem(file, `cannot be read (${String(error.code)}); check its permissions`);
      return undefined;
    }
  }

  #problem(file: string, message: string): void {
    if (!this.#told.has(`${file}\0${message}`)) {
      this.#told.add(`${file}\0${message}`);
      this.problems.push({ file, message });
    }
  }
}
