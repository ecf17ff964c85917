/** Which part of the map is visible, and at which scale. */

import { clamp } from "./geometry.js";

/** @import { Box, Point } from "./geometry.js" */
/** @import { Extent } from "./view_path.js" */

/**
 * The size of the canvas, how wide the strips at its sides are that something floats over, and how
 * much stays free around what is shown, in CSS pixels; and the largest scale that shows all.
 *
 * @typedef {object} Size
 * @property {number} width
 * @property {number} height
 * @property {number} [top]
 * @property {number} [right]
 * @property {number} [bottom]
 * @property {number} [left]
 * @property {number} [margin]
 * @property {number} [leastMargin] where no margin is given
 * @property {number} [maxK]
 */

/**
 * A point (x, y) of the map is drawn at (tx + k x, ty - k y): y goes up on the map, and down
 * on the screen.
 *
 * @typedef {{ k: number, tx: number, ty: number }} Transform
 */

// px around the points when all are shown, if nothing else is said: room for landmarks and names
export const MARGIN = 48;
// how many times the map can be enlarged
export const MAX_ZOOM = 400;
const MIN_ZOOM = 0.6;

export class Viewport {
  constructor() {
    this.k = 0;
    this.tx = 0;
    this.ty = 0;
    /** @type {Transform} that shows all of the map */
    this.overview = { k: 0, tx: 0, ty: 0 };
  }

  get isReady() {
    return this.k > 0;
  }

  /** How many times larger than in the overview. */
  get zoom() {
    return this.k / this.overview.k;
  }

  /** @returns {Transform} */
  get transform() {
    return { k: this.k, tx: this.tx, ty: this.ty };
  }

  /** @param {Transform} transform */
  set({ k, tx, ty }) {
    Object.assign(this, { k, tx, ty });
  }

  /**
   * @param {number} x
   * @param {number} y
   * @returns {Point}
   */
  toScreen(x, y) {
    return [this.tx + this.k * x, this.ty - this.k * y];
  }

  /**
   * @param {number} left
   * @param {number} top
   * @returns {Point}
   */
  toWorld(left, top) {
    return [(left - this.tx) / this.k, (this.ty - top) / this.k];
  }

  /** Whether all of the map is shown, to within a few pixels. */
  get showsAll() {
    return (
      Math.abs(this.zoom - 1) < 0.01 &&
      Math.abs(this.tx - this.overview.tx) < 4 &&
      Math.abs(this.ty - this.overview.ty) < 4
    );
  }

  /**
   * Show all of the map.
   *
   * @param {Box} bounds the box that holds all points
   * @param {Size} size
   */
  showAll(bounds, size) {
    this.setOverview(bounds, size);
    this.set(this.overview);
  }

  /**
   * Say what `overview` has to show, without going there.
   *
   * @param {Box} bounds the box that holds all points
   * @param {Size} size
   */
  setOverview(bounds, size) {
    this.overview = fitted(bounds, size, size.maxK ?? Infinity);
  }

  /**
   * Keep the middle and the zoom in a canvas of another size; or show all, if all was shown.
   *
   * @param {Box} bounds the box that holds all points
   * @param {Size} before
   * @param {Size} size
   */
  resize(bounds, before, size) {
    if (this.showsAll) return this.showAll(bounds, size);
    const [x, y] = this.toWorld(before.width / 2, before.height / 2);
    const { zoom } = this;
    this.setOverview(bounds, size);
    this.set(around(x, y, this.overview.k * zoom, size));
  }

  /**
   * The transform in which a box fills the canvas.
   *
   * @param {Box} box
   * @param {Size} size
   */
  fitBox(box, size) {
    return fitted(box, size, this.overview.k * MAX_ZOOM);
  }

  /**
   * Zoom about a point of the canvas, which stays where it is.
   *
   * @param {number} factor
   * @param {number} left
   * @param {number} top
   */
  zoomBy(factor, left, top) {
    const k = clamp(this.k * factor, this.overview.k * MIN_ZOOM, this.overview.k * MAX_ZOOM);
    const by = k / this.k;
    this.set({ k, tx: left - (left - this.tx) * by, ty: top - (top - this.ty) * by });
  }

  /**
   * @param {number} right
   * @param {number} down
   */
  panBy(right, down) {
    this.tx += right;
    this.ty += down;
  }
}

/**
 * The transform whose middle is a point of the map.
 *
 * @param {number} x
 * @param {number} y
 * @param {number} k
 * @param {Size} size
 * @returns {Transform}
 */
export function around(x, y, k, { width, height }) {
  return { k, tx: width / 2 - k * x, ty: height / 2 + k * y };
}

/**
 * The transform after a share of the way from one to another.
 *
 * @param {Transform} from
 * @param {Transform} to
 * @param {number} share
 * @returns {Transform}
 */
export function between(from, to, share) {
  return {
    k: from.k + (to.k - from.k) * share,
    tx: from.tx + (to.tx - from.tx) * share,
    ty: from.ty + (to.ty - from.ty) * share,
  };
}

/**
 * What of the map a transform shows on a canvas.
 *
 * @param {Transform} transform
 * @param {Size} size
 * @returns {Extent}
 */
export function extentOf({ k, tx, ty }, { width, height }) {
  return { x: (width / 2 - tx) / k, y: (ty - height / 2) / k, width: width / k };
}

/**
 * The transform in which a box fills the canvas, except for a margin and for what is covered; where
 * that leaves less than half of a side, nothing counts as covered.
 *
 * @param {Box} box
 * @param {Size} size
 * @param {number} maxK
 */
function fitted([left, bottom, right, top], size, maxK) {
  const { before, above, across, down, margin } = freeRoom(size);
  const k = Math.min(
    (across - 2 * margin) / Math.max(right - left, 1e-6),
    (down - 2 * margin) / Math.max(top - bottom, 1e-6),
    maxK,
  );
  const middle = around((left + right) / 2, (bottom + top) / 2, k, { width: across, height: down });
  return { k, tx: middle.tx + before, ty: middle.ty + above };
}

/**
 * The shape of what is free of a canvas: its width for each unit of its height.
 *
 * @param {Size} size
 */
export function freeShape(size) {
  const { across, down, margin } = freeRoom(size);
  return (across - 2 * margin) / (down - 2 * margin);
}

/** @param {Size} size */
function freeRoom(size) {
  const [before, across] = free(size.width, size.left, size.right);
  const [above, down] = free(size.height, size.top, size.bottom);
  // On a phone the landmarks have room enough, and their names move inwards at its sides.
  const usual = Math.min(MARGIN, across / 14, down / 6);
  const margin = size.margin ?? Math.max(usual, size.leastMargin ?? 0);
  return { before, above, across, down, margin };
}

/**
 * Where the free part of a side begins, and how long it is.
 *
 * @param {number} length
 * @param {number} [before]
 * @param {number} [after]
 */
function free(length, before = 0, after = 0) {
  const left = length - before - after;
  return left < length / 2 ? [0, length] : [before, left];
}
