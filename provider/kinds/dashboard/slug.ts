/** A dashboard's slug: the last part of its address, `/superset/dashboard/<slug>/`. */
import { hasPlaceholder } from "../../placeholders";
import type { Json } from "../../json";
import type { ExpandContext } from "../define";

/** What ends an address's path, changes it, or is decoded in it. */
const BREAKS = /[/\\?#%]/gu;
/** What Superset takes for an id (utils/core.py: is_int, is_uuid): it looks no further then. */
const NUMBER = /^\s*[+-]?\d+(?:_\d+)*\s*$/u;
const UUID = /^(?:urn:)?(?:uuid:)?\{?(?:[0-9a-f]-?){32}\}?$/iu;
/** Width of the column (models/dashboard.py). */
const LENGTH = 255;

/**
 * Reports a slug that makes an address that does not work, and warns of one that Superset's own dialog would change at its next save
 * (dashboards/schemas.py: BaseDashboardSchema). An import stores a slug as it is.
 */
export function checkSlug(slug: Json | undefined, context: ExpandContext): void {
  if (typeof slug !== "string" || slug === "" || hasPlaceholder(slug)) {
    return;
  }
  const problem = (message: string, severity: "error" | "warning" = "error"): void => context.problem(["slug"], message, severity);
  const saved = slug.trim().replaceAll(" ", "-").replace(/[^\p{L}\p{N}_-]+/gu, "");
  const advice = saved === "" ? "write one of letters, digits, '-' and '_'" : `write '${saved}'`;
  const breaking = [...new Set(slug.match(BREAKS) ?? [])];
  if (breaking.length > 0 || saved === "") {
    const why = breaking.length > 0 ? `it has ${breaking.map((character) => `'${character}'`).join(", ")}` : "it has no letter or digit";
    problem(`the dashboard cannot be opened under the slug '${slug}': ${why}; ${advice}`);
  } else if (NUMBER.test(slug) || UUID.test(slug)) {
    problem(`the dashboard cannot be opened under the slug '${slug}': Superset takes it for the ${NUMBER.test(slug) ? "id" : "uuid"} of a dashboard; add a word`);
  } else if ([...slug].length > LENGTH) {
    problem(`the slug has ${[...slug].length} characters; Superset stores ${LENGTH}`);
  } else if (saved !== slug) {
    problem(`Superset makes '${saved}' of the slug '${slug}' as soon as somebody saves the dashboard's properties there; ${advice}`, "warning");
  }
}
