import * as http from "node:http";
import * as https from "node:https";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import axios, { type AxiosInstance } from "axios";
import pLimit from "p-limit";
import { ConnectionError, SupersetError } from "../errors";
import type { Json } from "../json";
import { Redactor } from "./redact";
import { defaultRetryPolicy, nextWait, retryAfterMs, type RetryPolicy } from "./retry";

/** One call, with at most one of `json` and `form` as its body. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below the server's URL, starting with `/`, without the query. This is what errors show. */
  readonly path: string;
  /** Encoded, without `?`. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: Json;
  /** One file and further fields, as multipart/form-data. */
  readonly form?: { readonly field: string; readonly fileName: string; readonly bytes: Uint8Array; readonly fields: Readonly<Record<string, string>> };
  /** Overrides the connection's time limit. */
  readonly timeoutSeconds?: number;
}

/** An answer of any status, read to its end. */
export interface HttpResponse {
  readonly status: number;
  /** By lower-case name; several of one name joined with commas. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** `Set-Cookie` headers as they came, attributes included. */
  readonly cookies: readonly string[];
  readonly body: Buffer;
}

/** What messages call a server. */
interface ServerWords {
  /** `Superset` at this address. */
  readonly name: string;
  /** The setting that has the address. */
  readonly setting: string;
  /** The environment variable that has it otherwise. */
  readonly variable?: string;
}

interface HttpOptions {
  /** Seconds one attempt may take in all. Default: 120. */
  readonly timeoutSeconds?: number;
  /** Requests in flight at the same time. Default: 4. */
  readonly maxConcurrency?: number;
  readonly retry?: Partial<RetryPolicy>;
  /** Largest response in bytes. Default: 512 MiB. */
  readonly maxResponseBytes?: number;
}

const SUPERSET: ServerWords = { name: "Superset", setting: "superset:url", variable: "SUPERSET_URL" };

/** Idle connections a call may find closed before that counts as a failure. */
const MAX_STALE = 5;
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;
/** Lines about repeated attempts that are told one by one, and the pause between further ones. */
const OUTAGE_LINES = 4;
const OUTAGE_PAUSE_MS = 15_000;
const BOUNDARY = "----pulumi-superset-7d1c0f5a9b";

/** Plain HTTP with time limits, retry and bounded concurrency. Knows nothing of Superset but its name; never follows a redirect. */
export class Http {
  /** Without a slash at the end. */
  readonly url: string;
  /** Requests sent so far by `METHOD path`, numbers in paths as `{id}`; repeats count. */
  readonly counts = new Map<string, number>();
  readonly #axios: AxiosInstance;
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #retry: RetryPolicy;
  #answered = false;
  #outageLines = 0;
  #outageToldAt = 0;

