/** `hybrid sync`: the full loop of one environment. */
import type { Command } from "commander";
import { declare } from "./deploy";

/** Declares `hybrid sync`. */
export function register(program: Command): void {
  declare(program, "sync", "SYNC_DONE", "The full loop: migrate, write the schema's snapshot, compile, validate, look for drift, apply, look again. Prints SYNC_DONE (<env>). As with deploy, what passes by itself is tried again, and the next sync goes on at the step that failed.")
    .addHelpText("after", "\nExample:\n  $ hybrid sync dev\n");
}
