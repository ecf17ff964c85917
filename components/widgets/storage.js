/** The storage of a browser's tab, which a browser may forbid: the property itself throws then. */

/** @returns {Storage | null} */
export function tabStorage() {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}

/** Keeps texts as long as the page is not loaded again. */
export class MemoryStorage {
  constructor() {
    /** @type {Map<string, string>} */
    this.texts = new Map();
  }

  /** @param {string} key */
  getItem(key) {
    return this.texts.get(key) ?? null;
  }

  /**
   * @param {string} key
   * @param {string} text
   */
  setItem(key, text) {
    this.texts.set(key, text);
  }

  /** @param {string} key */
  removeItem(key) {
    this.texts.delete(key);
  }
}
