/** The files of the map on the server: its points, and the arrangements of its layouts. */

/** @import { Arrangement, Points } from "./scene.js" */

const MAX_FILES = 4; // that are kept

export class MapFiles {
  constructor() {
    // The URLs of the points and of their arrangements that were asked for last.
    this.points = "";
    this.arrangements = "";
    /** @type {Map<string, Promise<any>>} what is at a URL */
    this.files = new Map();
  }

  /**
   * Whether these were asked for last.
   *
   * @param {string} points
   * @param {string} arrangements
   */
  areLatest(points, arrangements) {
    return this.points === points && this.arrangements === arrangements;
  }

  /**
   * Load points and arrangements of them; null if others were asked for meanwhile.
   *
   * @param {string} points their URL
   * @param {string} arrangements their URL; "" for the map itself, which has none
   * @returns {Promise<{ points: Points, arrangements: Arrangement[] } | null>}
   * @throws {Error} if they are not there
   */
  async load(points, arrangements) {
    [this.points, this.arrangements] = [points, arrangements];
    const wanted = [this.#file(points), arrangements ? this.#file(arrangements) : []];
    const [loaded, arranged] = await Promise.all(wanted).catch((error) => {
      if (this.areLatest(points, arrangements)) throw error;
      return [];
    });
    if (!this.areLatest(points, arrangements)) return null;
    return { points: loaded, arrangements: arranged };
  }

  /**
   * What is at a URL; it is not asked for again when a person goes back to a layout.
   *
   * @param {string} url
   */
  #file(url) {
    const known = this.files.get(url);
    if (known) return known;
    const file = fetch(url).then((response) => {
      if (!response.ok) throw new Error(String(response.status));
      return response.json();
    });
    file.catch(() => this.files.delete(url));
    this.files.set(url, file);
    if (this.files.size > MAX_FILES) this.files.delete([...this.files.keys()][0]);
    return file;
  }
}
