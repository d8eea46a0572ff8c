/** What an answer of a server says, in our words. */
import { ConnectionError } from "../errors";
import { isObject, type JsonObject } from "../json";
import type { Http, HttpRequest, HttpResponse } from "./http";

/** Whether the server sends us elsewhere. We never go there. */
export function isRedirect(response: HttpResponse): boolean {
  return response.status >= 300 && response.status < 400;
}

/**
 * Whether the login is refused: 401; 422 with `msg` (flask-jwt-extended's answer to a malformed or foreign token); a redirect to the login page, which
 * is what Superset makes of a missing CSRF token when the body is not JSON (views/error_handling.py).
 */
export function isAuthFailure(response: HttpResponse): boolean {
  if (response.status === 401) {
    return true;
  }
  if (response.status === 422) {
    return typeof bodyOf(response)?.["msg"] === "string";
  }
  return isRedirect(response) && /\/login\/?(\?|$)/.test(response.headers["location"] ?? "");
}

/** The body as a JSON object; undefined where it is none. */
export function bodyOf(response: HttpResponse): JsonObject | undefined {
  if (!/json/.test(response.headers["content-type"] ?? "")) {
    return undefined;
  }
  try {
    const body: unknown = JSON.parse(response.body.toString("utf8"));
    return isObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

/** Status and the server's own words, shortened, without any secret the connection knows: for messages. */
export function redacted(http: Http, response: HttpResponse): string {
  return http.redactor.redact(describe(response));
}

function describe(response: HttpResponse): string {
  const body = bodyOf(response);
  const words = body === undefined ? undefined : messageOf(body);
  const type = (response.headers["content-type"] ?? "no content type").split(";")[0];
  return `${response.status}: ${words === undefined ? `a body of ${type}` : words.length > 400 ? `${words.slice(0, 400)}…` : words}`;
}


function messageOf(body: JsonObject): string {
  const errors = body["errors"];
  if (Array.isArray(errors)) {
    return errors.map((error: unknown) => (isObject(error) && typeof error["message"] === "string" ? error["message"] : JSON.stringify(error))).join("; ");
  }
  const message = body["message"] ?? body["msg"] ?? body["error"];
  return typeof message === "string" ? message : JSON.stringify(message ?? body);
}

/** The URL leads somewhere, but not to `what`. `check`: what to look at, one or two sentences. */
export function notAtAddress(http: Http, request: Pick<HttpRequest, "method" | "path">, response: HttpResponse, what: string, check: string): ConnectionError {
  const to = response.headers["location"];
  const answer = isRedirect(response) && to !== undefined ? `redirects to ${http.redactor.redact(to.split("?")[0] ?? "")}` : `answers with ${redacted(http, response)}`;
  return new ConnectionError(`${http.url} is not the address of ${what}: ${request.method} ${request.path} ${answer}. ${check}`);
}

/** The URL leads somewhere, but not to Superset's API. */
export function notSuperset(http: Http, request: Pick<HttpRequest, "method" | "path">, response: HttpResponse): ConnectionError {
  const check = "Check superset:url (or SUPERSET_URL): it is the address of Superset's own start page, with https:// where the server wants it and without /superset/welcome.";
  return notAtAddress(http, request, response, "a Superset", check);
}
