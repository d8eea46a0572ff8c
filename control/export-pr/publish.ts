/** Pushes an export and says so where people look: in the pull request. */
import { UserError } from "../../provider/errors";
import type { GitHub } from "../forge/github";
import { addLabels, sameText, writeComment } from "../forge/issues";
import { openPull, updatePull, type PullRequest } from "../forge/pulls";
import { changesBetween } from "../git/history";
import { push } from "../git/remote";
import type { Scratch } from "../git/scratch";
import { code, plain } from "../markdown";
import type { Built } from "./build";
import type { Connection, ExportOptions } from "./connection";
import type { Start } from "./start";
import { pullText, pullTitle, withPullText } from "./texts";

/**
 * What an export came to.
 *
 * - `none`: Superset holds nothing that Git has not
 * - `stuck`: it does, and no template can take over any of it
 * - `planned`: a dry run
 * - `opened`, `updated`, `unchanged`: the pull request
 * - `pushed`, `kept`: the branch, where there is no pull request to open (`kept`: it was there as it is)
 * - `declined`: a pull request with these very edits was closed without being merged
 * - `closed`: nothing is left to export, and what was exported is in the base
 * - `left`: nothing is left to export, but the open pull request has what neither Superset nor the base has
 */
export type Outcome = "none" | "stuck" | "planned" | "opened" | "updated" | "unchanged" | "pushed" | "kept" | "declined" | "closed" | "left";

/** What was published. */
export interface Published {
  readonly outcome: Outcome;
  readonly pull: PullRequest | undefined;
}

/** @throws PushRejectedError, GitError, what `GitHub` throws */
export async function publish(scratch: Scratch, connection: Connection, start: Start, built: Built, options: ExportOptions): Promise<Published> {
  const publisher = new Publisher(scratch, connection, start, built, options);
  return publisher.run();
}

class Publisher {
  constructor(private readonly scratch: Scratch, private readonly connection: Connection, private readonly start: Start, private readonly built: Built, private readonly options: ExportOptions) {}

  async run(): Promise<Published> {
    const { built, start, options } = this;
    const changes = built.commit !== start.parent;
    const nothing = !changes && (!start.adds || built.changes.length === 0);
    if (nothing && built.remaining > 0) {
      return { outcome: "stuck", pull: undefined };
    }
    if (options.dryRun === true) {
      return { outcome: changes ? "planned" : "none", pull: undefined };
    }
    if (nothing) {
      return this.#nothing();
    }
    const current = !changes || (await this.#isCurrent());
    const { pull } = start;
    if (pull?.state === "closed" && current && !pull.merged && pull.head === start.branch?.tip) {
      return { outcome: "declined", pull };
    }
    const dropped = current ? [] : await this.#dropped();
    if (!current) {
      await this.options.progress.step(`Pushing ${this.connection.branch}`, () => this.#push(built.commit));
    }
    try {
      return await this.#tell(current, changes, dropped);
    } catch (error) {
      throw !current && error instanceof UserError ? this.#pushedOnly(error) : error;
    }
  }

  /** The branch is pushed, and its pull request is not as it should be. */
  #pushedOnly(error: UserError): UserError {
    const { connection: { branch, remote, place }, start: { baseName } } = this;
    const page = place.compare(baseName, branch);
    return new UserError(`${branch} was pushed to ${remote.name}, but its pull request is not up to date: ${error.message}\nRun it again${page === undefined ? "" : `, or open the pull request at ${page}`}.`, { cause: error });
  }

  /** Whether the branch has this very change: from another base, perhaps, but of the same files from and to the same contents. */
  async #isCurrent(): Promise<boolean> {
    const { scratch, start: { branch, base, adds }, built } = this;
    if (adds || branch?.base === undefined) {
      return false;
    }
    const [there, here] = [await changesBetween(scratch, branch.base, branch.tip), await changesBetween(scratch, base, built.commit)];
    return there.size === here.size && [...here].every(([path, change]) => there.get(path) === change);
  }

