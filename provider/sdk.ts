/**
 * The parts of Pulumi's SDK that our program needs, each from its own module. The package's index also loads the automation API and
 * the serialiser of closures, with TypeScript and npm's package tree behind them: a third of a second and 40 MB in every run.
 */
export { Config } from "@pulumi/pulumi/config";
export { RunError } from "@pulumi/pulumi/errors";
export * as log from "@pulumi/pulumi/log";
export { getProject, getStack } from "@pulumi/pulumi/metadata";
export { isSecret, Output, output, secret, unsecret, type Input, type Inputs } from "@pulumi/pulumi/output";
export { CustomResource, Resource, type CustomResourceOptions } from "@pulumi/pulumi/resource";
export { invoke } from "@pulumi/pulumi/runtime/invoke";
export { isDryRun } from "@pulumi/pulumi/runtime/settings";
