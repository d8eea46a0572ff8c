import type { Kind } from "../define";
import { address, facts } from "./address";
import { author, texts } from "./author";
import { bundlePath, check, expand, naturalKey, references } from "./expand";
import { rewrite } from "./rewrite";
import { rules } from "./rules";
import { template } from "./schema";
import { joinSecrets, secretFields, splitSecrets } from "./secrets";

/** Database: see `schema.ts` for what people write, `rules.ts` for what counts as a difference. */
export const database: Kind = {
  name: "database",
  plural: "databases",
  resourceType: "Database",
  nameField: "database_name",
  after: [],
  template,
  expand,
  author,
  texts,
  check,
  rules,
  naturalKey,
  references,
  bundlePath,
  address,
  facts,
  rewrite,
  secretFields,
  splitSecrets,
  joinSecrets,
};
