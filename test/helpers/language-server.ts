/** YAML's language server, which editors ask: a client for tests, over its standard input and output. */
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { JsonObject } from "../../provider/json";
import { getTool, type Got } from "./tools";

/** What an editor underlines: `line` is 1-based. */
export interface Diagnostic {
  readonly line: number;
  readonly message: string;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly uri?: string; readonly items?: readonly unknown[]; readonly diagnostics?: readonly { readonly message: string; readonly range: { readonly start: { readonly line: number } } }[] };
  readonly result?: unknown;
}

/** Gets it from npm. */
export function getLanguageServer(): Got {
  return getTool({ name: "yaml-language-server", version: "1.25.0", command: ["npm", "install", "--prefix", "{folder}", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "yaml-language-server@1.25.0"] });
}

export class LanguageServer {
  readonly #child: ChildProcess;
  readonly #answers = new Map<number, (result: unknown) => void>();
  readonly #published = new Map<string, (found: readonly Diagnostic[]) => void>();
  #rest = Buffer.alloc(0);
  #lastId = 0;

  private constructor(folder: string) {
    this.#child = spawn(process.execPath, [join(folder, "node_modules/yaml-language-server/bin/yaml-language-server"), "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdout?.on("data", (chunk: Buffer) => this.#read(chunk));
  }

  /** Starts it with the settings of an editor that knows no schemas of its own. */
  static async start(folder: string): Promise<LanguageServer> {
    const server = new LanguageServer(folder);
    await server.#ask("initialize", { processId: process.pid, rootUri: null, capabilities: { textDocument: { publishDiagnostics: {}, completion: {}, hover: {} } } });
    server.#send({ method: "initialized", params: {} });
    server.#send({ method: "workspace/didChangeConfiguration", params: { settings: { yaml: { validate: true, completion: true, hover: true, schemaStore: { enable: false } } } } });
    return server;
  }

  stop(): void {
    this.#child.kill();
  }

  /** Opens a file with this text, and what is underlined in it then. The file need not be there; schemas are looked for beside it. */
  open(path: string, text: string): Promise<readonly Diagnostic[]> {
    const uri = `file://${path}`;
    const found = new Promise<readonly Diagnostic[]>((resolve) => this.#published.set(uri, resolve));
    this.#send({ method: "textDocument/didOpen", params: { textDocument: { uri, languageId: "yaml", version: 1, text } } });
    return found;
  }

  /** What is offered at a place of an open file (0-based). */
  async completions(path: string, line: number, character: number): Promise<readonly string[]> {
    const { items } = (await this.#ask("textDocument/completion", { textDocument: { uri: `file://${path}` }, position: { line, character } })) as { readonly items: readonly { readonly label: string }[] };
    return items.map(({ label }) => label);
  }

  /** What is shown when the pointer rests on a place of an open file (0-based). */
  async hover(path: string, line: number, character: number): Promise<string> {
    const { contents } = (await this.#ask("textDocument/hover", { textDocument: { uri: `file://${path}` }, position: { line, character } })) as { readonly contents: { readonly value: string } };
    return contents.value;
  }

  #ask(method: string, params: JsonObject): Promise<unknown> {
    const id = ++this.#lastId;
    const answer = new Promise<unknown>((resolve) => this.#answers.set(id, resolve));
    this.#send({ id, method, params });
    return answer;
  }

  #send(message: JsonObject): void {
    const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
    this.#child.stdin?.write(Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]));
  }

  #read(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const head = this.#rest.indexOf("\r\n\r\n");
      const length = Number(/Content-Length: (\d+)/i.exec(this.#rest.subarray(0, Math.max(head, 0)).toString())?.[1]);
      if (head < 0 || this.#rest.length < head + 4 + length) {
        return;
      }
      const body = this.#rest.subarray(head + 4, head + 4 + length);
      this.#rest = this.#rest.subarray(head + 4 + length);
      this.#receive(JSON.parse(body.toString()) as Message);
    }
  }

  #receive({ id, method, params, result }: Message): void {
    if (method === "textDocument/publishDiagnostics") {
      this.#published.get(params?.uri ?? "")?.((params?.diagnostics ?? []).map(({ message, range }) => ({ line: range.start.line + 1, message })));
    } else if (id !== undefined && method !== undefined) {
      this.#send({ id, result: method === "workspace/configuration" ? (params?.items ?? []).map(() => ({})) : null });
    } else if (id !== undefined) {
      this.#answers.get(id)?.(result);
    }
  }
}
