/** `policy.yaml` of an older layout, with what this version does not know left out and what it needs put in. */
import { parseDocument, type Document, type YAMLMap } from "yaml";
import { schemaProblems } from "../../../compile/validate";
import type { Problem } from "../../../provider/errors";
import { isObject } from "../../../provider/json";
import { policySchema } from "../../../provider/policy";
import { exampleText } from "../template";
import { MIGRATIONS, SEEDS } from "./folders";
import { leftOut, type OlderFolder, type OlderYaml } from "./source";
import type { NamedFolders, OlderSql } from "./sql";
import { LOCAL_ENVIRONMENT } from "./stack";

const FILES = ["policy.yaml", "policy.yml"];
/** Environments where Git wins unless somebody says otherwise: nobody's work of weeks is lost in them. */
const LENIENT = new Set(["dev", "development", "test", LOCAL_ENVIRONMENT]);

/** The file, read. */
export class OlderPolicy {
  readonly #yaml: OlderYaml | undefined;
  readonly #document: Document;

  constructor(private readonly folder: OlderFolder) {
    this.#yaml = folder.yaml(...FILES);
    this.#document = parseDocument(this.#yaml?.text ?? exampleText("policy.yaml"));
    if (this.#yaml === undefined) {
      // The example's environments are not this repository's.
      this.#document.set("apply", this.#document.createNode({}));
    } else {
      this.#leaveOut(this.#yaml);
    }
  }

  /** The file's name; undefined where there is none. */
  get file(): string | undefined {
    return this.#yaml?.file;
  }

  /** Where it says that the SQL files are. */
  get folders(): NamedFolders {
    const of = (key: string): string | undefined => (this.#yaml === undefined ? undefined : (this.#document.getIn(["db", key]) as string | undefined));
    return { migrations: of("migrations_dir"), seeds: of("seed_dir") };
  }

  /** The environments it names. */
  get environments(): string[] {
    const apply = this.#yaml?.value["apply"];
    return isObject(apply) ? Object.keys(apply) : [];
  }

  /** Where it names an environment. */
  at(environment: string): Pick<Problem, "file" | "line" | "column"> {
    return { file: this.#yaml?.file ?? "", ...this.#yaml?.position(["apply", environment], true) };
  }

  /** The text for the new repository, which has these environments and SQL files. */
  text(environments: readonly string[], defaultEnvironment: string, sql: OlderSql): string {
    const document = this.#document;
    document.delete("default_env");
    (document.contents as YAMLMap).items.unshift(document.createPair("default_env", defaultEnvironment));
    this.#setDatabase(sql);
    for (const name of environments) {
      if (document.hasIn(["apply", name])) {
        continue;
      }
      const lenient = LENIENT.has(name);
      document.setIn(["apply", name], document.createNode(lenient ? { mode: "overwrite_git_wins", drift_gate: "warn" } : { mode: "strict_fail_on_drift", drift_gate: "fail" }));
      if (this.#yaml !== undefined && name !== LOCAL_ENVIRONMENT) {
        this.#note(["apply"], `'apply' has no entry for '${name}': it was given ${lenient ? "overwrite_git_wins" : "strict_fail_on_drift"}`);
      }
    }
    return document.toString({ lineWidth: 0, flowCollectionPadding: false });
  }

  #setDatabase({ migrations, seeds }: OlderSql): void {
    const document = this.#document;
    const written = this.#yaml === undefined ? undefined : document.getIn(["db", "mode"]);
    if (migrations === undefined && written !== undefined && written !== "none") {
      this.#note(["db", "mode"], `'db.mode' was ${String(written)} and is none now, as no migrations were found`);
    }
    const mode = migrations === undefined ? "none" : (written ?? "migrations_and_seed");
    if (document.getIn(["db", "mode"]) !== mode) {
      // Without the comment on what it was.
      document.setIn(["db", "mode"], document.createNode(mode));
    }
    document.setIn(["db", "migrations_dir"], MIGRATIONS);
    document.setIn(["db", "seed_dir"], SEEDS);
    if (migrations === undefined && seeds !== undefined) {
      this.folder.notes.push({ file: seeds, message: "is taken over and not run: seeds are run after migrations, and there are none" });
    }
  }

  #leaveOut(yaml: OlderYaml): void {
    for (const { path, key, message } of schemaProblems(policySchema, yaml.value)) {
      // An entry of which a part is wrong would mean something else without that part.
      const entry = key && this.#document.hasIn(path) ? path : path.slice(0, path[0] === "apply" ? 2 : 1);
      if (this.#document.hasIn(entry)) {
        this.#document.deleteIn(entry);
        this.#note(path, leftOut(entry, message));
      }
    }
  }

  #note(path: readonly (string | number)[], message: string): void {
    if (this.#yaml !== undefined) {
      this.folder.notes.push({ file: this.#yaml.file, ...this.#yaml.position(path, true), message });
    }
  }
}
