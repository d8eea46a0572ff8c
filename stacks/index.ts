/** The Pulumi program. It exports nothing: what a program exports becomes an output of the stack. */
import * as pulumi from "@pulumi/pulumi";
import { UserError } from "../provider/errors";
import { findRoot } from "../provider/settings";
import { declareStack } from "./stack";

try {
  declareStack(findRoot(process.cwd()));
} catch (error) {
  throw error instanceof UserError ? new pulumi.RunError(error.message) : error;
}
