/** One environment of a repository as the commands work on it. Everything is made when it is first asked for: most commands need only a part. */
import { compile, type Compiled } from "../compile";
import { loadEnvironment, type Environment } from "../compile/environment";
import { pulumiBinary } from "../local/pulumi-cli";
import { canonicalForms } from "../provider/forms";
import type { Canonical } from "../provider/kinds/define";
import type { Workspace } from "../provider/lifecycle";
import { loadPolicy, type Policy } from "../provider/policy";
import { settingsFor, type Settings } from "../provider/settings";
import { memoriesInState, stackExists, type StateMemories } from "../provider/stack-store";
import { openWorkspace } from "../provider/workspace";
import { decryptedConfig } from "./decrypted-config";

/** What the commands ask of an environment. What is made once is kept: an environment is opened per command. */
export interface ControlEnvironment {
  /** Absolute path of the folder with Pulumi.yaml. */
  readonly root: string;
  readonly name: string;
  /** The environment's files, read. @throws ConfigError, ProblemsError */
  readonly files: Environment;
  /** @throws ConfigError */
  readonly policy: Policy;
  /** Addresses and credentials. */
  readonly settings: Settings;
  /** Its Superset; nothing is asked of it yet. @throws ConfigError where it is not configured */
  readonly workspace: Workspace;
  /** The compiled bundle. @throws ProblemsError */
  readonly compiled: Compiled;
  /** Canonical form of every asset of the bundle, by uuid: what Git wants. */
  readonly forms: ReadonlyMap<string, Canonical>;
  /** What the stack's state remembers of every asset, by uuid; empty for a stack that was never applied. @throws UserError where the state cannot be read */
  memories(): Promise<StateMemories>;
  /** One line for the person at the terminal, without secrets. */
  log(message: string): void;
}

/** How an environment is opened. */
export interface OpenOptions {
  readonly log: (message: string) => void;
  /** Templates and stack files are read from here. Default: `root`. State, local runtime and policy are always the root's. */
  readonly templates?: string;
}

/** Opens an environment; an unknown one throws a `ConfigError` with the names there are. */
export function openEnvironment(root: string, name: string, { log, templates = root }: OpenOptions): ControlEnvironment {
  const files = loadEnvironment(templates, name, { runtime: root });
  const once = <T>(make: () => T): (() => T) => {
    let made: { readonly value: T } | undefined;
    return () => (made ??= { value: make() }).value;
  };
  const decrypted = once(() => decryptedConfig(root, name, pulumiBinary()));
  const settings = settingsFor(root, name, (key) => decrypted()[key], async (key) => decrypted()[key]);
  const policy = once(() => loadPolicy(root, name));
  const workspace = once(() => openWorkspace(settings, log));
  const compiled = once(() => compile({ environment: files }));
  const forms = once(() => canonicalForms(compiled().assets));
  const memories = once(async () => {
    const program = pulumiBinary();
    try {
      return await memoriesInState(root, name, program);
    } catch (error) {
      if (await stackExists(root, name, program)) {
        throw error;
      }
      return new Map() as StateMemories;
    }
  });
  return {
    root,
    name,
    files,
    settings,
    get policy() {
      return policy();
    },
    get workspace() {
      return workspace();
    },
    get compiled() {
      return compiled();
    },
    get forms() {
      return forms();
    },
    memories,
    log,
  };
}
