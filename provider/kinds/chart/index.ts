import type { Kind } from "../define";
import { bundlePath, check, expand, naturalKey, references } from "./expand";
import { retarget } from "./retarget";
import { rules } from "./rules";
import { template } from "./schema";

/** Chart: see `schema.ts` for what people write, `rules.ts` for what counts as a difference. */
export const chart: Kind = {
  name: "chart",
  plural: "charts",
  resourceType: "Chart",
  nameField: "slice_name",
  after: ["dataset"],
  template,
  expand,
  check,
  rules,
  naturalKey,
  references,
  bundlePath,
  retarget,
};
