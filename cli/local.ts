/** `hybrid local …`: PostgreSQL and Superset on this machine. */
import { Command, InvalidArgumentError } from "commander";

import { readConfiguration } from "../provider/configuration";
import { ConfigError, EXIT, formatProblem } from "../provider/errors";
import { isEncrypted, isTextSetting } from "../provider/pulumi-files";
import { followLogs, logFile, type LogServer } from "../local/logs";
import { tail } from "../local/files";
import { projectRoot, runtimeFolder } from "../local/paths";
import { terminalProgress } from "../local/progress";
import { ensurePulumi } from "../local/pulumi-cli";
import { ensurePython } from "../local/python";
import { dashboards, DEFAULT_ENVIRONMENT, down, environments, reset, status, up, type EnvironmentStatus } from "../local/runtime";
import { confirm } from "./confirm";
import { addJsonOption, show, wholeNumber, type CommonOptions } from "./options";

type JsonOption = Pick<CommonOptions, "json">;

/** Declares `hybrid local setup | up | …`. */
export function register(program: Command): void {
  const local = program
    .command("local")
    .description("PostgreSQL and Superset on this machine, without Docker.")
    .addHelpText("after", "\nExample:\n  $ hybrid local up\n  $ hybrid local status\n  $ hybrid local down\n");

  addJsonOption(local
    .command("setup"))
    .description("Get what the other commands need, and start nothing: the Python packages, PostgreSQL, the Pulumi CLI.")
    .addHelpText("after", "\nExample:\n  $ hybrid local setup && npx pulumi version\n")
    .action(async (options: JsonOption) => {
      const progress = terminalProgress();
      const pulumi = await ensurePulumi({ progress });
      const { python } = await ensurePython(progress);
      show(options, { pulumi, python }, "");
    });

  addJsonOption(local
    .command("up"))
    .description("Install what is missing, start PostgreSQL and Superset on 127.0.0.1, wait until they answer. Safe to repeat.")
    .option("--env <name>", "environment: each has a Superset, a warehouse and a port of its own", DEFAULT_ENVIRONMENT)
    .option("--port <number>", "port of Superset (default: the one it had, else the first free one from 8088)", portNumber)
    .option("--workers <number>", "processes of Superset, about 300 MB each", wholeNumber, 2)
    .addHelpText("after", "\nExample:\n  $ hybrid local up --env staging --port 8090\n")
    .action(async (options: JsonOption & { env: string; port?: number; workers: number }) => {
      refuseElsewhere(projectRoot(), options.env);
      await up({ runtime: folder(), environment: options.env, port: options.port, workers: options.workers, progress: terminalProgress() });
      const found = await status({ runtime: folder(), environment: options.env });
      show(options, addresses(found), options.json ? "" : await described(found));
    });

  addJsonOption(local
    .command("down"))
    .description("Stop the servers; data and passwords stay. PostgreSQL stops with the last Superset.")
    .option("--env <name>", "only the Superset of this environment")
    .option("--all", "every environment (the default)")
    .addHelpText("after", "\nExample:\n  $ hybrid local down --env staging\n")
    .action(async (options: JsonOption & { env?: string; all?: true }) => {
      const ended = await down({ runtime: folder(), environment: options.all ? undefined : options.env, progress: terminalProgress() });
      show(options, { stopped: ended }, ended.length > 0 ? `Stopped: ${ended.join(", ")}.` : "Nothing was running.");
    });

  addJsonOption(local
    .command("status"))
    .description(`Address, login and health of an environment. Exit code ${EXIT.error} where it does not run.`)
    .option("--env <name>", "environment", DEFAULT_ENVIRONMENT)
    .addHelpText("after", "\nExample:\n  $ hybrid local status --json | jq -r .superset.url\n")
    .action(async (options: JsonOption & { env: string }) => {
      const found = await status({ runtime: folder(), environment: options.env });
      show(options, addresses(found), options.json ? "" : await described(found));
      if (found.superset !== "running" || found.postgres !== "running") {
        if (options.json) process.stderr.write(`Superset: ${found.superset}, PostgreSQL: ${found.postgres}. Start them with \`hybrid local up --env ${options.env}\`.\n`);
        process.exitCode = EXIT.error;
      }
    });

  addJsonOption(local
    .command("logs"))
    .description("What a server has logged.")
    .option("--env <name>", "environment", DEFAULT_ENVIRONMENT)
    .option("--server <name>", "superset or postgres", serverName, "superset")
    .option("-n, --lines <number>", "how many of the last lines", wholeNumber, 100)
    .option("-f, --follow", "go on with what is written next, until Ctrl-C")
    .addHelpText("after", "\nExample:\n  $ hybrid local logs -f --server postgres\n")
    .action(async (options: JsonOption & { env: string; server: LogServer; lines: number; follow?: true }) => {
      if (options.json && options.follow) throw new ConfigError("--json gives one object and --follow never ends: name one of them.");
      const file = logFile(folder(), options.env, options.server);
      const text = tail(file, options.lines);
      show(options, { file, lines: text === "" ? [] : text.split("\n") }, text);
      if (options.follow) {
        const unread = new AbortController();
        process.stdout.once("error", () => unread.abort());
        await followLogs(file, (chunk) => process.stdout.write(chunk), unread.signal);
      }
    });

  addJsonOption(local
    .command("reset"))
    .description("Remove an environment: everything in its Superset, all data of its warehouse, its passwords.")
    .option("--env <name>", "environment", DEFAULT_ENVIRONMENT)
    .option("--all", "every environment, and PostgreSQL")
    .option("--yes", "do not ask")
    .addHelpText("after", "\nExample:\n  $ hybrid local reset --env staging --yes\n")
    .action(async (options: JsonOption & { env: string; all?: true; yes?: true }) => {
      const doomed = environments(folder()).filter((name) => options.all ?? name === options.env);
      if (doomed.length === 0 && !options.all) return show(options, { removed: [] }, `There is no local environment ${options.env}.`);
      if (!options.yes) await confirm(`Remove ${doomed.join(", ") || "the local PostgreSQL"} with all data?`, { without: "`hybrid local reset` removes data and there is no terminal to ask at: add --yes.", refused: "Nothing was removed." });
      await reset({ runtime: folder(), environment: options.all ? undefined : options.env, progress: terminalProgress() });
      show(options, { removed: doomed }, `Removed: ${doomed.join(", ") || "PostgreSQL"}. \`hybrid local up\` makes a new one.`);
    });
}

