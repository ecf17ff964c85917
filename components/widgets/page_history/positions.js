/** The scroll position of each entry of the browser's history, kept as long as the tab. */

const PREFIX = "scrolled ";

export class Positions {
  /** @param {Pick<Storage, "getItem" | "setItem" | "removeItem">} storage */
  constructor(storage) {
    this.storage = storage;
  }

  /**
   * The position of an entry in px from the top; 0 for one that was never left.
   *
   * @param {string | undefined} key of the entry
   */
  at(key) {
    const top = Number(this.storage.getItem(`${PREFIX}${key}`));
    return Number.isFinite(top) && top > 0 ? top : 0;
  }

  /**
   * @param {string} key
   * @param {number} top
   */
  put(key, top) {
    try {
      if (top > 0) this.storage.setItem(`${PREFIX}${key}`, String(Math.round(top)));
      else this.storage.removeItem(`${PREFIX}${key}`);
    } catch {
      // The tab's storage is full: the page opens at its top.
    }
  }
}