  /** Files that the branch changes and that are the base's again, although the base has not what they were changed to. */
  async #dropped(): Promise<string[]> {
    const { scratch, start: { branch, base, adds, integrated }, built } = this;
    if (adds || integrated || branch?.base === undefined) {
      return [];
    }
    const [there, here, differs] = [await changesBetween(scratch, branch.base, branch.tip), await changesBetween(scratch, base, built.commit), await changesBetween(scratch, base, branch.tip)];
    return [...there.keys()].filter((path) => !here.has(path) && differs.has(path));
  }

  #push(commit: string | undefined): Promise<void> {
    return push(this.scratch, this.connection.remote, { branch: this.connection.branch, commit, expected: this.start.branch?.tip });
  }

  async #tell(current: boolean, changes: boolean, dropped: readonly string[]): Promise<Published> {
    const { connection: { github }, start: { pull, baseName }, built, options } = this;
    if (github === undefined) {
      this.#log(dropped);
      return { outcome: current ? "kept" : "pushed", pull: undefined };
    }
    const text = pullText({ environment: options.environment, changes: built.changes, others: built.others, notes: built.notes });
    if (pull?.state !== "open") {
      const opened = await this.#open(github, text);
      return { outcome: opened.created ? "opened" : "updated", pull: opened.pull };
    }
    // Without a new edit nothing is known of the conflicts that were told when the others were added.
    const body = current && !changes ? pull.body : withPullText(pull.body, options.environment, text);
    const change = { ...(sameText(body, pull.body) ? {} : { body }), ...(pull.base === baseName ? {} : { base: baseName }) };
    const updated = Object.keys(change).length === 0 ? pull : await updatePull(github, pull.number, change);
    if (dropped.length > 0) {
      await writeComment(github, pull.number, `ui-edits-dropped ${this.start.branch?.tip ?? ""}`, this.#droppedText(dropped));
    }
    return { outcome: current && updated === pull ? "unchanged" : "updated", pull: updated };
  }

  async #open(github: GitHub, text: string): Promise<{ readonly pull: PullRequest; readonly created: boolean }> {
    const { connection: { branch }, start: { baseName }, options } = this;
    const opened = await openPull(github, { branch, base: baseName, title: pullTitle(options.environment, options.dashboard), body: text, draft: options.draft === true });
    if (opened.created) {
      await addLabels(github, opened.pull.number, options.labels ?? []);
    }
    return opened;
  }

  /** There is nothing to export: what becomes of what was exported before. */
  async #nothing(): Promise<Published> {
    const { connection: { github }, start: { branch, pull, integrated }, options } = this;
    const open = pull?.state === "open" ? pull : undefined;
    if (integrated && branch !== undefined) {
      if (branch.others.length > 0) {
        return { outcome: "none", pull: undefined };
      }
      if (github !== undefined && open !== undefined) {
        await writeComment(github, open.number, `ui-edits-closed ${branch.tip}`, `All of this is in ${code(this.start.baseName)} now.`);
        await updatePull(github, open.number, { state: "closed" });
      }
      await this.#push(undefined);
      options.log(`${this.connection.branch} was deleted: all of it is in ${this.start.baseName}`);
      return { outcome: open === undefined ? "none" : "closed", pull: open };
    }
    if (github === undefined || open === undefined) {
      return { outcome: "none", pull: undefined };
    }
    await writeComment(github, open.number, `ui-edits-left ${branch?.tip ?? ""}`, [
      `The Superset of ${code(options.environment)} holds none of these edits any more: they were undone there, or a deploy wrote Git's version over them.`,
      `What is in this pull request is nowhere else. Merge it to have it back, or close it.`,
    ].join(" "));
    return { outcome: "left", pull: open };
  }

  #droppedText(paths: readonly string[]): string {
    const { start: { branch }, options } = this;
    return [
      `The Superset of ${code(options.environment)} holds some of these edits no more: they were undone there, or a deploy wrote Git's version over them. This pull request has them no more either:`,
      "",
      ...paths.map((path) => `- ${code(path)}`),
      "",
      `They are still in commit ${plain(branch?.tip ?? "")}.`,
    ].join("\n");
  }

  #log(dropped: readonly string[]): void {
    if (dropped.length > 0) {
      this.options.log(`Superset holds some edits of ${this.connection.branch} no more (undone there, or overwritten by a deploy), and the branch has them no more either: ${dropped.join(", ")}. They are still in commit ${this.start.branch?.tip ?? ""}.`);
    }
  }
}
