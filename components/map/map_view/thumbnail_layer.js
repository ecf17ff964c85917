/** The points that are drawn as pictures, as many as fit without overlap. */

import { clamp } from "./geometry.js";
import { LANDMARK_SIDE, Layer } from "./layer.js";

/** @import { Atlas, Pictures } from "./pictures.js" */
/** @import { Scene } from "./scene.js" */
/** @import { Surface } from "./surface.js" */
/** @import { Size, Viewport } from "./viewport.js" */

/** @typedef {{ point: number, x: number, y: number, half: number }} Thumbnail as drawn */

const MIN_SIDE = 24; // px of a picture where points are dense
const MAX_SIDE = 96; // px of a picture when zoomed in, or where there are few
const FEW = 60; // models that all get a picture, however small
const COVERED = 0.1; // of the canvas that the pictures of a few models may take
const ROUNDED_FROM = 30; // px from which pictures have round corners, which take longer to draw
const SHARE = 0.94; // of its square or cell that a picture takes

export class ThumbnailLayer extends Layer {
  /**
   * @param {Surface} surface
   * @param {Scene} scene
   * @param {Viewport} viewport
   * @param {Pictures} pictures
   * @param {Atlas} atlas
   */
  constructor(surface, scene, viewport, pictures, atlas) {
    super(surface, scene, viewport);
    this.pictures = pictures;
    this.atlas = atlas;
    /** @type {Thumbnail[]} in the order in which they were drawn */
    this.drawn = [];
  }

  /** Begin a new frame. */
  clear() {
    this.drawn = [];
  }

  /**
   * The point whose thumbnail is at a place of the canvas, or -1. What was drawn last is on top.
   *
   * @param {number} left
   * @param {number} top
   */
  pointAt(left, top) {
    const hit = this.drawn.findLast(
      ({ x, y, half }) => Math.abs(left - x) <= half && Math.abs(top - y) <= half,
    );
    return hit?.point ?? -1;
  }

  /**
   * The side of a point's picture as it was drawn last; 0 for a point that is not a picture.
   *
   * @param {number} point
   */
  sideOf(point) {
    return 2 * (this.drawn.findLast((each) => each.point === point)?.half ?? 0);
  }

  /**
   * Draw points as pictures on the map, in squares that do not overlap.
   *
   * @param {Size} size
   */
  drawSquares(size) {
    const { k } = this.viewport;
    for (const { point, side } of this.#squares(size)) {
      this.#drawInView(point, side * k * SHARE, size);
    }
  }

  /**
   * The side of the largest pictures when all of the map is shown.
   *
   * @param {Size} size
   */
  largestSide({ width, height }) {
    const room = Math.sqrt((COVERED * width * height) / Math.max(1, this.scene.order.length));
    return clamp(room, LANDMARK_SIDE, MAX_SIDE);
  }

  /**
   * Squares around points; around a few as large as they can be while each point has one.
   *
   * @param {Size} size
   */
  #squares(size) {
    const { data, index, order } = this.scene;
    const { k, zoom } = this.viewport;
    const landmarksFirst = [...data.landmarks.map(({ point }) => point), ...order];
    const isActive = (/** @type {number} */ point) => this.scene.isActive(point);
    const smallest = order.length > FEW ? LANDMARK_SIDE : MIN_SIDE;
    for (let side = this.largestSide(size); ; side *= 0.85) {
      const least = Math.max(side, smallest);
      const largest = clamp(least * zoom ** 0.4, least, MAX_SIDE);
      const squares = index.squares(MIN_SIDE / k, largest / k, landmarksFirst, isActive);
      const isLast = least === smallest;
      if (isLast || squares.length === order.filter(isActive).length) return squares;
    }
  }

  /**
   * Draw the point of each cell as a picture.
   *
   * @param {Size} size
   */
  drawCells(size) {
    const { cell, order } = this.scene;
    const side = cell * this.viewport.k * SHARE;
    for (const point of order) {
      if (this.scene.isActive(point)) this.#drawInView(point, side, size);
    }
  }

  /**
   * @param {number} point
   * @param {number} side
   * @param {Size} size
   */
  #drawInView(point, side, { width, height }) {
    const [left, top] = this.onScreen(point);
    if (left > -side && top > -side && left < width + side && top < height + side) {
      this.draw(point, side);
    }
  }

  /**
   * Draw a point's picture on white, framed in its colour.
   *
   * @param {number} point
   * @param {number} side
   * @param {number} border
   */
  draw(point, side, border = 2) {
    const { context, atlas } = this;
    // A tile of the atlas is as good as a thumbnail where it is as large, and until that is loaded.
    const isTile = atlas.has(point) && side * this.surface.pixelRatio <= 1.2 * atlas.side;
    // Nor are thumbnails asked for while it is not known which of them the atlas makes needless.
    const waits = isTile || atlas.isLoading;
    const picture = waits ? null : this.pictures.get(this.scene.thumbnailUrl(point));
    if (!picture && !atlas.has(point)) return;
    const [x, y] = this.onScreen(point);
    const half = side / 2;
    const [left, top] = [x - half, y - half];
    context.globalAlpha = this.scene.isActive(point) ? 1 : 0.3;
    context.fillStyle = "#fff";
    context.strokeStyle = this.scene.colourOf(point);
    context.lineWidth = border;
    const isRounded = side >= ROUNDED_FROM;
    if (isRounded) {
      context.beginPath();
      context.roundRect(left, top, side, side, side / 8);
      context.fill();
    } else {
      context.fillRect(left, top, side, side);
    }
    const inner = side - 2 * border;
    if (picture) context.drawImage(picture, left + border, top + border, inner, inner);
    else atlas.draw(context, point, left + border, top + border, inner);
    if (isRounded) context.stroke();
    else context.strokeRect(left, top, side, side);
    context.globalAlpha = 1;
    this.drawn.push({ point, x, y, half });
  }
}
