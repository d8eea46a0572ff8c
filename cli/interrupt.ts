/** Ctrl-C ends the work under way cleanly. */
import { tell } from "./options";

/**
 * Runs `work` with a signal that the first Ctrl-C (or SIGTERM) aborts; a second one ends the process at once, as without this.
 * @param doing what is being ended, for the person: `the migration under way is cancelled`
 */
export async function interruptible<T>(doing: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const signals = ["SIGINT", "SIGTERM"] as const;
  const stop = (): void => {
    tell(`${doing}; once more ends at once`);
    abort.abort();
    release();
  };
  const release = (): void => signals.forEach((name) => void process.off(name, stop));
  signals.forEach((name) => void process.on(name, stop));
  try {
    return await work(abort.signal);
  } finally {
    release();
  }
}
