/** `hybrid db`: the warehouse's migrations without Pulumi. One file per command, in `cli/db/`. */
import type { Command } from "commander";
import { register as baseline } from "./db/baseline";
import { register as drift } from "./db/drift";
import { register as dump } from "./db/dump";
import { register as lint } from "./db/lint";
import { register as create } from "./db/new";
import { register as rollback } from "./db/rollback";
import { register as status } from "./db/status";
import { register as sync } from "./db/sync";

/** Declares `hybrid db sync | status | drift | dump | new | rollback | lint | baseline`. */
export function register(program: Command): void {
  const db = program.command("db").description("The warehouse's migrations.");
  [sync, status, drift, dump, create, rollback, lint, baseline].forEach((declare) => declare(db));
}
