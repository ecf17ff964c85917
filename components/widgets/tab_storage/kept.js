/** Texts in the tab's storage, each with the document that wrote it. */

const PREFIX = "kept ";

export class Kept {
  /**
   * @param {Pick<Storage, "getItem" | "setItem" | "removeItem"> | null} storage null where the
   *   browser forbids it
   * @param {number} document when the present document was opened, which tells it from others
   */
  constructor(storage, document) {
    this.storage = storage;
    this.document = document;
    /** @type {Map<string, string>} the texts that were written last, by name */
    this.written = new Map();
  }

  /**
   * The text of a name, or "". A text of another document is handed out only if the present one was
   * reopened: opened by a link, it is another page.
   *
   * @param {string} name
   * @param {{ wasReopened: boolean }} options
   */
  read(name, { wasReopened }) {
    const stored = this.storage?.getItem(PREFIX + name) ?? "";
    const end = stored.indexOf(" ");
    const isOurs = stored.slice(0, end) === String(this.document);
    return isOurs || wasReopened ? stored.slice(end + 1) : "";
  }

  /**
   * Keep a text in place of the one before; the empty text keeps nothing.
   *
   * @param {string} name
   * @param {string} text
   * @returns {boolean} whether there was room for it
   */
  write(name, text) {
    if (this.written.get(name) === text) return true;
    this.written.delete(name);
    try {
      // An old text must not come back in place of a new one that there is no room for.
      this.storage?.removeItem(PREFIX + name);
      if (text) this.storage?.setItem(PREFIX + name, `${this.document} ${text}`);
    } catch {
      return false;
    }
    this.written.set(name, text);
    return this.storage !== null || text === "";
  }
}
