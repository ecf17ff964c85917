/** A layer of the map: one kind of thing that is drawn of it. */

/** @import { Scene } from "./scene.js" */
/** @import { Surface } from "./surface.js" */
/** @import { Viewport } from "./viewport.js" */

/** px of the picture that stands for a cluster. */
export const LANDMARK_SIDE = 46;

export class Layer {
  /**
   * @param {Surface} surface
   * @param {Scene} scene
   * @param {Viewport} viewport
   */
  constructor(surface, scene, viewport) {
    this.surface = surface;
    this.scene = scene;
    this.viewport = viewport;
  }

  get context() {
    return this.surface.context;
  }

  /**
   * Left and top of a point on the canvas.
   *
   * @param {number} point
   */
  onScreen(point) {
    return this.viewport.toScreen(...this.scene.positionOf(point));
  }
}
