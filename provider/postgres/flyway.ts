/** Flyway's file names: versioned, repeatable, undo and baseline migrations, and callbacks. */

/** A file name as Flyway reads it. */
export type FlywayName =
  | { readonly kind: "versioned" | "undo"; readonly version: string; readonly description: string }
  | { readonly kind: "repeatable" | "baseline"; readonly description: string }
  | { readonly kind: "callback"; readonly event: string; readonly description: string };

/** Moments at which callbacks are run here. `before/afterEachMigrate` run in the transaction of the migration they surround. */
const RUN = [
  "beforeMigrate", "beforeEachMigrate", "afterEachMigrate", "afterEachMigrateError", "afterVersioned", "beforeRepeatables",
  "afterMigrate", "afterMigrateApplied", "afterMigrateError",
] as const;

/** One of these moments. */
export type CallbackEvent = (typeof RUN)[number];

const COMMANDS = ["Clean", "Info", "Validate", "Baseline", "Repair", "Undo", "EachUndo"];
const NEVER_RUN = [
  "beforeConnect", "afterConnect", "createSchema", "beforeCreateSchema", "beforeEachMigrateStatement", "afterEachMigrateStatement",
  "afterEachMigrateStatementError", ...COMMANDS.flatMap((command) => [`before${command}`, `after${command}`, `after${command}Error`]),
];
const EVENTS = new Set<string>([...RUN, ...NEVER_RUN]);

/** Whether callbacks of that event are ever run. */
export function isCallbackEvent(event: string): event is CallbackEvent {
  return (RUN as readonly string[]).includes(event);
}

/** `1_02.0` → `1.2`: Flyway compares versions by their numbers, and `1.0` is `1`. */
export function normaliseVersion(text: string): string {
  const parts = text.split(/[._]/).map((part) => part.replace(/^0+(?=\d)/, ""));
  while (parts.length > 1 && parts.at(-1) === "0") {
    parts.pop();
  }
  return parts.join(".");
}

/** The meaning of a file name (its last path segment counts); undefined where Flyway would not know it. */
export function parseFlywayName(path: string): FlywayName | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const migration = /^(?:([VUB])(\d+(?:[._]\d+)*)|R)__(.*)\.sql$/.exec(name);
  if (migration !== null) {
    const [, prefix, version, description = ""] = migration;
    if (prefix === undefined || version === undefined) {
      return { kind: "repeatable", description };
    }
    return prefix === "B" ? { kind: "baseline", description } : { kind: prefix === "V" ? "versioned" : "undo", version: normaliseVersion(version), description };
  }
  const callback = /^([a-z][A-Za-z]+?)(?:__(.*))?\.sql$/.exec(name);
  const event = callback?.[1];
  return event !== undefined && EVENTS.has(event) ? { kind: "callback", event, description: callback?.[2] ?? "" } : undefined;
}

/** What is wrong with a name in a Flyway folder, and the name that was probably meant. */
export function flywayNearMiss(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const migration = /^([vur])[\s.-]*(\d+(?:[._]\d+)*)?[\s_.-]*(.*)\.sql$/i.exec(name);
  const event = [...EVENTS].find((candidate) => candidate.toLowerCase() === name.replace(/(__.*)?\.sql$/i, "").toLowerCase());
  const [, prefix = "", version = "", description = ""] = migration ?? [];
  const repeatable = prefix.toLowerCase() === "r";
  let meant = "'V1__description.sql', 'R__description.sql' or a callback such as 'afterMigrate.sql'";
  if (event !== undefined) {
    meant = `'${event}${/__.*(?=\.sql$)/i.exec(name)?.[0] ?? ""}.sql'`;
  } else if (migration !== null && (version !== "" || repeatable)) {
    meant = `'${prefix.toUpperCase()}${repeatable ? "" : version}__${description === "" ? "description" : description}.sql'`;
  }
  return `'${name}' is no name Flyway knows; did you mean ${meant}?`;
}
