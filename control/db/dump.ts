/** The schema of the warehouse as a committed file. */
import type { Progress } from "../../local/progress";
import type { ControlEnvironment } from "../environment";
import { holds, writeWhole } from "../files";
import { warehouseDump } from "./warehouse";

/** The schema as text, committed: the compiler looks up a table's columns in it. From the repository's root. */
export const DUMP_FILE = "db/schema_dump/schema.sql";

/** Writes `DUMP_FILE`. Returns false where it is as the warehouse already. @throws ConfigError, UserError */
export async function writeDump(environment: ControlEnvironment, progress: Progress): Promise<boolean> {
  return writeWhole(environment.root, DUMP_FILE, await warehouseDump(environment, progress));
}

/** Whether `DUMP_FILE` is as the warehouse. */
export async function isDumpCurrent(environment: ControlEnvironment, progress: Progress): Promise<boolean> {
  return holds(environment.root, DUMP_FILE, await warehouseDump(environment, progress));
}
