/** What the end-to-end tests of the stack look at. */
import type { CommandResult } from "../helpers/project";
import { postgres, type TestSuperset } from "../helpers/runtime";

/** The output of a command that succeeded; fails with the whole output, which says why. */
export function succeeded({ code, output }: CommandResult): string {
  if (code !== 0) {
    throw new Error(`pulumi ended with ${code}:\n${output}`);
  }
  return output;
}

/** Imports that Superset has taken so far, as its own action log counts them. */
export async function imports(server: TestSuperset): Promise<number> {
  const pg = await postgres();
  return Number(await pg.sql(server.metadata, "select count(*) from logs where action = 'ImportExportRestApi.import_'"));
}
