/** `hybrid export`: what Superset holds, as files. */
import { join, relative, resolve } from "node:path";
import type { Command } from "commander";
import { writeBundle } from "../compile/write";
import { openEnvironment } from "../control/environment";
import { exportWorkspace } from "../control/export";
import { terminalProgress } from "../local/progress";
import { addCommonOptions, assetCounts, show, targetOf, tell, type CommonOptions } from "./options";

interface Arguments extends CommonOptions {
  readonly out?: string;
  readonly dashboard?: string;
}

/** Declares `hybrid export`. */
export function register(program: Command): void {
  addCommonOptions(program.command("export [env]").description("Write everything Superset holds, or one dashboard with all it needs, in Superset's own layout: canonical, without numbers of the server, byte-equal for an unchanged Superset."))
    .option("--out <folder>", "where to write it; an export there is replaced (default: ui_exports/<env>)")
    .option("--dashboard <slug>", "only this dashboard (slug or uuid), its charts, their datasets and databases")
    .addHelpText("after", "\nExample:\n  $ hybrid export --env dev\n  $ hybrid export prod --dashboard overview --out /tmp/overview\n")
    .action(async (positional: string | undefined, options: Arguments) => {
      const { root, environment } = targetOf(options, positional);
      const { files, counts } = await terminalProgress().step(`Reading ${environment}'s Superset`, () => exportWorkspace(openEnvironment(root, environment, { log: tell }), options.dashboard));
      const out = options.out === undefined ? join(root, "ui_exports", environment) : resolve(options.out);
      writeBundle(files, out);
      const path = relative(process.cwd(), out);
      const shown = path === "" || path.startsWith("..") ? out : path;
      show(options, { environment, path: out, assets: counts, files: files.size }, `${environment}: ${assetCounts(counts)}\n${shown}`);
    });
}