  /** @param redactor the login tells it every secret in use; texts of answers go through it before anybody reads them */
  constructor(
    url: string,
    private readonly options: HttpOptions,
    private readonly log: (message: string) => void,
    readonly redactor: Redactor = new Redactor(),
    private readonly server: ServerWords = SUPERSET,
  ) {
    const parsed = parseUrl(url, server);
    this.url = `${parsed.origin}${parsed.pathname.replace(/\/+$/, "")}`;
    const maxConcurrency = options.maxConcurrency ?? 4;
    const agentOptions = { keepAlive: true, maxSockets: maxConcurrency };
    this.#axios = axios.create({
      baseURL: this.url,
      httpAgent: new http.Agent(agentOptions),
      httpsAgent: new https.Agent(agentOptions),
      maxRedirects: 0,
      maxBodyLength: Infinity,
      validateStatus: () => true,
      responseType: "stream",
      // A proxy named by HTTP_PROXY cannot reach our own loopback address.
      ...(LOOPBACK.test(parsed.hostname) ? { proxy: false as const } : {}),
    });
    this.#limit = pLimit(maxConcurrency);
    this.#retry = { ...defaultRetryPolicy, ...options.retry };
  }

  /** Another server that belongs to this one: the same limits, and the same secrets to hide. */
  beside(url: string, server: ServerWords): Http {
    return new Http(url, this.options, this.log, this.redactor, server);
  }

  /** The server's answer whatever its status, after retries; throws ConnectionError when there is none. */
  async send(request: HttpRequest): Promise<HttpResponse> {
    const started = Date.now();
    let stale = 0;
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.#limit(() => this.#attempt(request));
      if ("code" in outcome && outcome.reused && stale < MAX_STALE) {
        // The server closed a connection that had been idle (gunicorn: after two seconds): nothing has failed.
        stale++;
        attempt--;
        continue;
      }
      if ("status" in outcome && !this.#retry.statuses.has(outcome.status)) {
        this.#answered = true;
        return outcome;
      }
      const reason = "status" in outcome ? `status ${outcome.status}` : outcome.code;
      if (!("status" in outcome) && !this.#retry.codes.has(outcome.code)) {
        throw this.#connectionError(request, outcome);
      }
      const budget = this.#answered || "status" in outcome ? this.#retry.budgetMs : this.#retry.firstContactBudgetMs;
      const retryAfter = "status" in outcome ? retryAfterMs(outcome.headers["retry-after"], Date.now()) : undefined;
      const wait = nextWait(this.#retry, attempt, Date.now() - started, budget, retryAfter, Math.random);
      if (wait === undefined) {
        throw "status" in outcome ? this.#busyError(request, outcome, attempt + 1) : this.#connectionError(request, outcome);
      }
      this.#tellOutage(`${this.server.name} at ${this.url}: ${request.method} ${request.path} failed (${reason}); trying again in ${(wait / 1000).toFixed(1)} s`);
      await sleep(wait);
    }
  }

  /** Many requests wait for the same server: the first lines are all told, then one in a while says that it still goes on. */
  #tellOutage(line: string): void {
    const now = Date.now();
    if (this.#outageLines < OUTAGE_LINES || now - this.#outageToldAt > OUTAGE_PAUSE_MS) {
      this.#outageLines += 1;
      this.#outageToldAt = now;
      this.log(line);
    }
  }

  async #attempt(request: HttpRequest): Promise<HttpResponse | Failure> {
    const key = `${request.method} ${request.path.replace(/\/\d+(?=\/|$)/g, "/{id}")}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    const seconds = request.timeoutSeconds ?? this.options.timeoutSeconds ?? 120;
    const signal = AbortSignal.timeout(seconds * 1000);
    const { body, contentType } = encodeBody(request);
    try {
      const response = await this.#axios.request<Readable>({
        method: request.method,
        url: request.query === undefined ? request.path : `${request.path}?${request.query}`,
        headers: { Accept: "application/json", ...(contentType === undefined ? {} : { "Content-Type": contentType }), ...request.headers },
        ...(body === undefined ? {} : { data: body }),
        signal,
      });
      const headers = response.headers as Readonly<Record<string, string | readonly string[] | undefined>>;
      const limit = this.options.maxResponseBytes ?? 512 * 1024 * 1024;
      const bytes = await readAll(response.data, limit, signal);
      if (bytes === undefined) {
        throw new SupersetError(`${request.method} ${request.path} on ${this.url} answered with more than ${limit} bytes, the largest answer that is read.`);
      }
      return {
        status: response.status,
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), typeof value === "string" ? value : value?.join(", ")])),
        cookies: toArray(headers["set-cookie"]),
        body: bytes,
      };
    } catch (error) {
      if (error instanceof SupersetError) {
        throw error;
      }
      return failureOf(error, signal.aborted, seconds);
    }
  }

  #busyError(request: HttpRequest, response: HttpResponse, attempts: number): ConnectionError {
    const after = response.headers["retry-after"];
    return new ConnectionError(
      `${this.server.name} at ${this.url} is not available: ${request.method} ${request.path} answered ${response.status} ${attempts} times` +
        `${after === undefined ? "" : ` (Retry-After: ${after})`}. Nothing is known to be wrong with the request: run the command again when the server is up.`,
      { retryCode: String(response.status) },
    );
  }

  #connectionError(request: HttpRequest, failure: Failure): ConnectionError {
    return new ConnectionError(`${this.server.name} at ${this.url} cannot be reached: ${request.method} ${request.path}: ${this.redactor.redact(failure.reason)} (${failure.code}). ${adviceFor(failure.code, this.#answered, this.server)}`, { retryCode: failure.code });
  }
}

