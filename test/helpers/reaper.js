"use strict";
/**
 * Ends the servers of a test run when the run is over, however it ended: `node reaper.js <run folder> <pid> <started>`.
 * Plain JavaScript, as it outlives jest and its transformer.
 */
const fs = require("node:fs");
const path = require("node:path");

const [folder, pid, started] = process.argv.slice(2);
process.on("SIGINT", () => undefined);
process.on("SIGHUP", () => undefined);

const boot = process.platform === "linux" ? fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim() : "";

/** The same identity as `local/process.ts` has; undefined where no such process lives. */
function identity(number) {
  if (process.platform !== "linux") {
    const ps = require("node:child_process").spawnSync("ps", ["-o", "lstart=,stat=", "-p", String(number)], { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } });
    const found = /^(.*\d)\s+(\S+)$/.exec(ps.stdout.trim());
    return found && !found[2].startsWith("Z") ? found[1] : undefined;
  }
  try {
    const text = fs.readFileSync(`/proc/${number}/stat`, "latin1");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : `${boot}:${fields[19]}`;
  } catch {
    return undefined;
  }
}

function records(directory) {
  return fs.readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(directory, entry.name);
    if (entry.isDirectory()) return entry.name === "data" || entry.name === "home" ? [] : records(file);
    if (!/process\.json$/.test(entry.name)) return [];
    try {
      return [JSON.parse(fs.readFileSync(file, "utf8"))];
    } catch {
      return [];
    }
  });
}

function end() {
  const servers = fs.existsSync(folder) ? records(folder) : [];
  for (const server of servers) {
    if (identity(server.pid) !== server.started) continue;
    try {
      process.kill(-server.pid, "SIGKILL");
    } catch (error) {
      if (error.code !== "ESRCH") throw error;
    }
  }
  for (const file of ["_postgres/server.json"]) {
    const server = path.join(folder, file);
    if (fs.existsSync(server)) fs.rmSync(JSON.parse(fs.readFileSync(server, "utf8")).data, { recursive: true, force: true, maxRetries: 10 });
  }
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
}

const timer = setInterval(() => {
  if (identity(Number(pid)) === started) return;
  clearInterval(timer);
  end();
}, 300);
