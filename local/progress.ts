/** What people see while something takes longer than a second. Everything goes to stderr: stdout belongs to results. */
import type { Ora } from "ora";

/** Tells about steps of a longer piece of work. */
export interface Progress {
  /** Runs `work` under the text; shows the time it took. `detail` replaces the text after a dash while it runs. */
  step<T>(text: string, work: (detail: (text: string) => void) => Promise<T>): Promise<T>;
  /** One line, for things to know afterwards. */
  note(text: string): void;
}

/** A spinner where stderr is a terminal, else lines: at the begin and the end of each step, and every 15 s between. */
export function terminalProgress(): Progress {
  return process.stderr.isTTY && !process.env["CI"] ? spinnerProgress() : lineProgress((line) => process.stderr.write(`${line}\n`));
}

/** Tells nothing: for library use and tests. */
export const silentProgress: Progress = { step: (_text, work) => work(() => undefined), note: () => undefined };

/** A line when a step begins, one every 15 s while it has something to tell, and one at its end where it took a second. */
export function lineProgress(write: (line: string) => void): Progress {
  return {
    async step(text, work) {
      write(`- ${text} ...`);
      const begin = Date.now();
      let told = begin;
      const result = await work((detail) => {
        if (Date.now() - told < 15_000) return;
        told = Date.now();
        write(`  ${text}: ${Math.round((told - begin) / 1000)} s, ${detail}`);
      });
      const seconds = (Date.now() - begin) / 1000;
      if (seconds >= 1) write(`  ${text}: done in ${seconds.toFixed(1)} s`);
      return result;
    },
    note: (text) => write(`  ${text}`),
  };
}

function spinnerProgress(): Progress {
  let spinner: Ora | undefined;
  return {
    async step(text, work) {
      const { default: ora } = await import("ora");
      spinner = ora({ text, stream: process.stderr }).start();
      const current = spinner;
      const begin = Date.now();
      try {
        const result = await work((detail) => (current.text = `${text} - ${detail}`.slice(0, Math.max(40, (process.stderr.columns ?? 80) - 4))));
        current.succeed(`${text} (${((Date.now() - begin) / 1000).toFixed(1)} s)`);
        return result;
      } catch (error) {
        current.fail(text);
        throw error;
      } finally {
        spinner = undefined;
      }
    },
    note(text) {
      if (spinner) spinner.info(text).start();
      else process.stderr.write(`  ${text}\n`);
    },
  };
}
