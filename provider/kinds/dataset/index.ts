import type { Kind } from "../define";
import { author, texts } from "./author";
import { bundlePath, check, expand, names, naturalKey, references } from "./expand";
import { facts, relation } from "./relation";
import { retarget } from "./retarget";
import { rewrite } from "./rewrite";
import { rules } from "./rules";
import { template } from "./schema";

/** Dataset: see `schema.ts` for what people write, `rules.ts` for what counts as a difference. */
export const dataset: Kind = {
  name: "dataset",
  plural: "datasets",
  resourceType: "Dataset",
  nameField: "table_name",
  after: ["database"],
  template,
  expand,
  author,
  texts,
  check,
  rules,
  naturalKey,
  references,
  bundlePath,
  completedFromSource: (form) => (form["sql"] ?? null) === null,
  relation,
  facts,
  retarget,
  rewrite,
  names,
};
