/** Where what is taken over goes in the new repository. */

export const ASSETS = "assets";
export const MAPPINGS = "mappings";
export const MIGRATIONS = "db/migrations";
export const SEEDS = "db/seed";
