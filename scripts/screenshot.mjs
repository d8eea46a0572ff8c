#!/usr/bin/env node
/**
 * Takes a picture of a dashboard as a person sees it, and fails if a chart on it shows an error or stays empty.
 *
 *   npm install --no-save playwright-core      # once; not a dependency of the package
 *   node scripts/screenshot.mjs                # docs/img/overview.png from the local runtime (`make local-up`)
 *   node scripts/screenshot.mjs --slug birth-names --out /tmp/names.png --full
 *
 * Options
 *   --slug S      dashboard's slug or id                              (default: overview)
 *   --tab T       name of a tab to open first                         (default: the first tab)
 *   --out F       file to write, PNG                                  (default: docs/img/overview.png)
 *   --width W     of the window, CSS pixels                           (default: 1400)
 *   --height H    of the window, CSS pixels                           (default: 900)
 *   --full        as tall as the dashboard, not as the window
 *   --env E       whose local runtime to take address and login from  (default: dev)
 *
 * Environment
 *   SUPERSET_URL, SUPERSET_ADMIN_USER, SUPERSET_ADMIN_PASS   instead of the local runtime's
 *   CHROMIUM                                                 the browser (default: chromium, chromium-browser or google-chrome on PATH)
 *   PLAYWRIGHT_FROM                                          a folder whose node_modules has playwright-core (default: this one)
 */
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const { values: options } = parseArgs({
  options: {
    slug: { type: "string", default: "overview" },
    tab: { type: "string" },
    out: { type: "string", default: join(root, "docs", "img", "overview.png") },
    width: { type: "string", default: "1400" },
    height: { type: "string", default: "900" },
    full: { type: "boolean", default: false },
    env: { type: "string", default: "dev" },
  },
});

/** Where to look and as whom. */
function target() {
  const { SUPERSET_URL: url, SUPERSET_ADMIN_USER: username, SUPERSET_ADMIN_PASS: password } = process.env;
  if (url && username && password) {
    return { url: url.replace(/\/+$/, ""), username, password };
  }
  const file = join(root, ".runtime", options.env, "state.json");
  try {
    return JSON.parse(readFileSync(file, "utf8")).superset;
  } catch (cause) {
    throw new Error(`no local runtime in ${file}: run 'make local-up', or set SUPERSET_URL, SUPERSET_ADMIN_USER and SUPERSET_ADMIN_PASS`, { cause });
  }
}

/** Path of a Chromium. */
function browserPath() {
  if (process.env.CHROMIUM) {
    return process.env.CHROMIUM;
  }
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // Not in this folder: the next one.
      }
    }
  }
  throw new Error("no Chromium found on PATH: install one, or set CHROMIUM to its path");
}

function loadPlaywright() {
  try {
    return createRequire(join(resolve(process.env.PLAYWRIGHT_FROM ?? root), "package.json"))("playwright-core");
  } catch (cause) {
    throw new Error("playwright-core is not installed: run 'npm install --no-save playwright-core', or set PLAYWRIGHT_FROM", { cause });
  }
}

/** Waits until every chart on the page has drawn; what went wrong, as sentences. */
async function settle(page) {
  await page.waitForFunction(
    () => {
      const charts = [...document.querySelectorAll("[class*='dashboard-chart-id-']")];
      return charts.length > 0 && charts.every((chart) => chart.querySelector(".slice_container, [role='alert']") && !chart.querySelector(".loading"));
    },
    undefined,
    { timeout: 90_000 },
  );
  // Charts grow into place with an animation of about a second.
  await page.waitForTimeout(2500);
  return page.evaluate(() =>
    [...document.querySelectorAll("[class*='dashboard-chart-id-'], .missing-chart-container")].flatMap((chart) => {
      const name = chart.querySelector("[data-test='editable-title'], .header-title")?.textContent?.trim() ?? "a chart";
      return [...chart.querySelectorAll("[role='alert'], .ant-empty, .missing-chart-body")].map((box) => `${name}: ${box.textContent?.trim()}`);
    }),
  );
}

async function main() {
  const { url, username, password } = target();
  const width = Number(options.width);
  const profile = mkdtempSync(join(tmpdir(), "screenshot-"));
  const context = await loadPlaywright().chromium.launchPersistentContext(profile, {
    executablePath: browserPath(),
    headless: true,
    // Tall at first: charts outside of the window are not loaded.
    viewport: { width, height: 4000 },
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ],
  });
  try {
    const page = await context.newPage();
    const refused = [];
    const answers = [];
    page.on("response", (response) => {
      if (response.url().includes("/api/v1/chart/data") && response.status() >= 400) {
        answers.push(response.text().then((body) => refused.push(`chart data: ${response.status()} ${body.slice(0, 400)}`)));
      }
    });
    await page.goto(`${url}/login/`, { waitUntil: "domcontentloaded" });
    await page.locator("input[name='username'], #username").first().fill(username);
    await page.locator("input[name='password'], #password").first().fill(password);
    await page.keyboard.press("Enter");
    await page.waitForURL((now) => !now.pathname.startsWith("/login"), { timeout: 20_000 }).catch((cause) => {
      throw new Error(`${url} does not let '${username}' in: check the password`, { cause });
    });
    await page.goto(`${url}/superset/dashboard/${encodeURIComponent(options.slug)}/`, { waitUntil: "domcontentloaded" });
    const problems = await settle(page);
    if (options.tab !== undefined) {
      await page.getByRole("tab", { name: options.tab }).first().click();
      problems.push(...(await settle(page)));
    }
    const bottom = await page.evaluate(() => Math.max(...[...document.querySelectorAll(".dashboard-component")].map((part) => part.getBoundingClientRect().bottom)));
    await page.setViewportSize({ width, height: options.full ? Math.ceil(bottom) + 24 : Number(options.height) });
    problems.push(...(await settle(page)));
    await Promise.all(answers);
    mkdirSync(dirname(resolve(options.out)), { recursive: true });
    await page.screenshot({ path: options.out });
    const all = [...new Set([...refused, ...problems])];
    if (all.length > 0) {
      throw new Error(`dashboard '${options.slug}' does not show all its data:\n${all.join("\n")}`);
    }
    process.stdout.write(`${options.out}\n`);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
