/** What the map shows: the points, how they are coloured, and which of them are active. */

import { decodeBytes } from "./codec.js";
import { boundsOf, PointIndex } from "./point_index.js";
import { isBetterTurned, turned, turnedAll, turnedBack, turnedBox } from "./turn.js";

/** @import { Content } from "./content.js" */
/** @import { Point, Box } from "./geometry.js" */
/** @import { Stop } from "./tour.js" */
/** @import { Size } from "./viewport.js" */

/**
 * The cells of a category: its name, how many points it has, and the box that holds the cells.
 *
 * @typedef {{ name: string, count: number, box: Box }} Block
 */

/**
 * A layout in the shape of a canvas, with a cell for each point.
 *
 * @typedef {object} Arrangement
 * @property {string} name
 * @property {number} shape the width of the canvas for each unit of its height
 * @property {number} cell the side of a cell
 * @property {Box} box that holds all cells, and the names of all blocks
 * @property {Block[]} blocks none in a grid
 * @property {string} positions x and y of each point, uint16, in steps from -1 to 1, in base64
 */

/**
 * A point whose picture stands for a cluster, and the cluster's name.
 *
 * @typedef {{ point: number, name: string }} Landmark
 */

/**
 * Thumbnails without backgrounds: their URL, with {id}, {version} and {mask} to replace, and the
 * mask of each point, uint32; 0 for a point that has none.
 *
 * @typedef {{ template: string, masks: string }} CutOuts
 */

/**
 * What Python passes. Arrays of numbers are in base64.
 *
 * @typedef {object} MapData
 * @property {string} points the URL of the points
 * @property {string} atlas the URL of the atlas, or ""
 * @property {string} pictures the URL of a thumbnail, with {id} and {version} to replace
 * @property {CutOuts | null} cut_outs what is shown in place of thumbnails
 * @property {string} label of the map, for screen readers
 * @property {string} layout the name of the layout to show
 * @property {string} arrangements the URL of the layout's arrangements; "" for the map itself
 * @property {string} groups the group of each point, uint8
 * @property {string[]} colours of the groups
 * @property {string} other the colour of points in no group
 * @property {string} faded which points do not match the filters, bool; "" where all match
 * @property {string} selected which points are selected, bool; "" where there is no selection
 * @property {number} marked the point of the marked model, or -1
 * @property {number[]} linked the points that lines lead to
 * @property {string[]} linked_pictures thumbnails of the first of these, as data URLs; or ""
 * @property {number[]} ahead the points whose thumbnails the page of the marked model shows
 * @property {{ src: string, places: Record<string, Point> } | null} query the picture of a query,
 *   which is no point, and its place in each arrangement
 * @property {{ text: string, points: number[], words: string[] } | null} found by words, the best
 *   match first; or else words to search for instead
 * @property {Landmark[]} landmarks those of larger clusters first
 * @property {{ landmarks: boolean, pictures: boolean, cards: boolean }} shown which layers
 * @property {Stop[]} stops of the tour
 * @property {{ tag: string, boxes: Record<string, Box>, follow: boolean } | null} frame what to
 *   show: a box for each arrangement
 * @property {string} view what the URL says of the view
 * @property {string} model_url the URL of a model, but for its id; "" in a map of one file
 * @property {string} drawing_url where to draw what is searched for in vain
 */

/**
 * The points, as the server sends them. Arrays of numbers are in base64.
 *
 * @typedef {object} Points
 * @property {string[]} ids
 * @property {string[]} names
 * @property {string[]} versions of their thumbnails
 * @property {string[]} categories all categories of the points
 * @property {string} category the category of each, by its number, uint16
 * @property {Record<string, string>} layouts x and y of each, float32, of the map
 * @property {string} [clusters] the cluster of each, by its number, int16; -1 is none
 * @property {string[]} [pictures] their thumbnails, in a map that is one file
 */

/** What the indices of the map begin with: as it is, and turned. */
const MAP = "map";

/** @type {Points} */
const NO_POINTS = { ids: [], names: [], versions: [], categories: [], category: "", layouts: {} };

