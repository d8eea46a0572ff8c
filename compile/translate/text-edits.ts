/** Edits put into the text of a file: every byte that no edit is about stays, line ends and byte order mark too. */
import { plainText } from "../render";
import { tagsOf } from "../template-tags";
import { templateSource } from "./marks";
import type { Edit } from "./source-map";

/** Whether no edit falls into another one. */
export function areApart(edits: readonly Edit[]): boolean {
  return edits.every((edit, index) => edits.every((other, place) => place <= index || other.file !== edit.file || other.start >= edit.end || edit.start >= other.end));
}

/**
 * The file's text after the edits, none of which may overlap.
 * @param text as it is on the disk; the edits count without its byte order mark, each line end as one character
 * @param template what an edit says as text is protected from being rendered
 */
export function withEdits(text: string, edits: readonly Edit[], template: boolean): string {
  const raw = template ? tagsOf(plainText(text)).filter((tag) => tag.raw === true) : [];
  const mark = text.startsWith("\ufeff") ? "\ufeff" : "";
  const body = text.slice(mark.length);
  const windows = /\r\n/.test(body);
  const breaks = [...body.matchAll(/\r\n/g)].map((match) => match.index);
  let [result, at, seen] = [mark, 0, 0];
  /** Offsets in `body`: one more for every line end of two characters before. */
  const real = (offset: number): number => {
    while (seen < breaks.length && (breaks[seen] ?? 0) - seen < offset) {
      seen += 1;
    }
    return offset + seen;
  };
  // Of several insertions at one place the last one comes first: changes of a list are made from its end on.
  for (const edit of [...edits].reverse().sort((left, right) => left.start - right.start || left.end - right.end)) {
    const source = template ? templateSource(edit.text, raw.some((tag) => tag.start <= edit.start && edit.start <= tag.end)) : edit.text;
    const start = real(edit.start);
    result += body.slice(at, start) + (windows ? source.replaceAll("\n", "\r\n") : source);
    at = real(edit.end);
  }
  return result + body.slice(at);
}
