/** The scroll position of each entry of the browser's history, kept as long as the tab. */

const PREFIX = "scrolled ";

/**
 * How far a page and its rows are scrolled.
 *
 * @typedef {object} Position
 * @property {number} top of the page, in px
 * @property {Record<string, number>} rows px from the left of the rows that are scrolled, by name
 */

export class Positions {
  /** @param {Pick<Storage, "getItem" | "setItem" | "removeItem">} storage */
  constructor(storage) {
    this.storage = storage;
  }

  /**
   * The position of an entry; the top for one that was never left.
   *
   * @param {string | undefined} key of the entry
   * @returns {Position}
   */
  at(key) {
    const { top, rows } = parsed(this.storage.getItem(`${PREFIX}${key}`));
    const scrolled = Object.entries(rows ?? {}).filter(([, left]) => isFar(left));
    return { top: top && isFar(top) ? top : 0, rows: Object.fromEntries(scrolled) };
  }

  /**
   * @param {string} key
   * @param {Position} position
   */
  put(key, { top, rows }) {
    const scrolled = Object.entries(rows).map(([name, left]) => [name, Math.round(left)]);
    const position = { top: Math.round(top), rows: Object.fromEntries(scrolled) };
    try {
      if (top > 0 || scrolled.length > 0) {
        this.storage.setItem(`${PREFIX}${key}`, JSON.stringify(position));
      } else {
        this.storage.removeItem(`${PREFIX}${key}`);
      }
    } catch {
      // The tab's storage is full: the page opens at its top.
    }
  }
}

/**
 * @param {string | null} text
 * @returns {Partial<Position>}
 */
function parsed(text) {
  try {
    return JSON.parse(text ?? "{}") ?? {};
  } catch {
    return {};
  }
}

/** @param {unknown} distance */
function isFar(distance) {
  return typeof distance === "number" && Number.isFinite(distance) && distance > 0;
}