export class Scene {
  /** @param {MapData} data */
  constructor(data) {
    this.points = NO_POINTS;
    /** @type {Map<string, PointIndex>} by the name of the arrangement, as far as they were shown */
    this.indices = new Map();
    /** @type {Arrangement[]} of the layout, in several shapes; none for the map itself */
    this.arrangements = [];
    /** @type {Arrangement | null} the one that is shown; null on the map */
    this.arrangement = null;
    /** x and y of each point in turn, of the map as it is stored. */
    this.stored = new Float32Array();
    /** Whether the map is shown turned, as it fills a high canvas. */
    this.isTurned = false;
    /** The points in the order in which they become pictures. */
    this.order = shuffled(0);
    this.categories = new Uint16Array();
    this.clusters = new Int16Array();
    /** The cluster that the tour shows alone, or -1. */
    this.toured = -1;
    this.index = new PointIndex([]);
    /** Whether there is a layout to draw. */
    this.isLoaded = false;
    /** The point that the pointer or the keyboard is on, or -1. */
    this.hovered = -1;
    /** The point whose card is shown, or -1. */
    this.chosen = -1;
    /** Changes with the points and with which of them are active. */
    this.revision = 0;
    /** @type {Point[] | null} the corners, on the canvas, of the lasso or box being drawn */
    this.shape = null;
    this.data = data;
    /** @type {string | null} what Python said last of colours and of active points, if it holds */
    this.activity = null;
    this.groups = new Uint8Array();
    this.faded = new Uint8Array();
    this.masks = new Uint32Array();
    /** @type {Uint8Array | null} which points are selected: 1 or 0 for each */
    this.selected = null;
  }

  /** @param {MapData} data */
  setData(data) {
    this.data = data;
    this.masks = new Uint32Array(decodeBytes(data.cut_outs?.masks ?? "").buffer);
    this.shape = null;
    // A click on a point changes none of these; to choose pictures again would take its time.
    const activity = [data.groups, data.colours, data.faded, data.selected].join(" ");
    if (activity === this.activity) return;
    this.groups = decodeBytes(data.groups);
    this.faded = decodeBytes(data.faded);
    this.setSelected(data.selected ? decodeBytes(data.selected) : null);
    this.activity = activity;
  }

  /**
   * @param {Points} points
   * @param {Arrangement[]} arrangements of the layout that is to be shown
   */
  setPoints(points, arrangements) {
    this.points = points;
    this.arrangements = arrangements;
    this.stored = new Float32Array(decodeBytes(points.layouts[MAP]).buffer);
    this.categories = new Uint16Array(decodeBytes(points.category).buffer);
    this.clusters = new Int16Array(decodeBytes(points.clusters ?? "").buffer);
    this.indices.clear();
    this.order = shuffled(points.ids.length);
    this.activeChanged();
  }

  /** @param {Arrangement[]} arrangements of the layout that is to be shown */
  setArrangements(arrangements) {
    this.arrangements = arrangements;
    for (const name of this.indices.keys()) {
      if (!name.startsWith(MAP)) this.indices.delete(name);
    }
  }

  /** @param {Uint8Array | null} selected */
  setSelected(selected) {
    this.selected = selected;
    this.activity = null;
    this.activeChanged();
  }

  /** Choose again which points become pictures: that depends on which are active. */
  activeChanged() {
    this.revision++;
    for (const index of this.indices.values()) index.clearSquares();
  }

  /**
   * Switch to the layout that Python names, in the arrangement that fits a canvas best; or to the map,
   * turned if that fits better.
   *
   * @param {{ shape: number, size: Size }} canvas its size, and the width that is free of it for each
   *   unit of the height
   */
  showLayout({ shape, size }) {
    this.arrangement = this.arrangementFor(shape);
    const { layout } = this.data;
    this.isLoaded = this.arrangement !== null || Object.hasOwn(this.points.layouts, layout);
    if (!this.isLoaded) return;
    this.isTurned = this.isTurnedIn(size);
    const name = this.arrangement?.name ?? (this.isTurned ? `${MAP}, turned` : MAP);
    this.index = this.indices.get(name) ?? new PointIndex(this.#positions());
    this.indices.set(name, this.index);
  }

  /** @param {number} shape */
  arrangementFor(shape) {
    /** @param {Arrangement} each */
    const misfit = (each) => Math.abs(Math.log(each.shape / shape));
    return this.arrangements.toSorted((a, b) => misfit(a) - misfit(b))[0] ?? null;
  }

  /**
   * Whether what is shown is the map, and fills a canvas better if it is turned.
   *
   * @param {Size} size
   */
  isTurnedIn(size) {
    return this.arrangement === null && isBetterTurned(boundsOf(this.stored), size);
  }

  #positions() {
    if (!this.arrangement) return this.isTurned ? turnedAll(this.stored) : this.stored;
    const steps = new Uint16Array(decodeBytes(this.arrangement.positions).buffer);
    return Float32Array.from(steps, (step) => (step / 65535) * 2 - 1);
  }

