/** The marks on the map: the query or the marked point and its links, rings, and a lasso. */

import { LANDMARK_SIDE, Layer } from "./layer.js";

/** @import { Pictures } from "./pictures.js" */
/** @import { Scene } from "./scene.js" */
/** @import { Surface } from "./surface.js" */
/** @import { ThumbnailLayer } from "./thumbnail_layer.js" */
/** @import { Viewport } from "./viewport.js" */

const FOCUS_SIDE = LANDMARK_SIDE * 1.3; // px of the query's or the marked point's picture, at least

export class Marks extends Layer {
  /**
   * @param {Surface} surface
   * @param {Scene} scene
   * @param {Viewport} viewport
   * @param {Pictures} pictures
   * @param {ThumbnailLayer} thumbnails
   */
  constructor(surface, scene, viewport, pictures, thumbnails) {
    super(surface, scene, viewport);
    this.pictures = pictures;
    this.thumbnails = thumbnails;
  }

  get #accent() {
    return this.surface.theme.accent;
  }

  /** Where the query or the marked point is on the canvas, if there is one. */
  get #focusOnScreen() {
    const { focus } = this.scene;
    return focus && this.viewport.toScreen(...focus);
  }

  /** Draw lines from the query or the marked point to the linked points. */
  drawLinks() {
    const { context } = this;
    const from = this.#focusOnScreen;
    if (!from) return;
    context.strokeStyle = this.#accent;
    context.lineWidth = 1.5;
    context.globalAlpha = 0.75;
    context.beginPath();
    for (const point of this.scene.data.linked) {
      context.moveTo(...from);
      context.lineTo(...this.onScreen(point));
    }
    context.stroke();
    context.globalAlpha = 1;
  }

  /** Draw the query or the marked point, and the linked points, as pictures. */
  drawFocus() {
    const { context, thumbnails } = this;
    const { query, marked, linked } = this.scene.data;
    const centre = this.#focusOnScreen;
    if (!centre) return;
    // No smaller than they are drawn already: that would show around them.
    for (const point of linked.toReversed()) {
      thumbnails.draw(point, Math.max(LANDMARK_SIDE, thumbnails.sideOf(point)));
    }
    const side = query ? FOCUS_SIDE : Math.max(FOCUS_SIDE, thumbnails.sideOf(marked));
    if (!query) thumbnails.draw(marked, side, 3);
    const [left, top] = [centre[0] - side / 2, centre[1] - side / 2];
    context.strokeStyle = this.#accent;
    context.lineWidth = 4;
    context.beginPath();
    context.roundRect(left - 3, top - 3, side + 6, side + 6, 10);
    if (query) {
      context.fillStyle = "#fff";
      context.fill();
      const picture = this.pictures.get(query.src);
      if (picture) context.drawImage(picture, left, top, side, side);
    }
    context.stroke();
  }

  /** Draw a ring around the point that the pointer or the keyboard is on, and the chosen one. */
  drawRings() {
    const { hovered, chosen } = this.scene;
    for (const point of new Set([hovered, chosen])) {
      if (point >= 0) this.#drawRing(point);
    }
  }

  /** @param {number} point */
  #drawRing(point) {
    const { context } = this;
    const side = this.thumbnails.sideOf(point);
    const [x, y] = this.onScreen(point);
    const half = side / 2 || 8;
    context.strokeStyle = this.surface.theme.text;
    context.lineWidth = 2.5;
    context.beginPath();
    context.roundRect(x - half, y - half, 2 * half, 2 * half, side ? half / 4 : half);
    context.stroke();
  }

  /** Draw the lasso or box that is being drawn. */
  drawShape() {
    const { context } = this;
    const { shape } = this.scene;
    if (!shape || shape.length < 2) return;
    context.setLineDash([6, 4]);
    context.lineWidth = 2;
    context.strokeStyle = this.#accent;
    context.beginPath();
    for (const corner of shape) context.lineTo(...corner);
    context.closePath();
    context.stroke();
    context.globalAlpha = 0.08;
    context.fillStyle = this.#accent;
    context.fill();
    context.globalAlpha = 1;
    context.setLineDash([]);
  }
}
