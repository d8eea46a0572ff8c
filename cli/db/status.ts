/** `hybrid db status` */
import type { Command } from "commander";
import { warehouseOptions } from "../../control/db/warehouse";
import { openEnvironment } from "../../control/environment";
import { EXIT, formatProblem } from "../../provider/errors";
import { migrationStatus, type MigrationStatus } from "../../provider/postgres/runner";
import { hindrances, migrationRows, type MigrationRow } from "../../provider/postgres/status";
import { addCommonOptions, show, targetOf, tell, type CommonOptions } from "../options";

/** Declares the command. */
export function register(db: Command): void {
  addCommonOptions(db.command("status").description("Each migration: applied, pending, edited since, or missing from Git, in dbmate's own columns. Changes nothing."))
    .option("--check", "end with 2 where the warehouse is not as the files: pending, edited or missing migrations, changed seeds")
    .addHelpText("after", "\nExample:\n  $ hybrid db status --env prod\n  [X] 20260101120000_orders.sql\n  [ ] 20260201120000_region.sql\n\n  Applied: 1\n  Pending: 1\n")
    .action(run);
}

async function run(options: CommonOptions & { readonly check?: true }): Promise<void> {
  const { root, environment } = targetOf(options);
  const status = await migrationStatus(await warehouseOptions(openEnvironment(root, environment, { log: tell })));
  const rows = migrationRows(status);
  const problems = hindrances(status);
  const changed = { repeatables: status.plan.repeatables.map(({ name }) => name), seeds: status.plan.seeds.map(({ name }) => name) };
  show(options, { environment, migrations: rows, ...changed, problems, drift: status.drift }, text(rows, status));
  if (options.check === true && (problems.length > 0 || changed.repeatables.length + changed.seeds.length > 0 || rows.some(({ state }) => state !== "applied"))) {
    process.exitCode = EXIT.difference;
  }
}

const NOTES: Readonly<Record<MigrationRow["state"], string>> = { applied: "", pending: "", edited: "  edited after it was applied", missing: "  applied, and there is no file for it" };

function text(rows: readonly MigrationRow[], status: MigrationStatus): string {
  const count = (...states: MigrationRow["state"][]): number => rows.filter(({ state }) => states.includes(state)).length;
  const missing = count("missing");
  const { repeatables, seeds } = status.plan;
  return [
    ...rows.map(({ name, state }) => `[${state === "pending" ? " " : state === "missing" ? "?" : "X"}] ${name}${NOTES[state]}`),
    "",
    `Applied: ${count("applied", "edited")}`,
    `Pending: ${count("pending")}`,
    ...(missing === 0 ? [] : [`Missing: ${missing}`]),
    ...(repeatables.length === 0 ? [] : [`Repeatable, changed: ${repeatables.map(({ name }) => name).join(", ")}`]),
    ...(seeds.length === 0 ? [] : [`Seeds, changed: ${seeds.map(({ name }) => name).join(", ")}`]),
    ...(status.drift.length === 0 ? [] : [`Changed by hand: ${status.drift.length} (hybrid db drift)`]),
    ...hindrances(status).map(formatProblem),
  ].join("\n");
}
