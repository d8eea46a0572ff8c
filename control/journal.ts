/** What an unfinished run has done already: `.hybrid/<command>-<env>.json`. See FORMATS.md. Nothing in it is secret, and it may be deleted at any time. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeWhole } from "./files";

/** Folder of what `hybrid` keeps of its own runs in a checkout; not committed. From the repository's root. */
export const RUNS_FOLDER = ".hybrid";

/** How old an unfinished run may be that another goes on with, in milliseconds: a day. After that the world is another. */
const MAX_AGE = 24 * 3600_000;

/** What a run is about, each part as one short text. A run goes on with another only where all are the same. */
export type Subject = Readonly<Record<SubjectPart, string>>;

/** The parts of a subject, in the words for a part that is another now. */
const PARTS = {
  commit: "the commit",
  bundle: "the compiled assets",
  migrations: "the migrations or seeds",
  configuration: "policy.yaml or the configuration",
  servers: "the servers",
} as const;

type SubjectPart = keyof typeof PARTS;

const fileSchema = z.strictObject({
  format: z.literal(1),
  started: z.iso.datetime(),
  of: z.strictObject({ commit: z.string(), bundle: z.string(), migrations: z.string(), configuration: z.string(), servers: z.string() }),
  /** When each step was done. */
  done: z.record(z.string(), z.iso.datetime()),
  /** The step that was begun last. */
  at: z.string().optional(),
});

type JournalFile = z.infer<typeof fileSchema>;

/** Remembers the steps of one run, and knows those of the unfinished one before it. */
export class Journal {
  #file: JournalFile;
  /** What people are told of the run before: that this one goes on with it, or why not. Undefined where there was none. */
  readonly note: string | undefined;

  private constructor(private readonly root: string, private readonly path: string, file: JournalFile, note: string | undefined) {
    this.#file = file;
    this.note = note;
  }

  /**
   * Opens the journal of a command for an environment.
   * @param restart begin anew, whatever was done before
   */
  static open(root: string, command: string, environment: string, of: Subject, { restart = false, now = new Date() }: { readonly restart?: boolean; readonly now?: Date } = {}): Journal {
    const path = `${RUNS_FOLDER}/${command}-${environment}.json`;
    const fresh: JournalFile = { format: 1, started: now.toISOString(), of: { ...of }, done: {} };
    const before = restart ? undefined : readJournal(join(root, path));
    if (before === undefined || Object.keys(before.done).length === 0) {
      return new Journal(root, path, fresh, undefined);
    }
    const which = `the ${command} of ${before.started}, which stopped${before.at === undefined ? "" : ` at ${before.at}`}`;
    const why = otherwise(before, of, now);
    return why === undefined ? new Journal(root, path, before, `going on with ${which}; --restart begins anew`) : new Journal(root, path, fresh, `beginning anew, and not going on with ${which}: ${why}`);
  }

  /** When a run of the same subject did the step (ISO 8601); undefined where none did. */
  doneAt(step: string): string | undefined {
    return this.#file.done[step];
  }

  begin(step: string): void {
    this.#write({ ...this.#file, at: step });
  }

  done(step: string): void {
    this.#write({ ...this.#file, done: { ...this.#file.done, [step]: new Date().toISOString() } });
  }

  /** The run came to its end: there is nothing to go on with. */
  finish(): void {
    rmSync(join(this.root, this.path), { force: true });
  }

  #write(file: JournalFile): void {
    this.#file = file;
    writeWhole(this.root, this.path, `${JSON.stringify(file, undefined, 2)}\n`);
  }
}

/** Undefined where there is none, or nothing that a version of ours wrote: then there is nothing to go on with. */
function readJournal(path: string): JournalFile | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
  try {
    return fileSchema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) {
      return undefined;
    }
    throw error;
  }
}

/** Why a run does not go on with one before; undefined where it does. */
function otherwise(before: JournalFile, of: Subject, now: Date): string | undefined {
  const parts = Object.keys(PARTS) as SubjectPart[];
  const changed = parts.filter((part) => before.of[part] !== of[part]).map((part) => PARTS[part]);
  if (changed.length > 0) {
    return `since then ${changed.join(", ")} changed`;
  }
  return now.getTime() - Date.parse(before.started) > MAX_AGE ? "that is more than a day ago" : undefined;
}
