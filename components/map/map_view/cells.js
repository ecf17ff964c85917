/** The cells of a grid, and of the blocks by category: how they are drawn, and as one picture. */

import { Layer } from "./layer.js";

/** @import { Atlas } from "./pictures.js" */
/** @import { Scene } from "./scene.js" */
/** @import { Surface } from "./surface.js" */
/** @import { Size, Viewport } from "./viewport.js" */

/** @typedef {"points" | "sprite" | "thumbnails"} CellMode */

const SPRITE_FROM_SIDE = 4; // px a cell must have for pictures
const MAX_SPRITE_POINTS = 30_000; // points in cells that are drawn as one picture
const THUMBNAILS_FROM_SIDE = 26; // px a cell must have for thumbnails, which are sharper
const MAX_THUMBNAILS = 900; // such thumbnails in view

/**
 * How cells are drawn: as points, as one sprite of small pictures, or as thumbnails.
 *
 * @param {number} side of a cell, in px
 * @param {number} count of all cells
 * @param {Size} size
 * @param {boolean} hasAtlas
 * @returns {CellMode}
 */
export function cellMode(side, count, { width, height }, hasAtlas) {
  if (side < SPRITE_FROM_SIDE) return "points";
  const inView = Math.min(count, (width * height) / side ** 2);
  if (side >= THUMBNAILS_FROM_SIDE && inView <= MAX_THUMBNAILS) return "thumbnails";
  return hasAtlas && count <= MAX_SPRITE_POINTS ? "sprite" : "points";
}

/** The cells when they are zoomed out: one picture, built once from the tiles of the atlas. */
export class Sprite extends Layer {
  /**
   * @param {Surface} surface
   * @param {Scene} scene
   * @param {Viewport} viewport
   * @param {Atlas} atlas
   */
  constructor(surface, scene, viewport, atlas) {
    super(surface, scene, viewport);
    this.atlas = atlas;
    /** @type {{ canvas: HTMLCanvasElement, revision: number, index: object } | null} */
    this.built = null;
  }

  draw() {
    const { cell, index, revision } = this.scene;
    const { k } = this.viewport;
    if (this.built?.revision !== revision || this.built.index !== index) {
      this.built = { canvas: this.#build(), revision, index };
    }
    const side = cell * k;
    const [left, bottom, right, top] = index.bounds;
    const [x, y] = this.viewport.toScreen(left, top);
    const width = k * (right - left) + side;
    const height = k * (top - bottom) + side;
    this.context.drawImage(this.built.canvas, x - side / 2, y - side / 2, width, height);
  }

  #build() {
    const { cell, index } = this.scene;
    const { side } = this.atlas;
    const [left, bottom, right, top] = index.bounds;
    /** @type {(length: number) => number} */
    const pixels = (length) => Math.round((length / cell) * side);
    const sprite = document.createElement("canvas");
    sprite.width = pixels(right - left) + side;
    sprite.height = pixels(top - bottom) + side;
    const context = /** @type {CanvasRenderingContext2D} */ (sprite.getContext("2d"));
    for (let point = 0; point < index.n; point++) {
      if (!this.scene.isActive(point) || !this.atlas.has(point)) continue;
      const x = pixels(index.x[point] - left);
      const y = pixels(top - index.y[point]);
      context.fillStyle = this.scene.colourOf(point);
      context.fillRect(x + 1, y + 1, side - 2, side - 2);
      this.atlas.draw(context, point, x + 3, y + 3, side - 6);
    }
    return sprite;
  }
}
