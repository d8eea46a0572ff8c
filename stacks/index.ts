/** The Pulumi program. It exports nothing: what a program exports becomes an output of the stack. */
import * as pulumi from "@pulumi/pulumi";
import { isRefusedByTheSystem, refusalText, UserError } from "../provider/errors";
import { findRoot } from "../provider/settings";
import { declareStack } from "./stack";

// Pulumi takes a source-mapped stack of every promise it makes, for its own debugging: half of a program's time where resources are many.
if (process.env["HYBRID_DEBUG"] === undefined) {
  Error.stackTraceLimit = 0;
}

try {
  declareStack(findRoot(process.cwd()));
} catch (error) {
  if (error instanceof UserError) {
    throw new pulumi.RunError(error.message);
  }
  throw isRefusedByTheSystem(error) ? new pulumi.RunError(refusalText(error)) : error;
}
