/**
 * Secrets during compilation: a secret variable renders as a token that names the variable, never as its value. The value is put
 * in when the asset is written to Superset.
 */

/** First and last character of a token: private use, so that no template contains them by accident. */
const OPEN = "\uF8F0";
const CLOSE = "\uF8F1";
const TOKEN_SPLIT = new RegExp(`(${OPEN}[^${OPEN}${CLOSE}]+${CLOSE})`);
const TOKEN = new RegExp(`${OPEN}([^${OPEN}${CLOSE}|]+)(\\|urlencode)?${CLOSE}`, "g");

/** A secret variable as it stands in a rendered text. `urlEncoded`: its value is percent-encoded when it is put in. */
interface Placeholder {
  readonly variable: string;
  readonly urlEncoded: boolean;
}

/** The token of a variable; `variable` is dotted inside a map (`db.password`). */
export function placeholder(variable: string, urlEncoded = false): string {
  return `${OPEN}${variable}${urlEncoded ? "|urlencode" : ""}${CLOSE}`;
}

/** Whether a text holds a token, or a part of one. */
export function hasPlaceholder(text: string): boolean {
  return text.includes(OPEN) || text.includes(CLOSE);
}

/** The tokens of a text, in order. */
export function placeholdersIn(text: string): Placeholder[] {
  return [...text.matchAll(TOKEN)].map((match) => ({ variable: match[1] ?? "", urlEncoded: match[2] !== undefined }));
}

/** Whether nothing of a token remains when its whole tokens are taken out (a filter may have cut one in two). */
export function placeholdersIntact(text: string): boolean {
  return !hasPlaceholder(text.replace(TOKEN, ""));
}

/** Marks every token of a text so that its value is percent-encoded when it is put in (`urlencode` on text that has tokens). */
export function urlEncodePlaceholders(text: string): string {
  return text
    .split(TOKEN_SPLIT)
    .map((part) => (hasPlaceholder(part) ? part.replace(TOKEN, (_, variable: string) => placeholder(variable, true)) : encodeURIComponent(part)))
    .join("");
}
/**
 * The text with the secrets put in. `value` gives a variable's clear text. In JSON text, values inside strings are escaped as JSON
 * needs it (a key file has line ends). Never log or store the result.
 */
export function revealSecrets(text: string, value: (variable: string) => string): string {
  const reveal = (part: string): string => part.replace(TOKEN, (_, variable: string, encoded: string | undefined) =>
    encoded === undefined ? value(variable) : encodeURIComponent(value(variable)));
  if (text.startsWith("{") && hasPlaceholder(text)) {
    try {
      return JSON.stringify(JSON.parse(text, (_, part: unknown) => (typeof part === "string" ? reveal(part) : part)));
    } catch (error) {
      if (!(error instanceof SyntaxError)) {
        throw error;
      }
      // Not JSON before the values are in: `{"info": {{ KEY_FILE }}}`.
    }
  }
  return reveal(text);
}
