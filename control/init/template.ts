/**
 * The template of a new repository: this package's own example, and the few files of `init/` that differ in kind. It is shipped in the
 * package, so nothing is fetched; what is the same in both is there once.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { packageRoot } from "../../local/paths";
import { environmentNames } from "../../provider/configuration";
import type { Content, RepositoryFiles } from "./repository";

/** Of both repositories, as they are: what every new one has. */
const SHARED = [".vscode", ".github/actions", ".github/workflows", "scripts/ci"] as const;
/** Of those, what only this package has. */
const PACKAGE_ONLY = ".github/workflows/test.yml";
/** The example's own: what a repository begins with that takes nothing over. */
const EXAMPLE = ["assets", "db/migrations", "db/seed", "mappings", "policy.yaml"] as const;
/** Files of `init/` by what they become. npm leaves files out that are called .gitignore. */
const OWN: Readonly<Record<string, string>> = { "README.md": "README.md", "index.js": "index.js", gitignore: ".gitignore" };

/** Name and version of this package. */
export function packageManifest(): { readonly name: string; readonly version: string } {
  return JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as { readonly name: string; readonly version: string };
}

/** What the files say of the repository they are in. */
export interface TemplateNames {
  readonly project: string;
  /** The dependency on this package, as package.json has it. */
  readonly dependency: string;
  /** The environment of `make local-up`. */
  readonly local: string;
}

/** The files that every new repository has, whatever is in it. */
export function sharedFiles(names: TemplateNames): RepositoryFiles {
  const own = Object.entries(OWN).map(([from, path]): [string, Content] => {
    const text = readFileSync(join(packageRoot(), "init", from), "utf8");
    return [path, { text: text.replaceAll("@project@", names.project) }];
  });
  return new Map<string, Content>([
    ...copies(SHARED),
    ...own,
    ["Makefile", { text: makefileText(names.local) }],
    ["package.json", { text: manifest(names) }],
    ["Pulumi.yaml", { text: projectFileText(names.project) }],
  ]);
}

/** The files of the example; its stack files without a salt, which every repository makes itself. */
export function exampleFiles(): RepositoryFiles {
  const environments = exampleEnvironments();
  const stacks = environments.map((name): [string, Content] => [`Pulumi.${name}.yaml`, { text: exampleText(`Pulumi.${name}.yaml`).replace(/^(?:#.*\n)*encryptionsalt:.*\n/m, "") }]);
  return new Map<string, Content>([...copies([...EXAMPLE, ...environments.map((name) => `Pulumi.${name}.deploy.yaml`)]), ...stacks]);
}

/** The environments of the example. */
export function exampleEnvironments(): string[] {
  return environmentNames(packageRoot());
}

/** The example's text of a file, as a new repository has it. @param path from the package's root */
export function exampleText(path: string): string {
  return relocated(readFileSync(join(packageRoot(), path), "utf8"));
}

function copies(paths: readonly string[]): [string, Content][] {
  return paths.flatMap((path) => filesAt(path)).filter((path) => path !== PACKAGE_ONLY).map((path) => {
    const file = join(packageRoot(), path);
    if (!/\.ya?ml(\.j2)?$/.test(path)) {
      return [path, { copyOf: file }];
    }
    const text = readFileSync(file, "utf8");
    return [path, relocated(text) === text ? { copyOf: file } : { text: relocated(text) }];
  });
}

function filesAt(path: string): string[] {
  const absolute = join(packageRoot(), path);
  if (!statSync(absolute).isDirectory()) {
    return [path];
  }
  return readdirSync(absolute).sort().flatMap((name) => filesAt(`${path}/${name}`));
}

/** The JSON Schemas that editors check a file with, and the documentation that comments name, stay in the package. */
function relocated(text: string): string {
  const installed = `node_modules/${packageManifest().name}`;
  return text
    .replace(/^(# yaml-language-server: \$schema=(?:\.\.\/)*)(?=schemas\/)/m, `$1${installed}/`)
    .replace(/(?<=^#.*)\bdocs\/[a-z-]+\.md\b/gm, (path) => (existsSync(join(packageRoot(), path)) ? `${installed}/${path}` : path));
}

/** This package's own Makefile includes the file; a new repository's is that file. */
function makefileText(local: string): string {
  const text = readFileSync(join(packageRoot(), "scripts/workspace.mk"), "utf8");
  return text.replace(/^# A repository of one's own has this file .*\n/m, "").replace("STACK ?= dev", `STACK ?= ${local}`).replace("apply stack dev,", `apply stack ${local},`);
}

/** The program is `index.js`, which package.json names; in this package it is the compiled one. */
function projectFileText(project: string): string {
  const document = parseDocument(readFileSync(join(packageRoot(), "Pulumi.yaml"), "utf8"));
  document.set("name", project);
  document.delete("main");
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function manifest({ project, dependency }: TemplateNames): string {
  const { name } = packageManifest();
  const content = { name: npmName(project), private: true, main: "index.js", engines: { node: ">=20" }, dependencies: { [name]: dependency } };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** npm's names have no capitals and begin with a letter or digit. */
function npmName(project: string): string {
  return project.toLowerCase().replace(/^[._-]+/, "") || "workspace";
}
