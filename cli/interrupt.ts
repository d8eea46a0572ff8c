/** Ctrl-C ends the work under way cleanly. */
import { tell } from "./options";

/** What Ctrl-C does to a run of Pulumi's engine. */
export const ENDING = "what is under way is finished, and nothing further is begun";

/**
 * Runs `work` with a signal that the first Ctrl-C (or SIGTERM) aborts; a second one ends the process at once, as without this.
 * @param doing what is being ended, for the person: `the migration under way is cancelled`
 */
export async function interruptible<T>(doing: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const signals = ["SIGINT", "SIGTERM"] as const;
  const stop = (name: NodeJS.Signals): void => {
    if (abort.signal.aborted) {
      release();
      process.kill(process.pid, name);
      return;
    }
    // The listener stays: others of the process (execa's) end it at once where they find themselves alone.
    tell(`${doing}; once more ends at once`);
    abort.abort();
  };
  const release = (): void => signals.forEach((name) => void process.off(name, stop));
  signals.forEach((name) => void process.on(name, stop));
  try {
    return await work(abort.signal);
  } finally {
    release();
  }
}
