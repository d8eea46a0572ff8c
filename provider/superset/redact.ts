const MASK = "***";

/** Takes secrets out of texts people read. Knows the values it was told, and what credentials look like in URLs and headers. */
export class Redactor {
  readonly #secrets = new Set<string>();

  /** Hide this value from now on. Values under four characters are not tracked: hiding them would garble every text. */
  hide(secret: string | undefined): void {
    if (secret === undefined || secret.length < 4 || /^[X*]+$/.test(secret)) {
      return;
    }
    this.#secrets.add(secret);
    const encoded = encodeURIComponent(secret);
    if (encoded !== secret) {
      this.#secrets.add(encoded);
    }
  }

  /** The text without any known secret. */
  redact(text: string): string {
    let result = text;
    for (const secret of [...this.#secrets].sort((a, b) => b.length - a.length)) {
      result = result.split(secret).join(MASK);
    }
    return result
      .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s@/]+@/gi, `$1${MASK}@`)
      .replace(/\b(Bearer|session=)\s*[\w.\-~+/]{8,}=*/gi, `$1 ${MASK}`);
  }
}
