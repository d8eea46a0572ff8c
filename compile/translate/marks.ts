/**
 * Template source inside a text that is otherwise literal: what is written into a template stays marked until all of it is put together, so
 * that only what is meant as text is protected from being rendered.
 */

/** First and last character of a piece of template source: private use, so that no text has them by accident. */
const OPEN = "\uF8E0";
const CLOSE = "\uF8E1";
const MARKED = new RegExp(`${OPEN}([^${CLOSE}]*)${CLOSE}`, "g");

/** Marks a piece of template source (`{{ ENV }}`). */
export function marked(source: string): string {
  return `${OPEN}${source}${CLOSE}`;
}

/** Whether there is a mark, or a character that would be taken for one. */
export function hasMarks(text: string): boolean {
  return text.includes(OPEN) || text.includes(CLOSE);
}

/** What would begin a tag, or end a comment that was never begun (nunjucks refuses that). */
const DELIMITER = /\{[%{#]|#\}/;
/** From the first delimiter to the end of the last tag: what has to stand between raw tags. */
const DELIMITED = /(?:\{[%{#]|#\})(?:[\s\S]*(?:[%}]\}|#\}|\{[%{#]))?/;
const RAW_TAG = /\{%-?\s*(?:end)?(?:raw|verbatim)\b/;

/** A marked text in which everything else that would be rendered stands between raw tags, marked as well. */
export function protectedText(text: string): string {
  return pieces(text).map((piece) => {
    if (piece.startsWith(OPEN)) {
      return piece;
    }
    return RAW_TAG.test(piece) ? shown(piece) : piece.replace(DELIMITED, (tags) => `${marked("{% raw %}")}${tags}${marked("{% endraw %}")}`);
  }).join("");
}

/** A text with what was marked in it as it is. */
export function unmarked(text: string): string {
  return text.replace(MARKED, (_, source: string) => source);
}

/**
 * The source of a marked text: its marks as they are, and everything else so that it renders as itself.
 * @param raw it is put between raw tags, where nothing is rendered
 */
export function templateSource(text: string, raw: boolean): string {
  if (!raw) {
    return unmarked(protectedText(text));
  }
  const rendered = (source: string): string => `{% endraw %}${unmarked(source)}{% raw %}`;
  return pieces(text).map((piece) => (piece.startsWith(OPEN) ? rendered(piece) : RAW_TAG.test(piece) ? rendered(shown(piece)) : piece)).join("");
}

/** What is marked, and what stands between. */
function pieces(text: string): string[] {
  return text.split(new RegExp(`(${OPEN}[^${CLOSE}]*${CLOSE})`));
}

/** A text that cannot stand between raw tags, with its delimiters printed by expressions. */
function shown(text: string): string {
  return text.replace(/\{[%{#]|#\}/g, (delimiter) => marked(`{{ '${delimiter}' }}`));
}

/** Whether a text has to be protected from being rendered. */
export function needsProtection(text: string): boolean {
  return DELIMITER.test(text.replace(MARKED, ""));
}

/** A marked text without its marks and what they hold. */
export function withoutMarks(text: string): string {
  return text.replace(MARKED, "");
}
