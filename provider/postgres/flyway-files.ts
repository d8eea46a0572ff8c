/** Flyway's layout: `V4__orders.sql`, `R__view.sql`, `U4__orders.sql` and callbacks. */
import type { Problem } from "../errors";
import { flywayNearMiss, isCallbackEvent, parseFlywayName, type FlywayName } from "./flyway";
import { byText, compareVersions, wholeScript, type Callback, type Migration, type RawFile, type SqlScript } from "./scripts";

/** The migrations of a Flyway folder, and what is wrong with its files. */
export function flywayFolder(files: readonly RawFile[], confs: ReadonlyMap<string, string>, problems: Problem[]): { readonly migrations: Migration[]; readonly repeatables: SqlScript[]; readonly callbacks: Callback[] } {
  const versioned: Migration[] = [];
  const repeatables: { readonly script: SqlScript; readonly parsed: FlywayName }[] = [];
  const callbacks: Callback[] = [];
  const undos = new Map<string, SqlScript>();
  for (const raw of files) {
    const parsed = parseFlywayName(raw.name);
    if (parsed === undefined) {
      problems.push({ file: raw.file, message: flywayNearMiss(raw.name) });
    } else if (parsed.kind === "baseline") {
      problems.push({ file: raw.file, message: "is a Flyway baseline migration, which is not supported; write it as a V migration" });
    } else if (parsed.kind === "callback" && !isCallbackEvent(parsed.event)) {
      problems.push({ file: raw.file, severity: "warning", message: `is never run: '${parsed.event}' belongs to a Flyway command or moment that does not exist here` });
    } else {
      const found: Problem[] = [];
      const script = wholeScript(raw, found, confs.get(`${raw.name}.conf`));
      const placeholder = script === undefined ? undefined : /\$\{[\w:.]+\}/.exec(script.sql);
      if (script !== undefined && placeholder !== null && placeholder !== undefined) {
        const line = script.sql.slice(0, placeholder.index).split("\n").length;
        found.push({ file: raw.file, line, message: `uses the Flyway placeholder ${placeholder[0]}, and placeholders are not replaced here; write the value` });
      }
      // What takes a migration back is not needed to migrate.
      problems.push(...found.map((problem) => (parsed.kind === "undo" ? { ...problem, severity: "warning" as const } : problem)));
      if (script === undefined) {
        continue;
      }
      if (parsed.kind === "versioned") {
        versioned.push({ ...script, version: parsed.version });
      } else if (parsed.kind === "undo" && found.length === 0) {
        undos.set(parsed.version, script);
      } else if (parsed.kind === "repeatable") {
        repeatables.push({ script, parsed });
      } else if (parsed.kind === "callback") {
        callbacks.push({ ...script, event: parsed.event });
      }
    }
  }
  return {
    migrations: versioned.map((migration) => withUndo(migration, undos)).sort((a, b) => compareVersions("flyway", a.version, b.version) || byText(a.name, b.name)),
    repeatables: repeatables.sort((a, b) => byText(a.parsed.description, b.parsed.description)).map((entry) => entry.script),
    callbacks,
  };
}

function withUndo(migration: Migration, undos: ReadonlyMap<string, SqlScript>): Migration {
  const undo = undos.get(migration.version);
  return undo === undefined ? migration : { ...migration, undo };
}