  /** What Python calls what is shown: the name of the arrangement, or "map". */
  get shownName() {
    return this.arrangement?.name ?? MAP;
  }

  /**
   * Where a place of the layout as Python and the URL know it is shown.
   *
   * @param {Point} place
   */
  toShown(place) {
    return this.isTurned ? turned(place) : place;
  }

  /**
   * The place of the layout, as Python and the URL know it, that is shown at a place.
   *
   * @param {Point} place
   */
  toStored(place) {
    return this.isTurned ? turnedBack(place) : place;
  }

  /**
   * Where a box of the layout as Python knows it is shown.
   *
   * @param {Box} box
   */
  shownBox(box) {
    return this.isTurned ? turnedBox(box) : box;
  }

  /** The side of a cell; 0 on the map, which has none. */
  get cell() {
    return this.arrangement?.cell ?? 0;
  }

  /** The box that is shown as a whole. */
  get bounds() {
    return this.arrangement?.box ?? this.index.bounds;
  }

  /** @param {number} cluster that the tour shows alone, or -1 */
  setToured(cluster) {
    if (cluster === this.toured) return;
    this.toured = cluster;
    this.activeChanged();
  }

  /**
   * Whether a point matches the filters and, if there is a selection, is selected; on a tour,
   * whether it is in the cluster that is shown.
   *
   * @param {number} point
   */
  isActive(point) {
    if (this.toured >= 0) return this.clusters[point] === this.toured;
    return !this.faded[point] && (!this.selected || this.selected[point] === 1);
  }

  /** @param {number} point */
  colourOf(point) {
    return this.data.colours[this.groups[point]] ?? this.data.other;
  }

  /** @param {number} point */
  categoryOf(point) {
    return this.points.categories[this.categories[point]];
  }

  /**
   * @param {number} point
   * @returns {Point}
   */
  positionOf(point) {
    return [this.index.x[point], this.index.y[point]];
  }

  /** The place of the query or of the marked point, if there is one. */
  get focus() {
    const { query, marked } = this.data;
    // The answer for a layout comes before its points.
    const place = query?.places[this.shownName];
    if (query) return place ? this.toShown(place) : null;
    return marked >= 0 ? this.positionOf(marked) : null;
  }

  /** @param {number} point */
  thumbnailUrl(point) {
    const { pictures, ids, versions } = this.points;
    if (pictures) return pictures[point];
    const mask = this.masks[point];
    const template = mask ? this.data.cut_outs?.template : undefined;
    return (template ?? this.data.pictures)
      .replaceAll("{mask}", () => mask.toString(16).padStart(8, "0"))
      .replaceAll("{id}", () => encodeURIComponent(ids[point]))
      .replaceAll("{version}", () => encodeURIComponent(versions[point]));
  }

  /**
   * @param {number} point
   * @returns {Content}
   */
  contentOf(point) {
    return {
      src: this.thumbnailUrl(point),
      name: this.points.names[point],
      detail: this.categoryOf(point),
    };
  }

  /** What the points are called in the atlas. */
  get tileNames() {
    return this.points.ids.map((id, point) => `${id}.${this.points.versions[point]}`);
  }
}

/**
 * The numbers 0 to n - 1 in an order that looks random and is always the same.
 *
 * @param {number} n
 */
export function shuffled(n) {
  const order = Array.from({ length: n }, (_, i) => i);
  let seed = 1;
  for (let i = n - 1; i > 0; i--) {
    seed = (seed * 48271) % 2147483647; // Park and Miller, 1988
    const j = seed % (i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
