/** The pictures of the map: thumbnails, loaded one by one, and the thumbnail atlas. */

// Pictures kept in memory: 1,500 of 160 x 160 pixels are 150 MB decoded.
const MAX_PICTURES = 1500;

/** Pictures by URL, loaded at first use; the least recently used are dropped. */
export class Pictures {
  /** @param {() => void} onLoad called when a picture can be drawn */
  constructor(onLoad) {
    this.onLoad = onLoad;
    /** @type {Map<string, { image: HTMLImageElement, isLoaded: boolean }>} */
    this.entries = new Map();
  }

  /**
   * The picture; null until it is loaded, or if it cannot be.
   *
   * @param {string} url
   */
  get(url) {
    let entry = this.entries.get(url);
    if (entry) this.entries.delete(url);
    else entry = this.#load(url);
    // A Map iterates its keys in the order in which they were set: the first is the oldest.
    this.entries.set(url, entry);
    if (this.entries.size > MAX_PICTURES) {
      const [oldest] = this.entries.keys();
      this.entries.delete(oldest);
    }
    return entry.isLoaded ? entry.image : null;
  }

  /** @param {string} url */
  #load(url) {
    const entry = { image: new Image(), isLoaded: false };
    entry.image.src = url;
    entry.image.decode().then(
      () => {
        entry.isLoaded = true;
        this.onLoad();
      },
      () => {},
    );
    return entry;
  }
}

/**
 * The thumbnail atlas as the server sends it: one picture with square tiles in rows of `columns`.
 * Each tile is named by the id and the version of its model.
 *
 * @typedef {object} AtlasFile
 * @property {number} side px
 * @property {number} columns
 * @property {string[]} tiles
 * @property {string} picture a data URL
 */

/** All thumbnails, small, in one picture. */
export class Atlas {
  /** @param {() => void} onChange called when it is loaded, or cannot be */
  constructor(onChange) {
    this.onChange = onChange;
    this.url = "";
    /** Whether the first one is on its way; another one takes the place of the one that is there. */
    this.isLoading = false;
    this.side = 0;
    this.columns = 1;
    /** @type {HTMLImageElement | null} */
    this.image = null;
    /** @type {(number | undefined)[]} the tile of each point */
    this.tiles = [];
    /** The latest request; responses to earlier ones are ignored. */
    this.request = Symbol();
  }

  /** Discard the tiles, because the points have changed. */
  clear() {
    this.request = Symbol();
    this.url = "";
    this.isLoading = false;
    this.image = null;
    this.tiles = [];
  }

  /**
   * @param {string} url
   * @param {string[]} names of the tiles of the points
   */
  async load(url, names) {
    if (!url || this.url === url) return;
    this.url = url;
    this.isLoading = this.image === null;
    const request = (this.request = Symbol());
    try {
      const response = await fetch(url);
      /** @type {AtlasFile} */
      const { side, columns, tiles, picture } = await response.json();
      const image = new Image();
      image.src = picture;
      await image.decode();
      if (this.request !== request) return;
      const numbers = new Map(tiles.map((name, number) => [name, number]));
      this.tiles = names.map((name) => numbers.get(name));
      Object.assign(this, { image, side, columns });
    } catch {
      // The map works without an atlas: thumbnails are loaded one by one.
      if (this.request !== request) return;
    }
    this.isLoading = false;
    this.onChange();
  }

  /** @param {number} point */
  has(point) {
    return this.tiles[point] !== undefined;
  }

  /**
   * Draw a point's picture, if it is there.
   *
   * @param {CanvasRenderingContext2D} context
   * @param {number} point
   * @param {number} left
   * @param {number} top
   * @param {number} width
   */
  draw(context, point, left, top, width) {
    const tile = this.tiles[point];
    if (!this.image || tile === undefined) return;
    const { side, columns } = this;
    const tileLeft = (tile % columns) * side;
    const tileTop = Math.floor(tile / columns) * side;
    context.drawImage(this.image, tileLeft, tileTop, side, side, left, top, width, width);
  }
}
