import type { Kind } from "../define";
import { author, texts } from "./author";
import { bundlePath, check, expand, naturalKey, references } from "./expand";
import { retarget } from "./retarget";
import { rewrite } from "./rewrite";
import { rules } from "./rules";
import { template } from "./schema";
import { facts, uses } from "./uses";

/** Dashboard: see `schema.ts` for what people write, `rules.ts` for what counts as a difference. */
export const dashboard: Kind = {
  name: "dashboard",
  plural: "dashboards",
  resourceType: "Dashboard",
  nameField: "dashboard_title",
  page: true,
  after: ["chart", "dataset"],
  template,
  expand,
  author,
  texts,
  check,
  rules,
  naturalKey,
  references,
  bundlePath,
  uses,
  facts,
  retarget,
  rewrite,
};