interface Failure {
  readonly code: string;
  readonly reason: string;
  /** A kept-alive connection broke before any answer. */
  readonly reused: boolean;
}

function parseUrl(url: string, { setting }: ServerWords): URL {
  try {
    const parsed = new URL(url);
    if (parsed.protocol === "http:" || parsed.protocol === "https:") {
      return parsed;
    }
  } catch {
    // Reported below, without the text: a URL may hold credentials.
  }
  throw new ConnectionError(`${setting} is not an http(s) URL. Write it as https://superset.example.com (pulumi config set ${setting} …).`);
}

function toArray(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === "string" ? [value] : value;
}

function encodeBody(request: HttpRequest): { readonly body?: Buffer; readonly contentType?: string } {
  if (request.json !== undefined) {
    return { body: Buffer.from(JSON.stringify(request.json)), contentType: "application/json" };
  }
  const { form } = request;
  if (form === undefined) {
    return {};
  }
  const parts = Object.entries(form.fields).map(([name, value]) => Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`));
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${form.field}"; filename="${form.fileName}"\r\nContent-Type: application/zip\r\n\r\n`;
  return {
    body: Buffer.concat([...parts, Buffer.from(head), form.bytes, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]),
    contentType: `multipart/form-data; boundary=${BOUNDARY}`,
  };
}

/** All bytes of the stream; undefined when there are more than `limit`. */
async function readAll(stream: Readable, limit: number, signal: AbortSignal): Promise<Buffer | undefined> {
  const stop = (): void => void stream.destroy(new Error("time limit"));
  signal.addEventListener("abort", stop, { once: true });
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) {
        stream.destroy();
        return undefined;
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, size);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function failureOf(error: unknown, timedOut: boolean, seconds: number): Failure {
  if (timedOut) {
    return { code: "ETIMEDOUT", reason: `no complete answer within ${seconds} s`, reused: false };
  }
  const { code, message, cause, request } = error as {
    readonly code?: unknown;
    readonly message?: unknown;
    readonly cause?: { readonly code?: unknown };
    readonly request?: { readonly reusedSocket?: unknown };
  };
  const text = typeof message === "string" ? message : "unknown failure";
  const own = typeof code === "string" ? code : typeof cause?.code === "string" ? cause.code : "UNKNOWN";
  // A response cut off in the middle has no system error behind it.
  return own === "ERR_BAD_RESPONSE" || text === "aborted" 
    ? { code: "ECONNRESET", reason: "the connection broke in the middle of the answer", reused: false }
    : { code: own, reason: text, reused: request?.reusedSocket === true && (own === "ECONNRESET" || own === "EPIPE") };
}

function adviceFor(code: string, answered: boolean, { setting, variable }: ServerWords): string {
  if (/CERT|SIGNATURE|ERR_TLS/.test(code)) {
    return "Its TLS certificate is not trusted: name the issuing authority's file in NODE_EXTRA_CA_CERTS.";
  }
  if (code === "EPROTO" || code.startsWith("ERR_SSL")) {
    return `The server does not speak TLS there: check whether ${setting} should begin with http://.`;
  }
  return answered
    ? "It answered before: run the command again when it is back; what was written stays and is not written twice."
    : `Check ${setting}${variable === undefined ? "" : ` (or ${variable})`} and that the server is running.`;
}