/** Servers that nothing would use, while the apply that follows goes to a Superset of others, are not what anybody wants. */
function refuseElsewhere(root: string, environment: string): void {
  const url = readConfiguration(root, environment).settings.get("superset:url");
  if (url === undefined || /^local$|^https?:\/\/(?:localhost|127\.[\d.]+|\[::1\])(?:[:/]|$)/.test(String(url.value))) {
    return;
  }
  const where = isTextSetting(url.value) && !isEncrypted(url.value) ? String(url.value) : "an encrypted address";
  throw new ConfigError(
    formatProblem({ ...url.at(), message: `environment '${environment}' has its Superset at ${where}: nothing would use a local one. Name an environment whose superset:url is 'local' with --env` }),
  );
}

function folder(): string {
  return runtimeFolder(projectRoot());
}

/** For scripts; holds the passwords, which are this machine's alone. */
function addresses({ state: { superset, postgres } }: EnvironmentStatus): Readonly<Record<string, unknown>> {
  return { superset: { url: superset.url, username: superset.username, password: superset.password }, postgres: { url: postgres.url } };
}

async function described(found: EnvironmentStatus): Promise<string> {
  const { environment, superset, postgres } = found.state;
  const option = environment === DEFAULT_ENVIRONMENT ? "" : ` --env ${environment}`;
  const rows: (readonly [string, string])[] = [
    ["Superset", `${superset.url}   (${found.superset})`],
    ["User", superset.username],
    ["Password", superset.password],
    ["PostgreSQL", `127.0.0.1:${postgres.port}, database ${postgres.database}   (${found.postgres})`],
  ];
  if (found.postgres === "running") {
    for (const { title, url } of await dashboards(folder(), found.state)) rows.push(["Dashboard", `${url}   ${title}`]);
  }
  if (found.superset === "stopped") rows.push(["Start", `hybrid local up${option}`]);
  else rows.push(["Stop", environment === DEFAULT_ENVIRONMENT ? "hybrid local down   (or: make local-down)" : `hybrid local down${option}`]);
  return [`Environment ${environment}`, ...rows.map(([label, text]) => `  ${label.padEnd(11)}${text}`)].join("\n");
}

function portNumber(text: string): number {
  const value = wholeNumber(text);
  if (value < 1024 || value > 65535) throw new InvalidArgumentError("It is a number from 1024 to 65535.");
  return value;
}

function serverName(text: string): LogServer {
  if (text !== "superset" && text !== "postgres") throw new InvalidArgumentError("It is superset or postgres.");
  return text;
}
